# protocomm's security 1: X25519, a proof of possession, AES in counter mode.
# MIT licence

import hashlib
import os

from micropython import const

from . import protobuf, x25519
from .ctr import Ctr
from .equal import equal
from .errors import Refused

# Sec1Payload: the kinds of message, which field has each.
_COMMAND0 = const(0)
_RESPONSE0 = const(1)
_COMMAND1 = const(2)
_RESPONSE1 = const(3)
_FIELD = const(20)


class Keys:
    """A key pair, made before anybody needs it: private, public (32 bytes each)."""

    def __init__(self, private=None):
        self.private = private or os.urandom(32)
        self.public = None

    async def make(self):
        """Work the public key out; at once if that was done."""
        if not self.public:
            self.public = await x25519.multiply(self.private)


class Security1:
    """The device's side of one session.

    pop: the proof of possession, bytes; empty: none is asked for. gate: see gate.py. keys: a Keys
    for this session alone. is_open: the client has proved that it knows pop.
    Source: Espressif's protocomm, security1.c and sec1.proto.
    """

    version = 1

    def __init__(self, pop, gate, keys, random=None):
        self._pop = pop
        self._gate = gate
        self._keys = keys
        self._random = random or os.urandom(16)
        self._client = self._stream = None
        self.is_open = False

    async def handshake(self, message):
        """Answer the Sec1Payload `message`. Refused: out of order, broken, or a wrong proof."""
        fields = protobuf.message(message)
        kind = fields.get(1, _COMMAND0)
        said = fields.get(_FIELD + kind)
        if self.is_open or not isinstance(said, bytes):
            raise Refused
        said = protobuf.message(said)
        if kind == _COMMAND0 and not self._stream:
            kind, answer = _RESPONSE0, await self._begin(said.get(1))
        elif kind == _COMMAND1 and self._stream:
            kind, answer = _RESPONSE1, await self._prove(said.get(2))
        else:
            raise Refused
        return protobuf.number(1, kind) + protobuf.data(_FIELD + kind, answer)

    async def _begin(self, client):
        if not isinstance(client, bytes) or len(client) != 32:
            raise Refused
        keys = self._keys
        await keys.make()
        try:
            key = await x25519.multiply(keys.private, client)
        except ValueError:
            raise Refused
        if self._pop:
            key = bytes(a ^ b for a, b in zip(key, hashlib.sha256(self._pop).digest()))
        self._client = client
        self._stream = Ctr(key, self._random)
        return protobuf.data(2, keys.public) + protobuf.data(3, self._random)

    async def _prove(self, proof):
        await self._gate.wait()
        proof = self._stream.apply(proof) if isinstance(proof, bytes) else b""
        if not equal(proof, self._keys.public):
            self._gate.wrong()
            raise Refused
        self._gate.right()
        self.is_open = True
        return protobuf.data(3, self._stream.apply(self._client))

    def encrypt(self, data):
        """What is said to the client, or by it."""
        return self._stream.apply(data)

    decrypt = encrypt
