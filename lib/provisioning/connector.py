# The way online: the stored networks again and again, and a run when one is due.
# MIT licence

import asyncio
import sys
import time

from micropython import const

from . import running
from .candidates import Candidates
from .codes import KEEPER_CONNECTING, KEEPER_PROVISIONING, KEEPER_WAITING

_LOOK_MS = const(250)
# Between two attempts.
_FIRST_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(60000)


class Connector:
    """Brings the board online, once or again and again.

    on_event(event): gets each Event of a run that starts here. note(state): is told what it is
    at, KEEPER_*. patient: after a power cut routers start slower than boards; at first the pauses
    do not grow. shaky: name (str) of a network whose link did not last; it is tried last. wanted:
    a person asked for the run that is on.
    """

    def __init__(self, on_event=None, note=None, patient=True):
        self.shaky = ""
        self.wanted = False
        self._on_event = on_event
        self.note = note or (lambda state: None)
        self.patient = patient
        self._pause_ms = _FIRST_PAUSE_MS
        # Ticks: when a pause ends, of the host's last command, since when there is no link.
        self._resume = self._commanded = self._offline = time.ticks_ms()

    async def online(self):
        """Become online once: returns the Link as soon as there is an address, unheld.

        This is a command: stored networks are tried whatever TI's policy 'auto' says, and where
        none is stored a run starts at once. What a Keeper has is taken.
        """
        while True:
            module = sys.modules.get("provisioning.keeper")
            keeper = module and module.current
            if not keeper:
                return await self.connect(True)
            if keeper.link:
                return keeper.link
            await asyncio.sleep_ms(_LOOK_MS)

    def command(self):
        """The host gave a command: rule 1 waits for two more seconds, and a pause ends."""
        self._resume = self._commanded = time.ticks_ms()
        self._pause_ms = _FIRST_PAUSE_MS

    async def connect(self, asked=False):
        """Look for a link until there is one, and provision by the rules meanwhile.

        asked: this is a command, see online(). A run that is on, whoever started it, is waited
        for. Returns the Link.
        """
        quick = True
        while True:
            if running():
                self.note(KEEPER_PROVISIONING)
                await running().wait()
                self._offline = time.ticks_ms()
                quick = True
            self.note(KEEPER_CONNECTING)
            try:
                link, due = await self._attempt(asked, quick)
                quick = False
                if due:
                    link = await self._provision()
                    quick = True
            except Exception as error:  # whatever it was, the board tries again
                sys.print_exception(error)
                link = None
            if link:
                return link
            await self.pause()

    async def _attempt(self, asked, quick):
        """Try all stored networks once. Returns the Link or None, and: is a run due instead?"""
        stored = Candidates()
        now = time.ticks_ms()
        offline_ms = time.ticks_diff(now, self._offline)
        if offline_ms > stored.settings["offline_s"] * 1000:
            self.patient = False
        idle_ms = None if asked else time.ticks_diff(now, self._commanded)
        link = stored.link()
        # Before another attempt: links that never last must not keep the person out.
        if (not link or link.ssid == self.shaky) and stored.is_run_due(offline_ms, idle_ms):
            return None, True
        return await stored.join(running, asked, quick, self.shaky), False

    async def _provision(self):
        """A run that nobody asked for. Returns the Link that it left, or None."""
        from .auto import provision

        self.note(KEEPER_PROVISIONING)
        self._pause_ms = _FIRST_PAUSE_MS
        try:
            return await provision(self._on_event, lambda: self.wanted, self.shaky)
        finally:
            self.wanted = False
            self._offline = time.ticks_ms()

    async def pause(self):
        """Wait for a while, a longer one the next time; a run that begins ends it."""
        self.note(KEEPER_WAITING)
        self._resume = time.ticks_add(time.ticks_ms(), self._pause_ms)
        if not self.patient:
            self._pause_ms = min(2 * self._pause_ms, _LONGEST_PAUSE_MS)
        while not running():
            left = time.ticks_diff(self._resume, time.ticks_ms())
            if left <= 0:
                return
            await asyncio.sleep_ms(min(left, _LOOK_MS))
