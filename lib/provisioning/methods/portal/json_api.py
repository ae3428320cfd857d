# The JSON API for people who write their own page or app: docs/api.md, docs/openapi.yaml.
# MIT licence

import binascii
import json

from micropython import const

from ...codes import SECURITY_UNKNOWN
from ...names import reason_name, security_name
from ...profiles import MAX_PROFILES, Profile, ProfileError, ProfilesFull
from . import forms, texts
from .answer import Answer, error, not_found, wrong_method

_SECURITIES = (0, 1, 2, 5, 12, SECURITY_UNKNOWN)
_PROFILE = {
    "ssid": str,
    "ssid_hex": str,
    "key": str,
    "security": str,
    "priority": int,
    "hidden": bool,
    "replace": int,
    "custom_data": str,
}
_CUSTOM_DATA = const(512)  # bytes, as of protocomm's custom-data
_TYPES = {str: "a text", int: "a whole number", bool: "true or false"}


class _Refused(Exception):
    # args: the Answer.
    pass


def handle(session, request, name):
    """Answer a request for /v1/<name>; returns an Answer."""
    if name.startswith("profiles/"):
        name = "profiles/*"
    handler = _HANDLERS.get(request.method + " " + name)
    if handler:
        try:
            return handler(session, request)
        except _Refused as refused:
            return refused.args[0]
    allow = [key.split(" ")[0] for key in _HANDLERS if key.endswith(" " + name)]
    return wrong_method(", ".join(sorted(allow))) if allow else not_found()


# What goes out


def _networks(session, request):
    # In pieces: a text of thirty networks needs a block of memory that a board may not have.
    return Answer(_network_pieces(session), 200, {"Content-Type": "application/json"})


def _network_pieces(session):
    yield '{"networks":['
    comma = ""
    for network in session.networks():
        item = _ssid(network.ssid)
        item["rssi"] = network.rssi
        item["bars"] = texts.bars(network.rssi)
        item["security"] = security_name(network.security)
        item["supported"] = texts.is_supported(network.security)
        item["stored"] = session.profiles.find(network.ssid) is not None
        yield comma + json.dumps(item)
        comma = ","
    yield '],"age_ms":' + json.dumps(session.scan_age_ms()) + "}"


def _profiles(session, request):
    items = []
    for profile in session.profiles.all():
        item = _ssid(profile.ssid)
        item["index"] = len(items) + 1
        item["security"] = security_name(profile.security)
        item["priority"] = profile.priority
        item["hidden"] = profile.hidden
        items.append(item)
    return Answer({"profiles": items, "free": MAX_PROFILES - len(items)})


def _status(session, request):
    progress = session.progress()
    item = _ssid(progress.ssid)
    item["state"] = progress.state
    item["result"] = progress.result
    item["reason"] = reason_name(progress.reason)
    item["address"] = progress.address
    item["name"] = session.identity.name
    return Answer(item, then=session.delivery())


def _device(session, request):
    mac = ":".join("%02x" % byte for byte in session.mac)
    return Answer({"name": session.identity.name, "mac": mac, "firmware": session.firmware})


def _ssid(ssid):
    return {"ssid": texts.ssid_text(ssid), "ssid_hex": binascii.hexlify(ssid).decode()}


# What is asked for


def _scan(session, request):
    _fields(request, ())
    session.request_scan()
    return Answer({}, 202)


def _confirm(session, request):
    _fields(request, ())
    if session.confirm():
        return Answer({}, 202)
    return error(409, "nothing_to_confirm", "Hand over a network first.")


def _add(session, request):
    fields = _fields(request, _PROFILE)
    profile = _profile(fields)
    token = _encoded(fields, "custom_data")
    if len(token) > _CUSTOM_DATA:
        _refuse("bad_value", "Send at most %d bytes." % _CUSTOM_DATA, "custom_data")
    replace = fields.get("replace")
    if replace is not None:
        if not 1 <= replace <= len(session.profiles.all()):
            _refuse("bad_value", "No profile has this index.", "replace")
        replace -= 1
    try:
        session.offer(profile, replace, token)
    except ProfilesFull:
        return error(409, "list_full", "All places are taken: say which to replace.", "replace")
    return Answer({}, 202)


def _remove(session, request):
    index = request.path[len("/v1/profiles/") :]
    count = len(session.profiles.all())
    if len(index) != 1 or not "1" <= index <= str(count):
        return not_found("No profile has this index.")
    session.profiles.remove(int(index) - 1)
    return Answer(None, 204)


def _rename(session, request):
    fields = _fields(request, {"name": str})
    try:
        session.identity.rename(forms.name(_encoded(fields, "name")))
    except ValueError as problem:
        _refuse("bad_value", str(problem), "name")
    return _device(session, request)


# What comes in


def _refuse(word, message, field=None, status=400):
    raise _Refused(error(status, word, message, field))


def _fields(request, types):
    # The request's JSON object, checked against {name: type}; ends the request if it does not fit.
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        # Also keeps out the forms of foreign pages, which cannot send this type.
        _refuse("unsupported_media_type", "Send Content-Type: application/json.", None, 415)
    try:
        fields = json.loads(request.body.decode() or "{}")
    except (ValueError, RuntimeError):  # RuntimeError: nested too deep for CPython
        fields = None
    if type(fields) is not dict:
        _refuse("bad_json", "Send one JSON object in UTF-8.")
    for name, value in fields.items():
        if name not in types:
            _refuse("unknown_field", "This field is not known here.")
        if type(value) is not types[name]:
            _refuse("wrong_type", "Send " + _TYPES[types[name]] + ".", name)
    return fields


def _profile(fields):
    security = SECURITY_UNKNOWN
    for number in _SECURITIES:
        if security_name(number) == fields.get("security", "unknown"):
            security = number
            break
    else:
        _refuse("bad_value", "Send open, wep, wpa2, wpa3, enterprise or unknown.", "security")
    try:
        return Profile(
            _profile_ssid(fields),
            _encoded(fields, "key"),
            security,
            fields.get("priority", 0),
            fields.get("hidden", False),
        )
    except ProfileError as problem:
        field = problem.field
        if field == "ssid" and "ssid_hex" in fields:
            field = "ssid_hex"
        _refuse("bad_value", str(problem), field)


def _profile_ssid(fields):
    if "ssid_hex" not in fields:
        if "ssid" not in fields:
            _refuse("missing", "Send ssid or ssid_hex.", "ssid")
        return _encoded(fields, "ssid")
    if "ssid" in fields:
        _refuse("bad_value", "Send either ssid or ssid_hex.", "ssid_hex")
    try:
        return binascii.unhexlify(_encoded(fields, "ssid_hex"))
    except ValueError:
        _refuse("bad_value", "Send pairs of hex digits.", "ssid_hex")


def _encoded(fields, name):
    try:
        return fields.get(name, "").encode()
    except ValueError:  # half a surrogate pair
        _refuse("bad_value", "Send text that UTF-8 can hold.", name)


_HANDLERS = {
    "GET networks": _networks,
    "POST scan": _scan,
    "GET profiles": _profiles,
    "POST profiles": _add,
    "DELETE profiles/*": _remove,
    "POST confirm": _confirm,
    "GET status": _status,
    "GET device": _device,
    "PUT device": _rename,
}
