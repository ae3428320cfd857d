# TI's phone apps (spec: SWRA513C and the apps' published sources) provision a board of ours.
# MIT licence

import json
import re
import sys

import pytest

from lab.world import wait_for
from tools.paths import TESTS

SETTINGS = {"name_prefix": "mysimplelink", "ap_open": True}  # what TI's apps need
KEY = "correct horse battery"


def app(phone, step, *words, kind="android", fails=False):
    """One step of the app, in the phone's place. Returns what it says; it has to go well."""
    done = phone.run(
        *(sys.executable, "-m", "lab.ti_app", "--app", kind, step, *words), cwd=TESTS, timeout_s=90
    )
    said = json.loads(done.stdout) if done.stdout else {"ok": False, "said": done.stderr}
    assert said["ok"] != fails, said
    return said


def hand_over(phone, *words, kind="android"):
    """The app's part on the access point."""
    phone.join_board()
    board = phone.world.board
    assert board.said and "(open)" in board.wait_for("join the Wi-Fi mysimplelink")
    assert app(phone, "identify", kind=kind)["version"] == "R2.0"
    networks = app(phone, "scan", "--wait", 3, kind=kind)["networks"]
    assert "HomeNet" in [ssid for _, ssid in networks]
    app(phone, "configure", "--ssid", "HomeNet", "--key", KEY, *words, kind=kind)


def fetch(phone, base, *words, kind="android", fails=False):
    """The result, without the app's long pauses."""
    quick = ("--first", 0.2, "--between", 0.5)
    return app(phone, "result", "--base", base, *quick, *words, kind=kind, fails=fails)


def statuses(board):
    """The run's events, as the host saw them."""
    found = [re.match(r"event (\d+|profile added)", line) for line in board.said]
    return [match[1] for match in found if match and match[1] != "11"]


@pytest.mark.parametrize(
    ("kind", "way"), [("android", "udp"), ("ios", "mdns"), ("android-2016", "ping")]
)
def test_8_4_over_the_access_point_and_then_found_on_the_network(lab, kind, way):
    world = lab(**SETTINGS)
    anna = world.phone("anna")
    hand_over(anna, "--name", "lamp", kind=kind)
    anna.join("HomeNet")
    more = ()
    if way == "ping":
        more = ("--gateway", world.router("HomeNet").address)
        # Stock firmware does not answer such a ping (lwIP's LWIP_BROADCAST_PING is off).
        world.board.sysctl("net.ipv4.icmp_echo_ignore_broadcasts", 0)
    found = app(anna, "discover", "--by", way, "--name", "lamp", "--seconds", 30, *more)
    assert found["address"] == world.board.lan_address
    result = fetch(anna, f"http://{found['address']}", kind=kind)
    assert (result["verdict"], result["result"]) == ("success", "5")
    world.board.wait_for("event 12 .*connected to b'HomeNet'")
    added = ["profile added"] * statuses(world.board).count("profile added")
    assert statuses(world.board) == [*added, "15", "16", "5", "12"]


def test_a_router_that_passes_no_multicast_on_leaves_the_other_ways(lab):
    world = lab(**SETTINGS)
    anna = world.phone("anna")
    hand_over(anna, "--name", "lamp")
    anna.join("HomeNet")
    world.board.wait_for("event 16 ")
    world.router("HomeNet").block_multicast()
    app(anna, "discover", "--by", "mdns", "--name", "lamp", "--seconds", 4, fails=True)
    found = app(anna, "discover", "--by", "udp", "--name", "lamp", "--seconds", 10)
    assert fetch(anna, f"http://{found['address']}")["verdict"] == "success"


@pytest.mark.parametrize("style", ["txt", "token"])
def test_8_3_the_app_comes_back_over_the_access_point(lab, style):
    world = lab(one_role=True, feedback_timeout_ms=6000, **SETTINGS)
    anna = world.phone("anna")
    hand_over(anna)
    world.board.wait_for("event 4 ")
    anna.join_board()
    result = fetch(anna, "http://mysimplelink.net", "--style", style, "--over-ap")
    assert (result["verdict"], result["result"]) == ("success", "4")
    world.board.wait_for("event 12 .*connected to b'HomeNet'")
    assert statuses(world.board)[-3:] == ["4", "5", "12"]


def test_one_role_found_on_the_network(lab):
    world = lab(one_role=True, **SETTINGS)
    anna = world.phone("anna")
    hand_over(anna, "--name", "lamp")
    anna.join("HomeNet")
    found = app(anna, "discover", "--name", "lamp", "--seconds", 30)
    assert fetch(anna, f"http://{found['address']}")["result"] == "5"
    world.board.wait_for("event 12 .*connected to b'HomeNet'")
    assert statuses(world.board)[-2:] == ["5", "12"]


def test_a_wrong_password_is_told_over_the_access_point(lab):
    world = lab(**SETTINGS)
    anna = world.phone("anna")
    anna.join_board()
    app(anna, "configure", "--ssid", "HomeNet", "--key", "incorrect-donkey")
    world.board.wait_for("event 2 ")
    result = fetch(anna, "http://mysimplelink.net", fails=True)
    assert (result["verdict"], result["result"]) == ("failed", "2")


@pytest.mark.parametrize("answer", ["accept", "refuse"])
def test_8_5_the_cloud_confirms_it_or_not(lab, answer):
    world = lab(program="tests_host/lab/cloud_board.py", **SETTINGS)
    cloud = world.router("HomeNet")
    cloud.popen(sys.executable, "-m", "lab.cloud", cloud.address, answer, cwd=TESTS)
    anna = world.phone("anna")
    hand_over(anna)
    if answer == "accept":
        world.board.wait_for("event 12 .*connected to b'HomeNet'")
        assert statuses(world.board)[-3:] == ["15", "16", "12"]
        anna.join("HomeNet")
    else:
        # Back in configuration: the app finds no success, and may hand over another network.
        wait_for(lambda: statuses(world.board)[-2:] == ["15", "16"], "no confirmation")
        assert fetch(anna, "http://mysimplelink.net", kind="ios", fails=True)["result"] == "4"
        app(anna, "configure", "--ssid", "CafeFree")
        anna.join("HomeNet")
    seen = anna.run("curl", "-s", f"http://{cloud.address}:8000/seen").stdout
    assert seen.split()[0].startswith("192.168.1.")
