# What the board says in mDNS, for its name and its service. Pure: bytes in, bytes out, no clock.
# MIT licence

from micropython import const

_A = const(1)
_PTR = const(12)
_TXT = const(16)
_SRV = const(33)
_NSEC = const(47)
_ANY = const(255)
_FLUSH = const(0x8000)  # in a record's class; in a question's: answer me alone
_TTL_HOST = const(120)  # RFC 6762 10
_TTL = const(4500)
_TTL_LEGACY = const(10)

_HTTP = b"\x05_http\x04_tcp\x05local\x00"

# Our records, by their place: two that others may have as well, then our own; the last two say
# that there is no other type (RFC 6762 6.1). As bits:
_ENUMERATION = const(1)
_SERVICE = const(2)
_OUR_SRV = const(4)
_OUR_TXT = const(8)
_OUR_A = const(16)
_NO_OTHER_SERVICE = const(32)
_NO_OTHER_HOST = const(64)
_FIRST_OWN = const(2)
_LAST_OWN = const(4)
_ANNOUNCED = const(30)

# Quarters of a second since the name was taken up: three probes, two announcements 1 s apart.
_READY = const(3)
_ANNOUNCE_AGAIN = const(7)
_DEFER = const(-4)
_MANY = const(15)  # names that were taken: from here on slowly (RFC 6762 8.1)
_SLOWLY = const(-20)

# How an answer goes out.
_ALONE = const(-1)
_LATER_MS = const(20)  # others may answer as well (RFC 6762 6)


class Responder:
    """Answers for the device `name` at `address` (4 bytes), an HTTP server on `port`.

    The name is the instance of the service _http._tcp.local; `host` (letters, digits and -) that
    of <host>.local. Where somebody else has one of them both get a number: lamp-2, and so on.
    Source: RFC 6762, 6763.
    """

    def __init__(self, name, host, address, port):
        self._name = name
        self._host = host
        self._address = address
        self._port = port
        self._number = 1
        self._now = 0
        self._take_name()
        self._step = 0

    def due(self):
        """What is to be multicast now, bytes or None. Call it each quarter of a second."""
        self._now += 1
        step = self._step
        if step <= _ANNOUNCE_AGAIN:
            self._step += 1
        if 0 <= step < _READY:
            return self._probe()
        if step == _READY or step == _ANNOUNCE_AGAIN:
            return self._packet(_ANNOUNCED)
        return None

    def goodbye(self):
        """The packet that takes all back, or None when nothing was announced."""
        return self._packet(_ANNOUNCED, ttl=0) if self._step > _READY else None

    def hear(self, packet, legacy=False):
        """A packet came. Returns (answer or None, wait).

        wait: -1 when the answer is for the asker alone. Else it is multicast: 0 at once, other
        numbers after so many milliseconds and up to 100 more.
        legacy: it came from another port than 5353, from a plain DNS client (RFC 6762 6.7).
        """
        try:
            if len(packet) >= 12 and not packet[2] & 0x78:
                if not packet[2] & 0x80:
                    return self._answer(packet, legacy)
                if not legacy:
                    self._heed(packet)
        except (IndexError, ValueError):
            pass  # broken
        return None, 0

    def _take_name(self):
        number = "" if self._number == 1 else "-" + str(self._number)
        name, host = self._name + number, self._host + number
        self.host = host.lower() + ".local"
        own = _label(host) + b"\x05local\x00"
        instance = _label(name) + _HTTP
        port = bytes((0, 0, 0, 0, self._port >> 8, self._port & 255))
        # (owner, type, time to live, data); TI's apps look for the srcvers (SWRA513C).
        self._records = (
            (b"\x09_services\x07_dns-sd\x04_udp\x05local\x00", _PTR, _TTL, _HTTP),
            (_HTTP, _PTR, _TTL, instance),
            (instance, _SRV, _TTL_HOST, port + own),
            (instance, _TXT, _TTL, b"\x06path=/\x0fsrcvers=1D90645"),
            (own, _A, _TTL_HOST, self._address),
            (instance, _NSEC, _TTL_HOST, instance + b"\x00\x05\x00\x00\x80\x00\x40"),
            (own, _NSEC, _TTL_HOST, own + b"\x00\x01\x40"),
        )
        self._sent = [-_ANNOUNCE_AGAIN] * 7

    # Others' records

    def _heed(self, packet):
        """A response: does somebody else have our name (RFC 6762 8.1, 9)?"""
        at = 12
        for _ in range(_number(packet, 4)):
            at = _end(packet, at) + 4
        for _ in range(_number(packet, 6) + _number(packet, 8) + _number(packet, 10)):
            found = _record(packet, at)
            at = found[4]
            if self._is_taken(packet, found):
                if self._step > _READY:
                    self._step = 0  # ask again; who has it will say so
                else:
                    self._number += 1
                    self._take_name()
                    self._step = 0 if self._number < _MANY else _SLOWLY
                return

    def _is_taken(self, packet, found):
        owner, kind, ttl, data, end = found
        if not ttl or kind == _NSEC:
            return False
        taken = False
        for place in range(_FIRST_OWN, _LAST_OWN + 1):
            record = self._records[place]
            if _same(packet, owner, record[0]):
                if kind == record[1]:
                    return not _same_data(packet, data, end, record)
                taken = self._step <= _READY  # nobody has it, of any type, before it is ours
        return taken

    def _loses(self, packet, at):
        """Does somebody who asks for our name at the same time come first (RFC 6762 8.2)?"""
        for _ in range(_number(packet, 6)):
            at = _record(packet, at)[4]
        for _ in range(_number(packet, 8)):
            owner, kind, _, data, at = _record(packet, at)
            for place in range(_FIRST_OWN, _LAST_OWN + 1):
                record = self._records[place]
                if kind == record[1] and _same(packet, owner, record[0]):
                    # SRV and TXT do not differ between two of us: the addresses decide.
                    if not _same_data(packet, data, at, record):
                        return packet[data:at] > record[3]
        return False

    # Questions

    def _answer(self, packet, legacy):
        wanted, alone, at = 0, True, 12
        for _ in range(_number(packet, 4)):
            end = _end(packet, at)
            asked = self._asked(packet, at, _number(packet, end), _number(packet, end + 2))
            if asked and not packet[end + 2] & 0x80:
                alone = False
            wanted |= asked
            at = end + 4
        probing = _number(packet, 8)
        if self._step <= _READY:
            if wanted and probing and self._loses(packet, at):
                self._step = _DEFER
            return None, 0
        if legacy:
            wanted &= ~(_NO_OTHER_SERVICE | _NO_OTHER_HOST)
            if not wanted:
                return None, 0
            return self._packet(wanted, _beside(wanted) & ~_NO_OTHER_HOST, packet[:at]), _ALONE
        wanted = self._unknown(packet, at, wanted)
        if not alone and not probing:
            wanted = self._not_just_said(wanted)
        if not wanted:
            return None, 0
        answer = self._packet(wanted, _beside(wanted))
        if alone:
            return answer, _ALONE
        for place in range(7):
            if wanted >> place & 1:
                self._sent[place] = self._now
        return answer, _LATER_MS if wanted & (_SERVICE | _ENUMERATION) else 0

    def _asked(self, packet, at, kind, klass):
        """The bits of the records that a question asks for."""
        bits = names = 0
        if klass & 0x7FFF in (1, 255):
            for place in range(7):
                record = self._records[place]
                if _same(packet, at, record[0]):
                    names |= 1 << place
                    if kind == record[1] or kind == _ANY and record[1] != _NSEC:
                        bits |= 1 << place
        # What there is not of our own names is said as well.
        return bits or names & (_NO_OTHER_SERVICE | _NO_OTHER_HOST)

    def _unknown(self, packet, at, wanted):
        """`wanted` without what the asker knows already (RFC 6762 7.1)."""
        try:
            for _ in range(_number(packet, 6)):
                owner, kind, ttl, data, at = _record(packet, at)
                for place in range(7):
                    record = self._records[place]
                    if wanted >> place & 1 and kind == record[1] and ttl * 2 >= record[2]:
                        if _same(packet, owner, record[0]):
                            if _same_data(packet, data, at, record):
                                wanted &= ~(1 << place)
        except IndexError:
            pass  # longer than what we take in
        return wanted

    def _not_just_said(self, wanted):
        """`wanted` without what was multicast within the last second (RFC 6762 6)."""
        for place in range(7):
            if self._now - self._sent[place] < 4:
                wanted &= ~(1 << place)
        return wanted

    # Packets

    def _probe(self):
        packet = bytearray(b"\0\0\0\0\0\2\0\0\0\3\0\0")
        for place in (_FIRST_OWN, _LAST_OWN):
            packet += self._records[place][0] + b"\0\xff\x80\1"
        for place in range(_FIRST_OWN, _LAST_OWN + 1):
            _write(packet, self._records[place], 1)
        return packet

    def _packet(self, wanted, beside=0, query=None, ttl=None):
        """A response with these records. query: head and questions of a legacy one, or None."""
        packet = bytearray(query or 12)
        beside &= ~wanted
        packet[2:12] = b"\x84\0\0%c\0\0\0\0\0\0" % (packet[5] if query else 0)
        for bits, count in ((wanted, 7), (beside, 11)):
            for place in range(7):
                if bits >> place & 1:
                    packet[count] += 1
                    own = place >= _FIRST_OWN and not query
                    limit = _TTL_LEGACY if query else ttl
                    _write(packet, self._records[place], 1 | _FLUSH if own else 1, limit)
        return packet


def _label(text):
    data = text.encode()
    return bytes((len(data),)) + data


def _beside(wanted):
    """What the asker wants to know next (RFC 6763 12)."""
    beside = 0
    if wanted & _SERVICE:
        beside |= _OUR_SRV | _OUR_TXT | _OUR_A
    if wanted & _OUR_SRV:
        beside |= _OUR_A
    if (wanted | beside) & _OUR_A:
        beside |= _NO_OTHER_HOST
    return beside


def _write(packet, record, klass, limit=None):
    owner, kind, ttl, data = record
    if limit is not None:
        ttl = min(ttl, limit)
    packet += owner
    packet += bytes((0, kind, klass >> 8, 1, 0, 0, ttl >> 8, ttl & 255, 0, len(data)))
    packet += data


# Packets of others. What is too short raises IndexError.


def _number(packet, at):
    return packet[at] << 8 | packet[at + 1]


def _end(packet, at):
    """Where the name at `at` ends."""
    while packet[at]:
        if packet[at] >= 0xC0:
            return at + 2
        at += 1 + packet[at]
    return at + 1


def _record(packet, at):
    """(where its name is, type, time to live, where its data is, where it ends)."""
    end = _end(packet, at)
    ttl = _number(packet, end + 4) << 16 | _number(packet, end + 6)
    data = end + 10
    last = data + _number(packet, end + 8)
    if last > len(packet):
        raise IndexError
    return at, _number(packet, end), ttl, data, last


def _same(packet, at, name):
    """Is the name at `at` (compressed or not) this one (bytes)? Letters of any case."""
    here = jumps = 0
    while True:
        size = packet[at]
        if size >= 0xC0:
            at = (size & 63) << 8 | packet[at + 1]
            jumps += 1
            if jumps > 10:
                raise ValueError  # it goes in circles
            continue
        if size != name[here]:
            return False
        if not size:
            return True
        at += 1 + size
        here += 1 + size
        if packet[at - size : at].lower() != name[here - size : here].lower():
            return False


def _same_data(packet, at, end, record):
    kind, data = record[1], record[3]
    if kind == _PTR:
        return _same(packet, at, data)
    if kind == _SRV:
        return packet[at : at + 6] == data[:6] and _same(packet, at + 6, data[6:])
    return packet[at:end] == data
