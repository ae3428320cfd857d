# Waits on a serial line for the first packet; what answers it is loaded only then.
# MIT licence

import asyncio
import time

from micropython import const

from ... import tasks
from .lines import END, NOTHING

_HEADER = b"IMPROV"
_CTRL_C = const(3)
# So long nothing comes in the middle of a packet: the rest was lost.
_SILENCE_MS = const(500)
# While a packet comes in; a board keeps 260 bytes for us, 22 ms at 115200 baud.
_LOOK_MS = const(5)
_CHUNK = const(64)  # bytes, then others have their turn


class Listener:
    """Listens for `session` on a line of lines.py, from start() to stop(). No line: never.

    What is no packet is ignored, but for a Ctrl-C on the line of the prompt.
    """

    def __init__(self, session, line):
        self._session = session
        self._line = line
        self._task = None
        self._client = None  # commands.Commands, once there was a packet
        self._packet = None  # packets.Packet, likewise
        self._matched = 0  # bytes of the header
        self._inside = False  # of a packet

    @property
    def is_used(self):
        """Did somebody speak Improv?"""
        return self._client is not None

    def start(self):
        """Listen in the background."""
        if self._line:
            print("provisioning: listening for Improv")
            self._task = asyncio.create_task(self._run())

    async def stop(self):
        """Tell the client how it stands, and leave the line."""
        try:
            if self._client:
                await self._client.stop()
            task, self._task = self._task, None
            await tasks.end(task)
        finally:
            self._leave()

    def _leave(self):
        line, self._line = self._line, None
        if line:
            line.close()

    def _send(self, packet):
        if self._line:
            self._line.write(packet)

    async def _run(self):
        going = True
        try:
            while going:
                try:
                    going = await self._listen()
                except OSError as error:  # the line is gone
                    print("provisioning: Improv:", error)
                    going = False
                except Exception as error:  # no memory, say: the next packet may find some
                    print("provisioning: Improv:", error)
                    self._inside, self._matched = False, 0
        except KeyboardInterrupt:
            self._task = None  # the loop never sees its end: nobody may wait for it
            raise
        finally:
            self._leave()

    async def _listen(self):
        """Take what comes until the line is silent. False at its end."""
        line = self._line
        byte = await line.wait()
        since = time.ticks_ms()
        taken = 0
        while byte != END:
            if byte != NOTHING:
                self._take(byte)
                since = time.ticks_ms()
                taken += 1
                if not taken % _CHUNK:
                    await asyncio.sleep_ms(0)
            elif self._is_silent(since):
                return True
            else:
                await asyncio.sleep_ms(_LOOK_MS)
            byte = line.read()
        return False

    def _is_silent(self, since):
        if not self._inside and not self._matched:
            return True
        if time.ticks_diff(time.ticks_ms(), since) < _SILENCE_MS:
            return False
        self._inside, self._matched = False, 0
        return True

    def _take(self, byte):
        if self._inside:
            self._inside = self._packet.feed(byte)
            if self._packet.is_whole:
                self._client.take(self._packet)
            elif not self._inside and self._packet.is_foreign:
                self._look_for_header(byte)
        else:
            self._look_for_header(byte)

    def _look_for_header(self, byte):
        if byte == _HEADER[self._matched]:
            self._matched += 1
            if self._matched == len(_HEADER):
                self._matched = 0
                self._begin()
            return
        self._matched = int(byte == _HEADER[0])
        if byte == _CTRL_C and self._line.has_prompt:
            # It leaves the event loop, as one of the port's own does.
            raise KeyboardInterrupt

    def _begin(self):
        if not self._client:
            from . import commands, packets

            self._packet = packets.Packet()
            self._client = commands.Commands(self._session, self._send)
        self._packet.begin()
        self._inside = True
