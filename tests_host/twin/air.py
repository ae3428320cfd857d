# The twin's world as tests see it: routers, phones, happenings.
# MIT licence
"""The interface of shim/air.py. What it is about is kept in C (common/world.c): each value that is
read or set here is a line of the control language, docs/twins.md. Only happenings that call
Python are kept here, in clock.happenings.
"""

import binascii

import _twin

from shim import clock

_OCTETS = ("ssid", "key", "psk", "bssid", "mac")
_TEXTS = ("security", "address", "lease", "router", "dns", "state")
_FLAGS = ("hidden", "present", "up", "secured", "joined", "comes_back")


def ask(line, name):
    """The value called `name` in the answer to a command; AttributeError if there is none."""
    for word in _twin.tell(line).split(" "):
        found, _, text = word.partition("=")
        if found == name:
            return _value(name, text)
    raise AttributeError(name)


def _value(name, text):
    if name in _OCTETS:
        return binascii.unhexlify(text)
    if text == "-":
        return None
    if name in _TEXTS:
        return text
    if name == "reasons":
        return tuple([int(number) for number in text.split(",")])
    return text == "1" if name in _FLAGS else int(text)


def _word(name, value):
    """name=value as the control language has it."""
    if value is None:
        value = "-"
    elif name in _OCTETS:
        value = _hex(value)
    elif name == "reasons":
        value = ",".join([str(number) for number in value])
    elif value is True or value is False:
        value = int(value)
    return " %s=%s" % (name, value)


def _hex(octets):
    octets = octets.encode() if isinstance(octets, str) else octets
    return binascii.hexlify(octets).decode()


class _Entry:
    """Something in the world: its attributes are those in the answer to the command `line`."""

    def __init__(self, line):
        object.__setattr__(self, "line", line)

    def __getattr__(self, name):
        return ask(self.line, name)

    def __setattr__(self, name, value):
        _twin.tell(self.line + _word(name, value))


class Phone(_Entry):
    """A phone near the board. It joins the board's own access point, or not."""

    def join(self, key="", ssid=None):
        """Join the board's AP (or only one called ssid). False: none, other key, or it is full."""
        line = " join" + _word("key", key)
        _twin.tell(self.line + line + (_word("ssid", ssid) if ssid is not None else ""))
        return self.joined

    def leave(self):
        _twin.tell(self.line + " leave")

    @property
    def lease(self):
        """(address, router, DNS server), as the board's DHCP server gave them, or None."""
        if self.joined:
            return tuple([ask(self.line, name) for name in ("lease", "router", "dns")])
        return None

    def dhcp_dns(self):
        return self.lease and self.lease[2]


class Air:
    """What there is: .routers, .phones, .ap (the board's own, while it is up), .now (ms)."""

    def __init__(self):
        _twin.tell("clear")
        self.phones = []
        self._scale = 1

    @property
    def routers(self):
        count = int(_twin.tell("routers"))
        return [_Entry("router %d" % number) for number in range(count)]

    def add(self, ssid, **more):
        """A new router; its values are those of shim/air.py's Router."""
        line = "router " + _twin.tell("routers")
        words = [_word(name, more[name]) for name in more]
        _twin.tell(line + _word("ssid", ssid) + "".join(words))
        return _Entry(line)

    def router(self, ssid):
        """The first router of this name (str or bytes)."""
        ssid = ssid.encode() if isinstance(ssid, str) else ssid
        for router in self.routers:
            if router.ssid == ssid:
                return router
        raise KeyError(ssid)

    def phone(self):
        """Bring a new phone."""
        line = "phone %d" % len(self.phones)
        _twin.tell(line)
        self.phones.append(Phone(line))
        return self.phones[-1]

    def stations(self):
        return [phone for phone in self.phones if phone.joined]

    @property
    def ap(self):
        return _Entry("ap") if ask("ap", "up") else None

    @property
    def link(self):
        """The board's station: .state is off, joining or joined."""
        return _Entry("station")

    @property
    def scale(self):
        """Of everything that takes time on the air."""
        return self._scale

    @scale.setter
    def scale(self, scale):
        _twin.tell("scale %s" % scale)
        self._scale = scale

    @property
    def now(self):
        return _twin.now()

    def at(self, ms, what):
        """Call what() at that time, if fast time comes to it; returns a token for cancel()."""
        event = [ms, what]
        place = len(clock.happenings)
        while place and clock.happenings[place - 1][0] > ms:
            place -= 1
        clock.happenings.insert(place, event)
        return event

    def after(self, ms, what):
        """Call what() when that much time on the air has passed."""
        return self.at(self.now + int(ms * self._scale), what)

    def change_at(self, ms, router, change):
        """Set these attributes of a router at that time, fast or real."""
        words = [_word(name, change[name]) for name in change]
        _twin.tell("at %d %s%s" % (ms, router.line, "".join(words)))

    def cancel(self, event):
        if event in clock.happenings:
            clock.happenings.remove(event)

    def advance(self):
        """Have what is due happen."""
        clock.jump(0)
