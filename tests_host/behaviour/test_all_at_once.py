# The page, TI's app, Espressif's app and a cable at one board: one result, told to all.
# MIT licence

import asyncio
import json
from binascii import unhexlify

import improv_line
from espressif import App
from harness import http, simulated
from loopback import free_port

HOST = "127.0.0.1"
HOME, KEY = "HomeNet", "correct horse battery"
BOARD_HEAP = 128 * 1024  # all methods at once

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STATUS = unhexlify("5200")


class Everybody:
    """All kinds of clients at the board of a run."""

    def __init__(self, run):
        from provisioning.settings import Settings

        self.port = free_port()
        Settings().update(http_port=self.port, dns_port=0, ap_address="", improv=0)
        self.cookie = {}
        self.events = []
        self.provisioner = run(lambda event: self.events.append(event.status))

    async def come(self):
        """They come when the board is ready."""
        while not self.provisioner.session or not self.provisioner.session.address:
            await asyncio.sleep_ms(50)
        await asyncio.sleep_ms(500)
        session = self.provisioner.session
        self.cable = improv_line.Client(session)
        self.app = App(self._post, session.identity.pop.encode())
        assert await self.app.shake()

    async def ask(self, method, path, body=b"", headers=None):
        return await http(method, HOST, self.port, path, body, headers)

    async def _post(self, endpoint, data):
        status, headers, body = await self.ask("POST", "/" + endpoint, data, self.cookie)
        if "set-cookie" in headers:
            self.cookie = {"Cookie": headers["set-cookie"]}
        return body if status == 200 else None

    async def status(self):
        """What the page's API says."""
        return json.loads((await self.ask("GET", "/v1/status"))[2])

    async def decided(self):
        """Wait until it has worked, or has not."""
        state = self.provisioner.session.progress
        while state().state not in ("connected", "failed"):
            await asyncio.sleep_ms(50)


@simulated("esp32", ap_address=HOST)
async def test_all_see_one_failure_and_one_success(board):
    import provisioning

    def run(on_event):
        made = provisioning.Provisioner(on_event)
        assert made.start(provisioning.MODE_APSC) == 0
        return made

    all_ = Everybody(run)
    await all_.come()
    assert (await all_.status())["state"] == "waiting"
    assert await all_.app.ask("prov-config", STATUS) == "08015a021002"
    assert await all_.cable.ask(2) == [("error", 0), ("state", 2)]

    # Espressif's app hands over a wrong password.
    taken = ("08036a00", "08057a00")
    assert await all_.app.hand_over(HOME.encode(), b"incorrect donkey") == taken
    await all_.decided()
    assert (await all_.status())["reason"] == "wrong_password"
    said = await all_.ask("GET", "/__SL_G_MCR")
    assert said[2] == b"2", said
    assert await all_.app.ask("prov-config", STATUS) == "08015a0410035000"
    heard = await all_.cable.heard(200)
    assert [what for what in heard if what[0] == "state"][-1] == ("state", 2)

    # The cable brings the right one; the others come too late.
    all_.cable.line.bring(improv_line.wifi(HOME, KEY))
    while all_.provisioner.session.progress().state not in ("joining", "addressing"):
        await asyncio.sleep_ms(10)
    cafe = json.dumps({"ssid": "CafeFree"}).encode()
    assert (await all_.ask("POST", "/v1/profiles", cafe, JSON))[0] == 202
    assert (await all_.ask("POST", "/v1/confirm", b"{}", JSON))[0] == 409
    said = await all_.app.hand_over(b"Flaky", b"flakyflaky")
    assert said == ("08036a00", "08057a020805")
    await all_.decided()
    assert (await all_.status())["ssid"] == HOME
    assert (await all_.ask("GET", "/__SL_G_MCR"))[2] == b"5"
    said = unhexlify(await all_.app.ask("prov-config", STATUS))
    assert HOME.encode() in said and said[:3] == b"\x08\x01\x5a"
    heard = await all_.cable.heard(200)
    assert [what for what in heard if what[0] == "state"][-1] == ("state", 4)

    outcome = await all_.provisioner.wait()
    assert outcome and outcome.link.ssid == HOME
    assert [profile.ssid for profile in provisioning.Profiles().all()] == [HOME.encode()]
    assert all_.events.count(5) == all_.events.count(12) == 1
    await all_.cable.listener.stop()
    assert not any(KEY in line or "donkey" in line for line in board.output)
