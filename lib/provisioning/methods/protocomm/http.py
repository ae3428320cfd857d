# protocomm over HTTP: POST to the name of an endpoint, a cookie for the session.
# MIT licence

import os

from micropython import const

from ..portal.answer import Answer
from .core import Client, Service
from .errors import Refused

_CLIENTS = const(4)
_PREFIX = "session="


class Http:
    """The transport of a run: answer() each request."""

    def __init__(self, run):
        self.service = Service(run)
        self._clients = []  # (cookie, Client), who spoke last is last

    async def answer(self, endpoint, headers, body):
        """The Answer to a POST. What is refused gets an empty body: iOS's SDK would parse it."""
        cookie, client, is_new = self._client(headers.get("cookie", ""))
        try:
            if not body:
                raise Refused
            said = await client.handle(endpoint, body)
        except Refused:
            self._forget(client)
            return Answer(None, 400)
        headers = {"Content-Type": "application/octet-stream"}
        if is_new:
            headers["Set-Cookie"] = cookie
        then, client.then = client.then, None
        return Answer(said, 200, headers, then)

    def _client(self, cookie):
        # (cookie, Client, is it new?). A cookie that is not known, such as a phone keeps of
        # another day, is as good as none.
        for known in self._clients:
            if known[0] == cookie:
                self._clients.remove(known)
                self._clients.append(known)
                return known + (False,)
        if len(self._clients) == _CLIENTS:
            # Who did not come through the handshake goes first, then who was silent longest.
            closed = [known for known in self._clients if not known[1].is_open]
            self._clients.remove((closed or self._clients)[0])
        cookie = _PREFIX + str(int.from_bytes(os.urandom(4), "big"))
        new = (cookie, Client(self.service))
        self._clients.append(new)
        return new + (True,)

    def _forget(self, client):
        self._clients = [known for known in self._clients if known[1] is not client]

    async def stop(self):
        """End it."""
        await self.service.stop()
