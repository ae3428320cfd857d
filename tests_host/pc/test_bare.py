# status, settings, forget, doctor, logs and the prompt, with bare-metal MicroPython under QEMU.
# MIT licence
import json
import os
import pty
import re
import select
import subprocess
import sys

import pytest

from pc import deployed
from pc.bare_board import BareBoard
from pc.deployed import ROOT, answer, command, complaint, python

KEY = "correct horse battery"
STORE = f"import provisioning as p\np.Profiles().add(p.Profile(b'HomeNet', b'{KEY}'))\n"


@pytest.fixture
def board(tmp_path):
    """A board that has the package."""
    with deployed.board(tmp_path) as board:
        yield board


def test_status_before_and_after_a_network_is_stored(board):
    said = command("status", "--port", board.port)
    assert "stored         nothing" in said
    assert "mps2-an385" in said and "MicroPython    1.25.0" in said
    board.do(STORE)
    found = answer("status", "--port", board.port)
    assert found["stored"] == ["HomeNet"]
    assert found["name"] == "micropython-3f2a1b"
    assert KEY not in json.dumps(found)


def test_the_package_is_found_after_its_first_record_was_written(board):
    # A board looks in / before /lib: records in a folder "provisioning" hid the package.
    board.do(STORE)
    board.unplug()
    board.plug_in()
    assert board.do("import provisioning; print(len(provisioning.Profiles().all()))") == "1\n"


def test_a_board_without_the_package(tmp_path):
    with BareBoard(tmp_path) as board:
        assert "make deploy" in command("status", "--port", board.port)
        board.do("import os; os.mkdir('/.deploy')")
        said = python("-m", "tools", "doctor", "--port", board.port, check=False).stdout
        assert "a deployment was interrupted" in said
        assert "WRONG the package is not on the board: make deploy" in said
        assert "make deploy" in complaint("settings", "--port", board.port)


def test_settings_all_or_none(board):
    assert "  ap_open              false" in command("settings", "--port", board.port)
    said = command("settings", "--port", board.port, "ap_open=true", "name_prefix=Lamp")
    assert "* ap_open              true" in said
    assert '* name_prefix          "Lamp"' in said
    told = complaint("settings", "--port", board.port, "ap_channel=3", "http_port=99999")
    assert "http_port: 99999 is not 1 to 65535" in told
    rows = answer("settings", "--port", board.port, "--default", "ap_open")["settings"]
    values = {name: value for name, value, _, _ in rows}
    assert (values["ap_open"], values["name_prefix"], values["ap_channel"]) == (False, "Lamp", 0)


def test_settings_of_a_product_are_a_file(board, tmp_path):
    product = tmp_path / "product.json"
    product.write_text('{"ap_open": true, "led_pin": "LED", "offline_s": 60}')
    assert "3 settings, all within their limits" in command("settings", "--check", str(product))
    found = answer("settings", "--port", board.port, "--file", str(product))
    assert found["changed"] == ["ap_open", "led_pin", "offline_s"]
    assert board.do("import provisioning; print(provisioning.Settings())") == (
        "Settings(ap_open=True, led_pin='LED', offline_s=60)\n"
    )


@pytest.mark.parametrize(
    "text, said",
    [
        ('{"ap_opne": true}', "no setting is named ap_opne"),
        ('{"offline_s": 1}', "offline_s: 1 is not 5 to 3600"),
        ("[]", '{"name": value, ...} is expected'),
        ("{", "is no JSON"),
    ],
)
def test_a_product_file_that_is_wrong(tmp_path, text, said):
    product = tmp_path / "product.json"
    product.write_text(text)
    assert said in complaint("settings", "--check", str(product))


def test_forget(board):
    show = "import provisioning; print(provisioning.Identity().ap_key)"
    key = board.do(STORE + show)
    assert "say --yes" in complaint("forget", "--port", board.port)
    assert command("forget", "--port", board.port, "--yes") == "forgotten: HomeNet\n"
    assert board.do("import provisioning; print(provisioning.Profiles().all())") == "[]\n"
    assert board.do(show) == key
    command("forget", "--port", board.port, "--yes", "--all")
    assert board.do(show) != key


def test_doctor(board):
    found = answer("doctor", "--port", board.port)
    texts = [text for _, text in found["findings"]]
    assert "no network is stored: hand one over (README, make phone)" in texts
    assert found["ok"] is True
    board.do(
        "import asyncio, provisioning as p\n"
        "from provisioning.radio import Radio\n"
        f"p.Profiles().add(p.Profile(b'HomeNet', b'not {KEY}'))\n"
        "p.Profiles().add(p.Profile(b'Far', b'behind the hill'))\n"
        "try:\n asyncio.run(Radio().join(p.Profiles().find(b'HomeNet')))\n"
        "except Exception as error: print(error)"
    )
    done = python("-m", "tools", "doctor", "--port", board.port, check=False)
    assert done.returncode == 1
    assert "HomeNet could not be joined: the password is not right any more" in done.stdout
    assert re.search("WRONG stored: Far, -.. dBm, channel 11, wpa.: too weak", done.stdout)
    assert KEY not in done.stdout


def test_the_boards_program_runs_again_after_a_command(board):
    board.do("with open('/main.py','w') as f: f.write('print(\"started\")')")
    command("status", "--port", board.port)
    # The next one at the line hears what the program prints at a restart.
    assert "started" in command("logs", "--port", board.port, "--restart", "--seconds", "1")


def test_it_also_runs_again_after_a_command_that_was_refused(board):
    start = "with open('/starts', 'a') as file: file.write('x')"
    board.do(f"with open('/main.py', 'w') as f: f.write({start!r})")
    complaint("settings", "--port", board.port, "http_port=99999")
    command("logs", "--port", board.port, "--seconds", "1")  # it has that long to start
    assert board.do("print(open('/starts').read())") == "x\n"


def test_a_program_that_runs_is_interrupted(board):
    board.do("with open('/main.py','w') as f: f.write('while True: pass')")
    command("logs", "--port", board.port, "--restart", "--seconds", "0.2")
    assert answer("status", "--port", board.port)["package"]


def test_repl(board):
    ours, theirs = pty.openpty()  # mpremote wants a terminal
    words = [sys.executable, "-m", "tools", "repl", "--port", board.port]
    repl = subprocess.Popen(words, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""

    def wait_for(text):
        nonlocal said
        while text not in said:
            said += os.read(ours, 1024)

    wait_for(b"Use Ctrl-]")
    while b">>> " not in said:
        os.write(ours, b"\x03")  # one may come while the board starts
        if select.select([ours], [], [], 0.5)[0]:
            said += os.read(ours, 1024)
    os.write(ours, b"print(6*7)\r")
    wait_for(b"\n42")
    os.write(ours, b"\x1d")
    assert repl.wait(10) == 0
    os.close(ours)


def test_no_such_board():
    assert "there is no port /dev/ttyNO" in complaint("status", "--port", "/dev/ttyNO")


def test_a_port_that_is_no_micropython():
    ours, theirs = pty.openpty()
    try:
        said = complaint("status", "--port", os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)
    assert "does not answer as MicroPython does" in said
