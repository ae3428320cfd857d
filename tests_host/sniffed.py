# Stands for the C module that listens: tests put a phone on the air, and the board's time passes.
# MIT licence

import sys

import on_air
from engine import Portal

HOME = (b"HomeNet", b"correct horse battery")
PHONE = (b"\x02\0\0\0\0\1", "192.168.1.100")
CHANNEL = 6  # where phones send
ROUTER = b"\x02\0\0\0\0\1"


class Sniffer:
    """Hears what is sent on the channel that it is tuned to; as there, the radio goes along.

    visited: the channels, in order. heard: how many frames were.
    """

    def __init__(self, board):
        self._board = board
        self._sent = iter(())
        self._next = None
        self.is_on = False
        self.visited = []
        self.heard = 0

    def send(self, packets, way=on_air.FROM_DS):
        """A phone begins to send. packets: (destination, length, pause in ms)."""
        self._sent = self._timed(packets, way)
        self._next = next(self._sent, None)

    def _timed(self, packets, way):
        now = self._board.now()
        for number, (to, length, pause_ms) in enumerate(packets):
            kind, group = on_air.destination(to)
            now += pause_ms
            yield now, on_air.record(length + 78, number & 0xFFF, way, group, kind)

    def start(self):
        assert not self.is_on
        self.is_on = True

    def stop(self):
        self.is_on = False

    def channel(self, number):
        if not 1 <= number <= 13:
            raise OSError(258)
        self.visited.append(number)
        self._board.sta.config(channel=number)

    def transmitter(self, number):
        return ROUTER

    def readinto(self, buffer):
        count = 0
        while self._next and self._next[0] <= self._board.now() and count < len(buffer) // 16:
            if self.is_on and self.visited[-1] == CHANNEL:
                buffer[count * 16 : count * 16 + 16] = self._next[1]
                count += 1
            self._next = next(self._sent, None)
        self.heard += count
        return count


def plug_in(board):
    """A board whose firmware can listen, from now on. Returns its Sniffer."""
    sniffer = sys.modules["wifi_sniffer"] = Sniffer(board)
    return sniffer


def unplug():
    """The firmware is a stock one again."""
    sys.modules["wifi_sniffer"] = object()


class Listening:
    """A board in a mode with SmartConfig. events: (id, status or SSID)."""

    def __init__(self, board, mode, **options):
        self.sniffer = plug_in(board)
        from provisioning import methods
        from provisioning.provisioner import Provisioner

        load, portal = methods.load, Portal()
        methods.load = lambda name: portal if name == "portal" else load(name)

        self.events = []
        self.provisioner = Provisioner(self._event)
        assert self.provisioner.start(mode, **options) == 0

    def _event(self, event):
        self.events.append((event.id, event.status if event.id == 13 else event.ssid))

    async def end(self):
        self.provisioner.stop()
        await self.provisioner.wait()
        unplug()
        assert not self.sniffer.is_on

    @property
    def session(self):
        return self.provisioner._run.session


class Sockets:
    """Stands for the module `socket` in ack.py: keeps what is sent. answer: what comes back."""

    AF_INET = SOCK_DGRAM = SOL_SOCKET = SO_BROADCAST = 0

    def __init__(self, answer=None):
        self.sent, self.bound, self._answer = [], 0, answer

    def socket(self, *_):
        return self

    def getaddrinfo(self, host, port):
        return [(0, 0, 0, "", (host, port))]

    def bind(self, place):
        self.bound = place[1]

    def sendto(self, data, place):
        self.sent.append((bytes(data), place))

    def recv(self, _):
        if self._answer is None or len(self.sent) < 10:
            raise OSError(11)
        return self._answer

    def setsockopt(self, *_):
        pass

    setblocking = close = setsockopt


def acknowledging(answer=None):
    """The Sockets that acknowledgements go through from now on. answer: what comes back."""
    from provisioning.methods.smartconfig import ack

    ack.socket = Sockets(answer)
    return ack.socket


def settings(**values):
    """Change the board's."""
    from provisioning.settings import Settings

    Settings().update(**values)
