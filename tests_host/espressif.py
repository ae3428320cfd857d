# An app of Espressif's kind, with our own cryptography: what it sends, and what it understands.
# MIT licence
#
# It is for what needs a board's heap or the simulation's clock. Espressif's own client is in
# pc/test_protocomm_client.py.

import hashlib
from binascii import hexlify

CLIENT_KEY = bytes(range(32))


class App:
    """send: a coroutine function, (endpoint, data) -> answer, None when there is none."""

    security = 1

    def __init__(self, send, pop=b"abcd1234"):
        self._send = send
        self._pop = pop
        self._stream = None

    async def shake(self):
        """The handshake of security 1. Did the device take it?"""
        from provisioning.methods.protocomm import protobuf, x25519
        from provisioning.methods.protocomm.ctr import Ctr

        public = await x25519.multiply(CLIENT_KEY)
        said = await self._say(0, 20, protobuf.data(1, public))
        if said is None:
            return False
        device, random = said[2], said[3]
        key = await x25519.multiply(CLIENT_KEY, device)
        key = bytes(a ^ b for a, b in zip(key, hashlib.sha256(self._pop).digest()))
        self._stream = Ctr(key, random)
        said = await self._say(2, 22, protobuf.data(2, self._stream.apply(device)))
        return said is not None and self._stream.apply(said[3]) == public

    async def _say(self, kind, field, content):
        # One command of the handshake; the fields of the response, or None.
        from provisioning.methods.protocomm import protobuf

        payload = protobuf.number(1, kind) + protobuf.data(field, content)
        place = 10 + self.security
        head = protobuf.number(2, self.security)
        said = await self._send("prov-session", head + protobuf.data(place, payload))
        if said is None:
            return None
        said = protobuf.message(protobuf.message(said)[place])
        assert said[1] == kind + 1
        return protobuf.message(said[field + 1])

    async def ask(self, endpoint, request):
        """Say something over the session that is open. Returns the answer in hex, or None."""
        said = await self._send(endpoint, self._encrypt(request))
        return said if said is None else hexlify(self._decrypt(said)).decode()

    def _encrypt(self, data):
        return self._stream.apply(data)

    _decrypt = _encrypt

    async def hand_over(self, ssid, key):
        """Set a network and apply it. Returns both answers in hex."""
        from provisioning.methods.protocomm import protobuf

        network = protobuf.data(1, ssid) + protobuf.data(2, key)
        said = await self.ask("prov-config", b"\x08\x02" + protobuf.data(12, network))
        return said, await self.ask("prov-config", b"\x08\x04\x72\x00")


class App2(App):
    """The same of security 2, whose password is the proof of possession."""

    security = 2

    async def shake(self):
        from provisioning.methods.protocomm import protobuf, srp
        from provisioning.methods.protocomm.gcm import Gcm
        from provisioning.methods.protocomm.sha512 import Sha512

        def hashed(*parts):
            made = Sha512()
            for part in parts:
                made.update(part)
            return made.digest()

        group, user = srp.espressif(), b"wifiprov"
        a = int.from_bytes(CLIENT_KEY, "big")
        public = pow(group.g, a, group.n).to_bytes(384, "big")
        said = await self._say(0, 20, protobuf.data(1, user) + protobuf.data(2, public))
        if said is None:
            return False
        device, salt = said[2], said[3]
        x = int.from_bytes(hashed(salt, hashed(user, b":", self._pop)), "big")
        u = int.from_bytes(hashed(public, device), "big")
        base = int.from_bytes(device, "big") - group.k * pow(group.g, x, group.n)
        secret = pow(base % group.n, a + u * x, group.n)
        key = hashed(secret.to_bytes(384, "big").lstrip(b"\0"))
        proof = hashed(group.mixed, hashed(user), salt, public, device, key)
        said = await self._say(2, 22, protobuf.data(1, proof))
        if said is None or said[2] != hashed(public, proof, key):
            return False
        self._stream, self._nonce = Gcm(key[:32]), said[3]
        return True

    def _next_nonce(self):
        nonce = self._nonce
        count = int.from_bytes(nonce[8:], "big") + 1
        self._nonce = nonce[:8] + count.to_bytes(4, "big")
        return nonce

    def _encrypt(self, data):
        return self._stream.encrypt(self._next_nonce(), data)

    def _decrypt(self, data):
        return self._stream.decrypt(self._next_nonce(), data)


def refused(error):
    """Is it what a session refuses with? By its name: lib's modules come and go."""
    return type(error).__name__ == "Refused"


def app_of(client, kind=App, **how):
    """An app at a Client of core.py, without a transport."""

    async def send(endpoint, data):
        try:
            said = await client.handle(endpoint, data)
            then, client.then = client.then, None
            if then:
                then()
            return said
        except Exception as error:
            if not refused(error):
                raise
            return None

    return kind(send, **how)
