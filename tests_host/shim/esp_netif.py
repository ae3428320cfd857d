# The ESP32's side of an interface: addresses, the DHCP client, ifconfig() and ipconfig().
# MIT licence
"""Written after ports/esp32/network_common.c of 1.25.0."""

from . import nic


class Nic:
    """The methods of WLAN that are esp_netif's. .chip: the radio; ._if: which interface."""

    def ifconfig(self, *values):
        net = self.chip.nets[self._if]
        self.chip.air.advance()
        if not values:
            return net.ifconfig()
        if isinstance(values[0], str):
            if self._if or values[0] != "dhcp":
                raise ValueError("invalid arguments")
            self._dhcp(True)
            return None
        address, mask, gateway, net.dns = values[0]
        net.set(address, nic.mask(mask) if isinstance(mask, int) else mask, gateway)
        self._fixed()
        return None

    def ipconfig(self, *args, **values):
        self.chip.air.advance()
        net = self.chip.nets[self._if]
        if not values:
            key = nic.one_param(args, "must query one param")
            if key == "dhcp4" and not self._if:
                return self.chip.dhcp
            return net.get(key)
        if args:
            raise TypeError("can't specify pos and kw args")
        for key in values:
            if key not in ("addr4", "gw4") and (key != "dhcp4" or self._if):
                raise ValueError("unexpected key")
        if "dhcp4" in values and bool(values["dhcp4"]) != self.chip.dhcp:
            self._dhcp(bool(values["dhcp4"]))
        net.put(values)
        if self._if or "addr4" in values or "gw4" in values:
            self._fixed()
        return None

    def _dhcp(self, on):
        chip = self.chip
        if on:
            chip.nets[0].static = False
            chip.dhcp = chip.link.state == "joined"  # else it begins with the link
            chip.link.ask_address()
        elif chip.dhcp:  # what has not begun cannot be stopped
            chip.nets[0].static = True
            chip.dhcp = False

    def _fixed(self):
        """A fixed address: the station's DHCP client stops, the AP's DHCP server restarts."""
        if self._if:
            self.chip.serve_dhcp()
            return
        self.chip.nets[0].static = True
        self.chip.dhcp = False
        if self.chip.link.state == "joined" and self.chip.nets[0].address != "0.0.0.0":
            self.chip.link.have_address()
