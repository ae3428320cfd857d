# Another web site, open in the browser of a phone that is on the board's access point.
# MIT licence
"""It cannot make the board do anything. The last test shows that the portal's own page can."""

import subprocess
from pathlib import Path

import pytest

from lab.browse import goto
from lab.clients import api, store, stored
from lab.world import World, wait_for
from tools.paths import TESTS

STORED = {"Elsewhere": "of long ago"}  # not in the air
SITE, SITE_ADDRESS = "evil.example", "127.0.0.9"
REBOUND = "rebound.example"
POSTS = [
    ("/join", "network=&ssid=Evil&key=evil+password"),
    ("/v1/profiles", '{"ssid":"Evil","key":"evil password"}'),
    ("/v1/confirm", "{}"),
    ("/v1/scan", "{}"),
    ("/rescan", "a=1"),
    ("/api/1/wlan/profile_add", "__SL_P_P.A=Evil&__SL_P_P.B=2&__SL_P_P.C=evil+password"),
    ("/api/1/wlan/confirm_req", "a=1"),
    ("/api/1/wlan/profile_del", "__SL_P_PRR=1"),
    ("/api/1/wlan/profile_del_all", "a=1"),
    ("/api/1/wlan/policy_set", "a=1"),
    ("/api/1/wlan/ap_cfg", "__SL_P_W.C=0"),
    ("/api/1/netapp/set_urn", "__SL_P_S.B=Evil"),
]
READS = ["/", "/v1/networks", "/v1/profiles", "/v1/device", "/netlist.txt", "/__SL_G_PN1"]

KINDS = ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]

FORMS = """async ([base, posts, kinds, quiet]) => {
    for (const [path, body] of posts)
        for (const kind of kinds) {
            const frame = document.createElement("iframe"), form = document.createElement("form")
            frame.name = form.target = path + kind
            document.body.append(frame, form)
            form.method = "post"
            form.action = base + path
            form.enctype = kind
            if (quiet) form.rel = "noreferrer"
            for (const [name, value] of new URLSearchParams(body)) {
                const input = document.createElement("input")
                input.name = name
                input.value = value
                form.append(input)
            }
            const loaded = new Promise(done => frame.onload = done)
            form.submit()
            await loaded
        }
}"""
FETCHES = """async ([base, posts]) => {
    for (const [path, body] of posts) {
        await fetch(base + path, {method: "POST", mode: "no-cors", body})
        const headers = {"Content-Type": "application/x-www-form-urlencoded"}
        await fetch(base + path, {method: "POST", mode: "no-cors", body, headers})
        navigator.sendBeacon(base + path, body)
    }
}"""
# What a page has to ask for first, and what it may not read: how many of these were answered.
ASKED_FOR = """async ([base, posts, reads]) => {
    const asked = [["PUT", "/v1/device", '{"name":"Evil"}'], ["DELETE", "/v1/profiles/1"]]
    for (const [path, body] of posts) asked.push(["POST", path, body])
    for (const path of reads) asked.push(["GET", path])
    let answered = 0
    for (const [method, path, body] of asked) {
        const headers = method == "GET" ? {} : {"Content-Type": "application/json"}
        const cache = "no-store"
        await fetch(base + path, {method, body, headers, cache}).then(() => answered++, () => 0)
    }
    return [asked.length, answered]
}"""
LINKS = """async ([base, posts, reads]) => {
    const places = reads.concat(posts.map(([path, body]) => path + "?" + body))
    for (const place of places)
        for (const kind of ["img", "script", "iframe", "a"]) {
            const link = document.createElement(kind)
            let shown = link
            if (kind == "a") {
                shown = document.createElement("iframe")
                shown.name = link.target = place
                document.body.append(shown)
                link.href = base + place
            } else link.src = base + place
            const loaded = new Promise(done => shown.onload = shown.onerror = done)
            document.body.append(link)
            if (kind == "a") link.click()
            await loaded
        }
    return places.length
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A board with a stored network, and anna, whose browser knows the other site."""
    folder = tmp_path_factory.mktemp("home")
    store(folder, STORED)
    with World(folder, speed=8, offline_s=5) as world:
        anna = world.phone("anna")
        names = Path("/etc/netns") / anna.name / "hosts"
        names.write_text(f"127.0.0.1 localhost\n{SITE_ADDRESS} {SITE}\n4.3.2.1 {REBOUND}\n")
        serve_site(anna, SITE, SITE_ADDRESS)
        anna.join_board()
        yield world
        print("\n".join(world.board.said))


def serve_site(phone, name, address):
    """Serve the other site in the phone itself; returns the program."""
    words = ["python3", "-m", "http.server", "80", "--bind", address]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    program = phone.popen(*words, "--directory", TESTS / "lab/internet", **quiet)
    wait_for(lambda: phone.run("curl", "-s", f"http://{name}/").returncode == 0, "no site")
    return program


def visit(chromium, phone, name=SITE):
    """Open the other site: (its page, the (method, URL, status) of all that is answered)."""
    page = chromium(phone)
    goto(page, f"http://{name}/")
    answers = []
    page.on("response", lambda r: answers.append((r.request.method, r.url, r.status)))
    return page, answers


def traces(world):
    """All that a request could change: on flash, in the run, said to the host."""
    files = {path.name: path.read_bytes() for path in world.board.flash.iterdir()}
    anna = world.phone("anna")
    return files, [api(anna, "/v1/" + what) for what in ("status", "device")], world.board.said[:]


@pytest.mark.parametrize("quiet", [False, True], ids=["with its name", "without"])
def test_forms_of_another_site_are_refused(home, chromium, quiet):
    before = traces(home)
    page, answers = visit(chromium, home.phone("anna"))
    kinds = KINDS[:1] if quiet else KINDS
    page.evaluate(FORMS, [f"http://{home.board.address}", POSTS, kinds, quiet])
    assert [status for _, _, status in answers] == [403] * len(POSTS) * len(kinds)
    assert traces(home) == before


def test_requests_of_another_site_s_script_are_refused(home, chromium):
    before = traces(home)
    page, answers = visit(chromium, home.phone("anna"))
    page.evaluate(FETCHES, [f"http://{home.board.address}", POSTS])
    wait_for(lambda: len(answers) >= 3 * len(POSTS) or page.wait_for_timeout(20), "no answers", 5)
    assert {status for _, _, status in answers} == {403}
    assert traces(home) == before


def test_another_site_s_script_is_allowed_nothing_and_reads_nothing(home, chromium):
    before = traces(home)
    page, _ = visit(chromium, home.phone("anna"))
    words = [f"http://{home.board.address}", POSTS, READS]
    assert page.evaluate(ASKED_FOR, words) == [2 + len(POSTS) + len(READS), 0]
    assert traces(home) == before


def test_links_to_urls_of_the_api_do_nothing(home, chromium):
    before = traces(home)
    page, answers = visit(chromium, home.phone("anna"))
    count = page.evaluate(LINKS, [f"http://{home.board.address}", POSTS, READS])
    asked = [(url, status) for method, url, status in answers if method == "GET"]
    assert len(asked) >= 2 * count  # the browser holds back some
    assert {status for _, status in asked} <= {200, 404, 405}
    assert traces(home) == before


def test_the_portal_is_shown_in_no_frame_of_another_site(home, chromium):
    page, _ = visit(chromium, home.phone("anna"))
    page.set_content(f'<iframe src="http://{home.board.address}/"></iframe>')
    assert page.frames[1].locator("main").count() == 0


def test_a_foreign_name_that_leads_to_the_board_opens_nothing(home, chromium):
    anna = home.phone("anna")
    before = traces(home)
    # The site's name leads to an address that is the site's at first, and then the board's.
    assert home.board.address == "4.3.2.1"
    anna.leave()
    anna.ip("address", "add", "4.3.2.1/32", "dev", "lo")
    site = serve_site(anna, REBOUND, "4.3.2.1")
    page, answers = visit(chromium, anna, REBOUND)
    anna.stop(site)
    anna.ip("address", "del", "4.3.2.1/32", "dev", "lo")
    anna.join_board()
    # No preflight: for the browser it is the site's own server.
    words = [f"http://{REBOUND}", POSTS, READS]
    assert page.evaluate(ASKED_FOR, words) == [2 + len(POSTS) + len(READS), 0]
    assert [status for _, url, status in answers if REBOUND in url] == [302] * (
        2 + len(POSTS) + len(READS)
    )
    assert traces(home) == before


def test_the_portal_s_own_page_may_do_all_this(home, chromium):
    """Else the tests above would show nothing."""
    page = chromium(home.phone("anna"))
    goto(page, f"http://{home.board.address}/")
    page.evaluate(ASKED_FOR, [f"http://{home.board.address}", POSTS[:2], READS])
    home.board.wait_for("^event profile added: ssid=b'Evil'")
    assert stored(home) == {}  # DELETE /v1/profiles/1
    assert api(home.phone("anna"), "/v1/device")[1]["name"] == "Evil"
