# The board's `machine`, as far as lib/ may want it.
# MIT licence

import sys

from . import clock

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_board = "esp32"
_id = b"\x02\x3f\x2a\x1b\x00\x01"
_cause = PWRON_RESET


class Reset(SystemExit):
    """The program reset the board. As on a board, `except Exception` does not stop it."""


def power_up(board, mac):
    """As after a reset. The ESP32's id is its MAC address, the Pico's its flash chip's number."""
    _power_up(board, mac if board == "esp32" else b"\xe6\x61\x64\x08" + mac[2:])


def _power_up(board, id):
    """Another board, or this one switched off and on."""
    global _board, _id, _cause, reset
    _board, _id, _cause = board, id, PWRON_RESET
    reset = _reset  # a test may have put its own in this place
    for timer in list(Timer.running):
        timer.deinit()


def unique_id():
    """ESP32: the 6 bytes of the station's MAC address (ports/esp32/modmachine.c); rp2: 8 bytes."""
    return _id


def _reset():
    raise Reset("machine.reset()")


reset = _reset


def soft_reset():
    raise Reset("machine.soft_reset()")


def reset_cause():
    return _cause


def freq(*hz):
    return None if hz else 160000000


def idle():
    pass


class Pin:
    """A pin that remembers its value; an input without a pull reads 1 until somebody sets it."""

    IN, OUT, OPEN_DRAIN = 0, 1, 2
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_FALLING, IRQ_RISING = 1, 2
    levels = {}  # by id: also where a test presses a button

    def __init__(self, id, mode=IN, pull=None, value=None):
        self.id = id
        if value is not None:
            self.value(value)

    def value(self, *level):
        if level:
            Pin.levels[self.id] = int(bool(level[0]))
            return None
        return Pin.levels.get(self.id, 1)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING):
        self.handler = handler


class WDT:
    """A watchdog that only counts how often it was fed."""

    fed = 0

    def __init__(self, id=0, timeout=5000):
        self.timeout_ms = timeout

    def feed(self):
        WDT.fed += 1


class Timer:
    """A timer. Its callback runs as the boards' soft ones do: between two steps of whatever runs.

    By the fast clock it goes off while that moves, by the real one see interrupt.py.
    """

    ONE_SHOT, PERIODIC = 0, 1
    running = []  # all that have been started, in the order of their starts

    def __init__(self, id=-1, **options):
        # ports/esp32/machine_timer.c, ports/rp2/machine_timer.c
        if _board == "esp32" and not 0 <= id <= 3:
            raise ValueError("invalid Timer number")
        if _board == "rp2" and id != -1:
            raise ValueError("Timer doesn't exist")
        self.id = id
        if options:
            self.init(**options)

    def init(self, mode=PERIODIC, period=0xFFFFFFFF, callback=None):
        self.deinit()
        self.mode, self.period, self.callback = mode, period, callback
        Timer.running.append(self)
        self._set()

    def deinit(self):
        if self in Timer.running:
            Timer.running.remove(self)
            self._alarm.cancel()

    def _set(self):
        if clock.fast:
            self._alarm = clock.Alarm(self.period, self._fire)
        else:
            from . import interrupt

            self._alarm = interrupt.Alarm(self.period, self._fire)

    def _fire(self):
        if self not in Timer.running:
            return
        if self.mode == Timer.PERIODIC:
            self._set()
        else:
            Timer.running.remove(self)
        try:
            self.callback(self)
        except (Exception, KeyboardInterrupt) as error:  # the boards print it, and go on
            sys.print_exception(error)
