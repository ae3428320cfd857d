# Images onto a Pico, by the drive that its bootloader shows.
# MIT licence
"""A Pico that is plugged in with BOOTSEL held, or is told to by its MicroPython, shows itself as
a drive with INFO_UF2.TXT on it. It takes the UF2 file that is copied there, and starts it.
"""

import errno
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from tools.boards import BoardError

# What INFO_UF2.TXT calls them.
CHIPS = {"RPI-RP2": "rp2040", "RP2350": "rp2350"}
PATIENCE = 20  # seconds for a drive to come or to go
PIECE = 64 * 1024

BOOTSEL = (
    "no Pico's drive was found. Hold BOOTSEL while you plug the Pico in; if the drive is not "
    "mounted by itself, mount it and say where: --drive DIR"
)
ERASE = """
try:
    import vfs
except ImportError:
    import os as vfs
import rp2
vfs.umount("/")
vfs.VfsLfs2.mkfs(rp2.Flash(), progsize=256)
"""


def drives(folders=None):
    """The drives of Picos that wait for an image, as {folder: chip}.

    folders: where to look; by default where this system mounts drives.
    """
    found = {}
    for folder in _mounted() if folders is None else folders:
        if chip := chip_of(folder):
            found[str(folder)] = chip
    return found


def chip_of(folder):
    """ "rp2040" or "rp2350" for a Pico's drive, None for any other folder."""
    try:
        text = (Path(folder) / "INFO_UF2.TXT").read_text(errors="replace")
    except OSError:
        return None
    name = re.search(r"Board-ID:\s*(\S+)", text)
    return CHIPS.get(name[1]) if name else None


def machine(device, ask=None):
    """The chip of the Pico whose MicroPython answers at a serial port. Raises BoardError.

    ask: the function that runs words of mpremote's, for a test.
    """
    text = (ask or _mpremote)(device, "exec", "import sys; print(sys.implementation._machine)")
    for chip in CHIPS.values():
        if chip.upper() in text.upper():
            return chip
    raise BoardError(f"the board at {device} is not a Pico: {text.strip()}")


def enter_bootloader(device, chip, erase=False, ask=None):
    """Have the MicroPython at a serial port show the Pico's drive, its files erased if wanted.

    Raises BoardError, also if the Pico there has another chip.
    """
    ask = ask or _mpremote
    there = machine(device, ask)
    if there != chip:
        raise BoardError(f"the Pico at {device} has an {there.upper()}, the image is for another")
    if erase:
        ask(device, "exec", ERASE)
    ask(device, "bootloader")


def await_drive(others=(), folders=None, patience=PATIENCE):
    """The folder of the one Pico that waits for an image, as soon as it is there.

    others: folders of drives that are not meant. patience: in seconds. Raises BoardError.
    """
    end = time.monotonic() + patience
    while not (found := {at: chip for at, chip in drives(folders).items() if at not in others}):
        if time.monotonic() > end:
            raise BoardError(BOOTSEL)
        time.sleep(0.2)
    if len(found) > 1:
        raise BoardError(f"{len(found)} Picos wait; say which: --drive DIR\n  {_lines(found)}")
    return next(iter(found))


def copy(image, folder, progress=None, patience=PATIENCE):
    """Copy an Image onto a Pico's drive and see that the Pico takes it: the drive vanishes.

    progress: is called with the percentage points that were done. patience: in seconds, for the
    drive to vanish. Returns the folder; raises BoardError.
    """
    chip = chip_of(folder)
    if chip is None:
        raise BoardError(f"{folder} is not a Pico's drive: there is no INFO_UF2.TXT of one")
    if chip != image.chip:
        raise BoardError(
            f"the Pico at {folder} has an {chip.upper()}, and {Path(image.path).name} is for "
            f"the {image.chip.upper()}"
        )
    data = Path(image.path).read_bytes()
    done = 0
    try:
        with open(Path(folder) / "firmware.uf2", "wb", buffering=0) as file:
            while done < len(data):
                written = file.write(data[done : done + PIECE])
                done += written
                # Now, so that an error is this piece's. The Pico starts with the last one,
                # which may look as if it had been pulled out.
                os.fsync(file.fileno())
                if progress:
                    progress(100 * written / len(data))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise BoardError(f"{folder} is full: unplug the Pico and begin again") from error
        if done < len(data) or chip_of(folder):
            raise BoardError(
                f"the Pico at {folder} went away at {100 * done // len(data)} % "
                f"({error.strerror}): plug it in with BOOTSEL held and begin again"
            ) from error
    end = time.monotonic() + patience
    while chip_of(folder):
        if time.monotonic() > end:
            raise BoardError(f"the Pico at {folder} did not start the image: unplug it, try again")
        time.sleep(0.1)
    return str(folder)


def _mounted():
    if os.name == "nt":
        return [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    if sys.platform == "darwin":
        return sorted(Path("/Volumes").glob("*"))
    return sorted(
        folder
        for pattern in ("media/*", "media/*/*", "run/media/*/*")
        for folder in Path("/").glob(pattern)
    )


def _lines(found):
    return "\n  ".join(f"{folder}  {chip.upper()}" for folder, chip in found.items())


def _mpremote(device, *words):
    command = [sys.executable, "-m", "mpremote", "connect", device, *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise BoardError(f"no MicroPython answers at {device}. {BOOTSEL}") from None
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["no answer"]
        raise BoardError(f"no MicroPython answers at {device} ({reason[-1]}). {BOOTSEL}")
    return done.stdout
