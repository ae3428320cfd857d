# TI SmartConfig of CC31xx and CC32xx: unicast to the gateway, a sync before each packet.
# MIT licence
"""A list: 1099 and the SSID, 1199 (in clear) or 1200 (encrypted) and the password; perhaps 1149
and extra data. Four lists at a time, the syncs of every other one tell the group.

What has to be heard: every size and every nibble twice, agreeing (ti.py). That there are no
extra data: 1099 at the end of the password, twice.

(spec: smartconfig.md 1.4 b)
"""

from micropython import const

from . import ti
from .heard import Heard
from .ti_list import List

_GENERATION_2 = const(1155)  # its marker of a password's second half


class Decoder:
    """See air.py. extra of what it hears: 3, a length, a device name; or nothing.

    The senders that there are cut an SSID short which is not ASCII, in a way that tells: so none
    of its lists is heard to the end.
    """

    def __init__(self, key):
        self._key = key
        self._ssid = ti.Part((1099,), 1, 32)
        self._password = ti.Part((1199, 1200), 0, 64)
        self._extra = ti.Part((1149,), 0, 64, True)
        self._list = List((self._ssid, self._password, self._extra), 1, 2)

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when all of it is certain, and it can be decrypted."""
        if length == _GENERATION_2:
            for part in self._list.parts:
                part.forget()  # else this hears half of a password
        if not self._list.feed(length, sequence):
            return None
        for part in self._list.parts:
            if not part.complete():
                return None
        password = self._password.text()
        if self._password.marker == 1200:
            password = ti.decrypt(self._key, password) if self._key else None
        if password is None:
            return None
        heard = Heard("ti_smartconfig_gen1", self._ssid.text(), password)
        heard.extra = self._extra.text()
        return heard
