# What an open protocomm session may ask: networks, to be put on one, to begin again.
# MIT licence
#
# Source: Espressif's network_provisioning, network_scan.proto, network_config.proto,
# network_ctrl.proto (the Wi-Fi half has the numbers of wifi_provisioning).

import asyncio

from micropython import const

from ... import codes
from ...profiles import Profile, ProfileError, ProfilesFull
from . import protobuf
from .errors import Refused

_SUCCESS = const(0)
_INVALID_ARGUMENT = const(4)
_INTERNAL_ERROR = const(5)

_LAST_KIND = const(11)  # of a message, Thread's included
_FIRST_FIELD = const(10)  # the field of a message is its kind and this

_NETWORKS = const(16)  # as many as ESP-IDF keeps
_STALE_MS = const(30000)
_EMPTY_MS = const(10000)  # a scan that found nothing is done again after that
_SCAN_MS = const(6000)
_LOOK_MS = const(100)

_CONNECTED = const(0)
_CONNECTING = const(1)
_DISCONNECTED = const(2)
_FAILED = const(3)
_STATES = {"connected": _CONNECTED, "failed": _FAILED, "waiting": _DISCONNECTED}
# The two that the protocol knows; with any other the attempt ends as "disconnected".
_FAIL_REASONS = {codes.REASON_WRONG_PASSWORD: 0, codes.REASON_NOT_FOUND: 1}

_AUTH = {
    codes.SECURITY_OPEN: 0,
    codes.SECURITY_WEP: 1,
    codes.SECURITY_WPA: 3,
    codes.SECURITY_ENTERPRISE: 5,
    codes.SECURITY_WPA3: 6,
}
_WPA2 = const(3)

_TOKEN_MAX = const(512)


async def scan(client, request):
    """prov-scan: look around, how many are there, which."""
    fields = protobuf.message(request)
    kind = _kind(fields)
    if kind == 0:
        await _scan(client)
        return _answer(kind, b"")
    if kind == 2:
        count = len(_networks(client))
        return _answer(kind, protobuf.number(1, 1) + protobuf.number(2, count))
    if kind == 4:
        wanted = protobuf.message(_within(fields, kind))
        first = wanted.get(1, 0)
        page = _networks(client)[first : first + wanted.get(2, 0)]
        return _answer(kind, b"".join([protobuf.data(1, _entry(network)) for network in page]))
    return protobuf.number(1, kind + 1) + protobuf.number(2, _INVALID_ARGUMENT)


async def _scan(client):
    # The answer has to wait for the end: Android's app takes "not finished" for the last word.
    run = client.run
    client.networks = None
    age = run.scan_age_ms()
    limit = _STALE_MS if run.networks() else _EMPTY_MS
    if not run.is_waiting() or age is not None and age <= limit:
        return
    run.request_scan()
    for _ in range(_SCAN_MS // _LOOK_MS):
        await asyncio.sleep_ms(_LOOK_MS)
        now = run.scan_age_ms()
        if now is not None and (age is None or now < age):
            return


def _networks(client):
    if client.networks is None:
        client.networks = client.run.networks()[:_NETWORKS]
    return client.networks


def _entry(network):
    return (
        protobuf.data(1, network.ssid)
        + protobuf.number(2, network.channel)
        + protobuf.number(3, network.rssi)
        + protobuf.data(4, network.bssid)
        + protobuf.number(5, _AUTH.get(network.security, _WPA2))
    )


async def config(client, request):
    """prov-config: take a network, try it, tell what became of it."""
    fields = protobuf.message(request)
    kind = _kind(fields)
    if kind == 0:
        return _answer(kind, _status(client))
    status = _INVALID_ARGUMENT
    if kind == 2:
        status = _set(client, protobuf.message(_within(fields, kind)))
    elif kind == 4:
        status = _apply(client)
    return _answer(kind, protobuf.number(1, status))


def _set(client, fields):
    ssid, key, bssid = (fields.get(field, b"") for field in (1, 2, 3))
    try:
        if len(bssid) in (0, 6):
            client.profile = Profile(ssid, key, codes.SECURITY_UNKNOWN)
            return _SUCCESS
    except (ProfileError, TypeError):  # TypeError: a number where bytes should be
        pass
    return _INVALID_ARGUMENT


def _apply(client):
    profile, client.profile = client.profile, None
    token, client.token = client.token, b""
    try:
        if profile:
            client.run.offer(profile, None, token)
            if client.run.confirm():
                return _SUCCESS
    except ProfilesFull as error:
        print("provisioning:", error)
    return _INTERNAL_ERROR


def _status(client):
    progress = client.run.progress()
    state = _STATES.get(progress.state, _CONNECTING)
    if state == _CONNECTED:
        client.then = client.run.read_result
        connected = protobuf.data(1, progress.address.encode()) + protobuf.data(3, progress.ssid)
        return protobuf.data(11, connected)
    if state != _FAILED:
        return protobuf.number(2, state)
    reason = _FAIL_REASONS.get(progress.reason)
    if reason is None:
        return protobuf.number(2, _DISCONNECTED)
    return protobuf.number(2, _FAILED) + bytes((10 << 3, reason))  # it is there also when it is 0


async def control(client, request):
    """prov-ctrl: forget what failed. Here that is never in the way."""
    kind = _kind(protobuf.message(request))
    status = _SUCCESS
    if kind == 3 and client.run.progress().state == "connected":
        status = _INTERNAL_ERROR  # the run ends; another one is the board's to start
    elif kind != 1 and kind != 3:
        status = _INVALID_ARGUMENT
    head = protobuf.number(1, kind + 1) + protobuf.number(2, status)
    return head + protobuf.data(_FIRST_FIELD + kind + 1, b"")


async def custom(client, request):
    """custom-data: what the product's own app says, for the host, with the network."""
    if len(request) > _TOKEN_MAX:
        raise Refused
    client.token = request
    return b"SUCCESS"


def _kind(fields):
    kind = fields.get(1, 0)
    if not isinstance(kind, int) or kind > _LAST_KIND:
        raise Refused
    return kind


def _within(fields, kind):
    found = fields.get(_FIRST_FIELD + kind)
    if not isinstance(found, bytes):
        raise Refused
    return found


def _answer(kind, content):
    return protobuf.number(1, kind + 1) + protobuf.data(_FIRST_FIELD + kind + 1, content)
