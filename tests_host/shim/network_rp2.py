# `network` as on the Pico W and Pico 2 W (CYW43), MicroPython 1.25 and later.
# MIT licence
"""Written after extmod/network_cyw43.c ("cyw43.c" below), network_lwip.c, modnetwork.c,
shared/netutils/dhcpserver.c and ports/rp2/mpconfigport.h of 1.25.0. What the driver does is
marked "driver" and listed with its source in docs/twins.md; its sources were not read.
"""

from . import nic
from .air import WRONG_KEY_MS, Ap, Link
from .lwip import ZERO, Net, Nic, integer, numbers, octets, qstr

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
        self.active = [False, False]  # cyw43.c, if_active: what was asked for; deinit() leaves it
        self.up = [False, False]  # what is
        self.state = 0  # 2 also with an address
        self.fixed = False  # the address that comes is not from DHCP
        self.ssid = b""
        self.forgiving = None  # the router that was joined and never quite left
        self.link = air.link = Link(air, self.told)
        self.channel = 3
        self.pm, self.txpower, self.trace, self.antenna = 0xA11142, 20, 0, 0
        self.factory = options["ap_address"]
        self.nets = (Net(True), Net(False))
        self.dns = ZERO
        tail = "%02X%02X" % tuple(self.mac[4:])
        # Driver: WPA2 with a key that everybody knows, channel 3.
        # As set; .ap is what it is on the air, from the next time that it comes up.
        self.ap_ssid, self.ap_key = b"PICO" + tail.encode(), b"picoW123"
        self.ap_channel, self.ap_auth = 3, 0x00400004
        self.ap = Ap(self.ap_ssid, self.ap_key, 3, 8, 16)
        self.prefer = 4
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
            self.channel = router.channel
            if self.false_success:
                self.forgiving = router
            if self.air.ap and self.ap.channel != router.channel:
                self.ap_channel = self.ap.channel = router.channel
                self.air.kick()
            self.associated()
        elif what == "address":
            if not self.up[0]:
                return  # too late
            net = self.nets[0]
            if net.client and not self.fixed:
                gateway = router.address[: router.address.rfind(".")] + ".1"
                net.set(router.address, "255.255.255.0", gateway)
                net.bound = True
                self.dns = gateway
            self.route()
        else:
            self.nets[0].forget_lease()
            self.state = self.state_of(what, router)

    def associated(self):
        """Joined: is there an address?"""
        self.state = 2
        self.written(0)
        if self.nets[0].client:
            self.link.ask_address()

    def written(self, interface):
        """Somebody set an address."""
        if interface:
            self.ap.address = self.nets[1].address  # the DHCP server does not hear of it
        elif self.link.state == "joined" and self.nets[0].address != ZERO:
            self.fixed = True
            self.link.have_address()
            self.fixed = False

    def route(self):
        """The default route stays on an AP that is gone, sockets give EHOSTUNREACH; until deinit()
        or 1.28 (driver 1.1.1, PR#18814)."""
        self.stale_route = self.ap_gone and self.status(0) == 3 and self.version < (1, 28)

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
        """Driver: cyw43_wifi_set_up(), but for the time it takes."""
        if not interface and not on:
            self.leave_station()
            return False
        if self.up[interface] == on:
            return False
        self.up[interface] = on
        if interface:
            self.air.kick()
            if on:
                # The address is the factory's each time (micropython#17977). The DHCP server
                # copies it then, and hears of no ifconfig() (dhcp_server_init; micropython#17401).
                self.nets[1].set(self.factory, "255.255.255.0", self.factory)
                self.nets[1].client = False
                self.ap.ssid, self.ap.key = self.ap_ssid, self.ap_key
                self.ap.channel = self.ap_channel
                dns = self.factory if self.version >= (1, 29) else _FACTORY_AP
                self.ap.dhcp = (self.factory, dns)
                self.ap.address = self.factory
                self.ap.secured = self.ap_auth != 0
            else:
                self.nets[1].set(ZERO, ZERO, ZERO)
                self.nets[1].client = False
                self.ap_gone = True
                self.route()
            self.air.ap = self.ap if on else None
        return True

    def leave_station(self):
        """active(False) of the station: the driver does nothing (micropython PR#17305), the link
        and connect() go on; 1.26 leaves the network (186caf9f03), 1.28 goes down (PR#18988)."""
        if self.version >= (1, 26):
            self.link.leave(silently=True)
            self.nets[0].forget_lease()
            self.state = 0
        if self.version >= (1, 28):
            self.up[0] = False

    def switch(self, interface, on):
        """Driver: cyw43_wifi_set_up()."""
        if self.set_up(interface, on):
            self.air.block(60)

    def status(self, interface):
        """Driver: cyw43_tcpip_link_status()."""
        if interface:
            return 3 if self.up[1] else 0
        if self.state == 2 and self.nets[0].address != ZERO:
            return 3
        return self.state


class WLAN(Nic):
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
        return _interfaces[1 if integer(interface) else 0]

    @property
    def chip(self):
        return _chip

    def deinit(self):
        """The whole chip goes off, and the default route with it."""
        chip = _chip
        chip.air.advance()
        chip.link.leave(silently=True)
        chip.forgiving = None
        chip.nets[0].forget_lease()
        chip.state = 0
        chip.set_up(1, False)
        chip.up[0] = False
        chip.ap_gone = chip.stale_route = False

    def active(self, *on):
        if len(on) > 1:
            raise TypeError("function expected at most 2 arguments")
        chip = _chip
        chip.air.advance()
        if not on:
            return chip.active[self._if]
        on = bool(on[0])
        chip.switch(self._if, on)
        chip.active[self._if] = on
        return None

    def connect(self, ssid, key=None, *, auth=-1, security=-1, bssid=None, channel=-1):
        chip = _chip
        chip.air.advance()
        auth = integer(auth)
        security = integer(security)
        integer(channel)
        ssid = octets(ssid)
        key = b"" if key is None else octets(key)
        if bssid is not None:
            bssid = octets(bssid)
            if len(bssid) != 6:
                raise ValueError
        if auth != -1:
            security = auth
        if security == -1:
            security = _AUTH_WPA2_MIXED if key else 0
        if not chip.up[0]:
            raise OSError(1)
        if security not in _AUTHS:
            raise OSError(22)  # also a scan's security: it is another number
        chip.link.leave(silently=True)
        chip.nets[0].forget_lease()
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
        if self._if:
            return  # the AP leaves nothing
        chip.link.leave(silently=True)
        chip.nets[0].forget_lease()
        chip.state = 0

    def isconnected(self):
        chip = _chip
        chip.air.advance()
        if self._if:
            return chip.up[1] and bool(chip.air.stations())
        return chip.status(0) == 3

    def status(self, *param):
        if len(param) > 1:
            raise TypeError("function expected at most 2 arguments")
        chip = _chip
        chip.air.advance()
        if not param:
            return chip.status(self._if)
        qstr(param[0])
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
        wanted = ssid if essid is None else essid
        wanted = b"" if wanted is None else octets(wanted)[:32]
        if bssid is not None:
            bssid = octets(bssid)[:6]
            if bssid == b"\xff" * 6:
                bssid = None
        if not (chip.up[0] or chip.up[1]):
            raise OSError(1)
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
            if not wanted or router.ssid == wanted
            if bssid in (None, router.bssid)
        ]

    def config(self, *args, **values):
        chip = _chip
        chip.air.advance()
        if not values:
            return self._get(qstr(nic.one_param(args, "must query one param")))
        if args:
            raise TypeError("can't specify pos and kw args")
        cycle = False
        for key, value in values.items():
            if self._set(key, value):
                cycle = True
        if cycle and chip.active[self._if]:
            # 1.25+ (181800eebd): down and up again, whatever interface it was called on
            chip.switch(self._if, False)
            chip.switch(self._if, True)
        return None

    def _set(self, key, value):
        """One keyword, at once; True if it wants the interface to go down and up."""
        chip = _chip
        if key in ("ssid", "essid"):
            chip.ap_ssid = nic.data(value)[:32]
        elif key in ("key", "password"):
            chip.ap_key = nic.data(value)[:64]
        elif key == "security":
            chip.ap_auth = integer(value)
        elif key == "channel":
            chip.ap_channel = integer(value) & 255
        else:
            if key == "hostname":
                hostname(value)
            elif key in ("antenna", "pm", "trace", "txpower"):
                setattr(chip, key, integer(value))
            elif key == "monitor":
                integer(value)
            else:
                raise ValueError("unknown config param")
            return False
        return True

    def _get(self, key):
        chip = _chip
        if key in ("ssid", "essid"):
            return nic.text(chip.ap_ssid if self._if else chip.ssid[:32])
        if key == "channel":
            if self._if:
                return chip.ap.channel if chip.up[1] else chip.ap_channel
            return chip.channel
        if key == "security":
            return chip.ap_auth
        if key == "mac":
            return chip.mac if not self._if else bytes((chip.mac[0] ^ 2,)) + chip.mac[1:]
        if key in ("antenna", "pm", "txpower"):
            return getattr(chip, key)
        if key == "hostname":
            return hostname()
        raise ValueError("unknown config param")


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
        key = qstr(nic.one_param(args, "must query one param"))
        if key not in ("dns", "prefer"):
            raise ValueError("unexpected key")
        return _chip.dns if key == "dns" else _chip.prefer
    for key, value in values.items():
        if key == "dns":
            _chip.dns = numbers(value, "invalid arguments as dns server")
        elif key == "prefer":
            if integer(value) not in (4, 6):
                raise ValueError("invalid prefer argument")
            _chip.prefer = value
        else:
            raise ValueError("unexpected key")
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
