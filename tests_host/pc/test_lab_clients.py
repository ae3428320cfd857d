# The lab's clients, on loopback: against the portal, and against servers that are wrong.
# MIT licence

import asyncio
import json
import os
import re
import subprocess
import sys
import time

import dns.message
import pytest
from zeroconf import IPVersion, Zeroconf

import fakes
from conftest import ROOT
from lab import client_discover, client_dns, systems, ti_app
from lab import client_wrong as wrong
from lab.client_fakes import (
    HOST,
    FakeAnnouncer,
    FakeDns,
    FakeWeb,
    device,
    good_answer,
    mdns_service,
)
from lab.client_table import SYSTEMS
from loopback import free_port

NAMES = [system.name for system in SYSTEMS]


def at_the_portal(client, released=False):
    """What client(HTTP port, DNS port) returns beside the package's own portal."""

    async def main():
        async with fakes.Portal(dns=True) as portal:
            portal.session.released = released
            return await asyncio.to_thread(client, portal.port, portal.dns_port)

    return fakes.run(main(), fast=False)


def look(name, dns_port, http_port, address=HOST, private_rule=False):
    """One system's look at servers on loopback."""
    resolver = client_dns.Resolver(HOST, dns_port, address)
    system = systems.chosen(name)[0]
    return systems.look(system, resolver, http_port, free_port(), private_rule)


def look_at(name, answer, **more):
    """A system's look at a web server; returns (what it printed, the server)."""
    with FakeDns() as names, FakeWeb(answer) as web:
        return look(name, names.port, web.port, **more), web


def all_systems(port, dns_port):
    """The portal's port, and what every system made of it."""
    return port, [look(name, dns_port, port) for name in NAMES]


def test_every_system_takes_the_portal_for_one_and_lands_on_its_page():
    port, lines = at_the_portal(all_systems)
    for line in lines:
        assert line["verdict"] == "portal", line
        assert line["landed"] == f"http://{HOST}:{port}/" and line["title"], line
        assert line["dns_ms"] and line["http_ms"], line


def test_every_system_is_released_after_success():
    for line in at_the_portal(all_systems, released=True)[1]:
        assert (line["verdict"], line["landed"]) == ("online", None), line


def test_the_program_prints_a_line_for_each_system():
    def client(port, dns_port):
        words = ["--resolver", HOST, "--dns-port", dns_port, "--http-port", port]
        words = [sys.executable, "-m", "lab.systems", *map(str, words), "--only", "ios,windows-7"]
        return subprocess.run(words, cwd=ROOT / "tests_host", capture_output=True, timeout=30)

    done = at_the_portal(client)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["system"] for line in lines] == ["ios", "windows-7"], done.stderr
    words = ["system", "verdict", "landed", "title", "dns_ms", "http_ms", "said"]
    assert all(list(line) == words for line in lines)


def test_the_portal_s_dns_stands_all_questions_of_resolvers():
    def client(port, dns_port):
        return list(client_dns.run_checks(client_dns.Resolver(HOST, dns_port, HOST)))

    lines = at_the_portal(client)
    assert len(lines) > 40 and [line for line in lines if not line["ok"]] == []


def test_a_dns_that_says_its_address_to_everything_fails_the_checks():
    with FakeDns(wrong.says_its_address) as names:
        lines = list(client_dns.run_checks(client_dns.Resolver(HOST, names.port, HOST)))
    good = [line["check"] for line in lines if line["ok"]]
    names = ("A connectivity", "A cOnN", "A a name of", "DNSSEC", "an EDNS option", "without RD")
    assert all(check.startswith(names) for check in good) and len(good) == 12


def test_what_android_asks():
    with FakeDns() as names, FakeWeb(lambda *asked: (204, {}, b"")) as web:
        line = look("android", names.port, web.port)
        assert line["verdict"] == "online" and "https refused" in line["said"]
        hosts = ["connectivitycheck.gstatic.com", "www.google.com", "play.googleapis.com"]
        kinds = ("A", "AAAA", "HTTPS")
        assert names.asked == [(host, kind) for host in hosts for kind in kinds]
        assert [asked[:3] for asked in web.asked] == [
            ("GET", hosts[0], "/generate_204"),
            ("GET", hosts[1], "/gen_204"),
            ("GET", hosts[2], "/generate_204"),
        ]
    assert len(line["dns_ms"]) == 9 and len(line["http_ms"]) == 3


def test_what_ios_and_its_helper_ask():
    line, web = look_at("ios", lambda *asked: (200, wrong.HTML, wrong.PAGE))
    assert (line["verdict"], line["title"]) == ("portal", "The portal")
    assert line["landed"] == "http://captive.apple.com/hotspot-detect.html"
    agents = [headers["User-Agent"] for _, _, _, headers, _ in web.asked]
    assert agents[0].startswith("CaptiveNetworkSupport") and agents[1].startswith("Mozilla")
    assert [asked[:3] for asked in web.asked] == [
        ("GET", "captive.apple.com", "/hotspot-detect.html")
    ] * 2


def test_what_windows_11_asks():
    def answer(host, path, body):
        if path == "/wpad.dat":
            return 404, {}, b"no"
        if host == "portal.example":
            return 200, wrong.HTML, wrong.PAGE
        return 302, {"Location": f"http://portal.example:{web.port}/"}, b"there"

    with FakeDns() as names, FakeWeb(lambda h, p, b: answer(h.split(":")[0], p, b)) as web:
        line = look("windows-11", names.port, web.port)
        assert (line["verdict"], line["title"]) == ("portal", "The portal"), line
        assert names.asked[0] == ("dns.msftncsi.com", "A")
        assert names.asked[1] == ("ipv6.msftconnecttest.com", "AAAA")
        asked = [(host.split(":")[0], path) for _, host, path, _, _ in web.asked]
    ncsi = "www.msftconnecttest.com"
    assert asked == [
        (ncsi, "/connecttest.txt"),
        ("wpad", "/wpad.dat"),
        (ncsi, "/redirect"),
        ("portal.example", "/"),
    ]


@pytest.mark.parametrize("rule", wrong.RULES)
def test_each_rule_of_a_system_bites(rule):
    name, answer, verdict, why = wrong.RULES[rule]
    line, _ = look_at(name, answer)
    opened = "page" if line["landed"] else line["verdict"]
    assert opened == verdict and why in line["said"], line


def test_a_private_address_is_no_internet_where_that_rule_is_on():
    def answer(wire):
        return good_answer(dns.message.from_wire(wire), "192.168.4.1").to_wire()

    with FakeDns(answer) as names, FakeWeb(wrong.redirects("/")) as web:
        line = look("samsung", names.port, web.port, "192.168.4.1", private_rule=True)
        assert line["verdict"] == "none" and "PRIVATE_IP" in line["said"]
        assert web.asked == [] and line["http_ms"] == []
    line, _ = look_at("samsung", wrong.redirects("/"), private_rule=True)
    assert line["verdict"] == "portal", "127.0.0.1 is not what Java calls site-local"


@pytest.mark.parametrize("fault", wrong.DNS_FAULTS)
def test_each_fault_of_a_dns_answer_is_noticed(fault):
    answer, why = wrong.DNS_FAULTS[fault]
    with FakeDns(answer) as names, FakeWeb(wrong.redirects("/")) as web:
        line = look("chrome", names.port, web.port)
    assert line["verdict"] == "none" and why in line["said"], line
    assert web.asked == []


def test_edns_comes_only_to_those_who_offered_it():
    with FakeDns(wrong.spoil(opt=True)) as names, FakeWeb(wrong.redirects("/")) as web:
        assert look("chrome", names.port, web.port)["verdict"] == "portal"
        line = look("fire-os", names.port, web.port)
    assert line["verdict"] == "none" and "EDNS" in line["said"]


def test_a_question_that_is_lost_is_asked_again():
    lost = []

    def answer(wire):
        lost.append(wire)
        return None if len(lost) < 4 else wrong.spoil()(wire)

    with FakeDns(answer) as names, FakeWeb(wrong.redirects("/")) as web:
        line = look("chrome", names.port, web.port)
    assert line["verdict"] == "portal" and max(line["dns_ms"][:3]) > 900


# TI's app

QUICK = ti_app.Timing(0, 0, 0, 0, 2, 2)


def app_at(web, name="android"):
    return ti_app.TiApp(name, f"http://{HOST}:{web.port}", QUICK)


@pytest.mark.parametrize(("app", "body", "verdict", "digit"), wrong.RESULTS)
def test_what_each_app_makes_of_a_result(app, body, verdict, digit):
    with FakeWeb(device(__SL_G_MCR=body, param_cfg_result=body)) as web:
        found = app_at(web, app).result(attempts=2)
    times = 1 if digit is not None else 2
    assert found[:2] == (verdict, digit) and len(web.asked) == times
    path = "/param_cfg_result.txt" if app == "ios" else "/__SL_G_MCR"
    assert {asked[2] for asked in web.asked} == {path}


def test_an_answer_that_does_not_come_is_asked_for_again():
    answers = iter([None, (503, {}, b"busy"), (200, {}, b""), (200, {}, b"5")])
    with FakeWeb(lambda *asked: next(answers)) as web:
        found = app_at(web).result(style="txt")
    assert found == ("success", "5", ["Timeout"] * 3 + ["5"])


@pytest.mark.parametrize(
    ("app", "key", "confirm"),
    [
        ("android", b"a%252Bb%2B%25C3%25BC", b"__SL_P_UAN=Caf%C3%A9+%26"),
        ("android-2016", b"a%2Bb+%C3%BC", b""),
        ("ios", b"a%2Bb+%C3%BC", b""),
    ],
)
def test_what_each_app_posts(app, key, confirm):
    with FakeWeb(device()) as web:
        one = app_at(web, app)
        assert one.configure("Café &", "a+b ü") == "lamp"
        one.configure("Café &", "a+b ü", security="2", name="My lamp")
        one.configure("Open", "")
    posts = [
        (path.split("/")[-1], body)
        for method, _, path, _, body in web.asked
        if body or "wlan" in path
    ]
    ssid = b"__SL_P_P.A=Caf%C3%A9+%26&__SL_P_P.B="
    key = b"&__SL_P_P.C=" + key + b"&__SL_P_P.D=0"
    assert posts[:3] == [
        ("profile_add", ssid + b"1" + key),
        ("profile_add", ssid + b"2" + key),
        ("confirm_req", confirm),
    ]
    assert posts[3:6] == [
        ("set_urn", b"__SL_P_S.B=My+lamp"),
        ("profile_add", ssid + b"2" + key),
        ("confirm_req", confirm),
    ]
    assert posts[6][1] == b"__SL_P_P.A=Open&__SL_P_P.B=0&__SL_P_P.C=&__SL_P_P.D=0"
    assert len(posts) == 8
    assert "a+b" not in str(one.log)


def test_a_lost_answer_to_confirm_is_no_failure_and_a_refused_network_is_one():
    def hangs_up(host, path, body):
        return None if path.endswith("confirm_req") else device()(host, path, body)

    with FakeWeb(hangs_up) as web:
        app = app_at(web)
        assert app.configure("Net", "password") == "lamp"
        assert app.log[-1][2] == "RemoteProtocolError"
    with FakeWeb(device(added=400)) as web, pytest.raises(ti_app.StepFailed):
        app_at(web).configure("Net", "password")


def test_what_a_version_has_to_be():
    with FakeWeb(device()) as web:
        assert app_at(web, "ios").identify()["kind"] == "R2"
    with FakeWeb(device(param_product_version=b"R2.0\n")) as web:
        assert app_at(web).identify()["name"] == "lamp"
        with pytest.raises(ti_app.StepFailed):
            app_at(web, "ios").identify()
    with FakeWeb(device(param_product_version=b"R1.0")) as web:
        assert app_at(web).identify()["kind"] == "R1"
        assert web.asked[-1][2] == "/param_device_name.txt", "R1 has no __SL_G_DNP"
    with FakeWeb(lambda *asked: (302, {"Location": "https://x/"}, b"")) as web:
        app = app_at(web)
        with pytest.raises(ti_app.StepFailed):
            app.identify()
        assert app.base == f"https://{HOST}:{web.port}" and len(app.log) == 2


def test_what_each_app_reads_in_a_list_of_networks():
    listed = b"2Home;3Caf\xc3\xa9;0Open;2Home;5New;X;X;"
    with FakeWeb(device(netlist=listed)) as web:
        assert app_at(web).scan() == [("2", "Home"), ("3", "Café"), ("0", "Open"), ("5", "New")]
        assert ("5", "New") not in app_at(web, "ios").scan()
        assert web.asked[0][4] == b"__SL_P_SC1=10&__SL_P_SC2=1"


# Discovery


def find(by, name, seconds=6, **more):
    return client_discover.search([by], seconds, name, **{by: more})


def test_udp_finds_the_device_by_its_name():
    port = free_port()
    with FakeAnnouncer(port, b"10.0.0.9,other", b"nonsense", b"10.0.0.7,lamp"):
        found = find("udp", "lamp", port=port)
        anything = find("udp", None, port=port)
        nothing = find("udp", "fan", seconds=0.5, port=port)
    assert (found["name"], found["address"], found["by"]) == ("lamp", "10.0.0.7", "udp")
    assert anything["found"] and found["after_s"] < 5
    assert not nothing["found"] and ["udp", "other", "10.0.0.9"] in nothing["seen"]


def test_mdns_finds_any_service_with_ti_s_mark():
    with Zeroconf([HOST], ip_version=IPVersion.V4Only) as fake:
        fake.register_service(mdns_service("lab-printer", "10.0.0.9"))
        fake.register_service(mdns_service("lab-lamp", "10.0.0.7", srcvers="1D90645"))
        found = find("mdns", "lab-lamp", interface=HOST)
        others = find("mdns", "lab-fan", seconds=2, interface=HOST)
    assert (found["name"], found["address"]) == ("lab-lamp", "10.0.0.7")
    names = [name for _, name, _ in others["seen"]]
    assert not others["found"] and "lab-lamp" in names and "lab-printer" not in names


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may ping by itself")
def test_ping_asks_every_answerer_but_the_gateway():
    with FakeWeb(device()) as web:
        found = find("ping", "lamp", broadcast=HOST, gateway="10.0.0.1", http_port=web.port)
        assert (found["name"], found["address"]) == ("lamp", HOST)
        assert [asked[2] for asked in web.asked] == ["/param_device_name.txt"]
        gateway = find("ping", None, seconds=0.5, broadcast=HOST, gateway=HOST, http_port=web.port)
        assert not gateway["found"] and len(web.asked) == 1
    with FakeWeb(lambda *asked: (404, {}, b"lamp")) as web:
        other = find("ping", None, seconds=1.5, broadcast=HOST, http_port=web.port)
        assert not other["found"] and len(web.asked) == 1, "404 is no device, for good"


# The board of `make run`


@pytest.fixture
def board(tmp_path):
    """A simulated board: its port. What it says goes to tmp_path/said."""
    port = free_port()
    choice = {"SIM_DIR": str(tmp_path / "flash"), "PORTAL_PORT": str(port), "RADIO_SPEED": "4"}
    with open(tmp_path / "said", "w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"], cwd=ROOT, env=os.environ | choice, stdout=said
        )
        try:
            wait_for(tmp_path / "said", "portal: ")
            yield port
        finally:
            process.terminate()
            process.wait()


def wait_for(path, word, limit_s=40):
    """What a file holds once `word` is in it."""
    end = time.monotonic() + limit_s
    while word not in (text := path.read_text()):
        assert time.monotonic() < end, f"no {word!r} in:\n{text}"
        time.sleep(0.05)
    return text


def ti(*words):
    """Run the program; returns its line."""
    command = [sys.executable, "-m", "lab.ti_app", *words]
    done = subprocess.run(command, cwd=ROOT / "tests_host", capture_output=True, timeout=60)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("app", ["android", "ios"])
def test_the_board_as_systems_and_ti_s_app_see_it(board, tmp_path, app):
    with FakeDns() as names:
        for system in ("android", "ios", "windows-11", "firefox", "gnome"):
            line = look(system, names.port, board)
            assert line["verdict"] == "portal" and line["landed"], line
    who, base = ("--app", app), ("--base", f"http://{HOST}:{board}")
    found = ti(*who, "identify", *base)
    assert (found["kind"], found["ok"]) == ("R2", True) and found["name"]
    listed = ti(*who, "scan", *base, "--wait", "2")
    assert ["2", "HomeNet"] in listed["networks"]
    key = ("--ssid", "HomeNet", "--key", "correct horse battery")
    line = ti(*who, "configure", *base, *key, "--name", "lamp")
    assert line["ok"] and line["name"] == "lamp" and "correct" not in str(line)
    # The app asks once it has found the device in the network, or long after: not before that.
    wait_for(tmp_path / "said", "event 16")
    line = ti(*who, "result", *base, "--over-ap")
    assert (line["verdict"], line["result"]) == ("success", "5"), line
    assert re.fullmatch(r"[0-9.]+", line["address"]) and line["address"] != "0.0.0.0"
    said = wait_for(tmp_path / "said", "event 12")
    assert "event 5" in said and "correct horse" not in said.split("event 11")[1]
