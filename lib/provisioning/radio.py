# The only module that touches `network`: roles, scan, join, and every port's quirks.
# MIT licence
#
# A port is known by the value of STAT_GOT_IP: 1010 is the ESP32, 3 the CYW43 of Pico W and Pico 2
# W. WLAN offers no events, so a join is polled.

import asyncio
import sys
import time

import network
from micropython import const

from . import failures
from .codes import (
    REASON_LINK_LOST,
    REASON_NO_ADDRESS,
    REASON_NONE,
    REASON_NOT_FOUND,
    REASON_RADIO,
    REASON_SECURITY,
    REASON_WRONG_PASSWORD,
    ROLE_AP,
    ROLE_STA,
    SECURITY_ENTERPRISE,
    SECURITY_OPEN,
    SECURITY_UNKNOWN,
    SECURITY_WEP,
    SECURITY_WPA,
    SECURITY_WPA3,
)
from .link import Link

_LONGEST_SSID = const(32)  # bytes
_POLL_MS = const(20)
_RETRY_MS = const(1000)
_EVENT_MS = const(100)
# ESP32: how long a failure that already stood there before connect() is taken for the old one.
_STICKY_MS = const(4000)
_NO_MORE = const(-1)
_FAILURES_KEPT = const(8)

_GOT_IP = getattr(network, "STAT_GOT_IP", 3)  # other CYW43 boards have no names for it
_ESP32 = _GOT_IP == 1010
_version = sys.implementation.version[:2]

if _ESP32:
    # Reasons of the IDF that status() hands through (ports/esp32/network_wlan.c). A wrong key
    # shows as any of 15, 202, 204 and 205 (micropython#11625, #12930, PR 12932).
    _FAILURES = {
        14: REASON_WRONG_PASSWORD,
        15: REASON_WRONG_PASSWORD,
        200: REASON_LINK_LOST,
        201: REASON_NOT_FOUND,
        202: REASON_WRONG_PASSWORD,
        203: REASON_RADIO,
        204: REASON_WRONG_PASSWORD,
        205: REASON_WRONG_PASSWORD,
        210: REASON_SECURITY,
        211: REASON_SECURITY,
        212: REASON_NOT_FOUND,
    }
    # wifi_auth_mode_t; what is not here is tried, and the join tells.
    _SECURITIES = {
        0: SECURITY_OPEN,
        1: SECURITY_WEP,
        2: SECURITY_WPA,
        3: SECURITY_WPA,
        4: SECURITY_WPA,
        5: SECURITY_ENTERPRISE,
        6: SECURITY_WPA3,
        7: SECURITY_WPA,
        10: SECURITY_ENTERPRISE,
        14: SECURITY_ENTERPRISE,
        15: SECURITY_ENTERPRISE,
    }
else:
    _FAILURES = {-3: REASON_WRONG_PASSWORD, -2: REASON_NOT_FOUND, -1: REASON_RADIO}
    # scan() gives a bit mask here, not the documented numbers: 1 privacy, 2 WPA, 4 RSN
    # (cyw43_ll.c). WPA3 and enterprise networks look like WPA2 in it.
    _SECURITIES = {0: SECURITY_OPEN, 1: SECURITY_WEP}


class JoinError(Exception):
    """A network could not be joined; `reason` is a REASON_*. `silent`: the port never said why."""

    def __init__(self, reason, silent=False):
        super().__init__(reason)
        self.reason = reason
        self.silent = silent


class Network:
    """One line of a scan. ssid and bssid: bytes; rssi: dBm; security: SECURITY_*."""

    def __init__(self, ssid, bssid, channel, rssi, security):
        self.ssid = ssid
        self.bssid = bssid
        self.channel = channel
        self.rssi = rssi
        self.security = security
        self.hidden = not ssid.strip(b"\0")

    def is_supported(self):
        """False for what no stock firmware joins: enterprise and WEP."""
        return self.security not in (SECURITY_ENTERPRISE, SECURITY_WEP)

    def __repr__(self):
        return "Network(%r, channel=%d, rssi=%d)" % (self.ssid, self.channel, self.rssi)


class Radio:
    """The board's radio, switched on. One object at a time should use it.

    country: two letters or "", for ports that know it.
    """

    def __init__(self, country=""):
        if country:
            network.country(country)  # Pico W reads it when it is switched on
        self._sta = network.WLAN(network.STA_IF)
        self._ap = network.WLAN(network.AP_IF)
        self._fresh = not self._sta.active()  # nothing is left of another attempt
        # The network whose key the chip may still have; True: any.
        self._joined = not self._fresh
        self._opened = None  # how the access point was opened
        self._sta.active(True)

    # Roles

    def role(self):
        """ROLE_AP when the access point is up, else ROLE_STA."""
        return ROLE_AP if self._ap.active() else ROLE_STA

    def mac(self):
        """The station's hardware address, 6 bytes."""
        return self._sta.config("mac")

    def set_hostname(self, name):
        """The name for DHCP and the port's own mDNS: letters, digits, - of `name`, 32 at most."""
        host = "".join(c if c.isalpha() or c.isdigit() else "-" for c in name if ord(c) < 128)
        network.hostname(host[:32].strip("-") or "micropython")

    def open_ap(self, ssid, key="", channel=6, address=""):
        """Bring the access point up: WPA2 with `key` (8 to 63 characters), open without.

        channel: 1 to 13. address: the board's own in its network, "" for the port's own. Returns
        the address that it has. OSError when the radio refuses.
        """
        # Security and key in one call: the ESP32 applies them together, and stays open without
        # the first (ports/esp32/network_wlan.c). So does Pico W, and everything at once spares it
        # restarts (181800eebd).
        if _ESP32:
            config = {"security": network.AUTH_WPA2_PSK if key else network.AUTH_OPEN}
            # The IDF takes no configuration for an interface that is off ("Wifi Invalid Mode").
            self._ap.active(True)
            # Before its name: who waits for that gets no lease of the factory's address.
            if address and self._ap.ifconfig()[0] != address:
                self._ap.ifconfig((address, "255.255.255.0", address, address))
        else:
            # `address` is left: Pico W's DHCP server keeps the factory's, and names it for DNS,
            # whatever ifconfig() says (micropython#17401, #17977).
            config = {"security": network.WLAN.SEC_WPA_WPA2 if key else network.WLAN.SEC_OPEN}
        if key:
            config["key"] = key
        self._ap.config(ssid=ssid, channel=channel, **config)
        self._ap.active(True)
        self._opened = (ssid, key, channel, address)
        return self._ap.ifconfig()[0]

    def close_ap(self):
        """Take the access point down."""
        if not self._ap.active():
            return
        self._ap.active(False)
        if not _ESP32 and _version < (1, 28):
            # The default route stays on the dead interface, every socket fails (PR 18814); the
            # station's link goes with it and has to be made again.
            self._switch_off_and_on()

    def renew(self):
        """Forget the keys of earlier links, where they could make a wrong password work: Pico W,
        whose link this ends; phones on its access point drop for a moment."""
        if _ESP32 or not self._joined:
            return
        opened = self._ap.active() and self._opened
        self._ap.active(False)
        self._switch_off_and_on()
        if opened:
            self.open_ap(*opened)

    def _switch_off_and_on(self):
        # deinit() leaves both interfaces 'active' but dead (extmod/network_cyw43.c): up again.
        deinit = getattr(self._sta, "deinit", None)
        if deinit:
            deinit()
        self._sta.active(True)
        self._fresh = True
        self._joined = False

    def stations(self):
        """How many phones are on the access point."""
        try:
            return len(self._ap.status("stations"))
        except (OSError, ValueError):
            return 0

    # Scanning

    def scan(self):
        """What is in the air: a list of Network. Blocks for 2 to 3 s. OSError."""
        found = self._sta.scan()
        if not found and not self._sta.isconnected():
            # The ESP32 answers [] without an error while a join is pending.
            self.leave()
            found = self._sta.scan()
        return [Network(n[0], n[1], n[2], n[3], _security(n[4])) for n in found]

    # Joining

    async def join(self, profile, seen=None, progress=None, settings=None, hold_ms=0, stop=None):
        """Join the network of `profile` and return the Link; JoinError says why not.

        seen: its Network from a scan, which spares the search and tells the security, or None.
        progress(linked) is called with True for the link, False for the address. hold_ms: how
        long the link has to last before it counts. settings: a mapping with join_timeout_ms and
        address_timeout_ms. stop(): asked all the while; once it is true the attempt is given up,
        with REASON_NONE.
        """
        failures.pop(profile.ssid, None)
        try:
            return await self._join(profile, seen, progress, settings, hold_ms, stop)
        except JoinError as error:
            if len(failures) >= _FAILURES_KEPT:
                failures.clear()
            if error.reason != REASON_NONE:
                failures[profile.ssid] = error.reason
            raise

    async def _join(self, profile, seen, progress, settings, hold_ms, stop):
        if seen and not seen.is_supported():
            raise JoinError(REASON_SECURITY)
        first = None
        tried = []
        # The ESP32 takes the first access point of that name that it hears, Pico W the best.
        bssid = seen.bssid if seen and _ESP32 else None
        security = _first_security(profile)
        while security != _NO_MORE:
            if first:
                await asyncio.sleep_ms(_RETRY_MS)
                bssid = None  # that access point may have gone
            tried.append(security)
            try:
                await self._attempt(profile, bssid, security, progress, settings, stop)
                await self._hold(hold_ms)
                link = self.link(profile.ssid)
                if link is None:
                    raise JoinError(REASON_LINK_LOST)
                return link
            except JoinError as error:
                self.leave()
                first = first or error
                if error.reason not in (REASON_WRONG_PASSWORD, REASON_NOT_FOUND, REASON_RADIO):
                    raise
                security = _next_security(profile, tried, error)
            except asyncio.CancelledError:
                self.leave()
                raise
        raise first

    def leave(self):
        """Give up the link, or the attempt."""
        try:
            self._sta.disconnect()
        except OSError:
            pass  # the ESP32 refuses when the radio is off: there is nothing to give up then

    def link(self, ssid):
        """The Link to the network `ssid` (bytes), or None when there is none."""
        if self._sta.isconnected():
            return Link(ssid, self._sta)
        return None

    def ssid(self):
        """The SSID (bytes) that the station is on or was told last; None: it cannot be asked."""
        try:
            # ESP32: what comes for a name of 32 bytes goes on into the password (an unended
            # char[32], ports/esp32/network_wlan.c, 1.25).
            return self._sta.config("ssid").encode()[:_LONGEST_SSID]
        except (UnicodeError, OSError):
            return None  # no UTF-8, maybe

    def is_linked(self):
        """True while the station has a link and an address."""
        return self._sta.isconnected()

    async def _attempt(self, profile, bssid, security, progress, settings, stop):
        try:
            await self._clear(profile)
        except OSError:
            raise JoinError(REASON_RADIO)
        before = self._sta.status()
        options = {}
        if bssid:
            options["bssid"] = bssid
        if security is not None:
            options["security"] = security
        self._connect(profile, options)
        linked = False
        start = time.ticks_ms()
        limit = settings["join_timeout_ms"] if settings else 10000
        while True:
            await asyncio.sleep_ms(_POLL_MS)
            if stop and stop():
                raise JoinError(REASON_NONE)
            status = self._sta.status()
            if not linked and (status == _GOT_IP or self._is_associated(status)):
                linked = True
                self._joined = profile.ssid
                start = time.ticks_ms()
                limit = settings["address_timeout_ms"] if settings else 15000
                if progress:
                    progress(True)
            if status == _GOT_IP:
                if progress:
                    progress(False)
                return
            passed = time.ticks_diff(time.ticks_ms(), start)
            if not (status == before and (linked or passed < _STICKY_MS)):
                _raise_failure(status, linked)
            if linked and not self._is_associated(status):
                raise JoinError(REASON_LINK_LOST)
            if passed > limit:
                raise JoinError(_timeout_reason(linked, profile), True)

    async def _clear(self, profile):
        """Leave nothing of the last attempt behind."""
        if _ESP32:
            # Else a failed attempt is repeated for ever and never says why (micropython#12315).
            self._sta.config(reconnects=0)
        if self._fresh:
            self._fresh = False
            return
        before = self._sta.status()
        self.leave()
        if not _ESP32:
            # After one good join any password 'connects' to that network (micropython#11181), and
            # active(False) does nothing (PR 17305).
            if self._joined in (True, profile.ssid):
                self.renew()
        elif before != network.STAT_IDLE:
            # The end of the old link or attempt is told by an event. Until then the link reads as
            # a success, and a new attempt would be ended by it (network_wlan.c).
            await asyncio.sleep_ms(_EVENT_MS)
        for _ in range(50):
            if not self._sta.isconnected():
                return
            await asyncio.sleep_ms(_POLL_MS)

    def _connect(self, profile, options):
        try:
            self._sta.connect(profile.ssid, profile.key if profile.key else None, **options)
        except (OSError, ValueError, RuntimeError):
            raise JoinError(REASON_RADIO)

    def _is_associated(self, status):
        if not _ESP32:
            return status == 2  # joined, no address yet; it has no name
        # status() says 'connecting', or the last failure, until there is an address. The signal
        # is known from the moment of the link (esp_wifi_sta_get_ap_info).
        try:
            self._sta.status("rssi")
            return True
        except OSError:
            return False

    async def _hold(self, hold_ms):
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < hold_ms:
            await asyncio.sleep_ms(_POLL_MS)
            if self._sta.status() != _GOT_IP:
                raise JoinError(REASON_LINK_LOST)
        if _ESP32:
            self._sta.config(reconnects=-1)  # from here on a lost link is made again by the port


def look(ssid):
    """The Link of now, to the network `ssid` (bytes), or None. Switches nothing on."""
    station = network.WLAN(network.STA_IF)
    return Link(ssid, station) if station.isconnected() else None


def _first_security(profile):
    """What to ask connect() for; None is the port's default."""
    if not _ESP32 and profile.security == SECURITY_WPA3:
        return network.WLAN.SEC_WPA3
    return None


def _next_security(profile, tried, error):
    """What to ask for after a failure, _NO_MORE when nothing is left to try."""
    last = tried[-1]
    if error.silent or error.reason != REASON_WRONG_PASSWORD:
        # WPA3 alone has to be asked for on Pico W, and the scan does not show it.
        other = None if last is not None or _ESP32 else network.WLAN.SEC_WPA3
        if not _ESP32 and profile.key and other not in tried:
            return other
        if error.silent or not _ESP32:
            return _NO_MORE
    # The same again, since the first answer may be wrong: Pico W often says BADAUTH at the first
    # join with the right password (cyw43-driver PR 150, PR 154), and the ESP32's AUTH_FAIL need
    # not mean the password (PR 4842).
    return last if tried.count(last) == 1 else _NO_MORE


def _raise_failure(status, linked):
    if status == 8 and _ESP32:
        return  # our own disconnect()
    reason = _FAILURES.get(status)
    if reason is None:
        if _ESP32 and 0 < status < 1000:
            reason = REASON_RADIO  # any other reason of the IDF
        else:
            return
    if linked and reason in (REASON_NOT_FOUND, REASON_RADIO):
        reason = REASON_LINK_LOST
    raise JoinError(reason)


def _timeout_reason(linked, profile):
    if linked:
        return REASON_NO_ADDRESS
    # Old Pico W firmware stays at 'joining' after a wrong password (cyw43-driver#62).
    return REASON_WRONG_PASSWORD if profile.key else REASON_RADIO


def _security(number):
    default = SECURITY_UNKNOWN if _ESP32 else SECURITY_WPA
    return _SECURITIES.get(number, default)
