# For behaviour tests on CPython and MicroPython: a simulated board for each test.
# MIT licence
"""A test says on which boards it runs:

    from harness import simulated

    @simulated("esp32", "rp2")
    async def test_something(board):
        import provisioning              # inside the test: each board gets fresh modules
        ...

    @simulated("esp32", plain=True)
    def test_something(board):           # a program without asyncio

On a twin its own board is the only one. Its firmware is a stock one, without our C module, until a
test plugs that in (sniffed.py). Time is fast: nothing sleeps, waiting is free. The air is
that of shim/neighbourhood.json.
"""

import asyncio
import builtins
import gc
import os
import sys

import shim
from shim import clock, machine

try:
    import twin
    import twin.air
except ImportError:
    twin = None

BOARDS = (twin.BOARD,) if twin else shim.BOARDS
install = twin.install if twin else shim.install
_MICROPYTHON = sys.implementation.name == "micropython"
_LIB = ("provisioning", "qth_wifi", "simplelink", "boot", "main")
_LINES_KEPT = 60
_TEMPORARY = os.getenv("TMPDIR") or "/tmp"


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


class Board:
    """The board of one test.

    .name: "esp32" or "rp2". .air: the world, to be changed at will. .network: its network module.
    .flash: its folder, empty at first, where provisioning.store writes. .output: the lines that
    it printed. .options: what install() takes beside; they hold from the next reboot() on.
    """

    def __init__(self, name):
        self.name = name
        self.air = new_air()
        self.flash = _TEMPORARY + "/board-" + os.urandom(6).hex()
        os.mkdir(self.flash)
        self.output = []
        self.failures = []  # of tasks that nobody waited for
        self.options = {}
        self.network = None

    @property
    def stale_route(self):
        """The rp2's fault before 1.28: sockets to the network would get EHOSTUNREACH."""
        if twin:
            return "stale_route=1" in twin.tell("board")
        return getattr(self.network._chip, "stale_route", False)

    @property
    def sta(self):
        return self.network.WLAN(0)

    @property
    def ap(self):
        return self.network.WLAN(1)

    def reboot(self, **options):
        """Power off and on: RAM and radio are empty, flash and air stay. The board's tasks must
        have ended before; the test's references to old modules are stale after it."""
        self.options.update(options)
        forget()
        self.network = install(self.name, self.air, **self.options)
        try:
            import provisioning.store as store
        except ImportError:
            return
        store.directory = self.flash

    def now(self):
        """Milliseconds of simulated time since the test began."""
        return clock.now()

    async def sleep_ms(self, ms):
        self.air.advance()
        await asyncio.sleep_ms(ms)
        self.air.advance()

    def pass_ms(self, ms):
        """Let time pass for a program without asyncio: its timers go off."""
        clock.sleep_ms(ms)
        self.air.advance()

    def pass_until(self, condition, timeout_ms=60000):
        """As until(), for a program without asyncio."""
        end = clock.now() + timeout_ms
        while not condition():
            assert clock.now() < end, "still not so after %d ms" % timeout_ms
            self.pass_ms(50)

    async def until(self, condition, timeout_ms=60000):
        """Wait until condition() is true, looking every 50 ms; AssertionError if it stays false.
        Returns what it gave."""
        end = clock.now() + timeout_ms
        while True:
            found = condition()
            if found:
                return found
            assert clock.now() < end, "still not so after %d ms" % timeout_ms
            await self.sleep_ms(50)

    def phone(self):
        """A new phone; .join(key) and .leave() put it on and off the board's AP."""
        return self.air.phone()

    def printed(self, text):
        """Whether a printed line holds `text`."""
        return any(text in line for line in self.output)

    def print(self, *values, sep=" ", end="\n", file=None, **more):
        """Stands in for print()."""
        if file not in (None, sys.stdout):
            return _print(*values, sep=sep, end=end, file=file, **more)
        for line in sep.join([str(value) for value in values]).split("\n"):
            self.output.append(line)
        del self.output[:-_LINES_KEPT]
        return None

    def remove(self):
        remove_tree(self.flash)


def new_air(name=None):
    """The Air of a neighbourhood file, or of the one we ship. On a twin it takes the place of the
    Air before."""
    from shim import neighbourhood

    air = neighbourhood.load(name, twin.air.Air() if twin else None)
    if _MICROPYTHON:
        shim.drop("neighbourhood")  # 3 kB
    return air


_print = builtins.print


def simulated(*names, limit_s=3600, plain=False, micropython=False, **options):
    """Make a test of `async def test(board)`: once per board named, of those that are here.

    limit_s: how much simulated time it may take. plain: it is a plain function, and no event loop
    runs around it. micropython: it tests what CPython has not. options: for install().
    """

    def decorate(test):
        if micropython and not _MICROPYTHON:
            return None

        def run():
            here = [name for name in names if name in BOARDS]
            if not here or twin and options.get("version", twin.VERSION) != twin.VERSION:
                raise Skip("not for the twin of the " + BOARDS[0])
            for name in here:
                _run(name, test, 0 if plain else limit_s, options)

        if not _MICROPYTHON:
            run.__name__, run.__doc__ = test.__name__, test.__doc__
            run.__module__ = test.__module__
        return run

    return decorate


def _run(name, test, limit_s, options):
    _tidy()
    clock.start(True)
    board = Board(name)
    builtins.print = board.print
    sys.modules["wifi_sniffer"] = object()  # as if it were something else
    try:
        board.reboot(**options)
        if limit_s:
            _in_loop(board, test, limit_s)
        else:
            _without_loop(board, test)
        if board.failures:
            raise board.failures[0]
    except BaseException as error:
        builtins.print = _print
        for line in board.output:
            _print(line)
        _print("on board", name, "after", clock.now(), "ms")
        if isinstance(error, machine.Reset):
            raise AssertionError("the board was reset")
        raise
    finally:
        builtins.print = _print
        sys.modules.pop("wifi_sniffer", None)
        board.remove()
        forget()
        clock.start(False)


def _handler(board):
    """What a loop does with a failure that nobody waited for."""

    def failed(loop, context):
        error = context.get("exception")
        board.failures.append(error or RuntimeError(context["message"]))

    return failed


def _in_loop(board, test, limit_s):
    """Run the test in an event loop of its own, and end the tasks that it leaves behind."""

    async def main():
        asyncio.get_event_loop().set_exception_handler(_handler(board))
        try:
            await asyncio.wait_for(test(board), limit_s)
        except asyncio.TimeoutError:
            if clock.now() < limit_s * 1000:
                raise
            raise AssertionError("not done after %d s of simulated time" % limit_s)

    if _MICROPYTHON:
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(main())
        finally:
            _end_tasks()
            loop.set_exception_handler(None)
            asyncio.new_event_loop()
        return
    with asyncio.Runner(loop_factory=shim.cpython.Loop) as runner:
        runner.run(main())
        gc.collect()  # a failed task is told of when it is collected


def _without_loop(board, test):
    """Run the test beside an event loop that only it starts, and end the tasks it leaves."""
    if _MICROPYTHON:
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(_handler(board))
        try:
            test(board)
        finally:
            machine._power_up(board.name, machine._id)
            _end_tasks()
            loop.set_exception_handler(None)
            asyncio.new_event_loop()
        return
    with asyncio.Runner(loop_factory=shim.cpython.Loop) as runner:
        runner.get_loop().set_exception_handler(_handler(board))
        asyncio.set_event_loop(runner.get_loop())
        try:
            test(board)
        finally:
            machine._power_up(board.name, machine._id)
            asyncio.set_event_loop(None)
        gc.collect()  # a failed task is told of when it is collected


def _end_tasks():
    """MicroPython's counterpart of what asyncio.Runner does at the end."""
    core = asyncio.core
    core.cur_task = None
    for name in ("exception", "future"):
        core._exc_context[name] = None  # the last failure, and with it the board of its frame
    for _ in range(50):
        tasks = [t for entry in core._io_queue.map.values() for t in entry[:2] if t]
        tasks += [core._task_queue.peek()]
        if tasks == [None]:
            break
        for task in tasks:
            if task:
                task.cancel()
        core.run_until_complete(core.create_task(_nothing()))


async def _nothing():
    pass


def forget():
    """Drop lib's modules and the radio from memory, as a reset does."""
    pump = sys.modules.get("provisioning.pump")
    if pump:
        pump.on_interrupt = None  # it stays in the event loop, and all that it holds with it
    for name in list(sys.modules):
        if name.split(".")[0] in _LIB:
            del sys.modules[name]
    sys.modules.pop("network", None)
    sys.modules.pop("machine", None)
    _tidy()


def _tidy():
    if _MICROPYTHON:  # CPython has the room, and takes 50 ms
        gc.collect()


def remove_tree(path):
    """Delete a folder and what is in it."""
    for name in os.listdir(path):
        entry = path + "/" + name
        if os.stat(entry)[0] & 0x4000:
            remove_tree(entry)
        else:
            os.remove(entry)
    os.rmdir(path)


# HTTP as a phone speaks it -------------------------------------------------------------------


async def http(method, host, port, path, body=b"", headers=None):
    """One request on a connection of its own. Returns (status, headers, body): the headers' names
    in lower case, body as bytes. Host, Content-Length and Connection are added if not given.
    Raises OSError or ValueError if what comes back is not an HTTP response."""
    body = body.encode() if isinstance(body, str) else body
    headers = headers or {}
    lines = ["%s %s HTTP/1.1" % (method, path)]
    given = [name.lower() for name in headers]
    if "host" not in given:
        lines.append("Host: %s:%d" % (host, port))
    if "content-length" not in given and (body or method in ("POST", "PUT")):
        lines.append("Content-Length: %d" % len(body))
    if "connection" not in given:
        lines.append("Connection: close")
    for name in headers:
        lines.append("%s: %s" % (name, headers[name]))
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        return await read_response(reader, method)
    finally:
        await hang_up(writer)


async def http_raw(host, port, *parts, pause_ms=0):
    """Send bytes as they are, part by part, and return all that comes back until the end."""
    reader, writer = await asyncio.open_connection(host, port)
    answer = []
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            if pause_ms:
                await asyncio.sleep_ms(pause_ms)
        while True:
            piece = await reader.read(512)
            if not piece:
                break
            answer.append(piece)
    except OSError:
        pass  # the server hung up while we wrote
    finally:
        await hang_up(writer)
    return b"".join(answer)


async def read_response(reader, method="GET"):
    """Read one HTTP response from a stream: (status, headers, body). ValueError if it is none."""
    start = await reader.readline()
    if not start.startswith(b"HTTP/1."):
        raise ValueError("not an HTTP response: %r" % start)
    headers = {}
    while True:
        line = (await reader.readline()).strip()
        if not line:
            break
        name, _, value = line.partition(b":")
        headers[name.decode().lower()] = value.strip().decode()
    status = int(start.split()[1])
    if method == "HEAD" or status in (204, 304):
        return status, headers, b""
    length = headers.get("content-length")
    if length is None:
        pieces = []
        while True:
            piece = await reader.read(512)
            if not piece:
                return status, headers, b"".join(pieces)
            pieces.append(piece)
    body = memoryview(bytearray(int(length)))  # in one piece: MicroPython's heap is small
    have = 0
    while have < len(body):
        piece = await reader.read(min(512, len(body) - have))
        if not piece:
            raise ValueError("body of %s bytes ends after %d" % (length, have))
        body[have : have + len(piece)] = piece
        have += len(piece)
    return status, headers, bytes(body)


async def hang_up(writer):
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass
