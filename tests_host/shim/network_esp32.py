# `network` as on the ESP32 family, MicroPython 1.25 and later.
# MIT licence
"""Written after ports/esp32/network_wlan.c, network_common.c and modnetwork_globals.h of 1.25.0
("wlan.c", "common.c" below). What the closed driver does is marked "driver" and listed with its
source in docs/twins.md.
"""

from . import clock, nic
from .chip_esp32 import AUTH, LEAVE, Chip
from .esp_netif import Nic

country = nic.country
hostname = nic.hostname

# modnetwork.h, esp_wifi_types.h
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY = 210
STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211
STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD = 212
STAT_WRONG_PASSWORD = 202
STAT_BEACON_TIMEOUT = 200
STAT_ASSOC_FAIL = 203
STAT_CONNECT_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204

STA_IF = 0
AP_IF = 1
AUTH_OPEN = 0
AUTH_WEP = 1
AUTH_WPA_PSK = 2
AUTH_WPA2_PSK = 3
AUTH_WPA_WPA2_PSK = 4
AUTH_WPA2_ENTERPRISE = 5
AUTH_WPA3_PSK = 6
AUTH_WPA2_WPA3_PSK = 7

_SCAN_MS = 2500
_POWERS = (8, 20, 28, 34, 44, 52, 56, 60, 66, 72, 80)  # documented, in 0.25 dBm

_chip = None


class WLAN(Nic):
    """network.WLAN: one object per interface, made at power-up."""

    IF_STA = 0
    IF_AP = 1
    SEC_OPEN = 0
    SEC_WEP = 1
    SEC_WPA = 2
    SEC_WPA2 = 3
    SEC_WPA_WPA2 = 4
    SEC_WPA2_ENT = 5
    SEC_WPA3 = 6
    SEC_WPA2_WPA3 = 7
    SEC_WAPI = 8
    SEC_OWE = 9
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __new__(cls, interface=0):
        if interface not in (0, 1):
            raise ValueError("invalid WLAN interface identifier")
        return _interfaces[interface]

    @property
    def chip(self):
        return _chip

    def active(self, *on):
        chip = _chip
        chip.air.advance()
        if not on:
            return chip.active[self._if]
        on = bool(on[0])
        if on != chip.active[self._if]:
            if self._if:
                chip.air.kick()
                if on and chip.link.state == "joined":
                    chip.ap.channel = chip.channel  # one radio
                chip.air.ap = chip.ap if on else None
            elif on:
                chip.tries = 0  # WIFI_EVENT_STA_START
            else:
                chip.link.leave()
            chip.active[self._if] = on
            chip.air.block(20)  # it spins until the event came
        return on

    def connect(self, *args, bssid=None):
        chip = _chip
        chip.air.advance()
        if len(args) > 2:
            raise TypeError("extra positional arguments given")
        if args:  # a bssid alone is not looked at
            ssid, key = [_c_string(value) for value in (args + (None,))[:2]]
            if bssid is not None and len(bssid) != 6:
                raise ValueError
            # Driver: STA is its mode before anything is started, so that configures it.
            if chip.active[1] and not chip.active[0]:
                raise OSError("Wifi Invalid Mode")
            chip.set_config(0, False)
            target = (ssid[:32], key[:64], bssid)
            if target != chip.target:
                chip.attempts = 0
            chip.target = target
        elif chip.active[1] and not chip.active[0]:
            raise OSError("Wifi Invalid Mode")
        chip.tries = 0
        if not chip.active[0]:
            raise OSError("Wifi Not Started")
        if chip.link.state == "joining":
            raise OSError("Wifi Internal Error")  # thonny#2713: "sta is connecting"
        if not chip.target[0]:
            raise OSError("Wifi SSID Invalid")
        if chip.link.state == "off":
            chip.drive()
        # Driver: while joined it stays where it is, whatever was asked (esp32-wifi-manager#131).
        chip.requested = True

    def disconnect(self):
        chip = _chip
        chip.air.advance()
        chip.requested = False
        if not chip.active[0] and not chip.active[1]:
            raise OSError("Wifi Not Started")
        chip.link.leave()

    def isconnected(self):
        _chip.air.advance()
        return bool(_chip.air.stations()) if self._if else _chip.connected

    def status(self, *param):
        chip = _chip
        chip.air.advance()
        if not param:
            return None if self._if else self._state()
        if param[0] == "stations":
            self._require(1)
            if not chip.active[1]:
                raise OSError("Wifi Invalid Mode")
            found = chip.air.stations()
            if chip.version >= (1, 29):
                return [(phone.mac, phone.lease[0]) for phone in found]
            return [(phone.mac,) for phone in found]
        if param[0] == "rssi":
            self._require(0)
            if chip.link.state != "joined":
                raise OSError("Wifi Not Connected")
            return chip.link.router.rssi
        raise ValueError("unknown status param")

    def _state(self):
        """wlan.c, network_wlan_status(): the order is what makes the reason stick."""
        chip = _chip
        if chip.connected:
            return STAT_GOT_IP
        if chip.reason in (201, 210, 211, 212):
            return chip.reason
        if chip.reason in (202, 205):
            return STAT_WRONG_PASSWORD
        if chip.reason == LEAVE:
            return STAT_IDLE
        if chip.requested and (not chip.limit or chip.tries < chip.limit):
            return STAT_CONNECTING
        return chip.reason or STAT_IDLE

    def scan(self):
        chip = _chip
        chip.air.advance()
        if not chip.active[0]:
            raise OSError("STA must be active")
        if chip.link.state == "joining":
            return []  # the driver's error is swallowed
        chip.air.block(_SCAN_MS)
        return [
            (
                b"" if router.hidden else router.ssid,
                router.bssid,
                router.channel,
                rssi,
                AUTH[router.security],
                False,
            )
            for router, rssi in chip.air.heard()
        ]

    def _require(self, interface):
        if self._if != interface:
            raise OSError("AP required" if interface else "STA required")

    def config(self, *args, **values):
        chip = _chip
        chip.air.advance()
        if args and values:
            raise TypeError("either pos or kw args are allowed")
        if not chip.active[self._if]:
            raise OSError("Wifi Invalid Mode")
        if not values:
            return self._get(nic.one_param(args, "can query only one param"))
        ap = chip.ap
        wanted = [ap.ssid, ap.key, ap.authmode, ap.channel, ap.hidden, ap.max_clients]
        for key, value in values.items():
            self._set(key, value, wanted)
        before = (ap.ssid, ap.key, ap.authmode, ap.channel, ap.hidden, ap.max_clients)
        self._put(wanted)
        try:
            chip.set_config(self._if, tuple(wanted) != before)
        except (OSError, RuntimeError):
            self._put(before)
            raise
        return None

    @staticmethod
    def _put(wanted):
        ap = _chip.ap
        ap.ssid, ap.key, ap.authmode, ap.channel, ap.hidden, ap.max_clients = wanted

    def _set(self, key, value, wanted):
        """One keyword. The AP's values take effect together at the end, the others at once."""
        chip = _chip
        needs = None
        if key in ("ssid", "essid"):
            needs, wanted[0] = 1, nic.data(value)[:32]
        elif key in ("key", "password"):
            needs, wanted[1] = 1, nic.data(value)[:63]
        elif key in ("security", "authmode"):
            needs, wanted[2] = 1, int(value)
        elif key == "hidden":
            needs, wanted[4] = 1, bool(value)
        elif key == "max_clients":
            needs, wanted[5] = 1, int(value)
        elif key == "channel":
            if self._if:
                wanted[3] = int(value) & 255
            else:
                self._tune(int(value) & 255)
                wanted[3] = chip.ap.channel  # it moved along
        elif key in ("hostname", "dhcp_hostname"):
            hostname(value)
        elif key == "reconnects":
            needs, chip.limit = 0, 0 if value == -1 else value + 1
        elif key == "mac":
            if len(value) != 6:
                raise ValueError("invalid buffer length")
            if value[0] & 1:
                raise OSError("Wifi Invalid MAC Address")
            chip.macs[self._if] = bytes(value)
        elif key == "txpower":
            power = int(value * 4)
            if not _POWERS[0] <= power <= 84:
                raise RuntimeError("Wifi Unknown Error 0x0102")
            chip.txpower = max([level for level in _POWERS if level <= power])
        elif key == "pm":
            chip.pm = int(value)
        elif key == "protocol":
            chip.protocols[self._if] = int(value) & 255
        else:
            raise ValueError("unknown config param")
        if needs is not None:
            self._require(needs)

    @staticmethod
    def _tune(channel):
        if not 1 <= channel <= 13:
            raise RuntimeError("Wifi Unknown Error 0x0102")
        chip = _chip
        before = chip.ap.channel if chip.air.ap else chip.channel
        chip.channel = channel
        if chip.air.ap and chip.link.state != "joined" and chip.ap.channel != channel:
            chip.ap.channel = channel
            chip.air.kick()
        if channel != before:
            clock.sleep_ms(1)  # "the stack sometimes takes a moment"
            chip.air.advance()

    def _get(self, key):
        chip = _chip
        if key == "mac":
            return chip.macs[self._if]
        if key in ("ssid", "essid"):
            # Both end at their first 0: a name of 32 bytes goes on into the password.
            name = chip.target[0] + (chip.target[1] if len(chip.target[0]) == 32 else b"")
            return nic.text(chip.ap.ssid if self._if else name)
        if key == "channel":
            return chip.ap.channel if chip.air.ap else chip.channel
        if key == "max_clients":
            # The station's configuration is the same memory: a byte of its BSSID lies there.
            return chip.ap.max_clients if self._if else (chip.target[2] or bytes(6))[4]
        if key == "txpower":
            return chip.txpower * 0.25
        if key == "pm":
            return chip.pm
        if key == "protocol":
            return chip.protocols[self._if]
        if key == "ifname":
            return "ap2" if self._if else "st1"
        if key in ("hidden", "security", "authmode"):
            self._require(1)
            return chip.ap.hidden if key == "hidden" else chip.ap.authmode
        if key in ("hostname", "dhcp_hostname", "reconnects"):
            self._require(0)
            return chip.limit - 1 if key == "reconnects" else hostname()
        raise ValueError("unknown config param")


def _c_string(value):
    """A name or key of the IDF's: it has no length, and ends at the first 0."""
    return b"" if value is None else nic.data(value).split(b"\0")[0]


def ipconfig(*args, **values):
    """network.ipconfig(): only dns on this port in 1.25 (common.c)."""
    net = _chip.nets[0]
    if args and values:
        raise TypeError("can't specify pos and kw args")
    if not values and nic.one_param(args, "must query one param") == "dns":
        return net.dns
    if list(values) != ["dns"]:
        raise ValueError("unexpected key")
    net.dns = values["dns"]
    return None


def phy_mode(*mode):
    return None


def _power_up(air, options):
    """All RAM is as after a reset. options: version, mac, ap_address."""
    global _chip
    nic.power_up("mpy-esp32")
    air.kick()
    air.ap = None
    if air.link:
        air.link.leave(silently=True)
    _chip = Chip(air, options)


_interfaces = []
for _number in (0, 1):
    _interface = object.__new__(WLAN)
    _interface._if = _number
    _interfaces.append(_interface)
