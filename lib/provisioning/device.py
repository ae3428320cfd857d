# A device as Quectel's modules are one: it opens provisioning, falls back, stays on its network.
# MIT licence
#
# Source: Quectel's QuecOpen API for Wi-Fi modules (product configuration, device connection,
# network provisioning). What it leaves open is decided here, and listed in docs/qth.md.

import asyncio
import sys

from micropython import const

from . import host, pump
from .codes import (
    EVENT_STATUS,
    MODE_APSC,
    REASON_NONE,
    RESULT_FEEDBACK_FAILED,
    RESULT_SUCCESS,
    ROLE_REMAIN,
    ROLE_STA,
    STATUS_FEEDBACK_FAILED,
    STATUS_GENERAL_ERROR,
    STATUS_IP_NOT_ACQUIRED,
    STATUS_NETWORK_NOT_FOUND,
    STATUS_STOPPED,
)
from .profiles import MAX_PROFILES, Profile, ProfileError, Profiles
from .statemachine import ACTIVITY, OFF, STOPPING

# What follows a window that ends without a network: silence, or the network of before.
SILENCE = const(0)
BACK = const(1)

# What the device is at.
NOT_CONFIGURED = const(0)
CONFIGURING = const(1)
CONFIGURED = const(2)
LINKED = const(3)
SILENT = const(4)

# Events, and how it went.
PROVISIONED = const(0)
LINK = const(1)
RESET = const(2)
REMOVED = const(3)
SILENCED = const(4)

OK = const(0)
JOIN_FAILED = const(1)
LINK_LOST = const(2)
OPEN_FAILED = const(3)
UNUSED = const(4)  # nobody handed over a network, or the window was closed
_GIVEN_UP = const(5)

ENDLESS_S = const(0xFFFF)
_DEFAULT_S = const(300)
_PROLONG_MS = const(3600000)
# How long a success that no phone fetched keeps the window open (TI's R1 library).
_UNREAD_MS = const(60000)
# From the event of a reset to the reset: the program may want to store something.
_RESET_MS = const(200)

# What follows the window that is closing.
_FALL_BACK = const(0)
_OPEN = const(1)
_START = const(2)

STAYS = True  # drop_modules() leaves it: it remembers
_device = None


def get():
    """The one Device of this board."""
    global _device
    if _device is None:
        _device = Device()
    return _device


class Device:
    """This board, as one of Quectel's modules. Commands return at once, the rest is events."""

    def __init__(self):
        self._on_event = None
        self._reason = REASON_NONE
        self._auto_open = True
        self._timeout_s = _DEFAULT_S
        self._events = []  # that wait to be told
        self._window = None  # the Provisioner of our window, until its role switch is done
        self._fallback = SILENCE
        self._next = _FALL_BACK
        self._how = UNUSED  # how the window ends if it ends now
        self._tasks = []  # that go with the window
        self._station = None  # the Station, once there is something to join
        self._host = host.get()
        self._host.listen(self._heard)

    def __repr__(self):
        words = ("not configured", "configuring", "configured", "linked", "silent")
        return "Device(%s)" % words[self.state()]

    def listen(self, on_event):
        """Have on_event(event, how) called, from the event loop; None: not any more.

        event: PROVISIONED, LINK, RESET, REMOVED or SILENCED. how: OK, or JOIN_FAILED to UNUSED.
        Each window that open() opened ends with one PROVISIONED.
        """
        self._on_event = on_event

    # The window in which a person can hand over a network

    def open(self, fallback=SILENCE):
        """Open the window; fallback (SILENCE or BACK) follows when it ends without a network.

        While it is open: its time starts again, the new fallback counts, and a phone that is
        connected stays so. ValueError; ProvisioningError when the radio cannot be used.
        """
        if fallback not in (SILENCE, BACK):
            raise ValueError("fallback is SILENCE (0) or BACK (1)")
        phase = self._phase()
        if phase == OFF:
            self._begin()
        elif phase == STOPPING:
            self._then(_OPEN)
        else:
            self._then(_FALL_BACK)
            pump.call(self._window.feed, ACTIVITY)
        self._fallback = fallback

    def close(self):
        """Close the window, if one is open: a join is given up, then the fallback follows.

        A network that had worked by then is stored, and stays.
        """
        self._next = _FALL_BACK
        if self._is_open():
            self._host.stop()

    def status(self):
        """CONFIGURING while a window is open, else CONFIGURED or NOT_CONFIGURED, from flash."""
        if self._is_open():
            return CONFIGURING
        return CONFIGURED if self._profiles().all() else NOT_CONFIGURED

    def set_window(self, auto_open, timeout_s):
        """From the next window on, until power is cut. ValueError.

        auto_open: whether start() opens one where no network is stored. timeout_s: without a
        user, 180 to 600, or ENDLESS_S.
        """
        if auto_open not in (True, False):
            raise ValueError("auto_open is True or False")
        if not isinstance(timeout_s, int) or isinstance(timeout_s, bool):
            raise ValueError("timeout_s is a number")
        if not 180 <= timeout_s <= 600 and timeout_s != ENDLESS_S:
            raise ValueError("timeout_s is 180 to 600, or 65535 for no end")
        self._auto_open = bool(auto_open)
        self._timeout_s = timeout_s

    def window(self):
        """(auto_open, timeout_s), as set_window() set them."""
        return self._auto_open, self._timeout_s

    # The device

    def start(self):
        """Join the stored network and stay there; where none is stored, auto_open decides.

        A window that is open is closed if a network is stored by now. ProvisioningError.
        """
        network = self.network()
        if network and self._phase() != OFF:
            self._then(_START)
            self._host.stop()
        elif network:
            if not self._link().is_at(network):
                self._station.stay()
        elif self._auto_open and not self._is_open():
            self.open(SILENCE)
        elif not self._auto_open and self._phase() == OFF:
            self._give_up()

    def reset(self):
        """Forget all networks and restart the board. OSError: nothing was forgotten."""
        self.clear()
        if self._phase() != OFF:
            self._host.stop()  # it must not store anything now
        self._tell(RESET, OK)
        self._host.spawn(_restart())

    def remove(self):
        """Forget all networks and open the window. OSError: nothing was forgotten."""
        self.clear()
        self._tell(REMOVED, OK)
        self._fallback = SILENCE
        if self._phase() == OFF:
            self._begin()
        else:
            # The network that is tried now is to be forgotten as well.
            self._host.stop()
            self._then(_OPEN)

    def state(self):
        """CONFIGURING, LINKED, CONFIGURED (on its way to the network) or SILENT."""
        from .radio import look

        if self._is_open():
            return CONFIGURING
        if look(b""):
            return LINKED
        return CONFIGURED if self._is_staying() else SILENT

    def reason(self):
        """REASON_* of the last failure: of a join, or the link."""
        return self._reason

    # The stored network

    def network(self):
        """The Profile that is joined first: that of the last link. None: nothing is stored."""
        profiles = self._profiles()
        known = profiles.all()
        return profiles.last() or (known[-1] if known else None)

    def set_network(self, ssid, key=""):
        """Store a network untried, as the one that is joined first from the next join on.

        Arguments as of Profile. Where all places are taken, the oldest of the lowest priority
        makes room. ProfileError, OSError.
        """
        for value in (ssid, key):
            if not isinstance(value, (str, bytes)):
                raise ProfileError("ssid", "SSID and key are str or bytes")
        profile = Profile(ssid, key)
        profiles = self._profiles()
        known = profiles.all()
        replace = None
        if len(known) == MAX_PROFILES:
            # One of that name, else the oldest of the lowest priority.
            ranks = [-1 if old.ssid == profile.ssid else old.priority for old in known]
            replace = ranks.index(min(ranks))
        kept = profiles.add(profile, replace)
        profiles.connected(profile)  # not yet, but it is the next
        for index in reversed(range(len(profiles.all()))):
            # The old password of that name must not come back.
            if index != kept and profiles.all()[index].ssid == profile.ssid:
                profiles.remove(index)

    def clear(self):
        """Forget all networks; a link that is there stays. OSError: nothing was forgotten."""
        self._profiles().clear()

    # Windows

    def _run(self):
        """The Provisioner, or None before the first run: asking must not load what a run needs."""
        return self._host.provisioner if "provisioning.provisioner" in sys.modules else None

    def _phase(self):
        run = self._run()
        return run.state[0] if run else OFF

    def _profiles(self):
        # A run that is on writes its own list back.
        run = self._run()
        return run.session.profiles if run and run.session else Profiles()

    def _is_open(self):
        return self._next == _OPEN or self._phase() not in (OFF, STOPPING)

    def _begin(self):
        stayed = self._is_staying()
        self._link().release()
        if not self._profiles().all():
            self._link().leave()  # the network of this link is forgotten
        code = self._host.start(MODE_APSC, ROLE_STA, self._timeout_s)
        if code:
            from .provisioner import ProvisioningError

            if stayed:
                self._station.stay()
            raise ProvisioningError(code)
        self._window = self._host.provisioner
        self._how = UNUSED
        self._reason = REASON_NONE
        if self._timeout_s == ENDLESS_S:
            self._tasks.append(self._host.spawn(self._prolong()))

    def _then(self, follows):
        """The run that is on, whoever started it, ends as our window; `follows` comes next."""
        if not self._window:
            self._window = self._host.provisioner
            self._how = UNUSED
            self._host.spawn(self._attend(self._window))
        self._next = follows

    async def _attend(self, run):
        # The events of somebody else's run may go elsewhere.
        outcome = await run.wait()
        if self._window is run and run.state[0] == OFF:
            self._ended(outcome)

    async def _prolong(self):
        while True:
            await asyncio.sleep_ms(_PROLONG_MS)
            self._window.feed(ACTIVITY)

    def _heard(self, event):
        if event.id != EVENT_STATUS or not self._window:
            return
        status = event.status
        if STATUS_NETWORK_NOT_FOUND <= status <= STATUS_IP_NOT_ACQUIRED:
            self._how = JOIN_FAILED
            self._reason = self._window.session.progress().reason
            self._tell(LINK, JOIN_FAILED)
        elif status == STATUS_GENERAL_ERROR and self._window.state[0] == STOPPING:
            self._how = OPEN_FAILED
        elif status == STATUS_FEEDBACK_FAILED:
            self._tasks.append(self._host.spawn(self._leave_unread()))
        elif status == STATUS_STOPPED:
            self._ended(self._window.outcome)

    async def _leave_unread(self):
        await asyncio.sleep_ms(_UNREAD_MS)
        if self._window.state[3] == RESULT_FEEDBACK_FAILED:
            self._host.stop(ROLE_REMAIN)

    def _ended(self, outcome):
        """The window is closed, the radio ours again: tell, and do what follows."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._window = None
        follows, self._next = self._next, _FALL_BACK
        # What was forgotten in the meantime does not count.
        worked = outcome.result in (RESULT_SUCCESS, RESULT_FEEDBACK_FAILED)
        worked = worked and bool(self._profiles().find(outcome.ssid))
        self._tell(PROVISIONED, OK if worked else self._how)
        if follows == _OPEN:
            try:
                self._begin()
                return
            except Exception as error:  # whoever opened it is gone: the event has to tell
                sys.print_exception(error)
                self._tell(PROVISIONED, OPEN_FAILED)
        if worked or follows == _START:
            self._link().stay()
        elif self._fallback == BACK and self._profiles().all():
            self._link().stay(once=True)
        else:
            self._give_up()

    # The link

    def _link(self):
        if not self._station:
            from .station import Station

            self._station = Station(self._host, self.network, self._is_free, self._link_changed)
        return self._station

    def _is_staying(self):
        return bool(self._station and self._station.is_staying)

    def _is_free(self):
        return self._phase() == OFF and not self._host.keeper

    def _give_up(self):
        if self._host.keeper and not self._host.is_keeping:
            self._link().stay()  # a keeper of the program's own does not end
        else:
            self._link().give_up()

    def _link_changed(self, how, reason):
        if how == _GIVEN_UP:
            self._tell(SILENCED, OK)
        else:
            self._reason = reason or self._reason
            self._tell(LINK, how)

    # Events

    def _tell(self, event, how):
        # Not from here: the program's answer may be any command.
        self._events.append((event, how))
        self._host.spawn(self._deliver())

    async def _deliver(self):
        event, how = self._events.pop(0)
        if self._on_event:
            try:
                self._on_event(event, how)
            except Exception as error:  # the program's fault must not end ours
                sys.print_exception(error)


async def _restart():
    await asyncio.sleep_ms(_RESET_MS)
    import machine

    machine.reset()
