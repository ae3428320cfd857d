# The flash command: the real esptool writes to a chip that speaks its protocol (fake_rom.py).
# MIT licence
"""Each test calls the command as a user does, with a pseudo-terminal as its port."""

import contextlib
import http.server
import io
import json
import os
import random
import socket
import threading

import pytest
import serial

import fake_rom
from tools import __main__ as command_line
from tools.boards import BoardError, download, esp, flash, images

# More than one of esptool's blocks, also when it is compressed.
CONTENT = random.Random(1).randbytes(200_000)


@pytest.fixture(autouse=True)
def only_flash(monkeypatch):
    monkeypatch.setattr(command_line, "COMMANDS", ("flash",))
    monkeypatch.delenv("PORT", raising=False)


@pytest.fixture
def impatient(tmp_path, monkeypatch):
    """esptool gives up sooner: its own settings, by a file."""
    settings = tmp_path / "esptool.cfg"
    times = "timeout = 0.5", "connect_attempts = 1", "sync_timeout = 1"
    settings.write_text("\n".join(["[esptool]", *times]))
    monkeypatch.setenv("ESPTOOL_CFGFILE", str(settings))
    return settings


def saved(tmp_path, chip, version="v1.25.0", content=b""):
    path = tmp_path / f"{chip}.bin"
    path.write_bytes(fake_rom.micropython_image(chip, version, content))
    return path


def run(*words):
    return command_line.main(["flash", *map(str, words)])


def lies_at(chip, path, offset):
    data = path.read_bytes()
    end = offset + len(data)
    outside = bytes(chip.flash[:offset]) + bytes(chip.flash[end:])
    return bytes(chip.flash[offset:end]) == data and not outside.strip(b"\xff")


def test_an_image_is_written_where_it_belongs(tmp_path, capsys):
    path = saved(tmp_path, "esp32s3", content=CONTENT)
    with fake_rom.FakeRom("esp32s3") as chip:
        assert run(path, "--port", chip.path, "--json") == 0
        assert lies_at(chip, path, 0)
    found = json.loads(capsys.readouterr().out)
    seconds = found.pop("seconds")
    assert seconds >= 0
    assert found == {
        "port": chip.path,
        "chip": "esp32s3",
        "image": str(path),
        "sha256": images.read(path).sha256,
        "version": "v1.25.0",
        "ok": True,
    }


def test_people_are_told_what_comes_next(tmp_path, capsys):
    path = saved(tmp_path, "esp32c5")
    sha256 = images.read(path).sha256.upper()
    with fake_rom.FakeRom("esp32c5") as chip:
        assert run(path, "--port", chip.path, "--sha256", sha256) == 0
        assert lies_at(chip, path, 0x2000)
    said = capsys.readouterr()
    assert "v1.25.0 is on the ESP32C5" in said.out and "make deploy" in said.out
    assert "Generic ESP32C5 module v1.25.0" in said.err
    assert sha256.lower() in said.err


def test_the_boards_files_stay(tmp_path):
    path = saved(tmp_path, "esp32")
    with fake_rom.FakeRom("esp32") as chip:
        chip.flash[0x200000:0x200005] = b"files"
        flash.write(chip.path, path)
        assert chip.flash[0x200000:0x200005] == b"files"
        assert chip.erased == 0


def test_erasing_takes_everything_and_force_takes_an_old_micropython(tmp_path):
    path = saved(tmp_path, "esp32", "v1.24.1")
    with fake_rom.FakeRom("esp32") as chip:
        chip.flash[0x200000:0x200005] = b"files"
        assert run(path, "--port", chip.path, "--erase", "--yes", "--force") == 0
        assert chip.erased == 1
        assert lies_at(chip, path, 0x1000)


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_erasing_is_asked_first(answer, tmp_path, monkeypatch, capsys):
    stdin = io.StringIO(answer)
    stdin.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", stdin)
    with fake_rom.FakeRom("esp32") as chip:
        assert run(saved(tmp_path, "esp32"), "--port", chip.path, "--erase") == 1
        assert chip.asked == []
    said = capsys.readouterr().err
    assert "identity" in said and "nothing was erased" in said


def test_erasing_is_not_guessed_where_nobody_can_answer(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with fake_rom.FakeRom("esp32") as chip:
        assert run(saved(tmp_path, "esp32"), "--port", chip.path, "--erase") == 1
        assert chip.asked == []
    assert "--yes" in capsys.readouterr().err


def test_a_board_with_another_chip_is_refused(tmp_path, capsys):
    with fake_rom.FakeRom("esp32c3") as chip:
        assert run(saved(tmp_path, "esp32s3"), "--port", chip.path) == 1
        assert chip.written == 0 and chip.erased == 0
    said = capsys.readouterr().err
    assert "has an ESP32-C3, and esp32s3.bin is for an ESP32-S3" in said
    assert "https://micropython.org/download/ESP32_GENERIC_C3" in said


@pytest.mark.usefixtures("impatient")
def test_a_board_that_stops_answering_is_given_up(tmp_path, capsys):
    path = saved(tmp_path, "esp32s3", content=CONTENT)
    with fake_rom.FakeRom("esp32s3", silent_after=100_000) as chip:
        assert run(path, "--port", chip.path) == 1
    said = capsys.readouterr().err
    assert f"the board at {chip.path} stopped answering at " in said and "cable" in said


@pytest.mark.usefixtures("impatient")
def test_a_board_that_is_unplugged_is_given_up(tmp_path):
    path = saved(tmp_path, "esp32s3", content=CONTENT)
    with fake_rom.FakeRom("esp32s3") as chip:
        with pytest.raises(BoardError, match="stopped answering"):
            flash.write(chip.path, path, progress=lambda points: chip.unplug())


def test_a_port_where_no_chip_answers_says_which_button(tmp_path, capsys, impatient):
    impatient.write_text("[esptool]\nconnect_attempts = 1")
    with fake_rom.FakeRom("esp32", silent_after=0) as chip:
        assert run(saved(tmp_path, "esp32"), "--port", chip.path) == 1
    assert "BOOT" in capsys.readouterr().err


def test_a_process_that_says_nothing_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(esp, "STALL", 0.01)
    with fake_rom.FakeRom("esp32", silent_after=0) as chip:
        with pytest.raises(BoardError, match="stopped answering"):
            flash.write(chip.path, saved(tmp_path, "esp32"))


def test_a_port_that_another_program_uses_is_busy(tmp_path, capsys):
    with fake_rom.FakeRom("esp32") as chip, serial.Serial(chip.path, exclusive=True):
        assert run(saved(tmp_path, "esp32"), "--port", chip.path) == 1
    assert "is busy" in capsys.readouterr().err


def test_an_image_that_does_not_fit_is_refused(tmp_path, capsys):
    path = saved(tmp_path, "esp32", content=bytes(4 << 20))
    with fake_rom.FakeRom("esp32") as chip:
        assert run(path, "--port", chip.path) == 1
        assert chip.written == 0
    assert "does not fit" in capsys.readouterr().err


def test_an_old_micropython_is_refused(tmp_path, capsys):
    with fake_rom.FakeRom("esp32") as chip:
        assert run(saved(tmp_path, "esp32", "v1.24.1"), "--port", chip.path) == 1
        assert chip.asked == []
    assert "v1.24.1" in capsys.readouterr().err


def test_another_checksum_is_refused(tmp_path, capsys):
    path = saved(tmp_path, "esp32")
    right = images.read(path).sha256
    with fake_rom.FakeRom("esp32") as chip:
        assert run(path, "--port", chip.path, "--sha256", "0" * 64) == 1
        assert chip.asked == []
    assert right in capsys.readouterr().err


def test_several_boards_at_once_and_how_far_each_is(tmp_path):
    path = saved(tmp_path, "esp32s3", content=CONTENT)
    points, results = [[], []], []
    with fake_rom.FakeRom("esp32s3") as first, fake_rom.FakeRom("esp32s3") as second:
        threads = [
            threading.Thread(
                target=lambda c=c, p=p: results.append(
                    flash.write(c.path, path, progress=p.append)
                )
            )
            for c, p in zip((first, second), points, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert lies_at(first, path, 0) and lies_at(second, path, 0)
    assert {found["port"] for found in results} == {first.path, second.path}
    for steps in points:
        assert len(steps) > 3 and sum(steps) == pytest.approx(100)


def test_the_program_runs_then_and_the_board_can_be_flashed_again(tmp_path):
    path = saved(tmp_path, "esp32c6")
    program, line = socket.socketpair()
    started = []

    def boot(content):
        started.append(content)
        return line.fileno()

    with program, line, fake_rom.FakeRom("esp32c6", boot=boot) as chip:
        flash.write(chip.path, path)
        assert started[0].startswith(path.read_bytes())
        with serial.Serial(chip.path, timeout=5) as port:
            port.write(b"print(1)\r")
            assert program.recv(9, socket.MSG_WAITALL) == b"print(1)\r"
            program.send(b"1\r\n>>> ")
            assert port.read(7) == b"1\r\n>>> "
        flash.write(chip.path, path)
        assert len(started) == 2


class Site(http.server.BaseHTTPRequestHandler):
    """micropython.org, as far as flash reads it."""

    pages = {}

    def do_GET(self):
        page = self.pages.get(self.path)
        self.send_response(404 if page is None else 200)
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def site(monkeypatch, tmp_path):
    """Its pages, {path: content}, while the command looks there."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(Site, "pages", {})
    monkeypatch.setattr(download, "SITE", address)
    monkeypatch.setattr(flash, "BUILD", tmp_path / "build")
    yield Site.pages
    server.shutdown()
    thread.join()
    server.server_close()


def link(name):
    return f'<a href="/resources/firmware/{name}">{name}</a>'.encode()


def test_the_newest_release_for_the_chip_is_fetched(site, tmp_path):
    newest = "ESP32_GENERIC_C6-20250911-v1.26.1.bin"
    site["/download/ESP32_GENERIC_C6/"] = b"\n".join(
        link(name)
        for name in (
            "ESP32_GENERIC_C6-20250415-v1.25.0.bin",
            newest,
            "ESP32_GENERIC_C6-20250911-v1.26.1.app-bin",
            "ESP32_GENERIC_C6-20251001-v1.27.0-preview.1.g0123456.bin",
            "ESP32_GENERIC_C6-SPIRAM-20250912-v1.26.2.bin",
        )
    )
    content = fake_rom.micropython_image("esp32c6", "v1.26.1")
    site[f"/resources/firmware/{newest}"] = content
    with fake_rom.FakeRom("esp32c6") as chip:
        assert run("--port", chip.path) == 0
        assert lies_at(chip, tmp_path / "build/images" / newest, 0)


def test_an_address_is_fetched(site, tmp_path):
    site["/a%20b.bin"] = b"an image"
    path = download.fetch(f"{download.SITE}/a%20b.bin", tmp_path)
    assert path == tmp_path / "a b.bin" and path.read_bytes() == b"an image"


@pytest.mark.usefixtures("site")
def test_what_cannot_be_fetched_is_said(capsys):
    assert run("--board", "NO_SUCH_BOARD") == 1
    assert "no board NO_SUCH_BOARD" in capsys.readouterr().err
    assert run(f"{download.SITE}/none.bin") == 1
    assert "404" in capsys.readouterr().err
    assert run("http://[") == 1
    assert "cannot download" in capsys.readouterr().err


def test_without_the_net_the_page_and_the_next_command_are_said(monkeypatch, capsys):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        nobody = server.getsockname()[1]
    monkeypatch.setattr(download, "SITE", f"http://127.0.0.1:{nobody}")
    assert run("--board", "ESP32_GENERIC_S3") == 1
    said = capsys.readouterr().err
    assert "/download/ESP32_GENERIC_S3/" in said and "make flash ARGS=FILE" in said


def test_every_chips_page_is_known():
    assert images.page("esp32s2") == "https://micropython.org/download/ESP32_GENERIC_S2"
    assert images.page("esp32p4") == "https://micropython.org/download/"
    assert os.path.basename(images.page("rp2350")) == "RPI_PICO2_W"
