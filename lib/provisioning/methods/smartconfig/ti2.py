# TI SmartConfig of CC3x20 and CC3x35, that of SWRA513C: multicast, everything said twice or so.
# MIT licence
"""A list: 1099 and the SSID, 1199 (in clear) or 1200 (encrypted) and the first 32 bytes of the
password, 1155 and its rest, 1149 and extra data. Markers and sizes come twice, each packet
after a sync: 3, and 23 less the group, in turn.

What has to be heard: every size and every nibble twice, agreeing (ti.py). The rest of the
password only where the first part is full.

(spec: smartconfig.md 1.4 c)
"""

from micropython import const

from . import ti
from .heard import Heard
from .ti_list import List

_GROUP = const(0x0000EB)  # of 224.0.0.235


class Decoder:
    """See air.py. extra of what it hears: 3, a length, a device name; or nothing."""

    def __init__(self, key):
        self._key = key
        self._ssid = ti.Part((1099,), 1, 32)
        self._password = ti.Part((1199, 1200), 0, 32)
        self._rest = ti.Part((1155,), 0, 32)
        self._extra = ti.Part((1149,), 0, 64)
        self._list = List((self._ssid, self._password, self._rest, self._extra), 2, 2)
        self._grouped = False  # frames come with their group

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when all of it is certain, and it can be decrypted."""
        if group == _GROUP:
            self._grouped = True
        elif self._grouped:
            length = 0  # another group's, which counts nevertheless
        if not self._list.feed(length, sequence):
            return None
        if not (self._ssid.complete() and self._password.complete() and self._extra.complete()):
            return None
        password = self._clear(self._password, 1)
        if password is not None and len(password) == 32:
            rest = self._clear(self._rest, 3) if self._rest.complete() else None
            password = None if rest is None else password + rest
        if password is None:
            return None
        heard = Heard("ti_smartconfig_gen2", self._ssid.text(), password)
        heard.extra = self._extra.text()
        return heard

    def _clear(self, part, first):
        text = part.text()
        if self._password.marker != 1200:
            return text
        return ti.decrypt(self._key, text, first) if self._key else None
