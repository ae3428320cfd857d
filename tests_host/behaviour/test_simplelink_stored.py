# TI's host API: profiles, policies, the list of networks, names and ports.
# MIT licence

from engine import stored
from harness import simulated
from ti_host import HOME, TiHost


@simulated("esp32", "rp2")
async def test_profiles_keep_their_places(board):
    sl = TiHost().sl
    for place in range(7):
        added = sl.sl_WlanProfileAdd("net%d" % place, None, (2, "password"), None, place)
        assert added == place
    assert sl.sl_WlanProfileAdd("eighth") == -2076
    assert sl.sl_WlanProfileAdd("net3", None, (2, "another password"), None, 9) == 3
    assert sl.sl_WlanProfileGet(3) == (2, b"net3", bytes(6), 9)
    assert sl.sl_WlanProfileDel(2) == 0
    assert sl.sl_WlanProfileGet(2) == (-2074, None, None, None)
    assert sl.sl_WlanProfileGet(6) == (2, b"net6", bytes(6), 6), "none moved"
    assert sl.sl_WlanProfileDel(2) == -2074
    assert sl.sl_WlanProfileAdd("CafeFree") == 2 and sl.sl_WlanProfileGet(2)[0] == 0
    for place in range(7):
        assert sl.sl_WlanProfileDel(place) == 0
    assert stored() == []
    for place in (-1, 7, 254):
        assert sl.sl_WlanProfileDel(place) == sl.sl_WlanProfileGet(place)[0] == -2074
    assert sl.sl_WlanProfileAdd("HomeNet") == 0 and sl.sl_WlanProfileDel(255) == 0
    assert stored() == []


@simulated("esp32")
async def test_profiles_that_cannot_be(board):
    sl = TiHost().sl
    bad = (
        (("", None, None), -2060),
        (("x" * 33, None, None), -2060),
        (("HomeNet", None, (2, "short")), -2058),
        (("HomeNet", None, (2, "")), -2058),
        (("HomeNet", None, (2, "x" * 65)), -2055),
        (("HomeNet", None, (99, "password")), -2054),
        (("HomeNet", None, (3, "password")), -2054),
        (("HomeNet", None, (5, "password")), -2054),
        (("HomeNet", None, (2, "password"), "enterprise"), -2057),
        (("HomeNet", b"12345", None), -2006),
        (("HomeNet", None, None, None, 16), -2006),
        (("HomeNet", None, None, None, -1), -2006),
    )
    for arguments, code in bad:
        assert sl.sl_WlanProfileAdd(*arguments) == code, arguments
        if len(arguments) < 5:
            assert sl.sl_WlanConnect(*arguments) == code, arguments
    assert stored() == []
    assert sl.sl_WlanProfileAdd(b"\xff\xfe", bytes(6), (11, b"x" * 64)) == -2058, "no hex digits"
    assert sl.sl_WlanProfileAdd(b"\xff\xfe", bytes(6), (12, b"a1" * 32), None, 15) == 0
    assert sl.sl_WlanProfileGet(0) == (12, b"\xff\xfe", bytes(6), 15)
    assert sl.sl_WlanProfileAdd("HomeNet", None, (11, "password")) == 1, "WPA2 or WPA3"
    assert sl.sl_WlanProfileGet(1)[0] == 2


@simulated("esp32", "rp2")
async def test_policies(board):
    sl = TiHost().sl
    assert sl.sl_WlanPolicyGet(0x10) == (0, 0, None)
    assert sl.sl_WlanPolicySet(0x10, 0x20) == 0 and sl.sl_WlanPolicyGet(0x10) == (0, 0x20, None)
    assert sl.sl_WlanPolicySet(0x10, 256) == sl.sl_WlanPolicySet(0x10, -1) == -2006
    assert sl.sl_WlanPolicySet(0x20, 1) == sl.sl_WlanPolicySet(0x20, 1, 0) == -2078
    assert sl.sl_WlanPolicySet(0x20, 3, 60) == 0 and sl.sl_WlanPolicyGet(0x20) == (0, 3, 60)
    assert sl.sl_WlanPolicySet(0x20, 0) == 0 and sl.sl_WlanPolicyGet(0x20) == (0, 0, 0)
    assert sl.sl_WlanPolicySet(0x30, 0) == 0 and sl.sl_WlanPolicySet(0x30, 3) == -2067
    assert sl.sl_WlanPolicySet(0x40, 0) == sl.sl_WlanPolicyGet(0x40)[0] == -2066
    sl.sl_WlanSetMode(2)
    sl.sl_Stop(0)
    sl.sl_Start()
    assert sl.sl_WlanPolicySet(0x20, 1, 9) == -2077, "as access point 10 s or more"


@simulated("esp32", "rp2")
async def test_no_scan_policy_during_a_run_even_where_the_api_is_open(board):
    host = TiHost()
    await host.open(3)
    assert not host.is_blocked()
    assert host.sl.sl_WlanPolicySet(0x20, 1, 60) == -2052
    host.stop()
    await host.until(13, 12)


@simulated("esp32", "rp2")
async def test_what_the_host_changes_in_the_open_part_of_a_run_stays(board):
    host = TiHost()
    sl = host.sl
    sl.sl_WlanProfileAdd("CafeFree")
    await host.open(3)
    assert sl.sl_WlanProfileDel(255) == 0
    assert sl.sl_WlanProfileAdd("<b>x</b>\"';--", None, (2, "injection")) == 0
    assert sl.sl_NetAppSet(0x10, 0, "lamp") == 0
    assert host.portal.session.identity.name == "lamp", "the portal shows it"
    host.transmit(*HOME)
    sl.sl_Stop(0)
    sl.sl_Start()
    await host.until(13, 16)
    await board.sleep_ms(5000)
    host.fetch()
    await host.until(13, 12)
    assert [ssid for ssid, _ in stored()] == [b"<b>x</b>\"';--", b"HomeNet"]
    assert sl.sl_NetAppGet(0x10, 0) == (0, "lamp")


@simulated("esp32", "rp2")
async def test_the_list_of_networks_is_asked_for_without_waiting(board):
    sl = TiHost().sl
    radio, scans = sl._processor._wlan.radio, []
    scan = radio.scan
    radio.scan = lambda: scans.append(1) or scan()
    start = board.now()
    for _ in range(3):
        assert sl.sl_WlanGetNetworkList(0, 30) == (-2073, None) and board.now() - start < 10
    await board.sleep_ms(4000)
    assert len(scans) == 1
    count, entries = sl.sl_WlanGetNetworkList(0, 30)
    assert count == len(entries) >= 6 and entries[0].Ssid == b"HomeNet"
    assert entries[0].SsidLen == 7 and len(entries[0].Bssid) == 6 and entries[0].Channel == 6
    types = {e.Ssid: sl.SL_WLAN_SCAN_RESULT_SEC_TYPE_BITMAP(e.SecurityInfo) for e in entries}
    assert types[b"CafeFree"] == 0 and types[b"HomeNet"] == 4
    assert not [entry for entry in entries if not entry.Ssid.strip(b"\0")], "no hidden ones"
    assert sl.sl_WlanGetNetworkList(1, 2)[0] == 2
    assert repr(sl.sl_WlanGetNetworkList(1, 2)[1]) == repr(entries[1:3])
    assert sl.sl_WlanGetNetworkList(0, 31)[0] == sl.sl_WlanGetNetworkList(30, 1)[0] == -2006
    await board.sleep_ms(31000)
    assert sl.sl_WlanGetNetworkList(0, 30)[0] == -2073, "too old"
    assert sl.sl_WlanPolicySet(0x20, 3, 60) == 0
    await board.sleep_ms(4000)
    count = sl.sl_WlanGetNetworkList(0, 30)[0]
    assert count > len(entries), "with the hidden ones"
    await board.sleep_ms(70000)
    assert sl.sl_WlanGetNetworkList(0, 30)[0] == count, "there is always one with a policy"


@simulated("esp32", "rp2")
async def test_device_name_and_http_port(board):
    sl = TiHost().sl
    status, name = sl.sl_NetAppGet(0x10, 0)
    assert status == 0 and name.startswith("micropython-")
    assert sl.sl_NetAppSet(0x10, 0, "lamp") == sl.sl_NetAppSet(0x10, 0, "Küche".encode()) == 0
    assert sl.sl_NetAppGet(0x10, 0) == (0, "Küche")
    assert sl.sl_NetAppSet(0x10, 0, "") == sl.sl_NetAppSet(0x10, 0, "x" * 33) == -6218
    assert sl.sl_NetAppSet(0x10, 0, b"\xff") == -6147
    assert sl.sl_NetAppGet(0x10, 1) == (0, "mysimplelink.net")
    assert sl.sl_NetAppSet(0x10, 1, "example.net") == -14338
    assert sl.sl_NetAppSet(1, 0, 8080) == 0 and sl.sl_NetAppGet(1, 0) == (0, 8080)
    assert sl.sl_NetAppSet(1, 0, 0) == -2006 and sl.sl_NetAppGet(1, 3) == (-14338, None)
    assert sl.sl_NetAppGet(4, 0) == (-6212, None)


@simulated("esp32")
async def test_a_full_flash_is_a_code(board):
    from provisioning import store

    sl = TiHost().sl

    def fail(name, record):
        raise OSError(28)

    store.save = fail
    assert sl.sl_WlanProfileAdd("CafeFree") == sl.sl_NetAppSet(0x10, 0, "lamp") == -14342
    assert sl.sl_WlanSetMode(2) == -14342
