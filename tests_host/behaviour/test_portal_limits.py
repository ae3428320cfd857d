# Limits of the portal's server, and guests who do not behave.
# MIT licence

import asyncio

import fakes

OK = b"GET /v1/device HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def status(data):
    return int(data.split(b" ")[1]) if data else None


async def connect(portal):
    return await asyncio.open_connection(fakes.HOST, portal.port)


async def crowd(portal, size):
    guests = []
    for _ in range(size):
        guests.append(await connect(portal))
    return guests


async def end_of(reader):
    """Read until the server hangs up; returns what came."""
    data = b""
    try:
        while True:
            piece = await reader.read(512)
            if not piece:
                return data
            data += piece
    except OSError:
        return data


def test_bad_requests_get_the_status_that_says_why():
    async def main():
        async with fakes.Portal() as portal:
            for request, expected in (
                (b"\r\n\r\n", 400),
                (b"GET\r\n\r\n", 400),
                (b"GET /\r\n\r\n", 400),
                (b"GET / HTTP\r\n\r\n", 400),
                (b"GET  / HTTP/1.1\r\n\r\n", 400),
                (b"get / HTTP/1.1\r\n\r\n", 400),
                (b"GET v1/device HTTP/1.1\r\n\r\n", 400),
                (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
                (b"GET /a\x00b HTTP/1.1\r\n\r\n", 400),
                (b"GET / HTTP/2.0\r\n\r\n", 505),
                (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\n: empty\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n", 400),
                (b"POST /join HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
                (b"POST /join HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
                (b"POST /join HTTP/1.1\r\nContent-Length:\r\n\r\n", 400),
                (b"POST /join HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
                (b"POST /join HTTP/1.1\r\nContent-Length: 4097\r\n\r\n", 413),
                (b"POST /join HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
                (b"POST /join HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
                (b"FETCH / HTTP/1.1\r\n\r\n", 405),
                (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", 400),
                (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
            ):
                data = await portal.raw(request)
                assert status(data) == expected, (request, data)
                assert b"Connection: close" in data, request
            assert not portal.session.offers

    fakes.run(main())


def test_the_limits_are_where_they_are_said_to_be():
    async def main():
        async with fakes.Portal() as portal:
            room = 2048 - len(OK) - len(b"X: ")
            assert status(await portal.raw(OK + b"X: " + b"a" * room + b"\r\n\r\n")) == 200
            assert status(await portal.raw(OK + b"X: " + b"a" * (room + 20) + b"\r\n\r\n")) == 431
            # Without an end the head is refused too, and what follows is not taken for a reset.
            junk = b"a" * 1000
            assert status(await portal.raw(OK + b"X: ", *[junk] * 9)) == 431
            head = b"POST /api/1/wlan/profile_add HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
            ssid, rest = b"__SL_P_P.A=HomeNet&", b"x=" + b"y" * 1016 + b"&"
            assert (
                status(await portal.raw(head % 4096, ssid, b"&" * 1001, *[rest] * 3 + [b"&" * 19]))
                == 204
            )
            assert status(await portal.raw(head % 9000, *[junk] * 9)) == 413
            assert len(portal.session.offers) == 1

    fakes.run(main())


def test_a_request_in_any_number_of_segments_is_one():
    async def main():
        async with fakes.Portal() as portal:
            body = b"__SL_P_P.A=HomeNet&__SL_P_P.C=password"
            head = b"POST /api/1/wlan/profile_add HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(
                body
            )
            whole = head + body
            for size in (1, 7, 60):
                parts = [whole[start : start + size] for start in range(0, len(whole), size)]
                data = await portal.raw(*parts, pause_ms=1)
                assert status(data) == 204, size
            # The body ends where Content-Length says.
            assert status(await portal.raw(whole + b"&__SL_P_P.A=Other")) == 204
            assert [p.ssid for p, _ in portal.session.offers] == [b"HomeNet"] * 4
            assert [p.key for p, _ in portal.session.offers] == [b"password"] * 4

    fakes.run(main())


def test_half_a_request_changes_nothing():
    async def main():
        async with fakes.Portal() as portal:
            head = b"POST /api/1/wlan/profile_add HTTP/1.1\r\nContent-Length: 40\r\n\r\n"
            reader, writer = await connect(portal)
            writer.write(head + b"__SL_P_P.A=HomeNet")
            await writer.drain()
            await asyncio.sleep(1)
            await fakes.hang_up(writer)
            assert (await portal.get("/v1/device")).status == 200
            assert not portal.session.offers

    fakes.run(main())


def test_old_clients_and_careful_ones():
    async def main():
        async with fakes.Portal() as portal:
            assert status(await portal.raw(b"GET /v1/device HTTP/1.0\r\n\r\n")) == 200
            data = await portal.raw(
                b"POST /rescan HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
                b"a=b",
                pause_ms=20,
            )
            assert data.startswith(b"HTTP/1.1 100 ") and b" 303 " in data

    fakes.run(main())


def test_a_connection_lasts_ten_seconds_at_most():
    async def main():
        from shim import clock

        async with fakes.Portal() as portal:
            for first in (b"", b"GET / HT", b"POST /join HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"):
                reader, writer = await connect(portal)
                start = clock.now()
                writer.write(first)
                await writer.drain()
                assert await end_of(reader) == b""
                assert 9000 <= clock.now() - start <= 12000, clock.now() - start
                await fakes.hang_up(writer)

    fakes.run(main())


def test_a_slow_writer_is_cut_off_too():
    async def main():
        from shim import clock

        async with fakes.Portal() as portal:
            reader, writer = await connect(portal)
            start = clock.now()
            try:
                for _ in range(60):  # a byte each second: never idle, never done
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(1)
                    if clock.now() - start > 13000:
                        break
            except OSError:
                pass
            assert await end_of(reader) == b""
            assert clock.now() - start < 15000
            await fakes.hang_up(writer)
            assert (await portal.get("/v1/device")).status == 200

    fakes.run(main())


def test_idle_connections_do_not_keep_a_phone_out():
    async def main():
        import time

        async with fakes.Portal() as portal:
            idle = await crowd(portal, 50)
            start = time.ticks_ms()
            assert (await portal.get("/v1/device")).status == 200
            assert time.ticks_diff(time.ticks_ms(), start) < 2000
            # The first ones made room, the last ones are still there.
            reader, writer = idle[0]
            assert await end_of(reader) == b""
            reader, writer = idle[-1]
            writer.write(OK + b"\r\n")
            await writer.drain()
            assert status(await end_of(reader)) == 200
            for _, writer in idle:
                await fakes.hang_up(writer)

    fakes.run(main(), fast=False)


def test_no_more_than_five_are_served_at_once():
    async def main():
        async with fakes.Portal() as portal:
            server = portal.portal._server
            guests = await crowd(portal, 9)
            for _ in range(20):
                await asyncio.sleep(0.01)
                assert len(server._open) <= 5
            for _, writer in guests:
                await fakes.hang_up(writer)

    fakes.run(main())


def test_a_handler_that_fails_does_not_stop_the_server():
    async def main():
        async with fakes.Portal() as portal:

            def full():
                raise OSError(28)

            def short():
                raise MemoryError

            for failing in (full, short):
                portal.session.confirm = failing
                assert (await portal.send("/v1/confirm")).status == 503
                assert (await portal.get("/v1/device")).status == 200

    fakes.run(main())


def test_every_request_counts_as_activity():
    async def main():
        async with fakes.Portal() as portal:
            for path in ("/", "/nothing", "/v1/status"):
                before = portal.session.activities
                await portal.get(path)
                assert portal.session.activities == before + 1
            await connect(portal)
            await asyncio.sleep(0.1)
            assert portal.session.activities == before + 1

    fakes.run(main())


def test_stop_is_prompt_and_the_portal_starts_again_at_once():
    async def main():
        from provisioning.methods import portal as method
        from shim import clock

        portal = fakes.Portal(dns=True)
        for _ in range(3):
            async with portal:
                idle = await crowd(portal, 3)
                await asyncio.sleep(0.05)
                assert (await portal.get("/v1/device")).status == 200
                start = clock.now()
            assert clock.now() - start < 1000
            for reader, writer in idle:
                assert await end_of(reader) == b""
                await fakes.hang_up(writer)
            try:
                reader, writer = await connect(portal)
                writer.write(OK + b"\r\n")
                await writer.drain()
                assert await end_of(reader) == b""
            except OSError:
                pass  # nobody listens
        # A port that is taken is said, and nothing of the second one stays.
        async with portal:
            try:
                await method.start(portal.session)
                assert False, "two servers on one port"
            except OSError:
                pass
            assert (await portal.get("/v1/device")).status == 200

    fakes.run(main())
