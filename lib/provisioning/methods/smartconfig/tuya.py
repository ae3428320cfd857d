# Tuya EZ, the half of it that is broadcast.
# MIT licence
#
# After 1, 3, 6, 10, again and again, which is the sync: the length of the text and its CRC as four
# nibbles, and the text in groups; this is repeated, and between there are packets to groups. The
# text is: length of the password, password, length of the token, token, SSID. The last group is
# filled up with zeros. spec/smartconfig.md 1.5.

from micropython import const

from .crc import crc8
from .groups import Groups
from .heard import Heard
from .nibbles import Nibbles
from .whole import whole

_MAX_SSID = const(32)
_MAX_KEY = const(64)
_MAX_GROUPS = const(32)


class Decoder:
    """Of one stream; see air.py. The token, region and secret of Tuya's cloud, is in `extra`."""

    def __init__(self, key):
        self._groups = Groups(_MAX_GROUPS)
        self._size = Nibbles(1, 4)
        self._said = None

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when the text is complete, and again if it changes."""
        groups = self._groups
        news = False
        if group < 0 and 0x80 <= length < 0x200:
            groups.feed(length, sequence)
        else:
            groups.foreign()
            if group < 0 and 0x10 <= length < 0x80:
                news = self._size.feed(length, sequence, 1)
        if news or groups.news:
            groups.news = False
            return self._complete()
        return None

    def _complete(self):
        size = self._size.pair(0)
        if not self._size.complete or crc8((size,)) != self._size.pair(2):
            return None
        if not 3 <= size <= 4 * _MAX_GROUPS:
            return None
        self._groups.expect(size, False)
        text = whole(self._groups, size, _fits)
        if not text or text == self._said:
            return None
        self._said = text
        count = text[0]
        ssid = 2 + count + text[1 + count]
        heard = Heard("tuya_ez", text[ssid:], text[1 : 1 + count])
        heard.extra = text[2 + count : ssid]
        return heard


def _fits(text, _):
    count = text[0]
    if count > _MAX_KEY or 2 + count >= len(text):
        return False
    ssid = len(text) - 2 - count - text[1 + count]
    return 0 < ssid <= _MAX_SSID
