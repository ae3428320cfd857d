# What is known of a list of ESP-Touch v1: its bytes, each with an index and a CRC; and what they
# mean, with senders of all years.
# MIT licence
#
# Byte d with index i is sent as the lengths c >> 4 << 4 | d >> 4, then 256 + i, then
# (c & 15) << 4 | d & 15, where c = crc8([d, i]), each longer by 40. The CRC is linear, and so is
# what its halves say: four bits of it and four bits of d are enough for all of d once i is known.
# So one of the outer two is enough; a byte is proved when both have said the same.
#
# Indices: 0 how many bytes there are (BSSID excluded), 1 how many of the password, 2 crc8(ssid),
# 3 crc8(bssid), 4 the XOR of all but itself (and the BSSID); then the phone's address, password,
# SSID, BSSID. Before 2015-06 there was no XOR, and at first no crc8(bssid); before 2018-05 no
# BSSID; and until then the SSID came only when it was hidden, counted in 0 and 4 all the same.

from micropython import const

from .crc import crc8
from .heard import Heard

INDICES = const(128)
FIRST = const(1)  # halves, as bits: which of the outer packets has said it
THIRD = const(2)
BSSID = const(6)  # bytes
_PROVED = const(3)
_XOR = const(4)
_ADDRESS = const(4)  # bytes
_MOST_VOTES = const(60)
_MOST_SEEN = const(250)
_WRAPS = const(2)  # of the list, until what has not come is believed not to be sent


def _of_byte(value):
    return crc8(bytes((value, 0)))


_HIGH = bytes([_of_byte(n << 4) for n in range(16)])  # what half of a byte adds to the CRC
_LOW = bytes([_of_byte(n) for n in range(16)])
_INDEX = bytes([crc8(bytes((n,))) for n in range(INDICES)])


def _inverse(halves):
    inverse = bytearray(16)
    for n in range(16):
        inverse[halves[n]] = n
    return inverse


_FROM_HIGH = _inverse([crc >> 4 for crc in _LOW])  # from half of a CRC: the half of its byte
_FROM_LOW = _inverse([crc & 15 for crc in _HIGH])


def byte_of(index, half, symbol):
    """The byte that one of its outer packets stands for; symbol: that one's length - 40."""
    crc = symbol >> 4
    n = symbol & 15
    if half == FIRST:
        return n << 4 | _FROM_HIGH[crc ^ (_HIGH[n] ^ _INDEX[index]) >> 4]
    return n | _FROM_LOW[crc ^ (_LOW[n] ^ _INDEX[index]) & 15] << 4


def _xor(data):
    xor = 0
    for byte in data:
        xor ^= byte
    return xor


class List:
    """vote() for its bytes; complete() when there is news.

    header: bytes before the phone's address, 5, 4 or 3; 0: not yet known. wraps: how often the
    list began anew since it was known to be as long as it is. mixed: more than 0 when its BSSID
    is seen between the other bytes, less than 0 when it is seen that it is not. ordered: it was
    seen where.
    """

    def __init__(self):
        self.header = 0
        self.wraps = 0
        self.mixed = 0
        self.ordered = False
        self.news = False
        # For each index two candidates, the better one first: what, how often, by which halves.
        self._values = bytearray(2 * INDICES)
        self._votes = bytearray(2 * INDICES)
        self._halves = bytearray(2 * INDICES)
        self._agreed = self._differed = 0  # votes for an index that had a candidate
        self._top = -1  # the highest index that is sure
        self._told = None

    def total(self):
        """How many bytes there are without the BSSID, 0: not yet known."""
        return self._values[0]

    def vote(self, index, half, symbol, weight):
        """One of the outer packets of an index. weight: 2 if it is sure to be there, or 1."""
        value = byte_of(index, half, symbol)
        votes = self._votes
        n = 2 * index
        if not votes[n]:
            self._values[n], votes[n], self._halves[n] = value, weight, half
            self.news = True
        elif self._values[n] == value:
            self._agreed += 1
            if votes[n] < 2 or not self._halves[n] & half:
                self.news = True
            self._support(n, half, weight)
        else:
            self._differed += 1
            self._dispute(n, n + 1, value, half, weight)
        if index > self._top and self._belongs(index):
            self._top = index
            self.wraps = 0
        if self._agreed + self._differed > _MOST_SEEN:
            self._agreed >>= 1
            self._differed >>= 1

    def _support(self, n, half, weight):
        self._halves[n] |= half
        self._votes[n] = min(self._votes[n] + weight, _MOST_VOTES)

    def _dispute(self, n, m, value, half, weight):
        values = self._values
        votes = self._votes
        halves = self._halves
        if votes[m] and values[m] == value:
            self._support(m, half, weight)
            if votes[m] >= votes[n] or halves[m] == _PROVED != halves[n]:
                for each in (values, votes, halves):
                    each[n], each[m] = each[m], each[n]
                self.news = True
        elif votes[m] > weight:
            votes[m] -= weight
        else:
            values[m], votes[m], halves[m] = value, weight, half

    def fade(self):
        """Some seconds have gone by. What was seen but once is to be seen again, and all else
        loses votes: a phone that begins again may have another password."""
        votes = self._votes
        for n in range(2 * INDICES):
            if votes[n] > 1:
                votes[n] >>= 1
            else:
                self._halves[n] = 0

    def distrust(self):
        """It was placed by another order than there is. What was seen once is to be seen again."""
        for n in range(2 * INDICES):
            if self._votes[n] == 2 and self._halves[n] != _PROVED:
                self._votes[n] = 1

    def _sure(self, index):
        return self._halves[2 * index] == _PROVED or self._votes[2 * index] > 1

    def _proved(self, index):
        # For lists that have no XOR, or of which not all is sent that it is of.
        return self._halves[2 * index] == _PROVED or self._votes[2 * index] > 2

    def _belongs(self, index):
        # Other traffic makes indices of its own, but not as often.
        return self._sure(index) and 4 * self._votes[2 * index] > self._votes[0]

    def _bytes(self, first, count):
        return bytes([self._values[2 * n] for n in range(first, first + count)])

    def complete(self):
        """A Heard if all that is needed is there and right, and not all of it was told before."""
        total = self._values[0]
        length = self._values[2]
        if not (self._votes[0] and self._votes[2]) or length > 64:
            return None
        end = self.header + _ADDRESS + length
        # Traffic that is none of this differs all the time.
        if not 0 < total - end <= 32 or self._agreed < total // 4 + 2 + 3 * self._differed:
            return None
        return self._with_ssid(total, end) or self._without_ssid(end)

    def _with_ssid(self, total, end):
        missing = -1
        unsure = 0
        for n in range(total):
            if not self._votes[2 * n]:
                if missing >= 0:
                    return None
                missing = n
            elif not (self._sure(n) if self.header == 5 else self._proved(n)):
                unsure += 1
        if missing >= 0:
            # The XOR says it, if all else is sure. But then it may be of a SSID that nobody sent.
            if unsure or self.header < 5:
                return None
            # Nothing is left to check that by. And what is all else worth, if frames are placed by
            # an order that was not seen yet, or some differ?
            is_known = self.ordered and not self._differed and missing != _XOR
            for n in range(0 if is_known else total):
                if n != missing and not self._proved(n):
                    return None
            if missing >= end and self.mixed <= 0 and (total == end + 1 or self._bssid(end)):
                return None
        elif unsure > (total // 4 if self.header == 5 and not self._differed else 0):
            return None
        data = bytearray(self._bytes(0, total))
        if self.header == 5 and missing != _XOR:
            xor = _xor(data)
            if missing >= 0:
                data[missing] = xor
            elif xor:
                return None
        ssid = bytes(data[end:])
        if crc8(ssid) != data[2]:
            return None
        return self._tell(data, end, ssid, self._bssid(total))

    def _without_ssid(self, end):
        # The SSID was not sent: what is there ends with the password, or with the BSSID.
        if self.wraps < (_WRAPS if self.header == 5 else 2 * _WRAPS) or self.header < 4:
            return None
        for n in range(end):
            if not self._proved(n):
                return None
        while not self._belongs(self._top):
            self._top -= 1
        bssid = self._bssid(end)
        if self._values[0] == end + 1 and self._halves[2 * end] and not bssid:
            return None  # of late there was something, and it could be all
        if self._top != end - 1 and not (bssid and self._top == end + BSSID - 1):
            return None
        data = self._bytes(0, end)
        ssid = None
        if data[0] == end + 1 and self.header == 5:
            # A single byte is what is left of the XOR.
            ssid = bytes((_xor(data),))
            if crc8(ssid) != data[2]:
                return None
        self.mixed = -1
        return self._tell(data, end, ssid, bssid)

    def _bssid(self, first):
        # b"" where it was not sent, or is not yet known.
        if first + BSSID > INDICES or self.header < 5:
            return b""
        for n in range(first, first + BSSID):
            if not self._votes[2 * n]:
                return b""
        bssid = self._bytes(first, BSSID)
        return bssid if crc8(bssid) == self._values[6] else b""

    def _tell(self, data, end, ssid, bssid):
        at = self.header + _ADDRESS
        key = bytes(data[at:end])
        told = self._told
        if told and told.key == key and told.ssid == ssid and (told.bssid or not bssid):
            return None
        name = "esptouch_v1"
        if self.header < 5:
            name = "esptouch_v1_2015"
        elif self.mixed < 0:
            name = "esptouch_v1_2018" if bssid else "esptouch_v1_2017"
        bssid_crc = data[3] if self.header > 3 else -1
        heard = self._told = Heard(name, ssid, key, data[2], bssid, bssid_crc)
        heard.address = ".".join([str(n) for n in data[at - _ADDRESS : at]])
        heard.token = data[0]
        return heard
