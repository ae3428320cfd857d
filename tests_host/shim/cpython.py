# What MicroPython has and CPython lacks, and an event loop that keeps the simulation's time.
# MIT licence

import asyncio
import gc
import selectors
import sys
import time
import traceback
import types

from . import ciphers, clock


class _Selector(selectors.DefaultSelector):
    """Where a CPython event loop idles: the counterpart of clock._wait."""

    def select(self, timeout=None):
        if not clock.fast or timeout is not None and timeout <= 0:
            return super().select(timeout)
        if timeout is None:
            ready = super().select(clock._SILENCE_MS / 1000)
            if not ready:
                raise RuntimeError("no task has a deadline, and the sockets stay silent")
            return ready
        if len(self.get_map()) > 1:  # more than the loop's own wake-up pipe
            ready = super().select(clock.patience_ms / 1000)
            if ready:
                return ready
        clock.jump(max(1, -int(-(timeout * 1000 - 1e-6) // 1)))
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop by the simulation's clock: real or fast, as clock.start() was told."""

    def __init__(self):
        super().__init__(_Selector())

    def time(self):
        return clock.now() / 1000


class ThreadSafeFlag:
    """asyncio.ThreadSafeFlag of MicroPython: an event for one waiter, cleared by waking it."""

    def __init__(self):
        self._event = asyncio.Event()

    def set(self):
        self._event.set()

    def clear(self):
        self._event.clear()

    async def wait(self):
        await self._event.wait()
        self._event.clear()


async def _wait_for_ms(awaitable, timeout_ms):
    return await asyncio.wait_for(awaitable, timeout_ms / 1000)


_thresholds = [-1]


def _threshold(*size):
    """It is kept, and means nothing here."""
    _thresholds[:] = size or _thresholds
    return None if size else _thresholds[0]


def _print_exception(error, file=None):
    traceback.print_exception(error, file=file or sys.stdout)


def _lend(module, **names):
    """Add names to a module, if it lacks them."""
    for name, value in names.items():
        if not hasattr(module, name):
            setattr(module, name, value)


def install():
    """Make this CPython look like MicroPython to lib/. More than once does no harm."""
    if "micropython" not in sys.modules:
        module = types.ModuleType("micropython")
        _lend(
            module,
            const=lambda value: value,
            native=lambda function: function,
            viper=lambda function: function,
            opt_level=lambda *level: 0,
            mem_info=lambda *verbose: None,
            alloc_emergency_exception_buf=lambda size: None,
            schedule=lambda function, argument: function(argument),
        )
        sys.modules["micropython"] = module
    sys.modules.setdefault("cryptolib", ciphers)
    _lend(
        time,
        ticks_ms=clock.ticks_ms,
        ticks_us=clock.ticks_us,
        ticks_add=clock.ticks_add,
        ticks_diff=clock.ticks_diff,
        sleep_ms=clock.sleep_ms,
        sleep_us=clock.sleep_us,
    )
    _lend(
        asyncio,
        sleep_ms=lambda ms: asyncio.sleep(max(0, ms) / 1000),
        wait_for_ms=_wait_for_ms,
        ThreadSafeFlag=ThreadSafeFlag,
    )
    _lend(gc, mem_alloc=lambda: 50_000, mem_free=lambda: 50_000, threshold=_threshold)
    _lend(sys, print_exception=_print_exception)
