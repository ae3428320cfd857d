# The Keeper: a board that stays online for ever, and the application on it.
# MIT licence

import asyncio
import sys

from harness import simulated
from keeping import HOLDING, HOME, OFF, ONLINE, PROVISIONING, Kept, present, store

MICROPYTHON = sys.implementation.name == "micropython"
CAFE = ("CafeFree", "", 0)
NO_AP = 0x01  # TI's policy: auto, but no auto-provisioning


def _settings(**values):
    from provisioning.settings import Settings

    Settings().update(**values)


async def _run_of_another(board, kept):
    """The host itself starts a run. Returns its Provisioner."""
    from provisioning.provisioner import Provisioner

    provisioner = Provisioner()
    assert provisioner.start(0) == 0
    await kept.session()
    return provisioner


@simulated("esp32", "rp2")
async def test_a_new_link_is_called_up_when_it_has_lasted_5_s(board):
    store(HOME)
    kept = Kept(board)
    await board.until(board.sta.isconnected)
    start = board.now()
    assert not kept.told and kept.states[-1][1] == HOLDING or kept.states[-1][1] == 1
    link = await kept.online()
    assert 5000 <= board.now() - start < 5500
    assert link.ssid == "HomeNet" and link.address == board.sta.ifconfig()[0] and link.is_up()
    assert kept.told == [link] and kept.states[-1][1] == ONLINE
    await kept.end()
    assert kept.states[-1][1] == OFF and board.sta.isconnected(), "the link outlives the Keeper"


@simulated("esp32", "rp2")
async def test_a_link_that_does_not_last_is_never_called_up(board):
    store(("Flaky", "flakyflaky", 0))
    kept = Kept(board)
    await board.sleep_ms(60000)
    assert kept.told == [] and kept.keeper.link is None


@simulated("esp32", "rp2")
async def test_after_a_link_that_did_not_last_the_others_come_first(board):
    store(("Flaky", "flakyflaky", 9), CAFE)
    kept = Kept(board)
    assert (await kept.online()).ssid == "CafeFree"


@simulated("esp32", "rp2")
async def test_a_lost_link_is_made_again_without_an_access_point(board):
    store(HOME)
    kept = Kept(board)
    link = await kept.online()
    present(board, False)
    await board.until(lambda: not kept.keeper.link)
    assert kept.told == [link, None] and not link.is_up()
    await board.sleep_ms(30000)
    present(board, True)
    assert await kept.online() is link, "the application's Link is always that of now"
    assert link.is_up() and kept.portal.starts == 0 and not board.ap.active()
    assert kept.statuses == []


@simulated("esp32")
async def test_the_pauses_grow_from_1_s_to_60_s(board):
    _settings(policy=NO_AP)
    store(HOME)
    kept = Kept(board)
    await kept.online()
    present(board, False)
    await board.sleep_ms(400000)
    assert kept.waits()[:9] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    present(board, True)
    await kept.online(80000)
    del kept.states[:-1]
    present(board, False)
    await board.sleep_ms(20000)
    assert kept.waits()[:2] == [1, 2], "after a link that lasted they begin again"


@simulated("esp32", "rp2")
async def test_a_link_that_the_port_made_again_is_taken(board):
    store(HOME)
    kept = Kept(board)
    await kept.online()
    router = board.air.router("HomeNet")
    router.address = "192.168.1.77"
    # The address is another before anybody has looked: to the application that is another link.
    board.sta.disconnect()
    board.sta.connect("HomeNet", "correct horse battery")
    await board.until(board.sta.isconnected)
    await board.until(lambda: not kept.keeper.link)
    link = await kept.online()
    assert link.address == "192.168.1.77" and link.ssid == "HomeNet"
    assert all(wait == 1 for wait in kept.waits())


@simulated("esp32", "rp2")
async def test_nothing_but_the_keeper_stays_loaded_on_a_board_that_is_online(board):
    import provisioning

    store(HOME)
    provisioning.drop_modules(lambda name: name.startswith("provisioning."))
    from provisioning import store as flash

    flash.directory = board.flash
    kept = Kept(board)
    provisioning.drop_modules(lambda name: name == "provisioning.methods")
    await kept.online()
    # codes: where constants are not folded. store: what others had loaded is left alone.
    left = [name[13:] for name in sys.modules if name.startswith("provisioning.")]
    assert sorted([name for name in left if name != "codes"]) == ["keeper", "store"], left
    # It finds all again when it is needed.
    present(board, False)
    await board.until(lambda: not kept.keeper.link)
    present(board, True)
    await kept.online()


@simulated("esp32", "rp2")
async def test_a_network_that_is_stored_meanwhile_is_joined(board):
    _settings(policy=NO_AP)
    kept = Kept(board)
    await board.sleep_ms(20000)
    store(HOME)
    kept.keeper.command()
    assert (await kept.online(15000)).ssid == "HomeNet"


@simulated("esp32", "rp2")
async def test_without_policy_auto_stored_networks_are_left_alone(board):
    _settings(policy=0x20)
    store(HOME)
    kept = Kept(board)
    await board.sleep_ms(200000)
    assert not board.sta.isconnected() and kept.portal.starts == 0
    # A link that the host makes is kept.
    board.sta.connect("CafeFree")
    link = await kept.online(80000)
    assert link.ssid == "CafeFree"


@simulated("esp32", "rp2", false_badauth=False)
async def test_with_policy_fast_the_last_network_is_joined_without_a_search(board):
    from provisioning.profiles import Profiles

    store(HOME, ("CafeFree", "", 9))
    Profiles().connected(Profiles().find(b"HomeNet"))
    _settings(policy=0x23)
    kept = Kept(board)
    await board.until(board.sta.isconnected, 2000)
    assert (await kept.online()).ssid == "HomeNet"


@simulated("esp32", "rp2")
async def test_a_link_of_before_is_taken_over(board):
    store(CAFE)
    board.sta.active(True)
    board.sta.connect("HomeNet", "correct horse battery")
    await board.sleep_ms(3000)
    if not board.sta.isconnected():  # the rp2's first refusal
        board.sta.connect("HomeNet", "correct horse battery")
        await board.until(board.sta.isconnected)
    kept = Kept(board)
    assert (await kept.online(6000)).ssid == "HomeNet"


@simulated("esp32", "rp2")
async def test_a_link_of_the_host_to_a_network_that_is_not_stored_needs_no_run(board):
    board.sta.active(True)
    board.sta.connect("CafeFree")
    await board.until(board.sta.isconnected)
    kept = Kept(board)
    assert (await kept.online()).ssid == "CafeFree"
    await board.sleep_ms(10000)
    assert kept.statuses == []


@simulated("esp32", "rp2")
async def test_a_run_of_the_host_is_left_alone_and_its_network_kept(board):
    from provisioning.profiles import Profile

    store(("Nowhere", "nowhere12", 0))
    kept = Kept(board)
    await board.sleep_ms(5000)
    provisioner = await _run_of_another(board, kept)
    attempts = board.sta.status()
    await board.sleep_ms(150000)
    assert board.sta.status() == attempts and kept.states[-1][1] == PROVISIONING
    kept.portal.session.offer(Profile("CafeFree"))
    kept.portal.session.confirm()
    await board.until(lambda: kept.portal.session.progress().state == "connected")
    kept.portal.session.read_result()
    assert (await provisioner.wait()).link.ssid == "CafeFree"
    assert (await kept.online(15000)).ssid == "CafeFree"
    assert kept.statuses == [], "it was not the Keeper's run"


@simulated("esp32", "rp2")
async def test_a_run_that_changes_nothing_does_not_interrupt_the_link(board):
    store(HOME)
    kept = Kept(board)
    link = await kept.online()
    provisioner = await _run_of_another(board, kept)
    await board.until(lambda: kept.states[-1][1] == PROVISIONING)
    provisioner.stop()
    await provisioner.wait()
    await board.sleep_ms(20000)
    assert kept.told == [link] and link.is_up()


@simulated("esp32")
async def test_of_two_keepers_the_second_waits(board):
    store(HOME)
    first, second = Kept(board), Kept(board)
    await first.online()
    assert second.told == []
    from provisioning.keeper import Keeper

    assert (await Keeper().online()).ssid == "HomeNet", "online() has what is kept already"
    await first.end()
    assert (await second.online(10000)).ssid == "HomeNet"


# The application


@simulated("esp32", "rp2")
async def test_the_application_runs_while_the_link_is_lost_and_made_again(board):
    seen = []

    async def work(link):
        while True:
            seen.append(link.is_up())
            await asyncio.sleep_ms(1000)

    store(HOME)
    kept = Kept(board, work)
    link = await kept.online()
    present(board, False)
    await board.until(lambda: not kept.keeper.link)
    await board.sleep_ms(20000)
    assert seen[0] and not seen[-1]
    present(board, True)
    await kept.online()
    await board.sleep_ms(1100)
    assert seen[-1] and kept.told == [link, None, link]


@simulated("esp32")
async def test_an_application_that_raises_is_shown_and_called_again(board):
    calls = []

    async def work(link):
        calls.append(board.now())
        raise ValueError("no such sensor")

    store(HOME)
    kept = Kept(board, work)
    await kept.online()
    await board.sleep_ms(40000)
    if not MICROPYTHON:  # there print_exception() goes by the test's ears
        assert board.printed("Traceback") and board.printed("ValueError: no such sensor")
    seconds = [(call - calls[0] + 500) // 1000 for call in calls]
    assert seconds[:5] == [0, 1, 3, 7, 15], "the pauses grow: %r" % seconds
    assert kept.told[1:] == [] and board.sta.isconnected(), "its fault does not cost the link"


@simulated("esp32")
async def test_an_application_that_returns_has_ended_and_the_link_is_kept(board):
    calls = []

    async def work(link):
        calls.append(link)

    store(HOME)
    kept = Kept(board, work)
    await kept.online()
    present(board, False)
    await board.until(lambda: not kept.keeper.link)
    present(board, True)
    await kept.online()
    await board.sleep_ms(5000)
    assert len(calls) == 1


@simulated("esp32")
async def test_an_application_ends_with_its_keeper(board):
    ended = []

    async def work(link):
        try:
            await asyncio.sleep_ms(1000000)
        finally:
            ended.append(True)

    store(HOME)
    kept = Kept(board, work)
    await kept.online()
    await board.sleep_ms(500)
    await kept.end()
    await board.sleep_ms(100)
    assert ended == [True]


@simulated("esp32")
async def test_what_a_listener_raises_does_not_cost_the_link(board):
    store(HOME)
    kept = Kept(board)

    def raises(link):
        raise RuntimeError("mine")

    kept.keeper._on_link = raises
    assert (await kept.online()).is_up()
    assert MICROPYTHON or board.printed("RuntimeError: mine")
