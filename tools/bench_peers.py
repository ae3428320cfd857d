# What the benchmark of SmartConfig compares ours with: simple decoders, and the best possible.
# MIT licence
"""The simple ones know the offset and no sequence numbers, as published decoders do: frames that
come one after another are taken for neighbours.
"""

from tools import bench_phone

# isort: split
from senders import crc8


class SimpleEsptouch1:
    """Three adjacent frames of a byte whose CRC is right; all bytes but the BSSID's."""

    def __init__(self):
        self._last = [0, 0, 0]
        self._bytes = {}

    def feed(self, length):
        """One UDP length. True when all is there."""
        self._last = [*self._last[1:], length]
        first, middle, third = (each - 40 for each in self._last)
        if not (0 <= first < 256 and 256 <= middle < 384 and 0 <= third < 256):
            return False
        index = middle - 256
        byte = (first & 15) << 4 | third & 15
        if crc8((byte, index)) != first & 0xF0 | third >> 4:
            return False
        self._bytes[index] = byte
        total = self._bytes.get(0, 1 << 8)
        return all(index in self._bytes for index in range(total))


class SimpleAirkiss:
    """Six adjacent frames of a group (the last one is shorter) whose CRC is right, four of the
    magic, and four of the prefix."""

    def __init__(self):
        self._last = [0] * 6
        self._groups = {}
        self._size = self._key_size = 0

    def feed(self, length):
        """One UDP length. True when all is there."""
        self._last = last = [*self._last[1:], length]
        nibbles = [each & 15 for each in last[2:]]
        kinds = [each >> 4 for each in last[2:]]
        value, crc = nibbles[0] << 4 | nibbles[1], nibbles[2] << 4 | nibbles[3]
        if kinds == [0, 1, 2, 3]:
            self._size = value
        elif kinds == [4, 5, 6, 7] and crc8((value,)) == crc:
            self._key_size = value
        else:
            self._group(last)
        if not (self._size and self._key_size):
            return False
        return all(4 * number in self._groups for number in range(-(-self._size // 4)))

    def _group(self, last):
        for skipped in range(4):
            head, number, *data = last[skipped:]
            if not (0x80 <= head < 0x100 and 0x80 <= number < 0x100):
                continue
            if min(data) < 0x100:
                continue
            data = [each & 0xFF for each in data]
            if crc8([number & 0x7F, *data]) & 0x7F == head & 0x7F:
                self._groups[4 * (number & 0x7F)] = data


class Best:
    """Who needs no more than that.

    needed: [(symbols, spare)], see bench_phone.Phone. bound: `spare` of each set's symbols need
    not be heard, nor so many sets as `spare_sets`; else each symbol has to be heard once.
    """

    def __init__(self, needed, bound, spare_sets=0):
        self._sets = {}  # of a symbol
        for symbols, spare in needed:
            one = [set(symbols), spare if bound else 0]
            for symbol in symbols:
                self._sets.setdefault(symbol, []).append(one)
        self._open = len(needed)
        self._spare = spare_sets if bound else 0

    def feed(self, symbol):
        """What a packet says. True when all is there."""
        for missing, spare in self._sets.pop(symbol, ()):
            missing.remove(symbol)
            self._open -= len(missing) == spare
        return self._open <= self._spare


SIMPLE = {"esptouch1": SimpleEsptouch1, "airkiss": SimpleAirkiss}


def best(protocol, bound=False, named=True):
    """A Best. named: who knows the names of the networks here needs no heads of AirKiss."""
    needed = bench_phone.phone(protocol).needed
    if protocol == "airkiss":
        needed = [_of_group(symbols, spare, bound) for symbols, spare in needed]
        if named:
            needed = [part for part in needed if ("head", 0) not in part[0]]
    # ESP-Touch has an XOR of all bytes: it makes up for one of them.
    return Best(needed, bound, int(protocol == "esptouch1"))


def _of_group(symbols, spare, bound):
    # Who has heard each byte needs no CRC of the group.
    kept = symbols if bound else {said for said in symbols if said[0] == "head" or said[1]}
    return kept, spare
