# TI's text files, its network list and its tokens.
# MIT licence

import fakes

SSID = "50% off & más ☕".encode()


def test_scan_cycles_go_on_while_the_list_is_read():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            await portal.post("/api/1/wlan/en_ap_scan", b"__SL_P_SC1=20&__SL_P_SC2=3")
            assert session.scans == 1
            for age, scans in ((5000, 1), (20000, 2), (7000, 2), (21000, 3), (60000, 3)):
                session.age_ms = age
                await portal.get("/netlist.txt?%d" % age)
                assert session.scans == scans, age
            # Ten seconds is the least; nothing at all is one cycle.
            await portal.post("/api/1/wlan/en_ap_scan", b"__SL_P_SC1=1&__SL_P_SC2=2")
            session.age_ms = 9000
            await portal.get("/netlist.txt")
            assert session.scans == 4
            assert (await portal.ask("POST", "/api/1/wlan/en_ap_scan")).status == 204
            assert session.scans == 5

    fakes.run(main())


def test_netlist_holds_thirty_items_whatever_the_air_is():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            assert (await portal.get("/netlist.txt")).body == b"X;" * 30
            session.air = [fakes.Network("Net%d" % i, -30 - i) for i in range(40)]
            items = (await portal.get("/netlist.txt")).body.split(b";")
            assert len(items) == 31 and items[0] == b"2Net0" and items[29] == b"2Net29"
            # What the format cannot say is left out; WPA3 goes as 2; bytes stay as they are.
            session.air = [
                fakes.Network("a;b", -40),
                fakes.Network("SchoolNet", -41, 5),
                fakes.Network("Future", -42, 12),
                fakes.Network("old", -43, 1),
                fakes.Network("odd", -44, 255),
                fakes.Network(SSID, -45),
                fakes.Network(b"\xff\x00<b>", -46, 0),
            ]
            items = (await portal.get("/netlist.txt")).body.split(b";")
            assert items[:5] == [b"2Future", b"1old", b"2odd", b"2" + SSID, b"0\xff\x00<b>"]
            assert items[5:] == [b"X"] * 25 + [b""]

    fakes.run(main())


def test_network_tokens_walk_the_list():
    async def main():
        async with fakes.Portal() as portal:
            portal.session.air = [fakes.Network("A", -40), fakes.Network("B", -50, 0)]
            for name, value in (("NW0", b"2A"), ("NW1", b"0B"), ("NW1", b"X"), ("NW0", b"2A")):
                assert (await portal.get("/__SL_G_" + name)).body == value

    fakes.run(main())


def test_tokens():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            from provisioning.profiles import Profile

            session.profiles.list = [
                Profile(SSID, "correct horse", 2, 3),
                Profile("CafeFree", b"", 0),
            ]
            session.now.address = "192.168.1.23"
            name = b"micropython-3f2a1b"
            for token, value in (
                ("S.B", name),
                ("S.C", b"mysimplelink.net"),
                ("S.D", b"AP"),
                ("V.A", b"1.25.0"),
                ("N.A", b"192.168.1.23"),
                ("N.D", b"02:00:5e:3f:2a:1b"),
                ("N.P", b"127.0.0.1"),
                ("W.A", b"0"),
                ("W.B", name),
                ("W.C", b"2"),
                ("PN1", SSID),
                ("PS1", b"2"),
                ("PP1", b"3"),
                ("PN2", b"CafeFree"),
                ("PS2", b"0"),
                ("PN7", b""),
                ("P.E", b"Checked"),
                ("P.F", b""),
                ("P.G", b""),
                ("P.Q", b"Checked"),
                ("MCR", b"0"),
                ("MCH", b"Not started"),
                ("PST", b"1"),
                ("DNP", name),
                ("DEN", name),
                ("PIP", b"192.168.1.23"),
                ("REV", b"R2.0"),
                ("RDT", b""),
            ):
                answer = await portal.get("/__SL_G_" + token)
                assert (answer.status, answer.body) == (200, value), (token, answer.body)
                assert answer.headers["content-type"].startswith("text/plain"), token
            for token in ("S.A", "S.J", "V.B", "V.C", "V.D"):
                body = (await portal.get("/__SL_G_" + token)).body
                assert body != b"Unknown Token" and b"\n" not in body, token
            for token in ("XXX", "PN0", "PN8", "PN11", "PC1", "N.B", "N.C", "N.H", "NW2", "call"):
                assert (await portal.get("/__SL_G_" + token)).body == b"Unknown Token", token
            session.now.address = ""
            assert (await portal.get("/__SL_G_PIP")).body == b"0.0.0.0"

    fakes.run(main())


def test_no_answer_holds_a_key():
    async def main():
        async with fakes.Portal() as portal:
            from provisioning.profiles import Profile

            portal.forbidden = (b"horse", b"secret")
            portal.session.profiles.list = [Profile("HomeNet", "correct horse battery")]
            body = b"__SL_P_P.A=HomeNet&__SL_P_P.C=another+secret"
            assert (await portal.post("/api/1/wlan/profile_add", body)).status == 204
            paths = ["/__SL_G_P%s1" % letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
            paths += ["/__SL_G_P.C", "/netlist.txt", "/param_cfg_result.txt"]
            for path in paths:
                assert (await portal.get(path)).status == 200, path

    fakes.run(main())


def test_the_result_is_delivered_by_get_alone():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.succeed()
            for path in ("/param_cfg_result.txt", "/__SL_G_MCR", "/__SL_G_MCH"):
                answer = await portal.ask("HEAD", path)
                assert (answer.status, answer.body) == (200, b"") and not session.deliveries
            await portal.get("/__SL_G_MCR?1700000000")
            assert session.deliveries == 1
            assert (await portal.get("/__SL_G_MCH")).body == b"Success"

    fakes.run(main())
