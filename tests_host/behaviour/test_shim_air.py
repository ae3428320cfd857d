# The air around a simulated board: the file that describes it, happenings, phones, chance.
# MIT licence

import json
import os

from harness import simulated
from shim import neighbourhood
from shim.air import Air, Router


def load_text(text):
    """neighbourhood.load() of a file with this text."""
    name = (os.getenv("TMPDIR") or "/tmp") + "/" + os.urandom(6).hex() + ".json"
    with open(name, "w") as file:
        file.write(text)
    try:
        return neighbourhood.load(name)
    finally:
        os.remove(name)


def complaint(text):
    try:
        load_text(text)
    except neighbourhood.NeighbourhoodError as error:
        return str(error)
    raise AssertionError("no complaint")


def test_the_neighbourhood_we_ship():
    air = neighbourhood.load()
    found = [(r.ssid.decode(), r.security, r.key.decode()) for r in air.routers]
    assert found.count(("HomeNet", "wpa2", "correct horse battery")) == 2
    for entry in (
        ("CafeFree", "open", ""),
        ("50% off & más ☕", "wpa2", 'p%40ss&w=rd+;ñ"'),
        ("Basement", "wpa2", "basement1"),
        ("Hidden One", "wpa2", "peekaboo42"),
        ("Future", "wpa3", "saefuture"),
        ("SchoolNet", "enterprise", ""),
        ("Flaky", "wpa2", "flakyflaky"),
        ("<b>x</b>\"';--", "wpa2", "injection"),
    ):
        assert found.count(entry) == 1, entry
    assert [r.rssi for r in air.routers[:2]] == [-45, -70]
    assert air.router("Basement").dhcp_ms is None and air.router("Hidden One").hidden
    assert air.router("Flaky").drop_after_ms == 2000
    assert len({r.bssid for r in air.routers}) == 10


def test_a_broken_file_is_told_by_line_or_entry():
    text = '{"routers": [\n {"ssid": "a", "security": "open"},\n {ssid}\n]}'
    assert "line 3 " in complaint(text)
    assert "is expected" in complaint("[]")
    good = '{"ssid": "a", "security": "open"}'
    for entry, words in (
        ('{"ssid": "b"}', "router 2: security is missing"),
        ('{"security": "open"}', "router 2: ssid is missing"),
        ('{"ssid": "b", "security": "wpa9"}', "router 2: security must be one of"),
        ('{"ssid": "b", "security": "open", "colour": 3}', "router 2: a router has no colour"),
        ('{"ssid": "", "security": "open"}', "router 2: ssid has 0 bytes"),
        ('{"ssid": "b", "security": "open", "bssid": "0a:00"}', "router 2: bssid needs 6"),
    ):
        assert words in complaint('{"routers": [%s, %s]}' % (good, entry)), entry
    text = '{"routers": [%s], "happenings": [{"at_s": 1, "ssid": "%s", "change": {"%s": 1}}]}'
    assert "happening 1: no router" in complaint(text % (good, "b", "rssi"))
    assert "happening 1: a router has no" in complaint(text % (good, "a", "colour"))
    try:
        neighbourhood.load("/no/such/file")
        raise AssertionError
    except neighbourhood.NeighbourhoodError as error:
        assert "cannot be read" in str(error)


def test_any_bytes_can_be_a_name():
    routers = [{"ssid_hex": "ff00c3", "security": "open", "bssid": "0a:01:02:03:04:05"}]
    air = load_text(json.dumps({"routers": routers}))
    assert air.routers[0].ssid == b"\xff\x00\xc3"
    assert air.routers[0].bssid == b"\x0a\x01\x02\x03\x04\x05"


def test_unknown_attribute_is_refused():
    try:
        Router("x", nonsense=1)
        raise AssertionError
    except ValueError:
        pass


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


def test_happenings_from_the_file():
    @simulated("esp32")
    async def changes(board):
        board.air = load_text(
            '{"routers": [{"ssid": "a", "security": "wpa2", "key": "12345678"}], "happenings": ['
            '{"at_s": 10, "ssid": "a", "change": {"key": "87654321", "channel": 11}}]}'
        )
        board.reboot()
        sta = board.sta
        sta.active(True)
        sta.connect("a", "12345678")
        await board.until(sta.isconnected, 5000)
        await board.until(lambda: not sta.isconnected(), 15000)
        assert board.air.routers[0].channel == 11
        sta.disconnect()
        await board.sleep_ms(100)
        sta.connect("a", "87654321")
        await board.until(sta.isconnected, 5000)

    changes()


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


def test_same_seed_same_world():
    def world(seed):
        air = Air([Router("a"), Router("b", rssi=-58)], seed)
        return [air.random(100) for _ in range(20)] + [rssi for _, rssi in air.heard()]

    assert world(7) == world(7) != world(8)
    air = Air()
    numbers = {air.random(10) for _ in range(300)}
    assert len(numbers) == 10


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
