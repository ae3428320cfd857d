# protocomm's security 2: SRP-6a, AES in Galois/counter mode.
# MIT licence

import os

from micropython import const

from . import protobuf, srp
from .equal import equal
from .errors import Refused
from .gcm import Gcm

# Sec2Payload: the kinds of message that a client sends, which field has each. Answers: one more.
_COMMAND0 = const(0)
_COMMAND1 = const(2)
_FIELD = const(20)

_KEY = const(32)  # of what SRP gives
_PROOF = const(64)
_COUNTS = const(4)  # bytes at the end of a nonce


class Security2:
    """The device's side of one session.

    credentials: see credentials.py. gate: see gate.py. server: a srp.Server of these credentials
    for this session alone, if one was made before. is_open: the client knows the password.
    Source: Espressif's protocomm, security2.c and sec2.proto; "sec_patch_ver" 1.
    """

    version = 2

    def __init__(self, credentials, gate, server=None):
        self._salt = credentials.salt
        self._gate = gate
        self._server = server or srp.Server(credentials)
        self._expected = _COMMAND0
        self._cipher = self._nonce = None
        self.is_open = False

    async def handshake(self, message):
        """Answer the Sec2Payload `message`. Refused: out of order, broken, or a wrong proof."""
        try:
            fields = protobuf.message(message)
            kind = fields.get(1, _COMMAND0)
            expected, self._expected = self._expected, None  # of each only one try
            if kind != expected:
                raise Refused
            said = protobuf.message(_bytes(fields, _FIELD + kind))
            answer = await (self._begin(said) if kind == _COMMAND0 else self._prove(said))
        except ValueError:
            raise Refused
        return protobuf.number(1, kind + 1) + protobuf.data(_FIELD + kind + 1, answer)

    async def _begin(self, said):
        # Whom it calls itself does not matter: the proof tells.
        public = await self._server.meet(_bytes(said, 2))
        self._expected = _COMMAND1
        return protobuf.data(2, public) + protobuf.data(3, self._salt)

    async def _prove(self, said):
        proof = _bytes(said, 1)
        if len(proof) > _PROOF:
            raise Refused
        proof = bytes(_PROOF - len(proof)) + proof  # clients lose leading zeros
        server, self._server = self._server, None
        wanted, ours = await server.proofs()
        await self._gate.wait()
        if not equal(proof, wanted):
            self._gate.wrong()
            raise Refused
        self._gate.right()
        self._cipher = Gcm(server.key[:_KEY])
        self._nonce = os.urandom(8) + b"\0\0\0\1"
        self.is_open = True
        return protobuf.data(2, ours) + protobuf.data(3, self._nonce)

    def decrypt(self, data):
        """What the client says. Refused: it was changed on its way, or was said before."""
        try:
            return self._cipher.decrypt(self._next_nonce(), data)
        except ValueError:
            self.is_open = False
            raise Refused

    def encrypt(self, data):
        """What is said to the client."""
        return self._cipher.encrypt(self._next_nonce(), data)

    def _next_nonce(self):
        # Both directions count together, and never begin again.
        nonce = self._nonce
        count = int.from_bytes(nonce[-_COUNTS:], "big") + 1
        if count >> 32:
            raise Refused
        self._nonce = nonce[:-_COUNTS] + count.to_bytes(_COUNTS, "big")
        return nonce


def _bytes(fields, number):
    value = fields.get(number)
    if not isinstance(value, bytes):
        raise ValueError
    return value
