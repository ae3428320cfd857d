# The air around a board, in C on a twin: happenings, phones, odd routers.
# MIT licence

import os

from harness import new_air, simulated


@simulated("esp32", "rp2", false_badauth=False)
async def test_happenings_come_at_their_time(board):
    seen = []
    router = board.air.router("CafeFree")
    board.air.at(5000, lambda: setattr(router, "present", False))
    board.air.at(1000, lambda: seen.append(board.air.now))
    board.air.at(1000, lambda: seen.append(0))
    never = board.air.at(1500, lambda: seen.append(1))
    board.air.cancel(never)
    await board.sleep_ms(4990)
    assert router.present and seen == [1000, 0]
    await board.sleep_ms(20)
    assert not router.present


def air_of(text):
    """The Air of a neighbourhood file with this text."""
    name = (os.getenv("TMPDIR") or "/tmp") + "/" + os.urandom(6).hex() + ".json"
    with open(name, "w") as file:
        file.write(text)
    try:
        return new_air(name)
    finally:
        os.remove(name)


@simulated("esp32", "rp2", false_badauth=False)
async def test_happenings_from_the_file(board):
    board.air = air_of(
        '{"routers": [{"ssid": "a", "security": "wpa2", "key": "12345678"}], "happenings": ['
        '{"at_s": 10, "ssid": "a", "change": {"key": "87654321", "channel": 11}}]}'
    )
    board.reboot()
    sta = board.sta
    sta.active(True)
    sta.connect("a", "12345678")
    await board.until(sta.isconnected, 5000)
    await board.until(lambda: not sta.isconnected(), 15000)
    assert 10000 <= board.now() < 10200
    assert board.air.routers[0].channel == 11
    sta.disconnect()
    sta.active(False)
    sta.active(True)
    sta.connect("a", "87654321")
    await board.until(sta.isconnected, 5000)


@simulated("esp32", "rp2")
async def test_a_router_is_what_the_file_or_the_test_says(board):
    board.air = air_of(
        '{"routers": [{"ssid_hex": "ff00c3", "security": "wpa3", "key": "12345678",'
        ' "bssid": "0a:01:02:03:04:05", "dhcp_ms": null, "hidden": true},'
        ' {"ssid": "b", "security": "open", "drop_after_ms": 5, "address": "10.0.0.9"}]}'
    )
    first, second = board.air.routers
    assert (first.ssid, first.key, first.security) == (b"\xff\x00\xc3", b"12345678", "wpa3")
    assert first.bssid == b"\x0a\x01\x02\x03\x04\x05" and first.reasons == (202,)
    assert (first.hidden, first.present, first.dhcp_ms) == (True, True, None)
    assert (first.channel, first.rssi, first.latency_ms, first.loss) == (6, -60, 100, 0)
    assert (second.bssid, second.reasons) == (b"\x0a\x00\x00\x00\x00\x02", (15,))
    assert (second.drop_after_ms, second.drop_reason, second.address) == (5, 200, "10.0.0.9")
    second.reasons = (2, 205)
    second.dhcp_ms = None
    assert second.reasons == (2, 205) and second.dhcp_ms is None
    assert not hasattr(second, "colour")
    try:
        board.air.add("c", colour=3)
        raise AssertionError
    except ValueError:
        assert len(board.air.routers) == 2


@simulated("esp32", "rp2", false_badauth=False)
async def test_changed_key_ends_the_link_at_once_changed_channel_later(board):
    sta = board.sta
    sta.active(True)
    sta.connect("CafeFree")
    await board.until(sta.isconnected)
    board.air.router("CafeFree").channel = 9
    await board.sleep_ms(3000)
    assert sta.isconnected()
    await board.until(lambda: not sta.isconnected(), 6000)
    sta.disconnect()
    sta.active(False)
    sta.active(True)
    sta.connect("Flaky", "flakyflaky")
    await board.until(sta.isconnected)
    board.air.router("Flaky").key = b"another key"
    await board.until(lambda: not sta.isconnected(), 200)


@simulated("esp32", "rp2", false_badauth=False)
async def test_slow_and_lossy_routers(board):
    router = board.air.add("Slow", key="12345678", latency_ms=4000, dhcp_ms=9000)
    sta = board.sta
    sta.active(True)
    before = board.now()
    sta.connect("Slow", "12345678")
    await board.until(sta.isconnected)
    assert 13000 <= board.now() - before < 14000
    sta.disconnect()
    sta.active(False)
    sta.active(True)
    router.loss = 100
    router.latency_ms = 0
    sta.connect("Slow", "12345678")
    await board.sleep_ms(12000)
    assert not sta.isconnected()


@simulated("esp32", "rp2")
async def test_phones(board):
    phone = board.phone()
    assert not phone.join("picoW123")  # nothing is on the air
    board.ap.active(True)
    key = "picoW123" if board.name == "rp2" else ""
    assert phone.join(key)
    assert not board.phone().join("another key") or board.name == "esp32"
    assert phone.lease and phone.dhcp_dns() == "192.168.4.1"
    board.ap.active(False)
    assert not phone.joined and phone.lease is None
    board.ap.active(True)
    await board.sleep_ms(4000)
    assert phone.joined  # by itself
    phone.leave()
    board.ap.active(False)
    board.ap.active(True)
    await board.sleep_ms(4000)
    assert not phone.joined


@simulated("esp32")
async def test_the_access_point_is_full(board):
    board.ap.active(True)
    joined = [board.phone().join() for _ in range(6)]
    assert joined == [True] * 4 + [False] * 2
    board.ap.config(max_clients=6)
    assert board.phone().join()


@simulated("esp32", "rp2", false_badauth=False)
async def test_join_by_bssid(board):
    weak = board.air.routers[1]
    sta = board.sta
    sta.active(True)
    sta.connect("HomeNet", "correct horse battery", bssid=weak.bssid)
    await board.until(sta.isconnected)
    assert sta.status("rssi") == -70
    try:
        sta.connect("HomeNet", "x", bssid=b"short")
        raise AssertionError
    except ValueError:
        pass


@simulated("esp32", "rp2", false_badauth=False)
async def test_key_as_64_hex_digits(board):
    psk = "0123456789abcdef" * 4
    board.air.add("Hashed", key="the long key", psk=psk.encode())
    sta = board.sta
    sta.active(True)
    sta.connect("Hashed", psk)
    await board.until(sta.isconnected)


@simulated("esp32", "rp2")
async def test_scaled_air(board):
    board.air.scale = 0.1
    board.sta.active(True)
    before = board.now()
    board.sta.scan()
    assert 200 <= board.now() - before <= 300
