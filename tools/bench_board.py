# Starts the programs of tests_host/bench on a twin or on MicroPython, and is their phone.
# MIT licence

import json
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

from tools import micropython, mpy, twins
from tools.paths import BUILD, LIB, TESTS

HOME = BUILD / "bench"
ROM = HOME / "lib.romfs"
BOARDS = twins.BOARDS
ROOMY = 1 << 20  # heap where its size does not matter
_OTHER_TESTS = (*mpy.PC_ONLY, "behaviour", "on_micropython")
_QSTRS = re.compile(r"qstr pool: .*n_qstr=(\d+), n_str_data_bytes=(\d+), n_total_bytes=(\d+)")


class BenchError(Exception):
    """A measurement could not be made; the text says why."""


def compile_all():
    """Compile library and programs into a tree of their own, and make a ROMFS image of the first.

    The one in build/mpy changes when somebody runs the tests meanwhile. Raises BenchError.
    """
    mpy.build(HOME / "lib", [LIB])
    mpy.build(HOME / "tests", [TESTS], _OTHER_TESTS)
    command = [sys.executable, "-m", "mpremote", "romfs", "-o", str(ROM), "build", HOME / "lib"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"mpremote makes no ROMFS image: {done.stdout}{done.stderr}")


def has_twins():
    """Is there a twin of each board? Then the measurements are made on them."""
    return all(twins.find(board).path for board in BOARDS)


def interpreter(board):
    """Path of what runs the programs: the board's twin, or 32-bit MicroPython with the shim."""
    return twins.find(board).path if has_twins() else micropython.wrapper(32)


def free_port(kind=socket.SOCK_STREAM):
    """A port of 127.0.0.1 that is free now."""
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


class Board:
    """One process that runs a program of tests_host/bench.

    `with Board("join", board="esp32", ...) as board:`; heap is in bytes, options are the
    program's. The process ends with the block.
    """

    def __init__(self, program, heap=ROOMY, **options):
        self.program = program
        self._console = []
        self._messages = queue.Queue()
        # Relative: what a board calls /lib/x.mpy takes a byte less here, and not fifty more.
        library = "" if "rom" in options else "lib:"
        words = [f"{name}={value}" for name, value in options.items()]
        command = [str(interpreter(options["board"])), "-X", f"heapsize={heap}"]
        self._process = subprocess.Popen(
            [*command, "-m", f"bench.{program}", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=HOME,
            env=dict(os.environ, MICROPYPATH=f"tests:{library}.frozen"),
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()

    def _listen(self):
        for line in self._process.stdout:
            qstrs = _QSTRS.match(line)
            if line.startswith("bench "):
                self._messages.put(json.loads(line[6:]))
            elif qstrs:
                self._messages.put({"qstrs": int(qstrs[1]), "qstr_bytes": int(qstrs[3])})
            else:
                self._console.append(line)
        self._messages.put(None)

    def has_ended(self):
        """Has the program come to its end?"""
        return self._process.poll() is not None

    def send(self, command):
        """Give the program a line."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def ask(self, command, name):
        """Give it a line, and return the value called `name` that it says."""
        self.send(command)
        return self.until(name)[name]

    def until(self, name, timeout_s=30):
        """The next message with that name in it; those before it are lost."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.next(deadline - time.monotonic())
            if name in message:
                return message

    def next(self, timeout_s=30):
        """The next message. BenchError if there is none in time, or the program has ended."""
        try:
            message = self._messages.get(timeout=max(timeout_s, 0.01))
        except queue.Empty:
            message = None
        if message is None:
            said = "".join(self._console[-12:])
            raise BenchError(f"{self.program}: no answer from the board. It said:\n{said}")
        return message

    def base(self):
        """Bytes in use before the library came, and bytes that were left."""
        message = self.until("base")
        while not message["base"]:
            message = self.until("base")
        return message["base"], message["free"]


class Flash:
    """A board's flash for a `with` block: a folder that the library itself has filled."""

    def __init__(self, **settings):
        # What comes over the console is for the program, not for Improv.
        self._settings = {"improv": 0, **settings}

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="flash-", dir=HOME)
        folder = self._folder.name
        with Board("prepare", board="esp32", flash=folder, **self._settings) as board:
            board.until("done")
        return folder

    def __exit__(self, *_):
        self._folder.cleanup()


def heap_that_leaves(free, program, **options):
    """The heap size with which a program has that many bytes left before the library comes."""
    with Board(program, **options) as board:
        used, left = board.base()
    # Beside its blocks the heap holds tables of their kinds: a fortieth or so.
    return round((used + free) * ROOMY / (used + left)) + 256


# The phone


def request(port, method, path, body=""):
    """One request on a connection of its own. Returns (seconds, status, body)."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
    if method == "POST":
        kind = "application/json" if path.startswith("/v1/") else "text/plain"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    data = (head + "\r\n" + body).encode()
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(data)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    seconds = time.perf_counter() - start
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1."):
        raise BenchError(f"{method} {path}: the board hung up")
    return seconds, int(head.split()[1]), body


def fetch(port, path, method="GET", body=""):
    """request() that has to go well. Returns (seconds, body)."""
    seconds, status, answer = request(port, method, path, body)
    if not 200 <= status < 300:
        raise BenchError(f"{method} {path}: status {status}, {answer[:80]!r}")
    return seconds, answer


def wait_for(port, board, timeout_s=20):
    """Wait until the board listens on a port. BenchError if it does not, or ends."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if board.has_ended() or time.monotonic() > deadline:
                raise BenchError(f"{board.program}: nobody listens") from None
            time.sleep(0.02)


def query(name, kind=1):
    """A DNS query for a name; kind 1 is A."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    header = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    return header + labels + bytes([0, 0, kind, 0, 1])


class Resolver:
    """Asks the board's DNS, one question after another."""

    def __init__(self, port):
        self._place = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def ask(self, question):
        """Seconds until the answer; BenchError if it holds no address, or does not come."""
        start = time.perf_counter()
        self._socket.sendto(question, self._place)
        try:
            answer = self._socket.recv(512)
        except OSError as error:
            raise BenchError(f"DNS: {error}") from None
        seconds = time.perf_counter() - start
        if answer[7] != 1 or answer[-4:] != socket.inet_aton("127.0.0.1"):
            raise BenchError(f"DNS: a strange answer: {answer!r}")
        return seconds


def provision(port, network, key):
    """Hand a network over and have it tried. Returns seconds until the result could be read.

    As a page does: it asks for the result every 20 ms.
    """
    fetch(port, "/v1/profiles", "POST", json.dumps({"ssid": network, "key": key}))
    start = time.perf_counter()
    fetch(port, "/v1/confirm", "POST")
    while True:
        _, answer = fetch(port, "/v1/status")
        seconds = time.perf_counter() - start
        status = json.loads(answer)
        if status["result"]:
            if status["state"] != "connected":
                raise BenchError(f"the simulated network was not joined: {status}")
            return seconds
        if seconds > 30:
            raise BenchError(f"no result: {status}")
        time.sleep(0.02)
