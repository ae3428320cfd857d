# Quectel's API on simulated boards: start, reset, remove, and all of it at the prompt.
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
    NOT_WRITTEN,
    OK,
    ON_NETCFG,
    ON_NETCFGED,
    ON_ROUTE,
    ON_SILENT,
    REMOVE,
    RESET,
    SILENT,
    Program,
    Refusing,
    note_resets,
    present,
)

# A reset in one process leaves the modules of before in memory, as long as their tasks live.
BOARD_HEAP = 128 * 1024

# Start


@simulated("esp32", "rp2")
async def test_start_joins_the_stored_network_and_stays_there(board):
    program = Program(board)
    assert program.api.Qth_devInit() == OK
    assert program.api.Qth_configSetWifiInfo(*HOME) == OK
    assert program.api.Qth_devStart() == OK
    assert program.status == ALREADY and program.state == ON_NETCFGED
    await program.told(CONNECT, OK)
    assert program.state == ON_ROUTE
    present(board, "HomeNet", False)
    await program.told(CONNECT, LOST)
    assert program.api.Qth_wifiGetReason() == program.api.QTH_WIFI_REASON_LINK_LOST
    await board.sleep_ms(200000)
    assert program.state == ON_NETCFGED and not board.ap.active(), "it opens nothing by itself"
    del program.events[:]
    present(board, "HomeNet")
    await program.told(CONNECT, OK)
    assert program.state == ON_ROUTE


@simulated("esp32", "rp2")
async def test_start_waits_for_a_slow_router_and_says_each_failure(board):
    program = Program(board)
    program.api.Qth_configSetWifiInfo(*HOME)
    present(board, "HomeNet", False)
    board.air.at(60000, lambda: present(board, "HomeNet"))
    assert program.api.Qth_devStart() == OK
    await program.told(CONNECT, OK)
    assert 3 <= len(program.events) <= 8, program.events
    assert program.events[:-1] == [(CONNECT, NOT_JOINED)] * (len(program.events) - 1)


@simulated("esp32")
async def test_start_again_changes_nothing(board):
    program = Program(board)
    program.api.Qth_configSetWifiInfo(*HOME)
    program.api.Qth_devStart()
    await program.told(CONNECT, OK)
    assert program.api.Qth_devStart() == OK
    await board.sleep_ms(10000)
    assert program.events == [(CONNECT, OK)] and program.state == ON_ROUTE


@simulated("esp32", "rp2")
async def test_start_without_a_network_opens_provisioning_where_that_is_enabled(board):
    program = Program(board)
    assert program.api.Qth_configSetNetcfgMode(True, 180) == OK
    assert program.api.Qth_devStart() == OK
    assert program.status == CONFIGING and program.state == ON_NETCFG
    await program.told(SILENT, OK, 200000)
    assert program.events == [(CONFIG, FAILED), (SILENT, OK)]


@simulated("esp32", "rp2")
async def test_start_without_a_network_is_silent_where_that_is_disabled(board):
    program = Program(board)
    assert program.api.Qth_configSetNetcfgMode(False, 300) == OK
    assert program.api.Qth_devStart() == OK
    await program.told(SILENT, OK)
    assert program.events == [(SILENT, OK)]
    assert program.status == NOT_CONFIG and program.state == ON_SILENT and not board.ap.active()


@simulated("esp32", "rp2")
async def test_a_network_set_while_provisioning_is_open_is_joined_by_start(board):
    program = Program(board)
    program.api.Qth_devStart()
    await board.until(lambda: program.portal.is_open)
    assert program.api.Qth_configSetWifiInfo(*HOME) == OK
    assert program.status == CONFIGING
    assert program.api.Qth_devStart() == OK
    assert program.status == ALREADY
    await program.told(CONNECT, OK)
    assert program.events == [(CONFIG, FAILED), (CONNECT, OK)] and not board.ap.active()


@simulated("esp32", "rp2")
async def test_a_network_set_while_on_another_one_is_taken_by_start(board):
    program = Program(board)
    await program.provision()
    program.api.Qth_configSetWifiInfo("CafeFree", "")
    await board.sleep_ms(5000)
    assert program.events == [] and program.state == ON_ROUTE, "not before"
    assert program.api.Qth_devStart() == OK
    await program.told(CONNECT, OK)
    assert board.sta.config("ssid") == "CafeFree"


@simulated("esp32", "rp2")
async def test_where_the_network_of_before_is_gone_another_stored_one_is_joined(board):
    program = Program(board)
    program.api.Qth_configSetWifiInfo("CafeFree", "")
    program.api.Qth_configSetWifiInfo(*HOME)
    present(board, "HomeNet", False)
    assert program.api.Qth_devStart() == OK
    await program.told(CONNECT, OK)
    assert board.sta.config("ssid") == "CafeFree"


@simulated("esp32", "rp2")
async def test_while_somebody_elses_run_is_on_the_radio_is_left_to_it(board):
    import provisioning

    program = Program(board)
    program.api.Qth_configSetWifiInfo(*HOME)
    present(board, "HomeNet", False)
    program.api.Qth_devStart()
    await program.told(CONNECT, NOT_JOINED)
    other = provisioning.Provisioner()
    assert other.start(0) == 0
    await board.sleep_ms(20000)
    program.events.clear()
    await board.sleep_ms(100000)
    assert program.events == []
    assert await program.hand_over("CafeFree") == "connected"
    program.portal.session.read_result()
    assert (await other.wait()).link.ssid == "CafeFree"


@simulated("esp32", "rp2")
async def test_a_keeper_of_the_programs_own_keeps_the_link(board):
    import asyncio

    import provisioning

    program = Program(board)
    program.api.Qth_configSetWifiInfo(*HOME)
    keeping = asyncio.create_task(provisioning.keep())
    await board.until(board.sta.isconnected)
    await program.opened()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    await program.told(CONNECT, OK)
    await board.sleep_ms(30000)
    assert program.events == [(CONFIG, FAILED), (CONNECT, OK)]
    assert program.state == ON_ROUTE and not board.ap.active()
    keeping.cancel()


@simulated("esp32", "rp2")
async def test_the_hosts_keeper_in_the_background_is_let_go(board):
    from provisioning import host

    program = Program(board)
    program.api.Qth_configSetWifiInfo(*HOME)
    host.get().keep()
    await board.until(board.sta.isconnected)
    await program.opened()
    assert program.api.Qth_wifiCloseNetcfg() == OK
    await program.told(SILENT, OK)
    await board.sleep_ms(30000)
    assert program.state == ON_SILENT and host.get().keeper is None


# Reset and remove


@simulated("esp32", "rp2")
async def test_reset_forgets_all_tells_and_restarts(board):
    program = Program(board)
    await program.provision()
    resets = note_resets()
    assert program.api.Qth_devReset() == OK
    assert program.status == NOT_CONFIG and stored() == [] and resets == []
    await board.until(lambda: resets)
    assert program.events[0] == (RESET, OK)
    board.reboot()
    program = Program(board)
    program.api.Qth_devInit()
    assert program.api.Qth_devStart() == OK and program.status == CONFIGING
    await board.until(lambda: program.portal.is_open)


@simulated("esp32", "rp2")
async def test_reset_during_a_trial_stores_nothing(board):
    from provisioning.profiles import Profile

    program = Program(board)
    session = await program.opened()
    session.offer(Profile(*HOME))
    session.confirm()
    await board.until(lambda: session.progress().state == "checking")
    resets = note_resets()
    assert program.api.Qth_devReset() == OK
    await board.until(lambda: resets)
    await board.sleep_ms(10000)
    assert stored() == []


@simulated("esp32", "rp2")
async def test_remove_forgets_all_leaves_the_router_and_opens_provisioning(board):
    program = Program(board)
    await program.provision()
    assert program.api.Qth_devRemove() == OK
    assert program.status == CONFIGING and stored() == []
    await program.told(REMOVE, OK)
    await board.until(lambda: program.portal.is_open)
    assert not board.sta.isconnected()
    await program.hand_over(*HOME)
    program.portal.session.read_result()
    await program.told(CONNECT, OK)
    assert program.events == [(REMOVE, OK), (CONFIG, OK), (CONNECT, OK)]


@simulated("esp32", "rp2")
async def test_remove_while_a_network_waits_to_be_told_forgets_that_too(board):
    program = Program(board)
    await program.opened()
    assert await program.hand_over(*HOME) == "connected"
    assert program.api.Qth_devRemove() == OK
    assert program.status == CONFIGING
    await board.until(lambda: program.portal.starts == 2 and program.portal.is_open)
    assert stored() == [] and not board.sta.isconnected()
    assert program.events == [(REMOVE, OK), (CONFIG, FAILED)]


@simulated("esp32")
async def test_what_cannot_be_forgotten_is_an_error_and_nothing_else(board):
    program = Program(board)
    await program.provision()
    resets = note_resets()
    with Refusing():
        assert program.api.Qth_devReset() == program.api.OPRT_QTH_DEV_RESET_FAILED == -4355
        assert program.api.Qth_devRemove() == program.api.OPRT_QTH_DEV_REMOVE_FAILED == -4356
        assert program.api.Qth_configClearWifiInfo() == NOT_WRITTEN
        assert program.api.Qth_configSetWifiInfo("Other", "") == NOT_WRITTEN
    await board.sleep_ms(5000)
    assert program.events == [] and resets == [] and program.state == ON_ROUTE
    assert len(stored()) == 1 and program.status == ALREADY


# At the prompt


@simulated("esp32", "rp2", plain=True)
def test_all_goes_on_while_the_prompt_is_used(board):
    from provisioning import pump
    from provisioning.profiles import Profile

    program = Program(board)
    api = program.api
    assert api.Qth_devInit() == OK
    assert api.Qth_wifiOpenNetcfg(BACKROUTE) == OK
    assert program.status == CONFIGING
    board.pass_until(lambda: program.portal.is_open)
    assert api.Qth_wifiOpenNetcfg(BACKROUTE) == OK
    session = program.portal.session
    pump.call(session.offer, Profile(*HOME))
    assert pump.call(session.confirm)
    board.pass_until(lambda: session.progress().state == "connected")
    pump.call(session.read_result)
    board.pass_until(lambda: (CONNECT, OK) in program.events)
    assert program.events == [(CONFIG, OK), (CONNECT, OK)] and program.state == ON_ROUTE
    assert api.Qth_wifiCloseNetcfg() == OK
    assert api.Qth_wifiOpenNetcfg(BACKROUTE) == OK
    board.pass_until(lambda: program.portal.is_open)
    assert api.Qth_wifiCloseNetcfg() == OK and program.status == ALREADY
    board.pass_until(lambda: program.events[-1] == (CONNECT, OK))
    assert api.Qth_devRemove() == OK and program.status == CONFIGING
    assert api.Qth_devStart() == OK
    assert api.Qth_wifiCloseNetcfg() == OK and program.status == NOT_CONFIG
    board.pass_until(lambda: (SILENT, OK) in program.events)
    assert program.state == ON_SILENT


@simulated("esp32", plain=True)
def test_close_during_a_join_at_the_prompt(board):
    from provisioning import pump
    from provisioning.profiles import Profile

    program = Program(board)
    program.api.Qth_wifiOpenNetcfg()
    board.pass_until(lambda: program.portal.is_open)
    session = program.portal.session
    pump.call(session.offer, Profile(*HOME))
    assert pump.call(session.confirm)
    board.pass_until(lambda: session.progress().state == "checking")
    assert program.api.Qth_wifiCloseNetcfg() == OK and program.status == NOT_CONFIG
    board.pass_until(lambda: (SILENT, OK) in program.events)
    assert stored() == [] and program.events == [(CONFIG, FAILED), (SILENT, OK)]
