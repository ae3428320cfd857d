# What a phone said with SmartConfig.
# MIT licence


class Heard:
    """One complete transmission.

    protocol: its name. ssid: bytes, None where the phone sent only its CRC. key: the password,
    bytes, b"" for an open network. ssid_crc, bssid_crc: CRC-8 of them, -1 where not sent. bssid:
    6 bytes, or b"". address: the phone's, "192.168.1.100" or "". extra: what else came with it,
    bytes. token: what the phone waits for in the acknowledgement, see ack.py.
    """

    def __init__(self, protocol, ssid, key, ssid_crc=-1, bssid=b"", bssid_crc=-1):
        self.protocol = protocol
        self.ssid = ssid
        self.key = key
        self.ssid_crc = ssid_crc
        self.bssid = bssid
        self.bssid_crc = bssid_crc
        self.address = ""
        self.extra = b""
        self.token = 0
