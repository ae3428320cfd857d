# The world around the board: routers, phones, and what happens to them at which time.
# MIT licence
"""No task and no thread: every call of the board's radio first moves the air to now.
The same seed and the same calls give the same world.
"""

from micropython import const

from . import clock

# How long the air takes; believed, see docs/twins.md. The routers' latency comes on top.
FIND_MS = const(300)
SEARCH_MS = const(2400)  # all channels, in vain
WRONG_KEY_MS = const(3500)
LOST_FRAME_MS = const(1000)
BEACONS_MISSED_MS = const(6000)
REJOIN_MS = const(3000)  # a phone that lost the board's AP looks for it again


class Router:
    """One access point. Its attributes may be changed at any time: the air takes notice.

    security: open, wep, wpa (WPA and WPA2), wpa2, wpa2wpa3, wpa3 or enterprise.
    dhcp_ms: time until the address comes; None: it never comes.
    drop_after_ms: the link is lost that long after each join; None: it holds.
    loss: 0 to 100, percentage of joins that fail for no reason the user could help.
    reasons: what the ESP32 reads when the key is wrong, at the first, second, ... attempt.
    drop_reason: what the ESP32 reads when the link is lost.
    """

    def __init__(self, ssid, security="wpa2", key="", **more):
        self.ssid = ssid.encode() if isinstance(ssid, str) else ssid
        self.security = security
        self.key = key.encode() if isinstance(key, str) else key
        self.psk = b""  # 64 hex digits that are as good as the key
        self.bssid = None
        self.channel = 6
        self.rssi = -60
        self.hidden = False
        self.present = True
        self.dhcp_ms = 400
        self.latency_ms = 100
        self.drop_after_ms = None
        self.drop_reason = 200
        self.loss = 0
        self.reasons = (202,) if security == "wpa3" else (15,)
        self.address = "192.168.1.50"
        for name in more:
            if not hasattr(self, name):
                raise ValueError("a router has no " + name)
            setattr(self, name, more[name])

    def opens_to(self, key):
        return self.security == "open" or key == self.key or bool(self.psk) and key == self.psk


class Phone:
    """A phone near the board. It joins the board's own access point, or not."""

    def __init__(self, air, number):
        self.air = air
        self.mac = bytes((0xDA, 0x50, 0, 0, 0, number))
        self.joined = False
        self.lease = None  # (address, router, DNS server), as the board's DHCP server gave them
        self.comes_back = True  # looks for the AP again when it vanished
        self._key = b""
        self._ssid = None

    def join(self, key="", ssid=None):
        """Join the board's AP (or only one called ssid). False: none, other key, or it is full."""
        self._key = key.encode() if isinstance(key, str) else key
        self._ssid = ssid.encode() if isinstance(ssid, str) else ssid
        self.air.advance()
        return self._join()

    def leave(self):
        self.air.advance()
        self._ssid = b""
        self.joined = False
        self.lease = None

    def dhcp_dns(self):
        """The name server that the board's DHCP server told the phone, or None."""
        return self.lease and self.lease[2]

    def _join(self):
        ap = self.air.ap
        if self.joined or ap is None or self._ssid is not None and self._ssid != ap.ssid:
            return self.joined
        if ap.secured and self._key != ap.key or len(self.air.stations()) >= ap.max_clients:
            return False
        self.joined = True
        self.lease = ap.lease(self)
        return True

    def _lose(self):
        self.joined = False
        self.lease = None
        if self.comes_back:
            self.air.after(REJOIN_MS, self._join)


class Air:
    """What there is: .routers, .phones, .ap (the board's own, while it is up), .now (ms)."""

    def __init__(self, routers=(), seed=1):
        self.routers = []
        self.phones = []
        self.ap = None
        self.link = None  # the board's station; told when something may have changed
        self.now = 0
        self.scale = 1  # of everything that takes time on the air
        self._events = []  # [time, what] in order of time
        self._random = seed
        for router in routers:
            self.add(router)

    def add(self, router, **more):
        """Add a Router, or Router(router, **more). It gets a BSSID if it has none."""
        if not isinstance(router, Router):
            router = Router(router, **more)
        if router.bssid is None:
            router.bssid = b"\x0a\x00\x00\x00\x00" + bytes((len(self.routers) + 1,))
        self.routers.append(router)
        return router

    def router(self, ssid):
        """The first router of this name (str or bytes)."""
        ssid = ssid.encode() if isinstance(ssid, str) else ssid
        for router in self.routers:
            if router.ssid == ssid:
                return router
        raise KeyError(ssid)

    def phone(self):
        """Bring a new phone."""
        self.phones.append(Phone(self, len(self.phones) + 1))
        return self.phones[-1]

    def at(self, ms, what):
        """Call what() at that time; returns a token for cancel()."""
        event = [ms, what]
        place = len(self._events)
        while place and self._events[place - 1][0] > ms:
            place -= 1
        self._events.insert(place, event)
        return event

    def after(self, ms, what):
        """Call what() when that much time on the air has passed."""
        return self.at(self.now + int(ms * self.scale), what)

    def change_at(self, ms, router, change):
        """Set these attributes of a router at that time."""

        def happen():
            for name in change:
                setattr(router, name, change[name])

        return self.at(ms, happen)

    def cancel(self, event):
        if event in self._events:
            self._events.remove(event)

    def advance(self):
        """Move the world to now."""
        now = clock.now()
        while self._events and self._events[0][0] <= now:
            event = self._events.pop(0)
            self.now = max(self.now, event[0])
            event[1]()
            if self.link:
                self.link.watch()
        self.now = now
        if self.link:
            self.link.watch()

    def block(self, ms):
        """The board's program waits in a call of the radio."""
        clock.sleep_ms(int(ms * self.scale))
        self.advance()

    def random(self, below):
        """A number from 0 to below - 1."""
        self._random = (self._random * 1103 + 12347) & 0xFFFFF
        return (self._random >> 4) % below

    # What the radio hears and does

    def heard(self):
        """[(router, signal)] of a scan, strongest first."""
        found = [(r, r.rssi + self.random(5) - 2) for r in self.routers if r.present]
        found.sort(key=lambda entry: -entry[1])
        return found

    def find(self, ssid, bssid=None):
        """The strongest router of that name, hidden ones too; None if there is none."""
        best = None
        for router in self.routers:
            if router.present and router.ssid == ssid and bssid in (None, router.bssid):
                if best is None or router.rssi > best.rssi:
                    best = router
        return best

    def stations(self):
        return [phone for phone in self.phones if phone.joined]

    def kick(self):
        """The board's AP vanishes, or moves: the phones on it lose it."""
        for phone in self.stations():
            phone._lose()


class Ap:
    """The board's own access point, as phones see it."""

    def __init__(self, ssid, key, channel, max_clients, first_host):
        self.ssid = ssid
        self.key = key
        self.channel = channel
        self.max_clients = max_clients
        self.first_host = first_host  # of its leases
        self.hidden = False
        self.secured = False
        self.address = ""
        self.dhcp = ("", "")  # router and DNS server of its leases; the first gives the subnet

    def lease(self, phone):
        router, dns = self.dhcp
        host = self.first_host + phone.mac[5] - 1
        return router[: router.rfind(".") + 1] + str(host), router, dns


class Link:
    """The station's half of the radio: one attempt at a time, and then the link.

    told(what, router) is called when something happens to it: absent, security, key, weak,
    joined, address, lost, left.
    """

    def __init__(self, air, told):
        self.air = air
        self.told = told
        self.state = "off"  # off, joining, joined
        self.router = None
        self.addressed = False
        self._seen = None  # what the router was like at the join
        self._attempt = []  # events to come

    def join(self, ssid, key, bssid, fits, forgiving=None):
        """Start an attempt. fits(router): can we speak its security; forgiving: a router that
        takes any key."""
        self._stop()
        self.state = "joining"
        router = self.air.find(ssid, bssid)
        if router is None:
            self._after(SEARCH_MS, lambda: self._end("absent", None))
        elif not fits(router):
            self._after(SEARCH_MS, lambda: self._end("security", router))
        else:
            self._after(FIND_MS + router.latency_ms, lambda: self._meet(router, key, forgiving))

    def leave(self, silently=False):
        was = self.state
        self._stop()
        if was != "off" and not silently:
            self.told("left", None)

    def watch(self):
        """Called after every change of the world: is the router still what we joined?"""
        router = self.router
        if self._seen and self._seen != (router.present, router.channel, router.key):
            gone = self._seen[2] == router.key
            self._seen = None
            self._after(BEACONS_MISSED_MS if gone else 0, lambda: self._end("lost", router))

    def _after(self, ms, what):
        self._attempt.append(self.air.after(ms, what))

    def _stop(self):
        for event in self._attempt:
            self.air.cancel(event)
        self._attempt = []
        self._seen = self.router = None
        self.addressed = False
        self.state = "off"

    def _end(self, what, router):
        self._stop()
        self.told(what, router)

    def _meet(self, router, key, forgiving):
        if not router.present:
            self._end("absent", None)
        elif self.air.random(100) < router.loss:
            self._after(LOST_FRAME_MS, lambda: self._end("weak", router))
        elif router is not forgiving and not router.opens_to(key):
            self._after(WRONG_KEY_MS, lambda: self._end("key", router))
        else:
            self._attempt = []
            self.state = "joined"
            self.router = router
            self._seen = (router.present, router.channel, router.key)
            if router.drop_after_ms is not None:
                self._after(router.drop_after_ms, lambda: self._end("lost", router))
            self.told("joined", router)

    def ask_address(self):
        """Ask the router's DHCP server."""
        if self.router and self.router.dhcp_ms is not None:
            self._after(self.router.dhcp_ms, self.have_address)

    def have_address(self):
        self.addressed = True
        self.told("address", self.router)
