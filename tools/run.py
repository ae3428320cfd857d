# Boots the simulated board and shows what a person at its side would see.
# MIT licence
"""`make run`, or `python -m tools.run`. Reads from the environment:

PORTAL_PORT  the board's port 80 on this machine (8080)
BOARD        esp32 or rp2 (esp32)
SIM_DIR      the board's flash: what is in it survives (build/sim)
RUNTIME      micropython or cpython (micropython where there is one)
NEIGHBOURS   the neighbourhood, a JSON file (tests_host/shim/neighbourhood.json)
RADIO_SPEED  how many times faster than a real radio the simulated one is (1)
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import segno.helpers

from tools import micropython
from tools.paths import BUILD, DEPS, LIB, ROOT, TESTS

BOARDS = ("esp32", "rp2")
PROGRAM = TESTS / "board.py"
_AP_LINE = re.compile(
    r"provisioning: join the Wi-Fi (.*?)(?:, password (\S+),| \(open\)) and open (\S+)"
)


class UsageError(Exception):
    """The environment asks for something that cannot be; the text says what to do."""


def settings(environ):
    """Read the environment. Returns a dict; raises UsageError."""
    try:
        port = int(environ.get("PORTAL_PORT") or 8080)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise UsageError("PORTAL_PORT is a number from 1 to 65535")
    board = environ.get("BOARD") or "esp32"
    if board not in BOARDS:
        raise UsageError(f"BOARD is one of {', '.join(BOARDS)}")
    runtime = environ.get("RUNTIME") or ""
    if runtime not in ("", "micropython", "cpython"):
        raise UsageError("RUNTIME is micropython or cpython")
    speed = environ.get("RADIO_SPEED") or "1"
    try:
        usable = 0.01 <= float(speed) <= 1000
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("RADIO_SPEED is a number from 0.01 to 1000")
    return {
        "port": port,
        "board": board,
        "runtime": runtime,
        "flash": Path(environ.get("SIM_DIR") or BUILD / "sim").resolve(),
        "neighbours": Path(
            environ.get("NEIGHBOURS") or TESTS / "shim/neighbourhood.json"
        ).resolve(),
        "speed": speed,
    }


def command(options):
    """The command line that boots the board, and a word on what it runs on."""
    arguments = [
        PROGRAM,
        f"board={options['board']}",
        f"flash={options['flash']}",
        f"port={options['port']}",
        f"neighbours={options['neighbours']}",
        f"speed={options['speed']}",
    ]
    if options["runtime"] != "cpython":
        for bits in (32, 64):
            found = micropython.find(bits=bits)
            if found.path:
                interpreter = [found.path, "-X", "heapsize=512k"]
                return [*interpreter, *arguments], f"MicroPython, {bits} bit, 512 kB of heap"
        if options["runtime"] == "micropython":
            raise UsageError(found.reason)
        print("no MicroPython here, CPython stands in:", found.reason)
    return [sys.executable, "-u", *arguments], "CPython"


def check_port(port):
    """Raise UsageError if the port cannot be had."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(
                f"port {port}: {error.strerror}. Try PORTAL_PORT=8081 make run"
            ) from None


def show_neighbourhood(path):
    """Print what is in the air, with the passwords that a person at home would know."""
    sys.path.insert(0, str(TESTS))
    from shim import neighbourhood

    print("in the air:")
    for router in neighbourhood.load(str(path)).routers:
        what = [router.security]
        what += ["hidden"] if router.hidden else []
        what += ["no DHCP answer"] if router.dhcp_ms is None else []
        what += ["link lost after the join"] if router.drop_after_ms else []
        ssid, key = (data.decode(errors="replace") for data in (router.ssid, router.key))
        print(f"  {ssid:<18} {key or '-':<22} {router.rssi} dBm  {', '.join(what)}")


def show_ap(line, port):
    """The board's access point as a phone scans it, and the portal's address on this machine."""
    ssid, key, _ = _AP_LINE.match(line).groups()
    code = segno.helpers.make_wifi(ssid=ssid, password=key, security="WPA" if key else None)
    code.terminal(compact=True)
    for _ in range(100):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    print(f"portal: http://127.0.0.1:{port}/", flush=True)


def main():
    """Run the board until Ctrl-C. Returns the exit code."""
    try:
        options = settings(os.environ)
        check_port(options["port"])
        line, what = command(options)
        show_neighbourhood(options["neighbours"])
    except (UsageError, OSError, ValueError) as error:
        print("run:", error, file=sys.stderr)
        return 2
    options["flash"].mkdir(parents=True, exist_ok=True)
    print(
        f"board: {options['board']} on {what}, its flash is {options['flash']}. Ctrl-C ends it.",
        flush=True,
    )
    paths = os.pathsep.join(map(str, (TESTS, LIB, DEPS)))
    environment = dict(
        os.environ, PYTHONPATH=paths, MICROPYPATH=paths + ":.frozen", PYTHONUNBUFFERED="1"
    )
    board = subprocess.Popen(
        [str(word) for word in line],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=ROOT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C comes here, and here only
    )
    try:
        for text in board.stdout:
            print(text, end="", flush=True)
            if _AP_LINE.match(text):
                show_ap(text, options["port"])
        return board.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        board.terminate()
        board.wait()


if __name__ == "__main__":
    # A shell that starts it in the background without job control had it ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
