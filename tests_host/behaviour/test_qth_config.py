# Quectel's API on simulated boards: the stored network, settings, callbacks, arguments.
# MIT licence

from engine import stored
from harness import simulated
from qth_host import (
    ALREADY,
    BACKROUTE,
    BAD,
    CONFIG,
    CONNECT,
    HOME,
    LOST,
    NOT_CONFIG,
    NOT_FOUND,
    OK,
    ON_ROUTE,
    SILENT,
    WRONG,
    Program,
    note_resets,
    present,
)

# The stored network


@simulated("esp32")
async def test_the_stored_network_can_be_set_read_and_cleared(board):
    api = Program(board).api
    assert api.Qth_configGetWifiInfo() == (NOT_FOUND, "", "")
    for ssid, key in (HOME, ("CafeFree", ""), ("ssid ☕", "p" * 63), (b"\xff\xfe", "a1" * 32)):
        assert api.Qth_configSetWifiInfo(ssid, key) == OK
        code, *info = api.Qth_configGetWifiInfo()
        assert (code, info) == (OK, [ssid, key])
    assert len(stored()) == 4 and api.Qth_wifiGetCfgStatus() == ALREADY
    assert api.Qth_configClearWifiInfo() == OK
    assert api.Qth_configGetWifiInfo() == (NOT_FOUND, "", "")
    assert api.Qth_wifiGetCfgStatus() == NOT_CONFIG


@simulated("esp32")
async def test_the_network_that_is_read_is_the_one_of_the_link(board):
    program = Program(board)
    await program.provision("CafeFree", "")
    await program.provision()
    assert program.api.Qth_configGetWifiInfo() == (OK, "HomeNet", HOME[1])
    assert len(stored()) == 2


@simulated("esp32")
async def test_a_new_password_takes_the_place_of_the_old_one(board):
    program = Program(board)
    await program.provision()
    assert program.api.Qth_configSetWifiInfo("HomeNet", "another password") == OK
    assert stored() == [(b"HomeNet", b"another password")]


@simulated("esp32")
async def test_an_eighth_network_takes_the_oldest_place_of_the_lowest_priority(board):
    from provisioning.profiles import Profile, Profiles

    api = Program(board).api
    for i in range(7):
        Profiles().add(Profile("network %d" % i, "password %d" % i, 2, 5 if i < 2 else 3))
    assert api.Qth_configSetWifiInfo(*HOME) == OK
    names = [ssid for ssid, _ in stored()]
    assert names[2] == b"HomeNet" and len(names) == 7 and b"network 2" not in names
    assert api.Qth_configSetWifiInfo("network 5", "new password") == OK
    assert [ssid for ssid, _ in stored()].count(b"network 5") == 1 and len(stored()) == 7


@simulated("esp32")
async def test_what_is_cleared_while_provisioning_is_open_does_not_come_back(board):
    program = Program(board)
    await program.provision("CafeFree", "")
    await program.opened()
    assert program.api.Qth_configClearWifiInfo() == OK
    assert await program.hand_over(*HOME) == "connected"
    assert [ssid for ssid, _ in stored()] == [b"HomeNet"]


@simulated("esp32", "rp2")
async def test_after_clear_a_lost_link_is_not_made_again(board):
    program = Program(board)
    await program.provision()
    assert program.api.Qth_configClearWifiInfo() == OK
    assert program.state == ON_ROUTE and program.status == NOT_CONFIG
    present(board, "HomeNet", False)
    await program.told(SILENT, OK)
    present(board, "HomeNet")
    await board.sleep_ms(60000)
    assert program.events == [(CONNECT, LOST), (SILENT, OK)]
    assert not board.sta.isconnected() and not board.ap.active()


@simulated("esp32", "rp2")
async def test_no_password_is_shown(board):
    from provisioning import device

    program = Program(board)
    await program.opened(BACKROUTE)
    await program.hand_over(*WRONG)
    await program.hand_over(*HOME)
    program.portal.session.read_result()
    await program.told(CONNECT, OK)
    answer = program.api.Qth_configGetWifiInfo()
    assert answer[2] == HOME[1], "the program gets it"
    for shown in (answer, str(answer), repr(answer), [answer], "%s" % (answer,), device.get()):
        print(shown)
    print(program.events)
    said = "\n".join(board.output)
    assert "donkey" not in said and "horse" not in said and "'HomeNet', '***'" in said
    assert "Device(linked)" in said


# Settings, callbacks, arguments


@simulated("esp32")
async def test_the_provisioning_mode_has_the_vendors_limits(board):
    api = Program(board).api
    assert api.Qth_configGetNetcfgMode() == (OK, True, 300)
    for enable, timeout in ((False, 180), (True, 600), (True, 0xFFFF), (0, 300), (1, 300)):
        assert api.Qth_configSetNetcfgMode(enable, timeout) == OK
        assert api.Qth_configGetNetcfgMode() == (OK, bool(enable), timeout)
    for timeout in (179, 601, 0, -1, 65534, 65536, 300.0, "300", None, True):
        assert api.Qth_configSetNetcfgMode(True, timeout) == BAD, timeout
    for enable in (2, None, "yes", -1):
        assert api.Qth_configSetNetcfgMode(enable, 300) == BAD, enable
    assert api.Qth_configGetNetcfgMode() == (OK, True, 300)


@simulated("esp32")
async def test_callbacks_come_as_a_structure_or_a_function(board):
    program = Program(board)
    api, events = program.api, []
    callbacks = api.Qth_eventCb_t()
    callbacks.devEventCb = lambda event, result: events.append((event, result))
    callbacks.otaEventCb = None  # as in the vendor's examples
    assert api.Qth_configSetEventCb(callbacks) == OK
    api.Qth_configSetNetcfgMode(False, 300)
    api.Qth_devStart()
    await board.until(lambda: events)
    assert events == [(SILENT, OK)] and program.events == []
    for handler in (None, api.Qth_eventCb_t()):
        assert api.Qth_configSetEventCb(handler) == OK
        api.Qth_devStart()
        await board.sleep_ms(2000)
        assert len(events) == 1
    assert api.Qth_configSetEventCb(5) == BAD and api.Qth_configSetEventCb("f") == BAD


@simulated("esp32", "rp2")
async def test_a_callback_may_call_anything_and_raise(board):
    program = Program(board)
    await program.provision()
    api = program.api
    codes = []

    def answer(event, result):
        program.events.append((event, result))
        if event == CONFIG and len(codes) < 2:
            codes.append(api.Qth_wifiOpenNetcfg(BACKROUTE))
            codes.append(api.Qth_wifiCloseNetcfg())
        if result == LOST:
            codes.append(api.Qth_devStart())
        raise RuntimeError("the program's own fault")

    api.Qth_configSetEventCb(answer)
    await program.opened(BACKROUTE)
    await program.hand_over(*WRONG)
    assert api.Qth_wifiCloseNetcfg() == OK
    await program.told(CONNECT, OK)
    present(board, "HomeNet", False)
    await program.told(CONNECT, LOST)
    present(board, "HomeNet")
    del program.events[:]
    await program.told(CONNECT, OK)
    assert codes == [OK, OK, OK] and program.state == ON_ROUTE


class Hostile:
    """An argument that nothing can be done with."""

    def __eq__(self, other):
        raise RuntimeError("no")

    def __hash__(self):
        raise RuntimeError("no")


@simulated("esp32")
async def test_nothing_raises_and_every_code_is_a_documented_one(board):
    api = Program(board).api
    note_resets()
    documented = [getattr(api, name) for name in dir(api) if name.startswith("OPRT_")]
    values = (
        None,
        "",
        b"",
        "x",
        "y" * 64,
        -1,
        2,
        1.5,
        10**30,
        True,
        [],
        {},
        (),
        object,
        Hostile(),
    )
    for function in (api.Qth_wifiOpenNetcfg, api.Qth_configSetEventCb):
        for value in values:
            assert function(value) in documented, (function, value)
            api.Qth_wifiCloseNetcfg()
    for function in (api.Qth_configSetWifiInfo, api.Qth_configSetNetcfgMode):
        for value in values:
            for other in ("HomeNet", 300, Hostile()):
                assert function(value, other) in documented, (function, value)
                assert function(other, value) in documented, (function, value)
    for value in values + tuple(documented):
        assert isinstance(api.Qth_strerror(value), str)
        assert isinstance(api.Qth_strreason(value), str)
    for name in ("Qth_devInit", "Qth_devStart", "Qth_devRemove", "Qth_devReset"):
        assert getattr(api, name)() in documented, name
        assert api.Qth_wifiGetCfgStatus() in (0, 1, 2)
        assert api.Qth_devGetStatus()[0] in documented
        assert api.Qth_wifiGetReason() in range(8)
    await board.sleep_ms(1000)


@simulated("esp32")
async def test_bad_arguments_are_said(board):
    api = Program(board).api
    for mode in (2, -1, None, "SLIENT", 0.5, []):
        assert api.Qth_wifiOpenNetcfg(mode) == BAD, mode
    for ssid, key in (("", ""), ("x" * 33, ""), ("☕" * 11, ""), ("x", "short"), ("x", "y" * 64)):
        assert api.Qth_configSetWifiInfo(ssid, key) == BAD, (ssid, key)
    for ssid, key in ((None, ""), (5, ""), ("x", None), ("x", 12345678), (["x"], "")):
        assert api.Qth_configSetWifiInfo(ssid, key) == BAD, (ssid, key)
    assert stored() == [] and api.Qth_wifiGetCfgStatus() == NOT_CONFIG


@simulated("esp32")
async def test_every_code_and_reason_has_words(board):
    api = Program(board).api
    for prefix, words in (("OPRT_", api.Qth_strerror), ("QTH_WIFI_REASON_", api.Qth_strreason)):
        names = [name for name in dir(api) if name.startswith(prefix)]
        texts = [words(getattr(api, name)) for name in names]
        assert len(set(texts)) == len(names) >= 8, texts
        assert not any("unknown" in text for text in texts)
    assert api.Qth_strerror(-12345) == "unknown code"
