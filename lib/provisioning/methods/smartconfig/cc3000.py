# TI Smart Config of the CC3000, the first of all: unicast, syncs before a list only.
# MIT licence
"""A list: twenty syncs, 3 and 23 in turn; 1399 and the SSID, 1459 and the password.

What has to be heard: every size and every nibble twice, agreeing (ti.py).

(spec: smartconfig.md 1.4 a)
"""

from . import ti
from .heard import Heard
from .ti_list import List


class Decoder:
    """See air.py. Nothing in a list says that it is encrypted: 32 bytes that are no text are."""

    def __init__(self, key):
        self._key = key
        self._ssid = ti.Part((1399,), 1, 32)
        self._password = ti.Part((1459,), 0, 32)
        self._list = List((self._ssid, self._password), 1, 1, 20)

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when all of it is certain, and it can be decrypted."""
        if not self._list.feed(length, sequence):
            return None
        if not (self._ssid.complete() and self._password.complete()):
            return None
        password = self._password.text()
        if len(password) == 32 and not ti.is_text(password):
            password = self._decrypt(password)
        if password is None:
            return None
        return Heard("ti_cc3000_ftc", self._ssid.text(), password)

    def _decrypt(self, password):
        if not self._key:
            return None
        from . import cipher

        return ti.unpack(cipher.ecb(self._key, password))
