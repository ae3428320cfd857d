# Joins the network of before and stays there, whatever happens to it; opens nothing by itself.
# MIT licence

import asyncio

from micropython import const

from . import pump
from .codes import REASON_LINK_LOST, REASON_NONE, REASON_RADIO
from .profiles import Profiles
from .radio import JoinError, Radio, look
from .settings import Settings

# What became of the link, in the device's numbers.
_OK = const(0)
_JOIN_FAILED = const(1)
_LINK_LOST = const(2)
_GIVEN_UP = const(5)

_LOOK_MS = const(500)
_LEAVE_MS = const(50)
_LEAVE_LOOKS = const(20)
_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(60000)


class Station:
    """The board's link, between runs.

    host: the board's Host. network(): the Profile to join first, or None. is_free(): may the radio
    be used now? on_link(how, reason): called with OK, JOIN_FAILED, LINK_LOST or GIVEN_UP (it is
    left, and there will be no further attempt), and a REASON_*.
    """

    def __init__(self, host, network, is_free, on_link):
        self._host = host
        self._network = network
        self._is_free = is_free
        self._on_link = on_link
        self._task = None

    @property
    def is_staying(self):
        """Is it on the network, or on its way there?"""
        return bool(self._task) and not self._task.done()

    def is_at(self, network):
        """Is it on this Profile's network, and stays there?"""
        return self.is_staying and _is_on(_radio(), network)

    def stay(self, once=False):
        """Join what is stored and stay there; once: give up if that fails the first time."""
        self.release()
        self._task = self._host.spawn(self._stay(once))

    def release(self):
        """Somebody else uses the radio from now on; a link that is there stays."""
        self._host.unkeep()
        if self._task:
            pump.call(self._task.cancel)
            self._task = None

    def leave(self):
        """Leave the network."""
        self.release()
        _radio().leave()

    def give_up(self):
        """Leave the network and stay off it; on_link(GIVEN_UP) when it is left."""
        self.leave()
        self._host.spawn(self._leaving())

    async def _leaving(self):
        # The ESP32 is off a network a moment after it left, and the program may look at once.
        for _ in range(_LEAVE_LOOKS):
            if not look(b""):
                break
            await asyncio.sleep_ms(_LEAVE_MS)
        self._on_link(_GIVEN_UP, REASON_NONE)

    async def _stay(self, once):
        pause = _PAUSE_MS
        while True:
            try:
                radio = _radio()
                while not (self._is_free() or _is_on(radio, self._network())):
                    await asyncio.sleep_ms(_LOOK_MS)
                if not self._network():
                    break
                await self._join(radio)
            except (JoinError, OSError) as error:
                self._on_link(_JOIN_FAILED, getattr(error, "reason", REASON_RADIO))
                if once:
                    break
                await asyncio.sleep_ms(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_MS)
            else:
                self._on_link(_OK, REASON_NONE)
                while look(b""):
                    await asyncio.sleep_ms(_LOOK_MS)
                self._on_link(_LINK_LOST, REASON_LINK_LOST)
                once = False
                pause = _PAUSE_MS
        self._task = None  # this one: a task cannot cancel itself
        self.give_up()

    async def _join(self, radio):
        """Be on the network of before, or else on another one. JoinError: that of the first."""
        wanted = self._network()
        if _is_on(radio, wanted):
            return
        profiles = Profiles()
        others = [profile for profile in profiles.all() if profile != wanted]
        others.sort(key=lambda profile: -profile.priority)
        first = None
        for profile in [wanted] + others:
            try:
                await radio.join(profile, settings=Settings())
            except JoinError as error:
                first = first or error
            else:
                profiles.connected(profile)
                return
        raise first


def _radio():
    from .identity import Identity

    settings = Settings()
    radio = Radio(settings["country"])
    radio.set_hostname(Identity(settings["name_prefix"]).name)
    return radio


def _is_on(radio, profile):
    # Not every name can be asked for.
    return profile and radio.is_linked() and radio.ssid() in (None, profile.ssid)
