# AES in Galois/counter mode, out of the one that boards have: ECB. NIST SP 800-38D.
# MIT licence

from cryptolib import aes
from micropython import const

from .ctr import Ctr
from .equal import equal

_ECB = const(1)
_BLOCK = const(16)


class Gcm:
    """key: 32 bytes. A nonce has 12 bytes, and is never used twice."""

    def __init__(self, key):
        self._key = key
        self._times_h, self._carry = _tables(aes(key, _ECB).encrypt(bytes(_BLOCK)))

    def encrypt(self, nonce, data, beside=b""):
        """The encrypted data, and a tag of 16 bytes; `beside` is authenticated as well."""
        stream = self._stream(nonce)
        mask = stream.apply(bytes(_BLOCK))
        data = stream.apply(data)
        return data + self._tag(mask, data, beside)

    def decrypt(self, nonce, data, beside=b""):
        """Undo encrypt(). ValueError: that is not what encrypt() made; nothing was decrypted."""
        data, tag = data[:-_BLOCK], data[-_BLOCK:]
        stream = self._stream(nonce)
        if not equal(tag, self._tag(stream.apply(bytes(_BLOCK)), data, beside)):
            raise ValueError
        return stream.apply(data)

    def _stream(self, nonce):
        # Its first block hides the tag. 32 bits count here, and Ctr counts in 128: the same,
        # as long as no message has 64 GB.
        return Ctr(self._key, nonce + b"\0\0\0\1")

    def _tag(self, mask, data, beside):
        value = 0
        for part in (beside, data):
            for start in range(0, len(part), _BLOCK):
                block = part[start : start + _BLOCK]
                block += bytes(_BLOCK - len(block))
                value = self._product(value ^ int.from_bytes(block, "big"))
        value = self._product(value ^ (len(beside) << 67 | len(data) << 3))
        return (value ^ int.from_bytes(mask, "big")).to_bytes(_BLOCK, "big")

    def _product(self, value):
        # With H, four bits at a time. The first bit of a block is the lowest power of x (6.3).
        product, times_h, carry = 0, self._times_h, self._carry
        for byte in value.to_bytes(_BLOCK, "little"):
            product = product >> 4 ^ carry[product & 15] ^ times_h[byte & 15]
            product = product >> 4 ^ carry[product & 15] ^ times_h[byte >> 4]
        return product


def _tables(h):
    # Of each four bits: their product with H, and what they become when they are shifted out.
    times_h, carry = [0] * 16, [0] * 16
    h = int.from_bytes(h, "big")
    for bit in (8, 4, 2, 1):
        times_h[bit] = h
        h = _times_x(h)
    for bits in range(16):
        highest = 8
        while highest and not bits & highest:
            highest >>= 1
        if highest:
            times_h[bits] = times_h[highest] ^ times_h[bits ^ highest]
        carry[bits] = _times_x(_times_x(_times_x(_times_x(bits))))
    return times_h, carry


def _times_x(value):
    return value >> 1 ^ (0xE1 << 120 if value & 1 else 0)
