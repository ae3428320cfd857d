# The page, and its forms for browsers without JavaScript.
# MIT licence

import fakes

SSID = "50% off & más ☕"
KEY = 'p%40ss&w=rd+;ñ"'


def test_joining_without_javascript():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.air = [fakes.Network(SSID)]
            hexed = "".join(["%02x" % byte for byte in SSID.encode()]).encode()
            key = b"&key=p%2540ss%26w%3Drd%2B%3B%C3%B1%22"
            answer = await portal.post("/join?lang=de", b"network=" + hexed + b"&ssid=" + key)
            assert (answer.status, answer.headers["location"]) == (303, "/?lang=de")
            profile, replace = session.offers[0]
            assert (profile.ssid, profile.key, profile.hidden) == (
                SSID.encode(),
                KEY.encode(),
                False,
            )
            assert session.confirms == 1 and replace is None and len(session.offers) == 1
            # A typed name that is in no list belongs to a hidden network.
            assert (await portal.post("/join", b"network=&ssid=Hidden+One" + key)).status == 303
            assert session.offers[1][0].ssid == b"Hidden One" and session.offers[1][0].hidden
            await portal.post(
                "/join", b"ssid=" + SSID.encode().replace(b"%", b"%25").replace(b"&", b"%26")
            )
            assert session.offers[2][0].ssid == SSID.encode() and not session.offers[2][0].hidden
            answer = await portal.post("/rescan")
            assert (answer.status, answer.headers["location"]) == (303, "/")
            assert session.scans == 1

    fakes.run(main())


def test_a_form_that_cannot_be_shows_the_page_again():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.air = [fakes.Network("HomeNet")]
            for body in (
                b"",
                b"network=zz&key=password",
                b"ssid=" + b"x" * 33,
                b"network=486f6d654e6574&key=short",
            ):
                answer = await portal.post("/join", body)
                assert answer.status == 400 and b"</html>" in answer.body, body
                assert b"short" not in answer.body.split(b"<script")[0]
            assert not session.offers and not session.confirms
            session.fill()
            assert (await portal.post("/join", b"ssid=Other&key=password")).status == 400
            answer = await portal.post("/join", b"ssid=Other&key=password&replace=7")
            assert answer.status == 303 and session.offers[0][1] == 6
            assert (await portal.post("/join", b"ssid=Other&replace=8")).status == 400

    fakes.run(main())


def test_pages():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            for path in ("/", "/index.html", "/?lang=xx&lang=%ff", "/done"):
                answer = await portal.get(path)
                assert answer.status == 200 and b"</html>" in answer.body, path
                assert answer.headers["content-type"] == "text/html; charset=utf-8"
                assert answer.headers["x-frame-options"] == "DENY"
            answer = await portal.ask("HEAD", "/")
            assert (answer.status, answer.body) == (200, b"")
            answer = await portal.ask("GET", "/", headers=(("Accept-Language", "de-CH,de;q=0.9"),))
            assert b"<html lang=de" in answer.body or b'<html lang="de"' in answer.body
            session.succeed()
            await portal.get("/")
            assert not session.deliveries  # the page alone delivers nothing
            assert not (await portal.ask("HEAD", "/done")).body and not session.deliveries
            await portal.get("/done")
            assert session.deliveries == 1

    fakes.run(main())
