# MicroPython's cryptolib for CPython: a thin face on the `cryptography` of PyPI.
# MIT licence
"""Where that is not installed, the tools for users (tools/smartconfig_*.py) do with the slow one
that is frozen into the twins."""

import importlib.util
from pathlib import Path

_FROZEN = Path(__file__).resolve().parents[1] / "twin/frozen/cryptolib.py"


def aes(key, mode, iv=None):
    """As on a board: mode 1 is ECB, 2 is CBC. One object encrypts or decrypts, not both."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        return frozen().aes(key, mode, iv)
    return _Aes(key, mode, iv)


def frozen():
    """The module of the twins."""
    spec = importlib.util.spec_from_file_location("frozen_cryptolib", _FROZEN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Aes:
    def __init__(self, key, mode, iv):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        if mode not in (1, 2):
            raise ValueError("mode")
        if mode == 2 and (iv is None or len(iv) != 16):
            raise ValueError("IV")
        if len(key) not in (16, 32):
            raise ValueError("key")
        kind = modes.CBC(bytes(iv)) if mode == 2 else modes.ECB()
        self._cipher = Cipher(algorithms.AES(bytes(key)), kind)
        self._does = ""
        self._context = None

    def encrypt(self, data):
        return self._run("encryptor", data)

    def decrypt(self, data):
        return self._run("decryptor", data)

    def _run(self, does, data):
        if len(data) % 16:
            raise ValueError("blksize % 16")
        if self._does not in ("", does):
            raise ValueError("can't encrypt & decrypt")
        if not self._context:
            self._does, self._context = does, getattr(self._cipher, does)()
        return self._context.update(bytes(data))
