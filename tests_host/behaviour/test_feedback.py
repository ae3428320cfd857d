# Local feedback: what the board gives and says on the network that it joined, from begin to end.
# MIT licence

import asyncio
import os
import sys

import fakes
import harness
from engine import Engine
from harness import simulated
from loopback import free_port

HOME = ("HomeNet", "correct horse battery")
RESULT = "/param_cfg_result.txt"
_PLACES = "provisioning.feedback.local", "provisioning.feedback.announce"


def address():
    """An address of the loopback that no other test has: Linux listens on all of them."""
    number = os.urandom(2)
    return "127.%d.%d.23" % (1 + number[0] % 250, number[1])


# The HTTP server


class Lan:
    """Local feedback alone, for a session without an engine, and a client of it."""

    async def __aenter__(self):
        from provisioning.feedback import local

        self.session = fakes.FakeSession(http_port=free_port())
        self.session.succeed()
        self.address = self.session.now.address = address()
        self.port = self.session.settings["http_port"]
        self.local = local.Local(self.session)
        await self.local.start(self.address, "255.255.255.0")
        return self

    async def __aexit__(self, *error):
        await self.local.stop()

    async def ask(self, method, path, body=b"", host=None, **headers):
        headers["Host"] = host or "%s:%d" % (self.address, self.port)
        return await harness.http(method, self.address, self.port, path, body, headers)


def test_it_gives_what_confirmation_needs():
    async def main():
        async with Lan() as lan:
            for path, value in (
                ("/param_device_name.txt", b"micropython-3f2a1b"),
                ("/__SL_G_DNP", b"micropython-3f2a1b"),
                ("/param_product_version.txt", b"R2.0"),
                ("/__SL_G_REV", b"R2.0"),
                ("/__SL_G_PIP", lan.address.encode()),
            ):
                status, headers, body = await lan.ask("GET", path)
                assert (status, body) == (200, value), path
                assert headers["content-type"].startswith("text/plain")
                status, _, body = await lan.ask("HEAD", path)
                assert (status, body) == (200, b""), path
            assert lan.session.deliveries == 0
            for number, path in enumerate((RESULT, "/__SL_G_MCR", RESULT + "?t=1")):
                assert (await lan.ask("GET", path))[2] == b"5"
                assert lan.session.deliveries == number + 1
            await lan.ask("HEAD", RESULT)
            assert lan.session.deliveries == 3, "HEAD shows nobody the result"

    fakes.run(main(), fast=False)


def test_it_gives_nothing_else():
    async def main():
        async with Lan() as lan:
            for path in (
                "/",
                "/index.html",
                "/done",
                "/v1/status",
                "/v1/profiles",
                "/netlist.txt",
                "/__SL_G_PN1",
                "/__SL_G_MCH",
                "/param_cfg_result.txt/",
                "/generate_204",
            ):
                assert (await lan.ask("GET", path))[0] == 404, path
            for path in ("/api/1/wlan/profile_add", "/v1/confirm", "/join", RESULT):
                for method in ("POST", "PUT", "DELETE", "OPTIONS"):
                    assert (await lan.ask(method, path, b"ssid=x"))[0] == 404, (method, path)
            assert not lan.session.offers and not lan.session.confirms
            assert lan.session.deliveries == 0

    fakes.run(main(), fast=False)


def test_only_its_own_names_are_answered():
    async def main():
        async with Lan() as lan:
            port = ":%d" % lan.port
            for host in ("micropython-3f2a1b" + port, "MicroPython-3F2A1B.local." + port):
                assert (await lan.ask("GET", RESULT, host=host))[0] == 200, host
            assert lan.session.deliveries == 2
            for host in ("evil.example" + port, "4.3.2.1" + port, lan.address + ":1", ""):
                assert (await lan.ask("GET", RESULT, host=host or "x"))[0] == 404, host
            assert (await lan.ask("GET", RESULT, Origin="http://evil.example"))[0] == 404
            assert lan.session.deliveries == 2, "a foreign page delivers nothing"

    fakes.run(main(), fast=False)


def test_nothing_listens_after_the_end():
    async def main():
        async with Lan() as lan:
            reader, writer = await asyncio.open_connection(lan.address, lan.port)
            writer.write(b"GET ")
            await writer.drain()
            await asyncio.sleep(0.05)
        try:
            assert await reader.read(100) == b""
        except OSError:
            pass
        await fakes.hang_up(writer)
        try:
            await lan.ask("GET", RESULT)
            raise AssertionError("it still listens")
        except OSError:
            pass

    fakes.run(main(), fast=False)


# Whole runs


class Home:
    """A run on a simulated board whose home network is the loopback of this machine."""

    def __init__(self, board, **settings):
        from provisioning.settings import Settings

        self.address = address()
        self.port = free_port()
        board.air.router("HomeNet").address = self.address
        Settings().update(http_port=self.port, **settings)
        self.engine = Engine()

    async def get(self, path=RESULT):
        """(status, body), or None: nobody listens."""
        try:
            status, _, body = await harness.http("GET", self.address, self.port, path)
            return status, body
        except OSError:
            return None


async def _fetch_from_the_lan(board, one_role):
    home = Home(board, one_role=one_role)
    engine = home.engine
    await engine.open()
    assert await home.get() is None, "not before"
    progress = await engine.hand_over(*HOME)
    assert progress.address == home.address
    await board.sleep_ms(1000)
    assert board.sta.isconnected() and board.ap.active() is not one_role
    assert await home.get("/__SL_G_PIP") == (200, home.address.encode())
    assert engine.statuses == [15, 16]
    start = board.now()
    assert await home.get() == (200, b"5")
    outcome = await engine.provisioner.wait()
    assert board.now() - start >= 1000, "the answer has left"
    assert engine.statuses == [15, 16, 5, 12]
    assert outcome.link.address == home.address and board.sta.isconnected()
    assert not board.ap.active() and await home.get() is None


@simulated("esp32", "rp2")
async def test_the_result_fetched_from_the_lan_ends_the_run(board):
    await _fetch_from_the_lan(board, False)


@simulated("esp32", "rp2")
async def test_with_one_role_the_result_is_fetched_from_the_lan_as_well(board):
    await _fetch_from_the_lan(board, True)


@simulated("esp32", "rp2")
async def test_with_one_role_an_unread_result_waits_on_the_access_point(board):
    home = Home(board, one_role=True, feedback_timeout_ms=20000)
    engine = home.engine
    await engine.open()
    await engine.hand_over(*HOME)
    start = board.now()
    await board.until(lambda: 4 in engine.statuses)
    assert 19000 <= board.now() - start <= 21500, board.now() - start
    await board.until(lambda: engine.portal.is_open)
    assert board.ap.active() and not board.sta.isconnected() and await home.get() is None
    assert [engine.portal.session.read_result() for _ in range(2)] == [4, 5]
    outcome = await engine.provisioner.wait()
    assert engine.statuses == [15, 16, 4, 5, 12] and outcome.link.ssid == "HomeNet"


@simulated("esp32", "rp2")
async def test_with_both_roles_the_result_may_be_read_on_either_side(board):
    home = Home(board, feedback_timeout_ms=20000)
    engine = home.engine
    session = await engine.open()
    await engine.hand_over(*HOME)
    await board.sleep_ms(500)
    assert (await home.get("/__SL_G_REV"))[0] == 200
    assert session.read_result() == 5
    await engine.provisioner.wait()
    assert engine.statuses == [15, 16, 5, 12] and await home.get() is None


@simulated("esp32")
async def test_after_a_timeout_another_network_can_be_tried(board):
    home = Home(board, feedback_timeout_ms=5000)
    engine = home.engine
    await engine.open()
    for _ in range(2):
        await engine.hand_over(*HOME)
        await board.sleep_ms(1000)
        assert (await home.get("/__SL_G_REV"))[0] == 200
        await engine.phase("CONFIG")
        await board.sleep_ms(100)
        assert await home.get("/__SL_G_REV") is None and board.ap.active()
    assert engine.portal.starts == 1, "the portal stayed open"
    await engine.end()
    assert engine.statuses == [15, 16, 4] * 2 + [12]


@simulated("esp32", "rp2")
async def test_an_external_confirmation_has_no_local_feedback(board):
    home = Home(board)
    engine = home.engine
    session = await engine.open(0, flags=1)
    from provisioning.profiles import Profile

    session.offer(Profile(*HOME))
    assert session.confirm()
    await engine.phase("CLOUD")
    await board.sleep_ms(1000)
    assert await home.get() is None
    assert "provisioning.feedback.local" not in sys.modules
    await engine.end()


@simulated("esp32", "rp2")
async def test_it_is_loaded_while_it_is_on_alone(board):
    home = Home(board, feedback_timeout_ms=5000)
    engine = home.engine
    await engine.open()
    assert not [name for name in _PLACES if name in sys.modules]
    await engine.hand_over(*HOME)
    await board.sleep_ms(500)
    assert [name for name in _PLACES if name not in sys.modules] == []
    await engine.phase("CONFIG")
    await board.sleep_ms(100)
    assert not [name for name in _PLACES if name in sys.modules]
    await engine.end()


@simulated("esp32", "rp2")
async def test_without_it_the_run_goes_on(board):
    home = Home(board)
    engine = home.engine
    board.air.router("HomeNet").address = "198.51.100.7"  # nothing of this machine's
    session = await engine.open()
    await engine.hand_over(*HOME)
    await board.sleep_ms(1000)
    assert board.printed("no feedback on HomeNet")
    assert session.read_result() == 5 and await engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_a_stop_in_the_middle_closes_everything(board):
    home = Home(board, one_role=True)
    await home.engine.open()
    await home.engine.hand_over(*HOME)
    await board.sleep_ms(500)
    assert (await home.get("/__SL_G_REV"))[0] == 200
    await home.engine.end()
    assert await home.get() is None and 5 not in home.engine.statuses


@simulated("esp32", "rp2")
async def test_where_memory_is_short_the_run_goes_on_without_it(board):
    home = Home(board)
    session = await home.engine.open()
    from provisioning.feedback import announce

    def refuse(*arguments):
        raise MemoryError("no room")

    announce.Announcer = refuse
    await home.engine.hand_over(*HOME)
    await board.sleep_ms(1000)
    assert board.printed("no feedback on HomeNet")
    assert await home.get() is None and _PLACES[0] not in sys.modules, "all is given back"
    assert session.read_result() == 5 and await home.engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_it_does_not_load_the_portal(board):
    home = Home(board, one_role=True)
    await home.engine.open()
    await home.engine.hand_over(*HOME)
    await board.sleep_ms(500)
    assert (await home.get("/__SL_G_REV"))[0] == 200
    assert (await home.get("/"))[0] == 404
    rooms = ("server", "json_api", "ti_api", "pages", "dns")
    loaded = ["provisioning.methods.portal." + room for room in rooms]
    assert not [name for name in loaded if name in sys.modules], "10 kB, where no portal is open"
    await home.engine.end()
