# Random calls of WLAN and happenings in the air: the same on the shim and on a twin.
# MIT licence
"""As a program: `micropython-esp32 sequences.py FIRST COUNT`, on a twin, prints for each seed
from FIRST on one line: the seed and the trace of its sequence. test_differential.py compares it
with the shim's.
"""

import sys
from collections import OrderedDict  # keywords in the order of the call, also on MicroPython

STEPS = 30

_SSIDS = (
    "HomeNet",
    "CafeFree",
    "Basement",
    "Hidden One",
    "Future",
    "SchoolNet",
    "Flaky",
    "Nowhere",
    "n" * 32,
)
_KEYS = {
    "HomeNet": "correct horse battery",
    "Basement": "basement1",
    "Hidden One": "peekaboo42",
    "Future": "saefuture",
    "Flaky": "flakyflaky",
}
_PAUSES = (1, 20, 100, 400, 900, 2500, 7000, 20000)
_PARAMS = (
    "ssid essid key security authmode channel hidden max_clients mac txpower pm protocol "
    "hostname dhcp_hostname reconnects ifname antenna trace monitor nonsense"
).split()
_VALUES = {
    "ssid": ("Board", b"B\xc3\xb6ard", "x" * 33, 5),
    "essid": ("Board",),
    "key": ("12345678", "short", "", "y" * 70),
    "security": (0, 3, 4, 1, 5, 0x400004, 0x400006),
    "authmode": (0, 3),
    "channel": (1, 6, 11, 0, 14),
    "hidden": (True, False),
    "max_clients": (1, 4),
    "mac": (b"\x02\x11\x22\x33\x44\x55", b"\x02"),
    "txpower": (8, 20),
    "pm": (0, 1),
    "protocol": (7, 3),
    "hostname": ("a-board", "h" * 33),
    "dhcp_hostname": ("b-board",),
    "reconnects": (-1, 0, 1, 3),
    "ifname": (1,),
    "antenna": (0,),
    "trace": (0,),
    "monitor": (0,),
    "nonsense": (1,),
}
_ADDRESSES = (
    ("192.168.7.1", "255.255.255.0", "192.168.7.1", "192.168.7.1"),
    ("10.0.0.9", "255.0.0.0", "10.0.0.1", "8.8.8.8"),
)


class Chance:
    """Numbers that are the same on every runtime."""

    def __init__(self, seed):
        self._state = (seed * 7919 + 17) & 0xFFFFFF

    def below(self, limit):
        self._state = (self._state * 5533 + 12345) & 0xFFFFFF
        return (self._state >> 7) % limit

    def of(self, choices):
        return choices[self.below(len(choices))]


def _shown(value):
    """A value as text, the same on every runtime."""
    if isinstance(value, (tuple, list)):
        return "[" + ",".join([_shown(one) for one in value]) + "]"
    # MicroPython escapes letters that CPython shows.
    return repr(value.encode() if isinstance(value, str) else value)


class Sequence:
    """One sequence on one board. trace: what each step was and what came of it."""

    def __init__(self, seed, name, network, air, sleep_ms):
        self.chance = Chance(seed)
        self.esp32 = name == "esp32"
        self.network = network
        self.air = air
        self.sleep_ms = sleep_ms
        self.wlans = (network.WLAN(0), network.WLAN(1))
        self.phones = [air.phone(), air.phone()]
        self.trace = []

    def run(self, steps=STEPS):
        """Take the steps, and look at everything at the end. Returns the trace."""
        if self.chance.below(8):  # else most calls would be refused
            self.note("sta.active(True)", self.wlans[0].active, True)
        if self.chance.below(8) < 3:
            self.note("ap.active(True)", self.wlans[1].active, True)
        for _ in range(steps - len(self.trace)):
            kind = self.chance.below(10)
            step = self._call if kind < 6 else self._pass if kind < 8 else self._happen
            step()
        self.final()
        return self.trace

    def note(self, what, call, *args, values=()):
        try:
            result = _shown(call(*args, **OrderedDict(values)))
        except TypeError:
            result = "TypeError"  # CPython words it differently
        except (OSError, ValueError, RuntimeError) as error:
            result = type(error).__name__ + _shown(error.args)
        self.trace.append(what + " -> " + result)

    # Steps

    def _pass(self):
        ms = self.chance.of(_PAUSES)
        self.sleep_ms(ms)
        self.air.advance()
        self.trace.append("sleep %d" % ms)

    def _call(self):
        chance = self.chance
        number = chance.below(2) if chance.below(3) == 0 else 0
        wlan = self.wlans[number]
        name = "ap." if number else "sta."
        what = chance.of(
            "active active on connect connect connect connect connect connect disconnect "
            "status status rssi stations isconnected scan get set set join ifconfig "
            "address dhcp ipconfig ipset dns module".split()
        )
        getattr(self, "_do_" + what)(name, wlan)

    def _do_active(self, name, wlan):
        on = self.chance.below(6) > 0
        self.note("%sactive(%r)" % (name, on), wlan.active, on)

    def _do_on(self, name, wlan):
        self.note(name + "active()", wlan.active)

    def _do_connect(self, name, wlan):
        wlan = self.wlans[0]
        ssid = self.chance.of(_SSIDS) if self.chance.below(2) else "HomeNet"
        key = (
            _KEYS.get(ssid, "12345678")
            if self.chance.below(4)
            else self.chance.of((None, "", "not the key", "abc", b"bytes as key"))
        )
        values = OrderedDict()
        if self.chance.below(6) == 0:
            values["bssid"] = self.chance.of(
                (b"\x0a\x00\x00\x00\x00\x02", b"\x0a\x00\x00\x00\x00\x09", b"\x0a")
            )
        if not self.esp32 and self.chance.below(6) == 0:
            values["security"] = self.chance.of((0, 3, 0x400004, 0x400006, 0x1000004, 0x1400004))
        what = "sta.connect(%r,%r,%s)" % (ssid, key, _shown(list(values.items())))
        self.note(what, wlan.connect, ssid, key, values=values)

    def _do_join(self, name, wlan):
        values = self.chance.of(({}, {}, {"bssid": b"\x0a\x00\x00\x00\x00\x01"}, {"bssid": b""}))
        self.note("sta.connect(%s)" % len(values), self.wlans[0].connect, values=values)

    def _do_disconnect(self, name, wlan):
        self.note(name + "disconnect()", wlan.disconnect)

    def _do_status(self, name, wlan):
        self.note(name + "status()", wlan.status)

    def _do_rssi(self, name, wlan):
        self.note(name + "status(rssi)", wlan.status, self.chance.of(("rssi", "rssi", "nonsense")))

    def _do_stations(self, name, wlan):
        self.note(name + "status(stations)", wlan.status, "stations")

    def _do_isconnected(self, name, wlan):
        self.note(name + "isconnected()", wlan.isconnected)

    def _do_scan(self, name, wlan):
        self.note(name + "scan()", wlan.scan)

    def _do_get(self, name, wlan):
        param = self.chance.of(_PARAMS)
        self.note("%sconfig(%s)" % (name, param), wlan.config, param)

    def _do_set(self, name, wlan):
        values = OrderedDict()
        for _ in range(1 + self.chance.below(3)):
            param = self.chance.of(_PARAMS)
            values[param] = self.chance.of(_VALUES[param])
        what = "%sconfig(%s)" % (name, _shown(list(values.items())))
        self.note(what, wlan.config, values=values)

    def _do_ifconfig(self, name, wlan):
        self.note(name + "ifconfig()", wlan.ifconfig)

    def _do_address(self, name, wlan):
        address = self.chance.of(_ADDRESSES)
        self.note("%sifconfig(%s)" % (name, address[0]), wlan.ifconfig, address)

    def _do_dhcp(self, name, wlan):
        self.note(name + "ifconfig(dhcp)", wlan.ifconfig, "dhcp")

    def _do_ipconfig(self, name, wlan):
        param = self.chance.of(("addr4", "gw4", "dhcp4", "has_dhcp4", "nonsense"))
        self.note("%sipconfig(%s)" % (name, param), wlan.ipconfig, param)

    def _do_ipset(self, name, wlan):
        param, value = self.chance.of(
            (
                ("addr4", "192.168.9.4/16"),
                ("addr4", ("192.168.9.5", "255.255.255.128")),
                ("gw4", "192.168.9.1"),
                ("dhcp4", True),
                ("dhcp4", False),
                ("nonsense", 1),
            )
        )
        self.note("%sipconfig(%s=%r)" % (name, param, value), wlan.ipconfig, values={param: value})

    def _do_dns(self, name, wlan):
        if self.chance.below(2):
            param = self.chance.of(("dns", "prefer", "x"))
            self.note("ipconfig(%s)" % param, self.network.ipconfig, param)
        else:
            self.note("ipconfig(dns=)", self.network.ipconfig, values={"dns": "9.9.9.9"})

    def _do_module(self, name, wlan):
        what = self.chance.of(("hostname", "country"))
        args = self.chance.of(((), ("NZ",), ("a-long-name-" * 4,)))
        self.note("%s(%s)" % (what, _shown(args)), getattr(self.network, what), *args)

    def _happen(self):
        chance = self.chance
        router = chance.of(self.air.routers)
        name, values = chance.of(
            (
                ("present", (True, False)),
                ("present", (True,)),
                ("channel", (1, 6, 11)),
                ("key", (b"another key", b"correct horse battery")),
                ("dhcp_ms", (None, 400, 3000)),
                ("loss", (0, 0, 100)),
                ("drop_after_ms", (None, None, 2000)),
                ("hidden", (True, False)),
                ("rssi", (-40, -85)),
                ("reasons", ((15,), (15, 205), (204,), (2, 15))),
                ("drop_reason", (200, 4)),
                ("phone", (0, 1)),
                ("phone", (0, 1)),
            )
        )
        value = chance.of(values)
        if name == "phone":
            phone = self.phones[value]
            if chance.below(4):
                ap = self.air.ap
                key = chance.of(("12345678", "other key", ap.key if ap else ""))
                self.note("phone %d joins with %s" % (value, _shown(key)), phone.join, key)
            else:
                phone.leave()
                self.trace.append("phone %d leaves" % value)
            return
        setattr(router, name, value)
        self.air.advance()
        self.trace.append("router %s=%s" % (name, _shown(value)))

    def final(self):
        """Everything that can be read."""
        self.trace.append("at %d ms" % self.now())
        for name, wlan in zip(("sta.", "ap."), self.wlans):
            for what in ("on", "status", "isconnected", "stations", "ifconfig"):
                getattr(self, "_do_" + what)(name, wlan)
            self.note(name + "status(rssi)", wlan.status, "rssi")
            for param in _PARAMS:
                self.note("%sconfig(%s)" % (name, param), wlan.config, param)
            for param in ("addr4", "gw4", "dhcp4", "has_dhcp4"):
                self.note("%sipconfig(%s)" % (name, param), wlan.ipconfig, param)
        self.note("ipconfig(dns)", self.network.ipconfig, "dns")
        for phone in self.phones:
            self.trace.append("phone %r %s" % (phone.joined, _shown(phone.lease)))

    def now(self):
        from shim import clock

        return clock.now()


_neighbourhood = []  # on a twin: what makes the routers, since reading the file takes long


def _air():
    import harness

    if not harness.twin:
        return harness.new_air()
    tell = harness.twin.tell
    if not _neighbourhood:
        air = harness.new_air()
        for number in range(len(air.routers)):
            line = "router %d" % number
            _neighbourhood.append(line + " " + tell(line))
    air = harness.twin.air.Air()
    for line in _neighbourhood:
        tell(line)
    return air


def trace(seed, name):
    """The trace of one seed on a board, in fast time."""
    import harness
    from shim import clock

    clock.start(True)
    clock.creeps = False  # the twins look at the clock less often
    air = _air()
    network = harness.install(
        name, air, false_badauth=bool(seed & 1), false_success=bool(seed & 2)
    )
    return Sequence(seed, name, network, air, clock.sleep_ms).run()


def main(first, count):
    """On a twin: one line for each seed."""
    import gc

    import twin

    for seed in range(first, first + count):
        print(seed, "; ".join(trace(seed, twin.BOARD)))
        gc.collect()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
