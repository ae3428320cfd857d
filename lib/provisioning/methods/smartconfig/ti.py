# The strings in the lists of TI's SmartConfig: what of them is certain, and passwords in clear.
# MIT licence
"""A phone says the same list of strings over and over. A string is a marker, its size, and its
nibbles. Nibble k has value v and comes after nibble q: 593 + ((q ^ k & 15) << 4 | v).

There is no CRC. What makes a nibble certain: it is told by its own packet and again by the q of
the next one; two tellings have to agree, of one list or of two. The last nibble of a string and
its size are told once in a list, or the size twice in a row. A telling that contradicts is
believed, and then everything in the list has to be told again: the phone may have begun anew.

(spec: smartconfig.md 1.4)
"""

UNKNOWN = -1  # sizes
ABSENT = -2  # there is no such string in the list

_IV = b"\x01\x03\x19\xd2\xb1\x51\xf2\x09\x70\x61\xc3\xcb\x30\x7d\x00"  # and a block's number


class Part:
    """One string of the list, and how much of it is certain.

    markers: lengths that announce it. least, most: bytes that it may have. optional: some
    lists do without it.

    What tells it something gets True if that made it certain, None if it contradicts.
    """

    def __init__(self, markers, least, most, optional=False):
        self.markers = markers
        self.least = least
        self.most = most
        self.optional = optional
        self.times = 2  # that a size or a nibble has to be told
        self._nibbles = bytearray(2 * most)  # how often it was told << 4 | value
        self.forget()

    def forget(self):
        """As if nothing was heard."""
        self.marker = 0  # of the markers, the one that was heard
        self.size = UNKNOWN
        self._sized = 0  # how often that was told
        for k in range(len(self._nibbles)):
            self._nibbles[k] = 0

    def doubt(self):
        """All has to be told again."""
        self._sized = min(self._sized, 1)
        for k in range(len(self._nibbles)):
            if self._nibbles[k] > 0x1F:
                self._nibbles[k] = self._nibbles[k] & 15 | 16

    def announced(self, marker):
        """One of its markers was heard."""
        contradicts = self.marker and marker != self.marker
        self.marker = marker
        if self.size == ABSENT:
            contradicts = True
            self.size, self._sized = UNKNOWN, 0
        return None if contradicts else False

    def sized(self, size):
        """Its size was told, or that it is ABSENT."""
        told = self._sized
        if told and size != self.size:
            self.size, self._sized = size, 1
            return None
        self.size, self._sized = size, min(told + 1, self.times)
        return told < self._sized == self.times

    def told(self, k, value):
        """Nibble k was told."""
        count = self._nibbles[k] >> 4
        if count and self._nibbles[k] & 15 != value:
            self._nibbles[k] = 16 | value
            return None
        if count < self.times:
            self._nibbles[k] = count + 1 << 4 | value
        return count + 1 == self.times

    def sure(self, k):
        """Nibble k, -1 if it is not certain."""
        return self._nibbles[k] & 15 if self._nibbles[k] >> 4 >= self.times else -1

    def complete(self):
        """Is all of it certain?"""
        if self._sized < self.times:
            return False
        for k in range(2 * self.size):
            if self._nibbles[k] >> 4 < self.times:
                return False
        return True

    def text(self):
        """Its bytes, once it is complete."""
        nibbles = self._nibbles
        return bytes(
            (nibbles[k] & 15) << 4 | nibbles[k + 1] & 15 for k in range(0, 2 * self.size, 2)
        )


def decrypt(key, data, first=1):
    """A password's part of generation 1 or 2, in clear; None if the key is not the one.

    key: of 16 bytes. first: the number of the first block.
    """
    from . import cipher

    blocks = (
        cipher.ofb(key, _IV + bytes((first + i // 16,)), data[i : i + 16])
        for i in range(0, len(data), 16)
    )
    return unpack(b"".join(blocks))


def unpack(data):
    """The password in decrypted blocks, or None: they were encrypted with another key.

    It comes with its length before it and zeros after it. Where it takes all of 32 bytes, it
    comes alone. What is no text is no password: this is all there is to know a key by.
    """
    if len(data) % 16:
        return None
    if data:
        size = data[0]
        if size < len(data) and not any(data[size + 1 :]):
            data = data[1 : size + 1]
        elif len(data) != 32:
            return None
    return data if is_text(data) else None


def is_text(data):
    """May somebody have typed these bytes? Encrypted ones, hardly ever."""
    try:
        str(data, "utf-8")
    except UnicodeError:
        return False
    for byte in data:
        if byte < 32 or byte == 127:
            return False
    return True
