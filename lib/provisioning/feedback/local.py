# Local feedback: on the network that was joined, the board says where it is and gives the result.
# MIT licence

from ..methods.portal.answer import Answer, refusal
from ..methods.portal.listener import Listener


class Local(Listener):
    """Local feedback of `session` from start() to stop() (SWRA513C 5.1.1).

    An HTTP server with the few files of confirmation, and nothing else.
    """

    def __init__(self, session):
        super().__init__(session)
        self._announcer = None

    async def start(self, address, netmask):
        """Give the result at `address` in the network that was joined, and say so there.

        OSError when one of both cannot be; the result may be given all the same.
        """
        await super().start(address)
        from . import announce

        session = self.session
        self._announcer = announce.Announcer(
            session.identity.name, address, netmask, session.settings["http_port"]
        )

    async def stop(self):
        """Take back what was said, close every socket, end every task."""
        if self._announcer:
            await self._announcer.stop()
        await super().stop()

    async def _dispatch(self, method, path, query, headers, body):
        """What answers a request: 404 for all but GET of what is here.

        A foreign Host or Origin gets 404 as well: another site's page, its name rebound to this
        address perhaps.
        """
        host, origin = headers.get("host"), headers.get("origin")
        is_foreign = (host is not None and not self._is_ours(host)) or (
            origin is not None and not self._is_our_origin(origin)
        )
        if method != "GET" or is_foreign:
            return refusal(404)
        session = self.session
        # TI's files and the tokens that are as good (SWRA513C table 9-1; SimpleLink Starter apps).
        if path in ("/param_cfg_result.txt", "/__SL_G_MCR"):
            return Answer(str(session.progress().result), then=session.delivery())
        if path in ("/param_device_name.txt", "/__SL_G_DNP"):
            return Answer(session.identity.name)
        if path in ("/param_product_version.txt", "/__SL_G_REV"):
            return Answer("R2.0")
        if path == "/__SL_G_PIP":
            return Answer(session.progress().address)
        return refusal(404)

    def names(self):
        """The address on this network, the device's name, its name in mDNS."""
        own = self.session.identity.name.lower()
        alias = self._announcer.host if self._announcer else own
        return self.session.progress().address, own, own + ".local", alias
