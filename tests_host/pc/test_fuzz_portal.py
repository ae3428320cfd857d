# Bad input of every kind: the portal goes on, never answers 500, and changes nothing by mistake.
# MIT licence
"""The pure parts get tens of thousands of cases; whole requests go over the loopback, many at a
time. HYPOTHESIS_PROFILE=long multiplies both (tests_host/conftest.py)."""

import asyncio
import os
import random
import re
import urllib.parse

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

import fakes

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
FACTOR = 8 if LONG else 1


def cases(count):
    """Settings for `count` examples, more in the long profile."""
    return hypothesis.settings(max_examples=count * FACTOR if LONG else count // 2, deadline=None)


# Pure parts ----------------------------------------------------------------------------------

DNS_HEADS = st.one_of(
    st.binary(max_size=12),
    st.just(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
    st.just(b"\x12\x34\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01"),
)
LABELS = st.lists(st.binary(max_size=70).map(lambda b: bytes((len(b) & 255,)) + b), max_size=8)
DNS_PACKETS = st.tuples(DNS_HEADS, LABELS.map(b"".join), st.binary(max_size=40)).map(b"".join)


def well_formed(packet):
    """Where the name of a packet's only question ends if all is as it should be, else None."""
    if len(packet) < 12 or packet[2] & 0xF8 or packet[4:6] != b"\x00\x01":
        return None
    position = 12
    while position < len(packet) and 0 < packet[position] < 64:
        position += 1 + packet[position]
    if position >= len(packet) or packet[position] or position + 1 - 12 > 255:
        return None
    if position + 5 > len(packet):
        return None
    return position + 1


@cases(4000)
@given(DNS_PACKETS)
def test_dns_packets(packet):
    from provisioning.methods.portal import dns

    reply = bytearray(288)
    size = dns.answer(packet, len(packet), b"\x04\x03\x02\x01", reply)
    if len(packet) < 12 or packet[2] & 0x80:
        assert size == 0
        return
    assert reply[:2] == packet[:2] and reply[2] & 0x80 and reply[10:12] == b"\x00\x00"
    end = well_formed(packet)
    if end is None:
        assert size == 12 and reply[3] & 15 in (1, 4)
        return
    assert reply[12 : end + 4] == packet[12 : end + 4]
    assert size == end + 4 + 16 * reply[7] and reply[7] in (0, 1)
    if reply[7]:
        assert packet[end : end + 2] == b"\x00\x01"
        assert reply[size - 4 : size] == b"\x04\x03\x02\x01"


FORM_BYTES = st.text(alphabet="%+&=;abcf0129_SL.P ñ\x00", max_size=60).map(str.encode)


@cases(4000)
@given(st.one_of(st.binary(max_size=80), FORM_BYTES))
def test_form_decoding(body):
    from provisioning.methods.portal import forms

    # The standard library decodes the same way, once.
    assert forms.unquote(body) == urllib.parse.unquote_to_bytes(body.replace(b"+", b" "))
    assert list(forms.fields(body)) == [
        tuple(forms.unquote(part) for part in (pair.split(b"=", 1) + [b""])[:2])
        for pair in body.split(b"&")
        if pair
    ]


@cases(2000)
@given(st.binary(max_size=64), st.binary(max_size=64))
def test_a_form_carries_every_byte(ssid, key):
    from provisioning.methods.portal import forms

    body = urllib.parse.urlencode({b"a": ssid, b"b": key}).encode()
    assert dict(forms.fields(body)) == {b"a": ssid, b"b": key}


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "get", "", "A" * 17])
TARGETS = st.one_of(
    st.sampled_from(["/", "*", "http://", "http://a", "/?", "//", "/v1/status?x=%"]),
    st.text(alphabet="/?#%:ab\x00\x7f ", max_size=20),
)
VERSIONS = st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/", "http/1.1", ""])
HEADER_NAMES = st.sampled_from(
    ["Host", "host", "Content-Length", "Transfer-Encoding", "X", "Origin", "", " Host", "Host "]
)
HEADER_VALUES = st.text(alphabet="127.0:/ax\t\r\n\x00 ,-", max_size=20)
HEADERS = st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES).map(": ".join), max_size=5)
HEADS = st.tuples(METHODS, TARGETS, VERSIONS, HEADERS).map(
    lambda parts: (" ".join(parts[:3]) + "".join("\r\n" + h for h in parts[3])).encode()
)


@cases(2000)
@given(st.one_of(st.binary(max_size=200), HEADS))
def test_head_parsing(data):
    from provisioning.methods.portal import head

    try:
        method, path, _query, headers = head.parse(data)
        length = head.body_length(headers, 4096)
    except head.Refused as refused:
        assert refused.status in (400, 413, 501, 505)
        return
    assert re.fullmatch("[A-Z]{1,16}", method)
    assert path.startswith("/") and "?" not in path and not re.search(r"[\x00-\x20\x7f]", path)
    assert 0 <= length <= 4096
    for name, value in headers.items():
        assert name == name.lower() and "\r" not in value and "\n" not in value


# Whole requests ------------------------------------------------------------------------------

PATHS = (
    "/ /index.html /done /join /rescan /netlist.txt /param_cfg_result.txt /__SL_G_MCR /__SL_G_PN1"
    " /__SL_G_ /api/1/wlan/profile_add /api/1/wlan/confirm_req /api/1/wlan/en_ap_scan"
    " /api/1/wlan/profile_del /api/1/wlan/ap_cfg /api/1/wlan/policy_set /api/1/wlan/set_time"
    " /api/1/netapp/set_urn /api/1/wlan/en_ap_scan/confirm_req /api/1/ /v1/networks /v1/scan"
    " /v1/profiles /v1/profiles/1 /v1/profiles/x /v1/confirm /v1/status /v1/device /v1/"
    " /generate_204 /wpad.dat"
).split()
WORDS = (
    "__SL_P_P.A __SL_P_P.B __SL_P_P.C __SL_P_P.D __SL_P_PRR __SL_P_S.B __SL_P_S.R __SL_P_S.J"
    " __SL_P_SC1 __SL_P_SC2 __SL_P_W.A __SL_P_W.C ssid key network hidden replace lang = & & & %"
    " %% %4 %41 %00 %ff %25 + 0 1 2 3 5 7 16 99999 HomeNet password 486f6d65 2026,1,2,3,4,5"
    ' {"ssid":"HomeNet"} {"ssid":1} {"ssid_hex":"ff","key":"password"} {"name":"a"} {"a":{}} [ {'
    ' } " : , null true -1 1e999 \\ud800 \\u0000 \xff \x00 \r\n'
).split(" ")
GOOD = (
    ("/v1/scan", b"{}"),
    ("/v1/confirm", b"{}"),
    ("/v1/profiles", b'{"ssid":"HomeNet","key":"password","security":"wpa2"}'),
    ("/v1/profiles", b'{"ssid_hex":"ff00","replace":1}'),
    ("/api/1/wlan/profile_add", b"__SL_P_P.A=HomeNet&__SL_P_P.B=2&__SL_P_P.C=pass%2577ord"),
    ("/api/1/wlan/profile_del", b"__SL_P_PRR=1&__SL_P_PRR=7&__SL_P_S.R=index.html"),
    ("/join", b"network=486f6d654e6574&key=password"),
)
KINDS = (
    "application/json",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
)


class Guests:
    """Makes requests, most of them nearly right, from a seed."""

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def body(self):
        dice = self.dice
        if dice.random() < 0.1:
            return dice.randbytes(dice.choice((0, 1, 10, 100, 4096, 5000)))
        return "".join(dice.choices(WORDS, k=dice.randrange(12))).encode("latin-1")

    def request(self, port):
        """Bytes of a request that is meant for the portal, with something odd about it or not."""
        dice = self.dice
        if dice.random() < 0.05:
            return dice.randbytes(dice.randrange(300)) + dice.choice((b"", b"\r\n\r\n"))
        method = dice.choice(("GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"))
        body = self.body() if method in ("POST", "PUT") or dice.random() < 0.1 else b""
        kind = dice.choice(KINDS)
        path = dice.choice(PATHS)
        if dice.random() < 0.2:
            method, kind = "POST", KINDS[0]
            path, body = dice.choice(GOOD)
        path += dice.choice(("", "", "", "?", "?lang=de", "?lang=%ff", "?a=%"))
        host = dice.choice((f"127.0.0.1:{port}", "127.0.0.1", "mysimplelink.net", "example.com"))
        lines = [f"{method} {path} HTTP/1.{dice.randrange(2)}", f"Host: {host}"]
        if dice.random() < 0.9:
            lines.append(f"Content-Type: {kind}")
        if body or dice.random() < 0.5:
            length = len(body) + dice.choice((0,) * 12 + (-1, 1, 5000))
            lines.append(f"Content-Length: {length}")
        if dice.random() < 0.05:
            lines.append(dice.choice(("Origin: null", "Origin: http://a", "Expect: 100-continue")))
        data = bytearray("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        if dice.random() < 0.15:
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.1:
            del data[dice.randrange(len(data)) :]
        return bytes(data)


async def visit(portal, data, wait):
    """Send a request in one go and hang up the sending side; returns the status, None for none."""
    reader, writer = await asyncio.open_connection(fakes.HOST, portal.port)
    try:
        writer.write(data)
        await writer.drain()
        if not wait:
            return None
        writer.write_eof()
        answer = await reader.read(600)
        if not answer:
            return None
        while await reader.read(65536):
            pass
        if answer.startswith(b"HTTP/1.1 100 "):
            answer = answer.partition(b"\r\n\r\n")[2] or b"HTTP/1.0 100 "
        return int(answer.split(b" ")[1])
    except OSError:
        return None
    finally:
        await fakes.hang_up(writer)


def may_add(data):
    """Whether a request can have been one that hands over a network."""
    first = data.split(b"\r\n")[0]
    return first.startswith(b"POST ") and re.search(rb"(profile_add|/v1/profiles|/join)\W", first)


def may_delete(data):
    first = data.split(b"\r\n")[0]
    return b"profile_del" in first or first.startswith(b"DELETE /v1/profiles/1")


async def storm(seed, count):
    guests = Guests(seed)
    async with fakes.Portal(dns=True) as portal:
        session = portal.session
        session.air = [fakes.Network("HomeNet"), fakes.Network(b"\xff\x00;<b>", -60, 0)]
        if seed % 2:
            session.fill()
        statuses = {}
        data = b""
        for number in range(count):
            # One that was not waited for may be served during the next.
            before, data = data, guests.request(portal.port)
            offers, stored = len(session.offers), session.profiles.all()
            status = await visit(portal, data, guests.dice.random() < 0.97)
            statuses[status] = statuses.get(status, 0) + 1
            assert status is None or status < 500 or status in (501, 505), (seed, number, data)
            if len(session.offers) > offers:
                assert may_add(data) or may_add(before), (seed, number, data)
            if session.profiles.all() != stored:
                assert may_delete(data) or may_delete(before), (seed, number, data)
                session.profiles.list = stored
        session.released = False
        assert (await portal.get("/v1/device", "127.0.0.1")).status == 200
        for profile, _ in session.offers:
            assert 1 <= len(profile.ssid) <= 32
    return statuses


def test_requests_over_the_loopback(capsys):
    total = {}
    for seed in range(4 * FACTOR if LONG else 2):
        for status, count in fakes.run(storm(seed, 1000), fast=False).items():
            total[status] = total.get(status, 0) + count
    # The storm has to hit something: every kind of answer that the portal knows.
    assert {200, 202, 204, 302, 303, 400, 403, 404, 405, 409, 413, 415} <= set(total), total
    assert "Traceback" not in capsys.readouterr().out


def test_many_guests_at_once():
    async def main():
        guests = Guests("crowd")
        async with fakes.Portal() as portal:
            for _ in range(50 * FACTOR):
                crowd = [visit(portal, guests.request(portal.port), True) for _ in range(8)]
                for status in await asyncio.gather(*crowd):
                    assert status is None or status < 500 or status in (501, 503, 505)
            assert (await portal.get("/v1/device", "127.0.0.1")).status == 200

    fakes.run(main(), fast=False)
