# Frames, captures and programs for the tests of the module for sniffing.
# MIT licence
"""A capture file is given to firmware/usermod/wifi_sniffer, in MicroPython for this machine or in
the ESP32's twin (program()); run() tells what a script there says about it."""

import json
import os
import struct
import subprocess
import textwrap

import pytest

import harness  # noqa: F401 (MicroPython's own modules, for those below)
import on_air
import processes
from tools import twins

PHONE = bytes.fromhex("0200000000a1")
ROUTER = bytes.fromhex("0200000000b1")
EVERYBODY = b"\xff" * 6
GROUP = bytes.fromhex("01005e0000eb")
TO_DS, FROM_DS = on_air.TO_DS, on_air.FROM_DS
CHANNEL = 6
RING = 256

# What each script begins with
PRELUDE = """\
import json, sys, time
import wifi_sniffer as w
def drain(room=160):
    buffer = bytearray(room)
    found = b""
    while True:
        n = w.readinto(buffer)
        if not n:
            return found.hex()
        found += buffer[:16 * n]
def say(*what):
    print(json.dumps(what))
def error(function, *arguments):
    try:
        function(*arguments)
    except Exception as e:
        return [type(e).__name__, e.errno if isinstance(e, OSError) else 0]
"""


def program(board):
    """The command that starts it, built if need be."""
    found = twins.build(board, processes.BITS, processes.SANITIZER)
    if not found.path:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(found.reason)
    return [str(found.path), "-X", "heapsize=4M"]


def run(command, script, **environ):
    """What the script says, in a list."""
    path = {k: v for k, v in os.environ.items() if k != "WIFI_SNIFFER"}
    done = subprocess.run(
        [*command, "-c", PRELUDE + textwrap.dedent(script)],
        env={**path, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def number(record):
    """Its sequence number."""
    return record[7] << 4 | record[6] >> 4


def frame(length=100, sequence=1, way=TO_DS, to=EVERYBODY, sender=None, fc0=0x08, fc1=0x40, ds=0,
          fragment=0):  # fmt: skip
    """An 802.11 frame; fc1 has the bits beside those of the way, which `ds` replaces."""
    if sender is None:
        sender = ROUTER if way == FROM_DS else PHONE
    receiver, third = (to, PHONE) if way == FROM_DS else (ROUTER, to)
    bits = fc1 | (ds or (2 if way == FROM_DS else 1))
    head = bytes((fc0, bits, 0, 0)) + receiver + sender + third
    head += struct.pack("<H", sequence << 4 | fragment)
    return head.ljust(max(length, len(head)), b"\0")[:length]


def radiotap(data, channel=CHANNEL, rssi=-50, fcs=False):
    """With a time, flags, rate, channel and signal in front."""
    mhz = 2484 if channel == 14 else 2407 + 5 * channel
    fields = struct.pack("<QBBHHb", 0, 0x10 * fcs, 2, mhz, 0xA0, rssi)
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), 0x2F) + fields + data + b"\0" * 4 * fcs


def write_capture(path, frames, link=127, order="<", magic=0xA1B2C3D4):
    """frames: (time in us, octets)."""
    fraction = 1000 if magic == 0xA1B23C4D else 1
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link))
        for time_us, data in frames:
            s, us = divmod(time_us, 1000000)
            file.write(struct.pack(order + "IIII", s, us * fraction, len(data), len(data)))
            file.write(data)
    return str(path)


def capture(path, frames, **options):
    """A capture of 802.11 frames, 1 ms from one to the next."""
    listed = [(1000 * (i + 1), radiotap(data)) for i, data in enumerate(frames)]
    return write_capture(path, listed, **options)


def records(text):
    """What drain() gave, one by one."""
    data = bytes.fromhex(text)
    return [data[i : i + 16] for i in range(0, len(data), 16)]


def heard(command, source):
    """The records of a source, by the module."""
    return records(run(command, f"w.start({source!r}); say(drain())")[0][0])
