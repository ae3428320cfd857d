# The board says where it is on the network that it joined: TI's UDP broadcast, and mDNS.
# MIT licence

import asyncio
import os
import socket
import sys

from micropython import const

from .. import tasks, udp

_TICK_MS = const(250)
_PORT = const(1501)  # TI's apps listen there (SWRA513C 5.1.1)
_TICKS = const(4)  # from one broadcast to the next: 1 s
_MDNS = const(5353)
_GROUP = "224.0.0.251"
_PACKET_MAX = const(1024)  # what is longer has its questions in front
_PAUSE_MS = const(50)

# Linux's numbers, for which the unix port has no names.
_LINUX = const(35)  # IP_ADD_MEMBERSHIP
_IP_MULTICAST_IF = const(32)
_IP_MULTICAST_TTL = const(33)


class Announcer:
    """Says on the network of `address` that `name` is there, until stop().

    Once a second a UDP broadcast to port 1501, "<address>,<name>"; and mDNS (mdns.py), unless port
    5353 or the multicast group cannot be had: that is said on the console. The firmwares of ESP32
    and Pico W have the port for their own <hostname>.local, those built without leave it to us.
    name: the device name. netmask: of the network. port: where HTTP is. OSError when `address`
    cannot be sent from.
    """

    def __init__(self, name, address, netmask, port):
        self._text = (address + "," + name).encode()
        self._everybody = _place(udp.broadcast(address, netmask), _PORT)
        self._socket = _open(address, 0)
        self._mdns = self._responder = None
        self._host = _hostname(name)
        self._group = _place(_GROUP, _MDNS)
        self._membership = _packed(_GROUP) + _packed(address)
        self._tasks = [asyncio.create_task(self._say())]
        try:
            self._mdns = _open("0.0.0.0", _MDNS)
            self._start_mdns(name, _packed(address), port)
        except (OSError, MemoryError) as error:
            if self._mdns:
                self._mdns.close()
                self._mdns = None
            print("provisioning: no mDNS, it is the firmware's or nobody's:", error)

    def _start_mdns(self, name, address, port):
        if sys.platform == "linux":
            # As lwIP does by itself: out of that network's interface, as far as 255 hops.
            self._mdns.setsockopt(0, _IP_MULTICAST_IF, address)
            self._mdns.setsockopt(0, _IP_MULTICAST_TTL, 255)
        join = getattr(socket, "IP_ADD_MEMBERSHIP", _LINUX)
        self._mdns.setsockopt(0, join, self._membership)
        from . import mdns  # 5 kB, where they are of use

        self._responder = mdns.Responder(name, self._host, address, port)
        self._tasks.append(asyncio.create_task(self._listen()))

    @property
    def host(self):
        """The name by which mDNS finds us now, "lamp.local": ours, or the firmware's."""
        return self._responder.host if self._responder else self._host.lower() + ".local"

    async def stop(self):
        """Say goodbye, close the sockets and end the tasks."""
        for task in self._tasks:
            await tasks.end(task)
        if self._responder:
            _send(self._mdns, self._responder.goodbye(), self._group)
            # lwIP does not leave by itself; the ESP32's port has no call for it (1.25).
            option = getattr(socket, "IP_DROP_MEMBERSHIP", 0)
            try:
                if option:
                    self._mdns.setsockopt(0, option, self._membership)
            except OSError:
                pass  # the link has gone, and the membership with it
            self._mdns.close()
        self._socket.close()

    async def _say(self):
        tick = 0
        while True:
            try:
                if tick % _TICKS == 0:
                    _send(self._socket, self._text, self._everybody)
                if self._responder:
                    _send(self._mdns, self._responder.due(), self._group)
            except MemoryError:
                pass  # the next may find room
            tick += 1
            await asyncio.sleep_ms(_TICK_MS)

    async def _listen(self):
        while True:
            try:
                packet, peer = await udp.recvfrom(self._mdns, _PACKET_MAX)
                answer, wait_ms = self._responder.hear(packet, _port(peer) != _MDNS)
                if wait_ms < 0:
                    _send(self._mdns, answer, peer)
                    continue
                if wait_ms:
                    await asyncio.sleep_ms(wait_ms + os.urandom(1)[0] % 100)
                _send(self._mdns, answer, self._group)
            except (OSError, MemoryError):
                await asyncio.sleep_ms(_PAUSE_MS)


def _open(address, port):
    """A UDP socket at this address (str) and port. OSError."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        for option in (socket.SO_REUSEADDR, socket.SO_BROADCAST):
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        sock.bind(_place(address, port))
    except OSError:
        sock.close()
        raise
    return sock


def _send(sock, data, place):
    try:
        if data:
            sock.sendto(data, place)
    except OSError:
        pass  # a full queue, a link that is away: it is said again


def _place(address, port):
    # MicroPython's unix port wants getaddrinfo's own address.
    return socket.getaddrinfo(address, port, 0, socket.SOCK_DGRAM)[0][-1]


def _hostname(name):
    # As the one for DHCP and for the firmware's own mDNS: radio.set_hostname().
    host = "".join(c if c.isalpha() or c.isdigit() else "-" for c in name if ord(c) < 128)
    return host[:32].strip("-") or "micropython"


def _packed(address):
    return bytes(int(part) for part in address.split("."))


def _port(peer):
    # MicroPython's unix port gives the sender as a raw sockaddr.
    return peer[1] if isinstance(peer, tuple) else peer[2] << 8 | peer[3]
