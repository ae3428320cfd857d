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
        self._left = b""  # of the stream's last block

    def apply(self, data):
        """Encrypt, or decrypt: it is the same. Returns as many bytes."""
        stream = self._left
        missing = len(data) - len(stream)
        if missing > 0:
            stream += self._aes.encrypt(self._blocks((missing + _BLOCK - 1) // _BLOCK))
        self._left = stream[len(data) :]
        return bytes(one ^ other for one, other in zip(data, stream))

    def _blocks(self, count):
        blocks = bytearray(count * _BLOCK)
        for start in range(0, len(blocks), _BLOCK):
            blocks[start : start + _BLOCK] = self._counter.to_bytes(_BLOCK, "big")
            self._counter = (self._counter + 1) % (1 << 128)
        return blocks
