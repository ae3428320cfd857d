# Text in groups of six frames, of AirKiss and Tuya: finds each byte's place when frames are lost.
# MIT licence
#
# A group is 0x80 | CRC, 0x80 | its number, and up to four times 0x100 | byte. Only the number says
# where it stands (and the CRC, once it is known). So places are counted from one such frame, a
# mark here, to the next, with the sequence numbers: they count what was lost as well. When places
# and sequence numbers between two marks agree, all that was heard there has its place for sure.
# When not, others sent too, or an access point did not repeat all that the phone sent: then it
# takes two sightings.

from micropython import const

from .narrow import narrow
from .whole import crc7

_FRAMES = const(6)  # of a group
_NUMBER = const(1)  # a slot in a group: 0 is its CRC, 2 to 5 are bytes
_FIRST = const(2)
_BUFFER = const(40)  # frames since the last mark
_ODDS = const(4)  # what is so many times as likely as all else is worth a guess
_DOUBT = const(24)  # pieces between marks
_ENOUGH = const(7)  # more votes than that would only make an old text hard to replace

# How a frame's place is known.
_GUESS = const(0)  # counts when it is guessed twice
_SEEN = const(1)  # as far as the frames around it tell
_PROVEN = const(2)
_AGAIN = const(3)  # was counted as _SEEN, and is proven now


class Groups:
    """feed() it with the frames of a stream, and look at what is known whenever there is news.

    most: groups that there can be. stride: what a sender's next packet adds to the sequence number
    (2 where an access point sends everything twice), set from outside. text, votes: the bytes that
    were heard, and how much more often than others at their place, 0: not yet; behind them are the
    groups' CRCs. news: True when one was new or changed; whoever looks at them sets it to False.
    """

    def __init__(self, most):
        self.stride = 1
        self.news = False
        self.text = bytearray(5 * most)
        self.votes = bytearray(5 * most)
        self._perhaps = bytearray(5 * most)  # the last guess
        self._proven = bytearray(5 * most)
        self._doubt = 3  # more than 0: not all that was sent is in the sequence numbers
        self._most = most
        self._size = 0
        self._cyclic = True
        self._top = 0  # the last group, while size is not known the last that was seen
        self._tail = 0  # from its number to the next pass's number 0, in frames; 0: unknown
        self._filled = False  # the last group has zeros up to six frames
        self._prefixed = 0  # frames of something else that come before a pass
        self._others = 0  # so often a pass was as long as if _filled were wrong
        self._mark = -1  # the last mark's place in the pass, in frames; and its sequence number
        self._origin = 0
        self._foreign = 0  # frames since then that are not the sender's
        self._value = [0] * _BUFFER  # frames since then, and how far they are from it
        self._far = [0] * _BUFFER
        self._count = 0
        self._early = 0  # the first ones, with no gap between
        self._last = 0x100  # the frame before, whatever became of it
        self._last_far = 0

    def expect(self, size, cyclic=True):
        """How many bytes of text there are, as soon as that is known: it helps.

        cyclic: passes follow each other at once, or with four frames between (see prefix()).
        """
        if size != self._size:
            self._size = size
            self._top = size - 1 >> 2
            self._cyclic = cyclic
            self._guess()

    def size(self):
        """Bytes of text as far as the passes show, perhaps with zeros at its end; 0: unknown."""
        if self._size or not self._tail:
            return self._size
        return 4 * self._top + (self._tail - 3 & 3) + 1

    def foreign(self):
        """A frame of the same transmitter that certainly is not of a pass."""
        self._foreign += 1

    def crc(self, group):
        """The CRC of a group, of 7 bits, or -1."""
        i = 4 * self._most + group
        return self.text[i] if self.votes[i] else -1

    def sure_of(self, i):
        """Whether text[i] is right without a CRC that says so: proven, or seen twice."""
        return self.votes[i] >= 2 or self._proven[i] and self.votes[i] and not self._doubt

    def sure_of_crc(self, group):
        """The same of a group's CRC."""
        return self.sure_of(4 * self._most + group)

    def prefix(self, sequence):
        """A frame as some senders have four of between passes."""
        if self._size and not self._prefixed:
            far = self._measure(sequence)
            if self._mark >= _FRAMES * self._top and far <= _FRAMES * self.stride:
                self._prefixed = 4
                self._guess()

    def feed(self, value, sequence):
        """A frame of a group, 0x80 <= value < 0x200."""
        if sequence < 0:
            self._in_a_row(value)
            return
        far = self._measure(sequence)
        before = self._last
        near = far - self._last_far == self.stride
        self._last = value
        self._last_far = far
        # Two heads are CRC and number; and a byte comes after a head only if that is the number.
        if value < 0x100:
            if near and before < 0x100 and (self._count or self._mark % _FRAMES == 0):
                place = self._number(value, sequence)
                if place >= 0 and not self._count and place != self._mark + 1:
                    # That was not the other group's CRC, but this one's, which is the same.
                    self._place(place - 1, before, _PROVEN)
            else:
                place = self._known(value & 0x7F)
            if place >= 0:
                self._found(place, far)
                return
        elif near and before < 0x100 and self._count and sequence >= 0:
            place = self._number(before, sequence)
            if place >= 0:
                self._count -= 1
                self._found(place, far - self.stride)
                far = self._last_far = self.stride
        self._keep(value, far)

    def _in_a_row(self, value):
        # Without sequence numbers nobody knows what was lost: a group has to be there as a whole.
        before = self._last
        self._last = value
        if value < 0x100:
            if self._count and self._mark >= self._top:
                self._whole_group()  # the last one is shorter
            self._mark = value & 0x7F if before < 0x100 else -1
            self._origin = before & 0x7F
            self._count = 0
        elif self._mark >= 0 and self._count < 4:
            self._value[self._count] = value & 0xFF
            self._count += 1
            if self._count == 4:
                self._whole_group()

    def _whole_group(self):
        number, count = self._mark, self._count
        if number >= self._most or crc7(number, self._value[:count]) != self._origin:
            return
        if self._size:
            if number > self._top or (count < 4 and count != (self._size - 1 & 3) + 1):
                return
        elif count == 4:
            self._top = max(self._top, number)
        self._count = 0
        self._vote(4 * self._most + number, self._origin, _PROVEN)
        for i in range(count):
            self._vote(4 * number + i, self._value[i], _PROVEN)

    def _measure(self, sequence):
        # How far a frame is from the last mark; begins anew when that is too far.
        if sequence < 0:
            return self._last_far + self.stride
        far = sequence - self._origin - self._foreign & 0xFFF
        if far > 0xF80:
            far -= 0x1000
        elif far > _BUFFER * self.stride or self._count == _BUFFER:
            far = 0
            self._start(-1, sequence)
            self._last = 0x100
        return far

    def _start(self, mark, origin):
        self._mark = mark
        self._origin = origin
        self._count = self._early = self._foreign = self._last_far = 0

    def _number(self, value, sequence):
        # The place of a group's number, -1 if it cannot be one.
        number = value & 0x7F
        place = _FRAMES * number + _NUMBER
        if sequence < 0 and number and place > self._mark + _FRAMES + 1:
            return -1  # who knows what was between
        return place if number <= (self._top if self._size else self._most - 1) else -1

    def _known(self, value):
        # The place of a head of which we know what it is, else -1.
        if not self._size:
            return -1
        crcs = 4 * self._most
        end = crcs + self._top + 1
        found = -1
        for i in range(crcs, end):
            if self.votes[i] < 2 and not (self.votes[i] and self._proven[i]):
                if value <= self._top:
                    return -1  # it may be the number or this CRC
            elif self.text[i] == value:
                if found >= 0 or value <= self._top:
                    return -1
                found = _FRAMES * (i - crcs)
        return _FRAMES * value + _NUMBER if value <= self._top else found

    def _keep(self, value, far):
        at = self._count
        if at == _BUFFER:
            return
        # The radio may send again, and late, what an access point did not acknowledge.
        while at > self._early and self._far[at - 1] > far:
            self._value[at] = self._value[at - 1]
            self._far[at] = self._far[at - 1]
            at -= 1
        self._value[at] = value
        self._far[at] = far
        self._count += 1
        if at == self._early and far == self.stride * (at + 1) and self._mark >= 0:
            place = self._mark + 1 + at
            if (place % _FRAMES >= _FIRST or self._tail) and self._fits(at, place):
                self._place(place, value, _SEEN)
                self._early += 1

    def _found(self, place, far):
        # A mark, so far from the last one: what came between finds its place.
        between = self._distance(place, far) if self._mark >= 0 else 0
        if between and far == between * self.stride:
            for i in range(self._count):
                at = place - (far - self._far[i]) // self.stride
                self._place(at, self._value[i], _AGAIN if i < self._early else _PROVEN)
            self._doubt = max(0, self._doubt - 1)
        elif not between or not self._narrow(place - between, place, far):
            self._narrow(-1, place, far)
        if far < between * self.stride:
            self._doubt = _DOUBT
        self._start(place, self._origin + far + self._foreign & 0xFFF)

    def _distance(self, place, far):
        # In frames, from the last mark to this one; 0: unknown.
        far //= self.stride
        between = place - self._mark
        if between > 0:
            if far == between and place > _FRAMES * self._top + _NUMBER and not self._size:
                self._top = place // _FRAMES
                self._tail = 0
        else:
            last = self._mark - _FRAMES * self._top
            if place <= _NUMBER and last >= 0 and self._cyclic:
                self._learn(far + last - place)
            if not self._tail:
                return 0
            between += self._pass()
        if self._tail:
            # Whole passes may have been lost.
            between += max(0, far - between) // self._pass() * self._pass()
        return between

    def _pass(self):
        return _FRAMES * self._top + self._tail

    def _guess(self):
        if not self._cyclic:
            self._tail = 0
            return
        self._tail = self._prefixed + (_FRAMES if self._filled else 3 + (self._size - 1 & 3))
        self._others = 0

    def _learn(self, tail):
        # What others send between can only make it longer.
        if not self._size:
            if 3 <= tail <= 10 and not 0 < self._tail <= tail:
                self._tail = tail
                self.news = True  # with this size the text may be complete
        elif tail == self._tail:
            self._others = 0
        elif self._prefixed and tail == self._tail - 4:
            self._prefixed = 0
            self._guess()
        elif tail - self._prefixed == (3 + (self._size - 1 & 3) if self._filled else _FRAMES):
            self._others += 1
            if self._filled or self._others == 3:
                self._filled = not self._filled
                self._guess()

    def _narrow(self, start, end, far):
        # Finds what can be in only one place between two marks. Returns False if that cannot be.
        # start: -1 if nothing can be said of it.
        count = self._count
        stride = self.stride
        first = self._early
        bound = start >= 0 or self._mark < 0
        if not bound:
            # The sequence numbers are wrong: an access point lost what it should have repeated.
            first = count
            near = far - stride
            while first > self._early and self._far[first - 1] == near:
                first -= 1
                near -= stride
        low = [end - (far - self._far[i]) // stride for i in range(count)]
        high = [end - 1] * count
        if start >= 0:
            for i in range(first, count):
                low[i] = max(low[i], start + 1 + first)
                high[i] = min(high[i], start + self._far[i] // stride)
        if not narrow(self._far, low, high, first, count, self._fits, stride):
            return False
        for i in range(first, count):
            if low[i] == high[i]:
                self._place(low[i], self._value[i], _SEEN)
            elif start >= 0:
                self._probable(i, start, end, far // stride)
        return True

    def _probable(self, i, start, end, far):
        # One of several places, if it is far more likely than the others: this many frames that
        # were not heard were somebody else's, and most of the gaps are on one side.
        unheard = far - 1 - self._count
        foreign = far - (end - start)
        ahead = self._far[i] // self.stride
        before = ahead - 1 - i
        if _ODDS * foreign * before <= unheard:
            place = start + ahead
        elif _ODDS * foreign * (unheard - before) <= unheard:
            place = end - far + ahead
        else:
            return
        if self._fits(i, place):
            self._place(place, self._value[i], _GUESS)

    def _fits(self, i, place):
        # A place is counted in frames from the start of a pass.
        if self._tail:
            place %= self._pass()
        elif place < 0:
            return True
        value = self._value[i]
        group = place // _FRAMES
        slot = place - _FRAMES * group
        if group == self._top and self._size and slot > _FIRST + (self._size - 1 & 3):
            return value == 0x100
        if slot < _FIRST:
            return value == 0x80 | group if slot else value < 0x100
        return value >= 0x100

    def _place(self, place, value, how):
        if self._tail:
            place %= self._pass()
        if not 0 <= place < _FRAMES * self._most:
            return
        group = place // _FRAMES
        slot = place - _FRAMES * group
        if value < 0x100:
            if slot == 0:
                self._vote(4 * self._most + group, value & 0x7F, how)
        elif slot >= _FIRST:
            self._vote(4 * group + slot - _FIRST, value & 0xFF, how)

    def _vote(self, i, value, how):
        # Majority: whoever is more often there stays, in one byte for each.
        votes = self.votes[i]
        same = self.text[i] == value
        if how == _GUESS and self._perhaps[i] != value:
            self._perhaps[i] = value
            return
        if votes and not same:
            self.votes[i] = votes - 1
            return
        if not votes:
            self.text[i] = value
            self._proven[i] = 0
            self.news = True
        if how != _AGAIN and votes < _ENOUGH:
            self.votes[i] = votes + 1
        if how >= _PROVEN and not self._proven[i]:
            self._proven[i] = 1
            self.news = True
