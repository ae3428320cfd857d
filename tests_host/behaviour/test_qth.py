# Quectel's API on simulated boards: what a program gets back, which events come, what is stored.
# MIT licence

from engine import stored
from harness import simulated
from qth_host import (
    ALREADY,
    BACKROUTE,
    CONFIG,
    CONFIGING,
    CONNECT,
    FAILED,
    HOME,
    LOST,
    NOT_CONFIG,
    NOT_JOINED,
    NOT_OPENED,
    OK,
    ON_NETCFG,
    ON_ROUTE,
    ON_SILENT,
    SILENT,
    SLIENT,
    WRONG,
    Program,
    present,
)

# Provisioning


@simulated("esp32", "rp2")
async def test_a_user_provisions_the_board(board):
    program = Program(board)
    assert program.status == NOT_CONFIG and program.state == ON_SILENT
    await program.opened(BACKROUTE)
    assert program.status == CONFIGING and program.state == ON_NETCFG
    assert await program.hand_over(*HOME) == "connected"
    program.portal.session.read_result()
    await program.told(CONNECT, OK)
    assert program.events == [(CONFIG, OK), (CONNECT, OK)]
    assert program.status == ALREADY and program.state == ON_ROUTE
    assert stored() == [(b"HomeNet", b"correct horse battery")]
    assert board.sta.isconnected() and not board.ap.active()


@simulated("esp32", "rp2")
async def test_open_returns_at_once_and_status_is_right_at_once(board):
    program = Program(board)
    start = board.now()
    assert program.api.Qth_wifiOpenNetcfg(BACKROUTE) == OK
    assert board.now() - start < 100 and not board.ap.active(), "nothing was waited for"
    assert program.status == CONFIGING
    await board.until(board.ap.active)
    start = board.now()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    assert board.now() - start < 100 and program.status == NOT_CONFIG
    await program.told(SILENT, OK)


@simulated("esp32", "rp2")
async def test_status_is_right_straight_after_boot(board):
    program = Program(board)
    await program.provision()
    board.reboot()
    import qth_wifi

    assert qth_wifi.Qth_wifiGetCfgStatus() == ALREADY
    assert not board.sta.active(), "asking switches nothing on"
    assert qth_wifi.Qth_devGetStatus() == (OK, ON_SILENT), "Qth_devStart() was not called"
    assert qth_wifi.Qth_wifiCloseNetcfg() == OK
    assert not board.sta.active() and not board.ap.active()


@simulated("esp32", "rp2")
async def test_a_wrong_password_is_told_with_its_reason_and_the_window_stays_open(board):
    program = Program(board)
    await program.opened()
    assert await program.hand_over(*WRONG) == "failed"
    await program.told(CONNECT, NOT_JOINED)
    assert program.events == [(CONNECT, NOT_JOINED)] and program.status == CONFIGING
    assert program.api.Qth_wifiGetReason() == program.api.QTH_WIFI_REASON_WRONG_PASSWORD
    assert await program.hand_over("Nowhere", "whatever it is") == "failed"
    await board.sleep_ms(100)
    assert program.api.Qth_wifiGetReason() == program.api.QTH_WIFI_REASON_NOT_FOUND
    assert await program.hand_over(*HOME) == "connected"
    program.portal.session.read_result()
    await program.told(CONNECT, OK)
    assert program.events[2:] == [(CONFIG, OK), (CONNECT, OK)]


@simulated("esp32", "rp2")
async def test_a_success_that_no_phone_fetched_is_a_success(board):
    program = Program(board)
    await program.opened()
    assert await program.hand_over(*HOME) == "connected"
    await program.told(CONNECT, OK)
    assert program.events == [(CONFIG, OK), (CONNECT, OK)]
    assert program.state == ON_ROUTE and not board.ap.active()


@simulated("esp32")
async def test_each_unread_success_waits_its_own_time(board):
    program = Program(board)
    await program.opened()
    assert await program.hand_over(*HOME) == "connected"
    await board.sleep_ms(35000)
    program.portal.session.read_result()
    await program.told(CONNECT, OK)
    program.events.clear()
    await program.opened()
    assert await program.hand_over(*HOME) == "connected"
    start = board.now()
    await program.told(CONFIG, OK)
    assert 85000 < board.now() - start < 95000, board.now() - start


@simulated("esp32", "rp2")
async def test_when_slient_is_told_the_router_is_left(board):
    program = Program(board)
    await program.provision()
    states = []
    program.api.Qth_configSetEventCb(lambda event, _: states.append((event, program.state)))
    await program.opened()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    await board.until(lambda: len(states) == 2)
    assert states[1] == (SILENT, ON_SILENT), states


# How a window ends


@simulated("esp32", "rp2")
async def test_the_window_ends_after_300_s_without_a_user(board):
    program = Program(board)
    await program.opened()
    start = board.now()
    await program.told(SILENT, OK, 400000)
    assert 295000 < board.now() - start < 310000, board.now() - start
    assert program.events == [(CONFIG, FAILED), (SILENT, OK)]
    assert program.status == NOT_CONFIG and program.state == ON_SILENT
    assert not board.ap.active()


@simulated("esp32", "rp2")
async def test_after_a_failed_attempt_the_end_says_so(board):
    program = Program(board)
    await program.opened()
    await program.hand_over(*WRONG)
    await program.told(SILENT, OK, 400000)
    assert program.events == [(CONNECT, NOT_JOINED), (CONFIG, NOT_JOINED), (SILENT, OK)]
    assert program.api.Qth_wifiGetReason() == program.api.QTH_WIFI_REASON_WRONG_PASSWORD


@simulated("esp32", "rp2")
async def test_slient_idles_and_leaves_the_router_of_before(board):
    program = Program(board)
    await program.provision()
    await program.opened(SLIENT)
    await program.hand_over(*WRONG)
    await program.told(SILENT, OK, 400000)
    assert program.status == ALREADY and program.state == ON_SILENT
    assert stored() == [(b"HomeNet", b"correct horse battery")], "the old password is kept"
    await board.sleep_ms(120000)
    assert not board.sta.isconnected(), "idle is idle"
    assert program.events[-1] == (SILENT, OK)


@simulated("esp32", "rp2")
async def test_backroute_rejoins_the_router_of_before(board):
    program = Program(board)
    await program.provision()
    await program.opened(BACKROUTE)
    await program.hand_over(*WRONG)
    await program.told(CONNECT, OK, 400000)
    assert program.events == [(CONNECT, NOT_JOINED), (CONFIG, NOT_JOINED), (CONNECT, OK)]
    assert program.status == ALREADY and program.state == ON_ROUTE
    assert stored() == [(b"HomeNet", b"correct horse battery")]


@simulated("esp32", "rp2")
async def test_backroute_idles_when_there_is_no_router_of_before(board):
    program = Program(board)
    await program.opened(BACKROUTE)
    await program.told(SILENT, OK, 400000)
    assert program.events == [(CONFIG, FAILED), (SILENT, OK)]


@simulated("esp32", "rp2")
async def test_backroute_idles_when_the_router_of_before_is_gone(board):
    program = Program(board)
    await program.provision()
    await program.opened(BACKROUTE)
    present(board, "HomeNet", False)
    await program.told(SILENT, OK, 400000)
    assert program.events == [(CONFIG, FAILED), (CONNECT, NOT_JOINED), (SILENT, OK)]
    assert program.api.Qth_wifiGetReason() == program.api.QTH_WIFI_REASON_NOT_FOUND
    assert program.status == ALREADY and program.state == ON_SILENT
    present(board, "HomeNet")
    await board.sleep_ms(120000)
    assert not board.sta.isconnected(), "idle is idle"


@simulated("esp32", "rp2", limit_s=200000)
async def test_an_endless_window_stays_open_until_somebody_comes(board):
    program = Program(board)
    assert program.api.Qth_configSetNetcfgMode(True, 0xFFFF) == OK
    await program.opened()
    for _ in range(30):
        await board.sleep_ms(3600000)
    assert program.status == CONFIGING and program.events == [] and program.portal.starts == 1
    assert await program.hand_over(*HOME) == "connected"
    program.portal.session.read_result()
    await program.told(CONFIG, OK)


@simulated("esp32", "rp2")
async def test_opening_again_keeps_the_phone_and_gives_more_time(board):
    from provisioning.identity import Identity

    program = Program(board)
    await program.provision()
    await program.opened(SLIENT)
    phone = board.phone()
    assert phone.join(Identity().ap_key)
    await board.sleep_ms(250000)
    assert program.api.Qth_wifiOpenNetcfg(BACKROUTE) == OK
    await board.sleep_ms(250000)
    assert phone.joined and program.status == CONFIGING and program.portal.starts == 2
    await program.told(CONNECT, OK)
    assert program.events == [(CONFIG, FAILED), (CONNECT, OK)], "the new fall-back counts"


@simulated("esp32", "rp2")
async def test_close_cancels_a_join_and_stores_nothing(board):
    from provisioning.profiles import Profile

    program = Program(board)
    session = await program.opened()
    session.offer(Profile(*HOME))
    assert session.confirm()
    await board.until(lambda: session.progress().state == "checking")
    assert program.api.Qth_wifiCloseNetcfg() == OK
    assert program.status == NOT_CONFIG
    await program.told(SILENT, OK)
    assert program.events == [(CONFIG, FAILED), (SILENT, OK)]
    assert stored() == [] and not board.sta.isconnected() and not board.ap.active()


@simulated("esp32", "rp2")
async def test_close_follows_the_mode(board):
    program = Program(board)
    await program.provision()
    for mode, state, last in ((BACKROUTE, ON_ROUTE, CONNECT), (SLIENT, ON_SILENT, SILENT)):
        program.events.clear()
        await program.opened(mode)
        assert program.api.Qth_wifiCloseNetcfg() == OK
        assert program.status == ALREADY
        await program.told(last, OK)
        assert program.events == [(CONFIG, FAILED), (last, OK)]
        assert program.state == state


@simulated("esp32")
async def test_close_while_nothing_is_open_does_nothing(board):
    program = Program(board)
    for _ in range(2):
        assert program.api.Qth_wifiCloseNetcfg() == OK
    await program.provision()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    await board.sleep_ms(5000)
    assert program.events == [] and program.state == ON_ROUTE


@simulated("esp32", "rp2")
async def test_close_after_the_network_worked_keeps_it(board):
    program = Program(board)
    await program.opened()
    assert await program.hand_over(*HOME) == "connected"
    assert program.api.Qth_wifiCloseNetcfg() == OK
    await program.told(CONNECT, OK)
    assert program.events == [(CONFIG, OK), (CONNECT, OK)] and program.status == ALREADY


@simulated("esp32", "rp2")
async def test_open_straight_after_close_opens_again(board):
    program = Program(board)
    await program.opened()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    assert program.api.Qth_wifiOpenNetcfg() == OK
    assert program.status == CONFIGING
    await board.until(lambda: program.portal.starts == 2 and program.portal.is_open)
    assert program.events == [(CONFIG, FAILED)]
    assert program.api.Qth_wifiCloseNetcfg() == OK
    await program.told(SILENT, OK)
    assert program.events == [(CONFIG, FAILED), (CONFIG, FAILED), (SILENT, OK)]


@simulated("esp32")
async def test_a_run_that_somebody_else_started_is_the_same_one(board):
    import provisioning

    program = Program(board)
    other = provisioning.Provisioner()
    assert other.start(0) == 0
    await board.until(lambda: program.portal.is_open)
    assert program.status == CONFIGING and program.state == ON_NETCFG
    assert program.api.Qth_wifiOpenNetcfg() == OK
    assert await program.hand_over(*HOME) == "connected"
    program.portal.session.read_result()
    await program.told(CONNECT, OK)
    assert program.events == [(CONFIG, OK), (CONNECT, OK)] and program.portal.starts == 1


@simulated("esp32")
async def test_a_radio_that_cannot_be_used_is_said_by_open(board):
    from provisioning import run

    program = Program(board)

    def fail(country):
        raise OSError("Wifi Out of Memory")

    radio, run.Radio = run.Radio, fail
    assert program.api.Qth_wifiOpenNetcfg() == NOT_OPENED
    assert program.status == NOT_CONFIG
    run.Radio = radio
    await program.opened()
    assert program.events == []


@simulated("esp32", "rp2")
async def test_what_open_could_not_do_costs_no_link(board):
    from provisioning import host

    program = Program(board)
    await program.provision()
    start, host.get().start = host.get().start, lambda *_: -2173
    assert program.api.Qth_wifiOpenNetcfg() == NOT_OPENED
    host.get().start = start
    assert program.status == ALREADY and program.state == ON_ROUTE
    present(board, "HomeNet", False)
    await program.told(CONNECT, LOST)
    present(board, "HomeNet")
    program.events.clear()
    await program.told(CONNECT, OK)


@simulated("esp32")
async def test_an_open_that_had_to_wait_and_failed_is_said_by_the_event(board):
    from provisioning import host

    program = Program(board)
    await program.opened()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    host.get().start = lambda *_: -2173
    assert program.api.Qth_wifiOpenNetcfg() == OK
    await program.told(SILENT, OK)
    assert program.events == [(CONFIG, FAILED), (CONFIG, NOT_OPENED), (SILENT, OK)]
    assert program.status == NOT_CONFIG


@simulated("esp32", "rp2")
async def test_a_portal_that_cannot_be_opened_is_said_by_the_event(board):
    program = Program(board)

    async def fail(session):
        raise OSError(98)

    program.portal.start = fail
    assert program.api.Qth_wifiOpenNetcfg() == OK
    await program.told(SILENT, OK)
    assert program.events == [(CONFIG, NOT_OPENED), (SILENT, OK)]
    assert program.status == NOT_CONFIG and not board.ap.active()
