# A person without a phone: the button, and switching the board off and on.
# MIT licence

import asyncio

from engine import stored
from harness import simulated
from keeping import HOME, PROVISIONING, Kept, store
from shim import machine

PIN = 14


def _settings(**values):
    from provisioning.settings import Settings

    Settings().update(**values)


class Button:
    """A button at PIN, to ground unless `pressed` is 1; it was never touched."""

    def __init__(self, pressed=0):
        self._pressed = pressed
        _settings(button_pin=PIN, button_level=pressed)
        machine.Pin.levels[PIN] = 1 - pressed

    async def hold(self, board, ms):
        machine.Pin.levels[PIN] = self._pressed
        await board.sleep_ms(ms)

    def release(self):
        machine.Pin.levels[PIN] = 1 - self._pressed


async def _power_cycle(board, ms):
    """Switch on, and off again after `ms`. Returns the number of runs meanwhile."""
    board.reboot()
    kept = Kept(board)
    await board.sleep_ms(ms)
    starts = kept.portal.starts
    await kept.end()
    return starts


@simulated("esp32", "rp2")
async def test_a_button_held_5_s_starts_a_run_and_keeps_the_networks(board):
    await _hold_for_a_run(board, 0)


@simulated("esp32", "rp2")
async def test_a_button_may_be_pressed_at_the_high_level(board):
    await _hold_for_a_run(board, 1)


async def _hold_for_a_run(board, pressed):
    store(HOME)
    button = Button(pressed)
    kept = Kept(board)
    link = await kept.online()
    await button.hold(board, 4900)
    assert kept.statuses == [] and not board.ap.active()
    await button.hold(board, 400)
    session = await kept.session()
    button.release()
    await board.sleep_ms(20000)
    assert board.ap.active() and session.networks(), "a run, and for a person to use"
    assert 11 not in kept.statuses, "it did not start by itself"
    assert len(stored()) == 1 and link.is_up(), "the link stays while nobody hands one over"
    await kept.end()


@simulated("esp32")
async def test_shorter_presses_do_nothing_however_many(board):
    store(HOME)
    button = Button()
    kept = Kept(board)
    await kept.online()
    for _ in range(10):
        await button.hold(board, 3000)
        button.release()
        await board.sleep_ms(200)
    assert kept.portal.starts == 0


@simulated("esp32", "rp2")
async def test_held_10_s_all_networks_are_forgotten(board):
    store(HOME, ("CafeFree", "", 3))
    button = Button()
    kept = Kept(board)
    link = await kept.online()
    await button.hold(board, 9500)
    assert len(stored()) == 2
    await button.hold(board, 5000)
    button.release()
    assert stored() == []
    await kept.session()
    await board.sleep_ms(30000)
    assert not link.is_up() and not board.sta.isconnected() and board.ap.active()
    assert kept.states[-1][1] == PROVISIONING and len(kept.told) == 2


@simulated("esp32", "rp2")
async def test_what_is_handed_over_after_it_is_all_that_is_stored(board):
    from provisioning.profiles import Profile

    store(HOME)
    button = Button()
    kept = Kept(board)
    await kept.online()
    await button.hold(board, 16000)
    button.release()
    session = await kept.session()
    session.offer(Profile("CafeFree"))
    session.confirm()
    await board.until(lambda: session.progress().state == "connected")
    session.read_result()
    await board.until(lambda: kept.keeper.link)
    assert [ssid for ssid, _ in stored()] == [b"CafeFree"]


@simulated("esp32")
async def test_a_button_that_is_down_from_the_start_is_not_counted(board):
    store(HOME)
    button = Button()
    await button.hold(board, 0)
    kept = Kept(board)
    await board.sleep_ms(60000)
    assert len(stored()) == 1 and kept.portal.starts == 0
    button.release()
    await board.sleep_ms(200)
    await button.hold(board, 6000)
    await kept.session()


@simulated("esp32")
async def test_the_run_of_a_person_is_not_ended_by_a_stored_network(board):
    store(HOME)
    button = Button()
    kept = Kept(board)
    await kept.online()
    await button.hold(board, 6000)
    button.release()
    await kept.session()
    await board.sleep_ms(250000)
    assert kept.portal.is_open and kept.statuses == []
    await board.until(lambda: not kept.portal.is_open)
    await board.until(lambda: kept.keeper.link, 20000)


@simulated("esp32")
async def test_the_button_works_while_the_board_looks_for_its_network(board):
    store(("Nowhere", "nowhere12", 0))
    button = Button()
    kept = Kept(board)
    await board.sleep_ms(10000)
    await button.hold(board, 6000)
    await kept.session(5000)
    assert len(stored()) == 1


@simulated("esp32")
async def test_a_pin_that_is_none_is_said_and_the_board_goes_on(board):
    class NoPin(machine.Pin):
        def __init__(self, *arguments):
            raise ValueError("invalid pin")

    store(HOME)
    _settings(button_pin="X99")
    pin, machine.Pin = machine.Pin, NoPin
    try:
        kept = Kept(board)
        await kept.online()
    finally:
        machine.Pin = pin
    assert board.printed("provisioning: button_pin: invalid pin")


@simulated("esp32", "rp2")
async def test_four_quick_power_cycles_start_a_run(board):
    store(HOME)
    for _ in range(4):
        assert await _power_cycle(board, 3000) == 0
    board.reboot()
    kept = Kept(board)
    await kept.session(20000)
    assert len(stored()) == 1
    await kept.end()
    # And that was it.
    assert await _power_cycle(board, 3000) == 0


@simulated("esp32")
async def test_power_cycles_that_are_not_all_quick_do_nothing(board):
    store(HOME)
    for ms in (3000, 3000, 3000, 6000, 3000, 3000, 3000):
        assert await _power_cycle(board, ms) == 0
    assert await _power_cycle(board, 60000) == 0


@simulated("esp32")
async def test_resets_of_the_program_are_no_power_cycles(board):
    store(HOME)
    for _ in range(6):
        board.reboot()
        machine._cause = machine.SOFT_RESET
        kept = Kept(board)
        await board.sleep_ms(2000)
        assert kept.portal.starts == 0
        await kept.end()


@simulated("esp32")
async def test_how_many_power_cycles_is_a_setting(board):
    store(HOME)
    _settings(power_cycles=2)
    for _ in range(2):
        assert await _power_cycle(board, 3000) == 0
    assert await _power_cycle(board, 15000) == 1


@simulated("esp32")
async def test_no_number_of_power_cycles_is_one_too_many_where_that_is_off(board):
    store(HOME)
    _settings(power_cycles=0)
    for _ in range(12):
        assert await _power_cycle(board, 3000) == 0


@simulated("esp32")
async def test_without_button_and_power_cycles_nothing_is_loaded_for_them(board):
    import sys

    store(HOME)
    _settings(power_cycles=0)
    kept = Kept(board)
    seen = set()
    while not kept.keeper.link:
        seen.update([name for name in sys.modules if name.startswith("provisioning.")])
        await asyncio.sleep_ms(100)
    assert "provisioning.radio" in seen
    assert "provisioning.triggers" not in seen and "provisioning.led" not in seen


@simulated("esp32")
async def test_a_pin_is_a_number_or_a_name_or_none(board):
    from provisioning.settings import Settings

    settings = Settings()
    for value in (0, 48, "LED", None):
        settings.update(led_pin=value)
        assert Settings()["led_pin"] == value
    for value in (-1, 100, "", True, 1.5, b"LED"):
        try:
            settings.update(led_pin=value)
        except ValueError as error:
            assert "a number or a name" in str(error)
        else:
            raise AssertionError(value)
