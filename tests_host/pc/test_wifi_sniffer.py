# The module for sniffing, in MicroPython for this machine: its filter, ring and functions.
# MIT licence
"""TWIN_SANITIZER=-san: `make sanitize` runs it in a program that watches for memory errors."""

import collections
import random
import struct

import pytest

import on_air
import vectors
from pc.sniffing import (
    EVERYBODY,
    FROM_DS,
    GROUP,
    PHONE,
    RING,
    ROUTER,
    TO_DS,
    capture,
    frame,
    heard,
    number,
    program,
    radiotap,
    records,
    run,
    write_capture,
)
from tools import twins


@pytest.fixture(scope="module")
def unix():
    return program(twins.UNIX)


# The filter -----------------------------------------------------------------------------------

NO = None
FILTERED = [
    ("to everybody, of the phone", {}, (0, 1, b"\xff\xff\xff")),
    ("the access point's copy", {"way": FROM_DS}, (1, 1, b"\xff\xff\xff")),
    ("to a group", {"to": GROUP}, (0, 2, b"\x00\x00\xeb")),
    ("to a group, the copy", {"to": GROUP, "way": FROM_DS}, (1, 2, b"\x00\x00\xeb")),
    ("QoS", {"fc0": 0x88}, (4, 1, b"\xff\xff\xff")),
    ("a retry whose first was not heard", {"fc1": 0x48}, (2, 1, b"\xff\xff\xff")),
    ("an open network's", {"fc1": 0}, (0, 1, b"\xff\xff\xff")),
    ("more data, and the order bit", {"fc1": 0xE0, "way": FROM_DS}, (1, 1, b"\xff\xff\xff")),
    ("the shortest", {"length": 60}, (0, 1, b"\xff\xff\xff")),
    ("the longest", {"length": 1600}, (0, 1, b"\xff\xff\xff")),
    ("too short", {"length": 59}, NO),
    ("too long", {"length": 1601}, NO),
    ("far too short", {"length": 25}, NO),
    ("a beacon", {"fc0": 0x80}, NO),
    ("control", {"fc0": 0xB4}, NO),
    ("another version", {"fc0": 0x09}, NO),
    ("null", {"fc0": 0x48}, NO),
    ("QoS null", {"fc0": 0xC8}, NO),
    ("a fragment", {"fragment": 1}, NO),
    ("to one station", {"to": PHONE[:5] + b"\xc1"}, NO),
    ("to one station, from the access point", {"to": PHONE, "way": FROM_DS}, NO),
    ("to IPv6's groups", {"to": bytes.fromhex("333300000001")}, NO),
    ("to a switch's group", {"to": bytes.fromhex("0180c2000000")}, NO),
    ("between access points", {"ds": 3}, NO),
    ("without an access point", {"ds": 4}, NO),  # neither of the two bits; that one is another's
]


def test_what_passes(unix, tmp_path):
    sources = []
    for n, (_, words, _) in enumerate(FILTERED):
        sources.append(capture(tmp_path / f"{n}.pcap", [frame(sequence=n, **words)]))
    script = f"for source in {sources!r}:\n    w.start(source)\n    say(drain())"
    found = [text for (text,) in run(unix, script)]
    for n, (name, words, wanted) in enumerate(FILTERED):
        record = b""
        if wanted:
            flags, kind, group = wanted
            length = words.get("length", 100)
            record = on_air.record(length, n, flags, group, kind, time_us=1000)
        assert found[n] == record.hex(), name
    assert len(found) == len(FILTERED)


def test_retries_are_dropped_for_each_transmitter_and_tid(unix, tmp_path):
    def qos(sequence, tid, retry=0):
        data = bytearray(frame(sequence=sequence, fc0=0x88, fc1=0x40 | retry))
        data[24] = tid
        return bytes(data)

    frames = [
        frame(sequence=7),
        frame(sequence=7, fc1=0x48),  # a retry
        *[frame(sequence=n) for n in range(8, 15)],
        frame(sequence=7, fc1=0x48),  # seven others ago
        frame(sequence=7, sender=PHONE[:5] + b"\xc1"),
        frame(sequence=7, way=FROM_DS),
        qos(100, 0),
        qos(100, 5),
        qos(100, 5, 0x08),
    ]
    found = heard(unix, capture(tmp_path / "a", frames))
    numbers = [(r[10], number(r)) for r in found]
    assert numbers == [*[(0, n) for n in range(7, 15)], (1, 7), (2, 7), (0, 100), (0, 100)]


# What phones send ------------------------------------------------------------------------------


def phone_frames(found):
    """The 802.11 frames of on_air's records."""
    for record in found:
        way = record[6] & FROM_DS
        to = {0: ROUTER, 1: EVERYBODY, 2: b"\x01\x00\x5e" + record[12:15]}[record[11]]
        length, head, time_us = *struct.unpack_from("<HH", record, 4), record[:4]
        data = frame(length, head >> 4, way, to)
        yield int.from_bytes(time_us, "little"), radiotap(data)


def test_vectors(unix, tmp_path):
    """A capture of what a sender sends gives exactly on_air's records."""
    cases = []
    for name in vectors.names():
        vector = vectors.load(name)
        if "packets" not in vector:
            continue
        packets = list(vectors.packets(vector))[:1500]
        for way, overhead in ((TO_DS, 78), (FROM_DS, 80), (TO_DS, 60), (FROM_DS, 90)):
            wanted = list(on_air.records(packets, way, overhead))
            path = tmp_path / f"{len(cases)}.pcap"
            write_capture(path, phone_frames(wanted))
            cases.append((name, str(path), wanted))
    script = f"for source in {[c[1] for c in cases]!r}:\n    w.start(source)\n    say(drain())"
    alone = 0
    for (name, _, wanted), (text,) in zip(cases, run(unix, script), strict=True):
        found = records(text)
        if wanted and wanted[0][11] == 0:
            # To one address alone: from the third sync on, which comes in each setup
            assert len(found) >= len(wanted) - 10, name
            wanted = wanted[len(wanted) - len(found) :]
            alone += 1
        assert found == wanted, name
    assert len(cases) > 100 and alone > 10


def real_frames(name):
    for *_, length, fc, one, two, three, sequence, fragment in vectors.load(name)["frames"]:
        addresses = [bytes.fromhex(a.replace(":", "")) for a in (one, two, three)]
        head = struct.pack("<HH", fc, 0) + b"".join(addresses)
        head += struct.pack("<H", sequence << 4 | fragment)
        yield head.ljust(length, b"\0")


def expected(frames):
    """(length, transmitter, sequence) of what shall pass, for group traffic: spec, plainly."""
    last = collections.defaultdict(lambda: collections.deque(maxlen=8))
    for data in frames:
        way = data[1] & 3
        to = data[4:10] if way == 2 else data[16:22]
        group = to == EVERYBODY or (to[:3] == b"\x01\x00\x5e" and to[3] < 128)
        number = struct.unpack_from("<H", data, 22)[0]
        if data[0] & 0x4F != 0x08 or way not in (1, 2) or not group or number & 15:
            continue
        if not 60 <= len(data) <= 1600 or number in last[data[10:16]]:
            continue
        last[data[10:16]].append(number)
        yield len(data), data[10:16], number >> 4


@pytest.mark.parametrize("name", vectors.names("airkiss_real"))
def test_real_captures(unix, tmp_path, name):
    frames = list(real_frames(name))
    source = capture(tmp_path / "real.pcap", frames)
    script = f"""
    w.start({source!r})
    buffer = bytearray(16)
    while w.readinto(buffer):
        transmitter = w.transmitter(buffer[10])
        say(buffer.hex(), transmitter.hex())
    """
    found = []
    for text, address in run(unix, script):
        record = bytes.fromhex(text)
        if record[11]:
            length, head = struct.unpack_from("<HH", record, 4)
            found.append((length, bytes.fromhex(address), head >> 4))
    assert found == list(expected(frames))
    assert len(found) > 200


def test_one_address_alone(unix, tmp_path):
    """Two stations' ordinary traffic to one address stays outside, a sync lets it in."""
    chance = random.Random(6)
    near, far = PHONE[:5] + b"\x01", PHONE[:5] + b"\x02"
    frames = []
    for n in range(600):
        # acknowledgements of one length, and a browser's requests
        frames.append(frame(118, n, to=ROUTER, sender=near))
        length = chance.choice((106, 118, chance.randrange(130, 1550)))
        frames.append(frame(length, n, to=ROUTER, sender=far))
    before = heard(unix, capture(tmp_path / "a", frames))
    assert len(before) < 200  # by chance it looks like a sync now and then
    for n in range(8):
        frames.append(frame(79 if n % 2 else 99, 700 + n, to=ROUTER))
    after = [1399, 29, 599, 706, 1459, 29, 599, 707]
    frames += [frame(76 + length, 710 + n, to=ROUTER) for n, length in enumerate(after)]
    frames += [frame(500, 1000 + n, to=ROUTER) for n in range(600)]
    found = heard(unix, capture(tmp_path / "b", frames))[len(before) :]
    lengths = [struct.unpack_from("<H", record, 4)[0] - 76 for record in found]

    assert [n for n in after if n in lengths] == after
    assert 140 < len(found) < 160


# The ring --------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [16, 17, 31, 47, 160, 4096, 9999])
def test_buffers_of_any_size(unix, tmp_path, room):
    frames = [frame(sequence=n) for n in range(700)]
    source = capture(tmp_path / "a", frames)
    found = run(unix, f"w.start({source!r}); say(drain({room})); say(w.lost())")
    assert [number(r) for r in records(found[0][0])] == list(range(700))
    assert found[1] == [0]


def test_buffers_without_room_and_of_the_wrong_kind(unix, tmp_path):
    source = capture(tmp_path / "a", [frame()])
    script = f"""
    w.start({source!r})
    say(w.readinto(bytearray(0)), w.readinto(bytearray(15)), w.any())
    say(error(w.readinto, b"0123456789abcdef"), error(w.readinto, 3), w.any())
    import array
    words = array.array("I", [0] * 9)
    say(w.readinto(words), words[0], w.readinto(memoryview(words)), w.any())
    """
    assert run(unix, script) == [
        [0, 0, 1],
        [["TypeError", 0], ["TypeError", 0], 1],
        [1, 1000, 0, 0],
    ]


def test_overrun(unix, tmp_path):
    """A capture that is paced does not wait for a reader: what was there first is kept."""
    listed = [(1000, radiotap(frame(sequence=n))) for n in range(300)]
    source = write_capture(tmp_path / "a", listed) + ",paced"
    script = f"""
    w.start({source!r})
    say(w.any(), w.lost(), w.lost(), drain())
    w.start({source!r})
    w.any()
    w.start({source!r})
    say(w.lost())
    """
    (waiting, lost, again, text), (after,) = run(unix, script)
    assert (waiting, lost, again, after) == (RING, 300 - RING, 0, 0)
    assert [number(r) for r in records(text)] == list(range(RING))


def test_transmitters(unix, tmp_path):
    """Sixteen at a time: who was silent for longest makes room, who goes on keeps its number."""
    senders = [PHONE[:5] + bytes((n,)) for n in range(40)]
    frames = []
    for n, sender in enumerate(senders):
        frames += [frame(sequence=n, sender=sender), frame(sequence=n)]
    source = capture(tmp_path / "a", frames)
    script = f"""
    say(error(w.transmitter, 0))
    w.start({source!r})
    say(error(w.transmitter, 0))
    buffer = bytearray(16)
    while w.readinto(buffer):
        say(buffer[10], w.transmitter(buffer[10]).hex())
    say(*[error(w.transmitter, n) for n in (-1, 16, 255)])
    w.start({source!r})
    say(error(w.transmitter, 0))
    """
    said = run(unix, script)
    none = ["IndexError", 0]
    assert said[:2] == [[none]] * 2 and said[-2:] == [[none] * 3, [none]]
    found = said[2:-2]
    assert all(number < 16 for number, _ in found)
    # The file is read ahead of the reader, by a ring: so these are asked for late.
    assert {number for number, _ in found[1::2]} == {1}
    assert found[-1][1] == PHONE.hex() and found[-2][1] == senders[-1].hex()


# Start, stop, channel --------------------------------------------------------------------------


def test_start_and_stop_any_number_of_times(unix, tmp_path):
    source = capture(tmp_path / "a", [frame(sequence=n) for n in range(20)])
    other = capture(tmp_path / "b", [frame(way=FROM_DS)])
    script = f"""
    w.stop(); w.stop()
    say(w.any(), w.lost(), drain())
    w.start({source!r})
    say(w.any())
    w.start({other!r})
    say(w.any(), drain() != "", w.transmitter(0).hex())
    w.start({source!r}); say(w.readinto(bytearray(48)))
    w.stop(); w.stop()
    say(w.any(), len(drain()) // 32, w.any())
    """
    assert run(unix, script) == [[0, 0, ""], [20], [1, True, ROUTER.hex()], [3], [17, 17, 0]]


def test_channel(unix, tmp_path):
    listed = [(n, radiotap(frame(sequence=n), channel=n)) for n in range(1, 15)]
    source = write_capture(tmp_path / "a", listed)
    script = f"""
    say(w.channel(), *[error(w.channel, n) for n in (0, 15, -1, 1 << 40, "6", None)])
    for n in (0, 1, 6, 13, 14):
        if n:
            w.channel(n)
        w.start({source!r})
        found = bytes.fromhex(drain())
        say(w.channel(), [found[i + 9] for i in range(0, len(found), 16)])
    """
    first, *rest = run(unix, script)
    assert first[:4] == [0, *[["ValueError", 0]] * 3]
    assert [e[0] for e in first[4:]] == ["OverflowError", "TypeError", "TypeError"] or first[4][
        0
    ] == "ValueError"
    assert rest == [[0, list(range(1, 15))], [1, [1]], [6, [6]], [13, [13]], [14, [14]]]
