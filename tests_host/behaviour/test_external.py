# The external method of our own: TI's mode 3 with a phone that speaks JSON over TCP.
# MIT licence

import asyncio
import json

from engine import stored
from harness import hang_up, simulated
from loopback import free_port
from ti_host import HOME, TiHost


class Phone:
    """Speaks the protocol."""

    def __init__(self, port):
        self._port = port

    async def connect(self):
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def say(self, text):
        """Send a line; the answer as a dict, or None when the board hung up."""
        self._writer.write(text.encode() + b"\n")
        await self._writer.drain()
        line = await self._reader.readline()
        return json.loads(line) if line else None

    async def hand_over(self, ssid, key=""):
        return await self.say(json.dumps({"ssid": ssid, "key": key}))

    async def leave(self):
        await hang_up(self._writer)


async def opened(timeout_s=600):
    """A board that waits in mode 3. Returns (host, task of run(), phone)."""
    from provisioning.external import External

    host = TiHost()
    port = free_port()
    task = asyncio.create_task(External(port).run(timeout_s))
    phone = Phone(port)
    while host.phase != 2:
        await asyncio.sleep_ms(50)
    await asyncio.sleep_ms(200)
    await phone.connect()
    return host, task, phone


@simulated("esp32", "rp2")
async def test_the_phone_uses_it(board):
    host, task, phone = await opened()
    assert await phone.say("hello") == {
        "state": "failed",
        "error": "not a line of JSON with ssid and key",
    }
    assert host.phase == 2, "that was nothing"
    answer = await phone.hand_over("HomeNet", "incorrect donkey")
    assert answer == {"state": "failed", "reason": 204}
    assert board.ap.active() and host.phase == 0, "the phone is still on our access point"
    answer = await phone.hand_over("HomeNet", "short")
    assert answer == {"state": "failed", "error": "SL_ERROR_WLAN_PASSWORD_ERROR"}
    assert stored() == []
    assert await phone.hand_over(*HOME) == {"state": "connected"}
    assert board.ap.active(), "the answer has to arrive"
    assert await task is True
    assert stored() == [(b"HomeNet", b"correct horse battery")] and not board.ap.active()
    await phone.leave()


@simulated("esp32", "rp2")
async def test_the_phone_uses_the_portal_instead(board):
    host, task, phone = await opened()
    host.hand_over(*HOME)
    await board.until(lambda: board.sta.isconnected())
    answer = await phone.hand_over("CafeFree")
    assert answer["state"] == "failed" and "somebody else" in answer["error"]
    await board.sleep_ms(4000)
    assert host.fetch() == 5
    assert await task is True
    assert stored() == [(b"HomeNet", b"correct horse battery")] and board.sta.isconnected()
    await phone.leave()


@simulated("esp32")
async def test_nobody_comes(board):
    host, task, phone = await opened(30)
    await phone.leave()
    assert await task is False
    assert host.phase == 0 and not board.ap.active()


@simulated("esp32")
async def test_the_phone_gives_up(board):
    host, task, phone = await opened(30)
    assert (await phone.hand_over("Nowhere", "password"))["reason"] == 203
    await phone.leave()
    assert await task is False
    assert not board.ap.active() and stored() == []


@simulated("esp32")
async def test_a_phone_that_says_too_much_is_left(board):
    host, task, phone = await opened(30)
    assert await phone.say("x" * 400) is None
    await phone.leave()
    assert await task is False
