# Guests on the access point who mean no good, and a phone that is served all the same.
# MIT licence

import pytest

from flash_files import BRISK
from lab.clients import Client, store, stored
from lab.world import World

KEY = "correct horse battery"
SERVED_S = 2  # a phone that does nothing wrong is served in that time, whatever others do
STORED = {"Elsewhere": "of long ago", "Far away": "never seen since"}  # not in the air


ESP32 = pytest.mark.parametrize("crowded", ["esp32"], indirect=True)
BOTH = pytest.mark.parametrize("crowded", ["esp32", "rp2"], indirect=True)


@pytest.fixture(scope="module")
def crowded(request, tmp_path_factory):
    """A world with anna, who wants nothing but her page, and bob: both are on the access point."""
    folder = tmp_path_factory.mktemp("crowded")
    store(folder, STORED)
    with World(folder, request.param, speed=8, **{**BRISK, "offline_s": 5}) as world:
        # What lwIP has for each connection; Linux would take in the whole page.
        world.board.sysctl("net.ipv4.tcp_wmem", "4096 5760 5760")
        for name in ("anna", "bob", "carol"):
            world.phone(name).join_board()
        yield world
        print("\n".join(world.board.said))


def is_served(phone, attack, seconds=2):
    """Is the phone served in time all the while, and nothing changed by the attacker?"""
    world = phone.world
    said_before = len(world.board.said)
    with Client(world.phone("bob"), attack, seconds + 1) as attacker:
        with Client(phone, "ask", seconds) as asking:
            served = asking.said()
        done = attacker.said()
    print(f"{world.board.kind}, {attack}: {done} {served}")
    assert served["worst_s"] < SERVED_S
    assert not [line for line in world.board.said[said_before:] if line.startswith("event")]
    assert stored(world) == STORED
    return done


@ESP32
def test_idle_guests(crowded):
    assert is_served(crowded.phone("anna"), "idle")["connections"] >= 50


@ESP32
def test_slow_senders(crowded):
    assert is_served(crowded.phone("anna"), "slow")["connections"] > 20


@ESP32
def test_guests_who_never_read(crowded):
    assert is_served(crowded.phone("anna"), "unread", 5)["connections"] > 8


@ESP32
def test_requests_that_are_cut_at_every_byte(crowded):
    done = is_served(crowded.phone("anna"), "cut")
    assert done["requests"] > 500 and not done["taken"]


@ESP32
def test_floods_of_names(crowded):
    assert is_served(crowded.phone("anna"), "flood")["questions_a_second"] > 1000


@BOTH
def test_all_of_it_at_once_and_a_network_is_handed_over(crowded):
    anna, bob, carol = map(crowded.phone, ("anna", "bob", "carol"))
    attacks = [Client(bob, name, 30) for name in ("idle", "slow", "flood")]
    attacks += [Client(carol, name, 30) for name in ("unread", "cut")]
    try:
        with Client(anna, "hand", words=("HomeNet", KEY)) as hand:
            said = hand.said()
        assert (said.get("ssid"), said.get("state")) == ("HomeNet", "connected"), said
        crowded.board.wait_for("^online: ssid=HomeNet")
    finally:
        for attack in attacks:
            attack.__exit__()
    print(crowded.board.kind, said)
    assert said["worst_s"] < SERVED_S
    assert stored(crowded) == {**STORED, "HomeNet": KEY}
