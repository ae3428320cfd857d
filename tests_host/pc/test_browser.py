# A real browser as the phone: Chromium provisions the board that `make run` boots.
# MIT licence
"""SCREENSHOTS=docs/img build/venv/bin/python -m pytest tests_host/pc/test_browser.py renews the
pictures of the documents.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from conftest import CI, ROOT
from pc.simulated import SimulatedBoard

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 740}
SCREENSHOTS = os.environ.get("SCREENSHOTS")
WAIT_MS = 30000
COFFEE = ("50% off & más ☕", 'p%40ss&w=rd+;ñ"')
INJECTION = ("<b>x</b>\"';--", "injection")

pytestmark = pytest.mark.skipif(
    not CHROMIUM and not CI, reason="no Chromium: apt-get install chromium"
)


@pytest.fixture
def boards(tmp_path):
    started = []

    def start(**options):
        started.append(SimulatedBoard(tmp_path / "flash", **options))
        return started[-1]

    yield start
    for board in started:
        board.stop()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium):
    """Opens a page as a phone does: page = phone(locale="de", java_script_enabled=False)."""
    contexts = []

    def unbox(locale="en-US", **options):
        context = chromium.new_context(viewport=PHONE, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(error))
        return page

    yield unbox
    for context in contexts:
        context.close()


def portal(board, page):
    board.wait_for("^portal: ")
    page.goto(board.url)
    return page


def hand_over(page, ssid, key, hidden=False):
    """Choose or type the network, type the password, send."""
    if hidden:
        page.locator("label[for=other]").click()
        page.locator("#ssid").fill(ssid)
    else:
        page.locator(f"label[for=n{ssid.encode().hex()}]").click()
    if key:
        page.locator("#key").fill(key)
    page.locator("#panel button:not([type=button])").click()


def picture(page, name):
    folder = Path(SCREENSHOTS) if SCREENSHOTS else ROOT / "build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def shows_success(page, ssid):
    expect(page.locator("main")).to_have_attribute("data-view", "done", timeout=WAIT_MS)
    expect(page.locator("dd", has_text="127.0.")).to_be_visible()
    expect(page.locator("#joined")).to_have_text(ssid)


with_and_without_javascript = pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])


@with_and_without_javascript
def test_right_password_and_online_by_itself_after_the_next_power_up(boards, phone, js):
    board = boards(linger_ms=4000)  # the page's address changes last
    page = portal(board, phone(java_script_enabled=js))
    picture(page, "choose-" + ("js" if js else "nojs"))
    hand_over(page, "HomeNet", "correct horse battery")
    shows_success(page, "HomeNet")
    board.wait_for("^online: ssid=HomeNet ip=127.0.1.")
    events = [line for line in board.said if re.match(r"event \d", line)]
    numbers = [int(line.split()[1]) for line in events]
    assert numbers == [11, 15, 16, 5, 12], events
    assert "event 15 CONFIRMATION_WLAN_CONNECT" in events
    if js:
        page.wait_for_url("**/done*")
        picture(page, "done")
    assert page.errors == []
    board.stop()

    again = boards()
    again.wait_for("^online: ssid=HomeNet")
    assert not [line for line in again.said if line.startswith(("portal", "event"))]


@with_and_without_javascript
def test_wrong_password_then_right(boards, phone, js):
    board = boards()
    page = portal(board, phone(java_script_enabled=js))
    hand_over(page, "HomeNet", "incorrect donkey")
    expect(page.locator("#error")).to_contain_text("password", timeout=WAIT_MS)
    expect(page.locator("#key")).to_be_focused()
    expect(page.locator(f"#n{b'HomeNet'.hex()}")).to_be_checked()
    picture(page, "wrong-password-" + ("js" if js else "nojs"))
    # With JavaScript what was typed is still there. Without it would have to come from the board,
    # and a password never does.
    assert page.locator("#key").input_value() == ("incorrect donkey" if js else "")
    assert "donkey" not in page.content()
    page.locator("#key").fill("correct horse battery")
    page.locator("#panel button:not([type=button])").click()
    shows_success(page, "HomeNet")
    board.wait_for("^online: ssid=HomeNet")
    assert "donkey" not in "\n".join(board.said)


@with_and_without_javascript
def test_hidden_network(boards, phone, js):
    board = boards()
    page = portal(board, phone(java_script_enabled=js))
    hand_over(page, "Hidden One", "peekaboo42", hidden=True)
    shows_success(page, "Hidden One")
    board.wait_for("^online: ssid=Hidden One")


@with_and_without_javascript
def test_no_address_is_told(boards, phone, js):
    board = boards()
    page = portal(board, phone(java_script_enabled=js))
    hand_over(page, "Basement", "basement1")
    expect(page.locator("#error")).to_contain_text("address", timeout=WAIT_MS)
    assert not [line for line in board.said if line.startswith("online")]


@with_and_without_javascript
def test_enterprise_is_marked_and_told(boards, phone, js):
    board = boards()
    page = portal(board, phone(java_script_enabled=js))
    row = page.locator(f"#n{b'SchoolNet'.hex()}")
    expect(row).to_be_disabled()
    expect(page.locator(f"label[for=n{b'SchoolNet'.hex()}]")).to_contain_text("not supported")
    hand_over(page, "SchoolNet", "whatever it is", hidden=True)
    expect(page.locator("#error")).to_contain_text("security", timeout=WAIT_MS)


@with_and_without_javascript
@pytest.mark.parametrize("network", [COFFEE, INJECTION], ids=["coffee", "injection"])
def test_odd_characters(boards, phone, js, network):
    board = boards()
    page = portal(board, phone(java_script_enabled=js))
    label = page.locator(f"label[for=n{network[0].encode().hex()}] bdi")
    expect(label).to_have_text(network[0])
    assert page.locator("label b").count() == 0, "a neighbour's name is text"
    hand_over(page, *network)
    shows_success(page, network[0])
    board.wait_for(re.escape("online: ssid=" + network[0]))
    assert page.errors == []


@with_and_without_javascript
@pytest.mark.parametrize(("locale", "words"), [("de-AT", "Passwort"), ("ja-JP", "パスワード")])
def test_the_browser_s_language(boards, phone, js, locale, words):
    board = boards()
    page = portal(board, phone(locale=locale, java_script_enabled=js))
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    hand_over(page, "HomeNet", "incorrect donkey")
    expect(page.locator("#error")).to_contain_text(words, timeout=WAIT_MS)
    picture(page, f"wrong-password-{locale[:2]}-" + ("js" if js else "nojs"))


def test_pico_w_too(boards, phone):
    board = boards(board="rp2", hold_ms=2500, linger_ms=4000)
    page = portal(board, phone(color_scheme="dark"))
    picture(page, "choose-dark")
    hand_over(page, "HomeNet", "correct horse battery")
    expect(page.locator("#say")).to_contain_text("HomeNet")
    picture(page, "joining-dark")
    shows_success(page, "HomeNet")
    picture(page, "success-dark")
    board.wait_for("^online: ssid=HomeNet")


def test_a_keyboard_is_enough(boards, phone):
    board = boards()
    page = portal(board, phone())
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "network":
            break
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.checked"), "the first network is chosen"
    assert page.evaluate("document.activeElement.id") == "n" + b"HomeNet".hex()
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    shows_success(page, "HomeNet")


def test_a_person_sees_what_was_typed_only_on_demand(boards, phone):
    page = portal(boards(), phone())
    page.locator(f"label[for=n{b'HomeNet'.hex()}]").click()
    page.locator("#key").fill("correct horse battery")
    expect(page.locator("#key")).to_have_attribute("type", "password")
    page.locator("#eye").click()
    expect(page.locator("#key")).to_have_attribute("type", "text")
    picture(page, "show-password")
