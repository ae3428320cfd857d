# The JSON API.
# MIT licence

import json

import fakes

SSID = "50% off & más ☕"
KEY = 'p%40ss&w=rd+;ñ"'


def loads(answer):
    assert answer.headers["content-type"].startswith("application/json")
    return json.loads(answer.body.decode())


def test_networks():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.fill()
            session.air = [
                fakes.Network("SchoolNet", -80, 5),
                fakes.Network("Net3", -45),
                fakes.Network(b"\xff\x00x", -60, 0),
                fakes.Network("<b>x</b>\"';--", -70, 12),
            ]
            found = loads(await portal.get("/v1/networks"))
            assert found["age_ms"] == 1200
            assert [item["rssi"] for item in found["networks"]] == [-45, -60, -70, -80]
            assert found["networks"][0] == {
                "ssid": "Net3",
                "ssid_hex": "4e657433",
                "rssi": -45,
                "bars": 4,
                "security": "wpa2",
                "supported": True,
                "stored": True,
            }
            odd, markup, school = found["networks"][1:]
            assert (odd["ssid"], odd["ssid_hex"]) == ("\ufffd\ufffdx", "ff0078")
            assert (odd["security"], odd["stored"]) == ("open", False)
            assert (markup["ssid"], markup["security"]) == ("<b>x</b>\"';--", "wpa3")
            assert (school["security"], school["supported"]) == ("enterprise", False)
            session.air, session.age_ms = [], None
            assert loads(await portal.get("/v1/networks")) == {"networks": [], "age_ms": None}

    fakes.run(main())


def test_adding_and_confirming():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            answer = await portal.send("/v1/confirm")
            assert (answer.status, loads(answer)["error"]) == (409, "nothing_to_confirm")
            body = json.dumps({"ssid": SSID, "key": KEY}).encode()
            answer = await portal.send("/v1/profiles", body)
            assert (answer.status, loads(answer)) == (202, {})
            profile, replace = session.offers[0]
            assert (profile.ssid, profile.key) == (SSID.encode(), KEY.encode())
            assert (profile.security, profile.priority, profile.hidden) == (255, 0, False)
            assert replace is None and len(session.offers) == 1
            fields = {"ssid_hex": "ff00", "security": "wpa3", "priority": 15, "hidden": True}
            assert (await portal.send("/v1/profiles", json.dumps(fields).encode())).status == 202
            profile = session.offers[1][0]
            assert (profile.ssid, profile.security, profile.priority) == (b"\xff\x00", 12, 15)
            assert profile.hidden is True
            answer = await portal.send("/v1/confirm")
            assert (answer.status, loads(answer)) == (202, {}) and session.confirms == 1
            answer = await portal.send("/v1/scan")
            assert (answer.status, loads(answer)) == (202, {}) and session.scans == 1

    fakes.run(main())


def test_bad_profiles_name_the_field():
    async def main():
        async with fakes.Portal() as portal:
            for body, word, field in (
                (b"", "missing", "ssid"),
                (b"{}", "missing", "ssid"),
                (b"[]", "bad_json", None),
                (b"nonsense", "bad_json", None),
                (b"\xff", "bad_json", None),
                (b'{"ssid":""}', "bad_value", "ssid"),
                (b'{"ssid":"' + b"x" * 33 + b'"}', "bad_value", "ssid"),
                (b'{"ssid":1}', "wrong_type", "ssid"),
                (b'{"ssid":null}', "wrong_type", "ssid"),
                (b'{"ssid_hex":"4"}', "bad_value", "ssid_hex"),
                (b'{"ssid_hex":"zz"}', "bad_value", "ssid_hex"),
                (b'{"ssid_hex":""}', "bad_value", "ssid_hex"),
                (b'{"ssid":"a","ssid_hex":"61"}', "bad_value", "ssid_hex"),
                (b'{"ssid":"a","key":"short"}', "bad_value", "key"),
                (b'{"ssid":"a","key":12345678}', "wrong_type", "key"),
                (b'{"ssid":"a","security":"wpa9"}', "bad_value", "security"),
                (b'{"ssid":"a","priority":16}', "bad_value", "priority"),
                (b'{"ssid":"a","priority":true}', "wrong_type", "priority"),
                (b'{"ssid":"a","hidden":1}', "wrong_type", "hidden"),
                (b'{"ssid":"a","replace":1}', "bad_value", "replace"),
                (b'{"ssid":"a","password":"secret12"}', "unknown_field", None),
            ):
                answer = await portal.send("/v1/profiles", body)
                problem = loads(answer)
                assert answer.status == 400, body
                assert (problem["error"], problem.get("field")) == (word, field), (body, problem)
                assert problem["message"] and b"secret" not in answer.body
            assert not portal.session.offers

    fakes.run(main())


def test_the_product_s_own_data_comes_with_the_network():
    async def main():
        async with fakes.Portal() as portal:
            body = json.dumps({"ssid": SSID, "custom_data": "lamp 7"}).encode()
            assert (await portal.send("/v1/profiles", body)).status == 202
            assert portal.session.tokens == [b"lamp 7"]
            body = json.dumps({"ssid": SSID, "custom_data": "x" * 513}).encode()
            answer = await portal.send("/v1/profiles", body)
            assert (answer.status, loads(answer)["field"]) == (400, "custom_data")

    fakes.run(main())


def test_a_full_list_and_what_to_replace():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.fill()
            answer = await portal.send("/v1/profiles", b'{"ssid":"HomeNet"}')
            problem = loads(answer)
            assert (answer.status, problem["error"], problem["field"]) == (
                409,
                "list_full",
                "replace",
            )
            assert (await portal.send("/v1/profiles", b'{"ssid":"A","replace":7}')).status == 202
            assert session.offers[0][1] == 6
            for replace in (b"0", b"8", b"-1"):
                body = b'{"ssid":"A","replace":' + replace + b"}"
                assert (await portal.send("/v1/profiles", body)).status == 400

    fakes.run(main())


def test_stored_profiles():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            from provisioning.profiles import Profile

            session.profiles.list = [Profile("A", "password", 2, 3, True), Profile(b"\xff")]
            listed = loads(await portal.get("/v1/profiles"))
            assert listed["free"] == 5
            assert listed["profiles"][0] == {
                "index": 1,
                "ssid": "A",
                "ssid_hex": "41",
                "security": "wpa2",
                "priority": 3,
                "hidden": True,
            }
            assert listed["profiles"][1]["security"] == "unknown"
            for index in ("0", "3", "-1", "x", "1x", "01", "99999999999", "1/2"):
                answer = await portal.ask("DELETE", "/v1/profiles/" + index)
                assert (answer.status, loads(answer)["error"]) == (404, "not_found"), index
            answer = await portal.ask("DELETE", "/v1/profiles/1")
            assert (answer.status, answer.body) == (204, b"")
            assert [profile.ssid for profile in session.profiles.list] == [b"\xff"]

    fakes.run(main())


def test_status():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            assert loads(await portal.get("/v1/status")) == {
                "state": "waiting",
                "result": 0,
                "reason": None,
                "ssid": "",
                "ssid_hex": "",
                "address": "",
                "name": "micropython-3f2a1b",
            }
            session.fail()
            status = loads(await portal.get("/v1/status"))
            assert (status["state"], status["result"], status["reason"]) == (
                "failed",
                2,
                "wrong_password",
            )
            session.succeed()
            session.deliveries = 0
            assert (await portal.ask("HEAD", "/v1/status")).body == b"" and not session.deliveries
            status = loads(await portal.get("/v1/status"))
            assert (status["state"], status["address"]) == ("connected", "192.168.1.23")
            assert session.deliveries == 1

    fakes.run(main())


def test_device():
    async def main():
        async with fakes.Portal() as portal:
            device = {
                "name": "micropython-3f2a1b",
                "mac": "02:00:5e:3f:2a:1b",
                "firmware": "1.25.0",
            }
            assert loads(await portal.get("/v1/device")) == device
            device["name"] = "Küche ☕"
            body = json.dumps({"name": "Küche ☕"}).encode()
            answer = await portal.send("/v1/device", body, "PUT")
            assert (answer.status, loads(answer)) == (200, device)
            for body in (
                b"{}",
                b'{"name":""}',
                b'{"name":"\\n"}',
                b'{"name":7}',
                b'{"name":"%s"}' % (b"x" * 33),
            ):
                answer = await portal.send("/v1/device", body, "PUT")
                assert (answer.status, loads(answer)["field"]) == (400, "name"), body

    fakes.run(main())


def test_what_a_foreign_form_could_send_is_not_taken():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            body = b'{"ssid":"HomeNet","key":"password"}'
            for kind in (
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "",
            ):
                headers = (("Content-Type", kind),) if kind else ()
                for method, path in (
                    ("POST", "/v1/profiles"),
                    ("POST", "/v1/confirm"),
                    ("POST", "/v1/scan"),
                    ("PUT", "/v1/device"),
                ):
                    answer = await portal.ask(method, path, body, headers)
                    assert (answer.status, loads(answer)["error"]) == (
                        415,
                        "unsupported_media_type",
                    )
            assert not session.offers and not session.scans
            kind = ("Content-Type", "Application/JSON; charset=utf-8")
            assert (await portal.ask("POST", "/v1/profiles", body, (kind,))).status == 202

    fakes.run(main())


def test_paths_and_methods_that_are_none():
    async def main():
        async with fakes.Portal() as portal:
            for path in ("/v1/nothing", "/v1/", "/v1", "/v2/status"):
                assert (await portal.get(path)).status == 404, path
            for method, path, allow in (
                ("POST", "/v1/status", "GET"),
                ("DELETE", "/v1/profiles", "GET, POST"),
                ("GET", "/v1/profiles/1", "DELETE"),
                ("PUT", "/v1/confirm", "POST"),
            ):
                answer = await portal.ask(method, path)
                assert (answer.status, answer.headers["allow"]) == (405, allow)
            assert (await portal.ask("PATCH", "/v1/status")).status == 405

    fakes.run(main())


def test_no_answer_holds_a_key():
    async def main():
        async with fakes.Portal() as portal:
            from provisioning.profiles import Profile

            portal.forbidden = (b"horse", b"secret")
            portal.session.profiles.list = [Profile("HomeNet", "correct horse battery")]
            portal.session.fail()
            body = b'{"ssid":"HomeNet","key":"another secret"}'
            assert (await portal.send("/v1/profiles", body)).status == 202
            body = b'{"ssid":"HomeNet","key":"another secret","priority":99}'
            assert (await portal.send("/v1/profiles", body)).status == 400
            for path in ("/v1/profiles", "/v1/status", "/v1/networks", "/v1/device", "/", "/done"):
                assert (await portal.get(path)).status == 200, path
            assert (await portal.post("/join", b"ssid=&key=another+secret")).status == 400

    fakes.run(main())
