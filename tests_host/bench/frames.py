# What a frame costs while SmartConfig is listened to: microseconds and bytes of heap.
# MIT licence
"""Says {phase, us, worst_us, bytes, frames} for each protocol and each of its phases, and
{protocol, air, module, decoder}: bytes of heap that are kept.

Two more words: only=esptouch1 leaves out the rest, times=3 rounds.

Frames come in buffers of 64. worst_us is the mean of the worst such buffer.
"""

import gc
import time

import on_air
import senders
import ti_sender
from bench import world

_BURST = 64
_BUFFERS = 30  # of a protocol
_SSID = b"MyHomeNet-2G"
_PASSWORD = b"correct horse 42"
_BSSID = b"\x18\xfe\x34\x9a\xa3\xc4"


def _esptouch1():
    return senders.esptouch1(_SSID, _PASSWORD, _BSSID, "192.168.1.100")


def _esptouch2():
    return senders.esptouch2(senders.esptouch2_packets(_SSID, _PASSWORD, _BSSID))


def _airkiss():
    return senders.airkiss(senders.airkiss_passes(_SSID, _PASSWORD, 0x5A))


def _ti2():
    return ti_sender.generation2(_SSID, _PASSWORD)


# (protocol, what it sends, how many of its packets are guides)
_PHONES = (
    ("esptouch1", _esptouch1, 250),
    ("airkiss", _airkiss, 200),
    ("esptouch2", _esptouch2, 0),
    ("ti2", _ti2, 0),
)


def _bursts(generator, count, loss=0.0):
    """So many buffers of 64 records, of packets that were not lost."""
    packets = ((to, length) for to, length, _ in generator)
    found = []
    buffer = b""
    for record in on_air.records(packets, loss=loss):
        buffer += record
        if len(buffer) == 16 * _BURST:
            found.append(buffer)
            buffer = b""
            if len(found) == count:
                return found


def _foreign(count):
    """What a busy neighbourhood sends to groups, in six streams."""
    random = on_air.Random(7)
    numbers = [0] * 6
    found = []
    for _ in range(count):
        buffer = b""
        for _ in range(_BURST):
            who = random.below(6)
            numbers[who] = numbers[who] + 1 + random.below(3) & 0xFFF
            length = 70 + random.below(10) * 16 if random.below(2) else 60 + random.below(1500)
            kind = 1 + random.below(2)
            group = bytes((random.below(128), random.below(256), random.below(256)))
            buffer += on_air.record(length, numbers[who], who & 1, group, kind, who)
        found.append(buffer)
    return found


class _Cost:
    """Adds up what buffers cost, each of them the least of several rounds."""

    def __init__(self):
        self._us = {}
        self._bytes = {}

    def feed(self, air, buffer, n):
        """Buffer number n of a round. True when something was heard; then it does not count."""
        gc.collect()
        gc.disable()
        bytes_before = gc.mem_alloc()
        start = time.ticks_us()
        heard = air.feed(buffer, _BURST)
        us = time.ticks_diff(time.ticks_us(), start)
        taken = gc.mem_alloc() - bytes_before
        gc.enable()
        if heard:
            return True
        self._us[n] = min(us, self._us.get(n, us))
        self._bytes[n] = taken
        return False

    def say(self, protocol, phase):
        if self._us:
            frames = _BURST * len(self._us)
            world.say(
                protocol=protocol,
                phase=phase,
                us=sum(self._us.values()) / frames,
                worst_us=max(self._us.values()) / _BURST,
                bytes=sum(self._bytes.values()) / frames,
                frames=frames,
            )


def _measure(protocol, phone, guides, air_class, times):
    guide, data, after = _Cost(), _Cost(), _Cost()
    buffers = _bursts(phone(), _BUFFERS, 0.2)
    last_guide = guides * 4 // 5 // _BURST - 1
    for _ in range(times):
        air = air_class()
        heard = False
        air.feed(buffers[0], _BURST)  # loads what is needed, and is believed
        for n in range(1, _BUFFERS):
            cost = guide if n <= last_guide else after if heard else data
            heard = cost.feed(air, buffers[n], n) or heard
    guide.say(protocol, "guide")
    data.say(protocol, "data")
    after.say(protocol, "after it was heard")


def _heap(protocol, phone, air_class):
    """What stays on the heap: an Air with nothing, then the module, then the decoder at work."""
    first, second = _bursts(phone(), 2)
    before = world.in_use()
    air = air_class()
    empty = world.in_use()
    air.feed(first, _BURST)
    loaded = world.in_use()
    air.forget()
    forgotten = world.in_use()
    world.say(
        protocol=protocol, air=empty - before, module=forgotten - empty, decoder=loaded - forgotten
    )


def main(choice):
    before = world.in_use()
    from provisioning.methods.smartconfig.air import Air

    world.say(loaded=world.in_use() - before)
    times = int(choice.get("times", 3))
    for protocol, phone, _ in _PHONES:
        if choice.get("only", protocol) == protocol:
            _heap(protocol, phone, Air)
    for protocol, phone, guides in _PHONES:
        if choice.get("only", protocol) == protocol:
            _measure(protocol, phone, guides, Air, times)
    cost = _Cost()
    buffers = _foreign(12)
    for _ in range(times):
        air = Air()
        for n, buffer in enumerate(buffers):
            cost.feed(air, buffer, n)
    cost.say("none", "foreign traffic")
    world.say(done=True)


main(world.options())
