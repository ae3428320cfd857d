# SRP-6a beside RFC 5054's example, and where leading zeros get lost.
# MIT licence

import asyncio
import hashlib
from binascii import unhexlify

import fakes

# Each one once in a few hundred: found by trying, with this b.
USER, PASSWORD = b"wifiprov", b"abcd1234"
BAD_PASSWORD = b"abcd10"  # SHA-512("wifiprov:abcd10") begins with 0x00
SALT = bytes(range(1, 17))
B_KEY = bytes(range(32))
B_KEY_SHORT = B_KEY[:-1] + bytes((B_KEY[-1] + 164,))  # its B has 383 bytes
A_KEY = 1 << 255
A_KEY_SHORT = A_KEY + 68  # its A has 383 bytes
A_KEY_SHORT_SECRET = A_KEY + 262  # its S too
A_KEY_SHORT_PROOF = A_KEY + 494  # and its proof 63


def number(text):
    return int.from_bytes(data(text), "big")


def data(text):
    return unhexlify(text.replace(" ", ""))


def minimal(value):
    """The bytes of a number, or a number's bytes, without leading zeros."""
    if isinstance(value, int):
        value = value.to_bytes(384, "big")
    return value.lstrip(b"\0")


class Client:
    """The other side, by the book: with a plain pow(), and numbers without leading zeros."""

    def __init__(self, a=A_KEY + 1):
        from provisioning.methods.protocomm import srp

        self.group = srp.espressif()
        self.a = a
        self.public = minimal(pow(self.group.g, a, self.group.n))

    def meet(self, public, user=USER, password=PASSWORD):
        group = self.group
        x = int.from_bytes(sha512(SALT, sha512(user, b":", password)), "big")
        u = int.from_bytes(sha512(bytes(384 - len(self.public)), self.public, public), "big")
        base = int.from_bytes(public, "big") - group.k * pow(group.g, x, group.n)
        self.secret = pow(base % group.n, self.a + u * x, group.n)
        self.key = sha512(minimal(self.secret))
        self.proof = sha512(group.mixed, sha512(user), SALT, self.public, public, self.key)
        self.expected = sha512(self.public, self.proof, self.key)


def sha512(*parts):
    from provisioning.methods.protocomm.sha512 import Sha512

    hashed = Sha512()
    for part in parts:
        hashed.update(part)
    return hashed.digest()


async def server(b=B_KEY):
    from provisioning.methods.protocomm import srp
    from provisioning.methods.protocomm.credentials import Credentials

    known = await srp.verifier(USER, PASSWORD, SALT)
    return srp.Server(Credentials(USER, SALT, known), b=b)


async def both(a, b=B_KEY, user=USER, password=PASSWORD):
    """A client and a server, after their talk; and the server's proofs."""
    one, other = Client(a), await server(b)
    one.meet(await other.meet(one.public), user, password)
    return one, other, await other.proofs()


def agreed(one, other, proofs):
    assert proofs == (one.proof, one.expected)
    assert other.key == one.key


def raises(error, awaitable):
    async def tried():
        try:
            await awaitable
        except error:
            return True

    return tried()


def test_the_example_of_rfc_5054_appendix_b():
    n = (
        "EEAF0AB9ADB38DD69C33F80AFA8FC5E86072618775FF3C0B9EA2314C9C256576D674DF7496EA81D3383B4813"
        "D692C6E0E0D5D8E250B98BE48E495C1D6089DAD15DC7D7B46154D6B6CE8EF4AD69B15D4982559B297BCF1885"
        "C529F566660E57EC68EDBC3C05726CC02FD4CBF4976EAA9AFD5138FE8376435B9FC61D2FC0EB06E3"
    )
    v = (
        "7E273DE8696FFC4F4E337D05B4B375BEB0DDE1569E8FA00A9886D8129BADA1F1822223CA1A605B530E379BA4"
        "729FDC59F105B4787E5186F5C671085A1447B52A48CF1970B4FB6F8400BBF4CEBFBB168152E08AB5EA53D15C"
        "1AFF87B2B9DA6E04E058AD51CC72BFC9033B564E26480D78E955A5E29E7AB245DB2BE315E2099AFB"
    )
    a = (
        "61D5E490F6F1B79547B0704C436F523DD0E560F0C64115BB72557EC44352E8903211C04692272D8B2D1A5358"
        "A2CF1B6E0BFCF99F921530EC8E39356179EAE45E42BA92AEACED825171E1E8B9AF6D9C03E1327F44BE087EF0"
        "6530E69F66615261EEF54073CA11CF5858F0EDFDFE15EFEAB349EF5D76988A3672FAC47B0769447B"
    )
    b = (
        "BD0C61512C692C0CB6D041FA01BB152D4916A1E77AF46AE105393011BAF38964DC46A0670DD125B95A981652"
        "236F99D9B681CBF87837EC996C6DA04453728610D0C6DDB58B318885D7D82C7F8DEB75CE7BD4FBAA37089E6F"
        "9C6059F388838E7A00030B331EB76840910440B1B27AAEAEEB4012B7D7665238A8E3FB004B117B58"
    )
    s = (
        "B0DC82BABCF30674AE450C0287745E7990A3381F63B387AAF271A10D233861E359B48220F7C4693C9AE12B0A"
        "6F67809F0876E2D013800D6C41BB59B6D5979B5C00A172B4A2A5903A0BDCAF8A709585EB2AFAFA8F3499B200"
        "210DCC1F10EB33943CD67FC88A2F39A4BE5BEC4EC0A3212DC346D7E474B29EDE8A469FFECA686E5A"
    )
    b_key = data("E487CB59D31AC550471E81F00F6928E01DDA08E974A004F49E61F5D105284D20")
    salt = data("BEB25379D1A8581EB5A727673A2441EE")
    k = "7556AA045AEF2CDD07ABAF0F665C3E818913186F"

    async def main():
        from provisioning.methods.protocomm import srp
        from provisioning.methods.protocomm.credentials import Credentials

        group = srp.Group(n, 2, hashlib.sha1, k, "00" * 20)
        known = await srp.verifier(b"alice", b"password123", salt, group)
        assert known == data(v)
        one = srp.Server(Credentials(b"alice", salt, known), group, b_key)
        assert await one.meet(data(a)) == data(b)
        assert await one.secret() == number(s)

    fakes.run(main())


def test_constants_of_the_group():
    async def main():
        from provisioning.methods.protocomm import srp

        group = srp.espressif()
        n, g = group.n.to_bytes(384, "big"), group.g.to_bytes(384, "big")
        assert n[:8] == n[-8:] == b"\xff" * 8
        assert group.k == int.from_bytes(sha512(n, g), "big")
        assert group.mixed == bytes(one ^ other for one, other in zip(sha512(n), sha512(g)))

    fakes.run(main())


def test_both_sides_agree():
    async def main():
        agreed(*await both(A_KEY + 1))

    fakes.run(main())


def test_another_password_or_user_has_another_proof():
    async def main():
        for wrong in ({"password": b"abcd1235"}, {"user": b"wifiprow"}):
            one, other, proofs = await both(A_KEY + 1, **wrong)
            assert one.proof != proofs[0] and one.key != other.key

    fakes.run(main())


def test_a_salt_does_not_begin_with_0x00():
    async def main():
        from provisioning.methods.protocomm import srp

        made = [b"\0" + SALT[1:], SALT]
        original, srp.os = srp.os, fakes  # it asks for nothing but urandom
        fakes.urandom = lambda size: made.pop(0)
        try:
            assert srp.salt() == SALT
        finally:
            srp.os = original
            del fakes.urandom

    fakes.run(main())


def test_credentials_whose_hash_begins_with_0x00_are_refused():
    async def main():
        from provisioning.methods.protocomm import credentials, srp

        assert sha512(USER, b":", BAD_PASSWORD)[0] == 0
        assert not srp.fits(USER, BAD_PASSWORD)
        assert srp.fits(USER, PASSWORD)
        assert await raises(ValueError, credentials.of(USER, BAD_PASSWORD))

    fakes.run(main())


def test_a_b_of_383_bytes_is_made_again():
    async def main():
        from provisioning.methods.protocomm import srp

        group = srp.espressif()
        known = int.from_bytes(await srp.verifier(USER, PASSWORD, SALT), "big")
        power = pow(group.g, int.from_bytes(B_KEY_SHORT, "big"), group.n)
        assert len(minimal((group.k * known + power) % group.n)) == 383
        one, other, proofs = await both(A_KEY + 1, B_KEY_SHORT)
        agreed(one, other, proofs)
        assert len(minimal(await (await server(B_KEY_SHORT)).meet(one.public))) == 384

    fakes.run(main())


def test_an_a_of_383_bytes():
    async def main():
        one, other, proofs = await both(A_KEY_SHORT)
        assert len(one.public) == 383
        agreed(one, other, proofs)

    fakes.run(main())


class Gate:
    """One at which nobody has to wait."""

    async def wait(self):
        pass

    wrong = right = lambda self: None


def test_a_proof_of_63_bytes():
    async def main():
        from provisioning.methods.protocomm import protobuf, security2

        one, other = Client(A_KEY_SHORT_PROOF), await server()
        device = security2.Security2(other.credentials, Gate(), other)
        said = await device.handshake(protobuf.data(20, protobuf.data(2, one.public)))
        said = protobuf.message(protobuf.message(said)[21])
        assert said[3] == SALT
        one.meet(said[2])
        proof = minimal(one.proof)
        assert len(proof) == 63
        command = protobuf.number(1, 2) + protobuf.data(22, protobuf.data(1, proof))
        said = protobuf.message(protobuf.message(await device.handshake(command))[23])
        assert said[2] == one.expected and len(said[3]) == 12
        assert device.is_open

    fakes.run(main())


def test_an_s_of_383_bytes():
    async def main():
        one, other, proofs = await both(A_KEY_SHORT_SECRET)
        assert len(minimal(one.secret)) == 383
        agreed(one, other, proofs)

    fakes.run(main())


def test_an_a_that_gives_the_secret_away_is_refused():
    async def main():
        one = await server()
        n = Client().group.n
        for public in (b"", b"\0", bytes(384), n.to_bytes(384, "big"), bytes(385), b"\1" * 385):
            assert await raises(ValueError, one.meet(public)), len(public)

    fakes.run(main())


def test_others_have_their_turn_meanwhile():
    async def main():
        turns = 0

        async def count():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        one = await server()
        before = turns
        await one.meet(Client().public)
        # 651 multiplications before the answer, 8 at once; and 582 after it, 5 or 8 at once.
        assert turns - before >= 80
        before = turns
        await one.proofs()
        assert turns - before >= 100
        counting.cancel()

    fakes.run(main())
