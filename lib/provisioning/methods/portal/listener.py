# An HTTP server for one address: an accept loop with limits; what it answers is its subclass's.
# MIT licence

import asyncio

from micropython import const

from . import head
from .answer import refusal

_CONNECTIONS = const(5)
_BACKLOG = const(8)
_HEAD_MAX = const(2048)
_BODY_MAX = const(4096)
_CHUNK = const(512)
_BITE = const(128)  # read at once: in a heap in pieces a larger block may not be left
_TICKS = const(10)  # the age of a connection is counted in tenths of the time it may take
_STALLED = const(2)  # at this age, a connection that does not take its answer makes room
_DRAIN_MS = const(200)
_DRAIN_CHUNKS = const(128)
_LOOPBACK = const(127)


class Listener:
    """Serves on one address from start() to stop(); what it answers is its subclass's.

    At most 5 connections, each for one request of at most 2 kB of head and 4 kB of body,
    and for `timeout_ms` in all. When all are taken, the client that has most of them makes room:
    by its oldest that has not sent its request, or by any for one who has fewer.
    """

    # Only for clients of the network that `address` is in, 255.255.255.0: an IP stack takes in
    # what comes for any of its interfaces by another.
    for_its_network = False

    def __init__(self, session, timeout_ms=10000):
        self.session = session
        self.port = ""  # as it follows an address in a URL
        self._tick_ms = timeout_ms // _TICKS
        self._open = []
        self._server = None

    async def _dispatch(self, method, path, query, headers, body):
        """The Answer to a request (as head.parse() reads it): a subclass's.

        HEAD comes as GET; of its Answer the body stays here, and `then` is not called.
        """
        raise NotImplementedError

    def names(self):
        """By which clients may call us, in lower case: a subclass's."""
        raise NotImplementedError

    async def start(self, address):
        """Listen on `address` (str), settings http_port. OSError when that cannot be had."""
        port = self.session.settings["http_port"]
        self.port = "" if port == 80 else ":%d" % port
        self._network = _packed(address)[:3]
        self._server = await asyncio.start_server(
            self._connection, address, port, backlog=_BACKLOG
        )
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self):
        """Close everything, open connections too. Returns when all tasks have ended."""
        if not self._server:
            return
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

    def _is_ours(self, host):
        # A Host, or that of an Origin.
        name, _, port = host.lower().partition(":")
        if port and ":" + port != (self.port or ":80"):
            return False
        return name.rstrip(".") in self.names()

    def _is_our_origin(self, origin):
        # "null", of a page without one, is nobody's name.
        host = origin.partition("://")[2]
        return bool(host) and self._is_ours(host)

    def answering(self):
        """How many requests are being answered."""
        return sum(not connection.receiving for connection in self._open)

    # Connections

    async def _connection(self, reader, writer):
        peer = _peer(writer)
        if self.for_its_network and peer[:3] != self._network and peer[0] != _LOOPBACK:
            await _close(writer, False)
            return
        if not self._make_room(peer):
            try:
                writer.write(b"HTTP/1.0 503 Busy\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                pass  # it has gone already
            await _close(writer, True)
            return
        connection = _Connection(asyncio.current_task(), peer)
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

    def _make_room(self, peer):
        if len(self._open) < _CONNECTIONS:
            return True
        peers = [connection.peer for connection in self._open]
        most = max(map(peers.count, peers))
        unfair = most > peers.count(peer) + 1
        for connection in self._open:
            waiting = connection.receiving or connection.age >= _STALLED
            if peers.count(connection.peer) == most and (unfair or waiting):
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
            await self._answer(writer, refusal(refused.status))
            await _drain(reader)
            return
        connection.receiving = False
        self.session.activity()
        is_head = method == "HEAD"
        method = "GET" if is_head else method
        answer = await self._dispatch(method, path, query, headers, body)
        await self._answer(writer, answer, is_head)

    async def _answer(self, writer, answer, is_head=False):
        answer.headers["Connection"] = "close"
        answer.headers["Cache-Control"] = "no-store"
        # Names of foreign networks are in our texts: no browser shall find HTML in them.
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        await answer.write(writer, is_head)


class _Connection:
    def __init__(self, task, peer):
        self.task = task
        self.peer = peer
        self.age = 0
        self.receiving = True


class _Writer:
    # Collects what an answer writes in crumbs: one segment, not one for each header.
    def __init__(self, stream):
        self._stream = stream
        self._pending = bytearray()

    async def awrite(self, data):
        if len(self._pending) + len(data) > _CHUNK:
            await self.flush()
        self._pending.extend(data)

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
        data = await _receive(reader, min(length - have, _BITE))


async def _receive(reader, size=_BITE):
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


def _peer(writer):
    # Its IPv4 address, four bytes. MicroPython's unix port gives it as a raw sockaddr.
    peer = writer.get_extra_info("peername")
    return _packed(peer[0]) if isinstance(peer, tuple) else bytes(peer[4:8])


def _packed(address):
    return bytes(int(part) for part in address.split("."))
