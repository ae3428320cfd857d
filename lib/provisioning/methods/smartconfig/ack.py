# Tells the phone, on the network that it named, that the board is there.
# MIT licence

import asyncio
import socket

from micropython import const

from ... import udp

_TIMES = const(30)
_EVERY_MS = const(100)
_ESPTOUCH = const(18266)
_ESPTOUCH2_STEP = const(10000)  # token n of version 2: port 18266 + n * 10000
_ESPTOUCH2_BACK = const(7002)  # where its app says that it has got it
_AIRKISS = const(10000)
_ANYWHERE = ("0.0.0.0", "255.255.255.255")


def message(heard, mac, address):
    """(bytes, port) of the acknowledgement; None: TI's apps look by mDNS and ask by HTTP, and
    EasyLink V2 and Tuya EZ know none that is sent from here.

    mac: the board's, 6 bytes; address: "192.168.1.50". Source: esp_smartconfig; AirKiss library.
    """
    what = heard.protocol
    packed = bytes(int(part) for part in address.split("."))
    if what == "esptouch_v2":
        return bytes((heard.token,)) + mac + packed, _ESPTOUCH + heard.token * _ESPTOUCH2_STEP
    if what.startswith("esptouch"):
        return bytes((heard.token,)) + mac + packed, _ESPTOUCH
    if what.startswith("airkiss"):
        return bytes((heard.token,)) + mac, _AIRKISS
    return None


async def send(heard, mac, link):
    """Send it on `link` for 3 s, to the phone where its address is known, and to everybody.

    Returns True if it left, or if this protocol knows none: its apps ask nobody; and False for
    TI's, which fetch the result. Only ESP-Touch v2's app answers; then it is over at once.
    """
    found = message(heard, mac, link.address)
    if not found:
        return not heard.protocol.startswith("ti_")
    data, port = found
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answers = heard.protocol == "esptouch_v2"
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setblocking(False)
        if answers:
            _bind(sock, _ESPTOUCH2_BACK)
        left = False
        for _ in range(_TIMES):
            for place in _places(heard, link):
                left = _sent(sock, data, place, port) or left
            await asyncio.sleep_ms(_EVERY_MS)
            if answers and _is_answered(sock):
                break
        return left
    finally:
        sock.close()


def _places(heard, link):
    places = ["255.255.255.255", udp.broadcast(link.address, link.netmask)]
    if heard.address and heard.address not in _ANYWHERE:
        places.append(heard.address)
    return places


def _bind(sock, port):
    try:
        sock.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
    except OSError:
        pass  # then its answer is not heard


def _sent(sock, data, place, port):
    try:
        sock.sendto(data, socket.getaddrinfo(place, port)[0][-1])
        return True
    except OSError:
        return False  # it is said again


def _is_answered(sock):
    try:
        return sock.recv(1) == b"\1"
    except OSError:
        return False  # nothing yet
