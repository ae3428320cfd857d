# TI's structures and return codes for what the network processor says and raises.
# MIT licence

import sys

from micropython import const

from . import codes
from .profiles import Profile
from .wlan import LINKED, UNLINKED

# SL_EVENT_HDL_* (eventreg.h).
_DEVICE_GENERAL = const(1)
_WLAN = const(2)
_NETAPP = const(3)
# SL_WLAN_EVENT_* and SL_NETAPP_EVENT_*.
_CONNECT = const(1)
_DISCONNECT = const(2)
_IPV4_ACQUIRED = const(1)
_DHCP_TIMEOUT = const(9)

_WPA2_PLUS = const(11)  # WPA2, or WPA3 where there is
_CALLER_EXTERNAL_CONFIGURATION = const(1)
_NO_BSSID = bytes(6)

# Return codes (errors.h).
_INVALID_INPUT = const(-2006)
_SELF_ERROR = const(-2007)
_MALLOC_ERROR = const(-2009)
_PASSPHRASE_TOO_LONG = const(-2055)
_EAP_WRONG_METHOD = const(-2057)
_PASSWORD_ERROR = const(-2058)
_NO_FREE_PROFILE = const(-2076)
_NVMEM_ACCESS_FAILED = const(-14342)
_FIELDS = {"ssid": -2060, "key": _PASSWORD_ERROR, "security": -2054}

# Of SecurityInfo in a scan (wlan.h): type << 8, key management << 11, hidden << 13.
_PSK = const(2 << 11)
_SECURITY_INFO = {
    codes.SECURITY_OPEN: 0,
    codes.SECURITY_WEP: 1 << 8,
    codes.SECURITY_WPA3: 5 << 8 | _PSK,
    codes.SECURITY_ENTERPRISE: 4 << 8 | 1 << 11,
}
_WPA2_INFO = const(4 << 8 | _PSK)
_HIDDEN_INFO = const(1 << 13)


class Struct:
    """One of TI's structures: its fields are attributes."""

    def __init__(self, **fields):
        for name in fields:
            setattr(self, name, fields[name])
        self._names = sorted(fields)

    def __repr__(self):
        return "(" + ", ".join("%s=%r" % (n, getattr(self, n)) for n in self._names) + ")"


def code_of(error):
    """TI's return code for what a call raised; what nobody foresaw is shown."""
    # By what they have, not by class: a module that was dropped has other classes afterwards.
    if hasattr(error, "code"):
        return error.code
    if hasattr(error, "field"):
        return _FIELDS.get(error.field, _INVALID_INPUT)
    if type(error).__name__ == "ProfilesFull":
        return _NO_FREE_PROFILE
    if isinstance(error, MemoryError):
        return _MALLOC_ERROR
    if isinstance(error, OSError):
        return _NVMEM_ACCESS_FAILED
    if isinstance(error, (TypeError, ValueError)):
        return _INVALID_INPUT
    sys.print_exception(error)
    return _SELF_ERROR


# Events: (SL_EVENT_HDL_*, structure)


def of_event(event):
    """What a host program gets for an Event."""
    if event.id == codes.EVENT_RESET_REQUEST:
        request = Struct(Status=0, Caller=_CALLER_EXTERNAL_CONFIGURATION)
        return _DEVICE_GENERAL, Struct(Id=event.id, Data=Struct(ResetRequest=request))
    if event.id == codes.EVENT_PROFILE_ADDED:
        added = Struct(
            Status=0,
            SsidLen=len(event.ssid),
            Ssid=event.ssid,
            ReservedLen=len(event.token),
            Reserved=event.token,
        )
        return _WLAN, Struct(Id=event.id, Data=Struct(ProvisioningProfileAdded=added))
    status = Struct(
        ProvisioningStatus=event.status,
        Role=event.role,
        WlanStatus=event.wlan_status,
        Ssidlen=len(event.ssid),
        Ssid=event.ssid,
        Reserved=0,
    )
    return _WLAN, Struct(Id=event.id, Data=Struct(ProvisioningStatus=status))


def of_link(what, ssid, detail):
    """What a host program gets for a change of the link: a list."""
    names = {"SsidLen": len(ssid), "SsidName": ssid, "Bssid": _NO_BSSID}
    if what == LINKED:
        address = Struct(
            Ip=_number(detail.address), Gateway=_number(detail.gateway), Dns=_number(detail.dns)
        )
        return [
            (_WLAN, Struct(Id=_CONNECT, Data=Struct(Connect=Struct(**names)))),
            (_NETAPP, Struct(Id=_IPV4_ACQUIRED, Data=Struct(IpAcquiredV4=address))),
        ]
    if what == UNLINKED:
        left = Struct(ReasonCode=detail, **names)
        return [(_WLAN, Struct(Id=_DISCONNECT, Data=Struct(Disconnect=left)))]
    late = Struct(Status=0)
    return [(_NETAPP, Struct(Id=_DHCP_TIMEOUT, Data=Struct(DhcpIpAcquireTimeout=late)))]


def _number(address):
    """An IPv4 address as TI has it: the first byte is the highest."""
    number = 0
    for part in address.split("."):
        number = number << 8 | int(part)
    return number


# Arguments and out-parameters


def profile_of(name, mac, security, extended, priority):
    """The Profile that a call means, or TI's code. ProfileError."""
    if extended is not None:
        return _EAP_WRONG_METHOD
    if mac is not None and len(mac) != len(_NO_BSSID):
        return _INVALID_INPUT
    kind, key = security or (codes.SECURITY_OPEN, b"")
    key = key or b""
    if kind == _WPA2_PLUS:
        kind = codes.SECURITY_WPA
    if len(key) > 64:
        return _PASSPHRASE_TOO_LONG
    if kind == codes.SECURITY_OPEN:
        key = b""
    elif not key:
        return _PASSWORD_ERROR
    if kind == codes.SECURITY_UNKNOWN:  # ours, not TI's
        return _FIELDS["security"]
    return Profile(name, key, kind, priority)


def of_profile(profile):
    """(Type, Name, MacAddr, Priority)."""
    kind = profile.security
    if kind == codes.SECURITY_UNKNOWN:
        kind = codes.SECURITY_WPA
    return kind, profile.ssid, _NO_BSSID, profile.priority


def of_networks(networks):
    """(number, [SlWlanNetworkEntry_t])."""
    return len(networks), [_entry(network) for network in networks]


def _entry(network):
    info = _SECURITY_INFO.get(network.security, _WPA2_INFO)
    return Struct(
        Ssid=network.ssid,
        Bssid=network.bssid,
        SsidLen=len(network.ssid),
        Rssi=network.rssi,
        SecurityInfo=info | _HIDDEN_INFO if network.hidden else info,
        Channel=network.channel,
    )
