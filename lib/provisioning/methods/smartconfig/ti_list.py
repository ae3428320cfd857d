# Follows the lists of TI's SmartConfig: where in them a packet is.
# MIT licence

from micropython import const

from .ti import ABSENT, UNKNOWN

_MARKER = const(0)  # kinds of packets
_SIZE = const(1)
_NIBBLE = const(2)

_LOST = const(-1)
_PART = const(8)  # a place: part << _PART | packets since its first
_OTHERS = const(4)  # packets: what others sent may look like so many, or we missed so many
_FARTHEST = const(64)  # frames over which a place can be counted
_ASTRAY = const(4)  # pairs of nibbles in a row which fit nowhere
_STRANGE = const(2)  # markers in a row that were awaited elsewhere, and no more
_PENDING = const(24)  # nibbles kept until their place is certain


class List:
    """Follows the lists in one stream, and tells their parts what is heard of them.

    parts: in order. times: how often markers and sizes are there. stride: frames from one packet
    to the next; what is between them is a sync. rest: packets between two lists.

    Sequence numbers tell how many packets after the last known place a packet is, unless others
    used some. Two nibbles next to each other tell k modulo 16, and so how many those were. What
    is heard alone waits until such a pair, or a marker, is where it should be.

    Without sequence numbers frames are counted, and what was missed takes the part of the others'.
    """

    def __init__(self, parts, times=1, stride=1, rest=0):
        self.parts = parts
        self._times = times
        self._stride = stride
        self._rest = rest
        self._numbered = True
        self._sequence = -1  # of the last frame
        self._number = 0  # the same, counted on beyond 4095
        self._place = _LOST  # the last known one
        self._then = 0  # the number there
        self._packet = 0  # number of the last frame that is no sync
        self._last = 0  # number of the last nibble or size
        self._heard = 0  # what that nibble said
        self._pending = []  # nibbles heard since the place was known
        self._pairs = 0  # in a row that were where they should be
        self._astray = 0
        self._strange = 0  # markers in a row that were not awaited there

    def feed(self, length, sequence):
        """One frame; see air.py. Returns True if something is certain now that was not."""
        if not self._count(sequence) or length < 28:
            return False
        before, self._packet = self._packet, self._number
        if 593 <= length <= 848:
            return self._nibble(length - 593)
        if length > 848:
            return self._marker(length)
        if length <= 28 + 64:
            return self._size(length - 28, before)
        return False

    def _count(self, sequence):
        # Returns False for a frame that comes late.
        step = 1
        if sequence >= 0:
            if self._sequence >= 0:
                step = sequence - self._sequence & 0xFFF
            if step > 0x800:
                return False
            self._sequence = sequence
        elif self._numbered:
            self._numbered = False
            for part in self.parts:
                part.times = 3  # places are less certain
        self._number += step
        if self._number - self._then > _FARTHEST:
            self._lose()
        return True

    def _marker(self, length):
        for i in range(len(self.parts)):
            if length in self.parts[i].markers:
                return self._announced(i, length)
        return False

    def _announced(self, i, length):
        before = self._place
        slip = self._seek_marker(length)
        news = False
        if slip < 0:
            self._strange += self._numbered and before != _LOST
            if self._numbered and (self._is_early() or self._strange > _STRANGE):
                self._doubt()
            # The later of two, or the earlier: as seek() expects, which then finds the other.
            self._place = i << _PART | (self._times - 1 if self._numbered else 0)
            self._then = self._number
        elif slip == 0 and self._place & 0xFF == 0:  # nor may it be one later
            news = self._tell(0)
            self._strange = 0
            passed = before >> _PART
            while passed != i:
                part = self.parts[passed]  # was as long as it said
                news = self._say(part.sized(part.size)) or news
                passed = (passed + 1) % len(self.parts)
        self._pending.clear()
        self._pairs = self._astray = 0
        return self._say(self.parts[i].announced(length)) or news

    def _seek_marker(self, length):
        slip = self._seek(_MARKER, length)
        last = self.parts[-1]
        if slip < 0 and last.optional and last.size == UNKNOWN:
            last.size = ABSENT  # perhaps
            slip = self._seek(_MARKER, length)
            if slip != 0:
                last.size = UNKNOWN
        return slip

    def _is_early(self):
        # Did a marker come inside of a part? Then the list broke off: the phone may have begun
        # anew, with another password.
        if self._place == _LOST:
            return False
        unit = self._place & 0xFF
        extent = self._extent(self._place >> _PART)
        return unit >= self._times and unit + self._packets() < extent

    def _size(self, size, before):
        # There is nothing to know a size by but its place. Others may have had numbers between it
        # and its marker: in a list as long as the time between beacons, each time.
        place = self._walk(0)
        at_marker = self._place != _LOST and self._place & 0xFF < self._times
        if at_marker and before == self._then and not self._may_be(place, _SIZE, size):
            place = self._place & ~0xFF | self._times
        if not self._numbered and not (at_marker and self._packets() == 1):
            return False
        if not self._may_be(place, _SIZE, size):
            return False
        self._last = self._number
        self._heard = 0  # as a nibble, this is what the first one says of the one before
        return self._say(self.parts[place >> _PART].sized(size))

    def _nibble(self, code):
        # code: what it says of the nibble before, ^ k, << 4; and its value.
        news = False
        if self._place != _LOST:
            frames = self._number - self._last
            # With numbers, others may have had some, but no packet did.
            if frames == self._stride or self._numbered and frames < 2 * self._stride:
                news = self._pair(code)
            elif self._numbered:
                news = self._alone(code)
        self._last = self._number
        self._heard = code
        return news

    def _pair(self, code):
        # This nibble, and the one before it was heard as well.
        slip = self._seek(_NIBBLE, code >> 4 ^ self._heard & 15)
        if slip:
            self._pending.clear()  # not where they seemed to be
            self._pairs = 0
        if slip < 0:
            self._astray += 1
            if self._astray >= _ASTRAY:
                self._lose()
            return False
        self._astray = 0
        if slip and self._numbered:
            self._wait(self._place - 1, self._heard)
        self._pairs += 1
        self._wait(self._place, code)
        if self._numbered:
            return self._tell(0)
        # They may have been no neighbours. The next one fits only if they were.
        return self._pairs > 1 and self._tell(1)

    def _alone(self, code):
        # The one before it was not heard. Of another list it may be known.
        place = self._known(code)
        if place == _LOST:
            self._wait(self._walk(0), code)
            return False
        if place != self._walk(0):
            self._pending.clear()
        self._place = place
        self._then = self._number
        self._wait(place, code)
        return self._tell(0)

    def _known(self, code):
        # The only place that this nibble can have, if everything near is certain.
        found = _LOST
        for slip in range(_OTHERS + 1):
            place = self._walk(-slip)
            k = (place & 0xFF) - 2 * self._times
            if place == _LOST or not self._fits(place, _NIBBLE, k & 15):
                continue
            before = self.parts[place >> _PART].sure(k - 1) if k else 0
            if before == code >> 4 ^ k & 15:
                if found != _LOST:
                    return _LOST
                found = place
            elif before < 0:
                return _LOST
        return found

    def _wait(self, place, code):
        k = (place & 0xFF) - 2 * self._times
        if place == _LOST or k < 0 or len(self._pending) >= _PENDING:
            return
        if self._fits(place, _NIBBLE, k & 15):
            self._pending.append(place << 8 | code)

    def _tell(self, keep):
        # The place of what is pending is certain, but of the last `keep`.
        news = False
        while len(self._pending) > keep:
            heard = self._pending.pop(0)
            part = self.parts[heard >> 8 + _PART]
            k = (heard >> 8 & 0xFF) - 2 * self._times
            news = self._say(part.told(k, heard & 15)) or news
            if k:
                news = self._say(part.told(k - 1, (heard >> 4 ^ k) & 15)) or news
        return news

    def _say(self, news):
        # Pass on what a part said of what it was told: True, False, or None: a contradiction.
        if news is None:
            self._doubt()
        return bool(news)

    def _doubt(self):
        for part in self.parts:
            part.doubt()

    def _lose(self):
        self._place = _LOST
        self._pending.clear()
        self._pairs = self._astray = 0

    def _seek(self, kind, value):
        # Go to the place of such a packet. Returns how many packets nearer it is, or farther,
        # than the numbers tell; -1: it is nowhere near.
        for slip in range(_OTHERS + 1):
            place = self._walk(-slip if self._numbered else slip)
            if place != _LOST and self._fits(place, kind, value):
                self._place = place
                self._then = self._number
                return slip
        return -1

    def _packets(self):
        # Since the place was known.
        return (self._number - self._then) // self._stride

    def _walk(self, slip):
        # The place where this packet is if the numbers tell so many packets too few.
        packets = self._packets() + slip
        if self._place == _LOST or packets < 0:
            return _LOST
        i = self._place >> _PART
        unit = (self._place & 0xFF) + packets
        while True:
            extent = self._extent(i)
            if extent < 0:
                return i << _PART | unit if unit < 0x100 else _LOST
            if unit < extent:
                return i << _PART | unit
            unit -= extent
            i = (i + 1) % len(self.parts)
            unsure = self.parts[i].optional and self._extent(i) < 0
            if unit >= self._times and (unsure or not self._numbered):
                return _LOST  # only a marker could tell

    def _extent(self, i):
        # Packets of a part, -1 if that is not known.
        part = self.parts[i]
        if part.size == ABSENT:
            return 0
        if part.size == UNKNOWN:
            return -1
        packets = 2 * (self._times + part.size)
        return packets + self._rest if i == len(self.parts) - 1 else packets

    def _may_be(self, place, kind, value):
        return place != _LOST and self._fits(place, kind, value)

    def _fits(self, place, kind, value):
        # May such a packet be there? value: a marker, a size, or k modulo 16.
        part = self.parts[place >> _PART]
        unit = place & 0xFF
        if unit < self._times:
            return kind == _MARKER and value in part.markers
        if unit < 2 * self._times:
            return kind == _SIZE and part.least <= value <= part.most
        k = unit - 2 * self._times
        size = part.most if part.size == UNKNOWN else part.size
        return kind == _NIBBLE and k < 2 * size and k & 15 == value
