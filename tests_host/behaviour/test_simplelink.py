# TI's host API by its C names: what each call returns, and what its events say.
# MIT licence

import sys

from engine import stored
from harness import simulated
from ti_host import HOME, TiHost

# A reset in one process leaves the modules of before in memory.
BOARD_HEAP = 112 * 1024

# SWRA513C 7.1 and 7.2, TI's numbers.
_CODES = {
    "SL_ERROR_WLAN_PROVISIONING_ABORT_PROVISIONING_ALREADY_STARTED": -2169,
    "SL_ERROR_WLAN_PROVISIONING_ABORT_HTTP_SERVER_DISABLED": -2170,
    "SL_ERROR_WLAN_PROVISIONING_ABORT_PROFILE_LIST_FULL": -2171,
    "SL_ERROR_WLAN_PROVISIONING_ABORT_INVALID_PARAM": -2172,
    "SL_ERROR_WLAN_PROVISIONING_ABORT_GENERAL_ERROR": -2173,
    "SL_ERROR_WLAN_PROVISIONING_CMD_NOT_EXPECTED": -2177,
    "SL_RET_CODE_API_COMMAND_IN_PROGRESS": -2013,
    "SL_RET_CODE_PROVISIONING_IN_PROGRESS": -2014,
    "SL_ERROR_WLAN_CANNOT_CONFIG_SCAN_DURING_PROVISIONING": -2052,
    "SL_ERROR_WLAN_NO_FREE_PROFILE": -2076,
    "SL_ERROR_WLAN_PREFERRED_NETWORK_LIST_FULL": -2062,
    "SL_ERROR_WLAN_SSID_LEN_ERROR": -2060,
    "SL_ERROR_WLAN_PASSPHRASE_TOO_LONG": -2055,
    "SL_ERROR_WLAN_INVALID_SECURITY_TYPE": -2054,
    "SL_ERROR_WLAN_PASSWORD_ERROR": -2058,
    "SL_ERROR_WLAN_INVALID_AP_PASSWORD_LENGTH": -2168,
    "SL_API_ABORTED": -2005,
    "SL_RET_CODE_DEV_NOT_STARTED": -2018,
    "SL_RET_CODE_DEV_LOCKED": -2011,
    "SL_WLAN_PROVISIONING_CMD_START_MODE_AP": 0,
    "SL_WLAN_PROVISIONING_CMD_START_MODE_SC": 1,
    "SL_WLAN_PROVISIONING_CMD_START_MODE_APSC": 2,
    "SL_WLAN_PROVISIONING_CMD_START_MODE_APSC_EXTERNAL_CONFIGURATION": 3,
    "SL_WLAN_PROVISIONING_CMD_STOP": 4,
    "SL_WLAN_PROVISIONING_CMD_ABORT_EXTERNAL_CONFIRMATION": 5,
    "SL_WLAN_PROVISIONING_REMAIN_IN_CURRENT_ROLE": 0xFF,
    "SL_WLAN_PROVISIONING_CMD_FLAG_EXTERNAL_CONFIRMATION": 1,
    "ROLE_STA": 0,
    "ROLE_AP": 2,
    "SL_WLAN_EVENT_PROVISIONING_STATUS": 13,
    "SL_WLAN_EVENT_PROVISIONING_PROFILE_ADDED": 14,
    "SL_DEVICE_EVENT_RESET_REQUEST": 6,
    "SL_WLAN_STATUS_CONNECTED": 3,
    "SL_WLAN_POLICY_CONNECTION": 0x10,
    "SL_WLAN_DEL_ALL_PROFILES": 255,
    "SL_NETAPP_MAX_DEVICE_URN_LEN": 33,
}
# In TI's order, from 0 on.
_STATUSES = """
    GENERAL_ERROR CONFIRMATION_STATUS_FAIL_NETWORK_NOT_FOUND
    CONFIRMATION_STATUS_FAIL_CONNECTION_FAILED
    CONFIRMATION_STATUS_CONNECTION_SUCCESS_IP_NOT_ACQUIRED
    CONFIRMATION_STATUS_SUCCESS_FEEDBACK_FAILED CONFIRMATION_STATUS_SUCCESS ERROR_ABORT
    ERROR_ABORT_INVALID_PARAM ERROR_ABORT_HTTP_SERVER_DISABLED ERROR_ABORT_PROFILE_LIST_FULL
    ERROR_ABORT_PROVISIONING_ALREADY_STARTED AUTO_STARTED STOPPED SMART_CONFIG_SYNCED
    SMART_CONFIG_SYNC_TIMEOUT CONFIRMATION_WLAN_CONNECT CONFIRMATION_IP_ACQUIRED
    EXTERNAL_CONFIGURATION_READY
""".split()

JUNK = (None, -1, 99999, "x", b"\xff" * 40, 1.5, (), [], {}, object())


class Shown:
    """Stands in for sys, where it shows a traceback."""

    def __init__(self, shown):
        self.print_exception = shown.append


# Constants


@simulated("esp32")
async def test_constants_have_ti_s_numbers(board):
    import simplelink

    for name, number in _CODES.items():
        assert getattr(simplelink, name) == number, name
    for number, name in enumerate(_STATUSES):
        assert getattr(simplelink, "SL_WLAN_PROVISIONING_" + name) == number, name
    for name in ("SL_WLAN_", "SL_NOTHING", "ROLE_", "no_such_function", "SL_WLAN_MAX"):
        assert not hasattr(simplelink, name), name
    assert simplelink.SL_WLAN_CONNECTION_POLICY(1, 0, 0, 1) == 0x21
    assert simplelink.SL_WLAN_SCAN_POLICY(1, 1) == 3
    assert simplelink.error_name(-2014) == "SL_RET_CODE_PROVISIONING_IN_PROGRESS"
    assert simplelink.error_name(0) is None and simplelink.error_name(-1) is None


@simulated("esp32")
async def test_the_table_of_constants_goes_when_the_program_starts(board):
    import simplelink

    assert simplelink.SL_WLAN_MAX_PROFILES == 7
    assert "provisioning.headers" in sys.modules
    simplelink.sl_Start()
    assert "provisioning.headers" not in sys.modules
    assert simplelink.SL_WLAN_MAX_PROFILES == 7, "what was asked for is there"
    assert "provisioning.headers" not in sys.modules
    simplelink.sl_Stop()


@simulated("esp32")
async def test_include_brings_all_as_in_c(board):
    import simplelink

    names = {}
    simplelink.include(names)
    assert names["SL_WLAN_PROVISIONING_STOPPED"] == 12 and names["ROLE_AP"] == 2
    assert names["sl_WlanProvisioning"] is simplelink.sl_WlanProvisioning
    assert names["error_name"](-2014) == "SL_RET_CODE_PROVISIONING_IN_PROGRESS"
    assert len([name for name in names if name.startswith("sl_")]) == 16


# On and off


@simulated("esp32", "rp2")
async def test_nothing_works_before_the_start(board):
    import simplelink as sl

    assert sl.sl_Stop() == -2018 and sl.sl_WlanProvisioning(0, 0, 60) == -2018
    assert sl.sl_WlanProvisioning(4, 0xFF) == -2018
    assert sl.sl_WlanSetMode(0) == sl.sl_WlanConnect("HomeNet") == sl.sl_WlanDisconnect() == -2018
    assert sl.sl_WlanProfileAdd("HomeNet") == sl.sl_WlanProfileDel(0) == -2018
    assert sl.sl_WlanProfileGet(0) == (-2018, None, None, None)
    assert sl.sl_WlanPolicyGet(0x10) == (-2018, None, None)
    assert sl.sl_WlanGetNetworkList(0, 10) == sl.sl_NetAppGet(0x10, 0) == (-2018, None)
    assert sl.sl_Start() == 0 and sl.sl_Start() == -2012
    assert sl.sl_Stop(200) == 0 and sl.sl_Stop(200) == -2018


@simulated("esp32", "rp2")
async def test_no_call_raises(board):
    host = TiHost()
    sl = host.sl
    taking = {
        "sl_WlanProvisioning": 5,
        "sl_WlanSetMode": 1,
        "sl_WlanConnect": 4,
        "sl_WlanProfileAdd": 5,
        "sl_WlanProfileGet": 1,
        "sl_WlanProfileDel": 1,
        "sl_WlanPolicySet": 3,
        "sl_WlanPolicyGet": 1,
        "sl_WlanGetNetworkList": 2,
        "sl_NetAppSet": 3,
        "sl_NetAppGet": 2,
        "sl_RegisterEventHandler": 2,
    }
    for name, count in taking.items():
        for junk in JUNK:
            for good in (0, 0x10):
                for place in range(count):
                    arguments = [good] * count
                    arguments[place] = junk
                    code = getattr(sl, name)(*arguments)
                    code = code[0] if isinstance(code, tuple) else code
                    assert isinstance(code, int), (name, arguments, code)
                    known = code >= 0 or sl.error_name(code)
                    assert known and code != -2007, (name, arguments, code)
    assert host.phase == 0 and stored() == []


@simulated("esp32")
async def test_a_fault_of_our_own_is_shown_and_has_a_code(board):
    sl = TiHost().sl
    shown = []

    def fail(place):
        raise KeyError("nobody foresaw this")

    sl._processor.profile = fail
    from provisioning import structures

    structures.sys = Shown(shown)
    assert sl.sl_WlanProfileGet(0)[0] == -2007 and len(shown) == 1


@simulated("esp32", "rp2")
async def test_set_mode_counts_from_the_next_start(board):
    host = TiHost()
    sl = host.sl
    assert sl.sl_WlanSetMode(1) == sl.sl_WlanSetMode(3) == -2050
    assert sl.sl_WlanSetMode(2) == 0
    assert not board.ap.active()
    assert sl.sl_Stop(0) == 0 and sl.sl_Start() == 2 and board.ap.active()
    assert sl.sl_Stop(0) == 0 and not board.ap.active()
    board.reboot()
    host = TiHost(start=False)
    assert host.sl.sl_Start() == 2, "it survives a power cut"
    assert host.sl.sl_WlanSetMode(0) == host.sl.sl_Stop(0) == host.sl.sl_Start() == 0
    assert not board.ap.active()


@simulated("esp32")
async def test_start_with_a_callback_tells_it_the_role(board):
    import simplelink

    told = []
    assert simplelink.sl_Start(None, None, lambda status, info: told.append(status)) == 0
    assert told == [0]
    assert simplelink.sl_Start(None, None, lambda status, info: told.append(status)) == -2012
    assert told == [0]


@simulated("esp32")
async def test_a_radio_that_cannot_be_switched_on(board):
    import simplelink
    from provisioning import wlan

    def fail(country):
        raise OSError("Wifi Out of Memory")

    radio, wlan.Radio = wlan.Radio, fail
    assert simplelink.sl_Start() == -4107
    wlan.Radio = radio
    assert simplelink.sl_Start() == 0


@simulated("esp32", "rp2")
async def test_stop_ends_a_run_and_start_waits_for_its_end(board):
    host = TiHost()
    await host.open(0)
    host.hand_over(*HOME)
    await host.until(13, 15)
    assert host.sl.sl_Stop(200) == 0
    assert host.sl.sl_Start() == -2014, "it is still ending"
    await host.until(13, 12)
    assert host.events[-1] == (13, 12) and not board.ap.active()
    assert host.sl.sl_Start() == 0 and stored() == []


@simulated("esp32", "rp2")
async def test_a_run_of_a_program_before_can_be_stopped(board):
    import provisioning

    # TI's connection manager does this: -2014, stop, STOPPED, start.
    provisioner = provisioning.host.get().provisioner
    host = TiHost(start=False)
    assert provisioner.start(0) == 0
    assert host.sl.sl_Start() == -2014 and host.sl.sl_WlanSetMode(0) == -2018
    assert host.stop() == 0
    await host.until(13, 12)
    assert host.sl.sl_Start() == 0


# The provisioning command


@simulated("esp32")
async def test_arguments_are_refused_with_ti_s_numbers(board):
    host = TiHost()
    bad = (
        (6, 0, 600, None, 0),
        (-1, 0, 600, None, 0),
        (0, 1, 600, None, 0),
        (0, 0xFF, 600, None, 0),
        (0, 0, 29, None, 0),
        (0, 0, 0, None, 0),
        (0, 0, 65536, None, 0),
        (1, 0, 600, "15 characters..", 0),
        (1, 0, 600, "17 characters....", 0),
        (1, 0, 600, "", 0),
        (0, 0, 600, None, 2),
    )
    for arguments in bad:
        assert host.sl.sl_WlanProvisioning(*arguments) == -2172, arguments
        assert host.events.pop() == (13, 7) and host.events == []
    assert host.stop() == host.provision(5) == -2177 and host.events == []
    for number in range(7):
        host.sl.sl_WlanProfileAdd("network %d" % number)
    # A bad argument is said before a full list, and a run that is on before that too.
    assert host.provision(0, timeout_s=29) == -2172 and host.events.pop() == (13, 7)
    assert host.provision(0) == -2171 and host.events.pop() == (13, 9)
    host.sl.sl_WlanProfileDel(3)
    await host.open(0, timeout_s=30, key="Key0Key0Key0Key0")
    assert host.provision(0) == -2169 and host.events.pop() == (13, 10)
    assert host.provision(0, timeout_s=29) == -2172 and host.events.pop() == (13, 7)
    assert host.provision(5) == -2177 and host.events == []
    assert host.stop() == 0 and host.stop() == 0, "twice does no harm"
    await host.until(13, 12)
    assert host.events == [(13, 12)]


@simulated("esp32", "rp2")
async def test_inactivity_ends_a_run_in_the_role_of_before(board):
    host = TiHost()
    host.sl.sl_WlanSetMode(2)
    host.sl.sl_Stop(0)
    host.sl.sl_Start()
    await host.open(0, timeout_s=30)
    start = board.now()
    await host.until(13, 12)
    assert 29000 <= board.now() - start <= 31000
    assert (host.last.Role, host.last.WlanStatus) == (2, 0) and board.ap.active()


@simulated("esp32", "rp2")
async def test_a_program_that_asks_within_the_event_is_served(board):
    host = TiHost()
    codes = []

    def go_on(event):
        if event == (13, 12) and not codes:
            codes.append(host.sl.sl_WlanProfileAdd("CafeFree"))
            codes.append(host.provision(0))

    host.on_event = go_on
    await host.open(0)
    host.stop()
    await host.until(13, 12)
    assert codes == [0, 0]
    host.stop()
    await host.until(13, 12)


@simulated("esp32")
async def test_a_handler_that_raises_ends_nothing(board):
    host = TiHost()

    def fail(event):
        raise RuntimeError("the program's own fault")

    host.on_event = fail
    await host.open(0)
    host.hand_over(*HOME)
    await host.until(13, 16)
    host.stop()
    await host.until(13, 12)


@simulated("esp32", "rp2")
async def test_no_password_of_a_user_is_said(board):
    host = TiHost()
    said = []
    host.sl.sl_RegisterEventHandler(2, lambda event: said.append(repr(event)))
    host.sl.sl_WlanProfileAdd("Nowhere", None, (2, "secret of a profile"))
    said.append(repr(host.sl.sl_WlanProfileGet(0)))
    host.sl.sl_WlanConnect("HomeNet", None, (2, "secret of a link"))
    await board.sleep_ms(15000)
    await host.open(0)
    host.hand_over("HomeNet", "secret of a user")
    await board.sleep_ms(20000)
    host.stop()
    await board.sleep_ms(20000)
    assert len(said) > 4
    assert "secret" not in "\n".join(said + board.output)
