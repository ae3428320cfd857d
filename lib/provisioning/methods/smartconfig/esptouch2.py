# ESP-Touch v2, in clear and encrypted.
# MIT licence
#
# A pass is the sync 1048 and 1072 + number of blocks less one, twice, then a block, the header;
# then for each other block three times 128 + its number, and the block. A block is six bytes in
# eight packets, of bits 0, 1, .. 7 of all six: plane << 7 | 0x40 | the bits, of the first byte
# first. Six bytes of seven bits have the low six bits of their CRC as plane 7; five bytes of eight
# bits have it as the sixth byte. spec/smartconfig.md 1.2.

from micropython import const

from . import cipher
from .crc import crc8
from .heard import Heard

_SYNC = const(1048)
_COUNT = const(1072)
_NUMBER = const(128)
_BLOCKS = const(42)  # header, 33 of password and reserved data or 29 of them encrypted, IV, SSID
_PLANES = const(8)
_STEP = const(11)  # packets of a block
_SPARE = const(2)  # of its three numbers two may be lost
_MAX_SSID = const(32)
_MAX_TEXT = const(64)
_FOREIGN = const(3)  # frames of others between two, at most
_DOUBT = const(64)  # frames since something was strange, until a CRC may fill a gap
_ENOUGH = const(7)
_TOLD = const(10)  # of the seven planes beside one that is lost


class Decoder:
    """Of one stream; see air.py. key: 16 bytes for what is encrypted, else None."""

    def __init__(self, key=None):
        self._key = key
        self._bits = bytearray(_BLOCKS * _PLANES)
        self._votes = bytearray(_BLOCKS * _PLANES)
        self._count = 0  # blocks of a pass, 0: unknown
        self._block = -1  # of the last number or sync, and its sequence number
        self._block_at = 0
        self._rumour = -1  # a number that came as a surprise
        self._plane = -1  # the last plane since then, and its sequence number
        self._plane_at = 0
        self._last = -1  # what it was counted as
        self._stride = 4  # least step of the sequence number that was seen from plane to plane
        self._doubt = 8  # more than 0: of late something did not come where it should
        self._news = False
        self._fill = False  # whether a plane that is missing may be made up by the CRC
        self._said = None

    def feed(self, length, sequence, _):
        """One frame. Returns a Heard when all is complete, and again if it changes."""
        if 0x40 <= length < 0x400 and length & 0x40:
            if self._data(length >> 7, length & 0x3F, sequence):
                self._news = True
                return self._complete(False)
            return None
        if _NUMBER <= length < _NUMBER + _BLOCKS - 1:
            self._number(length - _NUMBER + 1, sequence)
        elif length == _SYNC or _COUNT < length < _COUNT + _BLOCKS:
            if length != _SYNC:
                self._count = length - _COUNT + 1
            self._mark(0, sequence)
        else:
            self._doubt = _DOUBT  # somebody else's
        if self._news and not self._doubt:
            # A block is over, and nothing came into it that was not of it.
            self._news = False
            return self._complete(True)
        return None

    def _mark(self, block, sequence):
        self._block = block
        self._block_at = sequence
        self._plane = self._rumour = self._last = -1

    def _steps(self, sequence, since):
        # Packets of the sender from one frame to another, if all are his.
        return (sequence - since & 0xFFF) // (self._stride if self._stride < 4 else 1)

    def _number(self, block, sequence):
        # It is believed when it comes where it should, or twice.
        if self._block >= 0 and sequence >= 0:
            expected = self._after(self._steps(sequence, self._block_at) + _SPARE)
        else:
            expected = self._block + (self._plane >= 0)
        if block == expected or block == self._rumour:
            self._mark(block, sequence)
        else:
            # Where this is nobody knows until it is told again: the phone may have begun anew.
            self._rumour = block
            self._block = -1

    def _after(self, steps):
        # The block so many packets after the last number or sync.
        block = self._block + steps // _STEP
        return block % self._count if self._count else block

    def _data(self, plane, bits, sequence):
        # Returns True when something new is known.
        before, self._plane = self._plane, plane
        at, self._plane_at = self._plane_at, sequence
        if self._block < 0:
            return False
        if sequence < 0:
            if plane <= before:
                self._block = -1  # the numbers between were lost
                return False
            return self._vote(self._block * _PLANES + plane, bits)
        if plane == before + 1 and before >= 0:
            self._stride = max(min(self._stride, sequence - at & 0xFFF), 1)
        steps = self._steps(sequence, self._block_at) - 1 - plane
        block = self._after(max(steps, 0))
        if before < 0:
            late = steps % _STEP if steps >= 0 else -1
            sure = 0 <= late <= _SPARE + (block == 0)
        else:
            late = (self._steps(sequence, at) - plane + before) % _STEP
            sure = late == 0
        if sure:
            self._doubt = max(0, self._doubt - 1)
        else:
            self._doubt = _DOUBT
        if not sure and (late > _FOREIGN or plane <= before) or block >= _BLOCKS:
            # This frame or the one before is somebody else's.
            if self._last >= 0 and self._votes[self._last]:
                self._votes[self._last] -= 1
            self._last = -1
            return False
        self._last = block * _PLANES + plane
        return self._vote(self._last, bits)

    def _vote(self, i, bits):
        # Majority: what is more often there stays.
        votes = self._votes[i]
        if votes and self._bits[i] != bits:
            self._votes[i] = votes - 1
            return False
        self._bits[i] = bits
        if votes < _ENOUGH:
            self._votes[i] = votes + 1
        return not votes

    def _complete(self, fill):
        self._fill = fill
        head = self._part(0, 5, 5)
        if not head or head[4] >> 6 or head[0] & 0x7F > _MAX_SSID:
            return None
        if head[1] & 0x7F > _MAX_TEXT or head[2] & 0x7F > _MAX_TEXT:
            return None
        if head[4] >> 1 & 3:
            key, extra, block = self._encrypted(head)
        else:
            key, extra, block = self._clear(head)
        if key is None:
            return None
        ssid = self._part(block, head[0] & 0x7F, _size(head[0]))
        if ssid is None or (ssid, key, extra) == self._said:
            return None
        self._said = (ssid, key, extra)
        heard = Heard("esptouch_v2", ssid or None, key, -1, b"", head[3])
        heard.extra = extra
        heard.token = head[4] >> 3 & 3
        return heard

    def _clear(self, head):
        # (password, reserved data, the block after them); None for the password if not complete.
        count, more = head[1] & 0x7F, head[2] & 0x7F
        if (head[1] | head[2]) & 0x80 == 0:
            both = self._part(1, count + more, 6)
            if both is None:
                return None, b"", 0
            return both[:count], both[count:], 1 + -(-(count + more) // 6)
        key = self._part(1, count, _size(head[1]))
        block = 1 + -(-count // _size(head[1]))
        extra = self._part(block, more, _size(head[2]))
        if extra is None:
            return None, b"", 0
        return key, extra, block + -(-more // _size(head[2]))

    def _encrypted(self, head):
        count, more = head[1] & 0x7F, head[2] & 0x7F
        if not count + more:
            # Nothing was there to encrypt; the IV may have been sent all the same.
            ssid = -(-(head[0] & 0x7F) // _size(head[0]))
            return b"" if self._count > ssid else None, b"", self._count - ssid
        size = (count + more) // 16 * 16 + 16
        secret = self._part(1, size, 5)
        block = 1 + -(-size // 5)
        iv = bytes(16)
        if head[4] >> 1 & 3 == 2:
            iv = self._part(block, 16, 5)
            block += 4
        if secret is None or iv is None or not self._key:
            return None, b"", 0
        both = cipher.unpad(cipher.cbc(self._key, iv, secret))
        if both is None or len(both) != count + more:
            return None, b"", 0
        return both[:count], both[count:], block

    def _part(self, block, count, size):
        # So many bytes from this block on, size of them in a block, or None.
        end = block - (-count // size)
        if not self._fill and self._votes.find(b"\0", block * _PLANES, end * _PLANES) >= 0:
            return None
        data = b""
        while len(data) < count:
            piece = self._bytes(block, size)
            if piece is None:
                return None
            data += piece
            block += 1
        return data[:count]

    def _bytes(self, block, size):
        # The bytes of a block, or None if they are not complete or the CRC is wrong.
        first = block * _PLANES
        planes = self._bits[first : first + _PLANES]
        lost = self._votes.find(b"\0", first, first + _PLANES)
        if lost >= 0:
            if not self._fill or self._votes.find(b"\0", lost + 1, first + _PLANES) >= 0:
                return None
            # Then the CRC says no more that the others are right: they have to be there again.
            if sum(self._votes[first : first + _PLANES]) < _TOLD:
                return None
            if not _fill(planes, lost - first, size):
                return None
        data = _rows(planes)
        return bytes(data[:size]) if _wrong(planes, data, size) == 0 else None


def _size(length):
    # Bytes of a block of a text whose length's highest bit says: not only seven bits.
    return 5 if length & 0x80 else 6


def _rows(planes):
    # Bytes of planes.
    data = bytearray(6)
    for i in range(6):
        for plane in range(_PLANES):
            data[i] |= (planes[plane] >> 5 - i & 1) << plane
    return data


def _wrong(planes, data, size):
    # What the CRC should be, xor what it is.
    if size == 5:
        return crc8(data[:5]) ^ data[5]
    for i in range(6):
        data[i] &= 0x7F
    return (crc8(data) ^ planes[7]) & 0x3F


def _fill(planes, lost, size):
    # Puts in the plane that was lost, if only one has this CRC.
    planes[lost] = 0
    wrong = _wrong(planes, _rows(planes), size)
    columns = []
    for i in range(6):
        planes[lost] = 1 << i
        columns.append(_wrong(planes, _rows(planes), size) ^ wrong)
    found = -1
    for bits in range(64):
        result = wrong
        for i in range(6):
            if bits >> i & 1:
                result ^= columns[i]
        if result == 0:
            if found >= 0:
                return False
            found = bits
    planes[lost] = max(found, 0)
    return found >= 0
