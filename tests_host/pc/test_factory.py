# The factory: many boards at once, good ones and bad ones, with bare-metal MicroPython under QEMU.
# MIT licence
import contextlib
import csv
import hashlib
import io
import json
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import threading
import tty
from types import SimpleNamespace

import littlefs
import pytest

import fake_rom
from pc import deployed
from pc.deployed import ROOT, complaint, python, wanted
from tools.boards import bundle, factory, factory_screen, ports, record, station, wire

OLD = {"/lib/provisioning/profiles.mpy": b"old", "/lib/provisioning/names.mpy": b"old"}
NO_RADIO = {**OLD, "/network.py": b"raise ImportError('no radio')\n"}


def full():
    """Files of a board that lacks more than there is room for."""
    files = {path: b"old" for path in wanted() if path.startswith("/lib/")}
    return {**files, "/big": bytes(480 * 4096)}


def a_board(folder, number, files=OLD):
    return deployed.board(folder / str(number), number=bytes([2, 0, 0, 0, 0, number]), files=files)


def files_of(board):
    """What is in the flash of a board, read without the board: {path: content}."""
    system = littlefs.LittleFS(block_size=4096, block_count=512, mount=False)
    system.context.buffer = bytearray(board.flash.read_bytes()[: 4096 * 512])
    system.mount()
    found = {}
    for folder, _, names in system.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with system.open(path, "rb") as file:
                found[path] = file.read()
    return found


def stored(board, name):
    """A record on a board: what store.py has written."""
    return json.loads(files_of(board)[f"/.provisioning/{name}"].partition(b"\n")[2])


def lines(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def work(boards, made, path, on_step=None):
    """A factory's whole run over some boards. Returns its lines of the CSV, {port: line}."""
    devices = [board.port for board in boards]
    before = len(lines(path)) if path.exists() else 0
    screen = factory_screen.PlainLines(io.StringIO())
    found = factory.Factory(made, record.Record(path), screen, devices, on_step=on_step).run()
    new = lines(path)[before:]
    assert sorted(line["port"] for line in new) == sorted(devices)
    assert found["good"] == sum(line["result"] == "ok" for line in new)
    assert found["good"] + found["failed"] == len(boards)
    return {line["port"]: line for line in new}


def is_true(line, board):
    """Does the line of a good board say what is on the board?"""
    number = line["id"]
    assert number == bytes([2, 0, 0, 0, 0, board.number]).hex()
    assert line["name"] == line["ap_ssid"] == f"Lamp-{number[-6:]}"
    assert line["ap_key"] == stored(board, "identity")["ap_key"]
    assert line["ap_open"] == "False" and line["micropython"] == "1.25.0"
    assert (line["result"], line["step"], line["reason"]) == ("ok", "", "")
    assert stored(board, "settings") == {"name_prefix": "Lamp"}
    there = files_of(board)
    assert {path: there.get(path) for path in wanted()} == wanted()
    return True


@pytest.fixture
def patient(monkeypatch):
    """Eight processors emulated by one may let a byte wait for longer than a board does."""
    monkeypatch.setattr(wire, "_PATIENCE_S", 20)
    monkeypatch.setattr(wire, "_PROMPT_S", 30)


@pytest.fixture
def small(monkeypatch):
    """A package without methods: eight boards have less to add up."""
    few = {p: content for p, content in bundle.library().items() if p.count("/") == 3}
    monkeypatch.setattr(bundle, "library", lambda source=False, cloud=False: few)


@pytest.mark.usefixtures("patient", "small")
@pytest.mark.parametrize("count", [4, pytest.param(8, marks=pytest.mark.long)])
def test_many_boards_two_bad_one_unplugged_and_some_again(tmp_path, count):
    path, labels = tmp_path / "boards.csv", tmp_path / "labels"
    labels.mkdir()
    made = station.Product(settings={"name_prefix": "Lamp"}, labels=str(labels))
    kinds = {1: full(), count - 2: NO_RADIO}
    boards = [a_board(tmp_path, number, kinds.get(number, OLD)) for number in range(count)]
    first, filled, deaf, gone = (boards[number] for number in (0, 1, count - 2, count - 1))
    good = [board for board in boards if board not in (filled, deaf, gone)]
    with contextlib.ExitStack() as stack:
        for number, board in enumerate(boards):
            board.number = number
            stack.enter_context(board)
        gone_from = gone.port

        def on_step(visit):
            if visit.step == "deploy" and visit.device == gone_from:
                threading.Thread(target=gone.unplug).start()

        found = work(boards, made, path, on_step)
        line = found[filled.port]
        assert (line["result"], line["step"], line["id"]) == ("failed", "deploy", "020000000001")
        assert line["reason"].startswith("no room: ")
        there = files_of(filled)
        assert {path: there[path] for path in kinds[1]} == kinds[1]
        line = found[deaf.port]
        assert (line["result"], line["step"]) == ("failed", "selftest")
        assert line["reason"] == "radio: ImportError: no radio"
        assert line["ap_key"] == stored(deaf, "identity")["ap_key"]
        line = found[gone_from]
        assert (line["result"], line["step"], line["reason"]) == ("failed", "deploy", "unplugged")
        for board in good:
            assert is_true(found[board.port], board)
        drawn = {file.name: file.read_bytes() for file in labels.iterdir()}
        assert sorted(drawn) == [f"Lamp-00000{board.number}.png" for board in good]

        for board in (*good[1:], filled):
            board.unplug()
        gone.plug_in()
        again = work([first, deaf, gone], made, path)
        assert is_true(again[first.port], first) and is_true(again[gone.port], gone)
        assert again[first.port]["ap_key"] == found[first.port]["ap_key"]
        assert again[deaf.port]["step"] == "selftest"
    last = f"Lamp-00000{count - 1}.png"
    drawn[last] = (labels / last).read_bytes()
    assert {file.name: file.read_bytes() for file in labels.iterdir()} == drawn
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_ctrl_c_leaves_whole_lines_and_a_second_run_finishes(tmp_path):
    path, settings = tmp_path / "boards.csv", tmp_path / "product.json"
    settings.write_text('{"name_prefix": "Lamp"}')
    with a_board(tmp_path, 1) as first, a_board(tmp_path, 2) as second:
        first.number, second.number = 1, 2
        both = f"{first.port},{second.port}"
        words = "-m", "tools", "factory", "--csv", str(path), "--settings", str(settings)
        words = *words, "--ports", both
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE)
        for said in process.stdout:
            if b": deploy" in said:
                process.send_signal(signal.SIGINT)
                break
        said = process.communicate(timeout=60)[0].decode()
        assert process.returncode == 1
        assert "finish their step" in said
        assert {line["reason"] for line in lines(path)} == {"interrupted"}
        assert {line["step"] for line in lines(path)} <= {"look", "deploy"}

        done = python(*words, "--json")
        made = [json.loads(line) for line in done.stdout.splitlines()]
        assert made.pop() == {"ok": True, "boards": 2, "good": 2, "failed": 0, "csv": str(path)}
        assert [line["result"] for line in made] == ["ok", "ok"]
        written = {line["port"]: line for line in lines(path)[2:]}
        assert is_true(written[first.port], first) and is_true(written[second.port], second)
        assert written[first.port]["ap_key"] not in done.stdout + said


@contextlib.contextmanager
def a_chip_that_becomes(board):
    """A chip in its bootloader; the written program is the board's."""
    handles = []

    def boot(flash):
        board.plug_in()
        handles.append(os.open(board.port, os.O_RDWR | os.O_NOCTTY))
        tty.setraw(handles[0])
        return handles[0]

    with fake_rom.FakeRom("esp32s3", boot=boot) as chip:
        yield chip
    for handle in handles:
        os.close(handle)
    board.unplug()


def test_from_an_empty_chip_to_a_labelled_product(tmp_path):
    image, path, labels = tmp_path / "s3.bin", tmp_path / "boards.csv", tmp_path / "labels"
    content = fake_rom.micropython_image("esp32s3")
    image.write_bytes(content)
    board = a_board(tmp_path, 9)
    board.number = 9
    with a_chip_that_becomes(board) as chip:
        said = python(
            *("-m", "tools", "factory", "--csv", str(path), "--image", str(image)),
            *("--labels", str(labels), "--label-format", "svg", "--ports", chip.path),
        ).stdout
        assert chip.flash[: len(content)] == content
    steps = ["flash", "look", "deploy", "identity", "selftest", "label"]
    assert said.splitlines()[:6] == [f"{chip.path}: {step}" for step in steps]
    assert "1 good, 0 failed" in said and "only you may read it" in said
    (line,) = lines(path)
    assert line["image_sha256"] == hashlib.sha256(content).hexdigest()
    assert line["ap_key"] == stored(board, "identity")["ap_key"]
    assert line["package"] == provisioning_version()
    assert (labels / "micropython-000009.svg").exists()


def provisioning_version():
    text = (ROOT / "lib/provisioning/__init__.py").read_text()
    return re.search(r'__version__ = "(.*)"', text)[1]


@pytest.fixture
def silent(monkeypatch):
    """A port where nothing answers, and a station that does not wait long for it."""
    monkeypatch.setattr(wire, "_PROMPT_S", 0.1)
    monkeypatch.setattr(wire, "_QUIET_S", 0.1)
    monkeypatch.setattr(wire, "_PATIENCE_S", 0.1)
    monkeypatch.setattr(station, "_PATIENCE_S", 0)
    monkeypatch.setattr(factory, "_POLL_S", 0.01)
    ours, theirs = pty.openpty()
    yield SimpleNamespace(port=os.ttyname(theirs))
    os.close(ours)
    os.close(theirs)


def test_a_port_is_done_once_until_its_board_was_unplugged(silent, tmp_path, monkeypatch):
    path = tmp_path / "boards.csv"
    there = [ports.Port(silent.port, 0x303A, 1, None, "")]
    seen = []

    def attached():
        count = len(lines(path))
        seen.append(count)
        if count == 2:
            signal.raise_signal(signal.SIGINT)
        return [] if seen.count(1) == 5 else there

    monkeypatch.setattr(ports, "attached", attached)
    screen = factory_screen.PlainLines(io.StringIO())
    found = factory.Factory(station.Product(), record.Record(path), screen).run()
    assert seen.count(1) >= 5, "it was done again though nobody had unplugged it"
    assert found == {"ok": False, "boards": 1, "good": 0, "failed": 1}
    assert [line["step"] for line in lines(path)] == ["look", "look"]
    assert "does not answer as MicroPython does" in lines(path)[0]["reason"]


def test_a_step_that_hangs_is_given_up(silent, tmp_path, monkeypatch):
    monkeypatch.setattr(wire, "_PROMPT_S", 5)
    monkeypatch.setitem(station.LIMITS, "look", 0.05)
    line = work([silent], station.Product(), tmp_path / "boards.csv")[silent.port]
    assert (line["result"], line["step"]) == ("failed", "look")
    assert line["reason"] == "look took too long"


def test_what_is_wrong_for_all_boards_is_said_before_the_first(tmp_path):
    (tmp_path / "product.json").write_text('{"offline_s": 1}')
    words = "factory", "--ports", "/dev/ttyNO"
    said = complaint(*words, "--settings", str(tmp_path / "product.json"))
    assert "offline_s: 1 is not 5 to 3600" in said
    (tmp_path / "image.bin").write_bytes(b"no image")
    assert "image.bin" in complaint(*words, "--image", str(tmp_path / "image.bin"))
    assert "another kind of file" in complaint(*words, "--csv", str(tmp_path / "product.json"))
    assert (tmp_path / "product.json").read_text() == '{"offline_s": 1}'


def test_the_record_has_whole_lines_only_and_is_nobody_elses(tmp_path):
    path = tmp_path / "boards.csv"
    good = {"id": "01", "result": "ok", "ap_key": "a key", "name": 'a "name", with all'}
    record.Record(path).write(good)
    whole = path.read_bytes()
    path.write_bytes(whole + b'2025,/dev/ttyUSB0,02,"half a na')
    path.chmod(0o644)
    again = record.Record(path)
    assert path.read_bytes() == whole
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert again.known["01"]["name"] == good["name"]
    again.write({"id": "02", "result": "failed"})
    assert [line["id"] for line in lines(path)] == ["01", "02"]
    assert "02" not in record.Record(path).known
