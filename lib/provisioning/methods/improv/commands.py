# Improv's commands: what a client asks for, and what it is told of the run without asking.
# MIT licence

import asyncio
import sys
import time

from micropython import const

from ... import __version__, tasks
from ...codes import SECURITY_OPEN
from ...link import readable
from ...names import reason_name
from ...profiles import Profile, ProfilesFull
from . import packets

_READY = const(2)
_PROVISIONING = const(3)
_PROVISIONED = const(4)

_NONE = const(0)
_INVALID_PACKET = const(1)
_UNKNOWN_COMMAND = const(2)
_UNABLE_TO_CONNECT = const(3)
_BAD_HOSTNAME = const(5)
_UNKNOWN = const(0xFF)

_WIFI = const(1)
_CURRENT_STATE = const(2)
_INFO = const(3)
_SCAN = const(4)
_HOSTNAME = const(5)
_NAME = const(6)
_NETWORK_STATE = const(7)

_ONLINE = const(1)
_HAS_WIFI = const(2)

_LOOK_MS = const(100)
_FRESH_MS = const(10000)  # a scan that is older is done again
_SCAN_MS = const(5000)  # and waited for so long


class Commands:
    """Answers one client for `session`; send(packet) writes to it.

    Nothing here waits: what takes time is answered by a task that looks at the session.
    """

    def __init__(self, session, send):
        self._session = session
        self._send = send
        self._handed = None  # the SSID that came from this client, if it was taken
        self._tries = False  # and is tried now
        self._scans = False  # a scan is waited for
        self._scan_end = 0  # until then, in ticks
        self._told = self._state()
        self._task = asyncio.create_task(self._watch())

    def take(self, packet):
        """Do what a packets.Packet says."""
        self._session.activity()
        data = packet.data
        if not packet.is_valid:
            return self._error(_INVALID_PACKET)
        if packet.type != packets.COMMAND:
            return None  # an echo of our own
        if len(data) < 2 or data[1] != len(data) - 2:
            return self._error(_INVALID_PACKET)
        if data[0] != _SCAN:
            # ESP Web Tools scans as soon as a network failed: this would take the reason off its
            # screen (10.4.0, install-dialog).
            self._error(_NONE)
        handle = _HANDLERS.get(data[0])
        if not handle:
            return self._error(_UNKNOWN_COMMAND)
        return handle(self, bytes(data[2:]))

    async def stop(self):
        """Say how it ended, and no more."""
        self._look()
        await tasks.end(self._task)

    # What is said

    def _error(self, number):
        self._send(packets.packet(packets.ERROR, bytes((number,))))

    def _result(self, command, *texts):
        self._send(packets.result(command, texts))

    def _tell(self, state):
        self._told = state
        self._send(packets.packet(packets.STATE, bytes((state,))))

    def _state(self):
        state = self._session.progress().state
        if state in ("waiting", "failed"):
            return _READY
        return _PROVISIONED if state == "connected" else _PROVISIONING

    # What takes time

    async def _watch(self):
        while True:
            await asyncio.sleep_ms(_LOOK_MS)
            self._look()
            if self._scans and self._is_scanned():
                self._scans = False
                await self._show_networks()

    def _look(self):
        """Tell what has changed; the end of what this client wanted as the answer to that."""
        state = self._state()
        if self._tries and state != _PROVISIONING:
            self._tries = False
            self._end(state)
        elif state != self._told:
            self._tell(state)

    def _end(self, state):
        session = self._session
        progress = session.progress()
        self._tell(state)
        if state == _PROVISIONED and progress.ssid == self._handed:
            self._result(_WIFI, *self._urls())
            session.read_result()
        else:
            self._refuse(reason_name(progress.reason) or "another network was joined")

    def _is_scanned(self):
        session = self._session
        age = session.scan_age_ms()
        if age is not None and age < _FRESH_MS or not session.is_waiting():
            return True
        return time.ticks_diff(self._scan_end, time.ticks_ms()) <= 0

    async def _show_networks(self):
        for network in self._session.networks():
            secured = "NO" if network.security == SECURITY_OPEN else "YES"
            self._result(_SCAN, readable(network.ssid), str(network.rssi), secured)
            await asyncio.sleep_ms(0)  # a slow line must not stop the others
        self._result(_SCAN)

    # What is asked for

    def _wifi(self, data):
        ssid, key = _two_texts(data)
        if ssid is None:
            return self._error(_INVALID_PACKET)
        session = self._session
        if self._state() != _READY:
            self._tell(self._state())
            return self._refuse("another network is tried, or was joined")
        ssid = self._meant(ssid)
        seen = session.seen(ssid)
        if seen and not seen.is_supported():
            return self._refuse("this board cannot join networks of that kind")
        try:
            session.offer(Profile(ssid, key))
        except (ValueError, ProfilesFull) as error:
            return self._refuse(error)
        if not session.confirm():
            return self._refuse("another network is tried")
        self._handed, self._tries = ssid, True
        return self._tell(_PROVISIONING)

    def _refuse(self, why):
        # The client has one number for all reasons: a person reads it on the console.
        print("provisioning: Improv, no network:", why)
        self._error(_UNABLE_TO_CONNECT)

    def _meant(self, ssid):
        """The SSID of which a client was shown this text."""
        for network in self._session.networks():
            if readable(network.ssid).encode() == ssid:
                return network.ssid
        return ssid

    def _current_state(self, data):
        self._look()
        self._tell(self._state())
        if self._told == _PROVISIONED:
            self._result(_CURRENT_STATE, *self._urls())

    def _info(self, data):
        session = self._session
        # "ESP32 module with ESP32", "linux [GCC 14.2.0] version"
        chip = getattr(sys.implementation, "_machine", sys.platform)
        chip = chip.split(" with ")[-1].split(" [")[0][:60]
        what = ("provisioning", __version__, chip, session.identity.name)
        self._result(_INFO, *what + ("MicroPython", session.firmware))

    def _networks(self, data):
        self._scans, self._scan_end = True, time.ticks_add(time.ticks_ms(), _SCAN_MS)
        self._session.request_scan()

    def _hostname(self, data):
        if data and not _is_hostname(data):
            return self._error(_BAD_HOSTNAME)
        if data and not self._rename(data):
            return None
        return self._result(_HOSTNAME, _hostname(self._session.identity.name))

    def _name(self, data):
        if data and not self._rename(data):
            return None
        return self._result(_NAME, self._session.identity.name)

    def _rename(self, data):
        session = self._session
        try:
            name = data.decode()
            if any(ord(sign) < 32 or ord(sign) == 127 for sign in name):
                raise ValueError("control characters")
            session.identity.rename(name)
        except ValueError:  # UnicodeError is one too
            self._error(_BAD_HOSTNAME)
            return False
        except OSError as error:
            print("provisioning: the name cannot be stored:", error)
            self._error(_UNKNOWN)
            return False
        session.radio.set_hostname(name)
        return True

    def _network_state(self, data):
        is_online = self._session.radio.is_linked()
        urls = self._urls() if is_online else ()
        self._result(_NETWORK_STATE, str(_HAS_WIFI | is_online * _ONLINE), *urls)

    def _urls(self):
        # The portal ends with the run: only the product knows of a page that is there afterwards.
        form = self._session.settings["improv_url"]
        return (form.replace("%s", self._session.progress().address),) if form else ()


_HANDLERS = {
    _WIFI: Commands._wifi,
    _CURRENT_STATE: Commands._current_state,
    _INFO: Commands._info,
    _SCAN: Commands._networks,
    _HOSTNAME: Commands._hostname,
    _NAME: Commands._name,
    _NETWORK_STATE: Commands._network_state,
}


def _two_texts(data):
    """The two texts with a length before each, that data consists of; else None, None."""
    first = data[0] if data else 255
    if first + 1 >= len(data) or first + 2 + data[first + 1] != len(data):
        return None, None
    return data[1 : first + 1], data[first + 2 :]


def _hostname(name):
    """The device name as a hostname, as the radio has it: see Radio.set_hostname()."""
    host = "".join(c if c.isalpha() or c.isdigit() else "-" for c in name if ord(c) < 128)
    return host[:32].strip("-") or "micropython"


def _is_hostname(data):
    """Letters, digits and -, none of these at an end: RFC 1123."""
    for byte in data:
        sign = chr(byte)
        if byte > 127 or not (sign.isalpha() or sign.isdigit() or byte == 45):
            return False
    return 1 <= len(data) <= 32 and data[0] != 45 and data[-1] != 45
