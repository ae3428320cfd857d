# lwIP's side of an interface of the Pico W: addresses, the DHCP client, ifconfig() and ipconfig().
# MIT licence
"""Written after extmod/network_lwip.c of 1.25.0 and shared/netutils/netutils.c."""

from . import clock, nic

ZERO = "0.0.0.0"


class Net:
    """One interface's addresses, and its DHCP client (lwIP's netif and dhcp)."""

    def __init__(self, client):
        self.client = client  # DHCP's runs, whenever the interface is up
        self.bound = False  # and gave the address
        self.set(ZERO, ZERO, ZERO)

    def set(self, address, mask, gateway):
        self.address, self.mask, self.gateway = address, mask, gateway

    def forget_lease(self):
        if self.bound:
            self.set(ZERO, ZERO, ZERO)
        self.bound = False

    def stop(self):
        """dhcp_release_and_stop()"""
        self.forget_lease()
        self.client = False


class Nic:
    """The methods of WLAN that are lwIP's. .chip: the radio; ._if: which interface."""

    def ifconfig(self, *values):
        if len(values) > 1:
            raise TypeError("function expected at most 2 arguments")
        chip = self.chip
        chip.air.advance()
        net = chip.nets[self._if]
        if not values:
            return (net.address, net.mask, net.gateway, chip.dns)
        if values[0] == "dhcp":
            self._start_dhcp()
            end = clock.now() + 10000
            while not self._has_lease():
                if clock.now() > end:
                    raise OSError("timeout waiting for DHCP to get IP address")
                clock.sleep_ms(100)
                chip.air.advance()
            return None
        net.stop()
        if not isinstance(values[0], (tuple, list)):
            raise TypeError("object isn't a tuple or list")
        if len(values[0]) != 4:
            raise ValueError("requested length 4 but object has length %d" % len(values[0]))
        items, dns = values[0], chip.dns
        try:
            for i, name in enumerate(("address", "mask", "gateway")):
                address, error = _parsed(items[i], getattr(net, name))
                setattr(net, name, address)
                if error:
                    raise error
            chip.dns, error = _parsed(items[3], ZERO)
            if error:
                chip.dns = dns
                raise error
        finally:
            chip.written(self._if)
        return None

    def _has_lease(self):
        return self.chip.up[self._if] and self.chip.nets[self._if].bound

    def _start_dhcp(self):
        """Start the DHCP client, or ask again. Nobody answers on the AP's side."""
        chip = self.chip
        net = chip.nets[self._if]
        if not self._has_lease():
            net.stop()
            net.client = True
        if not self._if and chip.up[0]:
            chip.link.ask_address()

    def ipconfig(self, *args, **values):
        chip = self.chip
        chip.air.advance()
        net = chip.nets[self._if]
        if not values:
            key = qstr(nic.one_param(args, "must query one param"))
            if key == "dhcp4":
                return chip.up[self._if] and net.client
            if key == "has_dhcp4":
                return self._has_lease()
            if key == "addr4":
                return (net.address, net.mask)
            if key == "gw4":
                return net.gateway
            raise ValueError("unexpected key")
        if args:
            raise TypeError("can't specify pos and kw args")
        first = list(values)[0]
        before = (net.address, net.mask, net.gateway)
        try:
            for key, value in values.items():
                self._ipset(key, value, first)
        finally:
            if before != (net.address, net.mask, net.gateway):
                chip.written(self._if)
        return None

    def _ipset(self, key, value, first):
        """One keyword. network_lwip.c looks at the first one's name where it means this one's."""
        net = self.chip.nets[self._if]
        if key == "dhcp4":
            if value:
                self._start_dhcp()
            else:
                net.stop()
        elif key == "gw4":
            net.gateway = numbers(value)
        elif key not in ("addr4", "addr6"):
            raise ValueError("unexpected key")
        elif value is None:
            if first == "addr4":
                net.address = net.mask = ZERO
        elif isinstance(value, str):
            address, _, bits = value.partition("/")
            if bits:
                try:
                    mask = nic.mask(int(bits))
                except ValueError:
                    raise ValueError("invalid syntax for integer with base 10: %r" % bits)
            address = numbers(address)
            if first != "addr4":
                raise ValueError("invalid address type")
            net.address = address
            if bits:
                net.mask = mask
        else:
            if not isinstance(value, (tuple, list)):
                raise TypeError("object isn't a tuple or list")
            if len(value) != 2:
                raise ValueError("requested length 2 but object has length %d" % len(value))
            address, mask = numbers(value[0]), numbers(value[1])
            if first == "addr4":
                net.address, net.mask = address, mask


def _parsed(text, before):
    """netutils_parse_ipv4_addr(): what is kept then, and the error. It keeps octet by octet."""
    try:
        text = nic.text(nic.data(text))
    except TypeError as error:
        return before, error
    if not text:
        return ZERO, None
    end = 0
    while end < len(text) and text[end] in ".0123456789":
        end += 1
    parts = text[:end].split(".")
    octets = [str(int(part or "0") & 255) for part in parts[:4]]
    kept = ".".join(octets + before.split(".")[len(octets) :])
    return kept, None if len(parts) == 4 else ValueError("invalid arguments")


def numbers(text, words="invalid arguments"):
    """ipconfig()'s address as it is kept; four decimal numbers only (ipaddr_aton takes more)."""
    parts = nic.text(nic.data(text)).split(".")
    if len(parts) != 4 or not all([part.isdigit() and int(part) < 256 for part in parts]):
        raise ValueError(words)
    return ".".join([str(int(part)) for part in parts])


def integer(value):
    """mp_obj_get_int()"""
    if not isinstance(value, int):
        raise TypeError("can't convert to int")
    return int(value)


def qstr(value):
    """mp_obj_str_get_qstr(): a str, no bytes"""
    if not isinstance(value, str):
        raise TypeError("can't convert to str implicitly")
    return value


def octets(value):
    """mp_get_buffer_raise(): also a bytearray, where mp_obj_str_get_data() takes none"""
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else nic.data(value)
