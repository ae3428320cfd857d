# The whole way of a network through the house: a phone, the real portal, the engine, the radio.
# MIT licence

import asyncio
import json

from harness import http, simulated
from loopback import free_port

HOST = "127.0.0.1"
BOARD_HEAP = 112 * 1024  # page, JSON and engine at once (docs/performance.md)


async def _open(board, events):
    """online() with the real portal; returns its task and two functions that ask the portal."""
    import provisioning
    from provisioning.settings import Settings

    port = free_port()
    Settings().update(http_port=port, dns_port=0, ap_address="")
    task = asyncio.create_task(provisioning.online(lambda event: events.append(event.status)))

    async def ask(method, path, body=b"", kind="application/json"):
        return await http(method, HOST, port, path, body, {"Content-Type": kind} if body else {})

    async def find(path, mark):
        """Is `mark` in the page? A phone has room for a page, the board's heap has not."""
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(("GET %s HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (path, HOST, port)).encode())
        await writer.drain()
        found, tail = False, b""
        while True:
            piece = await reader.read(256)
            if not piece:
                break
            tail = tail[-len(mark) :] + piece
            found = found or mark in tail
        writer.close()
        return found

    while not board.ap.active():
        await asyncio.sleep_ms(50)
    await asyncio.sleep_ms(500)
    return task, ask, find


async def _state(ask):
    while True:
        status = json.loads((await ask("GET", "/v1/status"))[2])
        if status["state"] in ("connected", "failed"):
            return status
        await asyncio.sleep_ms(500)


@simulated("esp32", "rp2", ap_address=HOST)
async def test_a_phone_hands_over_a_network_by_json(board):
    events = []
    task, ask, find = await _open(board, events)
    assert await find("/", b"<bdi>HomeNet</bdi>")
    networks = json.loads((await ask("GET", "/v1/networks"))[2])["networks"]
    assert networks[0]["ssid"] == "HomeNet" and len(networks) == 8
    del networks
    for key, state in (("incorrect donkey", "failed"), ("correct horse battery", "connected")):
        body = json.dumps({"ssid": "HomeNet", "key": key})
        assert (await ask("POST", "/v1/profiles", body))[0] == 202
        assert (await ask("POST", "/v1/confirm", "{}"))[0] == 202
        status = await _state(ask)
        assert status["state"] == state, status
    assert status["address"] == board.sta.ifconfig()[0]
    assert await find("/done", b"HomeNet"), "the last page, while the access point lingers"
    link = await task
    assert link.ssid == "HomeNet" and not board.ap.active()
    assert [number for number in events if number] == [11, 2, 15, 16, 5, 12]


@simulated("esp32", ap_address=HOST)
async def test_an_app_of_ti_s_hands_over_a_network(board):
    events = []
    task, ask, _ = await _open(board, events)
    form = "application/x-www-form-urlencoded"
    assert (await ask("GET", "/param_product_version.txt"))[2] == b"R2.0"
    assert (await ask("GET", "/param_cfg_result.txt"))[2] == b"0"
    body = "__SL_P_P.A=50%25+off+%26+m%C3%A1s+%E2%98%95&__SL_P_P.B=2&__SL_P_P.C="
    body += "p%2540ss%26w%3Drd%2B%3B%C3%B1%22&__SL_P_P.D=0"
    assert (await ask("POST", "/api/1/wlan/profile_add", body, form))[0] == 204
    assert (await ask("POST", "/api/1/wlan/confirm_req"))[0] == 204
    result = b"0"
    while result == b"0":
        await asyncio.sleep_ms(3000)
        result = (await ask("GET", "/param_cfg_result.txt"))[2]
    assert result == b"5"
    assert (await task).ssid == "50% off & más ☕"
    assert [number for number in events if number] == [11, 15, 16, 5, 12]


@simulated("esp32", "rp2", ap_address=HOST)
async def test_a_browser_without_javascript_hands_over_a_network(board):
    events = []
    task, ask, find = await _open(board, events)
    form = "application/x-www-form-urlencoded"
    body = "network=%s&key=correct+horse+battery" % "486f6d654e6574"
    status, headers, _ = await ask("POST", "/join", body, form)
    assert status == 303 and headers["location"].startswith("/")
    while not await find("/", b"192.168.1."):
        await asyncio.sleep_ms(2000)
    assert await find("/done", b"HomeNet")
    assert (await task).ssid == "HomeNet"
    assert [number for number in events if number] == [11, 15, 16, 5, 12]
