# What the benchmark of SmartConfig puts on the air: four phones, and what has to be heard of each.
# MIT licence
"""SSID 12 bytes and password 16, as in the table of spec/smartconfig.md 3.3. What a packet says is
its symbol here: two packets with the same symbol say the same.
"""

import functools
import sys
from collections import namedtuple

from tools.paths import LIB, TESTS

sys.path[:0] = [str(LIB), str(TESTS)]

import shim  # noqa: E402, F401  it gives CPython what MicroPython has

# isort: split
import on_air  # noqa: E402
import senders  # noqa: E402
import ti_sender  # noqa: E402

SSID = b"MyHomeNet-2G"
PASSWORD = b"correct horse 42"
BSSID = b"\x18\xfe\x34\x9a\xa3\xc4"
ADDRESS = "192.168.1.100"
RANDOM = 0x5A
PROTOCOLS = ("esptouch1", "esptouch2", "airkiss", "ti2")
HORIZON_MS = 240_000
PASSES = 12  # of the sender's cycle, in one of which a trial begins

# Overheads of CCMP without FCS: the phone's own frames are QoS, the access point's are not.
TO_DS, FROM_DS, NUMBERLESS = "to", "from", "numberless"
WAYS = (TO_DS, FROM_DS, NUMBERLESS)
_OVERHEAD = {TO_DS: 78, FROM_DS: 76, NUMBERLESS: 78}
_BEACON_MS = 102.4

# packets: [(time_ms, UDP length, destination)]. cycle_ms: of the phases, or of one pass.
# symbols: for each packet what it says, or None. needed: of them, see _parts().
# begins: the first packet of each cycle.
Phone = namedtuple("Phone", "packets cycle_ms symbols needed begins")


@functools.cache
def phone(protocol):
    """What one of PROTOCOLS sends in HORIZON_MS, as a Phone."""
    generator, is_begin, name = _MAKERS[protocol]()
    packets, symbols, begins = [], [], []
    at_ms = 0.0
    previous = None
    for to, length, pause_ms in generator:
        if at_ms > HORIZON_MS:
            break
        if is_begin(length, previous):
            begins.append(len(packets))
        symbols.append(name(length, len(packets) - begins[-1], packets))
        packets.append((at_ms, length, to))
        previous = length
        at_ms += pause_ms
    cycle_ms = packets[begins[1]][0] - packets[begins[0]][0]
    return Phone(packets, cycle_ms, symbols, _NEEDED[protocol](symbols), begins)


@functools.cache
def frames(protocol, way, others=0):
    """The records (tests_host/on_air.py) of a phone's packets, one for each.

    others: so many of an access point's sequence numbers go to beacons each 102.4 ms.
    """
    found = []
    sequence = 100
    beacon_ms = _BEACON_MS
    flags = on_air.FROM_DS if way == FROM_DS else 8 if way == NUMBERLESS else 4
    for at_ms, length, to in phone(protocol).packets:
        kind, group = on_air.destination(to)
        while at_ms >= beacon_ms:
            beacon_ms += _BEACON_MS
            sequence += others
        sequence = sequence + 1 & 0xFFF
        found.append(
            on_air.record(
                length + _OVERHEAD[way], sequence, flags, group, kind, 1, int(at_ms * 1000)
            )
        )
    return found


# What each packet says. A maker: (packets, whether a cycle begins, the symbol of a packet).


def _esptouch1():
    generator = senders.esptouch1(SSID, PASSWORD, BSSID, ADDRESS)

    def begins(length, previous):
        return length == 515 and (previous is None or previous < 512)

    sent = senders.esptouch1_triplets(SSID, PASSWORD, BSSID, ADDRESS)
    flat = [(triplet[1] - 296, slot) for triplet in sent for slot in range(3)]
    count = 0

    def symbol(length, _place, _packets):
        nonlocal count
        if length >= 512:
            return None
        said = flat[count % len(flat)]
        count += 1
        return said

    return generator, begins, symbol


def _esptouch2():
    packets = senders.esptouch2_packets(SSID, PASSWORD, BSSID)

    def symbol(length, place, _packets):
        if not length & 0x40 or length >= 1024:
            return None
        return (place - 4) // 11, length >> 7  # block and plane

    begins = functools.partial(_every, len(packets), [-1])
    return senders.esptouch2(packets), begins, symbol


def _every(size, count, _length, _previous):
    count[0] += 1
    return count[0] % size == 0


def _airkiss():
    passes = senders.airkiss_passes(SSID, PASSWORD, RANDOM)
    data = passes[2]
    heads = 50 * 4 + 2 * 20 * 4

    def begins(length, previous):
        return length == 1 and (previous is None or previous >= 0x80)

    def symbol(length, place, _packets):
        if place < 200:
            return None
        if place < heads:
            return "head", length >> 4
        place = (place - heads) % len(data)
        # The number only says where the others belong.
        return None if place % 6 == 1 else (place // 6, place % 6)

    return senders.airkiss(passes), begins, symbol


def _ti2():
    generator = ti_sender.generation2(SSID, PASSWORD)
    size = 2 * (4 * 4 + 2 * (len(SSID) + len(PASSWORD)))
    starts = functools.partial(_every, size, [-1])

    def symbol(length, place, _packets):
        if length <= 23:
            return None
        # Markers and sizes are there twice.
        unit = place // 2
        for string in (0, 4 + 2 * len(SSID)):
            if string <= unit < string + 4:
                return ("head", string, (unit - string) // 2)
        tail = 8 + 2 * (len(SSID) + len(PASSWORD))
        return ("tail", (unit - tail) // 2) if unit >= tail else ("nibble", unit)

    return generator, starts, symbol


_MAKERS = {
    "esptouch1": _esptouch1,
    "esptouch2": _esptouch2,
    "airkiss": _airkiss,
    "ti2": _ti2,
}


# What is needed of that: [(symbols, how many of them it can do without, if all that packets say is
# used)].


def _parts(symbols, spare):
    parts = {}
    for said in symbols:
        if said is not None:
            parts.setdefault(said[0], set()).add(said)
    return [(found, 0 if part == "head" else spare) for part, found in parts.items()]


def _of_esptouch1(symbols):
    # The outer packets of each byte but the BSSID's; the CRC is in both, so one will do.
    total = 9 + len(SSID) + len(PASSWORD)
    return _parts({said for said in symbols if said and said[0] < total and said[1] != 1}, 1)


def _of_esptouch2(symbols):
    # A block's CRC makes up for one of its planes.
    return _parts(symbols, 1)


def _of_airkiss(symbols):
    # A group's CRC makes up for one byte of it.
    return _parts(symbols, 1)


def _of_ti2(symbols):
    # Without the rest of the password and extra data, which are empty. The next packet says each
    # nibble again, and a string's size is to be seen without its packet.
    found = []
    for start, size in ((0, len(SSID)), (4 + 2 * len(SSID), len(PASSWORD))):
        found.append(({("head", start, 0), ("head", start, 1)}, 1))
        last = start + 4 + 2 * size - 1
        for unit in range(start + 4, last):
            found.append(({("nibble", unit), ("nibble", unit + 1)}, 1))
        found.append(({("nibble", last)}, 0))
    return found


_NEEDED = {
    "esptouch1": _of_esptouch1,
    "esptouch2": _of_esptouch2,
    "airkiss": _of_airkiss,
    "ti2": _of_ti2,
}
