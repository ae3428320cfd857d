# The Pico W's network module with every trap: extmod/network_cyw43.c itself on the twin, the shim
# elsewhere. What belongs to another release than the twin's says `version=`.
# MIT licence

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


@simulated("rp2", false_badauth=False)
async def test_join(board):
    sta = board.sta
    assert sta.active(True) is None and sta.active() is True
    assert sta.status() == 0
    sta.connect(*HOME)
    assert sta.status() == 1
    assert await statuses(board, 4000) == [1, 2, 3]
    assert sta.isconnected() and sta.status("rssi") == -45
    assert sta.ipconfig("addr4")[0] == "192.168.1.50" and sta.ipconfig("has_dhcp4")


@simulated("rp2")
async def test_first_join_refuses_the_right_password(board):
    sta = up(board)
    sta.connect(*HOME)
    assert await statuses(board, 10000) == [1, -3]
    sta.connect(*HOME)
    assert await statuses(board, 4000) == [1, 2, 3]


@simulated("rp2")
async def test_first_join_of_an_open_network_is_fine(board):
    sta = up(board)
    sta.connect("CafeFree")
    assert await statuses(board, 4000) == [1, 2, 3]


@simulated("rp2", false_badauth=False)
async def test_failures(board):
    sta = up(board)
    for ssid, key, last in (
        ("Nowhere", "12345678", -2),
        ("HomeNet", "not the key", -3),
        ("SchoolNet", "some password", -2),
        ("Basement", "basement1", 2),
    ):
        sta.connect(ssid, key)  # while the last one is pending nothing is raised
        assert (await statuses(board, 30000))[-1] == last, ssid
    board.air.router("HomeNet").loss = 100
    board.air.routers[1].present = False
    sta.connect(*HOME)
    assert (await statuses(board, 5000))[-1] == -1


@simulated("rp2", false_badauth=False)
async def test_wrong_password_works_after_the_right_one(board):
    sta = up(board)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.connect("HomeNet", "not the key")
    assert (await statuses(board, 8000))[-1] == 3
    sta.disconnect()
    sta.connect("HomeNet", "not the key")
    assert (await statuses(board, 8000))[-1] == 3
    sta.disconnect()
    sta.active(False)
    sta.active(True)
    sta.connect("HomeNet", "not the key")
    assert (await statuses(board, 8000))[-1] == 3
    sta.deinit()
    sta.active(True)
    sta.connect("HomeNet", "not the key")
    assert (await statuses(board, 8000))[-1] == -3


@simulated("rp2", false_badauth=False, false_success=False)
async def test_a_board_without_that_fault(board):
    sta = up(board)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.connect("HomeNet", "not the key")
    assert (await statuses(board, 8000))[-1] == -3


@simulated("rp2", false_badauth=False)
async def test_an_inactive_station_goes_on(board):
    sta = up(board)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.active(False)
    assert not sta.active() and sta.status() == 3 and sta.scan()
    sta.connect("CafeFree")
    assert (await statuses(board, 8000))[-1] == 3
    assert sta.ifconfig()[0] == "10.20.0.77"


@simulated("rp2", version=(1, 26), false_badauth=False)
async def test_inactive_is_no_longer_joined_from_1_26_on(board):
    sta = up(board)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.active(False)
    sta.active(True)
    assert await statuses(board, 2000) == [0]


@simulated("rp2", false_badauth=False)
async def test_wpa3_needs_to_be_asked_for(board):
    sta = up(board)
    sta.connect("Future", "saefuture")
    assert await statuses(board, 30000) == [1]
    sta.connect("Future", "saefuture", security=board.network.WLAN.SEC_WPA3)
    assert (await statuses(board, 4000))[-1] == 3


@simulated("rp2", false_badauth=False)
async def test_scans_security_is_a_mask_and_no_argument(board):
    sta = up(board)
    found = sta.scan()
    security = {entry[0]: entry[4] for entry in found}
    # Enterprise and WPA3 cannot be told from WPA2.
    assert security[b"HomeNet"] == security[b"SchoolNet"] == security[b"Future"] == 5
    assert security[b"CafeFree"] == 0
    assert {type(entry[5]) for entry in found} == {int} and min(e[5] for e in found) >= 1
    raises(OSError, "22", sta.connect, *HOME, security=security[b"HomeNet"])


@simulated("rp2")
async def test_inactive(board):
    raises(OSError, "1", board.sta.connect, *HOME)
    raises(OSError, "1", board.sta.scan)
    board.ap.active(True)
    assert board.sta.scan()  # any interface will do


@simulated("rp2")
async def test_config_keys(board):
    sta, ap = up(board), board.ap
    for key in ("hidden", "max_clients", "reconnects", "authmode", "protocol", "dhcp_hostname"):
        raises(ValueError, "unknown config param", ap.config, **{key: 1})
        raises(ValueError, "unknown config param", ap.config, key)
    raises(ValueError, "unknown config param", ap.config, "key")
    raises(ValueError, "STA required", ap.status, "rssi")
    raises(ValueError, "AP required", sta.status, "stations")
    raises(TypeError, "can't specify pos and kw args", sta.config, "mac", pm=0)
    raises(TypeError, "must query one param", sta.config)
    sta.config(pm=board.network.WLAN.PM_NONE)
    assert sta.config("pm") == 0x10
    assert sta.config("mac") != ap.config("mac")


@simulated("rp2", false_badauth=False)
async def test_lost_link_stays_lost(board):
    sta = up(board)
    sta.connect("Flaky", "flakyflaky")
    assert await statuses(board, 20000) == [1, 2, 3, 0]
    assert sta.ifconfig()[0] == "0.0.0.0"


@simulated("rp2")
async def test_access_point_is_closed_unless_told(board):
    ap = board.ap
    assert ap.status() == 0
    ap.active(True)
    assert ap.status() == 3 and not ap.isconnected()
    assert not board.phone().join("") and board.phone().join("picoW123")
    ap.config(ssid="board", security=0)
    assert board.phone().join("", ssid="board")


@simulated("rp2")
async def test_changing_the_access_point_kicks_the_phones(board):
    ap = board.ap
    ap.config(ssid="board", key="12345678")
    ap.active(True)
    phone = board.phone()
    assert phone.join("12345678")
    ap.config(pm=0x10)
    assert phone.joined
    ap.config(channel=8)
    assert not phone.joined and ap.status("stations") == []
    await board.sleep_ms(4000)
    assert phone.joined and ap.status("stations") == [(phone.mac,)]


@simulated("rp2")
async def test_dhcp_server_before_1_29(board):
    ap = board.ap
    ap.active(True)
    ap.ifconfig(("172.217.28.1", "255.255.255.0", "172.217.28.1", "172.217.28.1"))
    phone = board.phone()
    phone.join("picoW123")
    # The server copied the address when the interface came up.
    assert phone.lease == ("192.168.4.16", "192.168.4.1", "192.168.4.1")
    ap.active(False)
    ap.active(True)
    assert ap.ifconfig()[0] == "192.168.4.1"
    board.reboot(ap_address="10.1.2.3")
    board.ap.active(True)
    phone.join("picoW123")
    assert phone.lease == ("10.1.2.16", "10.1.2.3", "192.168.4.1")


@simulated("rp2", version=(1, 29), ap_address="10.1.2.3")
async def test_dhcp_server_from_1_29_on_names_the_board_for_dns(board):
    board.ap.active(True)
    phone = board.phone()
    phone.join("picoW123")
    assert phone.lease == ("10.1.2.16", "10.1.2.3", "10.1.2.3")


async def ap_down_while_joined(board):
    board.ap.active(True)
    sta = up(board)
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    assert not board.stale_route
    board.ap.active(False)


@simulated("rp2", false_badauth=False)
async def test_default_route_stays_on_the_access_point_before_1_28(board):
    await ap_down_while_joined(board)
    assert board.stale_route
    board.sta.deinit()
    assert not board.stale_route
    board.sta.active(True)
    board.sta.connect(*HOME)
    await board.until(board.sta.isconnected)
    assert not board.stale_route


@simulated("rp2", false_badauth=False)
async def test_after_deinit_all_is_off_but_reads_active(board):
    sta, ap = up(board), board.ap
    ap.active(True)
    phone = board.phone()
    assert phone.join("picoW123")
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    sta.deinit()
    assert sta.active() and ap.active()  # what was asked for last
    assert sta.status() == 0 and ap.status() == 0 and not phone.joined
    assert sta.ifconfig()[0] == "0.0.0.0"
    raises(OSError, "1", sta.connect, *HOME)
    raises(OSError, "1", sta.scan)
    sta.active(True)
    sta.connect(*HOME)
    await board.until(sta.isconnected)


@simulated("rp2", version=(1, 28), false_badauth=False)
async def test_default_route_leaves_the_access_point_from_1_28_on(board):
    await ap_down_while_joined(board)
    assert not board.stale_route


@simulated("rp2", false_badauth=False)
async def test_both_interfaces_share_a_channel(board):
    sta, ap = up(board), board.ap
    ap.active(True)
    phone = board.phone()
    phone.join("picoW123")
    sta.connect(*HOME)
    await board.until(sta.isconnected)
    assert ap.config("channel") == 6 and not phone.joined
    await board.sleep_ms(5000)
    assert phone.joined and sta.isconnected()


@simulated("rp2")
async def test_waiting_for_dhcp_blocks_and_gives_up(board):
    sta = up(board)
    before = board.now()
    raises(OSError, "timeout waiting for DHCP", sta.ifconfig, "dhcp")
    assert 10000 <= board.now() - before < 11000


@simulated("rp2")
async def test_constants_tell_the_port(board):
    network = board.network
    assert (network.STAT_IDLE, network.STAT_CONNECTING, network.STAT_GOT_IP) == (0, 1, 3)
    assert not hasattr(network, "AUTH_OPEN") and not hasattr(network, "STAT_BEACON_TIMEOUT")
    assert network.WLAN.SEC_WPA3 == 0x01000004 and not hasattr(network.WLAN, "SEC_WPA2")
    assert network.ipconfig("prefer") == 4
    raises(ValueError, "unexpected key", network.ipconfig, "nonsense")
    raises(ValueError, "", network.hostname, "x" * 33)
    import machine

    assert len(machine.unique_id()) == 8
