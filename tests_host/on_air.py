# Puts what a phone sends on the air: from its packets to the records that a board's radio gives.
# MIT licence
"""records(packets) yields the 16 bytes of each frame (lib's air.py), as one receiver hears them:

    for record in records(packets, FROM_DS, overhead=76, loss=0.2): air.feed(record, 1)

packets: [destination "a.b.c.d:port", UDP length]. Runs on MicroPython as well.
"""

import json

import shim  # noqa: F401  on CPython it gives what MicroPython has

TO_DS = 0
FROM_DS = 1
RETRY = 2
_QOS = 4
_UNICAST = 0
_BROADCAST = 1
_MULTICAST = 2


class Random:
    """The same numbers on CPython and on MicroPython, for the same seed."""

    def __init__(self, seed=1):
        self._state = seed * 2654435761 & 0xFFFFFFFF or 1

    def below(self, limit):
        """An int, 0 <= it < limit."""
        x = self._state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self._state = x
        return x % limit


def record(length, sequence, flags=0, group=None, kind=_UNICAST, transmitter=0, time_us=0):
    """One frame; length: with its header, without FCS. group: last three octets, bytes."""
    head = sequence << 4 & 0xFFF0 | flags
    return (
        (time_us & 0xFFFFFFFF).to_bytes(4, "little")
        + length.to_bytes(2, "little")
        + head.to_bytes(2, "little")
        + bytes((206, 6, transmitter, kind))
        + (group or b"\xff\xff\xff")
        + b"\0"
    )


def destination(text):
    """(kind, last three octets of the group address) of "224.0.0.235:15000"."""
    parts = [int(part) for part in text.split(":")[0].split(".")]
    if 224 <= parts[0] < 240:
        return _MULTICAST, bytes((parts[1] & 127, parts[2], parts[3]))
    if parts[3] == 255:
        return _BROADCAST, b"\xff\xff\xff"
    return _UNICAST, b"\0\0\0"


def records(
    packets,
    way=TO_DS,
    overhead=78,
    loss=0.0,
    seed=1,
    gap_us=10000,
    transmitter=0,
    retries=0.0,
    others=0,
    stride=1,
):
    """The frames of a phone's packets. A unicast packet has no FROM_DS copy that anybody hears.

    loss: of frames, 0 to 1; what is lost has had its sequence number all the same. retries: of
    frames, lost or not, so many come again. others: so many sequence numbers go to other frames
    each 100 ms, as an access point's do to its beacons. stride: 2 for one that sends everything
    twice.
    """
    random = Random(seed)
    sequence = random.below(4096)
    time_us = beacon_us = 0
    for place, length in packets:
        kind, group = destination(place)
        time_us += gap_us
        if way == FROM_DS and kind == _UNICAST:
            continue
        if time_us - beacon_us >= 100000:
            beacon_us = time_us
            sequence += others
        sequence = sequence + stride & 0xFFF
        frame = record(length + overhead, sequence, way, group, kind, transmitter, time_us)
        if random.below(1000) >= loss * 1000:
            yield frame
        if retries and random.below(1000) < retries * 1000:
            yield frame[:6] + bytes((frame[6] | RETRY,)) + frame[7:]


def mixed(*streams):
    """The frames of several transmitters, in the order of time, until one of them ends."""
    streams = [iter(stream) for stream in streams]
    heads = [next(stream, None) for stream in streams]
    while None not in heads:
        times = [int.from_bytes(head[:4], "little") for head in heads]
        first = times.index(min(times))
        yield heads[first]
        heads[first] = next(streams[first], None)


_DATA = 0x08
_NO_DATA = 0x40
_TO = 0x100
_FROM = 0x200
_AGAIN = 0x800
_PROTECTED = 0x4000


def captured(vector, frames=-1):
    """The records of a capture that the C filter lets through.

    vector: one with frames, or its name, then it is not in memory as a whole. frames: only so many
    of the capture's, counted before the filter. Numbers of transmitters are in the order in which
    they come.
    """
    transmitters = {}
    last = []
    for number, frame in enumerate(_frames(vector)):
        if number == frames:
            break
        # Captures of the first kind have no time, and only such frames as come from a phone.
        time_ms = frame[0] if len(frame) == 8 else 5 * number
        length, control, receiver, sender, third, sequence, _ = frame[-7:]
        to = third if control & _TO else receiver
        if control & 0x0C != _DATA or control & _NO_DATA or not control & _PROTECTED:
            continue
        if not int(to[:2], 16) & 1 or not 60 <= length <= 1600:
            continue
        if (sender, sequence) in last:
            continue
        last = last[-7:] + [(sender, sequence)]
        flags = (FROM_DS if control & _FROM else 0) | (RETRY if control & _AGAIN else 0)
        flags |= _QOS if control & 0x80 else 0
        kind = _BROADCAST if to == "ff:ff:ff:ff:ff:ff" else _MULTICAST
        group = bytes(int(part, 16) for part in to.split(":")[3:])
        index = transmitters.setdefault(sender, len(transmitters))
        yield record(length, sequence, flags, group, kind, index, int(time_ms * 1000))


def _frames(vector):
    if not isinstance(vector, str):
        yield from vector["frames"]
        return
    import vectors

    with open(vectors.__file__.rsplit("/", 1)[0] + "/" + vector + ".json") as file:
        text = ""
        while '"frames":[' not in text:
            text = text[-20:] + file.read(200)
        text = text.split('"frames":[', 1)[1]
        while text[0] == "[" or text[0] == ",":
            end = text.find("]")
            if end < 0:
                text += file.read(500)
            else:
                yield json.loads(text[text.find("[") : end + 1])
                text = text[end + 1 :] or file.read(500)


def hear(records, key=None, most=8000):
    """(what a board hears first in records, and in how many of them); None after `most`."""
    from provisioning.methods.smartconfig.air import Air

    air = Air(key)
    count = 0
    for one in records:
        heard = air.feed(one, 1)
        count += 1
        if heard or count == most:
            return heard, count
    return None, count
