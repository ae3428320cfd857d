# The ESP32's driver, and what MicroPython's network_wlan.c remembers of it.
# MIT licence
"""After the same sources as network_esp32.py, whose other half this is: state and events here,
what a program calls there.
"""

from . import nic
from .air import Ap, Link

# The driver's number for each security of a Router
AUTH = {
    "open": 0,
    "wep": 1,
    "wpa": 4,
    "wpa2": 3,
    "enterprise": 5,
    "wpa3": 6,
    "wpa2wpa3": 7,
}
LEAVE = 8  # WIFI_REASON_ASSOC_LEAVE
_EVENT_MS = 10  # until the event task has told MicroPython


class Chip:
    """The static variables of wlan.c, and the driver below it."""

    def __init__(self, air, options):
        self.air = air
        self.version = options["version"]
        mac = options["mac"]
        self.macs = [mac, mac[:5] + bytes(((mac[5] + 1) & 255,))]
        self.active = [False, False]
        self.requested = False  # wifi_sta_connect_requested
        self.connected = False  # wifi_sta_connected
        self.reason = 0  # wifi_sta_disconn_reason
        self.limit = 0  # conf_wifi_sta_reconnects
        self.tries = 0  # wifi_sta_reconnects
        self.attempts = 0  # with this configuration, for Router.reasons
        self.target = (b"", b"", None)
        self.dhcp = False  # the client has begun
        self.link = air.link = Link(air, self.told)
        self.channel = 1
        self.txpower, self.pm, self.protocols = 80, 1, [7, 7]
        address = options["ap_address"]
        self.nets = (nic.Address(), nic.Address(address))
        tail = "%02X%02X%02X" % tuple(mac[3:])
        self.ap = Ap(b"ESP_" + tail.encode(), b"", 1, 4, 2)  # driver: open, channel 1, 4 clients
        self.ap.authmode = 0
        self.serve_dhcp()

    def serve_dhcp(self):
        """(Re)start the AP's DHCP server: leases follow the interface's address, and the driver's
        server names itself as DNS server."""
        self.ap.address = self.nets[1].address
        self.ap.dhcp = (self.ap.address, self.ap.address)

    def told(self, what, router):
        """The driver's events, passed to the handlers of wlan.c."""
        if what == "joined":
            # One radio: the AP follows the station's channel, its phones drop for a moment.
            self.channel = router.channel
            if self.air.ap and self.ap.channel != router.channel:
                self.ap.channel = router.channel
                self.air.kick()
            if not self.nets[0].static:
                self.dhcp = True
                self.link.ask_address()
            elif self.nets[0].address != "0.0.0.0":
                self.link.have_address()
        elif what == "address":
            self.connected = True
            self.reason = 0  # the only place that clears it
            if not self.nets[0].static:
                self.nets[0].lease(router.address)
        else:
            self.air.after(_EVENT_MS, lambda: self.disconnected(self.reason_of(what, router)))

    def reason_of(self, what, router):
        """What the driver gives as reason; most are believed."""
        if what == "absent":
            return 201
        if what == "security":
            # A key of 8 or more sets the threshold to WPA2, so weaker networks are not seen.
            weak = AUTH[router.security] < 2
            return 211 if weak and len(self.target[1]) >= 8 else 210
        if what == "key":
            self.attempts += 1
            return router.reasons[min(self.attempts, len(router.reasons)) - 1]
        if what == "weak":
            return 2  # WIFI_REASON_AUTH_EXPIRE
        return router.drop_reason if what == "lost" else LEAVE

    def disconnected(self, reason):
        """wlan.c, WIFI_EVENT_STA_DISCONNECTED."""
        self.reason = reason
        self.connected = False
        self.nets[0].drop()
        self.dhcp = False
        if self.requested and self.active[0]:
            if self.limit:
                self.tries += 1
                if self.tries >= self.limit:
                    return
            if self.link.state == "off":  # else the driver refuses; its error is only logged
                self.drive()

    def drive(self):
        """Driver: esp_wifi_connect()."""
        ssid, key, bssid = self.target
        self.link.join(ssid, key, bssid, lambda router: self.fits(router, key))

    def fits(self, router, key):
        if router.security == "open" or not key:
            return router.security == "open" and not key
        if router.security == "wep":
            return len(key) < 8
        return router.security != "enterprise" and len(key) >= 8

    def set_config(self, interface, ap_changed):
        """Driver: esp_wifi_set_config()."""
        if interface == 0:
            if self.link.state == "joining" and self.version >= (1, 27):
                raise OSError("Wifi Internal State Error")  # IDF 5.5
            return
        if self.ap.authmode and len(self.ap.key) < 8:
            raise OSError("Wifi Invalid Password")
        if (
            self.ap.authmode in (1, 5)
            or not 0 <= self.ap.authmode < 13
            or not 1 <= self.ap.channel <= 13
        ):
            raise RuntimeError("Wifi Unknown Error 0x0102")  # micropython#7504
        self.ap.secured = self.ap.authmode != 0
        if self.link.state == "joined":
            self.ap.channel = self.channel
        if self.air.ap and ap_changed:
            self.air.kick()
