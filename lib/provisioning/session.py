# What a method sees of a run: the few calls it is handed, and nothing else of the engine.
# MIT licence

import time

from micropython import const

from . import statemachine as machine
from .codes import (
    FLAG_EXTERNAL_CONFIRMATION,
    REASON_NONE,
    RESULT_FEEDBACK_FAILED,
    RESULT_SUCCESS,
)

_RESCAN_MS = const(10000)

_STATES = {
    machine.WAIT_RESET: "joining",
    machine.ASSOC: "joining",
    machine.ADDRESS: "addressing",
    machine.HOLD: "checking",
    machine.CLOUD: "checking",
    machine.FEEDBACK: "connected",
}


class Progress:
    """Where a run stands: `state`, `result`, `reason`, `ssid` (bytes), `address` (str)."""

    def __init__(self, state, result, reason, ssid, address):
        self.state = state
        self.result = result
        self.reason = reason
        self.ssid = ssid
        self.address = address


class Session:
    """One run, as its methods see it.

    profiles, identity, settings: the board's own. address: the AP's own address. mac: 6 bytes.
    firmware: MicroPython's version. channel: the AP's, 0 while there is none. key: SmartConfig's,
    16 bytes, or None. radio: the Radio, for a method that listens to the air itself. is_auto: the
    run began by itself, nobody asked for it. posts: what answers POSTs on the portal's server
    beside the portal: takes(path) says of which, `await answer(path, headers, body)` is an
    Answer; or None.
    """

    def __init__(self, run, profiles, identity, settings, key=None, radio=None):
        self._run = run
        self.profiles = profiles
        self.identity = identity
        self.settings = settings
        self.address = ""
        self.mac = b""
        self.firmware = ""
        self.channel = 0
        self.key = key
        self.radio = radio
        self.is_auto = False
        self.posts = None
        self._networks = ()
        self._scanned = None

    # Handing over a network

    def offer(self, profile, replace=None, token=b""):
        """A user handed over a network; it is tried at the next confirm(), and stored if it works.

        The last four offers before a confirm are tried, the newest first. replace: index of the
        stored profile to give up where the list is full. token: what else came with it, for the
        host. Raises ProfilesFull.
        """
        self._run.offer(profile, replace, token)

    def confirm(self):
        """Try what was offered. False when nothing was, or it has to wait for another's end."""
        return self._run.confirm()

    # What a method that listens to the air hears

    def synced(self):
        """SmartConfig: a phone's transmission is there, what it says not yet."""
        self._run.feed(machine.SC_SYNCED)

    def sync_lost(self):
        """SmartConfig: that transmission ended before it was complete."""
        self._run.feed(machine.SC_LOST)

    def complete(self, profile, token=b""):
        """SmartConfig: it said this network. It is offered and tried; nobody has to confirm it."""
        self._run.offer(profile, None, token)
        self._run.feed(machine.SC_COMPLETE)

    def is_waiting(self):
        """Is a network waited for, and none tried, confirmed or fetched?"""
        return self._run.state[0] == machine.CONFIG

    @property
    def mode(self):
        """The run's MODE_*."""
        return self._run.state[1]

    # What became of it

    def progress(self):
        """A Progress: waiting, joining, addressing, checking, connected or failed.

        Reading it delivers nothing.
        """
        phase, _, flags, result, _ = self._run.state
        state = _STATES.get(phase)
        if state is None:
            state = "waiting"
            if result:
                state = "failed"
            late = result == RESULT_FEEDBACK_FAILED and not flags & FLAG_EXTERNAL_CONFIRMATION
            if late or result == RESULT_SUCCESS:
                state = "connected"
        reason = self._run.reason if state == "failed" else REASON_NONE
        return Progress(state, result, reason, self._run.ssid, self._run.address)

    def read_result(self):
        """TI's result digit for the user: reading a success delivers it (SWRA513C 5.1, 5.2)."""
        return self._run.read_result()

    def delivery(self):
        """What to call when an answer with this result has left; None while it is no success.

        An answer that was lost on the way, for want of memory say, delivered nothing.
        """
        return self.read_result if self.progress().state == "connected" else None

    @property
    def released(self):
        """True once the result was delivered: phones may be told that they are online."""
        phase, _, _, result, _ = self._run.state
        return phase in (machine.STOPPING, machine.OFF) and result == RESULT_SUCCESS

    def activity(self):
        """The user did something: the inactivity timer starts again."""
        self._run.feed(machine.ACTIVITY)

    # The air

    def networks(self):
        """What the last scan found: one Network per SSID, strongest first, without hidden ones."""
        best = {}
        for network in self._networks:
            known = best.get(network.ssid)
            if not network.hidden and (known is None or network.rssi > known.rssi):
                best[network.ssid] = network
        return sorted(best.values(), key=lambda network: -network.rssi)

    def access_points(self):
        """All that the last scan found, also those that are hidden."""
        return self._networks

    def seen(self, ssid):
        """The strongest Network with this SSID (bytes) in the last scan, or None."""
        for network in self.networks():
            if network.ssid == ssid:
                return network
        return None

    def scan_age_ms(self):
        """How old the last scan is, or None when there was none."""
        return None if self._scanned is None else time.ticks_diff(time.ticks_ms(), self._scanned)

    def scanned(self, networks):
        """The engine's: a scan is there."""
        self._networks = networks
        self._scanned = time.ticks_ms()

    def request_scan(self):
        """Ask for a new scan; at most one in 10 s, and none while a network is tried."""
        age = self.scan_age_ms()
        if age is None or age >= _RESCAN_MS:
            self._run.request_scan()
