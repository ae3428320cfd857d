# AES-256-GCM beside the test cases 13 to 16 of McGrew and Viega, NIST's for 256 bits.
# MIT licence

from binascii import hexlify, unhexlify

import shim  # noqa: F401

KEY = unhexlify("feffe9928665731c6d6a8f9467308308" * 2)
NONCE = unhexlify("cafebabefacedbaddecaf888")
PLAIN = unhexlify(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
CIPHER = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
BESIDE = unhexlify("feedfacedeadbeeffeedfacedeadbeefabaddad2")
TAG_15 = "b094dac5d93471bdec1a502270e3cc6c"
TAG_16 = "76fc6ece0f4e1768cddf8853bb2d551b"


def check(key, nonce, plain, beside, expected):
    from provisioning.methods.protocomm.gcm import Gcm

    gcm = Gcm(key)
    assert hexlify(gcm.encrypt(nonce, plain, beside)).decode() == expected
    assert gcm.decrypt(nonce, unhexlify(expected), beside) == plain


def test_case_13_of_nothing():
    check(bytes(32), bytes(12), b"", b"", "530f8afbc74536b9a963b4f1c4cb738b")


def test_case_14_of_one_block():
    expected = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    check(bytes(32), bytes(12), bytes(16), b"", expected)


def test_case_15_of_whole_blocks():
    check(KEY, NONCE, PLAIN, b"", CIPHER + TAG_15)


def test_case_16_of_part_of_a_block_and_more_beside():
    check(KEY, NONCE, PLAIN[:60], BESIDE, CIPHER[:120] + TAG_16)


def test_a_changed_message_is_refused_before_it_is_decrypted():
    from provisioning.methods.protocomm import gcm

    decrypted = []

    class Watched(gcm.Ctr):
        def apply(self, data):
            decrypted.append(bytes(data))
            return super().apply(data)

    original, gcm.Ctr = gcm.Ctr, Watched
    try:
        good = unhexlify(CIPHER + TAG_15)
        for place in (0, 15, 16, 63, 64, 79):
            bad = bytearray(good)
            bad[place] ^= 1
            refused(gcm.Gcm(KEY), NONCE, bytes(bad))
        refused(gcm.Gcm(KEY), NONCE[:-1] + b"\0", good)
        refused(gcm.Gcm(KEY), NONCE, good, BESIDE)
        for length in (0, 1, 15, 16, 79):
            refused(gcm.Gcm(KEY), NONCE, good[:length])
        assert set(decrypted) == {bytes(16)}  # which is for the tag
    finally:
        gcm.Ctr = original


def refused(cipher, *arguments):
    try:
        cipher.decrypt(*arguments)
    except ValueError:
        return
    raise AssertionError("not refused")
