# SHA-512 beside the examples of FIPS 180-4; on CPython beside hashlib.
# MIT licence

import hashlib
from binascii import hexlify

import shim  # noqa: F401

ABC = (
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)
TWO_BLOCKS = (
    b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
    b"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
)
OF_TWO_BLOCKS = (
    "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
    "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
)
NOTHING = (
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
)

OF_HASHES = (
    "c79fb26cf5789bff90606813efe458597945502327f204831368d0814fa6d5c9"
    "c71d6299b1a70f3065aeb9ac548056b5fdf894191843cbf7c74f66ca16c1fa5e"
)


def sha512(*parts):
    from provisioning.methods.protocomm.sha512 import Sha512

    hashed = Sha512()
    for part in parts:
        hashed.update(part)
    return hexlify(hashed.digest()).decode()


def test_examples_of_fips_180_4():
    assert sha512(b"abc") == ABC
    assert sha512(TWO_BLOCKS) == OF_TWO_BLOCKS
    assert sha512(b"") == NOTHING


def test_in_pieces_of_any_size():
    data = bytes(range(251)) * 2
    whole = sha512(data)
    for size in (1, 63, 127, 128, 129, 256, 501):
        assert sha512(*(data[i : i + size] for i in range(0, len(data), size))) == whole, size


def test_digest_may_be_asked_in_between():
    from provisioning.methods.protocomm.sha512 import Sha512

    hashed = Sha512(b"a")
    assert hashed.digest() == hashed.digest()
    hashed.update(memoryview(b"bc"))
    assert hexlify(hashed.digest()).decode() == ABC


def test_lengths_about_the_end_of_a_block():
    # 112 to 127 bytes need one block more. The hash of the hashes is hashlib's.
    assert sha512(*(sha512(bytes(n)).encode() for n in range(108, 132))) == OF_HASHES


def test_every_length_as_hashlib():
    if not hasattr(hashlib, "sha512"):
        return  # no board has one
    for length in range(301):
        data = bytes(i * 7 & 255 for i in range(length))
        assert sha512(data) == hashlib.sha512(data).hexdigest(), length
