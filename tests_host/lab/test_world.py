# The lab leaves nothing behind.
# MIT licence

import os
import queue
from pathlib import Path

import pytest

from lab import dhcp, net
from lab.clients import hand_over
from lab.world import PATIENCE_S, World


def left():
    """What is there of this process's lab: namespaces, their name servers, programs."""
    names = [line.split()[0] for line in net.ip("netns", "list").splitlines()]
    names += [path.name for path in Path("/etc/netns").iterdir()]
    programs = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            programs.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            pass  # it has ended meanwhile
    word = f"lab{os.getpid()}-"
    return [text for text in names + programs if word in text]


def test_nothing_is_left_of_a_world_whose_test_failed(tmp_path):
    with pytest.raises(RuntimeError), World(tmp_path) as world:
        anna = world.phone("anna")
        anna.join_board()
        hand_over(anna, "HomeNet", "correct horse battery")
        assert left()
        raise RuntimeError  # just when the board joins its router
    assert left() == []


def test_what_is_told_to_a_board_that_has_gone_is_refused(tmp_path):
    with World(tmp_path) as world:
        world.tell("ap")
    with pytest.raises(ValueError, match="gone"):  # as a lease may be that comes late
        world.tell("lease 192.168.1.50")


def test_nothing_is_left_of_a_world_that_could_not_be_made(tmp_path):
    with pytest.raises(TimeoutError):
        World(tmp_path, colour="green")  # no such setting: the board stops
    assert left() == []


def test_a_phone_gets_a_lease_of_an_address_that_came_after_it(tmp_path):
    with World(tmp_path) as world:
        anna = world.phone("anna")
        anna.join_board()
        other = dict.fromkeys(("address", "router", "dns"), "10.9.8.1")
        world.board.open_ap({**world.ask("ap"), **other})
        leases = queue.Queue()
        dhcp.Client(anna, "wlan0", lambda *lease: leases.put(lease))
        address, router, dns = leases.get(timeout=PATIENCE_S)
    assert address.startswith("10.9.8.")
    assert router == dns == "10.9.8.1"
