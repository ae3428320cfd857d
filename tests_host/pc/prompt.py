# A person at the prompt of a simulated board: `make repl` in a pseudo-terminal.
# MIT licence
"""with Prompt(flash) as prompt:
        assert prompt.type("6 * 7") == "42"
        prompt.http("GET", "/v1/status")     # as a phone on the board's access point

Leaving the block takes the board's power away; another Prompt with the same flash is the same
board, switched on again.
"""

import http.client
import json
import os
import pty
import select
import signal
import socket
import sys
import time

from loopback import free_port
from tools.paths import ROOT

PATIENCE_S = 20
MARK = ">>> "
# How the lines begin that come at any time: the package's, and those of a test's own handlers.
BY_ITSELF = ("provisioning: ", "event ", "told ")


class Prompt:
    """A board with a prompt. flash: its folder. board: esp32 or rp2. speed: of the radio.

    said: all that it printed. port: of its portal on this machine.
    """

    def __init__(self, flash, board="esp32", speed=10, **environment):
        self.said = ""
        self.port = free_port()
        environment = {
            **os.environ,
            "SIM_DIR": str(flash),
            "PORTAL_PORT": str(self.port),
            "BOARD": board,
            "RADIO_SPEED": str(speed),
            **environment,
        }
        self._process, self._terminal = pty.fork()
        if not self._process:
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "-m", "tools.repl"], environment)

    def __enter__(self):
        self.until(MARK)
        return self

    def __exit__(self, kind, error, trace):
        if error:
            print(self.said)
        self.power_off()

    def type(self, line):
        """Type a line, or several; returns what the prompt answered to the last, without the
        line's echo and without what the board printed meanwhile by itself."""
        lines = line.split("\n")
        for number, part in enumerate(lines):
            start = len(self.said)
            self.write(part + "\r")
            self.until(MARK if number == len(lines) - 1 else "... ", start)
        answer = self.said[start : self.said.rindex(MARK)]
        # Before the echo there may be the end of a line of the board's own.
        answer = answer.partition(lines[-1])[2] or answer
        kept = [x for x in answer.strip().splitlines() if not x.startswith(BY_ITSELF)]
        return "\n".join(kept)

    def type_until(self, line, text, patience_s=PATIENCE_S):
        """Type a line again and again until the answer holds `text`. Returns that answer."""
        end = time.monotonic() + patience_s
        while True:
            answer = self.type(line)
            if text in answer:
                return answer
            assert time.monotonic() < end, f"no {text!r} but:\n{answer}"
            time.sleep(0.1)

    def until(self, text, start=0, patience_s=PATIENCE_S):
        """Wait until it printed `text`, at `start` of `said` or behind."""
        end = time.monotonic() + patience_s
        while text not in self.said[start:]:
            assert self.read(0.1), f"it ended without {text!r}:\n{self.said}"
            assert time.monotonic() < end, f"no {text!r} in:\n{self.said[start:]}"

    def read(self, wait_s):
        """Read what comes within a while. False when the board is off."""
        if select.select([self._terminal], [], [], wait_s)[0]:
            try:
                piece = os.read(self._terminal, 4096)
            except OSError:  # how Linux says that the other side is closed
                return False
            self.said += piece.decode(errors="replace").replace("\r", "")
            return bool(piece)
        return True

    def until_portal(self):
        """Wait until the portal can be reached. `host.start()` or the like was typed before."""
        end = time.monotonic() + PATIENCE_S
        while True:
            self.read(0.1)
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < end, f"no portal:\n{self.said}"

    def interrupt(self):
        """Press Ctrl-C, as often as it takes to have the prompt back."""
        start = len(self.said)
        for _ in range(5):
            self.write("\x03")
            try:
                return self.until(MARK, start, 2)
            except AssertionError as error:
                last = error
        raise last

    def write(self, text):
        """Type some characters, and wait for nothing."""
        os.write(self._terminal, text.encode())

    def http(self, method, path, value=None):
        """A phone asks the portal; value goes as JSON. Returns (status, JSON or None)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        body = None if value is None else json.dumps(value)
        kind = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, kind)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, json.loads(text) if text.startswith(b"{") else None

    def power_off(self):
        """Take the power away, as one pulls a plug."""
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            os.close(self._terminal)
            self._process = 0
