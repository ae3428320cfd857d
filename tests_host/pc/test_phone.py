# `python -m tools phone`: a board is provisioned from the command line.
# MIT licence

import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading

import pytest

import fakes
import tools.__main__
from conftest import ROOT
from loopback import free_port
from pc.served import served
from tools.boards import phone_dialogue, phone_screen, portal_client

RIGHT, WRONG, HIDDEN = "correct horse battery", "wrong and secret", "peekaboo42"
CAFE = b"caf\xe9"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(portal_client, "PAUSE_S", 0.02)
    monkeypatch.setattr(portal_client, "FIND_S", 0)
    monkeypatch.setattr(tools.__main__, "COMMANDS", ("phone",))
    monkeypatch.delenv("WIFI_KEY", raising=False)


@pytest.fixture
def phone(capsys):
    """phone(url, *words): (exit code, the JSON). It prints no password."""

    def run(url, *words):
        code = tools.__main__.main(["phone", "--json", "--url", url, *words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err and WRONG not in out + err and RIGHT not in out + err
        return code, json.loads(out)

    return run


@pytest.fixture
def key_file(tmp_path):
    def write(data):
        path = tmp_path / "key"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)

    return write


# The board of `make run`


@pytest.fixture
def board(tmp_path):
    """The address of a simulated board's portal: a Pico W's, which is quick to say no."""
    port = free_port()
    choice = {"SIM_DIR": str(tmp_path), "PORTAL_PORT": str(port), "RADIO_SPEED": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.run"],
        cwd=ROOT,
        env={**os.environ, **choice, "BOARD": "rp2"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("portal: "):
            break
    else:
        raise AssertionError("".join(said))
    reader = threading.Thread(target=process.stdout.read)  # else its pipe is full one day
    reader.start()
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    process.wait(20)
    reader.join(5)


def test_a_script_learns_why_it_failed_and_a_person_gets_the_board_online(board, phone, key_file):
    code, found = phone(board, "--list", "--name", "Lamp 7")
    home = [network for network in found["networks"] if network["ssid"] == "HomeNet"]
    assert code == 0 and home[0]["supported"] and found["name"] == "Lamp 7"
    code, found = phone(board, "--ssid", "HomeNet", "--key-file", key_file(WRONG + "\n"))
    assert (code, found["ok"], found["reason"]) == (1, False, "wrong_password")
    code, found = phone(board, "--ssid", "Nowhere", "--key-file", key_file(RIGHT))
    assert (code, found["state"], found["reason"]) == (1, "failed", "not_found")

    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        code = "import tools.__main__ as m; m.COMMANDS = ('phone',); raise SystemExit(m.main())"
        words = [sys.executable, "-c", code, "phone", "--url", board]
        os.execve(sys.executable, words, {**os.environ, "TERM": "xterm", "COLUMNS": "100"})
    said = Said(terminal)
    said.answer("q quit): ", "h")
    said.answer("Its name: ", "Hidden One")
    said.wait("Password of Hidden One")
    said.answer("): ", HIDDEN)
    said.wait("Connected: Lamp 7 is on Hidden One, its address there is 127.")
    said.rest()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert "50% off & más ☕" in said.text, "the list"
    assert "✓ Looking for and joining Hidden One" in said.text, "progress"
    assert HIDDEN not in said.text


class Said:
    """What a program says on a terminal."""

    def __init__(self, terminal):
        self._terminal = terminal
        self._at = 0
        self.data = b""

    @property
    def text(self):
        return self.data.decode(errors="replace")

    def wait(self, words):
        while (at := self.data.find(words.encode(), self._at)) < 0:
            assert self._more(), f"it ended before {words!r}:\n{self.text}"
        self._at = at + len(words.encode())

    def answer(self, question, words):
        self.wait(question)
        os.write(self._terminal, words.encode() + b"\n")

    def rest(self):
        while self._more():
            pass
        os.close(self._terminal)

    def _more(self):
        assert select.select([self._terminal], [], [], 60)[0], f"it stands still:\n{self.text}"
        try:
            piece = os.read(self._terminal, 4096)
        except OSError:  # Linux: the other end is closed
            return False
        self.data += piece
        return bool(piece)


# The portal alone, with a session that does as it is told


class Session(fakes.FakeSession):
    """Each confirm() has the next of `ends`: "" for a success, else a reason."""

    ends = ()

    def confirm(self):
        if not super().confirm():
            return False
        (end, *self.ends), ssid = self.ends, self.offers[-1][0].ssid
        self.offers.clear()
        self.succeed(ssid) if not end else self.fail(end, ssid)
        return True


@pytest.fixture
def portal():
    fakes.forget()
    session = Session()
    session.handed = []
    offer = session.offer

    def remember(profile, replace=None, token=b""):
        offer(profile, replace, token)
        session.handed.append((profile.ssid, profile.key, profile.hidden, replace))

    session.offer = remember
    session.air = [fakes.Network("HomeNet", -45), fakes.Network(CAFE, -60, 0)]
    session.air += [fakes.Network("School", -70, 5)]
    serving = fakes.Portal(session)
    session.url = f"http://127.0.0.1:{serving.port}"
    with served(serving):
        yield session


def test_stored_networks_are_listed_and_forgotten(portal, phone):
    portal.fill()
    assert phone(portal.url, "--stored")[1]["profiles"][6]["ssid"] == "Net6"
    code, found = phone(portal.url, "--forget", "2")
    assert code == 0
    assert [one["ssid"][-1] for one in found["profiles"]] == list("023456")
    code, found = phone(portal.url, "--forget", "9")
    assert code == 1 and "No profile has this index" in found["error"]


def test_a_full_list_asks_which_network_to_give_up(portal, phone, key_file):
    portal.fill()
    portal.ends = [""]
    words = "--ssid", "HomeNet", "--key-file", key_file(RIGHT)
    code, found = phone(portal.url, *words)
    assert code == 1 and "--replace N" in found["error"]
    assert phone(portal.url, *words, "--replace", "3")[1]["ok"]
    assert portal.handed == [(b"HomeNet", RIGHT.encode(), False, 2)]


def test_a_name_that_is_no_text_is_exact_and_an_open_network_gets_no_key(portal, phone):
    portal.ends = ["", ""]
    assert phone(portal.url, "--ssid-hex", CAFE.hex())[1]["ssid_hex"] == CAFE.hex()
    os.environ["WIFI_KEY"] = WRONG  # no_waiting takes it away again
    assert phone(portal.url, "--ssid", os.fsdecode(CAFE))[1]["ok"]
    assert portal.handed == [(CAFE, b"", False, None)] * 2


def test_the_name_of_the_board_is_checked_by_the_board(portal, phone):
    assert phone(portal.url, "--name", "Lámpara")[1]["name"] == "Lámpara"
    code, found = phone(portal.url, "--name", "x" * 33)
    assert code == 1 and "1 to 32 bytes" in found["error"]


def test_a_network_of_somebody_else_is_no_success(portal, phone, monkeypatch):
    monkeypatch.setattr(portal, "confirm", lambda: portal.succeed(b"Neighbour") or True)
    code, found = phone(portal.url, "--ssid-hex", CAFE.hex())
    assert (code, found["reason"], found["ssid"]) == (1, "other_network", "Neighbour")


def converse(portal, *typed):
    """A person types these words: (the result, what was asked and typed)."""
    words, asked = list(typed), []

    def ask(question):
        if not words:
            raise EOFError
        asked.append((question, words.pop(0)))
        return asked[-1][1]

    board = portal_client.find([portal.url])
    screen = phone_screen.Screen(quiet=True)
    return phone_dialogue.Dialogue(board, screen, 20, ask, ask).run(), asked


def test_what_was_typed_is_kept_for_the_next_try(portal):
    portal.ends = [1, 2, ""]  # not found, wrong password
    typed = "h", "Deep Cave", RIGHT, "", "", WRONG
    result, asked = converse(portal, *typed)
    assert result["ok"]
    assert [one[:2] for one in portal.handed] == [
        (b"Deep Cave", RIGHT.encode()),
        (b"Deep Cave", RIGHT.encode()),
        (b"Deep Cave", WRONG.encode()),
    ]
    assert "Deep Cave again" in asked[3][0] and "the one before" in asked[4][0]
    assert "another network" in asked[5][0]


def test_wrong_words_are_asked_again_and_q_ends_it(portal):
    result, asked = converse(portal, "7", "", "School", "h", "x" * 33, "1", "short", "", "q")
    assert not result["ok"] and "Nothing was handed over" in result["message"]
    assert len(asked) == 9 and portal.handed == []


def test_a_person_says_which_stored_network_to_give_up(portal):
    portal.fill()
    portal.ends = [""]
    result, _ = converse(portal, "2", "9", "7")  # the open network; no such place; the last one
    assert result["ok"] and portal.handed == [(CAFE, b"", False, 6)]


def test_a_board_that_is_connected_already_says_so(portal):
    portal.succeed(b"Office")
    result, asked = converse(portal)
    assert result["ok"] and "on Office" in result["message"] and not asked


# What is typed wrong


@pytest.mark.parametrize(
    ("data", "word"),
    [(f"{WRONG}\n{WRONG}\n", "one line"), (WRONG.encode() + b"\xff", "UTF-8"), (None, "No such")],
)
def test_a_file_with_no_password_is_said(phone, key_file, data, word):
    path = "/nowhere/key" if data is None else key_file(data)
    code, found = phone("127.0.0.1:1", "--ssid", "HomeNet", "--key-file", path)
    assert code == 1 and word in found["error"]


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ((), "--list"),
        (("--ssid", "HomeNet", "--key", WRONG), "--key-file"),
        (("--ssid", "HomeNet", "--key-file", WRONG), "No such file"),
        (("--hidden", "--list"), "--ssid"),
        (("--ssid-hex", "4"), "hex"),
        (("--ssid", "x" * 33), "32 bytes"),
        (("--list", "--timeout", "0"), "--timeout"),
        (("--list", "--url", "ftp://lamp"), "http://4.3.2.1"),
        (("--list", "--url", "http://[::"), "http://4.3.2.1"),
    ],
)
def test_words_that_cannot_be_are_said_before_a_board_is_asked(phone, words, word):
    code, found = phone("127.0.0.1:1", *words)
    assert code == 1 and word in found["error"] and "no board" not in found["error"]
