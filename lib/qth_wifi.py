# Quectel's QuecOpen Wi-Fi provisioning API by its C names: names, numbers and errors, no logic.
# MIT licence
#
# No function raises; each returns one of the codes below. What C hands out through pointers comes
# after the code: `code, status = Qth_devGetStatus()`. Source: Quectel's QuecOpen API pages on
# product configuration, device connection and network provisioning. Numbers marked "ours" are not
# published (docs/qth.md).

import sys as _sys

from micropython import const

# oprt_ret, published.
OPRT_OK = const(0)
OPRT_COM_ERROR = const(-0x0001)
OPRT_INVALID_PARM = const(-0x0002)
OPRT_MALLOC_FAILED = const(-0x0003)
OPRT_NOT_SUPPORTED = const(-0x0004)
OPRT_NOT_FOUND = const(-0x0005)
OPRT_INDEX_OUT_OF_BOUND = const(-0x0006)
OPRT_EXCEED_UPPER_LIMIT = const(-0x0007)
OPRT_NOT_EXIST = const(-0x0008)
OPRT_QTH_CONFIG_READ_FAILED = const(-0x1000)
OPRT_QTH_CONFIG_WRITE_FAILED = const(-0x1001)
OPRT_QTH_DEV_RESET_FAILED = const(-0x1103)
OPRT_QTH_DEV_REMOVE_FAILED = const(-0x1104)
OPRT_QTH_WIFI_OPEN_NETCFG_FAILED = const(-0x1C00)
OPRT_QTH_WIFI_CONN_ROUTER_FAILED = const(-0x1C01)
OPRT_QTH_WIFI_ROUTER_DISCONNECTED = const(-0x1C02)

# Qth_wifiConfigMode_e, ours (in the order of the list). SLIENT is the vendor's spelling.
QTH_WIFI_CFGMODE_SLIENT = const(0)
QTH_WIFI_CFGMODE_SILENT = const(0)
QTH_WIFI_CFGMODE_BACKROUTE = const(1)

# Qth_wifiConfigStatus_e, ours (in the order of the list).
QTH_WIFI_CFGSTA_NOT_CONFIG = const(0)
QTH_WIFI_CFGSTA_CONFIGING = const(1)
QTH_WIFI_CFGSTA_ALREADY_CONFIG = const(2)

# Qth_devStatus_e, published in an example; the order of the list is another.
QTH_DEV_STATUS_NETCFG = const(0)
QTH_DEV_STATUS_NETCFGED = const(2)
QTH_DEV_STATUS_CONNECTED_ROUTE = const(3)
QTH_DEV_STATUS_CONNECTED_DMP = const(4)  # never: there is no cloud of Quectel's here
QTH_DEV_STATUS_SLIENT = const(5)
QTH_DEV_STATUS_SILENT = const(5)

# Qth_devEvent_e, ours (in the order of the list).
QTH_DEV_EVENT_WIFI_CONFIG = const(0)
QTH_DEV_EVENT_WIFI_CONNECT = const(1)
QTH_DEV_EVENT_DMP_CONNECT = const(2)  # never
QTH_DEV_EVENT_RESET = const(3)
QTH_DEV_EVENT_REMOVE = const(4)
QTH_DEV_EVENT_SLIENT = const(5)
QTH_DEV_EVENT_SILENT = const(5)

# Qth_wifiGetReason(), ours: the vendor has one code for all of them.
QTH_WIFI_REASON_NONE = const(0)
QTH_WIFI_REASON_NOT_FOUND = const(1)
QTH_WIFI_REASON_WRONG_PASSWORD = const(2)
QTH_WIFI_REASON_NO_ADDRESS = const(3)
QTH_WIFI_REASON_SECURITY = const(4)
QTH_WIFI_REASON_LINK_LOST = const(5)
QTH_WIFI_REASON_RADIO = const(6)
QTH_WIFI_REASON_NOT_CONFIRMED = const(7)

# Ours: what the standard allows.
QTH_WIFI_SSID_MAXSIZE = const(32)
QTH_WIFI_PWD_MAXSIZE = const(64)

# The device's numbers in the vendor's: PROVISIONED to SILENCED, and OK to UNUSED.
_EVENTS = (
    QTH_DEV_EVENT_WIFI_CONFIG,
    QTH_DEV_EVENT_WIFI_CONNECT,
    QTH_DEV_EVENT_RESET,
    QTH_DEV_EVENT_REMOVE,
    QTH_DEV_EVENT_SLIENT,
)
_RESULTS = (
    OPRT_OK,
    OPRT_QTH_WIFI_CONN_ROUTER_FAILED,
    OPRT_QTH_WIFI_ROUTER_DISCONNECTED,
    OPRT_QTH_WIFI_OPEN_NETCFG_FAILED,
    OPRT_COM_ERROR,
)
# NOT_CONFIGURED to SILENT.
_STATES = (
    QTH_DEV_STATUS_SLIENT,
    QTH_DEV_STATUS_NETCFG,
    QTH_DEV_STATUS_NETCFGED,
    QTH_DEV_STATUS_CONNECTED_ROUTE,
    QTH_DEV_STATUS_SLIENT,
)


class Qth_eventCb_t:
    """The program's callbacks: devEventCb(event, result); None: not called.

    The vendor's others (TTLV, OTA, ...) may be set, and are never called.
    """

    def __init__(self):
        self.devEventCb = None


class _WifiInfo(tuple):
    # At the prompt an answer is shown: the password in it must not be.
    def __repr__(self):
        return "(%r, %r, '***')" % (self[0], self[1])

    __str__ = __repr__


# Network provisioning


def Qth_wifiOpenNetcfg(mode=QTH_WIFI_CFGMODE_SLIENT):
    """Open provisioning; a person can hand over a network from now on. Returns at once.

    mode: QTH_WIFI_CFGMODE_SLIENT or _BACKROUTE, what follows if none is handed over. Returns
    OPRT_OK, OPRT_INVALID_PARM, OPRT_QTH_WIFI_OPEN_NETCFG_FAILED, OPRT_MALLOC_FAILED or
    OPRT_COM_ERROR. The outcome is an event WIFI_CONFIG.
    """
    return _call("open", mode, failed=OPRT_QTH_WIFI_OPEN_NETCFG_FAILED)[0]


def Qth_wifiCloseNetcfg():
    """Close provisioning: the fall-back of its mode follows. OPRT_OK, open or not."""
    return _call("close")[0]


def Qth_wifiGetCfgStatus():
    """QTH_WIFI_CFGSTA_NOT_CONFIG, _CONFIGING or _ALREADY_CONFIG; right from power-up on."""
    return _call("status")[1] or QTH_WIFI_CFGSTA_NOT_CONFIG


def Qth_wifiGetReason():
    """Ours: why the last join failed, or the link was lost: QTH_WIFI_REASON_*."""
    return _call("reason")[1] or QTH_WIFI_REASON_NONE


# Product configuration


def Qth_configSetWifiInfo(ssid, pwd):
    """Store a network untried; it is joined with the next Qth_devStart().

    ssid: 1 to 32 bytes. pwd: 8 to 63 characters, 64 hex digits, or "" for an open network; both
    str or bytes. Returns OPRT_OK, OPRT_INVALID_PARM or OPRT_QTH_CONFIG_WRITE_FAILED.
    """
    return _call("set_network", ssid, pwd, failed=OPRT_QTH_CONFIG_WRITE_FAILED)[0]


def Qth_configGetWifiInfo():
    """(code, ssid, pwd) of the stored network; what is no UTF-8 comes as bytes.

    OPRT_NOT_FOUND and two empty texts when there is none. The password is the real one, and shown
    as *** by repr() and print() of the whole answer.
    """
    code, network = _call("network")
    if network:
        return _WifiInfo((code, _text(network.ssid), _text(network.key)))
    return code or OPRT_NOT_FOUND, "", ""


def Qth_configClearWifiInfo():
    """Forget all networks; a link that is there stays. OPRT_OK or ..._CONFIG_WRITE_FAILED."""
    return _call("clear", failed=OPRT_QTH_CONFIG_WRITE_FAILED)[0]


def Qth_configSetNetcfgMode(enable, timeout):
    """What Qth_devStart() does without a network, and how long provisioning stays open.

    enable: True opens it then. timeout: 180 to 600 s, or 0xFFFF for no end. Until power is cut;
    True, 300 before. Returns OPRT_OK or OPRT_INVALID_PARM.
    """
    return _call("set_window", enable, timeout)[0]


def Qth_configGetNetcfgMode():
    """(OPRT_OK, enable, timeout): what Qth_configSetNetcfgMode() set."""
    code, window = _call("window")
    return (code,) + (window or (None, None))


def Qth_configSetEventCb(cb):
    """Have events told: cb is a Qth_eventCb_t, or a function f(event, result); None: no more.

    event: QTH_DEV_EVENT_*. result: OPRT_OK or why not. Returns OPRT_OK or OPRT_INVALID_PARM.
    """
    handler = getattr(cb, "devEventCb", cb)
    if handler is None:
        return _call("listen", None)[0]
    if not callable(handler):
        return OPRT_INVALID_PARM
    return _call("listen", lambda event, how: handler(_EVENTS[event], _RESULTS[how]))[0]


# Device connection


def Qth_devInit():
    """Get ready. The module needs it first; here any other call does it as well. OPRT_OK."""
    return _call("status")[0]


def Qth_devStart():
    """Join the stored network and stay there; without one, open provisioning if that is enabled.

    Returns at once: OPRT_OK, or as Qth_wifiOpenNetcfg().
    """
    return _call("start", failed=OPRT_QTH_WIFI_OPEN_NETCFG_FAILED)[0]


def Qth_devReset():
    """Forget all networks and restart the board, after the event RESET.

    Returns OPRT_OK, or OPRT_QTH_DEV_RESET_FAILED: nothing was forgotten.
    """
    return _call("reset", failed=OPRT_QTH_DEV_RESET_FAILED)[0]


def Qth_devRemove():
    """Forget all networks and open provisioning.

    Returns OPRT_OK, OPRT_QTH_DEV_REMOVE_FAILED (nothing was forgotten), or as
    Qth_wifiOpenNetcfg().
    """
    return _call("remove", failed=OPRT_QTH_DEV_REMOVE_FAILED)[0]


def Qth_devGetStatus():
    """(code, status): OPRT_OK and a QTH_DEV_STATUS_*."""
    code, state = _call("state")
    return code, _STATES[state or 0]


# In words


def Qth_strerror(code):
    """Ours: a code in words."""
    texts = {
        OPRT_OK: "done",
        OPRT_COM_ERROR: "failed",
        OPRT_INVALID_PARM: "an argument is not valid",
        OPRT_MALLOC_FAILED: "not enough memory",
        OPRT_NOT_SUPPORTED: "not supported",
        OPRT_NOT_FOUND: "not found",
        OPRT_INDEX_OUT_OF_BOUND: "index out of range",
        OPRT_EXCEED_UPPER_LIMIT: "over the upper limit",
        OPRT_NOT_EXIST: "does not exist",
        OPRT_QTH_CONFIG_READ_FAILED: "the configuration cannot be read",
        OPRT_QTH_CONFIG_WRITE_FAILED: "the configuration cannot be written",
        OPRT_QTH_DEV_RESET_FAILED: "the device cannot be reset",
        OPRT_QTH_DEV_REMOVE_FAILED: "the device cannot be removed",
        OPRT_QTH_WIFI_OPEN_NETCFG_FAILED: "network provisioning cannot be opened",
        OPRT_QTH_WIFI_CONN_ROUTER_FAILED: "the router cannot be joined",
        OPRT_QTH_WIFI_ROUTER_DISCONNECTED: "the link to the router is lost",
    }
    known = isinstance(code, int) and texts.get(code)
    return known or "unknown code"


def Qth_strreason(reason):
    """Ours: a QTH_WIFI_REASON_* in words."""
    from provisioning.names import reason_name

    if not isinstance(reason, int) or not 0 <= reason <= QTH_WIFI_REASON_NOT_CONFIRMED:
        return "unknown reason"
    return (reason_name(reason) or "none").replace("_", " ")


def _call(name, *arguments, failed=OPRT_COM_ERROR):
    """Call a method of the device: (code, what it returns). failed: the code for an OSError."""
    try:
        from provisioning import device  # here: importing this file costs little

        return OPRT_OK, getattr(device.get(), name)(*arguments)
    except MemoryError:
        return OPRT_MALLOC_FAILED, None
    except ValueError:
        return OPRT_INVALID_PARM, None
    except OSError as error:
        print("qth_wifi:", error)
        return failed, None
    except Exception as error:
        if hasattr(error, "code"):  # a ProvisioningError
            return OPRT_QTH_WIFI_OPEN_NETCFG_FAILED, None
        _sys.print_exception(error)
        return OPRT_COM_ERROR, None


def _text(value):
    try:
        return value.decode()
    except UnicodeError:
        return value
