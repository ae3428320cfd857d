# Images onto the ESP32 family, with esptool.
# MIT licence
"""esptool runs in a process of its own, so several boards can be written at once, and one that
stops answering can be given up. Its last words become a BoardError that says what to do.
"""

import collections
import os
import queue
import re
import subprocess
import sys
import threading
from pathlib import Path

from tools.boards import BoardError, images, ports

BAUD = 460800
STALL = 300  # seconds without a word; erasing all may take esptool's 240

CONNECT = (
    "no answer from the chip at {port}. Hold the board's BOOT button, press RESET, let BOOT go, "
    "and try again. Or is it the wrong port? --port DEVICE names another"
)
GONE = (
    "the board at {port} stopped answering{at}. Look at the cable, and flash again: "
    "a chip that is written halfway is not broken. --baud 115200 is slower and surer"
)

Outcome = collections.namedtuple("Outcome", "code text percent")


def arguments(image, port, erase=False, baud=BAUD):
    """What esptool is asked to do to write an Image to the board at a serial port.

    The image's chip is named, so esptool refuses a board with another one.
    """
    words = [*_connection(port, image.chip), "--baud", str(baud), "write-flash"]
    return [*words, *(["--erase-all"] if erase else []), hex(image.offset), image.path]


def write(image, port, erase=False, baud=BAUD, progress=None):
    """Write an Image to the board at a serial port and see that it got there, by its MD5.

    progress: is called with the percentage points that were done. Raises BoardError.
    """
    outcome = _esptool(arguments(image, port, erase, baud), progress)
    if outcome.code:
        raise BoardError(_reason(outcome, port, image))


def chip_of(port):
    """The chip of the board at a serial port, such as "esp32s3". Raises BoardError."""
    outcome = _esptool([*_connection(port, "auto"), "--no-stub", "read-mac"])
    found = re.search(r"Connected to (ESP[\w-]+)", outcome.text)
    if outcome.code or not found:
        raise BoardError(_reason(outcome, port))
    return images.chip_word(found[1])


def _connection(port, chip):
    words = ["--chip", chip, "--port", port]
    # A pseudo-terminal has no reset lines: what is behind it waits in its bootloader.
    if os.path.realpath(port).startswith("/dev/pts/"):
        words += ["--before", "no-reset", "--after", "no-reset"]
    return words


def _esptool(words, progress=None):
    """Run esptool. Returns the Outcome: exit code, all that it said, and how far writing got."""
    # One line for each step of its bar, unbroken.
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "500", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "esptool", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=environment,
    )
    said, percent = [], 0.0
    try:
        for line in _lines(process):
            if found := re.search(r"Writing at .*?([\d.]+)%", line):
                if progress:
                    progress(float(found[1]) - percent)
                percent = float(found[1])
            else:
                said.append(line)
        return Outcome(process.wait(), "".join(said), percent)
    except queue.Empty:
        return Outcome(-1, "stopped responding", percent)
    finally:
        process.kill()  # does nothing if it has ended
        process.wait()


def _lines(process):
    """What the process says, line by line; queue.Empty if it says nothing for STALL seconds."""
    lines = queue.Queue()

    def read():
        with process.stdout as stream:
            for line in stream:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return iter(lambda: lines.get(timeout=STALL), None)


def _reason(outcome, port, image=None):
    text = outcome.text
    if found := re.search(r"This chip is (\S+), not (\S+?)\.", text):
        chip = images.chip_word(found[1])
        return (
            f"the board at {port} has an {found[1]}, and {Path(image.path).name} is for an "
            f"{found[2]}. The image for it: {images.page(chip)}"
        )
    if "will not fit in" in text:
        return f"{Path(image.path).name} does not fit: the flash of the board at {port} is smaller"
    if "exclusively lock" in text or "Device or resource busy" in text:
        return ports.busy(port)
    if "Failed to connect" in text or "Could not connect" in text:
        return CONNECT.format(port=port)
    silent = ("stopped responding", "No serial data", "No more data", "serial exception")
    if any(words in text for words in (*silent, "Packet content transfer", "Lost connection")):
        at = f" at {outcome.percent:.0f} %" if outcome.percent else ""
        return GONE.format(port=port, at=at)
    if found := re.search(r"fatal error occurred: (.*)", text):
        return f"esptool at {port}: {found[1].strip()}"
    return f"esptool at {port}: {text.strip()[-500:] or 'it said nothing'}"
