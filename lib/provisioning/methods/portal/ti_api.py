# TI's HTTP API: what its phone apps, its stock page and the tools around them ask.
# MIT licence
#
# Sources: SWRA513C table 9-1; the stock page of the CC3220 SDK; the SimpleLink Starter apps.
# docs/api.md says which URL is answered how.

import sys
import time

from micropython import const

from ...codes import (
    SECURITY_ENTERPRISE,
    SECURITY_OPEN,
    SECURITY_UNKNOWN,
    SECURITY_WEP,
    SECURITY_WPA,
    SECURITY_WPA3,
)
from ...profiles import MAX_PROFILES, Profile, ProfileError, ProfilesFull
from . import forms
from .answer import Answer

_NETLIST_ITEMS = const(30)
_SCAN_INTERVAL_MIN_S = const(10)

_FILES = {
    "param_device_name.txt": "DEN",
    "param_cfg_result.txt": "MCR",
    "param_product_version.txt": "REV",
}

# The digits of __SL_P_P.B. Report and apps disagree on 2 and 3: both are WPA/WPA2.
_SECURITY = {
    b"": SECURITY_UNKNOWN,
    b"0": SECURITY_OPEN,
    b"1": SECURITY_WEP,
    b"2": SECURITY_WPA,
    b"3": SECURITY_WPA,
    b"5": SECURITY_WPA3,
}

_RESULT = ("MCR", "MCH")  # for programs, for people
_RESULTS = (
    "Not started",
    "Network not found",
    "Connection failed",
    "No IP address",
    "Connected, not confirmed",
    "Success",
)

# TI's connection policy: the end of its parameters and tokens, and its bits (settings, "policy").
_POLICY = {"P.E": 1, "P.F": 2, "P.G": 8, "P.Q": 32}

# APIs of the stock page that this board has no means for.
_NOT_HERE = (
    "wlan/profile_p2p wlan/profile_eap wlan/set_mode wlan/p2p_cfg wlan/station_action "
    "wlan/ap_aclist netapp/netcfg_sta netapp/netcfg_sta_ipv6 netapp/netcfg_ap netapp/ping "
    "netapp/ping_stop netapp/ping_res"
)


class Api:
    """TI's calls, files and tokens for one session."""

    def __init__(self, session):
        self._session = session
        self._next = 0  # the item that NW1 gives
        self._cycles = 0  # scans that are still to be made while somebody reads the list
        self._interval_ms = 0

    def call(self, name, body):
        """POST /api/1/<name>; returns an Answer.

        204 when it went well, 302 when the form asks for a page (__SL_P_S.R), 400 for parameters
        out of range, 404, 409 when it cannot be now, 501 for an API of TI's that no board has.
        """
        if name.startswith("wlan/en_ap_scan/"):
            # SWRU455A p. 145 and the newer app put this before the real name.
            name = "wlan/" + name[16:]
        api = getattr(_Calls, name.replace("/", "__"), None) if "/" in name else None
        if not api:
            return Answer(None, 501 if name in _NOT_HERE.split() else 404)
        form = _Form(body)
        try:
            status = api(self, self._session, form)
        except ProfilesFull:
            return Answer(None, 409)
        except ValueError as problem:
            return Answer(str(problem), 400)
        if status:
            return Answer(None, status)
        page = form.get("S.R")
        if _is_local(page):
            return Answer("See the page.", 302, {"Location": "/" + page.decode().lstrip("/")})
        return Answer(None, 204)

    def read(self, name):
        """GET /<name>: a text file or a token; returns an Answer."""
        then = None
        if name == "netlist.txt":
            value = self._netlist()
        elif name.startswith("__SL_G_"):
            name = name[7:]
            value = self._token(name)
        elif name in _FILES:
            name = _FILES[name]
            value = self._token(name)
        else:
            return Answer(None, 404)
        if name in _RESULT:
            then = self._session.delivery()
        return Answer(value, then=then)

    def scan_again(self, cycles, interval_s):
        """Scan now, and `cycles` - 1 times more while somebody reads the list: nobody, no scan."""
        self._cycles = cycles - 1
        self._interval_ms = max(_SCAN_INTERVAL_MIN_S, interval_s) * 1000
        self._session.request_scan()

    def _netlist(self):
        # 30 items of digit and SSID, each ended with ";", "X" for an empty place.
        age = self._session.scan_age_ms()
        if self._cycles > 0 and (age is None or age >= self._interval_ms):
            self._cycles -= 1
            self._session.request_scan()
        items = [_item(network) + b";" for network in self._listed()[:_NETLIST_ITEMS]]
        return b"".join(items) + b"X;" * (_NETLIST_ITEMS - len(items))

    def _listed(self):
        # Without what the format cannot say: an SSID that holds its separator, and enterprise
        # networks, which no app could join by a digit.
        return [
            network
            for network in self._session.networks()
            if b";" not in network.ssid and network.security != SECURITY_ENTERPRISE
        ]

    def _token(self, name):
        # The value of a token, str or bytes. "Unknown Token": TI's apps compare with it.
        session = self._session
        if name in _RESULT:
            result = session.progress().result
            return str(result) if name == "MCR" else _RESULTS[result]
        if name in ("NW0", "NW1"):
            self._next = 0 if name == "NW0" else self._next + 1
            networks = self._listed()
            return _item(networks[self._next]) if self._next < len(networks) else "X"
        if name in _POLICY:
            return "Checked" if session.settings["policy"] & _POLICY[name] else ""
        if len(name) == 3 and name[:2] in ("PN", "PS", "PP") and "1" <= name[2] <= "7":
            return _profile_token(session.profiles.all(), name[1], int(name[2]) - 1)
        value = _plain_tokens(session).get(name)
        return "Unknown Token" if value is None else value


class _Calls:
    # POST /api/1/wlan/profile_add is wlan__profile_add. Each returns None or an HTTP status.

    def wlan__profile_add(api, session, form):
        # An add is complete in itself: TI's rule that an omitted parameter keeps its previous
        # value would hand the last network's key to the next. Unknown security, no key, 0.
        security = _SECURITY.get(form.get("P.B"))
        if security is None:
            raise ValueError("__SL_P_P.B is 0, 1, 2, 3 or 5")
        ssid, key, priority = form.get("P.A"), form.get("P.C"), form.number("P.D", 0)
        offers, problem = [], None
        # Newer apps encode the key twice, against TI's chip that decoded it twice. What the key is
        # if they did comes second.
        for candidate in (key, forms.unquote(key)):
            try:
                profile = Profile(ssid, candidate, security, priority)
                if profile not in offers:
                    offers.append(profile)
            except ProfileError as error:
                problem = problem or error
        if not offers:
            raise problem
        for profile in reversed(offers):  # the newest is tried first
            session.offer(profile)

    def wlan__confirm_req(api, session, form):
        return None if session.confirm() else 409

    def wlan__en_ap_scan(api, session, form):
        api.scan_again(form.number("SC2", 1), form.number("SC1", 0))  # pyright: ignore

    def wlan__profile_del(api, session, form):
        places = [_number(value, 1, MAX_PROFILES) for value in form.all("PRR")]
        # From the last on: a removal moves those behind it, and TI's places do not move.
        for place in sorted(set(places), reverse=True):
            if place <= len(session.profiles.all()):
                session.profiles.remove(place - 1)

    def wlan__profile_del_all(api, session, form):
        session.profiles.clear()

    def wlan__policy_set(api, session, form):
        policy = 0
        for name, bit in _POLICY.items():
            if form.all(name):
                policy |= bit
        session.settings.update(policy=policy)

    def wlan__ap_cfg(api, session, form):
        # Name and key of the access point are the board's own. What is omitted stays as it is.
        if form.all("W.B") or form.all("W.G") or form.all("W.H"):
            return 501
        changes = {}
        if form.all("W.A"):
            changes["ap_channel"] = form.number("W.A")
        if form.all("W.C"):
            changes["ap_open"] = form.number("W.C", 0, 2) == 0
        session.settings.update(**changes)

    def wlan__set_time(api, session, form):
        try:
            from machine import RTC
        except ImportError:
            return 501
        parts = form.get("S.J").split(b",")
        if len(parts) != 6:
            raise ValueError("__SL_P_S.J is year,month,day,hour,minute,second")
        lowest, highest = (2000, 1, 1, 0, 0, 0), (2099, 12, 31, 23, 59, 59)
        parts = [_number(parts[i], lowest[i], highest[i]) for i in range(6)]
        RTC().datetime(tuple(parts[:3] + [0] + parts[3:] + [0]))

    def netapp__set_urn(api, session, form):
        session.identity.rename(forms.name(form.get("S.B")))


def _plain_tokens(session):
    name = session.identity.name
    station = session.progress().address or "0.0.0.0"
    return {
        "S.A": str(time.ticks_ms()),
        "S.B": name,
        "S.C": "mysimplelink.net",
        "S.D": "AP",
        "S.J": ",".join(str(part) for part in time.localtime()[:6]),
        "V.A": session.firmware,
        "V.B": sys.version,
        "V.C": sys.platform,
        "V.D": getattr(sys.implementation, "_machine", ""),
        "N.A": station,
        "N.D": ":".join("%02x" % byte for byte in session.mac),
        "N.P": session.address,
        "W.A": str(session.settings["ap_channel"]),
        "W.B": session.identity.ap_ssid,
        "W.C": "0" if session.settings["ap_open"] else "2",
        "PST": "1",
        "DNP": name,
        "DEN": name,
        "PIP": station,
        "REV": "R2.0",
        "RDT": "",
    }


def _profile_token(profiles, what, index):
    if index >= len(profiles):
        return ""
    profile = profiles[index]
    if what == "N":
        return profile.ssid
    return _digit(profile.security) if what == "S" else str(profile.priority)


class _Form:
    # A TI form: `P.A` stands for __SL_P_P.A.
    def __init__(self, body):
        self._pairs = [pair for pair in forms.fields(body) if pair[0].startswith(b"__SL_P_")]

    def all(self, name):
        name = b"__SL_P_" + name.encode()
        return [value for key, value in self._pairs if key == name]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else b""

    def number(self, name, default=0, highest=99999):
        value = self.get(name)
        return _number(value, 0, highest) if value else default


def _number(value, lowest, highest):
    if len(value) > 5 or not value.isdigit() or not lowest <= int(value) <= highest:
        raise ValueError("a number is from %d to %d" % (lowest, highest))
    return int(value)


def _digit(security):
    # 2 for WPA and WPA2: what TI's shipped firmware sends and what its page copies into
    # __SL_P_P.B. 2 for WPA3 as well: apps drop networks with a digit that they do not know.
    return {SECURITY_OPEN: "0", SECURITY_WEP: "1"}.get(security, "2")


def _item(network):
    return _digit(network.security).encode() + network.ssid


def _is_local(page):
    # Somewhere on this board: no scheme, no host, nothing that could end the header.
    return page and page[:2] != b"//" and all(char in _PAGE_CHARS for char in page)


_PAGE_CHARS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"
