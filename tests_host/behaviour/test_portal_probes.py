# The checks that phones and computers make: before the user is done, and after.
# MIT licence

import fakes

# (who asks, host, path, what "online" looks like: a status and what the body is)
PROBES = (
    ("Android", "connectivitycheck.gstatic.com", "/generate_204", 204, b""),
    ("Android", "www.google.com", "/gen_204", 204, b""),
    ("Android", "play.googleapis.com", "/generate_204", 204, b""),
    ("Samsung", "connectivitycheck.android.com", "/generate_204", 204, b""),
    ("ChromeOS", "clients3.google.com", "/generate_204", 204, b""),
    ("Chrome", "www.gstatic.com", "/generate_204", 204, b""),
    ("Brave", "detectportal.brave-http-only.com", "/", 204, b""),
    ("iOS", "captive.apple.com", "/hotspot-detect.html", 200, b"Success"),
    ("iOS", "captive.apple.com", "/", 200, b"Success"),
    ("iOS", "www.apple.com", "/library/test/success.html", 200, b"Success"),
    ("old iOS", "www.thinkdifferent.us", "/QrSt/uV.html", 200, b"Success"),
    ("Windows", "www.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test"),
    ("Windows", "ipv6.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test"),
    ("Windows 7", "www.msftncsi.com", "/ncsi.txt", 200, b"Microsoft NCSI"),
    ("Firefox", "detectportal.firefox.com", "/success.txt?ipv4", 200, b"success\n"),
    ("Firefox", "detectportal.firefox.com", "/canonical.html", 200, b"captive-portal"),
    ("Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", 200, b"81ce4465-7167"),
    ("Ubuntu", "connectivity-check.ubuntu.com", "/", 204, b""),
    (
        "GNOME",
        "nmcheck.gnome.org",
        "/check_network_status.txt",
        200,
        b"NetworkManager is online\n",
    ),
    ("Fedora", "fedoraproject.org", "/static/hotspot.txt", 200, b"OK"),
    ("Arch", "ping.archlinux.org", "/nm-check.txt", 200, b"NetworkManager is online\n"),
    ("KDE", "networkcheck.kde.org", "/", 200, b"OK\n"),
)
EXACT = ("Windows", "Windows 7", "GNOME", "Fedora", "Arch")


def test_before_the_release_every_probe_finds_the_portal():
    async def main():
        async with fakes.Portal() as portal:
            for who, host, path, _, _ in PROBES:
                answer = await portal.get(path, host)
                assert answer.status == 302, who
                where = answer.headers["location"]
                name = "mysimplelink.net" if "connecttest" in path else fakes.HOST
                assert where == "http://%s:%d/" % (name, portal.port), (who, where)
                # Android takes an empty answer, or one of 4 bytes, for no Internet at all.
                assert len(answer.body) == int(answer.headers["content-length"]) > 4, who
                assert answer.headers["cache-control"] == "no-store", who
                assert b"Success" not in answer.body, who

    fakes.run(main())


def test_after_the_release_every_system_hears_that_it_is_online():
    async def main():
        async with fakes.Portal() as portal:
            portal.session.released = True
            for who, host, path, status, body in PROBES:
                answer = await portal.get(path, host)
                assert answer.status == status, (who, answer.status)
                assert body in answer.body if body else not answer.body, (who, answer.body)
                if who in EXACT:
                    assert answer.body == body, who
                if who in ("Ubuntu", "GNOME", "Arch"):
                    assert answer.headers["x-networkmanager-status"] == "online", who

    fakes.run(main())


def test_the_host_decides_and_not_the_path_alone():
    async def main():
        async with fakes.Portal() as portal:
            portal.session.released = True
            for host, path in (
                ("example.com", "/connecttest.txt"),
                ("evilcaptive.apple.com.example", "/hotspot-detect.html"),
                ("notmsftncsi.com", "/ncsi.txt"),
                ("example.com", "/"),
            ):
                assert (await portal.get(path, host)).status == 302, host
            # Our own host never answers a probe.
            assert (await portal.get("/generate_204")).status == 404

    fakes.run(main())


def test_windows_finds_no_proxy_and_browsers_no_icon():
    async def main():
        async with fakes.Portal() as portal:
            for released in (False, True):
                portal.session.released = released
                for host in ("wpad", "example.com", None):
                    assert (await portal.get("/wpad.dat", host)).status == 404
                    assert (await portal.get("/favicon.ico", host)).status == 404

    fakes.run(main())


def test_our_hosts_are_the_address_and_our_names():
    async def main():
        async with fakes.Portal() as portal:
            port = portal.port
            for host in (
                "127.0.0.1",
                "127.0.0.1:%d" % port,
                "mysimplelink.net",
                "MySimpleLink.NET:%d" % port,
                "micropython-3f2a1b.local",
                "Micropython-3F2A1B",
                "mysimplelink.net.",
            ):
                assert (await portal.get("/v1/device", host)).status == 200, host
            for host in ("127.0.0.1:%d" % (port + 1), "127.0.0.2", "localhost", "[::1]", ""):
                assert (await portal.get("/v1/device", host)).status == 302, host
            # No Host at all: HTTP/1.0, and hand-made clients.
            assert b" 200 " in await portal.raw(b"GET /v1/device HTTP/1.0\r\n\r\n")
            # The host in the request's line goes before the header.
            data = await portal.raw(
                b"GET http://example.com/v1/device HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            )
            assert b" 302 " in data

    fakes.run(main())


def test_foreign_hosts_and_origins_change_nothing():
    async def main():
        async with fakes.Portal() as portal:
            session = portal.session
            session.fill()
            session.succeed()
            form = b"__SL_P_P.A=HomeNet&__SL_P_P.C=password"
            kind = ("Content-Type", "application/json")
            foreign = (("Host", "example.com"), kind), (("Origin", "http://example.com"), kind)
            null = (("Origin", "null"), kind)
            for status, headers in ((302, foreign[0]), (403, foreign[1]), (403, null)):
                for method, path, body in (
                    ("POST", "/api/1/wlan/profile_add", form),
                    ("POST", "/api/1/wlan/profile_del_all", b""),
                    ("POST", "/v1/profiles", b'{"ssid":"HomeNet","key":"password"}'),
                    ("POST", "/v1/confirm", b"{}"),
                    ("POST", "/join", b"ssid=HomeNet&key=password"),
                    ("POST", "/rescan", b""),
                    ("PUT", "/v1/device", b'{"name":"other"}'),
                    ("DELETE", "/v1/profiles/1", b""),
                    ("GET", "/v1/status", b""),
                    ("GET", "/param_cfg_result.txt", b""),
                ):
                    answer = await portal.ask(method, path, body, headers)
                    assert answer.status == status, (method, path, headers, answer.status)
            assert not session.offers and not session.confirms and not session.scans
            assert len(session.profiles.all()) == 7 and not session.deliveries
            assert session.identity.name == "micropython-3f2a1b"

    fakes.run(main())


def test_a_page_without_an_origin_is_foreign_to_a_board_named_like_that():
    async def main():
        async with fakes.Portal() as portal:
            portal.session.identity.name = "null"
            answer = await portal.ask("POST", "/rescan", b"", (("Origin", "null"),))
            assert answer.status == 403 and not portal.session.scans

    fakes.run(main())


def test_our_own_origin_is_welcome():
    async def main():
        async with fakes.Portal() as portal:
            for origin in (
                "http://127.0.0.1:%d" % portal.port,
                "http://mysimplelink.net:%d" % portal.port,
            ):
                answer = await portal.ask("POST", "/rescan", b"", (("Origin", origin),))
                assert answer.status == 303
            assert portal.session.scans == 2

    fakes.run(main())
