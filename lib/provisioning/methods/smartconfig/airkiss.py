# AirKiss: what WeChat and its many copies send, also with AES.
# MIT licence
#
# After the guides 1, 2, 3, 4, which are the sync, come 20 times the magic (length of the text, CRC
# of the SSID) and 20 times the prefix (length of the password and its CRC), each of them four
# nibbles. Then the text in groups, again and again: password, a byte that the phone wants to see
# again, SSID. spec/smartconfig.md 1.3.

from micropython import const

from . import cipher
from .crc import crc8
from .groups import Groups
from .heard import Heard
from .nibbles import Nibbles
from .whole import whole

_MAX_SSID = const(32)
_MAX_KEY = const(80)  # 64, encrypted
_MAX_GROUPS = const(29)
_MIN_NAME = const(2)


class Decoder:
    """Of one stream; see air.py. key: 16 bytes if the product has an AirKiss key, else None.

    names: SSIDs of the networks here, bytes; with them who comes too late for the heads need not
    wait for the next, which is up to 7 s.
    """

    names = ()

    def __init__(self, key=None):
        self._key = key
        self._groups = Groups(_MAX_GROUPS)
        self._heads = Nibbles(0, 8)  # magic and prefix
        self._guide = 4  # the last, and its sequence number
        self._guide_at = 0
        self._stride = 4  # least step of the sequence number that was seen from guide to guide
        self._said = None

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when the text is complete, and again if it changes."""
        groups = self._groups
        news = False
        if group >= 0 or not 0 <= length < 0x200:
            groups.foreign()
        elif length < 0x80:
            if length < 0x40:
                groups.foreign()
            else:
                groups.prefix(sequence)
            if length < 5:
                self._guided(length, sequence)
            news = self._heads.feed(length, sequence, groups.stride)
        else:
            groups.feed(length, sequence)
        if news or groups.news:
            groups.news = False
            return self._complete()
        return None

    def _guided(self, length, sequence):
        step = sequence - self._guide_at & 0xFFF
        if sequence >= 0 and length - self._guide == 1 and 0 < step < self._stride:
            self._groups.stride = self._stride = step
        self._guide = length
        self._guide_at = sequence

    def _complete(self):
        heads = self._heads
        if not heads.complete:
            return self._beheaded() if self.names else None
        size = heads.pair(0) & 0x7F  # 8 stands for 0
        key_size = self._key_size = heads.pair(4)
        if crc8((key_size,)) != heads.pair(6) or key_size > _MAX_KEY:
            return None
        if not 1 < size - key_size <= _MAX_SSID + 1:
            return None
        self._groups.expect(size)
        text = whole(self._groups, size, self._fits, key_size + 1)
        return self._heard(text, key_size, heads.pair(2)) if text else None

    def _beheaded(self):
        # Who comes late has all of the text, and nothing to tell where the SSID begins: but that
        # it is the name of a network here.
        text = whole(self._groups, self._groups.size(), _no_guess)
        if not text:
            return None
        text = text.rstrip(b"\0")
        found = b""
        for name in self.names:
            if len(found) < len(name) < len(text) and text.endswith(name):
                found = name
        key_size = len(text) - 1 - len(found)
        if (
            len(found) < _MIN_NAME
            or key_size > _MAX_KEY
            or not _text(text[:key_size])
            and not self._key
        ):
            return None
        return self._heard(text, key_size, -1)

    def _heard(self, text, key_size, ssid_crc):
        key = self._clear(text[:key_size], False)
        if key is None or (text, key) == self._said:
            return None
        self._said = text, key
        protocol = "airkiss" if key == text[:key_size] else "airkiss_aes"
        heard = Heard(protocol, text[key_size + 1 :], key, ssid_crc)
        heard.token = text[key_size]
        return heard

    def _fits(self, text, guessed):
        if crc8(text[self._key_size + 1 :]) != self._heads.pair(2):
            return False
        return not guessed or self._clear(text[: self._key_size], True) is not None

    def _clear(self, data, guessed):
        # The password, or None if it cannot be one.
        data = bytes(data)
        encrypted = data and len(data) % cipher.BLOCK == 0
        if encrypted and self._key:
            clear = cipher.unpad(cipher.cbc(self._key, self._key, data))
            if clear is not None:
                return clear
        return data if _text(data) or not (encrypted or guessed) else None


def _no_guess(_, guessed):
    return not guessed


def _text(data):
    # Whether somebody may have typed that.
    try:
        return all(char >= " " for char in data.decode())
    except UnicodeError:
        return False
