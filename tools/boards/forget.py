# forget: a board's stored networks, or all that it knows.
# MIT licence
"""Deletes the networks that a board has stored. With --all its settings as well, and its identity:
name, access point's key and proof of possession are then made anew, and its label is no longer
true.
"""

import sys

from tools.boards import BoardError, ports
from tools.boards.wire import Board

SUMMARY = "delete a board's stored networks, or all that it knows"


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)
    parser.add_argument("--all", action="store_true", help="settings and identity as well")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options):
    """Forget, after a question if there is somebody to ask."""
    device = ports.choose(options.port).device
    what = "networks, settings, name and keys" if options.all else "stored networks"
    if not options.yes:
        if not sys.stdin.isatty():
            raise BoardError(f"this deletes the board's {what}: say --yes")
        if input(f"Delete the {what} of the board at {device}? [y/N] ").strip().lower() != "y":
            raise BoardError("nothing was deleted")
    return forget(device, ["settings", "identity"] if options.all else [])


def forget(device, also=()):
    """Delete the stored networks of the board at a serial port, and the records in `also`."""
    with Board(device) as board:
        return {"port": device, "networks": board.run("forget", also=list(also)), "also": also}


def show(found):
    """What is gone."""
    print(f"forgotten: {', '.join(found['networks']) or 'no network was stored'}")
    for record in found["also"]:
        print(f"forgotten: {record}")
