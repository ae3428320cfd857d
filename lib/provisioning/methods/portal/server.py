# The portal's HTTP server: who is asked for what.
# MIT licence

import sys

from ... import drop_modules
from . import probes
from .answer import error, not_found, refusal, wrong_method
from .listener import Listener

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

    async def _dispatch(self, method, path, query, headers, body):
        """The Answer to a request: the portal's, or a phone's check of who it is online with."""
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
        try:
            return await self._route(Request(method, path, query, headers, body))
        except (OSError, MemoryError):
            # Flash that is full, memory that is short: it may go better next time.
            return error(503, "unavailable", "Not possible now. Try again.")
        except Exception as fault:
            sys.print_exception(fault)
            return error(500, "internal", "This is a fault of the board's program.")

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

    async def _route(self, request):
        path = request.path[1:]
        posts = self.session.posts
        if posts and posts.takes(path):
            if request.method != "POST":
                return wrong_method("POST")
            return await posts.answer(path, request.headers, request.body)
        if path.startswith("v1/"):
            return self._enter("json_api").handle(self.session, request, path[3:])
        if path in _PAGES:
            room, wanted = "browser", _PAGES[path]
        elif path.startswith("api/1/"):
            room, wanted = "ti_api", "POST"
        elif path.endswith(".txt") or path.startswith("__SL_G_"):
            room, wanted = "ti_api", "GET"
        else:
            return not_found()
        if request.method != wanted:
            return wrong_method(wanted)
        room = self._enter(room)
        if path in _PAGES:
            return room.handle(self.session, request)
        if not self._ti:
            self._ti = room.Api(self.session)
        if wanted == "POST":
            return self._ti.call(path[6:], request.body)
        return self._ti.read(path)


class Request:
    """What a room is asked: query as str, headers with names in lower case, body in bytes."""

    def __init__(self, method, path, query, headers, body):
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body


def _is_in_a_room(name):
    return name.startswith(_HERE) and name[len(_HERE) :] in _ROOMS
