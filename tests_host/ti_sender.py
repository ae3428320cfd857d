# Sends a network as TI's phone apps do: the UDP packets of SmartConfig's three generations.
# MIT licence
"""Each sender is a generator that yields, for ever, (destination "a.b.c.d:port", UDP length in
bytes, pause after it in ms). What is in the packets does not matter.

Written from spec/smartconfig.md 1.4 alone, without the decoders, so that each checks the other.
Runs on MicroPython too. ssid, password: bytes; key: 16 of them, to encrypt; free_data: bytes, see
device_name(); group: of devices, 0 to 15; gateway: the phone's router.
"""

SETUPS = 4  # lists in a cycle
_IV = b"\x01\x03\x19\xd2\xb1\x51\xf2\x09\x70\x61\xc3\xcb\x30\x7d\x00"


def cc3000(ssid, password, key=None, gateway="192.168.1.1"):
    """Smart Config of the CC3000. It knows no free data and no groups."""
    if key:
        password = _aes(key).encrypt(_padded(password, 32))
    lengths = [3, 23] * 10
    _string(lengths, (1399,), ssid)
    _string(lengths, (1459,), password)
    while True:
        for setup in range(SETUPS):
            for i, length in enumerate(lengths):
                last = i == len(lengths) - 1 and setup == SETUPS - 1
                yield gateway + ":15000", length, 100 if last else 3


def generation1(ssid, password, key=None, free_data=b"", group=0, gateway="192.168.1.1"):
    """CC31xx, CC32xx."""
    if key:
        password = _ofb(key, _padded(password, 32), 1)
    lengths = []
    _string(lengths, (1099,), ssid)
    _string(lengths, (1200 if key else 1199,), password)
    if len(free_data) > 1:
        _string(lengths, (1149,), free_data)
    while True:
        for setup in range(SETUPS):
            for i, length in enumerate(lengths):
                yield gateway + ":15000", 23 - group if setup % 2 else 3, 0
                last = i == len(lengths) - 1 and setup == SETUPS - 1
                yield gateway + ":15000", length, 100 if last else 0


def generation2(ssid, password, key=None, free_data=b"", group=0):
    """CC3x20, CC3x35: what SWRA513C describes."""
    first, second = password[:32], password[32:]
    if key:
        first, second = _encrypted(key, first, 1), _encrypted(key, second, 3)
    lengths = []
    _string(lengths, (1099, 1099), ssid)
    _string(lengths, (1200, 1200) if key else (1199, 1199), first)
    _string(lengths, (1155, 1155), second)
    _string(lengths, (1149, 1149), free_data)
    while True:
        for setup in range(SETUPS):
            for i, length in enumerate(lengths):
                yield "224.0.0.235:15000", 23 - group if i % 2 else 3, 10
                last = i == len(lengths) - 1 and setup == SETUPS - 1
                yield "224.0.0.235:15000", length, 110 if last else 10


def device_name(name):
    """The free data that name a device."""
    return bytes((3, len(name))) + name


def _string(lengths, markers, text):
    lengths.extend(markers)
    lengths.extend([28 + len(text)] * len(markers))
    before = 0
    for i in range(2 * len(text)):
        nibble = text[i // 2] & 15 if i % 2 else text[i // 2] >> 4
        lengths.append(593 + 16 * (before ^ i % 16) + nibble)
        before = nibble


def _padded(text, size):
    if len(text) < 32:
        text = bytes((len(text),)) + text
    return text + bytes(size - len(text))


def _encrypted(key, text, block):
    if not text:
        return text
    return _ofb(key, _padded(text, 16 if len(text) < 16 else 32), block)


def _ofb(key, data, block):
    # Each block by itself, with an IV that ends in its number.
    out = b""
    for i in range(0, len(data), 16):
        stream = _aes(key).encrypt(_IV + bytes((block + i // 16,)))
        out += bytes(a ^ b for a, b in zip(data[i : i + 16], stream))
    return out


def _aes(key):
    import cryptolib

    return cryptolib.aes(key, 1)
