# protocomm without a transport: endpoints, sessions, and who may ask what.
# MIT licence

import asyncio
import gc
import json

from micropython import const

from ... import tasks
from . import protobuf
from .errors import Refused
from .gate import Gate

_SEC_VER = const(2)  # SessionData
_SEC_PAYLOAD = const(10)  # and one for each security
_NO_POP = "no_pop"

# Who answers what an open session asks; custom-data is the product's.
_HANDLERS = {
    "prov-scan": "scan",
    "prov-config": "config",
    "prov-ctrl": "control",
    "custom-data": "custom",
}
ENDPOINTS = ("proto-ver", "prov-session") + tuple(_HANDLERS)


class Service:
    """What all of a run's clients share.

    run: the run's Session. security: 0, 1 or 2. pop: the proof of possession, bytes.
    """

    def __init__(self, run):
        self.run = run
        self.security = run.settings["protocomm_security"]
        self.pop = run.identity.pop.encode()
        self.gate = Gate()
        self._credentials = None
        self._spare = None  # what a session of this security needs, and none has yet
        self._making = asyncio.Lock()
        self._task = None

    def version(self):
        """The JSON text of proto-ver: which protocol, which security, what else."""
        capabilities = ["wifi_prov", "wifi_scan"]
        if not self.security:
            capabilities.insert(0, "no_sec")
        told = {"ver": "v1.1", "sec_ver": self.security, "cap": capabilities}
        told["sec_patch_ver"] = 1 if self.security == 2 else 0
        if not self._spare and not self._task:
            # Each client asks for this first: by its next message all is made.
            self._task = asyncio.create_task(self._prepare_ahead())
        return json.dumps({"prov": told}).encode()

    async def new_security(self):
        """The Security of a session that begins."""
        await self.prepare()
        spare, self._spare = self._spare, None
        if self.security == 0:
            from .security0 import Security0

            return Security0()
        if self.security == 1:
            from .security1 import Security1

            return Security1(self.pop, self.gate, spare)
        from .security2 import Security2

        return Security2(self._credentials, self.gate, spare)

    async def prepare(self):
        """Make what the next session needs; at once if that was done."""
        async with self._making:
            if self._spare or not self.security:
                return
            if self.security == 1:
                from .security1 import Keys

                spare = Keys()
            else:
                from . import credentials, srp

                gc.collect()  # numbers of 3072 bits want their 770 bytes in one piece
                if not self._credentials:
                    self._credentials = await credentials.kept(self.pop)
                spare = srp.Server(self._credentials)
            await spare.make()
            self._spare = spare

    async def _prepare_ahead(self):
        try:
            await self.prepare()
        except MemoryError:
            pass  # the handshake tries again, and tells the client
        self._task = None

    async def stop(self):
        """End what is still going on."""
        task, self._task = self._task, None
        await tasks.end(task)


class Client:
    """One client's session, over whatever transport.

    networks, profile, token: what it was told, and has said, so far. then: what the transport
    calls when this answer has left, or None.
    """

    def __init__(self, service):
        self.service = service
        self.run = service.run
        self.networks = None
        self.profile = None
        self.token = b""
        self.then = None
        self._security = None
        self._lock = asyncio.Lock()

    @property
    def is_open(self):
        """Has it gone through the handshake?"""
        return bool(self._security) and self._security.is_open

    async def handle(self, endpoint, data):
        """Answer what came to an endpoint. Refused: then this session is over."""
        async with self._lock:
            try:
                return await self._handle(endpoint, data)
            except (ValueError, TypeError, Refused):  # TypeError: bytes where a number should be
                self._security = None
                raise Refused

    async def _handle(self, endpoint, data):
        if endpoint == "proto-ver":
            return self.service.version()
        if endpoint == "prov-session":
            return await self._handshake(data)
        if not self.is_open:
            raise Refused
        from . import handlers

        handler = getattr(handlers, _HANDLERS[endpoint])
        request = self._security.decrypt(data)
        return self._security.encrypt(await handler(self, request))

    async def _handshake(self, data):
        version = self.service.security
        fields = protobuf.message(data)
        payload = fields.get(_SEC_PAYLOAD + version)
        if fields.get(_SEC_VER, 0) != version or not isinstance(payload, bytes):
            raise Refused
        if not protobuf.message(payload).get(1):  # the first command: whatever was before is over
            self._security = await self.service.new_security()
        if not self._security:
            raise Refused
        gc.collect()
        answer = await self._security.handshake(payload)
        return protobuf.number(_SEC_VER, version) + protobuf.data(_SEC_PAYLOAD + version, answer)
