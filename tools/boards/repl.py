# repl: a board's prompt.
# MIT licence
"""Opens the prompt of a board with mpremote; Ctrl-] or Ctrl-X leaves it. Ctrl-C ends the program
that runs, Ctrl-D starts it again. To begin with: provisioning.help(), see docs/prompt.md.
"""

import subprocess
import sys

from tools.boards import BoardError, ports

SUMMARY = "open a board's prompt"


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)


def run(options):
    """Leave the terminal to mpremote until the user ends it."""
    port = ports.choose(options.port)
    words = [sys.executable, "-m", "mpremote", "connect", port.device, "resume", "repl"]
    if subprocess.run(words).returncode:
        raise BoardError(f"{port.device}: mpremote could not open the prompt")
    return {"port": port.device}


def show(found):
    """Nothing: the user saw it all."""
