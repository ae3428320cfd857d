# TI's SimpleLink host API by its C names: what a program for a CC3x20 or CC3x35 calls.
# MIT licence
#
# No function raises: each returns TI's code. Where C fills pointers, a tuple comes back: C's
# return value, then the out-parameters in C's order, None after an error. Lengths are left out:
# Python knows them. Constants are looked up when they are asked for. docs/simplelink.md has all.

import sys

_handlers = {}  # SL_EVENT_HDL_*: function
_processor = None


# On and off (device.h)


def sl_Start(pIfHdl=None, pDevName=None, pInitCallBack=None):
    """Switch the network processor on, in the role that sl_WlanSetMode() set.

    pInitCallBack(Status, DeviceInitInfo): if given, 0 comes back and it is called with the role.
    pIfHdl, pDevName: not used. Returns ROLE_STA (0) or ROLE_AP (2); -2012 started already, -2014 a
    run is still on, -4107 or -4108 the radio refuses. After SL_DEVICE_EVENT_RESET_REQUEST and
    sl_Stop() the run goes on. Source: device.h, SWRA513C 6.
    """
    from provisioning import drop_modules

    drop_modules(lambda name: name == "provisioning.headers")
    role = _do("start")
    if role < 0 or pInitCallBack is None:
        return role
    _call(pInitCallBack, role, None)
    return 0


def sl_Stop(Timeout=0):
    """Switch the network processor off: link and access point go, a run ends with its STOPPED.

    Timeout: not used, 0 to 0xFFFF ms. Returns 0; -2018 not started. Source: device.h.
    """
    return _do("stop")


def sl_Task(pEntry=None):
    """Let the background run: for programs without an event loop, on boards without a timer."""
    import provisioning

    provisioning.poll()


# Provisioning (wlan.h)


def sl_WlanProvisioning(
    ProvisioningCmd,
    RequestedRoleAfterSuccess=0,
    InactivityTimeoutSec=0,
    pSmartConfigKey=None,
    Flags=0,
):
    """Start or stop provisioning, or refuse the external confirmation (SWRA513C 7.1).

    ProvisioningCmd: SL_WLAN_PROVISIONING_CMD_*. RequestedRoleAfterSuccess: ROLE_STA or ROLE_AP; to
    stop, SL_WLAN_PROVISIONING_REMAIN_IN_CURRENT_ROLE stays, all else goes back.
    InactivityTimeoutSec: 30 to 65535, to stop 0. pSmartConfigKey: None or 16 bytes. Flags:
    SL_WLAN_PROVISIONING_CMD_FLAG_EXTERNAL_CONFIRMATION or 0. Returns 0, the rest comes as events;
    -2169 a run is on, -2171 seven profiles stored, -2172 an argument, -2173 the radio, -2177
    nothing to stop, -2018 not started.
    """
    return _do(
        "provision",
        ProvisioningCmd,
        RequestedRoleAfterSuccess,
        InactivityTimeoutSec,
        pSmartConfigKey,
        Flags,
    )


def sl_WlanSetMode(Mode):
    """The role from the next sl_Start() on: ROLE_STA or ROLE_AP. Returns 0; -2050 another role."""
    return _checked("set_mode", Mode)


# The link (wlan.h)


def sl_WlanConnect(pName, pMacAddr=None, pSecParams=None, pSecExtParams=None):
    """Join a network once, in the background; SL_WLAN_EVENT_CONNECT or ..._DISCONNECT tells.

    pName: SSID, str or bytes of 1 to 32. pMacAddr: None or 6 bytes, not used. pSecParams: (Type,
    Key), None for an open network. pSecExtParams: None. Returns 0; -2060 SSID, -2058 or -2055 key
    too short or too long, -2054 security, -2057 enterprise.
    """
    return _profiled("connect", pName, pMacAddr, pSecParams, pSecExtParams, 0)


def sl_WlanDisconnect():
    """Leave the network, or give up the attempt. Returns 0; -2071 there is neither."""
    return _checked("disconnect")


# Profiles and policies (wlan.h)


def sl_WlanProfileAdd(
    pName, pMacAddr=None, pSecParams=None, pSecExtParams=None, Priority=0, Options=0
):
    """Store a network. Arguments as sl_WlanConnect(); Priority: 0 (lowest) to 15.

    Same SSID and security takes the old one's place. Returns the place, 0 to 6; -2076 all seven
    are taken, -2006 Priority, -14342 flash is full, else as sl_WlanConnect().
    """
    return _profiled("add_profile", pName, pMacAddr, pSecParams, pSecExtParams, Priority)


def sl_WlanProfileGet(Index):
    """Read the profile at a place, 0 to 6. Returns (Type, Name, MacAddr, Priority).

    Type: SL_WLAN_SEC_TYPE_*. Name: bytes. MacAddr: zeros. The key is not given away.
    -2074: nothing there.
    """
    return _tuple(4, "of_profile", "profile", Index)


def sl_WlanProfileDel(Index):
    """Delete the profile at a place, 0 to 6, or SL_WLAN_DEL_ALL_PROFILES. 0; -2074 none there."""
    return _checked("remove_profile", Index)


def sl_WlanPolicySet(Type, Policy, pVal=None):
    """Set a policy. SL_WLAN_POLICY_CONNECTION: Policy from SL_WLAN_CONNECTION_POLICY().

    SL_WLAN_POLICY_SCAN: from SL_WLAN_SCAN_POLICY(), pVal the interval in s (10 or more as AP).
    SL_WLAN_POLICY_PM: SL_WLAN_NORMAL_POLICY. Returns 0; -2066 type, -2067 power policy, -2078 or
    -2077 interval, -2052 scan policy during a run, -2006 bits.
    """
    return _checked("set_policy", Type, Policy, pVal)


def sl_WlanPolicyGet(Type):
    """Read a policy. Returns (0, Policy, Val); Val: of the scan policy, in s. -2066: type."""
    return _tuple(3, None, "policy", Type)


def sl_WlanGetNetworkList(Index, Count):
    """What is in the air, strongest first, without waiting: (number, list of entries).

    Index: 0 to 29. Count: 1 to 30 - Index. An entry has Ssid (bytes), SsidLen, Bssid, Rssi (dBm),
    SecurityInfo, Channel. -2073: a scan has just begun, ask again in some seconds.
    """
    return _tuple(2, "of_networks", "networks", Index, Count)


# Applications (netapp.h)


def sl_NetAppSet(AppId, Option, pOptionValue):
    """SL_NETAPP_DEVICE_ID, SL_NETAPP_DEVICE_URN: the device name, 1 to 32 bytes of UTF-8.

    SL_NETAPP_HTTP_SERVER_ID, SL_NETAPP_HTTP_PRIMARY_PORT_NUMBER: the portal's port, from the next
    run on. Returns 0; -6218 length of the name, -6147 no UTF-8, -6212 another AppId, -14338
    another option, -2006 port, -14342 flash is full.
    """
    return _checked("set_option", AppId, Option, pOptionValue)


def sl_NetAppGet(AppId, Option):
    """Read what sl_NetAppSet() sets, or SL_NETAPP_DEVICE_DOMAIN. Returns (0, value)."""
    return _tuple(2, None, "option", AppId, Option)


# Events (eventreg.h)


def sl_RegisterEventHandler(EventHandlerId, EventHandler):
    """Have a function called with each event of a kind; None: not any more.

    SL_EVENT_HDL_WLAN: provisioning status (13), profile added (14), connect (1), disconnect (2).
    SL_EVENT_HDL_NETAPP: address acquired (1), DHCP timeout (9).
    SL_EVENT_HDL_DEVICE_GENERAL: reset request (6). An event has .Id and .Data. Returns 0; -2006
    another id.
    """
    if EventHandlerId not in range(9):
        return -2006
    _handlers[EventHandlerId] = EventHandler
    if EventHandler is None:
        del _handlers[EventHandlerId]
    return 0


# Constants (provisioning/headers.py)


def include(namespace):
    """Put all functions and constants into a namespace, as #include does: include(globals())."""
    from provisioning import headers

    for name in globals():
        if name.startswith("sl_") or name == "error_name":
            namespace[name] = globals()[name]
    for name, value in headers.everything():
        namespace[name] = value


def error_name(code):
    """TI's name of a return code, or None."""
    from provisioning import headers

    return headers.error_name(code)


def __getattr__(name):
    if name[:3] not in ("SL_", "ROL"):
        raise AttributeError(name)
    from provisioning import headers

    value = headers.value(name)
    if value is None:
        raise AttributeError(name)
    globals()[name] = value
    return value


# How the calls go


def _do(name, *arguments):
    """Call a method of the network processor. TI's code for what it raises, 0 for None."""
    global _processor
    try:
        if _processor is None:
            from provisioning.processor import Processor

            _processor = Processor(_on_event, _on_link)
        result = getattr(_processor, name)(*arguments)
        return 0 if result is None else result
    except Exception as error:
        return _structures().code_of(error)


def _checked(name, *arguments):
    """As _do(), for what a run may block."""
    return _do("check") or _do(name, *arguments)


def _profiled(name, *arguments):
    """As _checked(), for what takes a profile."""
    structures = _structures()
    try:
        profile = structures.profile_of(*arguments)
    except Exception as error:
        profile = structures.code_of(error)
    if isinstance(profile, int):
        return _do("check") or profile
    return _checked(name, profile)


def _tuple(length, shape, name, *arguments):
    """As _checked(), for what C has out-parameters for: a tuple of this length."""
    found = _checked(name, *arguments)
    if isinstance(found, int):
        return (found,) + (None,) * (length - 1)
    return getattr(_structures(), shape)(found) if shape else (0,) + found


def _structures():
    from provisioning import structures

    return structures


def _on_event(event):
    _tell(_structures().of_event(event))


def _on_link(what, ssid, detail):
    for message in _structures().of_link(what, ssid, detail):
        _tell(message)


def _tell(message):
    kind, event = message
    if kind in _handlers:
        _call(_handlers[kind], event)


def _call(handler, *arguments):
    try:
        handler(*arguments)
    except Exception as error:  # the program's own fault
        sys.print_exception(error)
