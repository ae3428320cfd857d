# What both boards' `network` have in common: names, addresses, and arguments.
# MIT licence

from . import clock

# extmod/modnetwork.c: kept from power-up on, changed by hostname() and country()
_names = ["mpy", "XX"]


def hostname(*name):
    """network.hostname(): at most 32 bytes (extmod/modnetwork.c)."""
    if not name:
        return _names[0]
    if len(data(name[0])) > 32:
        raise ValueError
    _names[0] = text(name[0])
    return None


def country(*code):
    """network.country(): two letters (extmod/modnetwork.c)."""
    if not code:
        return _names[1]
    if len(data(code[0])) != 2:
        raise ValueError
    _names[1] = text(code[0])
    return None


def power_up(name):
    _names[:] = (name, "XX")


def data(value):
    """str or bytes as bytes, like mp_obj_str_get_data()."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    raise TypeError("object with buffer protocol required")


def text(value):
    """bytes as str, like mp_obj_new_str(): UnicodeError if they are not UTF-8."""
    return value if isinstance(value, str) else value.decode()


class Address:
    """The IPv4 side of one interface: ifconfig() and ipconfig() of both ports."""

    def __init__(self, address="0.0.0.0"):
        self.set(address, "255.255.255.0" if address != "0.0.0.0" else address, address)
        self.dns = "0.0.0.0"
        self.static = False

    def set(self, address, mask, gateway):
        self.address, self.mask, self.gateway = address, mask, gateway

    def lease(self, address):
        """Take what a home router's DHCP server gives."""
        gateway = address[: address.rfind(".")] + ".1"
        self.set(address, "255.255.255.0", gateway)
        self.dns = gateway

    def drop(self):
        if not self.static:
            self.set("0.0.0.0", "0.0.0.0", "0.0.0.0")

    def ifconfig(self):
        return (self.address, self.mask, self.gateway, self.dns)

    def get(self, key):
        if key == "addr4":
            return (self.address, self.mask)
        if key == "gw4":
            return self.gateway
        raise ValueError("unexpected key")

    def put(self, values):
        """ipconfig(addr4=, gw4=). The keys were checked by the port."""
        for key, value in values.items():
            if key == "gw4":
                self.gateway = value
            elif key == "addr4" and isinstance(value, str):
                address, _, bits = value.partition("/")
                self.address, self.mask = address, mask(int(bits)) if bits else self.mask
            elif key == "addr4":
                self.address, self.mask = value


def mask(bits):
    """24 -> 255.255.255.0"""
    number = 0xFFFFFFFF << (32 - bits)
    return ".".join(str((number >> shift) & 255) for shift in (24, 16, 8, 0))


def one_param(args, words):
    """The single positional argument of a getter, or TypeError."""
    if len(args) != 1:
        raise TypeError(words)
    return args[0]


def wait(air, ready, timeout_ms):
    """Block until ready() or for timeout_ms; says which."""
    end = clock.now() + timeout_ms
    while not ready():
        if clock.now() >= end:
            return False
        clock.sleep_ms(100)
        air.advance()
    return True
