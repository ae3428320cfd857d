# A working link: a file of its own, so that an application that keeps one keeps nothing else.
# MIT licence


class Link:
    """A link: `ssid` (as a person reads it), `address`, `netmask`, `gateway`, `dns`, all str."""

    def __init__(self, ssid, station):
        self._station = station
        self.ssid = readable(ssid)
        self.address, self.netmask, self.gateway, self.dns = station.ifconfig()

    def is_up(self):
        """True while the board is on this network, with this address."""
        station = self._station
        return station.isconnected() and station.ifconfig()[0] == self.address

    def __repr__(self):
        return "Link(ssid=%s, address=%s)" % (self.ssid, self.address)


def readable(ssid):
    """An SSID (bytes) as text: UTF-8 where it is, else with the odd bytes as \\xNN."""
    try:
        return ssid.decode()
    except UnicodeError:
        return "".join(chr(b) if 32 <= b < 127 else "\\x%02x" % b for b in ssid)
