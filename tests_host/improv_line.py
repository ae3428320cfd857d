# A serial line with nothing but a client at its other end: it speaks Improv, by hand.
# MIT licence
"""client = Client(session)          # a Listener that listens on a Line of ours
client.say(2)                    # current state
await client.heard()             # [("error", 0), ("state", 2)]
"""

import asyncio

NOTHING, END = -1, -2
HOME, KEY = b"HomeNet", b"correct horse battery"
# Answers as answers() gives them.
OK, UNABLE = ("error", 0), ("error", 3)
READY, PROVISIONING, PROVISIONED = ("state", 2), ("state", 3), ("state", 4)
KINDS = {1: "state", 2: "error", 4: "result"}


class Line:
    """As those of lines.py; `written` is what the board wrote."""

    has_prompt = True

    def __init__(self):
        self.written = bytearray()
        self.is_closed = self.is_gone = False
        self._waiting = bytearray()
        self._place = 0

    def bring(self, data):
        """Bytes for the board."""
        self._waiting.extend(data)

    def left(self):
        """How many bytes the board has not read yet."""
        return len(self._waiting) - self._place

    async def wait(self):
        while True:
            byte = self.read()
            if byte != NOTHING:
                return byte
            await asyncio.sleep_ms(20)

    def read(self):
        if self._place < len(self._waiting):
            self._place += 1
            return self._waiting[self._place - 1]
        return END if self.is_gone else NOTHING

    def write(self, packet):
        assert not self.is_closed
        self.written.extend(packet)

    def close(self):
        assert not self.is_closed
        self.is_closed = True


def packet(kind, data, checksum=None):
    """A packet's bytes."""
    body = b"IMPROV\x01" + bytes([kind, len(data)]) + bytes(data)
    return body + bytes([sum(body) & 255 if checksum is None else checksum])


def command(number, data=b""):
    """A command's packet."""
    return packet(3, bytes([number, len(data)]) + data)


def wifi(ssid, key):
    """The command that hands a network over."""
    ssid, key = (text if isinstance(text, bytes) else text.encode() for text in (ssid, key))
    return command(1, bytes([len(ssid)]) + ssid + bytes([len(key)]) + key)


def answers(written):
    """What a board wrote, as [("state" or "error", number) or ("result", command, [bytes])].

    AssertionError where that is not one packet after another, each on a line of its own.
    """
    found, place = [], 0
    while place < len(written):
        assert bytes(written[place : place + 8]) == b"\nIMPROV\x01", bytes(written[place:])
        kind, length = written[place + 8], written[place + 9]
        data = bytes(written[place + 10 : place + 10 + length])
        end = place + 10 + length
        assert bytes(written[place + 1 : end + 1]) == packet(kind, data)
        assert written[end + 1] == 10
        place = end + 2
        if kind == 4:
            assert data[1] == len(data) - 2
            found.append(("result", data[0], _texts(data[2:])))
        else:
            assert len(data) == 1
            found.append((KINDS[kind], data[0]))
    return found


def _texts(data):
    texts = []
    while data:
        assert data[0] < len(data)
        texts.append(data[1 : data[0] + 1])
        data = data[data[0] + 1 :]
    return texts


class Client:
    """A client of a session's board; line: its end of the cable."""

    def __init__(self, session):
        from provisioning.methods.improv.listener import Listener

        self.line = Line()
        self.listener = Listener(session, self.line)
        self.listener.start()

    def say(self, number, data=b""):
        """Send a command."""
        self.line.bring(command(number, data))

    async def heard(self, ms=50):
        """What the board wrote within a while, and was not asked for yet."""
        await asyncio.sleep_ms(ms)
        found = answers(self.line.written)
        self.line.written = bytearray()
        return found

    async def ask(self, number, data=b""):
        """Send a command; what is answered at once."""
        self.say(number, data)
        return await self.heard()


async def begin(**options):
    """A run, options as Engine.open()'s, and a client of its board: (Engine, Client)."""
    from engine import Engine

    engine = Engine()
    return engine, Client(await engine.open(**options))


async def end(engine, client):
    """End both; the Outcome."""
    await client.listener.stop()
    assert client.line.is_closed
    return await engine.end()
