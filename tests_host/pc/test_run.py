# `make run` as a person uses it: what it prints, how it ends, what it refuses.
# MIT licence

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from loopback import free_port
from tools import micropython, run, twins


def start(flash, **environment):
    command = [sys.executable, "-m", "tools.run"]
    environment = {**os.environ, "SIM_DIR": str(flash), "RADIO_SPEED": "20", **environment}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(board, start_of_line):
    """What was printed up to a line that starts so."""
    said = []
    for line in board.stdout:
        said.append(line)
        if line.startswith(start_of_line):
            return "".join(said)
    raise AssertionError(f"it ended before {start_of_line!r}:\n" + "".join(said))


def skip_without(runtime, board):
    found = {"twin": twins.find(board), "micropython": micropython.find(32)}.get(runtime)
    if found and not found.path:
        pytest.skip(found.reason)


@pytest.mark.parametrize("runtime", run.RUNTIMES)
@pytest.mark.parametrize("board", twins.BOARDS)
def test_it_tells_what_a_person_needs_and_ends_on_ctrl_c(tmp_path, runtime, board):
    skip_without(runtime, board)
    port = free_port()
    process = start(tmp_path / "flash", PORTAL_PORT=str(port), RUNTIME=runtime, BOARD=board)
    try:
        said = read_until(process, "portal: ")
        words = {"twin": f"a twin: the {board}'s own", "cpython": "on CPython and the shim"}
        assert words.get(runtime, "bit, and the shim") in said
        assert f"portal: http://127.0.0.1:{port}/" in said
        assert "correct horse battery" in said, "the neighbourhood, with its passwords"
        assert "event 11 AUTO_STARTED" in said
        assert "█" in said, "a code that a phone can scan"
        with socket.create_connection(("127.0.0.1", port), 5) as phone:
            phone.sendall(b"GET /v1/device HTTP/1.0\r\n\r\n")
            assert b" 200 " in phone.recv(100)
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)[0]
    assert process.returncode == 0 and time.monotonic() - began < 10
    assert "Traceback" not in rest
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_by_itself_it_takes_the_twin_which_listens_for_happenings(tmp_path):
    skip_without("twin", "rp2")
    port = free_port()
    process = start(tmp_path, PORTAL_PORT=str(port), RUNTIME="", BOARD="rp2")
    try:
        said = read_until(process, "portal: ")
        path = said.partition("control socket: ")[2].splitlines()[0]
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(5)
            control.connect(path)
            control.sendall(b"routers\nap\nclear\nrouters\n")
            told = (line for line in control.makefile() if not line.startswith("* "))
            lines = [next(told) for _ in range(4)]
        assert lines[0] == "ok 10\n" and lines[1].startswith("ok up=1 ssid=")
        assert lines[2:] == ["ok\n", "ok 0\n"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert not os.path.exists(path)


def test_where_no_twin_can_be_built_the_shim_stands_in_and_it_is_said(monkeypatch, capsys):
    monkeypatch.setattr(twins, "build", lambda board: micropython.Found(None, "no compiler"))
    monkeypatch.setattr(micropython, "find", lambda bits: micropython.Found("mp", "here"))
    words, what, is_twin = run.interpreter(run.settings({}))
    assert (words[0], is_twin) == ("mp", False) and "shim" in what
    assert "no compiler" in capsys.readouterr().out
    with pytest.raises(run.UsageError, match="no compiler"):
        run.interpreter(run.settings({"RUNTIME": "twin"}))


def test_a_path_that_is_too_long_for_a_socket_is_said(tmp_path, capsys):
    assert run.control_socket(tmp_path / "short") == str(tmp_path / "short")
    assert run.control_socket(tmp_path / ("x" * 120)) == ""
    assert "TWIN_CONTROL" in capsys.readouterr().out


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path / "flash", PORTAL_PORT=str(taken.getsockname()[1]))
        said = process.communicate(timeout=20)[0]
    assert process.returncode == 2
    assert "in use" in said and "PORTAL_PORT=" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"PORTAL_PORT": "high"}, "PORTAL_PORT"),
        ({"PORTAL_PORT": "70000"}, "PORTAL_PORT"),
        ({"BOARD": "esp8266"}, "esp32"),
        ({"RUNTIME": "python"}, "twin, micropython, cpython"),
        ({"RADIO_SPEED": "0"}, "RADIO_SPEED"),
        ({"RADIO_SPEED": "fast"}, "RADIO_SPEED"),
    ],
)
def test_a_wrong_choice_is_said(wrong, word):
    with pytest.raises(run.UsageError, match=word):
        run.settings(wrong)


def test_a_broken_neighbourhood_is_said(tmp_path):
    broken = tmp_path / "neighbours.json"
    broken.write_text('{"routers": [{"ssid": "x"}]}')
    process = start(tmp_path / "flash", PORTAL_PORT=str(free_port()), NEIGHBOURS=str(broken))
    said = process.communicate(timeout=20)[0]
    assert process.returncode == 2
    assert "router 1" in said and "Traceback" not in said
