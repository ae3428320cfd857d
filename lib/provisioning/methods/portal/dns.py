# The captive DNS: every name has our address, so that a phone's own checks find the portal.
# MIT licence

import asyncio
import socket

from micropython import const

from ... import tasks, udp

_TTL_S = const(10)  # an answer of ours must not outlive the visit
_QUERY_MAX = const(512)
_REPLY_MAX = const(288)  # header 12, the longest name 255, type and class 4, one A record 16

_NOERROR = const(0)
_FORMERR = const(1)
_NXDOMAIN = const(3)
_NOTIMP = const(4)
_REFUSED = const(5)

_HEADER = const(12)
_TYPE_A = const(1)
_CLASS_IN = const(1)
_CLASS_ANY = const(255)

# Firefox asks for this name before it turns on DNS over HTTPS; NXDOMAIN keeps it off.
_DOH_CANARY = b"\x13use-application-dns\x03net\x00"


def answer(query, length, address, reply):
    """Write the answer to a DNS query into `reply`; returns its length, 0 when none is due.

    query: bytes, of which `length` count. address: our four bytes. reply: a bytearray of 288
    bytes, reused. A in class IN gets our address; every other type NOERROR without a record, since
    NXDOMAIN for AAAA or HTTPS would void the A as well. Replies, and what is shorter than a
    header, get none. The question comes back as it was sent (case included: 0x20), EDNS does not:
    the reply is built from header and question alone. RFC 1035 4.1, 2308, 9460, 6762 3 (.local).
    """
    if length < _HEADER or query[2] & 0x80:
        return 0  # to answer an answer makes two servers talk for ever
    if query[2] & 0x78:
        return _header(query, reply, _NOTIMP, 0)
    if query[4] or query[5] != 1:
        return _header(query, reply, _FORMERR, 0)
    name_end, last_label = _walk(query, length)
    end = name_end + 4
    if not name_end or end > length:
        return _header(query, reply, _FORMERR, 0)

    query_type = query[name_end] << 8 | query[name_end + 1]
    query_class = query[name_end + 2] << 8 | query[name_end + 3]
    code = _NOERROR
    answers = 0
    if query_class not in (_CLASS_IN, _CLASS_ANY):
        code = _REFUSED
    elif query[_HEADER:name_end].lower() == _DOH_CANARY:
        code = _NXDOMAIN
    elif query_type == _TYPE_A and query[last_label:name_end].lower() != b"\x05local\x00":
        answers = 1

    _header(query, reply, code, 1)
    reply[_HEADER:end] = query[_HEADER:end]
    if not answers:
        return end
    reply[7] = 1
    # The name is the question's; type A, class IN, time to live, four bytes.
    reply[end : end + 12] = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00%c\x00\x04" % _TTL_S
    reply[end + 12 : end + 16] = address
    return end + 16


def _header(query, reply, code, questions):
    reply[0:2] = query[0:2]
    reply[2] = 0x84 | query[2] & 0x01  # an answer, authoritative; RD comes back
    reply[3] = 0x80 | code  # recursion available: a phone asks nobody else
    reply[4:_HEADER] = b"\x00%c\x00\x00\x00\x00\x00\x00" % questions
    return _HEADER


def _walk(query, length):
    # (end of the question's name, start of its last label), or (0, 0) when it is none.
    position = last = _HEADER
    while position < length and position < _HEADER + 255:
        size = query[position]
        if size == 0:
            return position + 1, last
        if size > 63:  # a pointer: nothing comes before a question that it could point to
            break
        last = position
        position += 1 + size
    return 0, 0


class Server:
    """Answers on UDP until stop(). One socket, one buffer, one task."""

    def __init__(self, address, port):
        """Bind to `address` (IPv4, str) and `port`, 1 to 65535. OSError when that cannot be."""
        self._address = bytes(int(part) for part in address.split("."))
        self._reply = bytearray(_REPLY_MAX)
        # MicroPython's unix port wants getaddrinfo's own address.
        place = socket.getaddrinfo(address, port, 0, socket.SOCK_DGRAM)[0][-1]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.bind(place)
        except OSError:
            self._socket.close()
            raise
        self._task = asyncio.create_task(self._serve())

    async def stop(self):
        """Close the socket and end the task."""
        try:
            await tasks.end(self._task)
        except MemoryError:
            pass
        self._socket.close()

    async def _serve(self):
        reply = memoryview(self._reply)
        while True:
            try:
                query, peer = await udp.recvfrom(self._socket, _QUERY_MAX)
                size = answer(query, len(query), self._address, self._reply)
                if size:
                    self._socket.sendto(reply[:size], peer)
            except (OSError, MemoryError):
                # A full send queue, or a peer that went away: the next query may be another's.
                await asyncio.sleep(0.05)
