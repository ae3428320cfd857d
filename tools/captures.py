# Reads what was on the air: pcap and pcapng files of 802.11 frames, and files of vectors.
# MIT licence
"""capture = captures.Capture(path); for record in capture: ...

A record is 16 bytes as lib's air.py takes them, or None for a frame that the board's filter would
not let through: so they can be counted. CaptureError, whose message is for a person, when the file
is none of these.
"""

import json
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests_host"))
import on_air

IEEE_802_11 = 105  # link types
RADIOTAP = 127
_REPEATED = 30  # a vector is sent so often
_KEY = 16
_LEAST, _MOST = 60, 1600  # lengths of frames
_TRANSMITTERS = 255
_GROUP = 1  # bit of an address's first octet
_PCAP = {  # magic: (byte order, fractions of a second)
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_RADIOTAP_FIELDS = ((8, 8), (1, 1))  # (alignment, size) of the time stamp and the flags
_HAS_FCS, _IS_PADDED, _IS_BAD = 0x10, 0x20, 0x40  # radiotap flags
_ORDER = 0x8000  # frame control, little endian: an HT control field follows
_PROTECTED, _RETRY, _FROM_DS, _TO_DS = 0x4000, 0x0800, 0x0200, 0x0100


class CaptureError(Exception):
    """This file cannot be read."""


class Capture:
    """The frames of a file, once. key: 16 bytes, if it says with which key what is in it was
    encrypted, else None. Later on: cut_off, whether it ends in the middle of a frame; and
    networks, the {BSSID: SSID} of the access points that were in it, as bytes."""

    def __init__(self, path):
        self.cut_off = False
        self.networks = {}
        self.key = None
        self._transmitters = {}
        try:
            self._data = Path(path).read_bytes()
        except OSError as error:
            raise CaptureError(error.strerror or str(error)) from None
        if not self._data:
            raise CaptureError("the file is empty")
        if self._data[:4] in _PCAP:
            self._frames = self._pcap()
        elif self._data[:4] == _PCAPNG:
            self._frames = self._pcapng()
        elif self._data.lstrip()[:1] == b"{":
            self._frames = self._vector(self._object())
        else:
            raise CaptureError("neither pcap nor pcapng nor a file of vectors")

    def __iter__(self):
        return self._frames

    # Files of vectors

    def _object(self):
        try:
            vector = json.loads(self._data)
        except (ValueError, RecursionError) as error:
            raise CaptureError(f"no JSON, or cut off: {error}") from None
        key = vector.get("key")
        if isinstance(key, str) and len(key.encode(errors="replace")) == _KEY:
            self.key = key.encode(errors="replace")
        return vector

    def _vector(self, vector):
        try:
            if "frames" in vector:
                yield from self._sniffed(vector["frames"])
            else:
                yield from on_air.records(_packets(vector["packets"]))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            raise CaptureError("JSON, but not a vector: packets or frames are needed") from None

    def _sniffed(self, frames):
        for number, frame in enumerate(frames):
            time_ms = frame[0] if len(frame) == 8 else 5 * number
            length, control, *addresses, sequence, _ = frame[-7:]
            one, two, three = (bytes.fromhex(address.replace(":", "")) for address in addresses)
            yield self._record(control, one, two, three, sequence, length, int(time_ms * 1000))

    # Captures

    def _pcap(self):
        order, fractions = _PCAP[self._data[:4]]
        if len(self._data) < 24:
            raise CaptureError("cut off in its header")
        link = struct.unpack_from(order + "I", self._data, 20)[0]
        fcs = (link >> 28) * 2 if link & 0x0400_0000 else 0
        link = _known(link & 0xFFFF)
        at = 24
        while at < len(self._data):
            if at + 16 > len(self._data):
                self.cut_off = True
                return
            seconds, part, kept, length = struct.unpack_from(order + "4I", self._data, at)
            at += 16
            if at + kept > len(self._data):
                self.cut_off = True
                return
            time_us = seconds * 1_000_000 + part * 1_000_000 // fractions
            yield self._frame(link, self._data[at : at + kept], length, time_us, fcs)
            at += kept

    def _pcapng(self):
        order = "<"
        links = []
        at = 0
        while at < len(self._data):
            if self._data[at : at + 4] == _PCAPNG:
                order = "<" if self._data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
                links = []
            if at + 12 > len(self._data):
                self.cut_off = True
                return
            kind, size = struct.unpack_from(order + "2I", self._data, at)
            if size < 12 or size % 4:
                raise CaptureError(f"damaged: a block of {size} bytes")
            if at + size > len(self._data):
                self.cut_off = True
                return
            body = self._data[at + 8 : at + size - 4]
            at += size
            try:
                if kind == 1:
                    links.append(_interface(order, body))
                elif kind in (2, 3, 6):
                    yield self._block(order, kind, body, links)
            except (struct.error, IndexError):
                raise CaptureError("damaged: a block that is too short") from None

    def _block(self, order, kind, body, links):
        # An enhanced, simple or obsolete packet.
        high = low = interface = 0
        if kind == 3:
            (length,) = struct.unpack_from(order + "I", body)
            kept, begin = length, 4
        elif kind == 2:
            interface, _, high, low, kept, length = struct.unpack_from(order + "2H4I", body)
            begin = 20
        else:
            interface, high, low, kept, length = struct.unpack_from(order + "5I", body)
            begin = 20
        link, fractions, fcs, kept_at_most = links[interface]
        if kind == 3 and kept_at_most:
            kept = min(kept, kept_at_most)
        time_us = (high << 32 | low) * 1_000_000 // fractions
        return self._frame(_known(link), body[begin : begin + kept], length, time_us, fcs)

    def _frame(self, link, data, length, time_us, fcs):
        # A record of a frame as it was captured, or None.
        flags = 0
        if link == RADIOTAP:
            if len(data) < 8:
                return None
            (header,) = struct.unpack_from("<H", data, 2)
            flags = _radiotap_flags(data[:header])
            data = data[header:]
            length -= header
            fcs = 4 if flags & _HAS_FCS else 0
        length -= fcs
        if len(data) < 24 or flags & _IS_BAD:
            return None
        control, one, two, three, sequence = struct.unpack_from("<H2x6s6s6sH", data)
        if control & 0x0C == 0:
            self._note_network(control, three, data[24:])
            return None
        if flags & _IS_PADDED and control & 0x0C == 8:
            head = 24 + (2 if control & 0x80 else 0) + (4 if control & _ORDER else 0)
            length -= -head % 4
        return self._record(control, one, two, three, sequence >> 4, length, time_us)

    def _note_network(self, control, bssid, body):
        # From a beacon or a probe's response.
        if control & 0xF0 in (0x80, 0x50) and len(body) > 14 and body[12] == 0:
            ssid = body[14 : 14 + body[13]]
            if len(ssid) == body[13] and ssid.strip(b"\0"):
                self.networks[bssid] = ssid

    def _record(self, control, one, two, three, sequence, length, time_us):
        # As the C module filters: data with something in it, to groups or from a station.
        way = control & (_TO_DS | _FROM_DS)
        if control & 0x4C != 8 or way not in (_TO_DS, _FROM_DS) or not _LEAST <= length <= _MOST:
            return None
        to = three if way == _TO_DS else one
        if not to[0] & _GROUP:
            if way == _FROM_DS:
                return None
            kind = 0
        else:
            kind = 1 if to == b"\xff" * 6 else 2
        flags = on_air.FROM_DS if way == _FROM_DS else 0
        flags |= on_air.RETRY if control & _RETRY else 0
        number = self._number(two)
        return on_air.record(length, sequence, flags, to[3:], kind, number, time_us)

    def _number(self, address):
        # The one that was not heard for longest gives its number away.
        numbers = self._transmitters
        number = numbers.pop(address, None)
        if number is None:
            number = len(numbers)
            if number == _TRANSMITTERS:
                number = numbers.pop(next(iter(numbers)))
        numbers[address] = number
        return number


def _packets(listed):
    # Each is (destination, length), or (destination, lengths).
    for _ in range(_REPEATED):
        for to, lengths in listed:
            for length in [lengths] if isinstance(lengths, int) else lengths:
                yield to, length


def _known(link):
    if link not in (IEEE_802_11, RADIOTAP):
        raise CaptureError(f"link type {link} is not of 802.11: a monitor interface gives 127")
    return link


def _interface(order, body):
    # (link type, time units in a second, octets of FCS, octets kept of a frame) of a description.
    link, kept = struct.unpack_from(order + "H2xI", body)
    fractions, fcs = 1_000_000, 0
    at = 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(order + "2H", body, at)
        value = body[at + 4 : at + 4 + size]
        if code == 0 or len(value) < size:
            break
        if code == 9 and size:  # if_tsresol
            fractions = 2 ** (value[0] & 127) if value[0] & 128 else 10 ** value[0]
        elif code == 13 and size:  # if_fcslen
            fcs = value[0]
        at += 4 + size + -size % 4
    return link, fractions, fcs, kept


def _radiotap_flags(header):
    # Its field is the second; the first bit map of the present fields may be followed by more.
    if len(header) < 8:
        return 0
    at = 4
    (present,) = struct.unpack_from("<I", header, at)
    more = present
    while more & 0x8000_0000 and at + 8 <= len(header):
        at += 4
        (more,) = struct.unpack_from("<I", header, at)
    at += 4
    for bit, (alignment, size) in enumerate(_RADIOTAP_FIELDS):
        if present & 1 << bit:
            at += -at % alignment
            if bit == 1 and at < len(header):
                return header[at]
            at += size
    return 0
