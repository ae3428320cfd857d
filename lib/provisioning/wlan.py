# The network processor's link: made by command or by policy, watched, and told of.
# MIT licence

import asyncio

from micropython import const

from . import codes, pump
from .radio import JoinError, Radio

# What became of the link: the first argument of `tell`.
LINKED = const(0)
UNLINKED = const(1)
NO_ADDRESS = const(2)

_LOOK_MS = const(250)
_SETTLE_MS = const(50)

# TI's reasons of disconnection (wlan.h).
_UNSPECIFIED = const(1)
_USER_INITIATED = const(200)
_REASONS = {
    codes.REASON_NOT_FOUND: 203,  # association timed out
    codes.REASON_WRONG_PASSWORD: 204,  # security failure
    codes.REASON_SECURITY: 204,
}


class Wlan:
    """The link. `host`: the Host, whose keeper joins where the policy says so.

    tell(what, ssid, detail): LINKED with the Link, UNLINKED with TI's reason of disconnection, or
    NO_ADDRESS. keep(): called when the keeper may have to come or go. radio: the Radio, from
    switch_on() on. linked: is there a link and an address?
    """

    def __init__(self, host, tell, keep):
        self._host = host
        self._tell = tell
        self._keep = keep
        self.radio = None
        self._turn = 0  # of begin(): what belongs to an older one ends
        self._manual = False  # the host's program connects by itself
        self._look_again = False  # is the keeper wanted?
        self._task = None
        self._ssid = b""
        self._reason = _UNSPECIFIED
        self.linked = False

    @property
    def joining(self):
        """Is an attempt of connect() on?"""
        return self._task is not None

    def switch_on(self, country):
        """Switch the radio on. OSError."""
        self.radio = Radio(country)

    def begin(self):
        """Watch the link, and keep one if the policy says so."""
        self._turn += 1
        self.linked = self.radio.is_linked()
        self.follow()
        self._host.spawn(self._watch(self._turn))

    def end(self):
        """Watch no more, and try no more. A link stays."""
        self._turn += 1
        self._host.unkeep()
        self.give_up()

    def give_up(self):
        """End the attempt of connect(). Returns its task, or None."""
        task, self._task = self._task, None
        if task:
            pump.call(task.cancel)
        return task

    def follow(self):
        """The policy counts, and what is stored: from now on, whatever was commanded before."""
        self._manual = False
        self._look_again = True
        if self._host.keeper:
            self._host.keeper.command()

    def look_again(self):
        """Something that the policy looks at has changed."""
        self._look_again = True

    def found(self, ssid):
        """A run ended: what link there is now is no news."""
        self.linked = self.radio.is_linked()
        self._ssid = ssid
        self.follow()

    # By command

    def connect(self, profile, settings):
        """Try the network of `profile`, once, in the background."""
        self._manual = True
        self._host.unkeep()
        before = self.give_up()
        self._task = self._host.spawn(self._join(profile, settings, before))

    def disconnect(self):
        """Give up the link, or the attempt: False when there is neither."""
        if not self.linked and not self.joining and not self._host.keeper:
            return False
        self._manual = True
        self._host.unkeep()
        self.give_up()
        self._reason = _USER_INITIATED
        self.radio.leave()
        return True

    async def _join(self, profile, settings, before):
        if before:
            try:
                await before
            except asyncio.CancelledError:
                pass
        # Whatever was cancelled gives the radio back.
        await asyncio.sleep_ms(_SETTLE_MS)
        if self.linked:
            self.linked = False
            self._tell(UNLINKED, self._ssid, _USER_INITIATED)
        self._ssid = profile.ssid
        try:
            await self.radio.join(profile, settings=settings)
            self._task = None
            self._look()
        except JoinError as error:
            self._task = None
            if error.reason == codes.REASON_NO_ADDRESS:
                self._tell(NO_ADDRESS, profile.ssid, None)
            self._tell(UNLINKED, profile.ssid, _REASONS.get(error.reason, _UNSPECIFIED))

    # By itself

    async def _watch(self, turn):
        while True:
            await asyncio.sleep_ms(_LOOK_MS)
            if self._turn != turn:
                return
            if not self.joining:  # it tells by itself
                self._look()
            if self._look_again and not self._manual:
                self._look_again = False
                self._keep()

    def _look(self):
        linked = self.radio.is_linked()
        if linked == self.linked:
            return
        self.linked = linked
        if linked:
            self._reason = _UNSPECIFIED
            if not self._manual:
                self._ssid = self.radio.ssid() or b""
            self._tell(LINKED, self._ssid, self.radio.link(self._ssid))
        else:
            self._tell(UNLINKED, self._ssid, self._reason)
