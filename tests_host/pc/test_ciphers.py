# AES of the twins, which have it in Python, beside a well-known one.
# MIT licence
import os
import sys

import pytest

from shim import ciphers


@pytest.fixture(scope="module")
def frozen():
    return ciphers.frozen()


@pytest.mark.parametrize("does", ["encrypt", "decrypt"])
@pytest.mark.parametrize("mode", [1, 2])
@pytest.mark.parametrize("size", [16, 32])
def test_the_same_as_cryptography(frozen, does, mode, size):
    for blocks in (1, 2, 5) * 10:
        key, iv, data = os.urandom(size), os.urandom(16), os.urandom(16 * blocks)
        words = (key, mode, iv) if mode == 2 else (key, mode)
        ours, theirs = frozen.aes(*words), ciphers.aes(*words)
        # In two pieces: the second goes on where the first ended.
        for piece in (data[:16], data[16:]):
            assert getattr(ours, does)(piece) == getattr(theirs, does)(piece)


@pytest.mark.parametrize("words", [(b"short", 1), (b"k" * 16, 3), (b"k" * 16, 2, b"iv")])
def test_the_same_refusals(frozen, words):
    for module in (frozen, ciphers):
        with pytest.raises(ValueError):
            module.aes(*words)


def test_one_object_does_one_thing(frozen):
    for module in (frozen, ciphers):
        aes = module.aes(b"k" * 16, 1)
        aes.encrypt(bytes(16))
        with pytest.raises(ValueError):
            aes.decrypt(bytes(16))
        with pytest.raises(ValueError):
            aes.encrypt(bytes(15))


def test_without_cryptography_there_is_another(frozen, monkeypatch):
    before = type(ciphers.aes(b"k" * 16, 1))
    monkeypatch.setitem(sys.modules, "cryptography", None)
    after = ciphers.aes(b"k" * 16, 1)
    assert type(after) is not before
    assert after.encrypt(bytes(16)) == frozen.aes(b"k" * 16, 1).encrypt(bytes(16))
