# Choosing the board's serial port: none, one, several, and ports that cannot be used.
# MIT licence
"""The list of ports is the test's own; the devices are files and pseudo-terminals of this PC."""

import argparse
import errno
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import serial

from tools.boards import BoardError, ports


def usb(device, vid=0x303A, pid=0x1001, text="USB JTAG/serial debug unit"):
    return SimpleNamespace(device=device, vid=vid, pid=pid, serial_number="1", description=text)


def listing(*found):
    return lambda: list(found)


@pytest.fixture
def device(tmp_path):
    path = tmp_path / "ttyACM0"
    path.touch()
    return str(path)


@pytest.fixture
def terminal():
    board, port = os.openpty()
    yield os.ttyname(port)
    os.close(board)
    os.close(port)


def refusal(*arguments):
    with pytest.raises(BoardError) as error:
        ports.choose(*arguments)
    return str(error.value)


def test_only_usb_ports_that_can_be_a_board_are_attached():
    found = ports.attached(
        listing(
            usb("/dev/ttyUSB1", 0x1A86, 0x7523, "n/a"),
            usb("/dev/ttyS0", None, None, "ttyS0"),
            usb("/dev/ttyUSB0", 0x10C4, 0xEA60, "CP2102"),
            usb("/dev/ttyACM1", 0x2E8A, 0x000C, "Debugprobe on Pico"),
            usb("/dev/ttyACM0", 0x2E8A, 0x0005, "Board in FS mode"),
            usb("/dev/ttyACM2", 0x1199, 0x9071, "a modem"),
        )
    )
    assert [port.device for port in found] == ["/dev/ttyACM0", "/dev/ttyUSB0", "/dev/ttyUSB1"]
    assert found[1] == ("/dev/ttyUSB0", 0x10C4, 0xEA60, "1", "CP2102")
    assert found[2].description == ""


def test_the_ports_of_this_machine_can_be_listed():
    assert all(port.vid in ports.VENDORS for port in ports.attached())


def test_the_one_board_is_chosen(device):
    assert ports.choose(None, listing(usb(device), usb("/dev/ttyS0", None))).device == device


def test_no_board_says_what_to_look_at():
    text = refusal(None, listing(usb("/dev/ttyS0", None)))
    assert "no board is attached" in text
    assert "carry data" in text and "driver" in text and "dialout" in text


def test_two_boards_are_listed_and_none_is_chosen(device):
    both = listing(usb(device), usb("/dev/ttyUSB0", 0x1A86, 0x7523, None))
    text = refusal(None, both)
    assert "--port DEVICE" in text
    assert f"{device}  USB JTAG/serial debug unit" in text
    assert "/dev/ttyUSB0  WCH CH34x" in text
    assert ports.choose(device, both).vid == 0x303A


def test_a_port_that_is_not_there_is_refused_with_those_that_are():
    text = refusal("/dev/ttyUSB7", listing(usb("/dev/ttyACM0")))
    assert "no port /dev/ttyUSB7" in text and "/dev/ttyACM0" in text
    assert "No board is attached" in refusal("/dev/ttyUSB7", listing())


def test_a_named_port_of_any_kind_is_taken(terminal):
    assert ports.choose(terminal, listing()) == (terminal, None, None, None, "")
    assert ports.choose("rfc2217://host:2217", listing()).device == "rfc2217://host:2217"


def test_the_variable_port_names_it(monkeypatch):
    def parsed(*words):
        parser = argparse.ArgumentParser()
        ports.add_argument(parser)
        return parser.parse_args(words).port

    monkeypatch.delenv("PORT", raising=False)
    assert parsed() is None
    monkeypatch.setenv("PORT", "")
    assert parsed() is None
    monkeypatch.setenv("PORT", "/dev/ttyUSB3")
    assert parsed() == "/dev/ttyUSB3"
    assert parsed("--port", "COM4") == "COM4"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux says who has a file open")
def test_a_busy_port_names_the_program(device):
    hold = f"import sys; port = open({device!r}); print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold], **pipes) as holder:
        holder.stdout.readline()
        text = refusal(None, listing(usb(device)))
        holder.communicate()
    assert "is busy" in text and f"({holder.pid})" in text
    assert ports.choose(device, listing()).device == device


def test_a_forbidden_port_says_which_group(device, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may do everything
    monkeypatch.setattr(sys, "platform", "linux")
    assert "sudo usermod -aG dialout $USER" in refusal(None, listing(usb(device)))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EBUSY, "busy"), "is busy"),
        (PermissionError(errno.EACCES, "no"), "usermod"),
        (FileNotFoundError(errno.ENOENT, "no"), "unplugged"),
        (OSError(errno.EIO, "gone"), "unplugged"),
        (OSError("something else"), "something else"),
    ],
)
def test_an_error_of_the_system_is_told_in_words(error, words, device, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    text = str(ports.trouble(device, error))
    assert words in text and device in text


def test_pyserials_own_errors_are_understood(terminal):
    with serial.Serial(terminal, exclusive=True):
        with pytest.raises(serial.SerialException) as busy:
            serial.Serial(terminal, exclusive=True)
    assert "is busy" in str(ports.trouble(terminal, busy.value))
    with pytest.raises(serial.SerialException) as absent:
        serial.Serial("/dev/ttyUSB99")
    assert "is gone" in str(ports.trouble("/dev/ttyUSB99", absent.value))
