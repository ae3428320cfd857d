# TI's calls beside provisioning: names, stored networks, policy, access point.
# MIT licence

import fakes


def test_names_of_every_kind_and_those_that_are_none():
    async def main():
        async with fakes.Portal() as portal:
            urn = "/api/1/netapp/set_urn"
            name = "Küche ☕ & 100%"
            assert (
                await portal.post(urn, b"__SL_P_S.B=K%C3%BCche+%E2%98%95+%26+100%25")
            ).status == 204
            assert portal.session.identity.name == name
            assert (await portal.get("/param_device_name.txt")).body == name.encode()
            for bad in (b"", b"%ff", b"a%00b", b"a%0ab", b"x" * 33):
                assert (await portal.post(urn, b"__SL_P_S.B=" + bad)).status == 400, bad
            assert (await portal.post(urn, b"__SL_P_S.C=example.com")).status == 400
            assert portal.session.identity.name == name

    fakes.run(main())


def test_profiles_are_deleted_by_their_places():
    async def main():
        async with fakes.Portal() as portal:
            profiles = portal.session.profiles
            delete = "/api/1/wlan/profile_del"
            portal.session.fill()
            for body in (b"__SL_P_PRR=0", b"__SL_P_PRR=8", b"__SL_P_PRR=1&__SL_P_PRR=x"):
                assert (await portal.post(delete, body)).status == 400
            assert len(profiles.list) == 7
            body = b"__SL_P_PRR=1&__SL_P_PRR=3&__SL_P_PRR=7&__SL_P_PRR=3"
            assert (await portal.post(delete, body)).status == 204
            assert [p.ssid for p in profiles.list] == [b"Net1", b"Net3", b"Net4", b"Net5"]
            assert (await portal.post(delete, b"__SL_P_PRR=5")).status == 204  # an empty place
            assert len(profiles.list) == 4
            assert (await portal.post("/api/1/wlan/profile_del_all")).status == 204
            assert not profiles.list

    fakes.run(main())


def test_policy_flags_that_are_absent_are_off():
    async def main():
        async with fakes.Portal() as portal:
            settings = portal.session.settings
            for body, policy in (
                (b"__SL_P_P.E=&__SL_P_P.F=", 3),
                (b"__SL_P_P.Q&__SL_P_P.G=on", 0x28),
                (b"", 0),
            ):
                assert (await portal.post("/api/1/wlan/policy_set", body)).status == 204
                assert settings["policy"] == policy

    fakes.run(main())


def test_the_access_point_is_configured_as_far_as_it_can_be():
    async def main():
        async with fakes.Portal() as portal:
            settings = portal.session.settings
            config = "/api/1/wlan/ap_cfg"
            assert (await portal.post(config, b"__SL_P_W.A=6")).status == 204
            assert settings["ap_channel"] == 6 and settings["ap_open"] is False
            assert (await portal.post(config, b"__SL_P_W.C=0")).status == 204
            assert settings["ap_channel"] == 6 and settings["ap_open"] is True
            for body, status in (
                (b"__SL_P_W.A=99", 400),
                (b"__SL_P_W.C=3", 400),
                (b"__SL_P_W.A=1&__SL_P_W.B=other", 501),
                (b"__SL_P_W.G=password", 501),
            ):
                assert (await portal.post(config, body)).status == status, body
            assert settings["ap_channel"] == 6

    fakes.run(main())


def test_what_this_board_cannot_do_and_what_nobody_knows():
    async def main():
        async with fakes.Portal() as portal:
            for name in ("wlan/profile_eap", "wlan/set_mode", "netapp/netcfg_sta", "netapp/ping"):
                assert (await portal.post("/api/1/" + name)).status == 501, name
            for name in (
                "wlan/nothing",
                "iotlink/uuid",
                "call",
                "wlan/",
                "wlan__profile_add",
                "__init__",
            ):
                assert (await portal.post("/api/1/" + name, b"a=b")).status == 404, name
            for path in ("/param_nothing.txt", "/device", "/get-device-identity", "/a/b/c"):
                assert (await portal.get(path)).status == 404, path
            assert (await portal.get("/api/1/wlan/profile_add")).status == 405
            assert (await portal.post("/netlist.txt")).status == 405

    fakes.run(main())


def test_a_form_may_name_a_page_of_this_board_to_go_to():
    async def main():
        async with fakes.Portal() as portal:
            for page, where in (
                (b"index.html", "/index.html"),
                (b"/index.html", "/index.html"),
                (b"profiles.html", "/profiles.html"),
                (b"http://example.com/", None),
                (b"//example.com/", None),
                (b"/%5cexample.com", None),
                (b"a%0d%0aSet-Cookie:x", None),
                (b"", None),
            ):
                answer = await portal.post("/api/1/wlan/policy_set", b"__SL_P_S.R=" + page)
                assert answer.status == (302 if where else 204), page
                assert answer.headers.get("location") == where, page
            assert (await portal.get("/index.html")).status == 200

    fakes.run(main())
