# The portal's HTTP server: microdot's routes behind our own accept loop.
# MIT licence

from microdot import Microdot, Request

from ... import drop_modules
from . import probes
from .listener import Listener, refusal

# What is loaded when somebody knocks, one room at a time.
_HERE = __name__.rsplit(".", 1)[0] + "."
_PAGES = {"": "GET", "index.html": "GET", "done": "GET", "join": "POST", "rescan": "POST"}
_ROOMS = ("browser", "pages", "forms", "json_api", "ti_api", "texts")

# The name that TI's apps open (the DNS of TI's boards answers it).
_NAME = "mysimplelink.net"


class Server(Listener):
    """Serves the portal on session.address. A Listener: start(), stop(), limits.

    The rooms behind it (page, JSON API, TI's API) are loaded when somebody first knocks.
    """

    for_its_network = True  # the joined one is not served

    def __init__(self, session):
        super().__init__(session)
        self._room = None
        self._ti = None
        self._app = app = Microdot()
        # Two routes for all: microdot's own table takes 300 bytes for each.
        for path in ("/", "/<path:path>"):
            app.route(path, ("GET", "POST", "PUT", "DELETE"))(self._route)
        app.errorhandler(404)(_not_found)
        app.errorhandler(405)(self._not_allowed)
        # Flash that is full, memory that is short: it may go better next time.
        app.errorhandler(OSError)(_unavailable)
        app.errorhandler(MemoryError)(_unavailable)

    async def _dispatch(self, method, path, query, headers, body):
        """The Response to a request: the portal's, or a phone's check of who it is online with."""
        # Whoever comes with a foreign host or origin reads nothing here and changes nothing.
        host = headers.get("host")
        if host is not None and not self._is_ours(host):
            home = "http://" + self.session.address + self.port + "/"
            named_home = "http://" + _NAME + self.port + "/"
            host = host.lower().split(":")[0].rstrip(".")
            return probes.answer(host, path, home, named_home, self.session.released)
        origin = headers.get("origin")
        if origin is not None and not self._is_our_origin(origin):
            return refusal(403)
        request = Request(self._app, None, method, path, "1.0", headers, body=body)
        request.query_string = query
        return await self._app.dispatch_request(request)

    def names(self):
        """The access point's address, TI's name, the device's."""
        own = self.session.identity.name.lower()
        return self.session.address, _NAME, own, own + ".local"

    # The rooms

    def _enter(self, room):
        """Load a room, and forget the one before: the page, once loaded, only asks for JSON.

        Not while another answer is on its way: what writes it would stay in memory, and the next
        one would need a second copy.
        """
        if room != self._room:
            if self.answering() <= 1:
                self._ti = None
                drop_modules(_is_in_a_room)
            self._room = room
        return __import__(_HERE + room, None, None, ("*",))

    async def _not_allowed(self, request):
        # The rooms say which methods there are.
        return await self._route(request, request.path[1:])

    async def _route(self, request, path=""):
        method = "GET" if request.method == "HEAD" else request.method
        if path.startswith("v1/"):
            return self._enter("json_api").handle(self.session, request, path[3:])
        if path in _PAGES:
            room, wanted = "browser", _PAGES[path]
        elif path.startswith("api/1/"):
            room, wanted = "ti_api", "POST"
        elif path.endswith(".txt") or path.startswith("__SL_G_"):
            room, wanted = "ti_api", "GET"
        else:
            return await _not_found(request)
        if method != wanted:
            message = {"error": "method_not_allowed", "message": "Use " + wanted + "."}
            return message, 405, {"Allow": wanted}
        room = self._enter(room)
        if path in _PAGES:
            return room.handle(self.session, request)
        if not self._ti:
            self._ti = room.Api(self.session)
        if wanted == "POST":
            return self._ti.call(path[6:], request.body)
        return self._ti.read(path, request.method == "HEAD")


def _is_in_a_room(name):
    return name.startswith(_HERE) and name[len(_HERE) :] in _ROOMS


async def _not_found(request):
    return {"error": "not_found", "message": "There is nothing at this path."}, 404


async def _unavailable(request, error):
    return {"error": "unavailable", "message": "Not possible now. Try again."}, 503
