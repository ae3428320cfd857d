# Images onto a Pico: a folder is its bootloader's drive, a thread its bootloader.
# MIT licence
"""The Pico takes the file when it is whole, and its drive vanishes."""

import contextlib
import errno
import json
import os
import shutil
import threading

import pytest

from fake_rom import PICO, RP2040, RP2350, uf2_image
from tools import __main__ as command_line
from tools.boards import BoardError, flash, images
from tools.boards import uf2 as drives

BOARD_IDS = {"rp2040": "RPI-RP2", "rp2350": "RP2350"}
MACHINES = {
    "rp2040": "Raspberry Pi Pico W with RP2040",
    "rp2350": "Raspberry Pi Pico 2 W with RP2350",
}


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "RPI_PICO_W-20250911-v1.26.1.uf2"
    path.write_bytes(uf2_image(RP2040, PICO + bytes(100_000)))
    return images.read(path)


def drive(folder, chip="rp2040"):
    folder.mkdir()
    text = f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {BOARD_IDS[chip]}\r\n"
    (folder / "INFO_UF2.TXT").write_text(text)
    return folder


@contextlib.contextmanager
def bootloader(folder, size):
    """Takes a file of that size and lets the drive vanish. Yields what it took."""
    taken, stop = [], threading.Event()

    def watch():
        file = folder / "firmware.uf2"
        while not stop.wait(0.01):
            if file.exists() and file.stat().st_size == size:
                taken.append(file.read_bytes())
                return shutil.rmtree(folder)

    thread = threading.Thread(target=watch)
    thread.start()
    yield taken
    stop.set()
    thread.join()


def test_the_drives_of_picos_are_found_among_others(tmp_path):
    first, second = drive(tmp_path / "a"), drive(tmp_path / "b", "rp2350")
    (tmp_path / "photos").mkdir()
    (tmp_path / "feather").mkdir()
    (tmp_path / "feather" / "INFO_UF2.TXT").write_text("Board-ID: SAMD51-Feather")
    found = drives.drives(sorted(tmp_path.iterdir()))
    assert found == {str(first): "rp2040", str(second): "rp2350"}
    assert isinstance(drives.drives(), dict)  # of this machine


def test_an_image_is_copied_and_the_drive_vanishes(tmp_path, image, monkeypatch, capsys):
    monkeypatch.setattr(command_line, "COMMANDS", ("flash",))
    folder = drive(tmp_path / "drive")
    with bootloader(folder, image.size) as taken:
        assert command_line.main(["flash", image.path, "--drive", str(folder), "--json"]) == 0
    assert [images.hashlib.sha256(data).hexdigest() for data in taken] == [image.sha256]
    found = json.loads(capsys.readouterr().out)
    assert (found["port"], found["chip"], found["version"]) == (str(folder), "rp2040", "v1.26.1")


def test_the_way_is_told_in_percent(tmp_path, image):
    folder, steps = drive(tmp_path / "drive"), []
    with bootloader(folder, image.size):
        drives.copy(image, folder, steps.append)
    assert len(steps) > 2 and sum(steps) == pytest.approx(100)


def test_an_image_for_the_other_pico_is_refused(tmp_path, image):
    folder = drive(tmp_path / "drive", "rp2350")
    with pytest.raises(BoardError, match=r"has an RP2350, and .* is for the RP2040"):
        flash.write(None, image.path, drive=folder)
    assert not (folder / "firmware.uf2").exists()


def test_a_folder_that_is_no_picos_drive_is_refused(tmp_path, image):
    with pytest.raises(BoardError, match=r"INFO_UF2\.TXT"):
        flash.write(None, image.path, drive=tmp_path)
    assert not (tmp_path / "firmware.uf2").exists()


def test_a_pico_in_its_bootloader_cannot_be_erased(tmp_path, image):
    folder = drive(tmp_path / "drive")
    with pytest.raises(BoardError, match="without BOOTSEL"):
        flash.write(None, image.path, erase=True, drive=folder)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")
def test_a_drive_that_is_full_is_said(tmp_path, image):
    folder = drive(tmp_path / "drive")
    (folder / "firmware.uf2").symlink_to("/dev/full")
    with pytest.raises(BoardError, match="is full"):
        drives.copy(image, folder)


def test_a_drive_that_vanishes_in_the_middle_is_said(tmp_path, image, monkeypatch):
    folder, pieces = drive(tmp_path / "drive"), []

    def pulled(handle):
        pieces.append(handle)
        if len(pieces) == 2:
            shutil.rmtree(folder)
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", pulled)
    with pytest.raises(BoardError, match=r"went away at [1-9].* %"):
        drives.copy(image, folder)


def test_a_drive_that_vanishes_with_the_last_piece_took_it(tmp_path, image, monkeypatch):
    folder = drive(tmp_path / "drive")

    def started(handle):
        if os.fstat(handle).st_size == image.size:
            shutil.rmtree(folder)
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", started)
    assert drives.copy(image, folder) == str(folder)


def test_a_pico_that_does_not_start_the_image_is_said(tmp_path, image):
    with pytest.raises(BoardError, match="did not start"):
        drives.copy(image, drive(tmp_path / "drive"), patience=0)


def test_no_drive_and_two_drives_are_said(tmp_path):
    with pytest.raises(BoardError, match="Hold BOOTSEL"):
        drives.await_drive(folders=[tmp_path], patience=0)
    first, second = drive(tmp_path / "a"), drive(tmp_path / "b", "rp2350")
    with pytest.raises(BoardError, match=r"2 Picos wait(.|\n)*--drive") as error:
        drives.await_drive(folders=[first, second])
    assert f"{second}  RP2350" in str(error.value)
    assert drives.await_drive([str(first)], [first, second]) == str(second)


class MicroPython:
    """A Pico's, asked through mpremote: what it was asked, in `asked`."""

    def __init__(self, machine):
        self.machine, self.asked = machine, []

    def __call__(self, device, *words):
        self.asked.append(words)
        return f"{self.machine}\r\n"


@pytest.mark.parametrize("chip", ["rp2040", "rp2350"])
def test_a_micropython_is_asked_for_its_bootloader(chip):
    board = MicroPython(MACHINES[chip])
    assert drives.machine("/dev/ttyACM0", board) == chip
    drives.enter_bootloader("/dev/ttyACM0", chip, ask=board)
    assert board.asked[-1] == ("bootloader",)
    assert not any("mkfs" in word for words in board.asked for word in words)
    drives.enter_bootloader("/dev/ttyACM0", chip, erase=True, ask=board)
    assert board.asked[-2] == ("exec", drives.ERASE)


@pytest.mark.parametrize("machine", [MACHINES["rp2350"], "Generic ESP32 module with ESP32"])
def test_another_board_is_left_alone(machine):
    board = MicroPython(machine)
    with pytest.raises(BoardError, match="/dev/ttyACM0"):
        drives.enter_bootloader("/dev/ttyACM0", "rp2040", erase=True, ask=board)
    assert len(board.asked) == 1


def test_a_port_without_micropython_is_said(monkeypatch):
    with pytest.raises(BoardError, match="no MicroPython answers at /dev/ttyACM99") as error:
        drives.machine("/dev/ttyACM99")
    assert "BOOTSEL" in str(error.value)


def test_both_families_are_taken(tmp_path):
    for family, chip in ((RP2040, "rp2040"), (RP2350, "rp2350")):
        path = tmp_path / f"{chip}.uf2"
        path.write_bytes(uf2_image(family, PICO))
        folder = drive(tmp_path / chip, chip)
        with bootloader(folder, path.stat().st_size):
            assert flash.write(None, path, drive=folder)["chip"] == chip
