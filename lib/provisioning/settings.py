# What a product may change, with defaults and limits. Only what was changed is stored.
# MIT licence

from . import store

_FILE = "settings"


def _is_address(text):
    parts = text.split(".")
    return not text or len(parts) == 4 and all(p.isdigit() and int(p) < 256 for p in parts)


def _is_anything(text):
    return True


def _is_country(text):
    return not text or len(text) == 2 and text.isalpha()


# name: (default, lowest, highest) for numbers; (default,) for a switch; (None,) for a pin;
# (default, most bytes of UTF-8, check, what it is) for text.
_TABLE = {
    # The board's own access point.
    # Device name and SSID of the AP start with it; TI's apps look for mysimplelink.
    "name_prefix": ("micropython", 20, bool, "a text of 1 to 20 bytes"),
    # No key: TI's apps need it, and everybody in range can then use the portal.
    "ap_open": (False,),
    # 0: the channel of the strongest network, so that a join rarely moves the AP.
    "ap_channel": (0, 0, 13),
    # A public address, since some phones refuse a portal at a private one (docs/portal.md).
    # "": the port's own.
    "ap_address": ("4.3.2.1", 15, _is_address, "an IPv4 address, or empty"),
    # Two letters, for the radio's channels and power.
    "country": ("", 2, _is_country, "two letters, or empty"),
    # The radio cannot be AP and station at once.
    "one_role": (False,),
    # The portal. DNS port 0: no DNS answers.
    "http_port": (80, 1, 65535),
    "dns_port": (53, 0, 65535),
    # The AP's key is shown on the console.
    "console": (True,),
    # How long a run that has a portal as well listens for SmartConfig, in seconds; short, since
    # anybody may send then (docs/smartconfig.md).
    "smartconfig_s": (60, 30, 3600),
    # Espressif's apps and tools (docs/apps.md): are they answered, with which security, 0 to 2.
    "protocomm": (True,),
    "protocomm_security": (1, 0, 2),
    # Improv (docs/improv.md). 0: never; 1: while no network is stored, and in a run that somebody
    # asked for; 2: in every run. Where: -1 is the console, else a UART's number.
    "improv": (1, 0, 2),
    "improv_uart": (-1, -1, 9),
    # The product's own page on the network that was joined, %s is the board's address there.
    "improv_url": ("", 100, _is_anything, "an address, or empty"),
    # Confirmation: time to the link, slow routers included; from there to the address; how long a
    # link has to last before it is called good; for the user to fetch a success (R1: 30 s); how
    # long the AP stays for the phone's last page.
    "join_timeout_ms": (10000, 2000, 60000),
    "address_timeout_ms": (15000, 2000, 60000),
    "hold_ms": (2500, 0, 30000),
    "feedback_timeout_ms": (30000, 1000, 300000),
    "linger_ms": (4000, 0, 60000),
    # Staying online (docs/keeper.md): inactivity that ends a run of our own; time without a link
    # before one starts (SWRA513C 4.2: two minutes); how long a new link has to last before it is
    # called up; TI's policy bits: 1 auto, 2 fast, 8 any P2P, 32 auto-provisioning.
    "inactivity_s": (300, 30, 65535),
    "offline_s": (120, 5, 3600),
    "settle_ms": (5000, 0, 60000),
    "policy": (0x21, 0, 0xFF),
    # A person at the board. Pins: None, a number, or a name such as "LED". The levels are those
    # of a pressed button and of a lit LED.
    "button_pin": (None,),
    "button_level": (0, 0, 1),
    "power_cycles": (4, 0, 10),
    "led_pin": (None,),
    "led_level": (1, 0, 1),
    "led_neopixel": (False,),
}


class Settings:
    """The product's settings: `settings["http_port"]`, `settings.update(ap_open=True)`."""

    def __init__(self):
        self._changed = {}
        for name, value in (store.load(_FILE) or {}).items():
            # A setting of another version of this package must not stop the board.
            if name in _TABLE and _fits(_TABLE[name], value):
                self._changed[name] = value

    def __getitem__(self, name):
        return self._changed.get(name, _TABLE[name][0])

    def __repr__(self):
        changed = ["%s=%r" % item for item in sorted(self._changed.items())]
        return "Settings(%s)" % ", ".join(changed)

    def keys(self):
        """The names of all settings."""
        return _TABLE.keys()

    def update(self, **values):
        """Change settings, all or none, and store them. ValueError says which is wrong."""
        changed = dict(self._changed)
        for name, value in values.items():
            if name not in _TABLE:
                raise ValueError("no setting is named " + name)
            if not _fits(_TABLE[name], value):
                raise ValueError("%s: %r is not %s" % (name, value, _limits(_TABLE[name])))
            changed[name] = value
            if value == _TABLE[name][0]:
                del changed[name]
        if changed != self._changed:
            store.save(_FILE, changed)
            self._changed = changed


def describe(name):
    """The default of a setting, and in words what it may be."""
    return _TABLE[name][0], _limits(_TABLE[name])


def _fits(rule, value):
    default = rule[0]
    if default is None:
        is_name = isinstance(value, str) and bool(value)
        return value is None or is_name or _fits((0, 0, 99), value)
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, str):
        return isinstance(value, str) and len(value.encode()) <= rule[1] and bool(rule[2](value))
    return isinstance(value, int) and not isinstance(value, bool) and rule[1] <= value <= rule[2]


def _limits(rule):
    if rule[0] is None:
        return "a pin: None, a number or a name"
    if isinstance(rule[0], bool):
        return "True or False"
    if isinstance(rule[0], str):
        return rule[3]
    return "%d to %d" % rule[1:]
