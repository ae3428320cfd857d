# The board that `make run` boots, in a process.
# MIT licence

import json
import os
import re
import subprocess
import sys
import threading
import time

import flash_files
from loopback import free_port
from tools.paths import ROOT


class SimulatedBoard:
    """`make run`'s own program in a process; `said` is what it printed."""

    def __init__(self, flash, board="esp32", **settings):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.said, self.flash = [], flash
        if not flash.exists():  # else it is switched on again
            flash_files.put(flash / "provisioning", "settings", {**flash_files.BRISK, **settings})
        choice = {"SIM_DIR": str(flash), "PORTAL_PORT": str(self.port), "BOARD": board}
        environment = {**os.environ, **choice, "RADIO_SPEED": "8"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.said.append(line.rstrip())

    def wait_for(self, pattern, limit_s=40):
        """The first printed line that matches."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            for line in self.said:
                if re.search(pattern, line):
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no line {pattern!r} in:\n" + "\n".join(self.said))

    def identity(self):
        """What its flash knows of it: ap_key, pop."""
        return json.loads((self.flash / "provisioning/identity").read_bytes().split(b"\n", 1)[1])

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
