# Local feedback: on the network that was joined, the board says where it is and gives the result.
# MIT licence

from ..methods.portal.listener import Answer, Listener, refusal


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
        """What answers a request: 404 for all but GET and HEAD of what is here.

        A foreign Host or Origin gets 404 as well: another site's page, its name rebound to this
        address perhaps.
        """
        host, origin = headers.get("host"), headers.get("origin")
        is_foreign = (host is not None and not self._is_ours(host)) or (
            origin is not None and not self._is_our_origin(origin)
        )
        value = None
        if method in ("GET", "HEAD") and not is_foreign:
            value = self._value(path, method == "HEAD")
        if value is None:
            return refusal(404)
        return Answer(value)

    def names(self):
        """The address on this network, the device's name, its name in mDNS."""
        own = self.session.identity.name.lower()
        alias = self._announcer.host if self._announcer else own
        return self.session.progress().address, own, own + ".local", alias

    def _value(self, path, is_head):
        # TI's files and the tokens that are as good (SWRA513C table 9-1; SimpleLink Starter apps).
        session = self.session
        if path in ("/param_cfg_result.txt", "/__SL_G_MCR"):
            # HEAD shows nobody the result.
            return str(session.progress().result if is_head else session.read_result())
        if path in ("/param_device_name.txt", "/__SL_G_DNP"):
            return session.identity.name
        if path in ("/param_product_version.txt", "/__SL_G_REV"):
            return "R2.0"
        return session.progress().address if path == "/__SL_G_PIP" else None
