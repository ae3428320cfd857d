# Boots the simulated board and shows what a person at its side would see.
# MIT licence
"""`make run`, or `python -m tools.run`. Reads from the environment:

PORTAL_PORT  the board's port 80 on this machine (8080)
BOARD        esp32 or rp2 (esp32)
SIM_DIR      the board's flash: what is in it survives (build/sim)
RUNTIME      twin, micropython or cpython (the first that is here or can be made)
NEIGHBOURS   the neighbourhood, a JSON file (tests_host/shim/neighbourhood.json)
RADIO_SPEED  how many times faster than a real radio the simulated one is (1)
TWIN_CONTROL where a twin listens for what shall happen around it (SIM_DIR/control.sock)

twin: MicroPython with the board's own `network` module. The others have the shim's.
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

from tools import micropython, twins
from tools.paths import BUILD, LIB, ROOT, TESTS

RUNTIMES = ("twin", "micropython", "cpython")
HEAP_KB = 512
PROGRAM = TESTS / "board.py"
_SOCKET_BYTES = 107  # as long as the path of a Unix socket may be
_AP_LINE = re.compile(
    r"provisioning: join the Wi-Fi (.*?)(?:, password (\S+),| \(open\)) and open (\S+)"
)

_APP_LINE = "provisioning: for Espressif's app: "


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
    if board not in twins.BOARDS:
        raise UsageError(f"BOARD is one of {', '.join(twins.BOARDS)}")
    runtime = environ.get("RUNTIME") or ""
    if runtime and runtime not in RUNTIMES:
        raise UsageError(f"RUNTIME is one of {', '.join(RUNTIMES)}")
    speed = environ.get("RADIO_SPEED") or "1"
    try:
        usable = 0.01 <= float(speed) <= 1000
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("RADIO_SPEED is a number from 0.01 to 1000")
    flash = Path(environ.get("SIM_DIR") or BUILD / "sim").resolve()
    return {
        "port": port,
        "board": board,
        "runtime": runtime,
        "flash": flash,
        "control": Path(environ.get("TWIN_CONTROL") or flash / "control.sock").resolve(),
        "neighbours": Path(
            environ.get("NEIGHBOURS") or TESTS / "shim/neighbourhood.json"
        ).resolve(),
        "speed": speed,
    }


def _twin(options):
    """The twin's path, made if need be, and a word on it."""
    board = options["board"]
    found = twins.build(board)
    return found.path, f"a twin: the {board}'s own network module", found.reason


def _micropython(options):
    for bits in (32, 64):
        found = micropython.find(bits=bits)
        if found.path:
            break
    return found.path, f"MicroPython, {bits} bit, and the shim", found.reason


def interpreter(options):
    """What the board runs on: (the words before the program, a word on them, is it a twin).

    UsageError if what was asked for is not here.
    """
    kinds = {"twin": _twin, "micropython": _micropython}
    wanted = options["runtime"]
    for name, find in kinds.items():
        if wanted not in ("", name):
            continue
        path, what, reason = find(options)
        if path:
            words = [path, "-X", f"heapsize={HEAP_KB}k"]
            return words, f"{what}; {HEAP_KB} kB of heap", name == "twin"
        if wanted:
            raise UsageError(reason)
        print(f"no {name} here, so the next best: {reason}", flush=True)
    return [sys.executable, "-u"], "CPython and the shim", False


def arguments(options, program=PROGRAM):
    """The program and its arguments."""
    return [
        program,
        f"board={options['board']}",
        f"flash={options['flash']}",
        f"port={options['port']}",
        f"neighbours={options['neighbours']}",
        f"speed={options['speed']}",
    ]


def control_socket(path):
    """Where the twin listens, said aloud; empty if no socket can have that path."""
    if len(os.fsencode(path)) > _SOCKET_BYTES:
        print(f"no control socket: {path} is too long for one. TWIN_CONTROL says another place")
        return ""
    print(f"control socket: {path}", flush=True)
    return str(path)


def environment(control=""):
    """The environment in which the board finds its modules. control: where a twin listens."""
    paths = os.pathsep.join(map(str, (TESTS, LIB)))
    return dict(
        os.environ,
        PYTHONPATH=paths,
        MICROPYPATH=paths + ":.frozen",
        PYTHONUNBUFFERED="1",
        TWIN_CONTROL=control,
    )


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


def show_app_code(line):
    """What Espressif's apps scan, as a picture."""
    segno.make_qr(line.removeprefix(_APP_LINE).strip()).terminal(compact=True)


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
        words, what, is_twin = interpreter(options)
        show_neighbourhood(options["neighbours"])
    except (UsageError, OSError, ValueError) as error:
        print("run:", error, file=sys.stderr)
        return 2
    options["flash"].mkdir(parents=True, exist_ok=True)
    print(
        f"board: {options['board']} on {what}, its flash is {options['flash']}. Ctrl-C ends it.",
        flush=True,
    )
    control = control_socket(options["control"]) if is_twin else ""
    board = subprocess.Popen(
        [str(word) for word in words + arguments(options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(control),
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
            elif text.startswith(_APP_LINE):
                show_app_code(text)
        return board.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        board.terminate()
        board.wait()
        if control:
            Path(control).unlink(missing_ok=True)


if __name__ == "__main__":
    # A shell that starts it in the background without job control had it ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
