# The module for sniffing on a host: capture files of all kinds, interfaces, what is no source.
# MIT licence

import json
import random
import socket
import struct
import subprocess
import textwrap

import pytest

import on_air
from pc.sniffing import (
    EVERYBODY,
    FROM_DS,
    GROUP,
    PHONE,
    PRELUDE,
    capture,
    frame,
    heard,
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


@pytest.fixture(scope="module")
def esp32():
    return program(twins.ESP32)


# Sources of a host -----------------------------------------------------------------------------


def test_wrong_sources(unix, tmp_path):
    (tmp_path / "none").write_bytes(b"no capture, but longer than its header")
    (tmp_path / "empty").write_bytes(b"")
    good = capture(tmp_path / "good", [frame()])
    write_capture(tmp_path / "link", [], link=113)
    sources = ["/nowhere", *(str(tmp_path / n) for n in ("none", "empty", "link"))]
    sources += ["", ",", good + ",channel=15", good + ",channel=x", good + ",what", "x" * 300]
    script = f"""
    say(error(w.start))
    for source in {sources!r}:
        say(error(w.start, source))
    say(error(w.start, 3), w.any())
    """
    errors = [name for (name,) in run(unix, script)[:-1]]
    assert all(error and error[0] == "OSError" for error in errors), errors
    assert [number for _, number in errors[:2]] == [19, 2]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
def test_capture_files_of_all_kinds(unix, tmp_path, order, magic):
    data = frame(way=FROM_DS, to=GROUP)
    time_us = 1_700_000_123_456_789
    want = on_air.record(100, 1, 1, GROUP[3:], 2, time_us=time_us)
    for link, packet in ((127, radiotap(data)), (127, radiotap(data, fcs=True)), (105, data)):
        path = write_capture(tmp_path / "a", [(time_us, packet)] * 2, link, order, magic)
        source = path + ",channel=6"
        assert heard(unix, source) == [want], link
        with open(path, "r+b") as file:  # cut off
            file.truncate(24 + 16 + len(packet) + 40)
        assert heard(unix, source) == [want], link


def test_broken_captures_do_no_harm(unix, tmp_path):
    """Whatever is in a file: an error, or its end."""
    chance = random.Random(7)
    paths = []
    for n in range(300):
        packet = [radiotap(frame(chance.randrange(26, 300), n)), ethernet(n)][n % 2]
        path = write_capture(tmp_path / str(n), [(k, packet) for k in range(4)], (127, 1)[n % 2])
        with open(path, "r+b") as file:
            data = bytearray(file.read())
            for _ in range(chance.randrange(1, 12)):
                data[chance.randrange(20, 120 if n % 3 else len(data))] = chance.randrange(256)
            file.seek(0)
            file.write(data[: chance.randrange(len(data))] if n % 5 == 0 else data)
            file.truncate()
        paths.append(path)
    script = f"""
    read = 0
    for path in {paths!r}:
        if not error(w.start, path):
            read += 1
            drain()
    say(read)
    """
    assert 100 < run(unix, script)[0][0] <= 300


def ethernet(octets, to=EVERYBODY, fill=False):
    """What a phone sends, as an Ethernet sees it."""
    datagram = struct.pack(">BBHIIII", 0x45, 0, 28 + octets, 0, 0x40110000, 0, 0)
    datagram += b"\0" * (8 + octets)
    return (to + PHONE + b"\x08\0" + datagram).ljust(60 if fill else 0, b"\0")


@pytest.mark.parametrize(
    "options, flags, overhead, transmitter",
    [
        ("", 4, 78, PHONE),
        (",from_ds", 1, 76, bytes((2, 0, 0, 0, 0, 1))),
        (",from_ds,overhead=80,channel=11", 1, 80, bytes((2, 0, 0, 0, 0, 1))),
        (",to_ds,overhead=60", 0, 60, PHONE),
    ],
)
def test_an_ethernet_stands_for_the_air(unix, tmp_path, options, flags, overhead, transmitter):
    listed = [(n, ethernet(n, fill=n % 2, to=GROUP if n % 3 else EVERYBODY)) for n in range(1, 99)]
    source = write_capture(tmp_path / "a", listed, link=1) + options
    text, address = run(unix, f"w.start({source!r}); say(drain(), w.transmitter(0).hex())")[0]
    channel = 11 if "11" in options else 0
    want = []
    for n in range(1, 99):
        group, kind = (GROUP[3:], 2) if n % 3 else (b"\xff\xff\xff", 1)
        record = bytearray(on_air.record(n + overhead, n, flags, group, kind, time_us=n))
        record[9] = channel
        want.append(bytes(record))
    assert records(text) == want and address == transmitter.hex()


def test_an_interface(unix):
    """The loopback, on which frames are put as they come."""
    try:
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    except PermissionError:
        pytest.skip("raw packets need root")
    with sender:
        sender.bind(("lo", 0))
        script = PRELUDE + textwrap.dedent("""
            w.channel(6)
            w.start("lo")
            print("ready")
            input()
            say(drain(), w.lost(), w.any())
            """)
        command = [*unix, "-c", script]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **pipes) as listener:
            assert listener.stdout.readline() == "ready\n"
            for n in range(1, 201):
                sender.send(ethernet(n))
                sender.send(ethernet(n, to=PHONE))
            answer, _ = listener.communicate("\n", timeout=30)
    text, lost, left = json.loads(answer)
    found = [r for r in records(text) if r[11] == 1]
    assert [struct.unpack_from("<H", r, 4)[0] - 78 for r in found] == list(range(1, 201))
    assert (lost, left) == (0, 0) and {r[9] for r in found} == {6}


def test_the_environment_names_a_source(unix, esp32, tmp_path):
    source = capture(tmp_path / "a", [frame(sequence=n) for n in range(5)])
    for command in (unix, esp32):
        assert run(command, "w.start(); say(w.any())", WIFI_SNIFFER=source) == [[5]]
