# What a MicroPython image is: its chip, its place in the flash, its version, and if it is whole.
# MIT licence
"""An image for the ESP32 family is a .bin file: the bootloader, the partition table and
MicroPython, as they lie in the flash. One for a Pico is a .uf2 file. read() tells what a file is,
or raises a BoardError that says why it cannot be flashed.
"""

import collections
import hashlib
import re
import struct
from pathlib import Path

from tools.boards import BoardError

# chip: as esptool says it ("esp32s3"), or "rp2040", "rp2350"; offset: where in the flash the file
# begins, None for UF2; flash_size: bytes that the bootloader expects, or None; version: "v1.25.0",
# machine: "Generic ESP32 module", both None if the image does not say.
Image = collections.namedtuple(
    "Image", "path kind chip offset flash_size version machine sha256 size"
)

OLDEST = (1, 25)

# The names that micropython.org gives the boards of a chip that has Wi-Fi.
BOARDS = {
    "esp32": "ESP32_GENERIC",
    "esp32s2": "ESP32_GENERIC_S2",
    "esp32s3": "ESP32_GENERIC_S3",
    "esp32c3": "ESP32_GENERIC_C3",
    "esp32c5": "ESP32_GENERIC_C5",
    "esp32c6": "ESP32_GENERIC_C6",
    "rp2040": "RPI_PICO_W",
    "rp2350": "RPI_PICO2_W",
}

# https://github.com/microsoft/uf2/blob/master/utils/uf2families.json
FAMILIES = {0xE48BFF56: "rp2040", 0xE48BFF59: "rp2350", 0xE48BFF5A: "rp2350"}
# The RP2350's files begin with a block of this family, counted by itself, against erratum E10.
ABSOLUTE = 0xE48BFF57

_TABLE = 0x8000  # where ESP-IDF's partition table is in the flash
_UF2 = b"UF2\nWQ]\x9e"


def read(path):
    """The Image that a file is. Raises BoardError if it is none that can be flashed."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BoardError(f"cannot read {path}: {error.strerror}") from error
    if not data:
        raise BoardError(f"{path.name} is empty: download it again")
    if data[:512].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise BoardError(f"{path.name} is a web page, not an image: save what its link leads to")
    kind, chip, offset, flash_size, content = (_uf2 if data.startswith(_UF2) else _esp)(path, data)
    version = re.search(rb"MicroPython (v\d+\.\d+\.\d+[\w.+-]*)", content)
    machine = re.search(rb"([A-Z][^;\x00-\x1f\x7f-\xff]{2,60}?) with (?:ESP32|RP2)", content)
    return Image(
        path=str(path),
        kind=kind,
        chip=chip,
        offset=offset,
        flash_size=flash_size,
        version=version and version[1].decode(),
        machine=machine and machine[1].decode(),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )


def check_version(image):
    """Raise BoardError if the image is older than this package needs, or not MicroPython."""
    if image.version is None:
        raise BoardError(f"{image.path} does not say that it is MicroPython (--force flashes it)")
    if tuple(int(n) for n in re.findall(r"\d+", image.version)[:2]) < OLDEST:
        raise BoardError(
            f"{image.path} is MicroPython {image.version}, and v{OLDEST[0]}.{OLDEST[1]} or newer "
            f"is needed: {page(image.chip)} (--force flashes it)"
        )


def page(chip):
    """Where the image for a chip is, on MicroPython's site."""
    return f"https://micropython.org/download/{BOARDS.get(chip, '')}"


def chip_word(name):
    """A chip's name as esptool's options have it: "esp32s3" of "ESP32-S3"."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def bootloader_offset(chip):
    """Where in the flash the chip's ROM looks for the bootloader, as esptool knows it."""
    from esptool.targets import CHIP_DEFS

    return CHIP_DEFS[chip].BOOTLOADER_FLASH_OFFSET


def _esp(path, data):
    chip = _esp_chip(path, data)
    offset = bootloader_offset(chip)
    bootloader = _part(path, chip, data)
    start = _TABLE - offset
    app = _app_offset(data[start : start + 0xC00])
    if app is None:
        raise BoardError(
            f"{path.name} is an app alone, without bootloader and partition table: "
            f"take the whole image, {BOARDS.get(chip, chip.upper())}-DATE-VERSION.bin, "
            f"from {page(chip)}"
        )
    if len(data) <= app - offset:
        raise BoardError(f"{path.name} is cut off: download it again")
    _part(path, chip, data[app - offset :])
    sizes = bootloader.ROM_LOADER.FLASH_SIZES
    name = next(
        (n for n, code in sizes.items() if code == bootloader.flash_size_freq & 0xF0), None
    )
    return "esp", chip, offset, _bytes(name), data


def _bytes(name):
    from esptool.util import flash_size_bytes

    return name and flash_size_bytes(name)


def _esp_chip(path, data):
    from esptool.targets import CHIP_DEFS

    if data[0] != 0xE9:
        raise BoardError(f"{path.name} is neither an ESP32's .bin image nor a Pico's .uf2")
    if len(data) < 24:
        raise BoardError(f"{path.name} is cut off: download it again")
    number = struct.unpack_from("<H", data, 12)[0]
    # The ESP8266's header has code here; the others end theirs with 0 or 1.
    found = [chip for chip, rom in CHIP_DEFS.items() if number == rom.IMAGE_CHIP_ID]
    if not found or data[23] > 1:
        raise BoardError(f"{path.name} is for a chip that is not supported (an ESP8266?)")
    return found[0]


def _part(path, chip, data):
    """The bootloader or the app at the beginning of `data`, if it is whole."""
    from esptool.bin_image import LoadFirmwareImage
    from esptool.util import FatalError

    try:
        part = LoadFirmwareImage(chip, data)
    except (FatalError, RuntimeError, struct.error, IndexError, TypeError) as error:
        raise BoardError(f"{path.name} is cut off or damaged: download it again") from error
    if part.append_digest:
        whole = part.stored_digest == part.calc_digest
    else:
        whole = part.checksum == part.calculate_checksum()
    if not whole:
        raise BoardError(f"{path.name} is cut off or damaged: download it again")
    return part


def _app_offset(table):
    """Where the first app is in the flash by a partition table; None if it is not one."""
    for at in range(0, len(table) - 31, 32):
        magic, kind, _, offset = struct.unpack_from("<2sBBI", table, at)
        if magic != b"\xaaP":
            return None
        if kind == 0:
            return offset
    return None


def _uf2(path, data):
    if len(data) % 512:
        raise BoardError(f"{path.name} is cut off: download it again")
    content, families = [], {}
    for at in range(0, len(data), 512):
        block = data[at : at + 512]
        size, _, count, family = struct.unpack_from("<4I", block, 16)
        if not block.startswith(_UF2) or block[508:] != b"\x30\x6f\xb1\x0a" or size > 476:
            raise BoardError(f"{path.name} is damaged: download it again")
        families.setdefault(family, []).append(count)
        content.append(block[32 : 32 + size])
    families.pop(ABSOLUTE, None)
    for family, counts in families.items():
        if family not in FAMILIES:
            raise BoardError(
                f"{path.name} is a UF2 file, and not for a Pico: an ESP32 takes the .bin file"
            )
        if len(counts) != counts[0]:
            raise BoardError(f"{path.name} is cut off: download it again")
    chips = {FAMILIES[family] for family in families}
    if len(chips) != 1:
        raise BoardError(f"{path.name} is not an image for one chip")
    return "uf2", chips.pop(), None, None, b"".join(content)
