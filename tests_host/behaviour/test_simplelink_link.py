# TI's host API: the link, by command and by policy, and its events.
# MIT licence

from engine import stored
from harness import simulated
from ti_host import HOME, TiHost


def _present(board, present):
    for router in board.air.routers:
        if router.ssid == b"HomeNet":
            router.present = present


@simulated("esp32", "rp2")
async def test_connect_and_disconnect(board):
    host = TiHost()
    sl = host.sl
    assert sl.sl_WlanDisconnect() == -2071
    assert sl.sl_WlanConnect("HomeNet", None, (2, HOME[1])) == 0 and host.events == []
    await host.until("link", 1)
    await host.until("address", 1)
    assert board.sta.isconnected() and stored() == []
    assert sl.sl_WlanConnect("CafeFree") == 0
    await host.until("link", 2)
    await host.until("link", 1)
    assert sl.sl_WlanDisconnect() == 0
    await host.until("link", 2)
    assert sl.sl_WlanDisconnect() == -2071
    await board.sleep_ms(60000)
    linked = [("link", 1), ("address", 1), ("link", 2)]
    assert host.events == linked + linked and not board.sta.isconnected()


@simulated("esp32", "rp2")
async def test_a_link_s_events_say_what_ti_s_say(board):
    host = TiHost()
    events = []
    host.sl.sl_RegisterEventHandler(host.sl.SL_EVENT_HDL_WLAN, events.append)
    host.sl.sl_RegisterEventHandler(host.sl.SL_EVENT_HDL_NETAPP, events.append)
    host.sl.sl_WlanConnect("CafeFree")
    await board.until(lambda: len(events) == 2)
    connect = events[0].Data.Connect
    assert (connect.SsidName, connect.SsidLen, connect.Bssid) == (b"CafeFree", 8, bytes(6))
    address = events[1].Data.IpAcquiredV4
    parts = [str(address.Ip >> shift & 255) for shift in (24, 16, 8, 0)]
    assert ".".join(parts) == board.sta.ifconfig()[0]
    host.sl.sl_WlanDisconnect()
    await board.until(lambda: len(events) == 3)
    assert events[2].Data.Disconnect.ReasonCode == host.sl.SL_WLAN_DISCONNECT_USER_INITIATED
    host.sl.sl_WlanConnect("HomeNet", None, (2, "incorrect donkey"))
    await board.until(lambda: len(events) == 4)
    assert events[3].Data.Disconnect.ReasonCode == host.sl.SL_WLAN_DISCONNECT_SECURITY_FAILURE
    host.sl.sl_WlanConnect("Basement", None, (2, "basement1"))
    await board.until(lambda: len(events) == 6)
    assert events[4].Id == host.sl.SL_NETAPP_EVENT_DHCP_IPV4_ACQUIRE_TIMEOUT
    assert events[5].Data.Disconnect.SsidName == b"Basement"


@simulated("esp32", "rp2")
async def test_a_second_connect_replaces_the_first(board):
    host = TiHost()
    host.sl.sl_WlanConnect("Nowhere", None, (2, "password"))
    await board.sleep_ms(1000)
    host.sl.sl_WlanConnect("CafeFree")
    await host.until("link", 1)
    assert host.events == [("link", 1), ("address", 1)]
    host.sl.sl_WlanConnect("Nowhere", None, (2, "password"))
    await board.sleep_ms(500)
    assert host.sl.sl_WlanDisconnect() == 0, "an attempt can be given up"
    await board.sleep_ms(60000)
    assert not board.sta.isconnected() and host.events[3:] == []


@simulated("esp32", "rp2")
async def test_a_change_of_network_is_told_once_whenever_it_comes(board):
    host = TiHost()
    networks = (("CafeFree",), ("HomeNet", None, (2, HOME[1])))
    host.sl.sl_WlanConnect(*networks[0])
    await host.until("address", 1)
    for change in range(1, 11):
        await board.sleep_ms(1000 + 30 * change)
        del host.events[:]
        host._seen = 0
        host.sl.sl_WlanConnect(*networks[change % 2])
        await host.until("address", 1)
        await board.sleep_ms(500)
        assert host.events == [("link", 2), ("link", 1), ("address", 1)], change


@simulated("esp32", "rp2")
async def test_connect_wins_over_the_policy_at_any_time(board):
    for ms in (260, 300, 1100):
        host = TiHost(start=ms == 260)
        sl = host.sl
        sl.sl_WlanProfileDel(255)
        sl.sl_WlanProfileAdd("Nowhere", None, (2, "password"))
        sl.sl_WlanPolicySet(0x10, 1)
        await board.sleep_ms(ms)
        sl.sl_WlanConnect("CafeFree")
        await host.until("link", 1, timeout_ms=6000)
        await board.sleep_ms(5000)
        assert board.sta.isconnected() and host.events == [("link", 1), ("address", 1)], ms
        sl.sl_WlanDisconnect()
        await host.until("link", 2)


@simulated("esp32", "rp2")
async def test_link_events_are_held_back_during_a_run(board):
    host = TiHost()
    host.sl.sl_WlanConnect("HomeNet", None, (2, HOME[1]))
    await host.until("address", 1)
    del host.events[:]
    host._seen = 0
    await host.open(0)
    host.hand_over("CafeFree")
    await host.until(13, 16)
    await board.sleep_ms(5000)
    host.fetch()
    await host.until(13, 12)
    await board.sleep_ms(5000)
    kinds = [event[0] for event in host.events]
    assert "link" not in kinds and "address" not in kinds, host.events
    assert host.last.WlanStatus == 3 and host.last.Ssid == b"CafeFree"
    host.sl.sl_WlanDisconnect()
    await host.until("link", 2)


@simulated("esp32", "rp2")
async def test_the_policy_connects_and_reconnects(board):
    host = TiHost()
    sl = host.sl
    sl.sl_WlanProfileAdd("HomeNet", None, (2, HOME[1]))
    await board.sleep_ms(10000)
    assert host.events == [], "not without the policy"
    assert sl.sl_WlanPolicySet(0x10, 1) == 0
    await host.until("link", 1)
    _present(board, False)
    await host.until("link", 2)
    await board.sleep_ms(20000)
    _present(board, True)
    await host.until("link", 1)
    assert sl.sl_WlanDisconnect() == 0
    await board.sleep_ms(30000)
    assert not board.sta.isconnected(), "the program has said what it wants"
    assert sl.sl_Stop(0) == sl.sl_Start() == 0
    await host.until("link", 1)
    sl.sl_Stop(0)
    await board.sleep_ms(5000)
    assert not board.sta.isconnected()


@simulated("esp32", "rp2")
async def test_switched_off_it_leaves_others_runs_alone(board):
    import provisioning

    host = TiHost()
    host.sl.sl_Stop(0)
    assert provisioning.host.get().start(0) == 0
    await board.until(lambda: host.portal.is_open)
    host.hand_over("CafeFree")
    await host.until(13, 16)
    await board.sleep_ms(5000)
    host.fetch()
    await host.until(13, 12)
    await board.sleep_ms(1000)
    assert board.sta.isconnected() and host.sl.sl_WlanSetMode(0) == -2018


@simulated("esp32")
async def test_switched_off_it_does_nothing_any_more(board):
    sl = TiHost().sl
    await board.sleep_ms(1000)
    radio, looks = sl._processor._wlan.radio, []
    radio.is_linked = lambda: looks.append(1)
    await board.sleep_ms(2000)
    assert looks
    sl.sl_Stop(0)
    del looks[:]
    await board.sleep_ms(10000)
    assert not looks


@simulated("esp32", "rp2")
async def test_the_policy_connects_no_access_point(board):
    host = TiHost()
    sl = host.sl
    sl.sl_WlanProfileAdd("CafeFree")
    sl.sl_WlanPolicySet(0x10, 1)
    sl.sl_WlanSetMode(2)
    await host.until("link", 1)
    assert (sl.sl_Stop(0), sl.sl_Start()) == (0, 2)
    await board.sleep_ms(20000)
    assert not board.sta.isconnected()
    assert sl.sl_WlanConnect("CafeFree") == 0
    await host.until("link", 1)
    assert board.ap.active(), "what is asked for is done, beside it"


@simulated("esp32", "rp2")
async def test_with_one_role_an_access_point_connects_to_nothing(board):
    from provisioning.settings import Settings

    sl = TiHost().sl
    Settings().update(one_role=True)
    sl.sl_WlanSetMode(2)
    assert (sl.sl_Stop(0), sl.sl_Start()) == (0, 2)
    assert sl.sl_WlanConnect("CafeFree") == sl.sl_WlanDisconnect() == -2050


@simulated("esp32", "rp2")
async def test_a_run_takes_the_radio_from_an_attempt(board):
    host = TiHost()
    host.sl.sl_WlanConnect("CafeFree")
    await board.sleep_ms(60)
    await host.open(0)
    await board.sleep_ms(20000)
    assert not board.sta.isconnected()
    host.stop()
    await host.until(13, 12)
    await board.sleep_ms(20000)
    assert host.events == [(13, 12)] and not board.sta.isconnected()


@simulated("esp32", "rp2")
async def test_switched_off_in_a_run_nothing_stays_on_the_air(board):
    host = TiHost()
    sl = host.sl
    sl.sl_WlanProfileAdd("CafeFree")
    sl.sl_WlanPolicySet(0x10, 1)
    await host.until("link", 1)
    await host.open(0)
    assert sl.sl_Stop(0) == 0
    await host.until(13, 12)
    await board.sleep_ms(1000)
    assert not board.sta.isconnected() and not board.ap.active()
    sl.sl_Start()
    await host.until("link", 1)


@simulated("esp32", "rp2")
async def test_provisioning_begins_by_itself_when_nothing_is_stored_and_nobody_says_anything(
    board,
):
    host = TiHost()
    host.sl.sl_WlanPolicySet(0x10, 0x21)
    await board.sleep_ms(10000)
    assert host.events == [], "somebody said something"
    host.sl.sl_Stop(0)
    host.sl.sl_Start()
    await host.until(13, 11, timeout_ms=4000)
    await board.until(lambda: host.portal.is_open)
    assert host.is_blocked() and host.provision(0) == -2169
    assert host.stop() == 0
    await host.until(13, 12)
    await board.sleep_ms(60000)
    assert host.events == [(13, 11), (13, 10), (13, 12)], "it was told to stop"


@simulated("esp32")
async def test_provisioning_begins_by_itself_after_two_minutes_without_a_network(board):
    host = TiHost()
    host.sl.sl_WlanProfileAdd("Nowhere", None, (2, "password"))
    host.sl.sl_WlanPolicySet(0x10, 0x21)
    start = board.now()
    await host.until(13, 11, timeout_ms=200000)
    assert board.now() - start >= 120000
    await board.until(lambda: host.portal.is_open)
    host.hand_over(*HOME)
    await host.until(13, 16)
    await board.sleep_ms(5000)
    host.fetch()
    await host.until(13, 12)
    await board.sleep_ms(10000)
    assert host.last.Ssid == b"HomeNet" and board.sta.isconnected()


@simulated("esp32", "rp2", plain=True)
def test_a_program_without_asyncio(board):
    import simplelink as sl
    from provisioning.settings import Settings

    Settings().update(policy=0)
    events = []
    sl.sl_RegisterEventHandler(2, lambda event: events.append(event.Id))
    assert sl.sl_Start() == 0
    assert sl.sl_WlanConnect("CafeFree") == 0
    board.pass_until(lambda: events == [1])
    assert sl.sl_WlanConnect("Nowhere", None, (2, "password")) == 0
    board.pass_ms(500)
    assert sl.sl_WlanConnect("CafeFree") == 0, "an attempt is cancelled from the program"
    board.pass_until(lambda: events == [1, 2, 1])
    sl.sl_Task()
    assert sl.sl_Stop() == 0
