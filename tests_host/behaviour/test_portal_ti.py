# TI's HTTP API, URL by URL: what its apps, its page and the tools around them send.
# MIT licence

import fakes

SSID = "50% off & más ☕".encode()
KEY = b'p%40ss&w=rd+;\xc3\xb1"'
ADD = "/api/1/wlan/profile_add"
CONFIRM = "/api/1/wlan/confirm_req"


def encoded(data):
    """Percent-encoding as Java's URLEncoder does it."""
    out = ""
    for byte in data:
        char = chr(byte)
        if char == " ":
            out += "+"
        elif byte < 128 and (char.isalpha() or char.isdigit() or char in ".-*_"):
            out += char
        else:
            out += "%%%02X" % byte
    return out.encode()


def form(ssid, key, security=b"2", priority=b"0"):
    return b"__SL_P_P.A=%s&__SL_P_P.B=%s&__SL_P_P.C=%s&__SL_P_P.D=%s" % (
        encoded(ssid),
        security,
        encoded(key),
        priority,
    )


def test_an_app_provisions_the_board():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.air = [fakes.Network("HomeNet", -45), fakes.Network("CafeFree", -60, 0)]
            answer = await portal.get("/param_product_version.txt")
            assert (answer.status, answer.body) == (200, b"R2.0")
            body = b"__SL_P_SC1=10&__SL_P_SC2=1"
            assert (await portal.post("/api/1/wlan/en_ap_scan", body)).status == 204
            assert session.scans == 1
            items = (await portal.get("/netlist.txt")).body.split(b";")
            assert items == [b"2HomeNet", b"0CafeFree"] + [b"X"] * 28 + [b""]
            assert (await portal.post("/api/1/netapp/set_urn", b"__SL_P_S.B=Lamp+1")).status == 204
            assert (await portal.get("/param_device_name.txt")).body == b"Lamp 1"
            assert (await portal.get("/param_cfg_result.txt")).body == b"0"
            answer = await portal.post(ADD, form(b"HomeNet", b"correct horse battery"))
            assert (answer.status, answer.body) == (204, b"")
            assert (await portal.post(CONFIRM)).status == 204
            profile, replace = session.offers[0]
            assert (profile.ssid, profile.key) == (b"HomeNet", b"correct horse battery")
            assert (profile.security, profile.priority, replace) == (2, 0, None)
            assert session.confirms == 1 and session.activities >= 8
            session.succeed()
            assert (await portal.get("/param_cfg_result.txt")).body == b"5"

    fakes.run(main())


def test_the_characters_that_break_others_arrive_exactly():
    async def main():
        async with fakes.Portal() as portal:
            assert (await portal.post(ADD, form(SSID, KEY))).status == 204
            offers = portal.session.offers
            # The newest offer is tried first.
            assert (offers[-1][0].ssid, offers[-1][0].key) == (SSID, KEY)
            # What the key is if the app encoded it twice comes second: here "+" and "%40" decoded.
            assert [profile.key for profile, _ in offers[:-1]] == [b'p@ss&w=rd ;\xc3\xb1"']

    fakes.run(main())


def test_a_key_that_the_app_encoded_twice_is_tried_too():
    async def main():
        async with fakes.Portal() as portal:
            offers = portal.session.offers
            await portal.post(ADD, form(SSID, encoded(KEY)))
            assert [profile.key for profile, _ in offers] == [KEY, encoded(KEY)]
            assert [profile.ssid for profile, _ in offers] == [SSID, SSID]
            offers.clear()
            await portal.post(ADD, form(b"HomeNet", b"password"))
            assert len(offers) == 1  # nothing in it could be encoded
            offers.clear()
            # Encoded twice it is too long to be a key, decoded it is one.
            await portal.post(ADD, form(b"HomeNet", encoded(b"%" * 40)))
            assert [profile.key for profile, _ in offers] == [b"%" * 40]

    fakes.run(main())


def test_percent_signs_that_encode_nothing_stay():
    async def main():
        async with fakes.Portal() as portal:
            for sent, meant in (
                (b"50%25+off", b"50% off"),
                (b"50%+off", b"50% off"),
                (b"a%2", b"a%2"),
            ):
                portal.session.offers.clear()
                await portal.post(ADD, b"__SL_P_P.A=" + sent)
                assert portal.session.offers[0][0].ssid == meant, sent

    fakes.run(main())


def test_every_byte_of_an_ssid_and_a_key_arrives():
    async def main():
        async with fakes.Portal() as portal:
            for start in range(0, 256, 32):
                part = bytes(range(start, start + 32))
                portal.session.offers.clear()
                body = b"__SL_P_P.A=" + b"".join([b"%%%02x" % byte for byte in part])
                body += b"&__SL_P_P.C=" + encoded(part)
                assert (await portal.post(ADD, body)).status == 204
                profile = portal.session.offers[-1][0]
                assert (profile.ssid, profile.key) == (part, part)

    fakes.run(main())


def test_two_adds_before_one_confirm_are_both_offered_in_order():
    async def main():
        async with fakes.Portal() as portal:
            await portal.post(ADD, form(b"HomeNet", b"password", b"1"))
            await portal.post(ADD, form(b"HomeNet", b"password", b"2"))
            await portal.post(CONFIRM)
            assert [profile.security for profile, _ in portal.session.offers] == [1, 2]
            assert portal.session.confirms == 1

    fakes.run(main())


def test_security_digits():
    async def main():
        async with fakes.Portal() as portal:
            for digit, security in (
                (b"0", 0),
                (b"1", 1),
                (b"2", 2),
                (b"3", 2),
                (b"5", 12),
                (b"", 255),
            ):
                portal.session.offers.clear()
                assert (await portal.post(ADD, form(b"Net", b"password", digit))).status == 204
                assert portal.session.offers[0][0].security == security, digit
            portal.session.offers.clear()
            for digit in (b"4", b"6", b"9", b"22", b"x"):
                assert (await portal.post(ADD, form(b"Net", b"password", digit))).status == 400
            assert not portal.session.offers

    fakes.run(main())


def test_an_add_inherits_nothing_from_the_one_before():
    async def main():
        async with fakes.Portal() as portal:
            await portal.post(ADD, form(b"HomeNet", b"password", b"2", b"7"))
            await portal.post(ADD, b"__SL_P_P.A=CafeFree")
            profile = portal.session.offers[1][0]
            assert (profile.key, profile.security, profile.priority) == (b"", 255, 0)

    fakes.run(main())


def test_bad_adds_are_refused_and_offer_nothing():
    async def main():
        async with fakes.Portal() as portal:
            for body in (
                b"",
                b'{"ssid":"x"}',
                b"__SL_P_P.B=2&__SL_P_P.C=password",
                b"__SL_P_P.A=" + b"x" * 33,
                form(b"HomeNet", b"short"),
                form(b"HomeNet", b"x" * 65),
                form(b"HomeNet", b"z" * 64),
                form(b"HomeNet", b"password", b"2", b"16"),
                form(b"HomeNet", b"password", b"2", b"-1"),
            ):
                answer = await portal.post(ADD, body)
                assert answer.status == 400, body
                assert b"password" not in answer.body
            assert not portal.session.offers

    fakes.run(main())


def test_a_full_list_is_said():
    async def main():
        async with fakes.Portal() as portal:
            portal.session.fill()
            assert (await portal.post(ADD, form(b"HomeNet", b"password"))).status == 409
            assert (await portal.post(ADD, form(b"Net3", b"password"))).status == 204

    fakes.run(main())


def test_confirm_with_junk_or_nothing_in_its_body():
    async def main():
        async with fakes.Portal() as portal:
            assert (await portal.post(CONFIRM)).status == 409  # nothing to confirm
            await portal.post(ADD, form(b"HomeNet", b"password"))
            for body in (b"", b"__SL_P_UAN=HomeNet", b"\x00\xff%%%", b'{"a":1}'):
                assert (await portal.post(CONFIRM, body)).status == 204
            # No Content-Length and no type at all.
            assert (await portal.ask("POST", CONFIRM)).status == 204
            # As SWRU455A writes it.
            assert (await portal.post("/api/1/wlan/en_ap_scan/confirm_req")).status == 204
            assert portal.session.confirms == 6

    fakes.run(main())
