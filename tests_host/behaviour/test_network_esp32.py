# The ESP32's network module with every trap: ports/esp32/network_wlan.c itself on the twin, the
# shim elsewhere. What belongs to another release than the twin's says `version=`.
# MIT licence

import asyncio

from harness import simulated

HOME = ("HomeNet", "correct horse battery")


def up(board):
    board.sta.active(True)
    return board.sta


def raises(kind, words, call, *arguments, **values):
    """call() raises that kind of exception with those words in it."""
    try:
        call(*arguments, **values)
    except kind as error:
        assert words in str(error), repr(error)
    else:
        raise AssertionError("nothing was raised")


async def statuses(board, ms):
    """The different values of status() during that time, in order."""
    seen = []
    for _ in range(ms // 20):
        await board.sleep_ms(20)
        status = board.sta.status()
        if not seen or seen[-1] != status:
            seen.append(status)
    return seen


@simulated("esp32")
async def test_join(board):
    sta = up(board)
    assert sta.status() == 1000 and not sta.isconnected()
    sta.connect(*HOME)
    assert await statuses(board, 3000) == [1001, 1010]
    assert sta.isconnected()
    assert sta.ifconfig()[0] == "192.168.1.50"
    assert sta.ipconfig("addr4") == ("192.168.1.50", "255.255.255.0")
    assert sta.status("rssi") == -45  # the stronger of the two
    assert sta.config("ssid") == "HomeNet"


@simulated("esp32")
async def test_status_sticks_while_the_next_join_is_pending(board):
    sta = up(board)
    sta.config(reconnects=0)
    sta.connect("Nowhere", "12345678")
    assert await statuses(board, 4000) == [1001, 201]
    sta.connect(*HOME)
    assert await statuses(board, 3000) == [201, 1010]


@simulated("esp32")
async def test_after_disconnect_the_next_join_reads_idle(board):
    sta = up(board)
    sta.connect("Nowhere", "12345678")
    await board.sleep_ms(500)
    sta.disconnect()
    await board.sleep_ms(500)
    assert sta.status() == 1000
    sta.connect(*HOME)
    assert await statuses(board, 3000) == [1000, 1010]


@simulated("esp32")
async def test_wrong_password_sticks_while_there_is_no_address(board):
    sta = up(board)
    sta.config(reconnects=0)
    sta.connect("Future", "not the key")
    assert (await statuses(board, 6000))[-1] == 202
    sta.connect("Basement", "basement1")
    assert await statuses(board, 30000) == [202]
    assert sta.status("rssi") == -74  # associated all the same


@simulated("esp32")
async def test_wrong_key_reads_connecting_for_ever(board):
    sta = up(board)
    sta.connect("HomeNet", "not the key")
    assert await statuses(board, 60000) == [1001]


@simulated("esp32")
async def test_a_router_whose_second_refusal_reads_as_wrong_password(board):
    board.air.router("HomeNet").reasons = (15, 205)
    sta = up(board)
    sta.connect("HomeNet", "not the key")
    assert await statuses(board, 12000) == [1001, 202]


@simulated("esp32")
async def test_without_reconnects_the_raw_reason_is_final(board):
    for reason in (15, 204, 2):
        board.reboot()
        board.air.router("HomeNet").reasons = (reason,)
        sta = up(board)
        sta.config(reconnects=0)
        assert sta.config("reconnects") == 0
        sta.connect("HomeNet", "not the key")
        assert await statuses(board, 8000) == [1001, reason]
        assert sta.scan()


@simulated("esp32")
async def test_security_that_does_not_fit(board):
    sta = up(board)
    sta.config(reconnects=0)
    for ssid, key, status in (
        ("SchoolNet", "some password", 210),
        ("HomeNet", "", 210),
        ("CafeFree", "a key for nothing", 211),
        ("Nowhere", "12345678", 201),
    ):
        sta.connect(ssid, key)
        await board.sleep_ms(6000)
        assert sta.status() == status, (ssid, sta.status())


@simulated("esp32")
async def test_wpa3_and_open_need_nothing_special(board):
    sta = up(board)
    for ssid, key in (("Future", "saefuture"), ("CafeFree", None), ("Hidden One", "peekaboo42")):
        sta.connect(ssid, key)
        await board.until(sta.isconnected)
        sta.disconnect()
        await board.until(lambda: not sta.isconnected())


@simulated("esp32")
async def test_scan_gives_nothing_while_joining(board):
    sta = up(board)
    assert sta.scan()
    sta.connect("Nowhere", "12345678")
    assert sta.scan() == []
    await board.sleep_ms(30000)
    assert sta.scan() == []  # the driver still tries
    sta.disconnect()
    assert sta.scan()


@simulated("esp32")
async def test_scan_lists_each_access_point_with_the_ports_numbers(board):
    found = up(board).scan()
    assert len([entry for entry in found if entry[0] == b"HomeNet"]) == 2
    assert len({entry[1] for entry in found}) == len(found) == 10
    security = {entry[0]: entry[4] for entry in found}
    assert security[b"HomeNet"] == 3 and security[b"Future"] == 6
    assert security[b"SchoolNet"] == 5 and security[b"CafeFree"] == 0
    assert "50% off & más ☕".encode() in security
    assert b"" in security and b"Hidden One" not in security
    assert {entry[5] for entry in found} == {False}


@simulated("esp32", "rp2")
async def test_scan_stops_everything_else(board):
    ticks = []

    async def count():
        while True:
            ticks.append(board.now())
            await asyncio.sleep_ms(10)

    board.sta.active(True)
    task = asyncio.create_task(count())
    await asyncio.sleep_ms(100)
    before, count_before = board.now(), len(ticks)
    board.sta.scan()
    assert board.now() - before >= 2000 and len(ticks) == count_before
    task.cancel()


@simulated("esp32")
async def test_connect_while_joining_or_joined(board):
    sta = up(board)
    sta.connect("Nowhere", "12345678")
    raises(OSError, "Wifi Internal Error", sta.connect, *HOME)
    sta.disconnect()
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.connect("CafeFree")
    await board.sleep_ms(5000)
    assert sta.isconnected() and sta.ifconfig()[0] == "192.168.1.50"  # still at home


@simulated("esp32", version=(1, 27))
async def test_newer_idf_has_another_error(board):
    sta = up(board)
    sta.connect("Nowhere", "12345678")
    raises(OSError, "Wifi Internal State Error", sta.connect, *HOME)


@simulated("esp32")
async def test_connect_right_after_disconnect_loses_its_status(board):
    """The event of the disconnect() comes late, and uses up the attempt of reconnects=0."""
    sta = up(board)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.config(reconnects=0)
    sta.disconnect()
    assert sta.isconnected()  # the event has not come yet
    sta.connect("Basement", "basement1")
    assert set(await statuses(board, 3000)) == {1000}


@simulated("esp32")
async def test_lost_link_comes_back_by_itself(board):
    sta = up(board)
    sta.connect("Flaky", "flakyflaky")
    seen = await statuses(board, 12000)
    assert seen[:5] == [1001, 1010, 1001, 1010, 1001], seen


@simulated("esp32")
async def test_router_gone_and_back(board):
    sta = up(board)
    sta.connect("CafeFree")
    await board.until(sta.isconnected)
    board.air.router("CafeFree").present = False
    await board.sleep_ms(1000)
    assert sta.isconnected()  # not noticed yet
    await board.sleep_ms(8000)
    assert sta.ifconfig()[0] == "0.0.0.0"
    assert (await statuses(board, 10000))[-1] == 201
    board.air.router("CafeFree").present = True
    await board.until(sta.isconnected)


@simulated("esp32")
async def test_errors_before_activation(board):
    sta, ap = board.sta, board.ap
    raises(OSError, "STA must be active", sta.scan)
    raises(OSError, "Wifi Not Started", sta.connect, *HOME)
    raises(OSError, "Wifi Invalid Mode", ap.config, ssid="x")
    ap.active(True)
    raises(OSError, "Wifi Invalid Mode", sta.config, reconnects=0)
    assert board.network.WLAN(1) is ap
    raises(ValueError, "invalid WLAN", board.network.WLAN, 2)


@simulated("esp32")
async def test_config_keys(board):
    sta, ap = up(board), board.ap
    ap.active(True)
    for key in ("ssid", "essid", "key", "password"):
        raises(OSError, "AP required", sta.config, **{key: "12345678"})
    for key in ("hidden", "max_clients", "security", "authmode"):
        raises(OSError, "AP required", sta.config, **{key: 3})
    assert sta.config("reconnects") == -1
    raises(OSError, "STA required", ap.config, reconnects=1)
    assert sta.config("reconnects") == 1  # set before it is refused
    raises(ValueError, "unknown config param", sta.config, nonsense=1)
    raises(ValueError, "unknown config param", sta.config, "nonsense")
    raises(TypeError, "", sta.config, "mac", pm=0)
    raises(OSError, "Wifi Not Connected", sta.status, "rssi")
    raises(ValueError, "unknown status param", sta.status, "nonsense")
    assert len(sta.config("mac")) == 6 and sta.config("mac") != ap.config("mac")
    assert sta.active(False) is False and ap.status() is None


@simulated("esp32")
async def test_a_name_of_32_bytes_reads_on_into_the_password(board):
    sta = up(board)
    sta.connect("n" * 32, "secret of 17 byte")
    assert sta.config("ssid") == "n" * 32 + "secret of 17 byte"


@simulated("esp32")
async def test_access_point_without_security_is_open(board):
    ap = board.ap
    ap.active(True)
    ap.config(ssid="board", key="long enough")
    assert ap.config("security") == 0
    assert board.phone().join("anything", ssid="board")
    ap.config(ssid="board", key="long enough", security=3)
    assert not board.phone().join("anything")
    assert board.phone().join("long enough")


@simulated("esp32")
async def test_access_point_refuses_bad_values(board):
    ap = board.ap
    ap.active(True)
    raises(OSError, "Wifi Invalid Password", ap.config, key="short", security=3)
    raises(RuntimeError, "0x0102", ap.config, key="long enough", security=1)
    raises(RuntimeError, "0x0102", ap.config, channel=0)
    assert ap.config("security") == 0 and ap.config("channel") == 1


@simulated("esp32")
async def test_access_point_follows_the_stations_channel(board):
    sta, ap = up(board), board.ap
    ap.active(True)
    ap.config(ssid="board", key="12345678", security=3, channel=11)
    phone = board.phone()
    assert phone.join("12345678") and ap.isconnected()
    assert ap.status("stations") == [(phone.mac,)]
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    assert not phone.joined and ap.config("channel") == 6
    await board.sleep_ms(5000)
    assert phone.joined  # it looked for the AP again
    sta.disconnect()
    await board.sleep_ms(100)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    assert phone.joined  # same channel: it stays


@simulated("esp32")
async def test_access_point_moves_to_a_channel_that_is_set(board):
    sta, ap = up(board), board.ap
    ap.active(True)
    ap.config(ssid="board", key="12345678", security=3, channel=11)
    phone = board.phone()
    assert phone.join("12345678")
    sta.config(channel=11)
    assert phone.joined
    sta.config(channel=3)
    assert not phone.joined and ap.config("channel") == 3
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.config(channel=9)
    assert ap.config("channel") == 6, "a link keeps it where it is"


@simulated("esp32", version=(1, 29))
async def test_stations_have_addresses_from_1_29_on(board):
    board.ap.active(True)
    phone = board.phone()
    phone.join()
    assert board.ap.status("stations") == [(phone.mac, "192.168.4.2")]


@simulated("esp32")
async def test_ap_address_and_its_dhcp_server(board):
    ap = board.ap
    ap.active(True)
    assert ap.ifconfig()[0] == "192.168.4.1"
    phone = board.phone()
    phone.join()
    assert phone.lease == ("192.168.4.2", "192.168.4.1", "192.168.4.1")
    ap.ifconfig(("172.217.28.1", "255.255.255.0", "172.217.28.1", "172.217.28.1"))
    assert phone.dhcp_dns() == "192.168.4.1"  # until it asks again
    phone.leave()
    phone.join()
    assert phone.dhcp_dns() == "172.217.28.1"
    raises(ValueError, "invalid arguments", ap.ifconfig, "dhcp")


@simulated("esp32")
async def test_fixed_address_needs_no_dhcp(board):
    sta = up(board)
    sta.ipconfig(addr4="10.0.0.5/8", gw4="10.0.0.1")
    assert sta.ipconfig("addr4") == ("10.0.0.5", "255.0.0.0") and not sta.ipconfig("dhcp4")
    sta.connect("Basement", "basement1")
    await board.until(sta.isconnected, 3000)
    raises(ValueError, "unexpected key", sta.ipconfig, "has_dhcp4")


@simulated("esp32")
async def test_constants_tell_the_port(board):
    network = board.network
    assert network.STAT_IDLE == 1000 and network.STAT_WRONG_PASSWORD == 202
    assert network.WLAN.SEC_WPA2 == 3 and network.AUTH_WPA3_PSK == 6
    assert not hasattr(network.WLAN, "deinit")
    raises(ValueError, "", network.hostname, "x" * 33)
    network.hostname("x" * 32)
    assert network.hostname() == "x" * 32
    import machine

    assert machine.unique_id() == up(board).config("mac")


@simulated("esp32")
async def test_reboot_empties_the_radio(board):
    sta = up(board)
    sta.connect(*HOME)
    board.ap.active(True)
    await board.until(sta.isconnected)
    board.reboot()
    assert not board.sta.active() and not board.ap.active() and board.air.ap is None
    board.sta.active(True)
    assert board.sta.status() == 1000
    assert await statuses(board, 5000) == [1000]
