# TI's message sequences, SWRA513C 8.1 to 8.7: events in order, calls allowed and refused, roles.
# MIT licence

from engine import stored
from harness import simulated
from ti_host import HOME, TiHost

STA, AP, STAY = 0, 2, 0xFF
ADDED = (14, b"HomeNet", b"")


def statuses(*numbers):
    return [(13, number) for number in numbers]


@simulated("esp32", "rp2")
async def test_8_1_successful_smartconfig(board):
    host = TiHost()
    await host.open(1, key="Key0Key0Key0Key0")
    assert host.is_blocked() and not board.ap.active()
    host.transmit(*HOME, token=b"lamp")
    await host.until(13, 15)
    assert host.is_blocked()
    await host.until(13, 16)
    assert host.is_blocked()
    await board.sleep_ms(4000)
    assert host.fetch() == 5
    await host.until(13, 12)
    added = (14, b"HomeNet", b"lamp")
    assert host.events == statuses(13) + [added] + statuses(15, 16, 5, 12)
    assert (host.last.Role, host.last.WlanStatus, host.last.Ssid) == (STA, 3, b"HomeNet")
    assert not host.is_blocked() and board.sta.isconnected()
    assert stored() == [(b"HomeNet", b"correct horse battery")]


@simulated("esp32", "rp2")
async def test_8_2_unsuccessful_smartconfig(board):
    host = TiHost()
    await host.open(1)
    host.transmit("Basement", "basement1")
    await host.until(13, 3)
    assert host.events == statuses(13) + [(14, b"Basement", b"")] + statuses(15, 3)
    assert host.is_blocked() and host.fetch() == 3
    assert host.stop() == 0
    assert host.is_blocked(), "until it has stopped"
    await host.until(13, 12)
    assert host.events[-1] == (13, 12) and len(host.events) == 5
    assert (host.last.Role, host.last.WlanStatus) == (STA, 0)
    assert not host.is_blocked() and stored() == []


@simulated("esp32", "rp2")
async def test_8_2_ends_by_itself_when_nobody_comes_back(board):
    host = TiHost()
    await host.open(1, timeout_s=30)
    host.transmit("Basement", "basement1")
    await host.until(13, 3)
    start = board.now()
    await host.until(13, 12)
    assert 29000 <= board.now() - start <= 31500
    assert host.last.Role == STA


@simulated("esp32", "rp2")
async def test_8_3_smartconfig_with_ap_fallback(board):
    host = TiHost()
    await host.open(2)
    host.transmit(*HOME)
    await host.until(13, 16)
    # The phone does not find the device.
    await host.until(13, 4)
    assert board.ap.active() and host.is_blocked()
    assert host.portal.session.read_result() == 4, "connected, feedback failed"
    await host.until(13, 12)
    assert host.events == statuses(13) + [ADDED] + statuses(15, 16, 4, 5, 12)
    assert (host.last.Role, host.last.WlanStatus) == (STA, 3)
    assert not board.ap.active() and board.sta.isconnected() and not host.is_blocked()


@simulated("esp32", "rp2")
async def test_8_4_successful_ap(board):
    for mode in (0, 2):
        host = TiHost(start=mode == 0)
        host.sl.sl_WlanProfileDel(255)
        await host.open(mode)
        assert board.ap.active() and host.is_blocked()
        host.hand_over(*HOME)
        assert host.events == [ADDED], "the confirmation begins after the answer has left"
        await host.until(13, 15)
        await host.until(13, 16)
        assert host.is_blocked()
        await board.sleep_ms(5000)
        assert host.fetch() == 5
        await host.until(13, 12)
        assert host.events == [ADDED] + statuses(15, 16, 5, 12)
        assert (host.last.Role, host.last.WlanStatus, host.last.Ssid) == (STA, 3, b"HomeNet")
        assert not host.is_blocked() and not board.ap.active()


@simulated("esp32", "rp2")
async def test_8_4_takes_the_role_of_the_start_command(board):
    host = TiHost()
    await host.open(0, role=AP)
    host.hand_over(*HOME)
    await host.until(13, 16)
    await board.sleep_ms(5000)
    assert host.fetch() == 5
    await host.until(13, 12)
    assert (host.last.Role, host.last.WlanStatus) == (AP, 0) and board.ap.active()
    assert len(stored()) == 1
    assert host.sl.sl_Stop(0) == 0 and host.sl.sl_Start() == AP, "it is the role from now on"


@simulated("esp32", "rp2")
async def test_8_5_ap_with_cloud_confirmation(board):
    host = TiHost()
    await host.open(2, flags=1)
    assert host.is_blocked()
    host.hand_over(*HOME)
    await host.until(13, 15)
    assert host.is_blocked()
    await host.until(13, 16)
    assert not host.is_blocked(), "right after 16"
    assert board.sta.isconnected()
    # The cloud says yes.
    assert host.sl.sl_WlanConnect("CafeFree") == -2014, "the radio is still the run's"
    assert host.sl.sl_WlanDisconnect() == -2014
    assert host.stop(STAY) == 0
    await host.until(13, 12)
    assert host.events == [ADDED] + statuses(15, 16, 12)
    assert (host.last.Role, host.last.WlanStatus, host.last.Ssid) == (STA, 3, b"HomeNet")
    assert not host.is_blocked() and len(stored()) == 1


@simulated("esp32", "rp2")
async def test_8_5_a_cloud_that_answers_at_once_is_not_too_quick(board):
    host = TiHost()

    def stop(event):
        if event == (13, 16):
            assert not host.is_blocked() and host.stop(STAY) == 0

    host.on_event = stop
    await host.open(2, flags=1)
    host.hand_over(*HOME)
    await host.until(13, 12)
    assert host.events == [ADDED] + statuses(15, 16, 12)
    assert host.last.WlanStatus == 3 and len(stored()) == 1


@simulated("esp32", "rp2")
async def test_8_5_refused_by_the_cloud(board):
    host = TiHost()
    await host.open(2, flags=1)
    host.hand_over(*HOME)
    await host.until(13, 16)
    assert host.provision(5, 0, 0) == 0
    assert host.is_blocked() and host.phase == 2 and board.ap.active()
    assert host.provision(5, 0, 0) == -2177, "once is enough"
    host.hand_over("CafeFree")
    await host.until(13, 16)
    assert not host.is_blocked()
    host.stop(STAY)
    await host.until(13, 12)
    first = [ADDED] + statuses(15, 16)
    assert host.events == first + [(14, b"CafeFree", b"")] + statuses(15, 16, 12)
    assert host.last.Ssid == b"CafeFree"


@simulated("esp32", "rp2")
async def test_8_6_external_method_used(board):
    host = TiHost()
    assert host.provision(3) == 0
    assert host.is_blocked()
    await host.until(13, 17)
    assert not host.is_blocked() and board.ap.active()
    # The host hears its own method.
    assert host.stop(STAY) == 0
    assert host.is_blocked(), "until it has stopped"
    await host.until(13, 12)
    assert host.events == statuses(17, 12)
    assert host.last.Role == AP and board.ap.active(), "the phone is still there"
    assert not host.portal.is_open and not host.smartconfig.is_open and not host.is_blocked()


@simulated("esp32", "rp2")
async def test_8_7_smartconfig_while_external_configuration_is_on(board):
    host = TiHost()
    await host.open(3)
    host.transmit(*HOME)
    assert host.events == statuses(17, 13) + [ADDED, (6, 1)]
    await board.sleep_ms(3000)
    assert host.events[-1] == (6, 1) and not board.sta.isconnected(), "it waits for the host"
    assert host.sl.sl_Start() == -2012, "stop it first"
    assert host.sl.sl_Stop(200) == 0
    assert host.sl.sl_WlanProfileGet(0)[0] == -2018
    assert host.sl.sl_Start() == AP
    assert host.is_blocked()
    await host.until(13, 16)
    assert host.is_blocked()
    await board.sleep_ms(4000)
    assert host.fetch() == 5
    await host.until(13, 12)
    assert host.events == statuses(17, 13) + [ADDED, (6, 1)] + statuses(15, 16, 5, 12)
    assert (host.last.Role, host.last.WlanStatus) == (STA, 3) and not host.is_blocked()


@simulated("esp32", "rp2")
async def test_8_7_the_portal_while_external_configuration_is_on_and_it_fails(board):
    host = TiHost()
    await host.open(3)
    host.hand_over("HomeNet", "incorrect donkey")
    await host.until(6, 1)
    assert (host.sl.sl_Stop(200), host.sl.sl_Start()) == (0, AP)
    await host.until(13, 2)
    assert not host.is_blocked(), "the external method may be used again"
    host.hand_over(*HOME)
    await host.until(6, 1)
    assert (host.sl.sl_Stop(200), host.sl.sl_Start()) == (0, AP)
    await host.until(13, 16)
    await board.sleep_ms(4000)
    assert host.fetch() == 5
    await host.until(13, 12)
    wrong = statuses(17) + [ADDED, (6, 1)] + statuses(2)
    assert host.events == wrong + [ADDED, (6, 1)] + statuses(15, 16, 5, 12)


@simulated("esp32")
async def test_8_7_a_host_that_never_restarts_ends_by_inactivity(board):
    host = TiHost()
    await host.open(3, timeout_s=30)
    host.transmit(*HOME)
    assert host.sl.sl_Stop(200) == 0
    await host.until(13, 12, timeout_ms=35000)
    assert host.events[-1] == (13, 12) and not board.ap.active(), "it was switched off"
    assert host.sl.sl_Start() == 0
