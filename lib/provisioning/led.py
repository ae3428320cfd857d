# The status LED, on a plain pin or a NeoPixel: shows a person what a run is at.
# MIT licence

import asyncio
import time

import machine
from micropython import const

from .codes import FLAG_EXTERNAL_CONFIRMATION, RESULT_FEEDBACK_FAILED
from .statemachine import ASSOC, CLOUD, IDLE, OFF, WAIT_RESET

_LOOK_MS = const(250)
# How long success and failure are shown.
_RESULT_MS = const(3000)

_DARK = (0, 0, 0)

# What is shown: the colour of a NeoPixel (red, green, blue), and for how many ms it is lit and
# dark, in turns.
_CONFIGURATION = ((0, 0, 40), (500, 500))
_CONFIRMATION = ((40, 25, 0), (100, 100))
_SUCCESS = ((0, 40, 0), (_LOOK_MS,))
_FAILURE = ((40, 0, 0), (200, 200, 200, 600))
_NOTHING = (_DARK, (_LOOK_MS,))


def start(running, settings, spawn):
    """Begin to show the runs.

    running() gives the Provisioner whose run is on, or None. settings: a mapping with led_pin,
    led_level and led_neopixel. spawn(coroutine) makes it a task.
    """
    try:
        pin = machine.Pin(settings["led_pin"], machine.Pin.OUT)
        if settings["led_neopixel"]:
            light = _Pixel(pin).light
        else:
            light = _Plain(pin, settings["led_level"]).light
        light(_DARK)
    except (ValueError, OSError, ImportError) as error:
        print("provisioning: led_pin:", error)
    else:
        spawn(_show(running, light))


class _Plain:
    def __init__(self, pin, level):
        self._pin = pin
        self._level = level

    def light(self, colour):
        self._pin.value(self._level if max(colour) else 1 - self._level)


class _Pixel:
    def __init__(self, pin):
        from neopixel import NeoPixel

        self._pixels = NeoPixel(pin, 1)

    def light(self, colour):
        self._pixels[0] = colour
        self._pixels.write()


async def _show(running, light):
    story = _Story()
    shown, turn = _NOTHING, 0
    try:
        while True:
            run = running()
            pattern = story.pattern(run.state if run else IDLE)
            colour, times = pattern
            turn = (turn + 1) % len(times) if pattern is shown else 0
            shown = pattern
            light(_DARK if turn % 2 else colour)
            await asyncio.sleep_ms(times[turn])
    finally:
        light(_DARK)


class _Story:
    """What the machine's states tell a person, one after another."""

    def __init__(self):
        self._result = 0  # RESULT_*, the last that was seen
        self._verdict = None  # _SUCCESS or _FAILURE while it is shown
        self._since = 0  # ticks

    def pattern(self, state):
        """What to show now."""
        phase, _, flags, result, _ = state
        now = time.ticks_ms()
        if ASSOC <= phase <= CLOUD:
            self._result = 0
            return _CONFIRMATION
        if phase != OFF and result != self._result:
            self._result = result
            self._since = now
            # Result 4: no phone asked, but it works; or the cloud does not confirm it.
            refused = result == RESULT_FEEDBACK_FAILED and flags & FLAG_EXTERNAL_CONFIRMATION
            self._verdict = _FAILURE if refused or result < RESULT_FEEDBACK_FAILED else _SUCCESS
            if not result:
                self._verdict = None
        if self._verdict and time.ticks_diff(now, self._since) < _RESULT_MS:
            return self._verdict
        self._verdict = None
        return _CONFIGURATION if OFF < phase <= WAIT_RESET else _NOTHING
