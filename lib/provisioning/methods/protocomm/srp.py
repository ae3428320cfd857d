# SRP-6a, the device's side: it learns that a client knows the password, and a listener learns
# nothing. RFC 5054, and RFC 2945 for the proofs.
# MIT licence
#
# Not in constant time: Python's numbers have none (powers.py). Somebody who measures us over the
# air learns of a number that lives for one session.

import asyncio
import os

from micropython import const

from . import powers
from .sha512 import Sha512

_SALT = const(16)


class Group:
    """The numbers that both sides agree on. size: of each of them, in bytes.

    n, g: prime and generator. hash: as those of hashlib. k: H(n | g). mixed: H(n) XOR H(g).
    """

    def __init__(self, n, g, hash, k, mixed):
        self.n = int(n, 16)
        self.g = g
        self.size = len(n) // 2
        self.hash = hash
        self.k = int(k, 16)
        self.mixed = int(mixed, 16).to_bytes(len(mixed) // 2, "big")


def espressif():
    """The Group of security 2: 3072 bits (RFC 5054 appendix A) and SHA-512."""
    return Group(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
        "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
        "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
        "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
        "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
        "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
        "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
        "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
        "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
        5,
        Sha512,
        # Both could be worked out from n and g: 15 blocks of SHA-512, 8 ms on a PC.
        "A9C2E2559BF0EBB53F0CBBF62282906BEDE7F2182F00678211FBD5BDE5B28503"
        "3A4993503B87397F9BE5EC02080FEDBC0835587AD039060879B8621E8C3659E0",
        "DAD76ED5365ED7BF6BBC1BFA050981458392BBD35A50335D03DB3C7535B261D1"
        "C902F2FFB8647125BD28CE966C066D5BE9B939216C6078B65889299C61624694",
    )


def fits(username, password):
    """Can every client prove these (bytes)? Espressif's own loses a hash's leading zero."""
    return Sha512(username + b":" + password).digest()[0] != 0


def salt():
    """A new salt. Its first byte is not zero: Espressif's client would lose it."""
    while True:
        made = os.urandom(_SALT)
        if made[0]:
            return made


async def verifier(username, password, salt, group=None):
    """What a device keeps instead of the password: g ** x, as bytes (RFC 5054 2.4).

    ValueError: fits() says no.
    """
    group = group or espressif()
    if not fits(username, password):
        raise ValueError
    x = group.hash(salt + group.hash(username + b":" + password).digest()).digest()
    return (await powers.of_small(group.g, x, group.n)).to_bytes(group.size, "big")


class Server:
    """The device in one session: make(), meet() the client, compare its proof with proofs().

    credentials: username, salt and verifier, bytes. b: its private number, 32 bytes.
    key: of the session, 64 bytes, after proofs().
    """

    def __init__(self, credentials, group=None, b=None):
        self.credentials = credentials
        self._group = group or espressif()
        self._b = b or os.urandom(32)
        self._making = asyncio.Lock()
        self._comb = None  # of the verifier
        self._public = None  # B
        self._client = self._u = None  # A, as it came, and what both hash to
        self.key = None

    async def make(self):
        """Do all that needs no client, which is half of the work; at once if that was done."""
        async with self._making:
            if not self._public:
                group, v = self._group, int.from_bytes(self.credentials.verifier, "big")
                self._comb = powers.Comb(v, len(group.mixed) * 8, group.n)
                await self._comb.make()
                self._public = await self._make_public(v)

    async def _make_public(self, v):
        group, b = self._group, self._b
        power = await powers.of_small(group.g, b, group.n)
        while True:
            public = ((group.k * v + power) % group.n).to_bytes(group.size, "big")
            if public[0]:
                self._b = b
                return public
            # Clients lose a leading zero, or refuse it: so another b, the next one.
            b = (int.from_bytes(b, "big") + 1).to_bytes(len(b), "big")
            power = power * group.g % group.n

    async def meet(self, client):
        """Take the client's public number A, bytes, with or without leading zeros.

        Returns ours, B. ValueError: an A with which everybody knows the secret (2.5.4).
        """
        group = self._group
        if len(client) > group.size or not int.from_bytes(client, "big") % group.n:
            raise ValueError
        await self.make()
        padded = bytes(group.size - len(client)) + client
        u = await self._hash(padded, self._public)
        if not any(u):
            raise ValueError
        self._client, self._u = client, u
        return self._public

    async def secret(self):
        """(A * v ** u) ** b: what both sides know now. Once: it frees its tables."""
        n = self._group.n
        power = await self._comb.power(self._u)
        self._comb = None
        return await powers.of(int.from_bytes(self._client, "big") * power % n, self._b, n)

    async def proofs(self):
        """(what the client has to send, what we answer to that): who knows the password has the
        same. They cover the username: whose is another has another proof."""
        own, client = self.credentials, self._client
        secret = (await self.secret()).to_bytes(self._group.size, "big")
        self.key = await self._hash(secret.lstrip(b"\0"))
        name = await self._hash(own.username)
        proof = await self._hash(self._group.mixed, name, own.salt, client, self._public, self.key)
        return proof, await self._hash(client, proof, self.key)

    async def _hash(self, *parts):
        hashed = self._group.hash()
        for part in parts:
            hashed.update(part)
            await asyncio.sleep(0)
        return hashed.digest()
