# `network` as on the Pico W and Pico 2 W (CYW43), MicroPython 1.25 and later.
# MIT licence
"""Written after extmod/network_cyw43.c ("cyw43.c" below), network_lwip.c, modnetwork.c,
shared/netutils/dhcpserver.c and ports/rp2/mpconfigport.h of 1.25.0. What the driver does is
marked "driver" and listed with its source in README.md; its sources were not read.
"""

from . import nic
from .air import WRONG_KEY_MS, Ap, Link

country = nic.country
hostname = nic.hostname

# ports/rp2/mpconfigport.h. 2, joined without an address, has no name.
STAT_IDLE = 0
STAT_CONNECTING = 1
STAT_WRONG_PASSWORD = -3
STAT_NO_AP_FOUND = -2
STAT_CONNECT_FAIL = -1
STAT_GOT_IP = 3

STA_IF = 0
AP_IF = 1

_AUTH_WPA2_MIXED = 0x00400006
_AUTH_WPA3 = 0x01000004
_AUTH_WPA2_WPA3 = 0x01400004
_AUTHS = (0, 0x00200002, 0x00400004, _AUTH_WPA2_MIXED, _AUTH_WPA3, _AUTH_WPA2_WPA3)
# What a scan says of security: 1 privacy, 2 WPA, 4 RSN. Enterprise and WPA3 look like WPA2.
_MASK = {"open": 0, "wep": 1, "wpa": 7}
_SCAN_MS = 2800
_FACTORY_AP = "192.168.4.1"

_chip = None


class _Chip:
    """The driver, and what cyw43.c keeps."""

    def __init__(self, air, options):
        self.air = air
        self.version = options["version"]
        self.mac = options["mac"]
        self.false_badauth = options["false_badauth"]  # at the first good join after power-up
        self.false_success = options["false_success"]  # any key does, after a good one
        self.active = [False, False]
        self.state = 0
        self.ssid = b""
        self.forgiving = None  # the router that was joined and never quite left
        self.link = air.link = Link(air, self.told)
        self.channel = 3
        self.pm, self.txpower, self.trace, self.antenna = 0xA11140, 20, 0, 0
        self.factory = options["ap_address"]
        self.nets = (nic.Address(), nic.Address())
        self.dns = "0.0.0.0"
        tail = "%02X%02X" % tuple(self.mac[4:])
        # Driver: WPA2 with a key that everybody knows, channel 3.
        self.ap = Ap(b"PICO" + tail.encode(), b"picoW123", 3, 8, 16)
        self.ap.auth = 0x00400004
        self.ap_gone = False
        self.stale_route = False

    def told(self, what, router):
        """What the radio reports."""
        if what == "joined":
            if self.false_badauth and router.security != "open":
                # field facts 3.1: the right password is refused once (cyw43-driver PR#150, #154)
                self.false_badauth = False
                self.link.leave(silently=True)
                self.air.after(WRONG_KEY_MS // 2, lambda: self.refuse())
                return
            self.state = 2
            self.channel = router.channel
            if self.false_success:
                self.forgiving = router
            if self.air.ap and self.ap.channel != router.channel:
                self.ap.channel = router.channel
                self.air.kick()
            if self.nets[0].static:
                self.link.have_address()
            else:
                self.link.ask_address()
        elif what == "address":
            self.state = 3
            self.route()
            if not self.nets[0].static:
                self.nets[0].lease(router.address)
                self.dns = self.nets[0].dns
        else:
            self.nets[0].drop()
            self.state = self.state_of(what, router)

    def route(self):
        """The default route stays on an AP that is gone, sockets give EHOSTUNREACH; until deinit()
        or 1.28 (driver 1.1.1, PR#18814)."""
        self.stale_route = self.ap_gone and self.state == 3 and self.version < (1, 28)

    def state_of(self, what, router):
        if what == "absent":
            return -2
        if what == "key":
            return -3
        if what == "security":
            # WPA3 without security=: seen at 1 (micropython#18597). The rest: believed.
            return 1 if router.security == "wpa3" else -2
        return -1 if what == "weak" else 0  # lost, left: down, and nobody joins again

    def refuse(self):
        if self.state == 1 and self.link.state == "off":
            self.state = -3

    def set_up(self, interface, on):
        """Driver: cyw43_wifi_set_up()."""
        if interface:
            self.air.kick()
            if on:
                # The address is the factory's each time (micropython#17977). The DHCP server
                # copies it then, and hears of no ifconfig() (dhcp_server_init; micropython#17401).
                self.nets[1].set(self.factory, "255.255.255.0", self.factory)
                dns = self.factory if self.version >= (1, 29) else _FACTORY_AP
                self.ap.dhcp = (self.factory, dns)
                self.ap.address = self.factory
                self.ap.secured = self.ap.auth != 0
            else:
                self.nets[1].drop()
                self.ap_gone = True
                self.route()
            self.air.ap = self.ap if on else None
        elif on:
            if self.link.state == "joined":
                # Before 1.26 active(False) did not leave the network (186caf9f03).
                self.state = 2
                self.link.ask_address()
        else:
            if self.link.state == "off":
                self.forgiving = None
            elif self.version >= (1, 26):
                self.link.leave(silently=True)
                self.forgiving = None
            elif self.link.state == "joining":
                self.link.leave(silently=True)
            self.nets[0].drop()
            self.state = 0

    def status(self, interface):
        """Driver: cyw43_tcpip_link_status()."""
        if interface:
            return 3 if self.active[1] else 0
        return self.state


class WLAN:
    """network.WLAN: one object per interface."""

    IF_STA = 0
    IF_AP = 1
    SEC_OPEN = 0
    SEC_WPA_WPA2 = _AUTH_WPA2_MIXED
    SEC_WPA3 = _AUTH_WPA3
    SEC_WPA2_WPA3 = _AUTH_WPA2_WPA3
    PM_NONE = 0x10
    PM_PERFORMANCE = 0xA11142
    PM_POWERSAVE = 0x11

    def __new__(cls, interface=0):
        return _interfaces[1 if interface else 0]

    def deinit(self):
        """The whole chip goes off, and the default route with it."""
        chip = _chip
        chip.air.advance()
        chip.link.leave(silently=True)
        chip.forgiving = None
        for interface in (0, 1):
            if chip.active[interface]:
                chip.set_up(interface, False)
            chip.active[interface] = False
        chip.ap_gone = chip.stale_route = False

    def active(self, *on):
        chip = _chip
        chip.air.advance()
        if not on:
            return chip.active[self._if]
        on = bool(on[0])
        if on != chip.active[self._if]:
            chip.set_up(self._if, on)
            chip.active[self._if] = on
            chip.air.block(60)
        return None

    def connect(self, ssid, key=None, *, auth=-1, security=-1, bssid=None, channel=None):
        chip = _chip
        chip.air.advance()
        ssid = nic.data(ssid)
        key = nic.data(key or b"")
        if bssid is not None and len(bssid) != 6:
            raise ValueError
        if auth != -1:
            security = auth
        if security == -1:
            security = _AUTH_WPA2_MIXED if key else 0
        if not chip.active[0]:
            raise OSError(1)
        if security not in _AUTHS:
            raise OSError(22)  # also a scan's security: it is another number
        chip.link.leave(silently=True)
        chip.nets[0].drop()
        chip.state = 1
        chip.ssid = ssid
        same = chip.forgiving
        if same and same.ssid != ssid:
            same = None
        # micropython#11181: the old key is still there
        chip.link.join(ssid, key, bssid, lambda router: _fits(router, security), same)

    def disconnect(self):
        chip = _chip
        chip.air.advance()
        chip.link.leave(silently=True)
        chip.nets[0].drop()
        chip.state = 0

    def isconnected(self):
        chip = _chip
        chip.air.advance()
        if self._if:
            return chip.active[1] and bool(chip.air.stations())
        return chip.state == 3

    def status(self, *param):
        chip = _chip
        chip.air.advance()
        if not param:
            return chip.status(self._if)
        if param[0] == "rssi":
            if self._if:
                raise ValueError("STA required")
            return chip.link.router.rssi if chip.link.router else 0
        if param[0] == "stations":
            if not self._if:
                raise ValueError("AP required")
            return [(phone.mac,) for phone in chip.air.stations()]
        raise ValueError("unknown status param")

    def scan(self, *, passive=False, ssid=None, essid=None, bssid=None):
        chip = _chip
        chip.air.advance()
        if not (chip.active[0] or chip.active[1]):
            raise OSError(1)
        wanted = essid or ssid
        chip.air.block(_SCAN_MS)
        return [
            (
                b"" if router.hidden else router.ssid,
                router.bssid,
                router.channel,
                rssi,
                _MASK.get(router.security, 5),
                1 + chip.air.random(3),  # how often it was heard
            )
            for router, rssi in chip.air.heard()
            if wanted is None or router.ssid == nic.data(wanted)
            if bssid in (None, router.bssid)
        ]

    def config(self, *args, **values):
        chip = _chip
        chip.air.advance()
        if not values:
            return self._get(nic.one_param(args, "must query one param"))
        if args:
            raise TypeError("can't specify pos and kw args")
        cycle = False
        for key, value in values.items():
            if self._set(key, value):
                cycle = True
        if cycle and chip.active[self._if]:
            # 1.25+ (181800eebd): down and up again, whatever interface it was called on
            chip.set_up(self._if, False)
            chip.set_up(self._if, True)
            chip.air.block(60)
        return None

    def _set(self, key, value):
        """One keyword, at once; True if it wants the interface to go down and up."""
        chip = _chip
        ap = chip.ap
        if key in ("ssid", "essid"):
            ap.ssid = nic.data(value)[:32]
        elif key in ("key", "password"):
            ap.key = nic.data(value)[:64]
        elif key == "security":
            ap.auth = int(value)
        elif key == "channel":
            ap.channel = int(value)
        else:
            if key == "hostname":
                hostname(value)
            elif key in ("antenna", "pm", "trace", "txpower"):
                setattr(chip, key, int(value))
            elif key != "monitor":
                raise ValueError("unknown config param")
            return False
        return True

    def _get(self, key):
        chip = _chip
        if key in ("ssid", "essid"):
            return nic.text(chip.ap.ssid if self._if else chip.ssid)
        if key == "channel":
            return chip.ap.channel if self._if else chip.channel
        if key == "security":
            return chip.ap.auth
        if key == "mac":
            return chip.mac if not self._if else bytes((chip.mac[0] ^ 2,)) + chip.mac[1:]
        if key in ("antenna", "pm", "txpower"):
            return getattr(chip, key)
        if key == "hostname":
            return hostname()
        raise ValueError("unknown config param")

    def ifconfig(self, *values):
        chip = _chip
        chip.air.advance()
        net = chip.nets[self._if]
        if not values:
            return net.ifconfig()[:3] + (chip.dns,)
        if values[0] == "dhcp":
            net.static = False
            chip.link.ask_address()
            if not nic.wait(chip.air, lambda: chip.state == 3, 10000):
                raise OSError("timeout waiting for DHCP to get IP address")
            return None
        address, mask, gateway, chip.dns = values[0]
        net.set(address, mask, gateway)
        self._fixed(net)
        return None

    def ipconfig(self, *args, **values):
        chip = _chip
        chip.air.advance()
        net = chip.nets[self._if]
        if not values:
            key = nic.one_param(args, "must query one param")
            if key == "dhcp4":
                return not self._if and not net.static
            if key == "has_dhcp4":
                return not self._if and not net.static and chip.state == 3
            return net.get(key)
        if args:
            raise TypeError("can't specify pos and kw args")
        for key in values:
            if key not in ("dhcp4", "addr4", "gw4"):
                raise ValueError("unexpected key")
        if "dhcp4" in values:
            net.static = not values["dhcp4"]
            if values["dhcp4"]:
                chip.link.ask_address()
        net.put(values)
        if "addr4" in values:
            self._fixed(net)
        return None

    def _fixed(self, net):
        """A fixed address. On the AP the DHCP server does not hear of it."""
        if self._if:
            _chip.ap.address = net.address
            return
        net.static = True
        if _chip.link.state == "joined":
            _chip.link.have_address()


def _fits(router, auth):
    """Driver, believed: the radio only sees networks of the security it was told."""
    security = router.security
    if auth == 0:
        return security == "open"
    if auth == _AUTH_WPA3:
        return security in ("wpa3", "wpa2wpa3")
    if security == "wpa3":
        return auth == _AUTH_WPA2_WPA3
    return security in ("wpa", "wpa2", "wpa2wpa3")


def ipconfig(*args, **values):
    """network.ipconfig(): dns and prefer (network_lwip.c)."""
    if args and values:
        raise TypeError("can't specify pos and kw args")
    if not values:
        key = nic.one_param(args, "must query one param")
        if key not in ("dns", "prefer"):
            raise ValueError("unexpected key")
        return _chip.dns if key == "dns" else 4
    for key, value in values.items():
        if key == "dns":
            _chip.dns = value
        elif key != "prefer":
            raise ValueError("unexpected key")
        elif value not in (4, 6):
            raise ValueError("invalid prefer argument")
    return None


def route():
    return []


def _power_up(air, options):
    """All RAM is as after a reset. options: version, mac, ap_address, false_badauth,
    false_success."""
    global _chip
    nic.power_up("PicoW")
    air.kick()
    air.ap = None
    if air.link:
        air.link.leave(silently=True)
    _chip = _Chip(air, options)


_interfaces = []
for _number in (0, 1):
    _interface = object.__new__(WLAN)
    _interface._if = _number
    _interfaces.append(_interface)
