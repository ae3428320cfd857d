# The simulation's time: real, or fast (it stands still while code runs, and jumps when all wait).
# MIT licence
"""On MicroPython this module is the board's `time` while it is fast (sys.modules["time"]); on
CPython cpython.py lends its functions to `time` and its event loop asks it for the time.

Fast time is a number of milliseconds since start(). It moves
- when every task waits: straight to the next deadline. Sockets are polled for patience_ms of real
  time before, so that data on its way over loopback is not overtaken;
- in a blocking call (sleep_ms, a scan): by what the call takes;
- by 1 ms for every 1024 looks at the clock, so that a loop which polls it does end.
The board's timers (machine.Timer) go off while it moves, each at its time.
"""

import sys

try:
    import _twin  # the radio's time is this one: the world around a twin keeps it
except ImportError:
    _twin = None

_MICROPYTHON = sys.implementation.name == "micropython"

if _MICROPYTHON:
    import utime as _real
    from utime import *
else:
    import time as _real

_PERIOD = 1 << 30  # of ticks_ms() and ticks_us() on the ports and on the 32-bit unix port
_HALF = 1 << 29
# What a board's ticks read at start(): they wrap 20 s later, so each longer test crosses a wrap.
_TICKS_AT_START = _PERIOD - 20000
# asyncio's C half queues tasks that are ready by the real clock, and this cannot be changed. So
# fast time starts this far ahead of it: ready tasks sort before all that sleep, as they should.
# A process may last that long, 4.6 hours; and no deadline may be beyond _LONGEST, 6 days.
_AHEAD = 1 << 24
_LONGEST = _HALF - _AHEAD - 1
_SILENCE_MS = 20000

patience_ms = 1
creeps = True  # whether looking at fast time moves it
fast = False
happenings = []  # on a twin: [time, what to call] in order of time, for jump()
_now = 0
_looks = 0
_seen = None  # the real clock when it was last looked at
_core = None  # asyncio.core, once start() changed it
_ahead = 0
_alarms = []  # of the board's timers
_busy = False  # a timer's function runs: as on a board, no other interrupts it


def start(is_fast):
    """Start at 0 ms: fast or real. For fast time, call it before a new event loop starts."""
    global fast, _now, _looks, _seen, _busy
    fast = is_fast
    _now = _looks = 0
    _seen = None
    _alarms.clear()
    _busy = False
    if _twin:
        _twin.start(is_fast)
        happenings.clear()
    if _MICROPYTHON:
        if is_fast:
            sys.modules["time"] = sys.modules[__name__]
        else:
            sys.modules.pop("time", None)
        if is_fast or _core:
            _lead_asyncio()


def now():
    """Milliseconds since start()."""
    global _now, _looks, _seen
    if fast and creeps:
        _looks += 1
        if not _looks & 1023:
            jump(1)
    if fast or _twin:
        return _passed()
    if _MICROPYTHON:
        look = _real.ticks_ms()
        if _seen is not None:
            _now += _real.ticks_diff(look, _seen)
        _seen = look
    else:
        if _seen is None:
            _seen = _real.monotonic()
        _now = int((_real.monotonic() - _seen) * 1000)
    return _now


def jump(ms):
    """Let `ms` of fast time pass."""
    global _busy
    end = _passed() + ms
    while True:
        alarm = None if _busy else _first_alarm(end)
        if happenings and happenings[0][0] <= min(end, alarm.when if alarm else end):
            at, what = happenings.pop(0)
            _pass(at - _passed())
            what()
        elif alarm:
            alarm.cancel()
            _pass(alarm.when - _passed())
            _busy = True
            try:
                alarm.function()
            finally:
                _busy = False
        else:
            break
    _pass(end - _passed())
    if _MICROPYTHON and _passed() > _LONGEST:
        raise RuntimeError("more than 6 days of simulated time on MicroPython")


def _first_alarm(end):
    first = None
    for alarm in _alarms:
        if alarm.when <= end and (first is None or alarm.when < first.when):
            first = alarm
    return first


def _passed():
    return _twin.now() if _twin else _now


def _pass(ms):
    global _now
    if ms <= 0:
        return
    if _twin:
        _twin.jump(ms)
    else:
        _now += ms


class Alarm:
    """Calls function() once, in `ms` of fast time."""

    def __init__(self, ms, function):
        self.when = _passed() + ms
        self.function = function
        _alarms.append(self)

    def cancel(self):
        """Call it off; nothing when it went off already."""
        if self in _alarms:
            _alarms.remove(self)


def sleep_ms(ms):
    """Block for `ms`, as time.sleep_ms does; ms below 1 return at once."""
    if fast:
        jump(max(0, ms))
    elif ms > 0:
        _real.sleep_ms(ms) if _MICROPYTHON else _real.sleep(ms / 1000)


def sleep(seconds):
    sleep_ms(int(seconds * 1000))


def sleep_us(us):
    sleep_ms((us + 999) // 1000)


def ticks_ms():
    return (now() + _TICKS_AT_START) & (_PERIOD - 1)


def ticks_us():
    if fast:
        return (now() * 1000 + _TICKS_AT_START) & (_PERIOD - 1)
    return _real.ticks_us() if _MICROPYTHON else _real.monotonic_ns() // 1000 & (_PERIOD - 1)


def time():
    """Seconds since power-up: a board without a clock counts from its epoch."""
    return now() // 1000


if not _MICROPYTHON:

    def ticks_add(ticks, delta):
        return (ticks + delta) & (_PERIOD - 1)

    def ticks_diff(end, start):
        return ((end - start + _HALF) & (_PERIOD - 1)) - _HALF


# MicroPython's asyncio ----------------------------------------------------------------------


def _lead_asyncio():
    """Give asyncio.core our clock and our idle wait (extmod/asyncio/core.py: ticks, IOQueue)."""
    global _core, _ahead
    import asyncio.core

    if _core is None:
        _core = asyncio.core
        _core._poll = _core.IOQueue.wait_io_event
        _core.IOQueue.wait_io_event = _wait
    _core.ticks = _core_ticks if fast else _real.ticks_ms
    _ahead = _real.ticks_add(_real.ticks_ms(), _AHEAD)


def _core_ticks():
    return _real.ticks_add(_ahead, now())


def _wait(queue, dt):
    """Stands in for IOQueue.wait_io_event: dt is 0, ms to the next deadline, or -1 without one."""
    poll = _core._poll
    if not fast or dt == 0:
        poll(queue, dt)
    elif dt > 0:
        if queue.map:
            poll(queue, patience_ms)
            if _real.ticks_diff(_core._task_queue.peek().ph_key, _core_ticks()) <= 0:
                return  # data came: a task is ready
        jump(dt)
    else:
        poll(queue, _SILENCE_MS)
        if _core._task_queue.peek() is None:
            raise RuntimeError("no task has a deadline, and the sockets stay silent")
