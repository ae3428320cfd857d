# The JSON API for people who write their own page or app: docs/api.md, docs/openapi.yaml.
# MIT licence

import binascii
import json

from microdot import Response, abort

from ...codes import SECURITY_UNKNOWN
from ...names import reason_name, security_name
from ...profiles import MAX_PROFILES, Profile, ProfileError, ProfilesFull
from . import forms, texts

_SECURITIES = (0, 1, 2, 5, 12, SECURITY_UNKNOWN)
_PROFILE = {
    "ssid": str,
    "ssid_hex": str,
    "key": str,
    "security": str,
    "priority": int,
    "hidden": bool,
    "replace": int,
}
_TYPES = {str: "a text", int: "a whole number", bool: "true or false"}


def error(status, word, message, field=None):
    """An error as (body, status): `word` for programs, `message` for people, `field` at fault."""
    body = {"error": word, "message": message}
    if field:
        body["field"] = field
    return body, status


def handle(session, request, name):
    """Answer a request for /v1/<name>; returns what microdot takes for a response."""
    method = "GET" if request.method == "HEAD" else request.method
    if name.startswith("profiles/"):
        name = "profiles/*"
    handler = _HANDLERS.get(method + " " + name)
    if handler:
        return handler(session, request)
    allow = [key.split(" ")[0] for key in _HANDLERS if key.endswith(" " + name)]
    if not allow:
        return error(404, "not_found", "There is nothing at this path.")
    allow = ", ".join(sorted(allow))
    return error(405, "method_not_allowed", "Use " + allow + ".") + ({"Allow": allow},)


# What goes out


def _networks(session, request):
    # In pieces: a text of thirty networks needs a block of memory that a board may not have.
    return Response(_network_pieces(session), 200, {"Content-Type": "application/json"})


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
    return {"profiles": items, "free": MAX_PROFILES - len(items)}


def _status(session, request):
    if request.method == "GET":  # HEAD shows nobody the result
        session.read_result()
    progress = session.progress()
    item = _ssid(progress.ssid)
    item["state"] = progress.state
    item["result"] = progress.result
    item["reason"] = reason_name(progress.reason)
    item["address"] = progress.address
    item["name"] = session.identity.name
    return item


def _device(session, request):
    mac = ":".join("%02x" % byte for byte in session.mac)
    return {"name": session.identity.name, "mac": mac, "firmware": session.firmware}


def _ssid(ssid):
    return {"ssid": texts.ssid_text(ssid), "ssid_hex": binascii.hexlify(ssid).decode()}


# What is asked for


def _scan(session, request):
    _fields(request, ())
    session.request_scan()
    return {}, 202


def _confirm(session, request):
    _fields(request, ())
    if session.confirm():
        return {}, 202
    return error(409, "nothing_to_confirm", "Hand over a network first.")


def _add(session, request):
    fields = _fields(request, _PROFILE)
    profile = _profile(fields)
    replace = fields.get("replace")
    if replace is not None:
        if not 1 <= replace <= len(session.profiles.all()):
            _refuse("bad_value", "No profile has this index.", "replace")
        replace -= 1
    try:
        session.offer(profile, replace)
    except ProfilesFull:
        return error(409, "list_full", "All places are taken: say which to replace.", "replace")
    return {}, 202


def _remove(session, request):
    index = request.path[len("/v1/profiles/") :]
    count = len(session.profiles.all())
    if len(index) != 1 or not "1" <= index <= str(count):
        return error(404, "not_found", "No profile has this index.")
    session.profiles.remove(int(index) - 1)
    return Response(None, 204)


def _rename(session, request):
    fields = _fields(request, {"name": str})
    try:
        session.identity.rename(forms.name(_encoded(fields, "name")))
    except ValueError as problem:
        _refuse("bad_value", str(problem), "name")
    return _device(session, request)


# What comes in


def _refuse(word, message, field=None, status=400):
    body, status = error(status, word, message, field)
    abort(status, body)


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
