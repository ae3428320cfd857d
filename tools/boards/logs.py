# logs: what a board prints, while its program runs.
# MIT licence
"""Shows what a board prints, without stopping its program; Ctrl-C ends it. The key of the board's
own access point is among it, when one opens. With --restart the program starts afresh first.
"""

import contextlib
import sys
import time

import serial

from tools.boards import ports
from tools.boards.wire import Board

SUMMARY = "show what a board prints"
_BAUD = 115200
_LOOK_S = 0.2


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)
    parser.add_argument("--restart", action="store_true", help="start the board's program afresh")
    parser.add_argument("--seconds", type=float, metavar="S", help="end after that time")
    parser.add_argument("--time", action="store_true", help="with the time of day of each line")


def run(options):
    """Print lines until Ctrl-C, or for --seconds."""
    port = ports.choose(options.port)
    end = time.monotonic() + options.seconds if options.seconds else None
    lines = 0
    listening = _listening(port.device, options.restart)
    with contextlib.suppress(KeyboardInterrupt), listening as line:
        for text in _lines(line, end):
            stamp = time.strftime("%H:%M:%S ") if options.time else ""
            print(stamp + text, flush=True, file=sys.stderr if options.json else sys.stdout)
            lines += 1
    return {"port": port.device, "lines": lines}


def show(found):
    """Nothing: the lines were shown."""


@contextlib.contextmanager
def _listening(device, restart):
    """The board's line, open: a pyserial Serial."""
    try:
        if restart:
            with Board(device, resume=False) as board:
                line = board.restarted()
                line.timeout = _LOOK_S
                yield line
        else:
            with serial.serial_for_url(device, _BAUD, timeout=_LOOK_S, exclusive=True) as line:
                yield line
    except OSError as error:
        raise ports.trouble(device, error) from error


def _lines(line, end):
    """The board's lines as they come, until `end` (of time.monotonic(), None: for ever)."""
    kept = b""
    while end is None or time.monotonic() < end:
        kept += line.read(line.in_waiting or 1)
        *whole, kept = kept.split(b"\n")
        for one in whole:
            yield one.rstrip(b"\r").decode(errors="replace")
    if kept:
        yield kept.decode(errors="replace")
