# An ESP32 in its bootloader behind a pseudo-terminal, for the real esptool, and images for it.
# MIT licence
"""FakeRom speaks the serial protocol of the chips' ROM and, when esptool has loaded its stub, of
the stub (https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/
serial-protocol.html): enough to write an image. micropython_image() makes one.

A pseudo-terminal has no reset lines. So the written program starts when esptool leaves the stub:
`boot` is called with the flash's content and may return a file descriptor that is joined to the
line from then on. A SYNC packet on the line brings the ROM back, as the reset button would.
"""

import hashlib
import os
import select
import struct
import threading
import tty
import zlib

from esptool.bin_image import ELFSection
from esptool.loader import ESPLoader
from esptool.targets import CHIP_DEFS

OPS = {number: name for name, number in ESPLoader.ESP_CMDS.items()}
SECTOR = ESPLoader.FLASH_SECTOR_SIZE
MAC = bytes.fromhex("a0b1c2d3e4f5")
FLASH_ID = 0x1640EF  # Winbond, 2 ** 0x16 bytes
RAM = 0x3FFB0000  # in no chip a part of the flash
RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59  # families of UF2 files
# The string lies across two blocks.
PICO = b"\0" * 245 + b"MicroPython v1.26.1 on 2025-09-11\0Raspberry Pi Pico W with RP2040\0"
SYNC = b"\xc0\x00\x08\x24\x00"


def part(chip, content=b"", digest=True):
    """A bootloader or an app, as esptool writes it; without its SHA-256 it has a checksum only."""
    rom = CHIP_DEFS[chip]
    image = rom.BOOTLOADER_IMAGE()
    image.ROM_LOADER = rom
    image.flash_size_freq = rom.FLASH_SIZES["4MB"]
    image.entrypoint = RAM
    image.append_digest = digest
    image.segments = [ELFSection(b"code", RAM, content or b"code", 0)]
    return image.save(None)


def partition_table():
    """One app at 0x10000, as MicroPython's boards have it."""
    app = struct.pack("<2sBBII16sI", b"\xaaP", 0, 0, 0x10000, 0x1F0000, b"factory", 0)
    files = struct.pack("<2sBBII16sI", b"\xaaP", 1, 0x81, 0x200000, 0x200000, b"vfs", 0)
    return app + files


def micropython_image(chip, version="v1.25.0", content=b"", digest=True):
    """A whole image, put together as MicroPython's ports/esp32/makeimg.py does it."""
    name = chip.upper()
    text = f"MicroPython {version} on 2025-04-15\0; Generic {name} module with {name}\0"
    image = bytearray(part(chip, b"bootloader"))
    start = CHIP_DEFS[chip].BOOTLOADER_FLASH_OFFSET
    for offset, piece in (
        (0x8000, partition_table()),
        (0x10000, part(chip, text.encode() + content, digest)),
    ):
        image += b"\xff" * (offset - start - len(image)) + piece
    return bytes(image)


def uf2_image(family, content, before=b""):
    """A file for a Pico, by https://github.com/microsoft/uf2."""
    pieces = [content[at : at + 256].ljust(256, b"\0") for at in range(0, len(content), 256)]
    blocks = [
        struct.pack(
            "<8I476sI",
            *(0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + 256 * n, 256, n, len(pieces), family),
            *(piece, 0x0AB16F30),
        )
        for n, piece in enumerate(pieces)
    ]
    return before + b"".join(blocks)


def _unescaped(packet):
    return packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")


class FakeRom:
    """A chip with 4 MB of flash. A context manager; `path` is the port to name to esptool.

    chip: esptool's word for it. silent_after: bytes of flash written, after which it answers no
    more. boot: what to do when the program starts, see above.
    """

    def __init__(self, chip="esp32s3", silent_after=None, boot=None):
        self.rom = CHIP_DEFS[chip]
        self.flash = bytearray(b"\xff" * (1 << (FLASH_ID >> 16)))
        self.written = self.erased = 0  # bytes; how often all was erased
        self.asked = []  # the commands by name
        self.silent_after, self.boot = silent_after, boot
        self.stub, self.joined = False, None
        self._line, self._port = os.openpty()
        tty.setraw(self._port)
        self.path = os.ttyname(self._port)
        self._stop, self._stopper = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.unplug()
        self._thread.join()
        os.close(self._stop)
        os.close(self._stopper)

    def unplug(self):
        """The line is cut."""
        os.write(self._stopper, b"x")

    def _serve(self):
        received = b""
        try:
            while True:
                handles = [self._line, self._stop, *([self.joined] if self.joined else [])]
                ready, _, _ = select.select(handles, [], [])
                if self._stop in ready:
                    return
                if self.joined in ready:
                    said = os.read(self.joined, 4096)
                    self.joined = self.joined if said else None
                    self._write(said)
                if self._line in ready:
                    received += os.read(self._line, 65536)
                    if self.joined and SYNC not in received:
                        os.write(self.joined, received)
                        received = b""
                        continue
                    self.joined = None
                    *packets, received = received.split(b"\xc0")
                    for packet in filter(None, packets):
                        self._packet(_unescaped(packet))
        finally:
            os.close(self._line)
            os.close(self._port)

    def _write(self, data):
        while data:
            data = data[os.write(self._line, data) :]

    def _send(self, packet):
        packet = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        self._write(b"\xc0" + packet + b"\xc0")

    def _packet(self, packet):
        _, op, _, checksum = struct.unpack_from("<BBHI", packet)
        name, data = OPS.get(op, str(op)), packet[8:]
        self.asked.append(name)
        if self.silent_after is not None and self.written >= self.silent_after:
            return
        right = not name.endswith("_DATA") or ESPLoader.checksum(data[16:]) == checksum
        method = getattr(self, "_" + name.lower(), None)
        answer = method(data) if method and right else None
        status = bytes([answer is None, 0x05 if answer is None else 0])
        value, result = answer or (0, b"")
        result += status if self.stub else status + b"\0\0"
        for _ in range(8 if name == "SYNC" else 1):
            self._send(struct.pack("<BBHI", 1, op, len(result), value) + result)
        self._after(name, data)

    def _after(self, name, data):
        if name == "MEM_END" and not self.stub:
            self.stub = True
            self._send(b"OHAI")
        elif name in ("FLASH_END", "FLASH_DEFL_END") and data[:1] == b"\0":
            self.stub = False
            if self.boot:
                self.joined = self.boot(bytes(self.flash))

    def _sync(self, data):
        return (0 if self.stub else 0x20120707), b""

    def _get_security_info(self, data):
        if self.rom.USES_MAGIC_VALUE:
            return None
        return 0, struct.pack("<I8xII", 0, self.rom.IMAGE_CHIP_ID, 0)

    def _read_reg(self, data):
        address = struct.unpack("<I", data)[0]
        mac = getattr(self.rom, "MAC_EFUSE_REG", None) or self.rom.EFUSE_RD_REG_BASE + 4
        known = {
            ESPLoader.CHIP_DETECT_MAGIC_REG_ADDR: self.rom.MAGIC_VALUE,
            self.rom.SPI_REG_BASE + self.rom.SPI_W0_OFFS: FLASH_ID,
            mac: int.from_bytes(MAC[2:], "big"),
            mac + 4: int.from_bytes(MAC[:2], "big"),
        }
        return known.get(address) or 0, b""

    def _ok(self, data):
        return 0, b""

    _write_reg = _mem_begin = _mem_data = _mem_end = _ok
    _spi_attach = _spi_set_params = _change_baudrate = _flash_end = _flash_defl_end = _ok

    def _flash_begin(self, data):
        size, _, _, self._at = struct.unpack_from("<4I", data)
        end = -(-(self._at + size) // SECTOR) * SECTOR
        self.flash[self._at : end] = b"\xff" * (end - self._at)
        return 0, b""

    def _flash_data(self, data):
        return self._program(data[16:])

    def _flash_defl_begin(self, data):
        self._inflate = zlib.decompressobj()
        return self._flash_begin(data)

    def _flash_defl_data(self, data):
        return self._program(self._inflate.decompress(data[16:]))

    def _program(self, data):
        end = self._at + len(data)
        if self.flash[self._at : end].strip(b"\xff"):
            return None  # flash that was not erased
        self.flash[self._at : end] = data
        self._at = end
        self.written += len(data)
        return 0, b""

    def _erase_flash(self, data):
        self.flash[:] = b"\xff" * len(self.flash)
        self.erased += 1
        return 0, b""

    def _spi_flash_md5(self, data):
        start, size = struct.unpack_from("<2I", data)
        digest = hashlib.md5(self.flash[start : start + size])
        return 0, digest.digest() if self.stub else digest.hexdigest().encode()
