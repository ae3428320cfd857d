# The serial lines on which Improv is spoken: the console beside the REPL, or a UART of its own.
# MIT licence

import asyncio
import select
import sys

import micropython
from micropython import const

NOTHING = const(-1)  # no byte is there now
END = const(-2)  # there will never be one again
_CTRL_C = const(3)
_ROOM = const(512)  # a packet is up to 266 bytes


class Line:
    """A serial line: bytes one by one, since a board's read() of more waits for all of them.

    rx, tx: streams. has_prompt: it is the REPL's too.
    """

    has_prompt = False

    def __init__(self, rx, tx):
        self._rx, self._tx = rx, tx
        self._reader = asyncio.StreamReader(rx)
        self._poller = select.poll()
        self._poller.register(rx, select.POLLIN)
        self._byte = bytearray(1)

    async def wait(self):
        """Wait for a byte. Returns it, NOTHING or END."""
        return self._taken(await self._reader.readinto(self._byte))

    def read(self):
        """The byte that is there, NOTHING or END."""
        for _ in self._poller.ipoll(0):
            return self._taken(self._rx.readinto(self._byte))
        return NOTHING

    def write(self, packet):
        """Send a packet."""
        self._tx.write(packet)

    def close(self):
        """Leave the line as it was."""
        self._poller.unregister(self._rx)

    def _taken(self, count):
        if count:
            return self._byte[0]
        return NOTHING if count is None else END


class Console(Line):
    """The board's console, without its Ctrl-C from here to close().

    A packet has the byte 3 in it: left alone, the port would make a KeyboardInterrupt of it.
    """

    has_prompt = True

    def __init__(self):
        super().__init__(sys.stdin.buffer, sys.stdout.buffer)
        micropython.kbd_intr(-1)

    def close(self):
        """Give Ctrl-C back."""
        micropython.kbd_intr(_CTRL_C)
        super().close()


class Uart(Line):
    """A UART, 115200 baud, on its usual pins; ValueError where there is none of this number."""

    def __init__(self, number):
        from machine import UART

        self._uart = UART(number, 115200, rxbuf=_ROOM, txbuf=_ROOM)
        super().__init__(self._uart, self._uart)

    def write(self, packet):
        """Send a packet; a UART takes as much at a time as there is room for."""
        while packet:
            packet = packet[self._tx.write(packet) or 0 :]

    def close(self):
        """Switch it off."""
        super().close()
        self._uart.deinit()
