# A working link: a file of its own, so that an application that keeps one keeps nothing else.
# MIT licence


class Link:
    """A link: `ssid` (as a person reads it), `address`, `netmask`, `gateway`, `dns`, all str."""

    def __init__(self, ssid, ifconfig):
        self.ssid = readable(ssid)
        self.address, self.netmask, self.gateway, self.dns = ifconfig

    def __repr__(self):
        return "Link(ssid=%s, address=%s)" % (self.ssid, self.address)


def readable(ssid):
    """An SSID (bytes) as text: UTF-8 where it is, else with the odd bytes as \\xNN."""
    try:
        return ssid.decode()
    except UnicodeError:
        return "".join(chr(b) if 32 <= b < 127 else "\\x%02x" % b for b in ssid)
