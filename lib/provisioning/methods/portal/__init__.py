# The portal on the board's own access point: a page, two HTTP APIs, and the DNS that leads there.
# MIT licence


async def start(session):
    """Serve `session` on its own address: HTTP on settings http_port, DNS on dns_port (0: none).

    Returns a Portal. OSError when the HTTP port cannot be had; a DNS port that cannot is said on
    the console, and the portal goes on: it is then found by its address.
    """
    from . import dns  # here: local feedback needs the package, and not all of it
    from .server import Server

    server = Server(session)
    await server.start(session.address)
    names = None
    port = session.settings["dns_port"]
    if port:
        try:
            names = dns.Server(session.address, port)
        except OSError as error:
            print("provisioning: no DNS on port %d (%s), open the address by hand" % (port, error))
    return Portal(server, names)


class Portal:
    """What start() makes: stop() ends it."""

    def __init__(self, server, names):
        self._server = server
        self._names = names

    async def stop(self):
        """Close every socket and end every task; the ports are free when it returns."""
        if self._names:
            await self._names.stop()
        await self._server.stop()
