# ESP-Touch v1, also of the senders before 2018-05: three packets for each byte of a list.
# MIT licence
#
# The middle packet of the three has the byte's index, so it says where the outer ones before and
# after it belong. When it is lost, the sequence numbers and the order of sending say it.

from micropython import const

from .esptouch1_list import BSSID, FIRST, INDICES, THIRD, List, byte_of

_BASE = const(40)
_BASE_2015 = const(200)  # of the first senders, whose guide is 756 to 753
_MIDDLE = const(256)
_PENDING = const(12)  # outer packets that wait to be placed
_FAR = const(8)  # bytes between two middle packets that are still counted
_OTHERS = const(2)  # numbers that go to other frames between two middle packets; 3 are a byte
_SEEN = const(128)  # an index is known to follow, not only expected
_PHASE = const(150)  # frames of data between guides, at least; the apps send 500
_EVERY = const(3)  # so many bytes, then one of the BSSID


class Decoder:
    """Of one stream: air.py feeds it."""

    def __init__(self, key):
        self._list = List()
        self._base = _BASE
        self._guided = 0  # length of the last guide
        self._since = 0  # frames since then
        self._number = self._counted_as = 0  # the last sequence number, and how it is counted
        self._near = 4  # steps of 1 between them rather than of 2, which loss makes too
        self._index = -1  # of the last middle packet, and its sequence number
        self._at = 0
        # Outer packets since then, and how far ahead of it they are.
        self._symbols = bytearray(_PENDING)
        self._ahead = [0] * _PENDING
        self._count = 0
        self._before = -1  # without sequence numbers: the outer packet before the middle one
        self._last = -1  # index of the last middle packet, to see where the list begins anew
        self._next = bytearray(INDICES)  # the index sent after each, see _learn()
        self._total = 0  # for which that holds
        self._every = self._every_seen = _EVERY
        self._expect_ascending()

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when all is there, and again when more of it is known."""
        if sequence >= 0:
            sequence = self._counted(sequence)
        symbol = length - self._base
        known = self._list
        if not known.header or symbol < 0 or symbol >= _MIDDLE + INDICES:
            self._guide(length)
            return None
        self._since += 1
        if sequence < 0:
            self._in_order(symbol)
        elif symbol & _MIDDLE:
            self._middle(symbol & 127, sequence)
        else:
            self._outer(symbol, sequence)
        if not known.news:
            return None
        known.news = False
        if known.total() != self._total:
            # Another list: what was seen of the last one does not hold.
            if self._total:
                self._expect_ascending()
            self._total = known.total()
            self._expect_mixed()
        return known.complete()

    def _guide(self, length):
        known = self._list
        header = 5 if 512 <= length <= 515 else 3 if 753 <= length <= 756 else 0
        if not known.header:
            # It is at a guide that this protocol was believed.
            known.header = header or (4 if 256 <= length <= 259 else 5)
        elif not header:
            return
        elif header != known.header:
            # One frame of that length may be anybody's.
            if length + 1 != self._guided:
                self._guided = length
                return
            known.header = header
        self._guided = length
        self._base = _BASE_2015 if known.header == 3 else _BASE
        if self._count and self._index >= 0:
            self._put_beside(self._index, -1, 0)
        if self._since >= _PHASE:
            known.fade()
        self._index = self._before = -1
        self._count = self._since = 0

    def _counted(self, sequence):
        # An access point with two networks may send everything in both, and count both.
        step = sequence - self._number & 0xFFF
        self._number = sequence
        if step == 1:
            self._near = min(8, self._near + 4)
        elif step == 2:
            self._near = max(-8, self._near - 1)
        if self._near >= 0:
            self._counted_as = sequence
            return sequence
        if step & 1:
            step = 2000  # something else was between: nothing can be said of the distance
        elif step > 0x800:
            step -= 0x1000
        self._counted_as = self._counted_as + step // 2 & 0xFFF
        return self._counted_as

    # Where a packet belongs

    def _middle(self, index, sequence):
        before = self._index
        distance = sequence - self._at & 0xFFF
        steps = self._steps(before, index, distance) if before >= 0 else 0
        self._follow(index, distance if before >= 0 else 0)
        others = distance - 3 * steps
        if steps and others == 0:
            for n in range(self._count):
                if self._ahead[n] < distance:
                    self._put(n, before, self._ahead[n], 2)
        elif steps and 0 < others <= _OTHERS:
            self._put_around(before, distance, others)
        else:
            self._put_beside(before, index, distance)
        self._index = index
        self._at = sequence
        self._count = 0

    def _outer(self, symbol, sequence):
        if self._count == _PENDING:
            self._count = 0
        self._symbols[self._count] = symbol
        self._ahead[self._count] = sequence - self._at & 0xFFF
        self._count += 1

    def _put(self, n, before, slot, weight):
        # What waits has this place after the middle packet of `before`.
        if slot % 3:
            index = self._after(before, (slot + 1) // 3)
            self._list.vote(index, FIRST if slot % 3 == 2 else THIRD, self._symbols[n], weight)

    def _put_around(self, before, distance, others):
        # So many numbers went to other frames, at once: then what comes before the first gap that
        # is as long belongs to the last middle packet, and what comes after the last gap to this.
        ahead = self._ahead
        n = last = 0
        while n < self._count and ahead[n] - last <= others:
            last = ahead[n]
            n += 1
        if n == self._count and distance - last <= others:
            return  # no gap: one of these is of somebody else
        for m in range(n):
            self._put(m, before, ahead[m], 1)
        last = distance
        for m in range(self._count - 1, n - 1, -1):
            if last - ahead[m] > others:
                break
            last = ahead[m]
            self._put(m, before, last - others, 1)

    def _put_beside(self, before, index, distance):
        # Only what is next to a middle packet is placed; it may have come after that.
        for n in range(self._count):
            ahead = self._ahead[n]
            if before >= 0 and (ahead == 1 or ahead == 0xFFF):
                self._list.vote(before, THIRD if ahead == 1 else FIRST, self._symbols[n], 1)
            elif ahead == distance - 1 or ahead == distance + 1:
                half = FIRST if ahead < distance else THIRD
                self._list.vote(index, half, self._symbols[n], 1)

    def _in_order(self, symbol):
        # Without sequence numbers only three in a row whose CRC is right are believed.
        if symbol & _MIDDLE:
            self._index = symbol & 127 if self._before >= 0 else -1
            return
        index = self._index
        if index >= 0:
            if byte_of(index, FIRST, self._before) == byte_of(index, THIRD, symbol):
                self._follow(index, 0)
                self._list.vote(index, FIRST, self._before, 1)
                self._list.vote(index, THIRD, symbol, 1)
            self._index = -1
        self._before = symbol

    # The order of sending

    def _steps(self, before, index, distance):
        # How many bytes after one this one is sent, 0: not known.
        if distance == 3:
            self._learn(before, index)
        there = before
        for steps in range(1, _FAR):
            there = self._next[there] & (_SEEN - 1)
            if there == index:
                return steps
        return 0

    def _learn(self, before, index):
        # One follows the other. Something else may look like it: it has to be seen twice.
        known = self._next[before]
        if known & (_SEEN - 1) == index:
            self._next[before] = index | _SEEN
        elif known & _SEEN:
            self._next[before] = known & (_SEEN - 1)
        else:
            self._next[before] = index
        bssid = index - self._total
        if 0 < bssid < BSSID and before < self._total:
            every = (before - 4) // bssid
            self._list.ordered = every == self._every_seen
            if every == self._every_seen != self._every:
                self._every = every
                self._expect_mixed()
                self._list.distrust()
            self._every_seen = every

    def _after(self, index, steps):
        for _ in range(steps):
            index = self._next[index] & (_SEEN - 1)
        return index

    def _expect_ascending(self):
        for n in range(INDICES):
            self._next[n] = n + 1 & 127

    def _expect_mixed(self):
        # The BSSID begins after the first five, and goes on after every three of the others (four
        # with some senders).
        total = self._total
        every = self._every
        if not 10 <= total <= INDICES - BSSID or every < 1:
            return
        last = 4
        bssid = total
        for n in range(5, total):
            if (n - 5) % every == 0 and bssid < total + BSSID:
                last = self._expect(last, bssid)
                bssid += 1
            last = self._expect(last, n)
        for n in range(bssid, total + BSSID):
            last = self._expect(last, n)
        self._expect(last, 0)

    def _expect(self, last, index):
        if self._next[last] < _SEEN:
            self._next[last] = index
        return index

    def _follow(self, index, distance):
        # Where the list begins anew, nothing was left out if no sequence number is missing. And is
        # the BSSID in between? Its indices are the highest.
        known = self._list
        last = self._last
        self._last = index
        if index < 5 <= last:
            known.wraps += 2 if distance == 3 * (index + 1) else 1
            known.news = True
        elif last < self._total <= index < self._total + BSSID:
            if distance and index > last + distance // 3:
                known.mixed = min(known.mixed + 2, 8)
        elif 5 <= index < self._total <= last < self._total + BSSID:
            known.mixed = min(known.mixed + 2, 8)
        elif distance and last < 5 <= index == last + distance // 3:
            known.mixed = max(known.mixed - 1, -8)
