# AES in counter mode, out of the one that boards have: ECB. NIST SP 800-38A 6.5.
# MIT licence

from cryptolib import aes
from micropython import const

_ECB = const(1)
_BLOCK = const(16)


class Ctr:
    """One stream for a whole session: each byte, of either direction, moves it on.

    key: 32 bytes. counter: the first counter block, 16 bytes.
    """

    def __init__(self, key, counter):
        self._aes = aes(key, _ECB)
        self._counter = int.from_bytes(counter, "big")
        self._block = b""  # of the stream
        self._used = _BLOCK  # bytes of it

    def apply(self, data):
        """Encrypt, or decrypt: it is the same. Returns as many bytes."""
        done = bytearray(data)
        for place in range(len(done)):
            if self._used == _BLOCK:  # one at a time: a full heap has small pieces
                self._block = self._aes.encrypt(self._counter.to_bytes(_BLOCK, "big"))
                self._counter = (self._counter + 1) % (1 << 128)
                self._used = 0
            done[place] ^= self._block[self._used]
            self._used += 1
        return bytes(done)
