# TI's list of networks: asked for without waiting, filled by scans in the background.
# MIT licence

import asyncio
import time

from micropython import const

LENGTH = const(30)

_ON = const(1)
_HIDDEN = const(2)
# How old a list may be that no policy renews (TI's R1 library: 30 s).
_AGE_S = const(30)
_FIRST_MS = const(50)


class Scans:
    """The last scan, and the policy by which there is a next one.

    spawn(coroutine) runs it in the background. scan() returns a list of Network, or None when it
    cannot be now. policy: bits, 1 on, 2 with hidden networks. interval_s: how old the list may be.
    """

    def __init__(self, spawn, scan):
        self._spawn = spawn
        self._scan = scan
        self.policy = 0
        self.interval_s = 0
        self._found = ()
        self._when = None  # ticks
        self._busy = False

    def set(self, policy, interval_s):
        """Follow a policy; the first scan is soon."""
        self.policy = policy & (_ON | _HIDDEN) if policy & _ON else 0
        self.interval_s = interval_s if self.policy else 0
        if self.policy:
            self._soon()

    def list(self):
        """Up to 30 Network, strongest first, or None: ask again in some seconds."""
        age_ms = self._when and time.ticks_diff(time.ticks_ms(), self._when)
        if age_ms is None or age_ms > (self.interval_s or _AGE_S) * 1000:
            self._soon()
            if age_ms is None or not self.policy:
                return None
        return self._found

    def _soon(self):
        if not self._busy:
            self._busy = True
            self._spawn(self._run())

    async def _run(self):
        # A scan stops everything for 2 to 3 s: the call that asked for it returns first.
        await asyncio.sleep_ms(_FIRST_MS)
        self._busy = False
        found = self._scan()
        if found is not None:
            hidden = self.policy & _HIDDEN
            found = [network for network in found if hidden or not network.hidden]
            self._found = sorted(found, key=lambda network: -network.rssi)[:LENGTH]
            self._when = time.ticks_ms()
