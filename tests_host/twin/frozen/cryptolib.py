# AES as boards have it: Debian removed the sources with which MicroPython would.
# MIT licence
"""cryptolib of a twin, frozen into it: aes(key, mode[, IV]), mode 1 is ECB and 2 CBC, keys of 16
or 32 bytes. Slow, and no protection for anybody's secrets."""

from micropython import const

_ECB = const(1)
_CBC = const(2)


def _sbox():
    # Powers of 3 run through all bytes but 0; the inverse of 3 ** i is 3 ** (255 - i).
    powers = bytearray(256)
    value = 1
    for i in range(255):
        powers[i] = value
        value ^= _double(value)
    powers[255] = 1
    box = bytearray(256)
    box[0] = 0x63
    for i in range(255):
        inverse = powers[255 - i]
        rotated = inverse * 0x101
        box[powers[i]] = (
            0x63 ^ inverse ^ rotated >> 4 ^ rotated >> 5 ^ rotated >> 6 ^ rotated >> 7
        ) & 0xFF
    return box


def _double(value):
    value <<= 1
    return value ^ 0x11B if value & 0x100 else value


def _times(value, factor):
    product = 0
    while factor:
        if factor & 1:
            product ^= value
        value = _double(value)
        factor >>= 1
    return product


_BOX = _sbox()
_INVERSE = bytearray(256)
for _i in range(256):
    _INVERSE[_BOX[_i]] = _i
_FORTH = (2, 3, 1, 1)
_BACK = (14, 11, 13, 9)


def _expand(key):
    keys = bytearray(key)
    size = len(key)
    constant = 1
    while len(keys) < 16 * (_rounds(key) + 1):
        word = keys[-4:]
        if len(keys) % size == 0:
            word = bytes(_BOX[b] for b in word[1:] + word[:1])
            word = bytes((word[0] ^ constant,)) + word[1:]
            constant = _double(constant)
        elif len(keys) % size == 16:  # of a key of 32
            word = bytes(_BOX[b] for b in word)
        keys += bytes(a ^ b for a, b in zip(word, keys[-size : 4 - size]))
    return keys


def _rounds(key):
    return 6 + len(key) // 4


def _mix(block, factors):
    mixed = bytearray(16)
    for at in range(0, 16, 4):
        for row in range(4):
            for k in range(4):
                mixed[at + row] ^= _times(block[at + k], factors[(k - row) & 3])
    return mixed


def _shift(block, box, step):
    return bytearray(box[block[(i + step * (i & 3) * 4) & 15]] for i in range(16))


class aes:
    """One object encrypts or decrypts, not both."""

    def __init__(self, key, mode, iv=None):
        if mode not in (_ECB, _CBC):
            raise ValueError("mode")
        if mode == _CBC and (iv is None or len(iv) != 16):
            raise ValueError("IV")
        if len(key) not in (16, 32):
            raise ValueError("key")
        self._keys = _expand(key)
        self._rounds = _rounds(key)
        self._iv = bytes(iv) if mode == _CBC else None
        self._does = None

    def encrypt(self, data):
        return self._all(data, self._forth, True)

    def decrypt(self, data):
        return self._all(data, self._back, False)

    def _all(self, data, function, encrypts):
        if len(data) % 16:
            raise ValueError("blksize % 16")
        if self._does not in (None, encrypts):
            raise ValueError("can't encrypt & decrypt")
        self._does = encrypts
        done = b""
        for at in range(0, len(data), 16):
            block = data[at : at + 16]
            if self._iv is None:
                done += bytes(function(block))
            elif encrypts:
                self._iv = bytes(function(_xor(block, self._iv)))
                done += self._iv
            else:
                done += _xor(function(block), self._iv)
                self._iv = bytes(block)
        return done

    def _forth(self, block):
        block = self._add(block, 0)
        for number in range(1, self._rounds + 1):
            block = _shift(block, _BOX, 1)
            if number < self._rounds:
                block = _mix(block, _FORTH)
            block = self._add(block, number)
        return block

    def _back(self, block):
        for number in range(self._rounds, 0, -1):
            block = self._add(block, number)
            if number < self._rounds:
                block = _mix(block, _BACK)
            block = _shift(block, _INVERSE, -1)
        return self._add(block, 0)

    def _add(self, block, number):
        return bytearray(_xor(block, self._keys[16 * number : 16 * number + 16]))


def _xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))
