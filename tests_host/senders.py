# What a phone sends: ESP-Touch v1 and v2, AirKiss, Tuya EZ and EasyLink V2, with the phases and
# pauses of the real apps. TI's are in ti_sender.py.
# MIT licence
"""Each sender is a generator that yields, for ever, (destination "a.b.c.d:port", UDP length in
bytes, pause after it in ms). What is in the packets does not matter.

Written from spec/smartconfig.md alone, without the decoders, so that each checks the other. Runs
on MicroPython too. ssid, password, bssid (6), reserved: bytes. address: "192.168.1.100".
"""

EVERYBODY = "255.255.255.255"


def crc8(data):
    """CRC-8/MAXIM of bytes: polynomial x^8 + x^5 + x^4 + 1, bits from the lowest."""
    crc = 0
    for byte in data:
        for bit in range(8):
            mixed = (crc ^ byte >> bit) & 1
            crc = crc >> 1 ^ (0x8C if mixed else 0)
    return crc


# ESP-Touch v1, section 1.1.

_GUIDE_MS = 2000
_DATA_MS = 4000


def esptouch1(ssid, password, bssid, address, multicast=False):
    """The app's form since 2018-05-23: 2 s of guides, 4 s of data, a packet each 8 ms."""
    triplets = esptouch1_triplets(ssid, password, bssid, address)
    number = at = 0
    while True:
        for wanted_ms, sets in ((_GUIDE_MS, ((515, 514, 513, 512),)), (_DATA_MS, triplets)):
            spent = 0
            while spent < wanted_ms:
                number = number % 100 + 1
                to = "234.%d.%d.%d" % (number, number, number) if multicast else EVERYBODY
                # The data go on where the guides interrupted them.
                for length in sets[at % len(sets)]:
                    yield to + ":7001", length, 8
                    spent += 8
                if sets is triplets:
                    at += 1


def esptouch1_triplets(ssid, password, bssid, address):
    """The data packets' lengths of one pass, three for a byte, in the order they are sent."""
    head = [9 + len(password) + len(ssid), len(password), crc8(ssid), crc8(bssid)]
    rest = [int(part) for part in address.split(".")] + list(password) + list(ssid)
    xor = 0
    for byte in head + rest:
        xor ^= byte
    order = list(enumerate(head + [xor] + rest))
    for i, byte in enumerate(bssid):
        order.insert(5 + 4 * i, (head[0] + i, byte))
    return [_esptouch1_byte(index, byte) for index, byte in order]


def _esptouch1_byte(index, byte):
    crc = crc8((byte, index))
    return (
        40 + (crc & 0xF0 | byte >> 4),
        296 + index,
        40 + ((crc & 0x0F) << 4 | byte & 0x0F),
    )


# ESP-Touch v2, section 1.2.

_SYNC = 1048
_FAST_MS = 45000


def esptouch2(packets, broadcast=EVERYBODY, syncs=0):
    """packets: of esptouch2_packets. Pauses of 15 ms, of 100 ms after 45 s; first `syncs` lonely
    sync packets, as the app sends while its user still types."""
    to = broadcast + ":7001"
    for _ in range(syncs):
        yield to, _SYNC, 100
    spent = 0
    while True:
        pause = 15 if spent < _FAST_MS else 100
        for i, length in enumerate(packets):
            last = i == len(packets) - 1
            yield to, length, 2 * pause if last else pause
        spent += (len(packets) + 1) * pause


def esptouch2_packets(ssid, password, bssid, reserved=b"", port=0, security=0, secret=b"", iv=b""):
    """The lengths of one pass. port: 0 to 3. With security 1 or 2, secret: password + reserved
    encrypted, which stands for them; iv: with security 2, 20 bytes of which 16 count."""
    head = [_length(ssid), _length(password), _length(reserved), crc8(bssid)]
    head.append(1 | security << 1 | port << 3)
    blocks = [_encoded(head)]
    if secret or iv:
        blocks += _blocks(secret, True) + _blocks(iv, True)
    elif _seven(password) and _seven(reserved):
        blocks += _blocks(password + reserved, False)
    else:
        blocks += _blocks(password, not _seven(password)) + _blocks(reserved, not _seven(reserved))
    blocks += _blocks(ssid, not _seven(ssid))
    start = [_SYNC, 1072 + len(blocks) - 1] * 2
    for number, block in enumerate(blocks):
        start += block
        start += [128 + number] * 3
    return start[:-3]


def _seven(data):
    return all(byte < 128 for byte in data)


def _length(data):
    return len(data) | (0 if _seven(data) else 0x80)


def _blocks(data, encoded):
    size = 5 if encoded else 6
    data = list(data) + [(37 * i + 11) % 127 for i in range(-len(data) % size)]
    form = _encoded if encoded else _plain
    return [form(data[i : i + size]) for i in range(0, len(data), size)]


def _encoded(data):
    data = data + [crc8(data)]
    return [_plane(data, plane) for plane in range(8)]


def _plain(data):
    return [_plane(data, plane) for plane in range(7)] + [7 << 7 | 0x40 | crc8(data) & 0x3F]


def _plane(data, plane):
    bits = 0
    for byte in data:
        bits = bits << 1 | byte >> plane & 1
    return plane << 7 | 0x40 | bits


# AirKiss, section 1.3.


def airkiss(passes, port=10000, guide_ms=10, head_ms=5.4, data_ms=5.26):
    """passes: of airkiss_passes. As WeChat: guides for 2 s, 20 times the magic, 20 times the
    prefix, the data for 4 s."""
    magic, prefix, data = passes
    to = EVERYBODY + ":%d" % port
    while True:
        for times, lengths, pause in (
            (50, (1, 2, 3, 4), guide_ms),
            (20, magic, head_ms),
            (20, prefix, head_ms),
            (int(4000 / data_ms / len(data)) + 1, data, data_ms),
        ):
            for _ in range(times):
                for length in lengths:
                    yield to, length, pause


def airkiss_passes(ssid, password, random, padded=False, zero=False, prefixed=False):
    """Magic, prefix, and data of one pass. random: the byte that the phone waits for. padded: the
    last group filled with zeros; zero: the magic of a short text begins with 0, not 8; prefixed:
    each pass of data begins with the prefix. Some senders do so."""
    text = list(password) + [random] + list(ssid)
    size, count = len(text), len(password)
    magic = _nibbles(0, size, crc8(ssid))
    if size < 16 and not zero:
        magic[0] = 8
    prefix = _nibbles(0x40, count, crc8([count]))
    data = prefix[:] if prefixed else []
    if padded:
        text += [0] * (-size % 4)
    return magic, prefix, data + _groups(text)


def _groups(text):
    lengths = []
    for at in range(0, len(text), 4):
        group = text[at : at + 4]
        lengths += [0x80 | crc8([at // 4] + group) & 0x7F, 0x80 | at // 4]
        lengths += [0x100 | byte for byte in group]
    return lengths


def _nibbles(base, value, crc):
    nibbles = (value >> 4, value & 15, crc >> 4, crc & 15)
    return [base + 16 * i + nibble for i, nibble in enumerate(nibbles)]


# Tuya EZ, the half that is broadcast, and EasyLink V2, section 1.5.


def tuya(lengths, heads=20, cycles=80):
    """lengths: of tuya_lengths. 1, 3, 6, 10 for a while, then the text; each 5 ms."""
    to = EVERYBODY + ":30011"
    while True:
        for times, sent in ((heads, (1, 3, 6, 10)), (cycles, lengths)):
            for _ in range(times):
                for length in sent:
                    yield to, length, 5


def tuya_lengths(ssid, password, token):
    """One pass: how long the text is, and the text in groups."""
    text = [len(password)] + list(password) + [len(token)] + list(token) + list(ssid)
    size = len(text)
    return _nibbles(0x10, size, crc8([size])) + _groups(text + [0] * (-size % 4))


def easylink(ssid, password, info=b""):
    """Two bytes in the group's address at a time, 10 ms each, 80 ms between two lists."""
    text = ssid + password
    text = bytes((len(ssid), len(password))) + text + bytes(len(text) % 2)
    text += bytes((len(info), 0)) + info + bytes(len(info) % 2)
    while True:
        for n in range(5):
            yield "239.118.0.0:15000", 20, 80 if n == 0 else 10
        for i in range(0, len(text), 2):
            yield "239.126.%d.%d:15000" % (text[i], text[i + 1]), 20 + i // 2, 10
