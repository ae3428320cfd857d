# EasyLink V2 of MXCHIP: each packet says where it belongs by its length, and two bytes by the
# group that it is sent to.
# MIT licence
#
# 239.126.a.b with a length of 20 + n, n = 0: the lengths of SSID and password; then the bytes of
# both, the length of what else there is, and that. 239.118.0.0 with 20 begins each list. There is
# no check of any kind: each packet has to be heard twice.

from micropython import const

from .heard import Heard

_FIRST = const(20)  # length of the first packet
_PACKETS = const(128)
_DATA = const(0x7E)  # second octet of the group, 126
_SURE = const(2)
_MOST = const(8)


class Decoder:
    """Of one stream: air.py feeds it."""

    def __init__(self, key):
        self._bytes = bytearray(2 * _PACKETS)
        self._votes = bytearray(_PACKETS)
        self._told = None

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard when all of it was heard twice."""
        n = length - _FIRST
        if group >> 16 != _DATA or not 0 <= n < _PACKETS:
            return None
        a, b = group >> 8 & 0xFF, group & 0xFF
        votes = self._votes
        if not votes[n] or self._bytes[2 * n] == a and self._bytes[2 * n + 1] == b:
            if votes[n] < _MOST:
                votes[n] += 1
        else:
            votes[n] -= 1
            if votes[n]:
                return None
            votes[n] = 1
        self._bytes[2 * n], self._bytes[2 * n + 1] = a, b
        return self._complete() if votes[n] == _SURE else None

    def _are_sure(self, count):
        for n in range(count):
            if self._votes[n] < _SURE:
                return False
        return True

    def _complete(self):
        data = self._bytes
        ssid, password = data[0], data[1]
        texts = 1 + (ssid + password + 1) // 2  # packets until here
        if not 0 < ssid <= 32 or password > 64 or not self._are_sure(texts + 1):
            return None
        rest = 2 * texts + 2
        info = data[rest - 2]
        if data[rest - 1] or rest + info > len(data):
            return None
        if not self._are_sure(texts + 1 + (info + 1) // 2):
            return None
        return self._tell(data[2 : 2 + ssid], data[2 + ssid :][:password], data[rest:][:info])

    def _tell(self, ssid, key, info):
        heard = Heard("easylink_v2", bytes(ssid), bytes(key))
        # It ends with "#" and the phone's address.
        if len(info) >= 5 and info[-5] == 0x23:
            heard.address = ".".join([str(n) for n in info[-4:]])
            info = info[:-5]
        heard.extra = bytes(info)
        told = self._told
        if told and (told.ssid, told.key, told.extra) == (heard.ssid, heard.key, heard.extra):
            return None
        self._told = heard
        return heard
