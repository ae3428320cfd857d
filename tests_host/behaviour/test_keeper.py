# online(): the board on its own, over power-ups and missing routers.
# MIT licence

import asyncio
import sys

from engine import Portal, stored
from harness import simulated


def _store(*networks):
    from provisioning.profiles import Profile, Profiles

    for ssid, key, priority in networks:
        Profiles().add(Profile(ssid, key, 2 if key else 0, priority))


def _present(board, present):
    for router in board.air.routers:
        if router.ssid == b"HomeNet":
            router.present = present


def _online(events=None):
    import provisioning

    portal = Portal()
    sys.modules["provisioning.methods.portal"] = portal
    note = (lambda event: events.append(event)) if events is not None else None
    return asyncio.create_task(provisioning.online(note)), portal


async def _session(portal):
    while not (portal.session and portal.is_open):
        await asyncio.sleep_ms(50)
    return portal.session


@simulated("esp32", "rp2")
async def test_first_start_learns_a_network_and_the_next_one_knows_it(board):
    from provisioning.profiles import Profile

    events = []
    task, portal = _online(events)
    session = await _session(portal)
    session.offer(Profile("HomeNet", "correct horse battery"))
    session.confirm()
    while session.progress().state != "connected":
        await asyncio.sleep_ms(50)
    session.read_result()
    link = await task
    assert link.ssid == "HomeNet" and link.address == board.sta.ifconfig()[0]
    assert [event.status for event in events if event.id == 13] == [11, 15, 16, 5, 12]

    board.reboot()
    events = []
    task, portal = _online(events)
    start = board.now()
    link = await task
    assert link.ssid == "HomeNet" and events == [] and portal.starts == 0
    assert board.now() - start < 8000


@simulated("esp32", "rp2")
async def test_a_router_that_boots_slower_than_the_board_is_waited_for(board):
    _store(("HomeNet", "correct horse battery", 0))
    _present(board, False)
    board.air.at(60000, lambda: _present(board, True))
    task, portal = _online()
    link = await task
    assert link.ssid == "HomeNet" and portal.starts == 0, "no access point was needed"


@simulated("esp32")
async def test_a_router_away_for_long_opens_the_portal_and_is_joined_when_it_comes_back(board):
    _store(("HomeNet", "correct horse battery", 0))
    _present(board, False)
    board.air.at(300000, lambda: _present(board, True))
    events = []
    task, portal = _online(events)
    await _session(portal)
    assert 120000 <= board.now() <= 160000
    link = await task
    assert link.ssid == "HomeNet" and len(stored()) == 1
    assert [event.status for event in events if event.id == 13] == [11, 12]


@simulated("esp32", "rp2")
async def test_priority_decides_before_signal(board):
    _store(("HomeNet", "correct horse battery", 0), ("CafeFree", "", 9))
    task, _ = _online()
    assert (await task).ssid == "CafeFree"


@simulated("esp32", "rp2")
async def test_of_equal_priority_the_stronger_signal_decides(board):
    _store(("Basement", "basement1", 3), ("HomeNet", "correct horse battery", 3))
    board.air.router("Basement").dhcp_ms = 400
    board.air.router("Basement").rssi = -30
    task, _ = _online()
    assert (await task).ssid == "Basement"


@simulated("esp32", "rp2")
async def test_a_link_that_is_there_already_is_not_made_again(board):
    _store(("HomeNet", "correct horse battery", 0))
    task, _ = _online()
    await task
    start = board.now()
    task, _ = _online()
    assert (await task).ssid == "HomeNet" and board.now() - start < 50


@simulated("esp32")
async def test_where_the_policy_forbids_it_no_access_point_is_opened(board):
    from provisioning.settings import Settings

    Settings().update(policy=0x00)
    task, portal = _online()
    await board.sleep_ms(300000)
    assert portal.starts == 0 and not task.done()
    _store(("HomeNet", "correct horse battery", 0))
    # It is a command to be online: policy 'auto' is not asked.
    assert (await task).ssid == "HomeNet"


@simulated("esp32", "rp2")
async def test_a_stored_network_with_a_changed_password_is_kept_and_others_are_tried(board):
    _store(("HomeNet", "the old password", 9), ("CafeFree", "", 0))
    task, _ = _online()
    assert (await task).ssid == "CafeFree"
    assert stored()[0] == (b"HomeNet", b"the old password")


@simulated("esp32")
async def test_a_success_that_no_phone_fetched_still_brings_the_board_online(board):
    from provisioning.profiles import Profile

    events = []
    task, portal = _online(events)
    session = await _session(portal)
    session.offer(Profile("HomeNet", "correct horse battery"))
    session.confirm()
    link = await task
    assert link.ssid == "HomeNet"
    assert [event.status for event in events if event.id == 13] == [11, 15, 16, 4, 12]


@simulated("esp32", "rp2")
async def test_cancelling_online_ends_its_run(board):
    events = []
    task, portal = _online(events)
    await _session(portal)
    task.cancel()
    try:
        await task
        raise AssertionError("online() returned")
    except asyncio.CancelledError:
        pass
    assert not board.ap.active() and not portal.is_open
    assert [event.status for event in events] == [11, 12]


@simulated("esp32", "rp2")
async def test_a_hidden_network_is_tried_after_those_that_are_seen(board):
    from provisioning.profiles import Profile, Profiles

    Profiles().add(Profile("Hidden One", "peekaboo42", 2, 9, True))
    Profiles().add(Profile("CafeFree", "", 0))
    task, _ = _online()
    assert (await task).ssid == "CafeFree"


@simulated("esp32", "rp2")
async def test_what_online_loaded_is_forgotten(board):
    _store(("HomeNet", "correct horse battery", 0))
    for name in list(sys.modules):
        if name.startswith("provisioning."):
            del sys.modules[name]
    task, _ = _online()
    sys.modules.pop("provisioning.methods.portal")
    await task
    assert [name for name in sys.modules if name.startswith("provisioning.")] == []
