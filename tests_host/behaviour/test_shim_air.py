# The air around a simulated board: the file that describes it, happenings, phones, chance.
# MIT licence

import json
import os

from shim import neighbourhood
from shim.air import Air, Router


def load_text(text):
    """neighbourhood.load() of a file with this text."""
    name = (os.getenv("TMPDIR") or "/tmp") + "/" + os.urandom(6).hex() + ".json"
    with open(name, "w") as file:
        file.write(text)
    try:
        return neighbourhood.load(name)
    finally:
        os.remove(name)


def complaint(text):
    try:
        load_text(text)
    except neighbourhood.NeighbourhoodError as error:
        return str(error)
    raise AssertionError("no complaint")


def test_the_neighbourhood_we_ship():
    air = neighbourhood.load()
    found = [(r.ssid.decode(), r.security, r.key.decode()) for r in air.routers]
    assert found.count(("HomeNet", "wpa2", "correct horse battery")) == 2
    for entry in (
        ("CafeFree", "open", ""),
        ("50% off & más ☕", "wpa2", 'p%40ss&w=rd+;ñ"'),
        ("Basement", "wpa2", "basement1"),
        ("Hidden One", "wpa2", "peekaboo42"),
        ("Future", "wpa3", "saefuture"),
        ("SchoolNet", "enterprise", ""),
        ("Flaky", "wpa2", "flakyflaky"),
        ("<b>x</b>\"';--", "wpa2", "injection"),
    ):
        assert found.count(entry) == 1, entry
    assert [r.rssi for r in air.routers[:2]] == [-45, -70]
    assert air.router("Basement").dhcp_ms is None and air.router("Hidden One").hidden
    assert air.router("Flaky").drop_after_ms == 2000
    assert len({r.bssid for r in air.routers}) == 10


def test_a_broken_file_is_told_by_line_or_entry():
    text = '{"routers": [\n {"ssid": "a", "security": "open"},\n {ssid}\n]}'
    assert "line 3 " in complaint(text)
    assert "is expected" in complaint("[]")
    good = '{"ssid": "a", "security": "open"}'
    for entry, words in (
        ('{"ssid": "b"}', "router 2: security is missing"),
        ('{"security": "open"}', "router 2: ssid is missing"),
        ('{"ssid": "b", "security": "wpa9"}', "router 2: security must be one of"),
        ('{"ssid": "b", "security": "open", "colour": 3}', "router 2: a router has no colour"),
        ('{"ssid": "", "security": "open"}', "router 2: ssid has 0 bytes"),
        ('{"ssid": "b", "security": "open", "bssid": "0a:00"}', "router 2: bssid needs 6"),
    ):
        assert words in complaint('{"routers": [%s, %s]}' % (good, entry)), entry
    text = '{"routers": [%s], "happenings": [{"at_s": 1, "ssid": "%s", "change": {"%s": 1}}]}'
    assert "happening 1: no router" in complaint(text % (good, "b", "rssi"))
    assert "happening 1: a router has no" in complaint(text % (good, "a", "colour"))
    try:
        neighbourhood.load("/no/such/file")
        raise AssertionError
    except neighbourhood.NeighbourhoodError as error:
        assert "cannot be read" in str(error)


def test_any_bytes_can_be_a_name():
    routers = [{"ssid_hex": "ff00c3", "security": "open", "bssid": "0a:01:02:03:04:05"}]
    air = load_text(json.dumps({"routers": routers}))
    assert air.routers[0].ssid == b"\xff\x00\xc3"
    assert air.routers[0].bssid == b"\x0a\x01\x02\x03\x04\x05"


def test_unknown_attribute_is_refused():
    try:
        Router("x", nonsense=1)
        raise AssertionError
    except ValueError:
        pass


def test_same_seed_same_world():
    def world(seed):
        air = Air([Router("a"), Router("b", rssi=-58)], seed)
        return [air.random(100) for _ in range(20)] + [rssi for _, rssi in air.heard()]

    assert world(7) == world(7) != world(8)
    air = Air()
    numbers = {air.random(10) for _ in range(300)}
    assert len(numbers) == 10
