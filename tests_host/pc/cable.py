# A simulated board on a cable: its console is a pseudo-terminal, at the other end is a test.
# MIT licence
"""with Board(flash) as board:
board.until(b"and open")              # what it prints
with board.attached(client.write):    # what it prints goes there meanwhile
    board.write(b"...")
"""

import contextlib
import os
import pty
import select
import signal
import threading
import time

import flash_files
from conftest import ROOT
from loopback import free_port
from tools import run

PATIENCE_S = 30
# The simulated radio is quick: a wrong password need not be waited for any longer.
QUICK = {**flash_files.BRISK, "join_timeout_ms": 2000}
PROGRAM = ROOT / "tests_host/board_improv.py"
KEY = "correct horse battery"  # of HomeNet
LISTENS = b"listening for Improv"


class Board:
    """A board that is switched on. flash: its folder. prompt: it is at its prompt, and no program
    runs. settings: the product's.

    said: the bytes that it printed.
    """

    def __init__(self, flash, prompt=False, runtime="", speed=40, **settings):
        flash_files.put(flash / "provisioning", "settings", {**QUICK, **settings})
        self.port = free_port()
        environ = {"SIM_DIR": flash, "PORTAL_PORT": self.port, "RADIO_SPEED": speed}
        options = run.settings({**{k: str(v) for k, v in environ.items()}, "RUNTIME": runtime})
        words = run.interpreter(options)[0]
        line = [*words, *(["-i"] if prompt else []), *run.arguments(options, PROGRAM)]
        line = [str(word) for word in line + ["program=prompt"] * prompt]
        self.said = b""
        self._takers = []
        self._process, self._terminal = pty.fork()
        if not self._process:
            os.chdir(ROOT)
            os.execve(line[0], line, run.environment())
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error:
            print(self.said)
        self.power_off()

    def _listen(self):
        while True:
            try:
                piece = os.read(self._terminal, 4096)
            except OSError:  # how Linux says that the other side is closed
                return
            self.said += piece
            for taker in list(self._takers):
                taker(piece)

    def write(self, data):
        """Send bytes to the board."""
        while data:
            select.select([], [self._terminal], [])
            data = data[os.write(self._terminal, data) :]

    @contextlib.contextmanager
    def attached(self, taker):
        """What the board prints goes to taker(bytes) as well, in another thread."""
        self._takers.append(taker)
        try:
            yield
        finally:
            self._takers.remove(taker)

    def until(self, text, start=0, patience_s=PATIENCE_S):
        """Wait until it printed `text`, at `start` of `said` or behind."""
        end = time.monotonic() + patience_s
        while text not in self.said[start:]:
            assert self.is_on() or text in self.said[start:], f"it ended without {text!r}"
            assert time.monotonic() < end, f"no {text!r} in {self.said[start:]!r}"
            time.sleep(0.02)

    def type(self, line):
        """Type a line at the prompt; what was printed until the next prompt."""
        start = len(self.said)
        self.write(line.encode() + b"\r")
        self.until(b">>> ", start)
        return self.said[start:].decode(errors="replace")

    def is_on(self):
        """Does its program run, or its prompt?"""
        return self._listener.is_alive()

    def power_off(self):
        """Take the power away."""
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._listener.join()
            os.close(self._terminal)
            self._process = 0
