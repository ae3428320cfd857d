# AES-128, as phones encrypt a password with it for SmartConfig.
# MIT licence
#
# Over MicroPython's cryptolib, which is loaded only here, and only when there is a key: so a
# firmware without it takes all that is sent in clear.

from micropython import const

BLOCK = const(16)
_ECB = const(1)
_CBC = const(2)


def ecb(key, data):
    """Undo ECB (CC3000). key: of 16 bytes; data: a multiple of BLOCK."""
    return _aes(key, _ECB).decrypt(data)


def cbc(key, iv, data):
    """Undo CBC (AirKiss, ESP-Touch v2). iv: of 16 bytes; data: a multiple of BLOCK."""
    return _aes(key, _CBC, iv).decrypt(data)


def ofb(key, iv, data):
    """Undo OFB, or do it (TI, generations 1 and 2); data: of any length."""
    # cryptolib has no OFB: the key stream is the IV, encrypted ever again.
    stream = _aes(key, _ECB)
    clear = bytearray(data)
    for i in range(len(clear)):
        if i % BLOCK == 0:
            iv = stream.encrypt(iv)
        clear[i] ^= iv[i % BLOCK]
    return bytes(clear)


def unpad(data):
    """Take the padding of PKCS#7 away. Returns None if there is none: another key, say."""
    count = data[-1] if data else 0
    if not 0 < count <= BLOCK or data[-count:] != bytes((count,)) * count:
        return None
    return data[:-count]


def _aes(key, mode, iv=None):
    if len(key) != BLOCK:
        raise ValueError("a SmartConfig key has 16 bytes")
    try:
        import cryptolib
    except ImportError:
        raise RuntimeError("this firmware has no cryptolib: take SmartConfig's key away")
    return cryptolib.aes(key, mode, iv) if iv else cryptolib.aes(key, mode)
