# Whoever proves the wrong thing makes the next ones wait: a proof cannot be found by trying.
# MIT licence

import asyncio
import time

from micropython import const

_FIRST_MS = const(500)
_DOUBLINGS = const(5)  # up to 16 s


class Gate:
    """The one door of a board at which all proofs wait, one behind the other."""

    def __init__(self):
        self._lock = asyncio.Lock()
        self._wrong = 0
        self._since = 0  # ticks of the last wrong proof

    async def wait(self):
        """Return when the next proof may be looked at: later after each wrong one in a row."""
        async with self._lock:
            while self._wrong:
                passed = time.ticks_diff(time.ticks_ms(), self._since)
                left = (_FIRST_MS << min(self._wrong - 1, _DOUBLINGS)) - passed
                if left <= 0:
                    return
                await asyncio.sleep_ms(left)

    def wrong(self):
        """That proof was wrong."""
        self._wrong += 1
        self._since = time.ticks_ms()

    def right(self):
        """It was right: the next one need not wait."""
        self._wrong = 0
