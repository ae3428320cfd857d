# protocomm on the portal's port: cookies, several clients, and what is no request of it.
# MIT licence

from binascii import unhexlify

import fakes
from espressif import App


class Phone:
    """A client of a portal with a cookie jar."""

    def __init__(self, portal, **how):
        self._portal = portal
        self.cookie = None
        self.status = None
        self.app = App(self.send, **how)

    async def send(self, endpoint, data):
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        if self.cookie:
            headers.append(("Cookie", self.cookie))
        answer = await self._portal.ask("POST", "/" + endpoint, data, headers)
        self.status = answer.status
        self.cookie = answer.headers.get("set-cookie", self.cookie)
        if answer.status == 200:
            return answer.body
        assert not answer.body
        return None

    async def provisions(self, ssid):
        said = await self.app.hand_over(ssid, b"secret12")
        return said == ("08036a00", "08057a00")


class Portal(fakes.Portal):
    """A portal with protocomm on it."""

    async def __aenter__(self):
        from provisioning.methods import protocomm

        self.protocomm = await protocomm.start(self.session)
        return await super().__aenter__()

    async def __aexit__(self, kind, error, trace):
        await super().__aexit__(kind, error, trace)
        await self.protocomm.stop()


def test_a_phone_from_the_version_to_the_result():
    async def main():
        async with Portal() as portal:
            phone = Phone(portal)
            said = await phone.send("proto-ver", b"ESP")
            for word in (b'"sec_ver": 1', b'"cap": ["wifi_prov", "wifi_scan"]', b'"ver": "v1.1"'):
                assert word in said
            cookie = phone.cookie
            assert cookie.startswith("session=") and cookie[8:].isdigit()
            assert await phone.app.shake()
            assert await phone.provisions(b"Home")
            assert phone.cookie == cookie
            portal.session.succeed(b"Home")
            assert (await phone.app.ask("prov-config", unhexlify("5200")))[:6] == "08015a"
            assert portal.session.deliveries == 1

    fakes.run(main())


def test_a_stale_cookie_begins_a_new_session():
    async def main():
        async with Portal() as portal:
            phone = Phone(portal)
            phone.cookie = "session=12345"
            assert await phone.app.shake()
            assert phone.cookie != "session=12345"
            assert await phone.provisions(b"Home")

    fakes.run(main())


def test_two_clients_at_once_do_not_disturb_each_other():
    async def main():
        async with Portal() as portal:
            anna, bob = Phone(portal), Phone(portal)
            assert await anna.app.shake()
            assert await bob.app.shake()
            assert await anna.provisions(b"Home")
            assert await bob.provisions(b"Cafe")
            assert [profile.ssid for profile, _ in portal.session.offers] == [b"Home", b"Cafe"]

    fakes.run(main())


def test_clients_that_vanish_leave_room_for_the_one_that_stays():
    async def main():
        async with Portal() as portal:
            anna = Phone(portal)
            assert await anna.app.shake()
            for _ in range(9):
                await Phone(portal).send("proto-ver", b"ESP")
            assert await anna.provisions(b"Home")
            for _ in range(4):
                assert await Phone(portal).app.shake()
            assert not await anna.provisions(b"Home")  # four others are too many
            assert await anna.app.shake()
            assert await anna.provisions(b"Home")

    fakes.run(main())


def test_what_is_wrong_ends_the_session_without_a_word():
    async def main():
        async with Portal() as portal:
            for endpoint, data in (
                ("prov-session", b"\xff"),
                ("prov-session", b"\x10\x02\x62\x00"),  # security 2
                ("prov-session", b""),
                ("prov-config", unhexlify("5200")),
                ("prov-scan", b"\x08\x63"),
            ):
                phone = Phone(portal)
                assert await phone.send(endpoint, data) is None
                assert phone.status == 400
            phone = Phone(portal, pop=b"guess")
            assert not await phone.app.shake()
            assert phone.status == 400
            phone = Phone(portal)
            assert await phone.app.shake()
            assert await phone.app.ask("prov-config", b"\xff") is None
            assert await phone.app.ask("prov-config", unhexlify("5200")) is None
            assert not portal.session.offers

    fakes.run(main())


def test_other_methods_and_other_sites_are_not_answered():
    async def main():
        async with Portal() as portal:
            answer = await portal.get("/proto-ver")
            assert (answer.status, answer.headers["allow"]) == (405, "POST")
            origin = (("Origin", "http://evil.example"),)
            assert (await portal.ask("POST", "/proto-ver", b"ESP", origin)).status == 403
            host = (("Host", "evil.example"),)
            answer = await portal.ask("POST", "/proto-ver", b"ESP", host)
            assert b"sec_ver" not in answer.body

    fakes.run(main())


def test_where_it_is_off_nothing_answers():
    async def main():
        async with fakes.Portal() as portal:
            answer = await portal.ask("POST", "/proto-ver", b"ESP")
            assert answer.status == 404

    fakes.run(main())


def test_a_client_may_vanish_after_each_of_its_messages():
    async def steps(phone, count):
        # The first messages of a whole session; True when all of them were sent.
        async def limited(endpoint, data):
            nonlocal count
            if not count:
                raise EOFError
            count -= 1
            return await phone.send(endpoint, data)

        phone.app = App(limited)
        try:
            await limited("proto-ver", b"ESP")
            assert await phone.app.shake()
            await phone.app.ask("prov-scan", b"\x52\x00")
            await phone.app.ask("prov-scan", b"\x08\x02")
            await phone.app.ask("custom-data", b"lamp")
            await phone.app.hand_over(b"Gone", b"secret12")
        except EOFError:
            return False
        return True

    async def main():
        async with Portal() as portal:
            count = 0
            while not await steps(Phone(portal), count):
                assert not portal.session.confirms
                count += 1
                phone = Phone(portal)
                assert await phone.app.shake() and await phone.app.ask("prov-scan", b"\x08\x02")
            assert count == 8 and portal.session.confirms == 1

    fakes.run(main())
