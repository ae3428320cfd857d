# Numbers in fours of short frames, 0xkn: kind and nibble, of AirKiss and Tuya.
# MIT licence

from micropython import const

_ENOUGH = const(7)  # more votes than that would only make an old number hard to replace


class Nibbles:
    """feed() it with frames below 0x80; pair() tells the numbers as soon as `complete`.

    Four kinds follow each other, from `first` on, again and again, before the next four begin. As
    other frames are as short, one counts only where another of its four is as far from it as it
    should be.
    """

    def __init__(self, first, kinds):
        self._first = first
        self._values = bytearray(kinds)
        self._votes = bytearray(kinds)  # how much more often that was there than something else
        self._before = -1  # the last kind, its nibble and its sequence number
        self._nibble = 0
        self._at = 0

    def feed(self, value, sequence, stride):
        """stride: of sequence numbers, from packet to packet. Returns True if something is new."""
        kind = (value >> 4) - self._first
        before, nibble = self._before, self._nibble
        step = sequence - self._at & 0xFFF if sequence >= 0 else stride
        known = 0 <= kind < len(self._values)
        self._before, self._nibble, self._at = kind if known else -1, value & 15, sequence
        if not known or before < 0 or kind >> 2 != before >> 2:
            return False
        apart = kind - before & 3
        if not apart or step != apart * stride:
            return False
        news = self._vote(before, nibble)
        return self._vote(kind, value & 15) or news

    def _vote(self, kind, nibble):
        votes = self._votes[kind]
        same = self._values[kind] == nibble
        if votes and not same:
            self._votes[kind] = votes - 1
            return False
        self._values[kind] = nibble
        if votes < _ENOUGH:
            self._votes[kind] = votes + 1
        return not votes

    @property
    def complete(self):
        """Whether each kind was heard."""
        return self._votes.find(b"\0") < 0

    def pair(self, i):
        """The byte of two kinds, the first of them and `i` after it."""
        return self._values[i] << 4 | self._values[i + 1]
