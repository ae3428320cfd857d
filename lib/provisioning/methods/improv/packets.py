# Improv's packets on a serial line: taken apart and put together.
# MIT licence
#
# IMPROV, version, type, length, data, checksum: the sum of all bytes before it. Source: Improv
# serial specification.

from micropython import const

STATE = const(1)
ERROR = const(2)
COMMAND = const(3)
RESULT = const(4)
_VERSION = const(1)
_HEADER = b"IMPROV\x01"
_HEADER_SUM = const(0xDD)  # of IMPROV
_MOST = const(255)  # bytes of data


class Packet:
    """The packet that comes in, from behind the header on; one buffer for all of them.

    is_whole: it is complete. is_valid: so is its checksum. is_foreign: it was none. type, data: a
    memoryview that the next packet overwrites.
    """

    def __init__(self):
        self._buffer = memoryview(bytearray(_MOST))
        self.begin()

    def begin(self):
        """A header was there."""
        self._place = self._sum = self._length = self.type = 0
        self.is_whole = self.is_valid = self.is_foreign = False

    @property
    def data(self):
        """What it carries."""
        return self._buffer[: self._length]

    def feed(self, byte):
        """Take the next byte. False when it was the last."""
        place = self._place
        if place == 0 and byte != _VERSION:
            self.is_foreign = True
            return False
        if place == 1:
            self.type = byte
        elif place == 2:
            self._length = byte
        elif place == 3 + self._length:
            self.is_whole = True
            self.is_valid = byte == (_HEADER_SUM + self._sum) & 0xFF
            return False
        elif place > 2:
            self._buffer[place - 3] = byte
        self._sum += byte
        self._place += 1
        return True


def packet(kind, data):
    """A packet with `data` (bytes), on a line of its own.

    The client's SDK looks for packets at the beginning of a line only.
    """
    body = _HEADER + bytes((kind, len(data))) + data
    return b"\n" + body + bytes((sum(body) & 0xFF,)) + b"\n"


def result(command, texts=()):
    """A result of `command`: texts as str or bytes. What does not fit is cut off."""
    data = bytearray((command, 0))
    for text in texts:
        text = text.encode() if isinstance(text, str) else text
        text = text[: _MOST - 1 - len(data)]
        data.append(len(text))
        data.extend(text)
        if len(data) >= _MOST:
            break
    data[1] = len(data) - 2
    return packet(RESULT, data)
