# The status LED: what a person sees of a run.
# MIT licence

import asyncio
import sys

from harness import simulated
from keeping import HOME, Kept, store
from shim import machine

PIN = 2
OFF = (0, 0, 0)
BLUE, AMBER, GREEN, RED = (0, 0, 40), (40, 25, 0), (0, 40, 0), (40, 0, 0)


class Pixels(list):
    """Stands in for neopixel.NeoPixel: remembers what was written."""

    shown = OFF

    def __init__(self, pin, count):
        super().__init__([OFF] * count)

    def write(self):
        Pixels.shown = self[0]


class Neopixel:
    NeoPixel = Pixels


def _settings(**values):
    from provisioning.settings import Settings

    Settings().update(**values)


def _pixel():
    _settings(led_pin=PIN, led_neopixel=True)
    Pixels.shown = OFF
    sys.modules["neopixel"] = Neopixel


async def _colours(board, ms):
    """The colours of that time, one after another, [(colour, ms)]."""
    seen = []
    end = board.now() + ms
    while board.now() < end:
        if seen and seen[-1][0] == Pixels.shown:
            seen[-1][1] += 20
        else:
            seen.append([Pixels.shown, 20])
        await board.sleep_ms(20)
    return seen


async def _hand_over(session, ssid, key=""):
    from provisioning.profiles import Profile

    session.offer(Profile(ssid, key))
    session.confirm()


@simulated("esp32", "rp2")
async def test_configuration_is_a_slow_blue_blinking(board):
    _pixel()
    kept = Kept(board)
    await kept.session()
    await board.sleep_ms(1000)
    seen = (await _colours(board, 10000))[1:-1]
    assert set([colour for colour, _ in seen]) == {OFF, BLUE}
    assert all(460 <= ms <= 540 for _, ms in seen), seen


@simulated("esp32", "rp2")
async def test_confirmation_is_quick_and_amber_and_success_green(board):
    _pixel()
    kept = Kept(board)
    session = await kept.session()
    await _hand_over(session, "CafeFree")
    await board.sleep_ms(600)
    seen = (await _colours(board, 2000))[1:-1]
    assert set([colour for colour, _ in seen]) == {OFF, AMBER}, seen
    assert all(80 <= ms <= 140 for _, ms in seen), seen
    await board.until(lambda: session.progress().state == "connected")
    session.read_result()
    await board.until(lambda: Pixels.shown == GREEN, 500)
    seen = await _colours(board, 10000)
    assert seen[0][0] == GREEN and 2700 <= seen[0][1] <= 3400, "steady"
    assert seen[-1][0] == OFF, "and dark from then on"
    await kept.online()


@simulated("esp32", "rp2")
async def test_failure_is_red_and_then_it_waits_again(board):
    _pixel()
    kept = Kept(board)
    session = await kept.session()
    await _hand_over(session, "HomeNet", "not the password")
    await board.until(lambda: session.progress().state == "failed")
    await board.until(lambda: Pixels.shown == RED, 500)
    seen = await _colours(board, 6000)
    red = [entry for entry in seen if entry[0] == RED]
    assert 4 <= len(red) <= 8 and all(ms <= 240 for _, ms in red), seen
    assert seen[-2][0] == BLUE or seen[-1][0] == BLUE


@simulated("esp32")
async def test_a_result_that_no_phone_fetched_is_green_all_the_same(board):
    _pixel()
    kept = Kept(board)
    session = await kept.session()
    await _hand_over(session, "CafeFree")
    await board.until(lambda: 4 in kept.statuses)
    await board.until(lambda: Pixels.shown == GREEN, 500)


@simulated("esp32")
async def test_a_run_that_is_stopped_shows_nothing_more(board):
    _pixel()
    kept = Kept(board)
    session = await kept.session()
    await _hand_over(session, "HomeNet", "not the password")
    await board.sleep_ms(2000)
    from provisioning import running

    run = running()
    run.stop()
    await run.wait()
    assert Pixels.shown not in (RED, GREEN)
    await kept.end()
    await asyncio.sleep_ms(10)
    assert Pixels.shown == OFF, "a Keeper that ends leaves it dark"


@simulated("esp32", "rp2")
async def test_a_board_that_is_online_keeps_it_dark(board):
    _pixel()
    store(HOME)
    kept = Kept(board)
    await kept.online()
    assert await _colours(board, 5000) == [[OFF, 5000]]


@simulated("esp32")
async def test_a_plain_pin_is_lit_by_the_level_that_is_set(board):
    for level in (1, 0):
        board.reboot()
        _settings(led_pin="LED", led_level=level)
        machine.Pin.levels["LED"] = level
        kept = Kept(board)
        await asyncio.sleep_ms(1)
        assert machine.Pin.levels["LED"] == 1 - level, "dark at first"
        await kept.session()
        levels = set()
        for _ in range(60):
            levels.add(machine.Pin.levels["LED"])
            await board.sleep_ms(20)
        assert levels == {0, 1}
        await kept.end()
        await asyncio.sleep_ms(10)
        assert machine.Pin.levels["LED"] == 1 - level


@simulated("esp32")
async def test_a_board_without_neopixel_says_so_and_goes_on(board):
    _settings(led_pin=PIN, led_neopixel=True)
    sys.modules.pop("neopixel", None)
    store(HOME)
    kept = Kept(board)
    await kept.online()
    assert board.printed("provisioning: led_pin:")
