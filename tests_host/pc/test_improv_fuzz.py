# Any bytes on the serial line: Improv says nothing but what it may, stores nothing, stays awake.
# MIT licence

import asyncio
import os

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

import fakes
import improv_line
from improv_line import answers, command, packet, wifi

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 20000 if LONG else 1000
ALLOWED = {"error": {0, 1, 2, 3, 5, 255}, "state": {2, 3, 4}, "result": set(range(1, 8))}

BYTES = st.binary(max_size=270)
SIZED = st.builds(lambda data: bytes([len(data)]) + data, st.binary(max_size=70))
FIELDS = st.lists(SIZED, max_size=3).map(b"".join)
COMMANDS = st.builds(command, st.integers(0, 255), st.binary(max_size=253))
KNOWN = st.builds(command, st.integers(1, 7), st.one_of(FIELDS, st.binary(max_size=40)))
PACKETS = st.builds(packet, st.integers(0, 255), st.binary(max_size=255), st.integers(0, 255))
WIFI = st.builds(wifi, st.binary(max_size=40), st.binary(max_size=70))
CUT = st.builds(lambda data, end: data[: end % len(data)], KNOWN, st.integers(0, 300))
HEADER = st.just(b"IMPROV\x01\x03")
PIECES = st.lists(st.one_of(BYTES, COMMANDS, KNOWN, PACKETS, WIFI, CUT, HEADER), max_size=6)


class Radio:
    """What the commands ask of one."""

    def is_linked(self):
        return False

    def set_hostname(self, name):
        assert 1 <= len(name.encode()) <= 32


class Session(fakes.FakeSession):
    """A session whose profiles are counted."""

    radio = Radio()

    def is_waiting(self):
        return self.now.state == "waiting"

    def confirm(self):
        super().confirm()
        self.now.state = "joining"
        return True


async def speak(data, state):
    """Send data, and then what is due: the packets that came back, and the Session."""
    from provisioning.methods.improv.listener import Listener

    session, line = Session(), improv_line.Line()
    session.fill() if state == "full" else session.profiles.clear()
    session.now.state = "connected" if state == "connected" else "waiting"
    before = list(session.profiles.all())
    listener = Listener(session, line)
    try:
        for byte in data:
            listener._take(byte)
            await asyncio.sleep(0)
    except KeyboardInterrupt:
        assert 3 in data
    # The longest packet that may have begun ends here; then a client asks.
    for byte in bytes(300):
        listener._take(byte)
    asked = len(line.written)
    for byte in command(2):
        listener._take(byte)
    await listener.stop()
    assert session.profiles.all() == before
    return line.written, asked, session


@hypothesis.settings(max_examples=EXAMPLES, deadline=None)
@given(PIECES.map(b"".join), st.sampled_from(["waiting", "connected", "full"]))
def test_any_bytes(data, state):
    with asyncio.Runner() as runner:
        written, asked, session = runner.run(speak(data, state))
    for kind, number, *_ in answers(written):
        assert number in ALLOWED[kind]
    said = answers(written[asked:])
    assert said[0] == ("error", 0) and said[1][0] == "state"
    for profile, replace in session.offers:
        assert 1 <= len(profile.ssid) <= 32 and len(profile.key) <= 64 and replace is None
        assert state == "waiting"
    assert session.deliveries == 0


@hypothesis.settings(max_examples=EXAMPLES // 5, deadline=None)
@given(st.binary(max_size=255), st.integers(0, 255), st.integers(0, 300), st.integers(1, 255))
def test_a_byte_that_was_changed_is_noticed(data, kind, place, change):
    from provisioning.methods.improv.packets import Packet

    whole = bytearray(packet(kind, data)[6:])
    place %= len(whole)
    hypothesis.assume(place != 2)  # of another length, the sum may be right by chance
    whole[place] ^= change
    taken = Packet()
    while whole and taken.feed(whole.pop(0)):
        pass
    assert not taken.is_valid
