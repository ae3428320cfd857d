# All ways at once: a web page's API, TI's app, Espressif's client and Improv, at one board.
# MIT licence

import json
import subprocess
import sys

import pytest

from improv_line import packet, wifi
from lab.clients import api, result
from lab.test_ti import SETTINGS, app, fetch, statuses
from lab.world import wait_for
from tools.paths import TESTS

HOME, KEY = "HomeNet", "correct horse battery"
IMPROV_READY, IMPROV_PROVISIONED = 2, 4


def improv_states(board):
    """The states that the board told over its cable, one after the other."""
    found = []
    for line in board.said:
        data = line.encode(errors="surrogateescape")
        found += [state for state in range(5) if data.startswith(packet(1, [state]))]
    return found


def espressif_s(world, phone, *steps):
    """Espressif's client in a phone's place, at work."""
    pop = json.loads((world.board.flash / "identity").read_bytes().split(b"\n", 1)[1])["pop"]
    words = (sys.executable, "rainmaker.py", world.board.address + ":80", pop, *steps)
    return phone.popen(*words, cwd=TESTS, stdout=subprocess.PIPE, text=True)


def said(client):
    """What came of its last step."""
    out, _ = client.communicate(timeout=90)
    return json.loads(out.splitlines()[-1])[1]


@pytest.mark.parametrize("board", ["esp32", "rp2"])
def test_one_failure_and_one_success_and_all_are_told(lab, board):
    # The phones may need the last page one after the other.
    world = lab(board, linger_ms=6000, **SETTINGS)
    anna, bob, carol = map(world.phone, ("anna", "bob", "carol"))
    for phone in (anna, bob, carol):
        phone.join_board()

    assert said(espressif_s(world, bob, f"{HOME}=incorrect donkey")) == "Incorrect Password"
    assert api(anna, "/v1/status")[1]["reason"] == "wrong_password"
    base = "http://" + world.board.address
    assert fetch(carol, base, fails=True)["result"] == "2"
    world.board.bring(packet(3, [2, 0]))  # the current state
    wait_for(lambda: improv_states(world.board)[-1:] == [IMPROV_READY], "no state on the cable")

    # All hand it over, nobody waits for the others.
    bobs = espressif_s(world, bob, f"{HOME}={KEY}")
    annas = anna.popen(
        *("curl", "-s", "-m", "10", "-H", "Content-Type: application/json"),
        *("-d", json.dumps({"ssid": HOME, "key": KEY}), base + "/v1/profiles"),
        stdout=subprocess.DEVNULL,
    )
    world.board.bring(wifi(HOME, KEY))
    app(carol, "configure", "--base", base, "--ssid", HOME, "--key", KEY)
    annas.wait(20)
    assert said(bobs) == "connected"
    told = result(anna)
    assert (told["state"], told["ssid"], told["result"]) == ("connected", HOME, 5)
    assert fetch(carol, base)["verdict"] == "success"
    world.board.wait_for("^online")
    assert improv_states(world.board)[-1] == IMPROV_PROVISIONED
    assert statuses(world.board).count("2") == statuses(world.board).count("5") == 1
    assert not any(word in line for line in world.board.said for word in (KEY, "donkey"))
