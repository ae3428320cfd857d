# Security 2 beside Espressif's own client, esp-rainmaker-cli, and AES beside `cryptography`.
# MIT licence

import hashlib
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

import fakes
from conftest import CI

USER, PASSWORD = "wifiprov", "abcd1234"
SALT = bytes(range(1, 17))
ZERO_SALT = b"\0" + SALT[1:]
BAD_PASSWORD = "abcd10"  # SHA-512("wifiprov:abcd10") begins with 0x00


@pytest.fixture(scope="module")
def espressif():
    """The module of Espressif's client for security 2."""
    try:
        from rmaker_tools.common.security import security2
    except ImportError as error:
        (pytest.fail if CI else pytest.skip)(f"esp-rainmaker-cli: {error}")
    return security2


class Gate:
    """A gate that is open, and writes down who came through: gate.py."""

    def __init__(self):
        self.came = []

    async def wait(self):
        self.came.append("wait")

    def right(self):
        self.came.append("right")

    def wrong(self):
        self.came.append("wrong")


class Talk:
    """One client of Espressif's, one Security2 of ours, and no transport."""

    def __init__(self, client, device):
        self.client = client
        self.device = device

    async def step(self, last=""):
        """The client's next message, and the device's answer."""
        from provisioning.methods.protocomm import protobuf

        said = protobuf.message(self.client.security2_session(last).encode("latin-1"))
        assert said[2] == 2
        answer = protobuf.data(12, await self.device.handshake(said[12]))
        return (protobuf.number(2, 2) + answer).decode("latin-1")

    async def shake(self):
        """The whole handshake, at whose end each knows that the other knows the password."""
        answer = await self.step(await self.step())
        assert self.client.security2_session(answer) is None

    def ask(self, request, answer):
        """A request and an answer, through both ciphers."""
        assert self.device.decrypt(self.client.encrypt_data(request)) == request
        assert self.client.decrypt_data(self.device.encrypt(answer)) == answer


def known_to_the_device(salt=SALT, password=PASSWORD):
    """The credentials as a product's maker makes them, with the numbers of CPython."""
    from provisioning.methods.protocomm import srp
    from provisioning.methods.protocomm.credentials import Credentials

    group = srp.espressif()
    inner = hashlib.sha512(f"{USER}:{password}".encode()).digest()
    x = int.from_bytes(hashlib.sha512(salt + inner).digest(), "big")
    verifier = pow(group.g, x, group.n).to_bytes(group.size, "big")
    return Credentials(USER.encode(), salt, verifier)


def talk(espressif, user=USER, password=PASSWORD, credentials=None):
    from provisioning.methods.protocomm.security2 import Security2

    client = espressif.Security2(1, user, password, False)
    return Talk(client, Security2(credentials or known_to_the_device(), Gate()))


def refuses():
    """A block that ends with Refused, which tells nothing."""
    from provisioning.methods.protocomm.errors import Refused

    return pytest.raises(Refused, match=r"^$")


def test_the_right_password(espressif):
    async def main():
        one = talk(espressif)
        assert not one.device.is_open
        await one.shake()
        assert one.device.is_open
        assert one.device._gate.came == ["wait", "right"]
        for size in (0, 1, 16, 100, 1000):
            one.ask(os.urandom(size), os.urandom(size))

    fakes.run(main())


def test_credentials_that_the_board_made(espressif):
    async def main():
        from provisioning.methods.protocomm import credentials

        for password in (PASSWORD, "grüße", ""):
            made = await credentials.of(USER.encode(), password.encode())
            one = talk(espressif, password=password, credentials=made)
            await one.shake()
            one.ask(b"request", b"answer")

    fakes.run(main())


@pytest.mark.parametrize("wrong", [{"password": "abcd1235"}, {"user": "wifiprow"}, {"user": ""}])
def test_a_wrong_password_and_a_wrong_user_look_the_same(espressif, wrong):
    async def main():
        one = talk(espressif, **wrong)
        first = await one.step()
        assert len(first) == len(await talk(espressif).step())
        with refuses():
            await one.step(first)
        assert one.device._gate.came == ["wait", "wrong"]
        assert not one.device.is_open

    fakes.run(main())


def test_after_a_wrong_proof_the_right_one_is_too_late(espressif):
    async def main():
        from provisioning.methods.protocomm import protobuf

        one = talk(espressif)
        one.client.security2_session(await one.step())
        right = one.client.client_pop_key
        for proof in (bytes(64), right):
            message = protobuf.number(1, 2) + protobuf.data(22, protobuf.data(1, proof))
            with refuses():
                await one.device.handshake(message)
        assert not one.device.is_open

    fakes.run(main())


@pytest.mark.parametrize("place", [0, 5, -16, -1])
def test_a_tampered_message_is_refused(espressif, place):
    async def main():
        one = talk(espressif)
        await one.shake()
        one.ask(b"request", b"answer")
        bad = bytearray(one.client.encrypt_data(b"forget all"))
        bad[place] ^= 1
        with refuses():
            one.device.decrypt(bytes(bad))
        assert not one.device.is_open

    fakes.run(main())


def test_a_replayed_message_is_refused(espressif):
    async def main():
        one = talk(espressif)
        await one.shake()
        said = one.client.encrypt_data(b"request")
        assert one.device.decrypt(said) == b"request"
        with refuses():
            one.device.decrypt(said)

    fakes.run(main())


def test_a_nonce_is_never_used_twice(espressif):
    async def main():
        one = talk(espressif)
        await one.shake()
        one.device._nonce = one.device._nonce[:8] + b"\xff\xff\xff\xfe"
        assert one.device.encrypt(b"the last")
        with refuses():
            one.device.encrypt(b"one more")
        with refuses():
            one.device.encrypt(b"and more")

    fakes.run(main())


@pytest.mark.parametrize(
    ("salt", "password"), [(ZERO_SALT, PASSWORD), (SALT, BAD_PASSWORD)], ids=["salt", "hash"]
)
def test_why_0x00_is_avoided_espressifs_client_loses_it(espressif, salt, password):
    async def main():
        credentials = known_to_the_device(salt, password)
        one = talk(espressif, password=password, credentials=credentials)
        with refuses():
            await one.shake()

    fakes.run(main())


def test_leading_zeros_by_chance(espressif):
    """Many sessions: once in 256 A, the proof or S is short, in each of them."""

    async def main():
        for _ in range(40):
            await talk(espressif).shake()

    fakes.run(main())


@pytest.mark.long
@pytest.mark.timeout(300)
def test_leading_zeros_by_chance_in_hundreds_of_sessions(espressif):
    async def main():
        for _ in range(500):
            await talk(espressif).shake()

    fakes.run(main())


def commands():
    """Messages that are nearly right, and such that are not."""
    number = st.integers(0, 40)
    content = st.binary(max_size=400)

    def field(number, value):
        from provisioning.methods.protocomm import protobuf

        if isinstance(value, int):
            return protobuf.number(number, value)
        return protobuf.data(number, value)

    plain = st.builds(field, number, st.one_of(content, st.integers(0, 2**64 - 1)))
    said = st.one_of(content, plain, st.builds(field, st.integers(1, 2), content))
    payload = st.builds(field, st.sampled_from([20, 21, 22, 23]), said)
    kind = st.builds(field, st.just(1), st.one_of(st.sampled_from([0, 1, 2, 3]), content))
    whole = st.builds(
        lambda *parts: b"".join(parts), kind, payload, st.one_of(st.just(b""), plain)
    )
    return st.one_of(st.binary(max_size=500), whole)


@pytest.mark.timeout(900)  # a proof that is looked at takes 0.05 s
@given(st.lists(commands(), min_size=1, max_size=3), st.booleans())
def test_fuzzed_handshakes_are_refused(messages, met):
    async def main():
        from provisioning.methods.protocomm import protobuf
        from provisioning.methods.protocomm.errors import Refused
        from provisioning.methods.protocomm.security2 import Security2

        device = Security2(known_to_the_device(), Gate())
        if met:
            client = protobuf.data(1, b"wifiprov") + protobuf.data(2, b"\x01" * 384)
            await device.handshake(protobuf.data(20, client))
        for message in messages:
            try:
                await device.handshake(message)
            except Refused:
                pass
            assert not device.is_open

    fakes.run(main())


@given(
    key=st.binary(min_size=32, max_size=32),
    nonce=st.binary(min_size=12, max_size=12),
    data=st.binary(max_size=300),
    beside=st.binary(max_size=40),
)
def test_gcm_as_cryptography(key, nonce, data, beside):
    from provisioning.methods.protocomm.gcm import Gcm

    expected = AESGCM(key).encrypt(nonce, data, beside)
    assert Gcm(key).encrypt(nonce, data, beside) == expected
    assert Gcm(key).decrypt(nonce, expected, beside) == data
