# Writes a MicroPython image to a board.
# MIT licence
"""Write a MicroPython image to the board: IMAGE is a file or an address, or nothing: then the
newest release for the board's chip is fetched from micropython.org.

  flash                                        the newest release, for the board that is attached
  flash ESP32_GENERIC_S3-20250415-v1.25.0.bin  a file
  flash --board RPI_PICO2_W                    the newest release for a board by its name
  flash --erase IMAGE                          begin anew: settings, networks and identity go

The files on the board stay unless you say --erase. An ESP32 is written by esptool at its serial
port; a Pico W or Pico 2 W by the drive of its bootloader, which a MicroPython on it is asked for.
"""

import sys
import threading
import time
from pathlib import Path

from tools.boards import BoardError, download, esp, images, ports, progress, uf2
from tools.paths import BUILD

SUMMARY = "write a MicroPython image to a board"

WARNING = """Everything on the board at {where} will be erased: files, settings, networks, and its
identity (its name and its access point's key: a printed label will no longer be right)."""

ERASE_BY_HAND = (
    "a Pico is erased by its MicroPython, and this one is in its bootloader: plug it in without "
    "BOOTSEL and flash again with --erase, or copy Raspberry Pi's flash_nuke.uf2 to it first"
)

# The drives of several Picos look the same: one at a time.
ONE_DRIVE = threading.Lock()


def add_arguments(parser):
    """Give the command's parser its words."""
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="a file or an http(s) address")
    ports.add_argument(parser)
    parser.add_argument("--board", metavar="NAME", help="its name on micropython.org/download")
    parser.add_argument("--drive", metavar="DIR", help="the drive of a Pico's bootloader")
    parser.add_argument("--sha256", metavar="HEX", help="refuse an image with another checksum")
    parser.add_argument("--erase", action="store_true", help="erase everything on the board first")
    parser.add_argument("--yes", action="store_true", help="do not ask before erasing")
    parser.add_argument("--force", action="store_true", help="take an old MicroPython, or another")
    parser.add_argument("--baud", type=int, default=esp.BAUD, help="speed (default: %(default)s)")


def run(options):
    """Find the image and the board, write it. Returns what write() does."""
    image = images.read(_file(options))
    _check_sum(image, options.sha256)
    if not options.force:
        images.check_version(image)
    port, drive = _place(options, image)
    if options.erase and not options.yes:
        _ask(port or drive)
    _tell(image, port or drive)
    with progress.bar("writing", 100) as advance:
        return write(port, image.path, options.erase, advance, drive, options.baud)


def show(found):
    """Say what was done, and what comes next."""
    print(
        f"{found['version'] or 'The image'} is on the {found['chip'].upper()} at {found['port']} "
        f"({found['seconds']} s). Now: make deploy"
    )


def write(port, image_path, erase=False, progress=None, drive=None, baud=esp.BAUD):
    """Write an image to one board. Can be called in several threads, for a board each.

    port: the serial port's name; a Pico may have none, then its bootloader's drive is used.
    erase: everything on the board first. progress: a function that is called with the percentage
    points that were done. drive: the folder of a Pico's drive, None looks for it. baud: bits a
    second. Returns {"port", "chip", "image", "sha256", "version", "seconds", "ok"}.
    Raises BoardError.
    """
    image = images.read(image_path)
    start = time.monotonic()
    if image.kind == "esp":
        esp.write(image, port, erase, baud, progress)
    else:
        drive = _write_uf2(image, port, drive, erase, progress)
    return {
        "port": str(port or drive),
        "chip": image.chip,
        "image": image.path,
        "sha256": image.sha256,
        "version": image.version,
        "seconds": round(time.monotonic() - start, 1),
        "ok": True,
    }


def _place(options, image):
    """Where the board is: its serial port and None, or None and the drive of its bootloader."""
    if image.kind == "uf2":
        if options.drive:
            return None, options.drive
        if not options.port and uf2.drives():
            return None, uf2.await_drive()
    return ports.choose(options.port).device, None


def _write_uf2(image, port, drive, erase, progress):
    if not port:
        if erase:
            raise BoardError(ERASE_BY_HAND)
        return uf2.copy(image, drive or uf2.await_drive(), progress)
    with ONE_DRIVE:
        others = uf2.drives()
        uf2.enter_bootloader(port, image.chip, erase)
        return uf2.copy(image, uf2.await_drive(others), progress)


def _file(options):
    image = options.image
    if image and "://" not in image:
        return image
    if not image:
        image = download.newest(options.board or images.BOARDS[_chip(options)])
    return download.fetch(image, BUILD / "images")


def _chip(options):
    """The chip of the board that is there, when the image is to be chosen by it."""
    if options.drive or (not options.port and uf2.drives()):
        chip = uf2.chip_of(options.drive or uf2.await_drive())
    else:
        port = ports.choose(options.port)
        chip = uf2.machine(port.device) if port.vid == 0x2E8A else esp.chip_of(port.device)
    if chip not in images.BOARDS:
        raise BoardError(f"the chip {chip or 'there'} is not supported: see the table of boards")
    return chip


def _check_sum(image, wanted):
    if wanted and wanted.strip().lower() != image.sha256:
        raise BoardError(
            f"{image.path} has the SHA-256 {image.sha256}, not the one you gave: do not use it"
        )


def _ask(where):
    print(WARNING.format(where=where), file=sys.stderr)
    if not sys.stdin.isatty():
        raise BoardError("nothing was erased: nobody is there to ask. --yes answers for you")
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise BoardError("nothing was erased or written")


def _tell(image, where):
    name = " ".join(text for text in (image.machine, image.version) if text)
    print(f"{Path(image.path).name}: {name or image.chip}", file=sys.stderr)
    print(f"sha256 {image.sha256}", file=sys.stderr)
    print(f"to the {image.chip.upper()} at {where}", file=sys.stderr)
