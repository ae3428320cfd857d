# For tests with a board on a serial line: one that has the package, and the commands as typed.
# MIT licence
import json
import subprocess
import sys
from pathlib import Path

from pc.bare_board import BareBoard
from tools.boards import bundle

ROOT = Path(__file__).resolve().parents[2]


def wanted():
    """What a deployment leaves on a board: {path: content}."""
    own = {f"/{name}": (ROOT / name).read_bytes() for name in bundle.PROGRAMS}
    return {**bundle.library(), **own}


def board(folder, **more):
    """A board with the package on it; `with` plugs it in."""
    files = {**wanted(), **more.pop("files", {})}
    return BareBoard(folder, files=files, **more)


def python(*words, check=True):
    """Run Python with these words. Returns what subprocess.run() does."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert not check or done.returncode == 0, done.stderr + done.stdout
    return done


def mpremote(port, *words):
    """mpremote as a user types it. Returns what it printed."""
    return python("-m", "mpremote", "connect", port, *words).stdout


def command(*words):
    """python -m tools WORDS, as a user types it. Returns what it printed."""
    return python("-m", "tools", *words).stdout


def answer(*words):
    """The same, as a program reads it."""
    return json.loads(command(*words, "--json"))


def complaint(*words):
    """The same where it fails: what it says on stderr."""
    done = python("-m", "tools", *words, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
