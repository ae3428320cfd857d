# The portal's HTTP server: our own accept loop and limits around microdot's routes.
# MIT licence

import asyncio

from microdot import Microdot, Request, Response
from micropython import const

from ... import drop_modules
from . import head, probes

_CONNECTIONS = const(5)
_BACKLOG = const(8)
_HEAD_MAX = const(2048)
_BODY_MAX = const(4096)
_CHUNK = const(512)
_TICKS = const(10)  # the age of a connection is counted in tenths of the time it may take
_STALLED = const(2)  # at this age, a connection that does not take its answer makes room
_DRAIN_MS = const(200)
_DRAIN_CHUNKS = const(128)

# What is loaded when somebody knocks, one room at a time.
_HERE = __name__.rsplit(".", 1)[0] + "."
_PAGES = {"": "GET", "index.html": "GET", "done": "GET", "join": "POST", "rescan": "POST"}
_ROOMS = ("browser", "pages", "forms", "json_api", "ti_api", "texts")

# The name that TI's apps open (the DNS of TI's boards answers it).
_NAME = "mysimplelink.net"


class Server:
    """Serves the portal on (session.address, port) until stop().

    At most 5 connections, each for one request of at most 2 kB of head and 4 kB of body, and for
    `timeout_ms` in all. When all are taken, the oldest that has not sent its request makes room.
    The rooms behind it (page, JSON API, TI's API) are loaded when somebody first knocks.
    """

    def __init__(self, session, timeout_ms=10000):
        self._session = session
        self._tick_ms = timeout_ms // _TICKS
        self._open = []
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

    async def start(self):
        """Listen. OSError when the port cannot be had."""
        session = self._session
        port = session.settings["http_port"]
        self._port = "" if port == 80 else ":%d" % port
        # Our own address only: the network that the board joins meanwhile is not served.
        self._server = await asyncio.start_server(
            self._connection, session.address, port, backlog=_BACKLOG
        )
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self):
        """Close everything, open connections too. Returns when all tasks have ended."""
        self._server.close()
        self._watcher.cancel()
        tasks = [self._watcher] + [connection.task for connection in self._open]
        for connection in self._open[:]:
            self._drop(connection)
        for task in tasks:
            try:
                await task
            except asyncio.CancelledError:
                pass
        await self._server.wait_closed()

    # Connections

    async def _connection(self, reader, writer):
        if not self._make_room():
            writer.write(b"HTTP/1.0 503 Busy\r\nContent-Length: 0\r\n\r\n")
            await _close(writer, True)
            return
        connection = _Connection(asyncio.current_task())
        self._open.append(connection)
        served = False
        try:
            await self._serve(connection, reader, _Writer(writer))
            served = True
        except (OSError, EOFError, MemoryError, asyncio.CancelledError):
            pass  # the other side went away or was too slow, or there is no room for its request
        finally:
            if connection in self._open:
                self._open.remove(connection)
            await _close(writer, served)

    def _make_room(self):
        if len(self._open) < _CONNECTIONS:
            return True
        for connection in self._open:
            if connection.receiving or connection.age >= _STALLED:
                self._drop(connection)
                return True
        return False

    def _drop(self, connection):
        self._open.remove(connection)
        connection.task.cancel()

    async def _watch(self):
        # One task for all: a wait_for() would cost each request two more.
        while True:
            await asyncio.sleep(self._tick_ms / 1000)
            for connection in self._open[:]:
                connection.age += 1
                if connection.age > _TICKS:
                    self._drop(connection)

    # One request

    async def _serve(self, connection, reader, writer):
        try:
            data, end = await _read_head(reader)
            method, path, query, headers = head.parse(data[:end])
            length = head.body_length(headers, _BODY_MAX)
            data = data[end + 4 : end + 4 + length]
            if len(data) < length and headers.get("expect", "").lower() == "100-continue":
                await writer.awrite(b"HTTP/1.1 100 Continue\r\n\r\n")
                await writer.flush()
            body = await _read_body(reader, data, length)
        except head.Refused as refused:
            await self._answer(writer, _refusal(refused.status), "")
            await _drain(reader)
            return
        connection.receiving = False
        self._session.activity()
        response = await self._dispatch(method, path, query, headers, body)
        await self._answer(writer, response, method)

    async def _dispatch(self, method, path, query, headers, body):
        # Whoever comes with a foreign host or origin reads nothing here and changes nothing.
        host = headers.get("host")
        if host is not None and not self._is_ours(host):
            home = "http://" + self._session.address + self._port + "/"
            named_home = "http://" + _NAME + self._port + "/"
            host = host.lower().split(":")[0].rstrip(".")
            return probes.answer(host, path, home, named_home, self._session.released)
        origin = headers.get("origin")
        if origin is not None and not self._is_ours(origin.split("://")[-1]):
            return _refusal(403)
        request = Request(self._app, None, method, path, "1.0", headers, body=body)
        request.query_string = query
        return await self._app.dispatch_request(request)

    def _is_ours(self, host):
        name, _, port = host.lower().partition(":")
        if port and ":" + port != (self._port or ":80"):
            return False
        name = name.rstrip(".")
        own = self._session.identity.name.lower()
        return name in (self._session.address, _NAME, own, own + ".local")

    async def _answer(self, writer, response, method):
        response.is_head = method == "HEAD"
        response.headers["Connection"] = "close"
        response.headers["Cache-Control"] = "no-store"
        # Names of foreign networks are in our texts: no browser shall find HTML in them.
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        await response.write(writer)
        await writer.flush()

    # The rooms

    def _enter(self, room):
        """Load a room, and forget the one before: the page, once loaded, only asks for JSON."""
        if room != self._room:
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
            return self._enter("json_api").handle(self._session, request, path[3:])
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
            return room.handle(self._session, request)
        if not self._ti:
            self._ti = room.Api(self._session)
        if wanted == "POST":
            return self._ti.call(path[6:], request.body)
        return self._ti.read(path, request.method == "HEAD")


class _Connection:
    def __init__(self, task):
        self.task = task
        self.age = 0
        self.receiving = True


class _Writer:
    # Collects what microdot writes in crumbs: one segment, not one for each header.
    def __init__(self, stream):
        self._stream = stream
        self._pending = bytearray()

    async def awrite(self, data):
        self._pending.extend(data)
        if len(self._pending) >= _CHUNK:
            await self.flush()

    async def flush(self):
        if self._pending:
            self._stream.write(self._pending)
            self._pending = bytearray()  # asyncio may still hold the old one
            await self._stream.drain()


async def _read_head(reader):
    # (what came so far, where the head ends in it)
    data = await _receive(reader)
    while True:
        end = data.find(b"\r\n\r\n")
        if end > _HEAD_MAX or end < 0 and len(data) > _HEAD_MAX:
            raise head.Refused(431)
        if end >= 0:
            return data, end
        data += await _receive(reader)


async def _read_body(reader, data, length):
    # The body, of which `data` is there.
    if len(data) == length:
        return data
    body = bytearray(length)
    have = 0
    while True:
        body[have : have + len(data)] = data
        have += len(data)
        if have == length:
            return body
        data = await _receive(reader, min(length - have, _CHUNK))


async def _receive(reader, size=_CHUNK):
    data = await reader.read(size)
    if not data:
        raise EOFError
    return data


async def _drain(reader):
    # Take in what a refused client still sends: to close over unread bytes resets the connection,
    # and the answer is lost with it (RFC 9112 9.6).
    try:
        for _ in range(_DRAIN_CHUNKS):
            if not await asyncio.wait_for(reader.read(_CHUNK), _DRAIN_MS / 1000):
                return
    except asyncio.TimeoutError:
        pass


async def _close(writer, served):
    transport = getattr(writer, "transport", None)
    if transport and not served:
        transport.abort()  # CPython's close() waits for a peer that does not read
    writer.close()
    try:
        await writer.wait_closed()
    except (OSError, asyncio.CancelledError):
        pass


def _is_in_a_room(name):
    return name.startswith(_HERE) and name[len(_HERE) :] in _ROOMS


def _refusal(status):
    return Response({"error": "refused", "message": "HTTP status %d" % status}, status)


async def _not_found(request):
    return {"error": "not_found", "message": "There is nothing at this path."}, 404


async def _unavailable(request, error):
    return {"error": "unavailable", "message": "Not possible now. Try again."}, 503
