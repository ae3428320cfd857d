# Reads the world from a file that a person may edit: neighbourhood.json.
# MIT licence
"""{"routers": [...], "happenings": [...]}

A router: ssid (or ssid_hex), security, key, and any attribute of air.Router; bssid as
"0a:00:00:00:00:01". A happening: {"at_s": 60, "ssid": "HomeNet", "change": {"present": false}}
changes all routers of that name at that time.
"""

import binascii
import json

_SECURITIES = ("open", "wep", "wpa", "wpa2", "wpa2wpa3", "wpa3", "enterprise")


class NeighbourhoodError(ValueError):
    """The file cannot be used; the text says where and why."""


def path():
    """Where the neighbourhood we ship is: beside this file, or in the sources of a build."""
    here = __file__.replace("\\", "/").rsplit("/", 1)[0] if "/" in __file__ else "."
    places = (
        here + "/neighbourhood.json",
        here + "/../../../tests_host/shim/neighbourhood.json",
        "tests_host/shim/neighbourhood.json",
    )
    for place in places:
        try:
            open(place).close()
            return place
        except OSError:
            pass
    raise NeighbourhoodError("neighbourhood.json is not in " + here)


def load(name=None, air=None):
    """Fill an Air with what is in a file, or in the one we ship. Returns it: the shim's if none
    was given. Raises NeighbourhoodError."""
    name = name or path()
    world = _parse(name)
    if not isinstance(world, dict) or not isinstance(world.get("routers"), list):
        raise NeighbourhoodError(name + ': {"routers": [...]} is expected')
    if air is None:
        from .air import Air

        air = Air()
    for number, entry in enumerate(world["routers"]):
        try:
            _add(air, entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NeighbourhoodError("%s: router %d: %s" % (name, number + 1, _why(error)))
    for number, entry in enumerate(world.get("happenings", ())):
        try:
            _happen(air, entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NeighbourhoodError("%s: happening %d: %s" % (name, number + 1, _why(error)))
    return air


def _add(air, entry):
    entry = dict(entry)
    ssid = _ssid(entry)
    if not 1 <= len(ssid) <= 32:
        raise ValueError("ssid has %d bytes, not 1 to 32" % len(ssid))
    security = entry.pop("security")
    if security not in _SECURITIES:
        raise ValueError("security must be one of " + " ".join(_SECURITIES))
    if "bssid" in entry:
        entry["bssid"] = binascii.unhexlify(entry["bssid"].replace(":", ""))
        if len(entry["bssid"]) != 6:
            raise ValueError("bssid needs 6 bytes")
    air.add(ssid, security=security, key=entry.pop("key", ""), **entry)


def _ssid(entry):
    if "ssid_hex" in entry:
        return binascii.unhexlify(entry.pop("ssid_hex"))
    return entry.pop("ssid").encode()


def _happen(air, entry):
    entry = dict(entry)
    ssid = _ssid(entry)
    changed = [one for one in air.routers if one.ssid == ssid]
    if not changed:
        raise ValueError("no router has this ssid")
    change = entry["change"]
    for name in change:
        if not hasattr(changed[0], name):
            raise ValueError("a router has no " + name)
    if "key" in change:
        change["key"] = change["key"].encode()
    for one in changed:
        air.change_at(int(entry["at_s"] * 1000), one, change)


def _why(error):
    return "%s is missing" % error.args[0] if isinstance(error, KeyError) else str(error)


def _parse(name):
    try:
        file = open(name, "rb")
    except OSError:
        raise NeighbourhoodError(name + ": cannot be read")
    with file:
        try:
            return json.load(file)
        except ValueError as error:
            # CPython's error knows the line; MicroPython has read the file up to the fault.
            line = getattr(error, "lineno", None)
            if line is None:
                end = file.tell()
                file.seek(0)
                line = file.read(end).count(b"\n") + 1
            raise NeighbourhoodError("%s: line %d is not JSON" % (name, line))
