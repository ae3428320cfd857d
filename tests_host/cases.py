# What the same phones' apps say of other networks: the longest, open, hidden, in other alphabets.
# MIT licence
"""Like vectors.py, for cases that are not there: written from spec/smartconfig.md by senders.py
and ti_sender.py. load(name) returns a vector too. Runs on MicroPython as well.
"""

import senders
import ti_sender
from senders import crc8

EVERYBODY = "255.255.255.255"
BSSID = b"\xc0\xff\xd4\x95\x80\x04"
ADDRESS = "10.0.0.23"
KEY = b"1234567890abcdef"
UTF8 = "Caf\u00e9\u2615\u5496\u5561".encode()
LONG_SSID = b"An-SSID-of-32-octets-is-the-limit"[:32]
LONG_KEY = b"A passphrase that has 63 bytes is the longest that anybody types"[:63]
RESERVED = "Gr\u00fc\u00dfe \u2615".encode()
IV = bytes(range(16, 32)) + b"more"
NAME = ti_sender.device_name("K\u00fcche".encode())

# name: (SSID, password), of all senders
_TEXTS = {
    "max_len": (LONG_SSID, LONG_KEY),
    "utf8_ssid": (UTF8, b"correct horse 42"),
    "open_network": (b"OpenCafe", b""),
    "utf8_open": (UTF8, b""),
    "max_open": (LONG_SSID, b""),
    "one": (b"a", b"b"),
    "utf8_password": (b"MyHomeNet-2G", "p\u00e4ssw\u00f6rd \u2615".encode()),
}


def names(start=""):
    """Of the cases whose protocol's name begins like that."""
    return sorted(name for name in ALL if name.startswith(start))


def load(name):
    """A vector: ssid, password, bssid, ip, key, extra, ssid_sent; see packets() too."""
    sent_by, (ssid, password), how = ALL[name]
    vector = {"protocol": name.split("__")[0], "name": name, "ssid": ssid, "password": password}
    vector["bssid"] = ":".join(["%02x" % octet for octet in BSSID])
    vector["ip"] = ADDRESS
    vector["key"] = None
    vector["extra"] = b""
    vector["ssid_sent"] = True
    vector["packets_of"] = sent_by(vector, **how)
    return vector


def packets(vector, cycles=1):
    """(destination, UDP length) of what is sent; one cycle is enough if nothing is lost."""
    for _ in range(cycles):
        for packet in vector["packets_of"]():
            yield packet[0], packet[1]


def _first(count, sender, *arguments):
    # What begins that sender's packets, ever again.
    def packets():
        sent = sender(*arguments)
        for _ in range(count):
            yield next(sent)

    return packets


def _listed(to, *parts):
    # parts: (lengths, how many of them).
    def packets():
        for lengths, count in parts:
            for i in range(count):
                yield to, lengths[i % len(lengths)]

    return packets


def _esptouch1(vector, multicast=False):
    ssid, password = vector["ssid"], vector["password"]
    return _first(2000, senders.esptouch1, ssid, password, BSSID, ADDRESS, multicast)


def _older(vector, year, hidden=False):
    # spec 1.1, the table of older senders.
    ssid, password = vector["ssid"], vector["password"]
    head = [9 + len(password) + len(ssid), len(password), crc8(ssid), crc8(BSSID)]
    rest = [int(part) for part in ADDRESS.split(".")] + list(password) + list(ssid)
    if year == 2015:
        head[0] -= 1
    else:
        xor = 0
        for byte in head + rest:
            xor ^= byte
        head.append(xor)
    text = head + rest
    if not hidden:
        text = text[: -len(ssid)]
        vector["ssid_sent"] = False
    if year == 2018:
        text += list(BSSID)
    data = []
    for index, byte in enumerate(text):
        crc = crc8((byte, index))
        data += [40 + (crc & 0xF0 | byte >> 4), 296 + index, 40 + ((crc & 15) << 4 | byte & 15)]
    guide = [259, 258, 257, 256] if year == 2015 else [515, 514, 513, 512]
    return _listed(EVERYBODY + ":7001", *[(guide, 240), (data, 480)] * 3)


def _esptouch2(vector, reserved=b"", security=0, port=0):
    ssid, password = vector["ssid"], vector["password"]
    vector["extra"] = reserved
    vector["token"] = port
    secret = iv = b""
    if security:
        vector["key"] = KEY
        iv = IV if security == 2 else b""
        secret = _cbc(password + reserved, iv[:16] or bytes(16))
    lengths = senders.esptouch2_packets(
        ssid, password, BSSID, reserved, port, security, secret, iv
    )
    return _listed("10.0.0.255:7001", (lengths, 4 * len(lengths)))


def _airkiss(vector, aes=False, port=10000, wechat=True, padded=False, zero=False, prefixed=False):
    password = vector["password"]
    if aes:
        vector["key"] = KEY
        password = _cbc(password, KEY)
    vector["token"] = 0x5A
    parts = senders.airkiss_passes(vector["ssid"], password, 0x5A, padded, zero, prefixed)
    if wechat:
        return _first(1800, senders.airkiss, parts, port)
    # zhchbin, CTEG, SourceLink: guides, 20 times the magic, 15 times prefix and data
    magic, _, data = parts
    return _listed(
        EVERYBODY + ":%d" % port, ((1, 2, 3, 4), 200), (magic, 80), (data, 15 * len(data))
    )


def _cbc(data, iv):
    import cryptolib

    pad = 16 - len(data) % 16
    return cryptolib.aes(KEY, 2, iv).encrypt(data + bytes((pad,)) * pad)


def _cc3000(vector, aes=False):
    vector["key"] = KEY if aes else None
    return _first(1400, ti_sender.cc3000, vector["ssid"], vector["password"], vector["key"])


def _ti(vector, sender, aes=False, extra=b"", group=0):
    ssid, password = vector["ssid"], vector["password"]
    vector["key"] = KEY if aes else None
    vector["extra"] = extra
    return _first(2000, sender, ssid, password, vector["key"], extra, group)


def _easylink(vector):
    info = b"#" + bytes([int(part) for part in ADDRESS.split(".")])
    return _first(500, senders.easylink, vector["ssid"], vector["password"], info)


def _tuya(vector):
    token = vector["extra"] = b"EU0123456789ab"
    lengths = senders.tuya_lengths(vector["ssid"], vector["password"], token)
    return _first(80 + 8 * len(lengths), senders.tuya, lengths)


ALL = {}


def _add(kind, of, only=(), most=64, **how):
    for name, (ssid, password) in _TEXTS.items():
        if not only or name in only:
            ALL[kind + "__" + name] = (of, (ssid, password[:most]), how)


_add("esptouch_v1", _esptouch1)
_add("esptouch_v1__multicast", _esptouch1, ("max_len", "utf8_ssid", "one"), multicast=True)
for _year in (2015, 2017, 2018):  # those of 2017 are of 2015-06 to 2018-05
    _add("esptouch_v1_%d" % _year, _older, year=_year)
    _add("esptouch_v1_%d__hidden" % _year, _older, year=_year, hidden=True)
_add("esptouch_v2", _esptouch2)
_add("esptouch_v2__reserved", _esptouch2, reserved=RESERVED, port=3)
_add("esptouch_v2__ascii_reserved", _esptouch2, reserved=b"x" * 64, port=1)
_add("esptouch_v2__long_reserved", _esptouch2, reserved=b"\xff" * 64, port=2)
_add("esptouch_v2__aes1", _esptouch2, security=1)
_add("esptouch_v2__aes2", _esptouch2, security=2, reserved=RESERVED)
_add("esptouch_v2__aes2_long", _esptouch2, security=2, reserved=b"\xfe" * 64)
_add("airkiss", _airkiss)
_add("airkiss__padded", _airkiss, padded=True)
_add("airkiss__zero", _airkiss, ("one",), zero=True)
_add("airkiss__prefixed", _airkiss, prefixed=True, wechat=False, port=9080)
_add("airkiss__prefixed_zero", _airkiss, ("one",), prefixed=True, wechat=False, zero=True)
_add("airkiss__prefixed_padded", _airkiss, prefixed=True, wechat=False, padded=True)
_add("airkiss_aes", _airkiss, aes=True)
_add("airkiss_aes__padded", _airkiss, aes=True, padded=True)
_add("ti_cc3000_ftc", _cc3000, most=32)
_add("ti_cc3000_ftc__aes", _cc3000, most=32, aes=True)
_add("ti_smartconfig_gen1", _ti, sender=ti_sender.generation1)
_add("ti_smartconfig_gen1__named", _ti, extra=NAME, group=5, sender=ti_sender.generation1)
_add("ti_smartconfig_gen1__aes", _ti, most=32, aes=True, sender=ti_sender.generation1)
_add("ti_smartconfig_gen2", _ti, sender=ti_sender.generation2)
_add("ti_smartconfig_gen2__named", _ti, extra=NAME, group=15, sender=ti_sender.generation2)
_add("ti_smartconfig_gen2__aes", _ti, aes=True, sender=ti_sender.generation2)
_add(
    "ti_smartconfig_gen2__aes_named",
    _ti,
    aes=True,
    extra=NAME,
    group=5,
    sender=ti_sender.generation2,
)
_add("easylink_v2", _easylink)
_add("tuya_ez", _tuya)
