# What tools/boards/images.py says of an image, against esptool's own tools.
# MIT licence
"""The ESP images are esptool's work, put together as MicroPython's makeimg.py does it. The UF2
files are put together here, by https://github.com/microsoft/uf2.
"""

import hashlib
import re
import struct

import esptool
import pytest
from esptool.targets import CHIP_DEFS

import fake_rom
from fake_rom import RP2040, RP2350
from tools.boards import BoardError, esp, images

ESP = [chip for chip in images.BOARDS if chip.startswith("esp")]
OFFSETS = {"esp32": 0x1000, "esp32s2": 0x1000, "esp32c5": 0x2000}  # by MicroPython's makeimg.py
ABSOLUTE = 0xE48BFF57


def saved(tmp_path, data, name="image.bin"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def refusal(tmp_path, data, name="image.bin"):
    with pytest.raises(BoardError) as error:
        images.read(saved(tmp_path, data, name))
    assert name in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("chip", ESP)
def test_an_image_is_known_and_esptool_agrees(chip, tmp_path, capsys):
    data = fake_rom.micropython_image(chip)
    path = saved(tmp_path, data)
    image = images.read(path)
    assert image == images.Image(
        path=str(path),
        kind="esp",
        chip=chip,
        offset=OFFSETS.get(chip, 0),
        flash_size=4 << 20,
        version="v1.25.0",
        machine=f"Generic {chip.upper()} module",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
    esptool.main(["image-info", str(path)])
    text = capsys.readouterr().out
    assert f"({CHIP_DEFS[chip].CHIP_NAME})" in text
    assert "Flash size: 4MB" in text
    assert re.search(r"Checksum: \S+ \(valid\)", text)


@pytest.mark.parametrize("chip", ESP)
def test_the_bootloader_comes_to_lie_where_the_rom_looks(chip, tmp_path):
    path = saved(tmp_path, fake_rom.micropython_image(chip))
    image = images.read(path)
    flash = tmp_path / "flash.bin"
    esptool.main(["--chip", chip, "merge-bin", "-o", str(flash), hex(image.offset), image.path])
    whole = flash.read_bytes()
    start = CHIP_DEFS[chip].BOOTLOADER_FLASH_OFFSET
    assert whole[:start] == b"\xff" * start
    assert whole[start:].startswith(fake_rom.part(chip, b"bootloader"))
    assert whole[0x8000:].startswith(fake_rom.partition_table())
    assert whole[0x10000] == 0xE9


@pytest.mark.parametrize("chip", ESP)
def test_esptools_parser_takes_what_it_is_asked_for(chip, tmp_path):
    path = saved(tmp_path, fake_rom.micropython_image(chip))
    words = esp.arguments(images.read(path), "/dev/ttyUSB0", erase=True)
    assert words[:4] == ["--chip", chip, "--port", "/dev/ttyUSB0"]
    at = words.index("write-flash")
    command = esptool.cli.get_command(None, words[at])
    parsed = command.make_context(words[at], words[at + 1 :]).params
    assert parsed["erase_all"] is True
    [(offset, file)] = parsed["addr_filename"]
    assert (offset, file.name) == (OFFSETS.get(chip, 0), str(path))


@pytest.mark.parametrize("chip", ["esp32", "esp32s3"])
def test_an_app_without_bootloader_is_refused(chip, tmp_path):
    text = refusal(tmp_path, fake_rom.part(chip, b"MicroPython v1.25.0" * 9000))
    assert "app alone" in text and images.page(chip) in text


def test_a_file_that_is_cut_off_is_refused_wherever_it_is_cut(tmp_path):
    whole = fake_rom.micropython_image("esp32c3", content=b"x" * 4000)
    for size in (3, 40, 0x8000, 0x9000, 0x10000, 0x10010, len(whole) - 2000, len(whole) - 1):
        text = refusal(tmp_path, whole[:size])
        assert "cut off" in text or "app alone" in text, size
    assert "empty" in refusal(tmp_path, b"")


@pytest.mark.parametrize("digest", [True, False])
def test_a_damaged_byte_is_found(digest, tmp_path):
    whole = bytearray(fake_rom.micropython_image("esp32", content=b"x" * 4000, digest=digest))
    images.read(saved(tmp_path, whole))
    whole[-2000] ^= 1
    assert "damaged" in refusal(tmp_path, whole)


def test_a_web_page_is_refused(tmp_path):
    text = refusal(tmp_path, b"\n<!DOCTYPE html><html><body>Download</body></html>")
    assert "web page" in text


def test_other_files_are_refused(tmp_path):
    assert "neither" in refusal(tmp_path, b"PK\x03\x04 a zip file")
    # An ESP8266's header: eight bytes, then its first segment's address and size, then code.
    esp8266 = struct.pack("<BBBBI", 0xE9, 1, 0, 0x40, 0x401001A4) + b"\x00\x00\x10\x40" + b"z" * 99
    assert "not supported" in refusal(tmp_path, esp8266)
    with pytest.raises(BoardError, match="No such file"):
        images.read(tmp_path / "none.bin")


def test_versions_before_1_25_are_too_old(tmp_path):
    def check(version):
        data = fake_rom.micropython_image("esp32", version)
        images.check_version(images.read(saved(tmp_path, data)))

    for version in ("v1.25.0", "v1.26.0-preview.123.gabcdef", "v2.0.0"):
        check(version)
    for version in ("v1.24.1", "v1.9.4", "v1.25"):  # the last one is no version of theirs
        with pytest.raises(BoardError, match="--force"):
            check(version)


@pytest.mark.parametrize(
    ("family", "chip", "extra"),
    [
        (RP2040, "rp2040", b""),
        (RP2350, "rp2350", b""),
        (
            RP2350,
            "rp2350",
            fake_rom.uf2_image(ABSOLUTE, b"\xef" * 512)[:512],
        ),  # as picotool begins them
    ],
)
def test_a_picos_image_is_known(family, chip, extra, tmp_path):
    path = saved(tmp_path, fake_rom.uf2_image(family, fake_rom.PICO, extra), "pico.uf2")
    image = images.read(path)
    assert (image.kind, image.chip, image.offset) == ("uf2", chip, None)
    assert (image.version, image.machine) == ("v1.26.1", "Raspberry Pi Pico W")


def test_a_uf2_file_that_is_not_whole_or_for_others_is_refused(tmp_path):
    whole = fake_rom.uf2_image(RP2040, fake_rom.PICO)
    assert "cut off" in refusal(tmp_path, whole[:-512], "pico.uf2")
    assert "cut off" in refusal(tmp_path, whole[:-100], "pico.uf2")
    assert "damaged" in refusal(tmp_path, whole[:-4] + b"zzzz", "pico.uf2")
    s3 = fake_rom.uf2_image(CHIP_DEFS["esp32s3"].UF2_FAMILY_ID, fake_rom.PICO)
    assert "takes the .bin" in refusal(tmp_path, s3, "s3.uf2")
    both = whole + fake_rom.uf2_image(RP2350, fake_rom.PICO)
    assert "one chip" in refusal(tmp_path, both, "both.uf2")
