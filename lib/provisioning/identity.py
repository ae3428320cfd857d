# Who this board is: names, AP key, proof of possession. Made once, kept.
# MIT licence

import binascii
import os

import machine
from micropython import const

from . import store

_FILE = "identity"
_KEY_LENGTH = const(10)
_POP_LENGTH = const(8)
# 32 signs that cannot be taken for one another: no 0 and o, no 1 and l.
_SIGNS = "23456789abcdefghijkmnpqrstuvwxyz"


class Identity:
    """This board's identity.

    name: the device name (TI: URN), 1 to 32 bytes of UTF-8. ap_ssid, ap_key: of its own access
    point.
    pop: proof of possession for apps. Name and SSID are the prefix and three bytes of the chip's
    id, key and proof are random; all are made at the first start and stay until the file is
    deleted.
    """

    def __init__(self, prefix="micropython"):
        record = store.load(_FILE)
        if record is None:
            record = {"ap_key": _random(_KEY_LENGTH), "pop": _random(_POP_LENGTH)}
            try:
                store.save(_FILE, record)
            except OSError as error:
                print("provisioning: the board's keys are for now only:", error)
        self._record = record
        self.ap_ssid = prefix + "-" + binascii.hexlify(machine.unique_id()[-3:]).decode()
        self.ap_key = record["ap_key"]
        self.pop = record["pop"]

    @property
    def name(self):
        """The device name: what the user gave, else the AP's SSID."""
        return self._record.get("name", self.ap_ssid)

    def rename(self, name):
        """Give the board another name, 1 to 32 bytes of UTF-8. ValueError; OSError: flash full."""
        if not 1 <= len(name.encode()) <= 32:
            raise ValueError("a device name has 1 to 32 bytes")
        if name != self.name:
            record = dict(self._record, name=name)
            store.save(_FILE, record)
            self._record = record

    def __repr__(self):
        return "Identity(%r)" % self.name


def _random(length):
    return "".join(_SIGNS[byte & 31] for byte in os.urandom(length))
