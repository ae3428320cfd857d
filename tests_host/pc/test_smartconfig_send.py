# tools/smartconfig_send.py: what it sends and says. With a board: lab/test_smartconfig.py.
# MIT licence
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import on_air
from tools import smartconfig_send

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/smartconfig_send.py"
NETWORK = (b"Caf\xc3\xa9", b"correct horse 42")
KEY = b"0123456789abcdef"
BSSID = b"\x18\xfe\x34\x9a\xa3\xc4"


class Options:
    ssid, password = NETWORK
    bssid, address, gateway, extra, key = BSSID, "192.168.1.100", "192.168.1.1", b"", None


def heard(options, name):
    """What a board hears of it."""
    from provisioning.methods.smartconfig.air import Air

    packets, _, begins = smartconfig_send.PROTOCOLS[name](options)
    air = Air(options.key)
    sent = ((to, length) for to, length, _ in packets)
    for number, record in enumerate(on_air.records(sent)):
        found = air.feed(record, 1)
        if found:
            return found, begins
        assert number < 4000
    return None


PROTOCOLS = list(smartconfig_send.PROTOCOLS)


@pytest.mark.parametrize(
    ("name", "key"), [(name, None) for name in PROTOCOLS] + [(n, KEY) for n in PROTOCOLS[1:6]]
)
def test_a_board_hears_what_it_sends(name, key):
    options = Options()
    options.key = key
    found, begins = heard(options, name)
    assert (found.ssid, found.key) == NETWORK
    if name in ("esptouch_v1", "esptouch_v2", "airkiss"):
        assert begins == bytes((found.token,))


@pytest.mark.parametrize("name", ["ti2", "ti1", "esptouch_v2", "easylink", "tuya_ez"])
def test_what_else_is_sent(name):
    options = Options()
    options.extra = b"lamp"
    found, _ = heard(options, name)
    assert found.extra == (b"\3\4lamp" if name.startswith("ti") else b"lamp")


def run(*words):
    done = subprocess.run([sys.executable, TOOL, *words], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_lengths_leave_and_an_acknowledgement_is_told():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as board,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answer,
    ):
        board.bind(("127.0.0.1", 0))
        board.settimeout(5)
        to = "127.0.0.1:%d" % board.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spare:
            spare.bind(("", 0))
            port = spare.getsockname()[1]

        def packets():
            for n in range(1000):
                if n == 3:
                    answer.sendto(b"\x07not mine", ("127.0.0.1", port))
                    answer.sendto(b"\x05mac", ("127.0.0.1", port))
                yield to, 100 + n, 1

        found = smartconfig_send.send(packets(), None, port, b"\x05", 5)
        assert [len(board.recv(2000)) for _ in range(3)] == [100, 101, 102]
    assert found == {"address": "127.0.0.1", "data": b"\x05mac".hex()}


def test_nobody_answers():
    words = ("easylink", "HomeNet", "--password", "x" * 8, "--interface", "lo", "--seconds", "0.2")
    status, said, _ = run(*words)
    assert status == 0 and json.loads(said) == {"sent": "easylink", "seconds": 0.2}
    status, said, _ = run("airkiss", *words[1:])
    assert status == 1 and json.loads(said) == {"error": "no board acknowledged"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ti2", "HomeNet", "--key", "short"), "16 bytes"),
        (("easylink", "HomeNet", "--key", "0123456789abcdef"), "never encrypted"),
        (("cc3000", "HomeNet", "--interface", "lo", "--password", "p" * 33), "32 bytes"),
        (("ti1", "HomeNet", "--gateway", "::1"), "--gateway"),
        (("ti2", "HomeNet", "--extra", "e" * 34), "33 bytes"),
        (("ti2", "HomeNet", "--seconds", "nan"), "--seconds"),
        (("ti2", "n" * 33), "1 to 32 bytes"),
        (("ti2", "HomeNet", "--bssid", "00:11"), "six bytes"),
        (("ti2", "HomeNet", "--gateway", "router"), "router"),
        (("ti2", "HomeNet", "--interface", "none7"), "none7 has no IPv4 address"),
        (("ti2", "HomeNet", "--interface", "lo", "--password", "p" * 65), "64 bytes"),
        (("wps", "HomeNet"), "invalid choice"),
    ],
)
def test_wrong_words(words, says):
    status, said, error = run(*words)
    assert status == 2 and not said and says in error


def test_ctrl_c_ends_it_quietly():
    words = ("easylink", "HomeNet", "--password", "x" * 8, "--interface", "lo")
    program = subprocess.Popen(
        [sys.executable, TOOL, *words], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        heard.bind(("", 15000))
        heard.settimeout(10)
        member = socket.inet_aton("239.118.0.0") + socket.inet_aton("127.0.0.1")
        heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        heard.recv(100)
    program.send_signal(signal.SIGINT)
    assert program.wait(10) == 1
    assert program.stderr.read().strip() == "smartconfig_send: given up"
