# A board on a serial line: bare-metal MicroPython under QEMU, behind a pty.
# MIT licence
"""with BareBoard(folder) as board: mpremote, or a tool, talks to board.port.

Its flash is a file in the folder: what is in it survives unplug(), and a new board in that folder.
"""

import os
import re
import subprocess
import threading
from pathlib import Path

import littlefs
import pytest

from tools import bare
from tools.boards.wire import Board

CI = os.environ.get("CI") == "true"
_FLASH_BYTES = 16 << 20
_BLOCK, _BLOCKS = 4096, 512  # of the file system: usermod/bare/board.c
_NUMBER_AT = 0x2FFFF0  # frozen/machine.py reads the chip's number there
_START_S = 20


def firmware():
    """The firmware's path. Without it a test is skipped, with the reason; in CI it fails."""
    found = bare.build()
    if not found.path:
        (pytest.fail if CI else pytest.skip)(found.reason)
    return found.path


def file_system(files):
    """An image of a littlefs with files in it, {path: content}."""
    image = littlefs.LittleFS(block_size=_BLOCK, block_count=_BLOCKS)
    for path, content in files.items():
        image.makedirs(path.rpartition("/")[0] or "/", exist_ok=True)
        with image.open(path, "wb") as file:
            file.write(content)
    return bytes(image.context.buffer)


class BareBoard:
    """One board. port: the pty's path while it is plugged in.

    number: its chip's, 6 bytes. files: what is in its flash the first time, {path: content}.
    """

    def __init__(self, folder, number=b"\x02\x00\x00\x3f\x2a\x1b", files=None):
        self.flash = Path(folder) / "flash"
        self.port = None
        self._process = self._held = None
        if not self.flash.exists():
            self.flash.parent.mkdir(parents=True, exist_ok=True)
            with self.flash.open("wb") as file:
                file.truncate(_FLASH_BYTES)
                file.write(file_system(files) if files else b"")
                file.seek(_NUMBER_AT)
                file.write(number)

    def __enter__(self):
        self.plug_in()
        return self

    def __exit__(self, *exc):
        self.unplug()

    def plug_in(self):
        """Power on. The port's name may be another one than before."""
        memory = f"memory-backend-file,id=flash,size={_FLASH_BYTES},mem-path={self.flash},share=on"
        self._process = subprocess.Popen(
            [
                *(bare.QEMU, "-machine", "mps2-an385,memory-backend=flash", "-object", memory),
                *("-display", "none", "-monitor", "null", "-semihosting", "-serial", "pty"),
                *("-kernel", str(firmware())),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watchdog = threading.Timer(_START_S, self._process.kill)
        watchdog.start()
        said = self._process.stdout.readline()
        watchdog.cancel()
        found = re.search(r"redirected to (\S+)", said)
        if not found:
            self.unplug()
            raise RuntimeError(f"QEMU does not start: {said}")
        self.port = found[1]
        # QEMU stops sending for good when nobody has the line open at a bad moment
        # (chardev/char-pty.c looks once a second whether somebody has).
        self._held = os.open(self.port, os.O_RDWR | os.O_NOCTTY)

    def unplug(self):
        """Cut the power and take the port away, whatever the board does just now."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self.port = None

    def do(self, code, silence_s=20):
        """Run code at the prompt, where the board stays. Returns what it printed.

        silence_s: how long it may take between two characters.
        """
        with Board(self.port, resume=False) as wire:
            return wire.do(code, silence_s)
