# SmartConfig: a phone that is on a network brings a board onto it, and learns that it is there.
# MIT licence

import errno
import json
import sys

import pytest

from lab.test_ti import SETTINGS, app, fetch, hand_over, statuses
from tools.paths import ROOT

HOME = ("HomeNet", "correct horse battery")
KEY = "Key0Key0Key0Key0"


def board(lab, **how):
    """A world whose board stands where HomeNet is heard, and waits for somebody."""
    world = lab(near=HOME[0], **how)
    world.board.wait_for("join the Wi-Fi")
    return world


def words(protocol, *more, password=HOME[1]):
    tool = ROOT / "tools/smartconfig_send.py"
    network = (HOME[0], "--password", password, "--interface", "wlan0")
    return (sys.executable, tool, protocol, *network, *more)


def send(phone, *how):
    """(exit status, what the sender says) of tools/smartconfig_send.py in the phone's place."""
    done = phone.run(*words(*how), timeout_s=120)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def is_there(phone, address):
    """Does somebody at this address say that he has no such port?"""
    look = f"import socket; print(socket.socket().connect_ex(({address!r}, 81)))"
    return int(phone.run(sys.executable, "-c", look).stdout) == errno.ECONNREFUSED


@pytest.mark.parametrize(
    "protocol",
    ["esptouch_v1", "esptouch_v2", "esptouch_v2 key", "airkiss", "airkiss key", "ti2", "ti2 key"],
)
def test_from_nothing_to_online(lab, protocol):
    protocol, key = protocol.split(" ")[0], protocol.endswith("key")
    world = board(lab, program="tests_host/lab/key_board.py" if key else "main.py")
    anna = world.phone("anna")
    anna.join(HOME[0])
    status, said = send(anna, protocol, *(("--key", KEY, "--extra", "lamp") if key else ()))
    assert status == 0, said
    world.board.wait_for("event 12 .*connected to b'HomeNet'")
    assert said["address"] == world.board.lan_address
    added = ["profile added"] * statuses(world.board).count("profile added")
    assert statuses(world.board) == ["13", *added, "15", "16", "5", "12"]
    assert is_there(anna, world.board.lan_address)


def test_ti_s_app_finds_it_by_mdns_and_fetches_the_result(lab):
    world = board(lab, name_prefix="lamp")
    anna = world.phone("anna")
    anna.join(HOME[0])
    sender = anna.popen(*words("ti2", "--send-only"))
    world.board.wait_for("event 16 ")
    anna.stop(sender)
    name = world.board.wait_for("join the Wi-Fi lamp").split("Wi-Fi ")[1].split(",")[0]
    found = app(anna, "discover", "--by", "mdns", "--name", name, "--seconds", 30)
    assert found["address"] == world.board.lan_address
    assert fetch(anna, f"http://{found['address']}")["verdict"] == "success"
    world.board.wait_for("event 12 .*connected to b'HomeNet'")


def test_a_wrong_password_then_the_right_one(lab):
    world = board(lab)
    anna = world.phone("anna")
    anna.join(HOME[0])
    sender = anna.popen(*words("airkiss", "--send-only", password="incorrect donkey"))
    world.board.wait_for("event 2 ")
    anna.stop(sender)
    status, said = send(anna, "airkiss")
    assert status == 0 and said["address"] == world.board.lan_address
    world.board.wait_for("event 12 .*connected to b'HomeNet'")
    assert not any("donkey" in line or HOME[1] in line for line in world.board.said)


def test_the_portal_is_used_while_it_listens(lab):
    world = board(lab, **SETTINGS)
    ben = world.phone("ben")
    hand_over(ben, "--name", "lamp")
    ben.join(HOME[0])
    found = app(ben, "discover", "--name", "lamp", "--seconds", 30)
    assert fetch(ben, f"http://{found['address']}")["result"] == "5"
    world.board.wait_for("event 12 .*connected to b'HomeNet'")
