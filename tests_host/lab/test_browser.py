# A browser as the phone, over real packets: from a name that does not exist to the result.
# MIT licence

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lab.browse import goto
from tools.paths import BUILD

SCREENSHOTS = os.environ.get("SCREENSHOTS")
WAIT_MS = 40000


def picture(page, name):
    folder = Path(SCREENSHOTS) if SCREENSHOTS else BUILD / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"lab-{name}.png")


def open_portal(phone, page):
    """Join the board's access point and type some name."""
    phone.join_board()
    goto(page, "http://no-such-name.example/")
    assert page.url.startswith(f"http://{phone.world.board.address}/")


def hand_over(page, ssid, key):
    page.locator(f"label[for=n{ssid.encode().hex()}]").click()
    page.locator("#key").fill(key)
    page.locator("#panel button:not([type=button])").click()


def shows_success(page, ssid):
    expect(page.locator("main")).to_have_attribute("data-view", "done", timeout=WAIT_MS)
    expect(page.locator("dd", has_text="192.168.1.")).to_be_visible()
    expect(page.locator("#joined")).to_have_text(ssid)


@pytest.mark.parametrize("board", ["esp32", "rp2"])
def test_progress_and_result_on_one_page_though_the_channel_moves(lab, chromium, board):
    world = lab(board, ap_channel=1, hold_ms=2500, linger_ms=4000)  # HomeNet is on another
    anna = world.phone("anna")
    page = chromium(anna)
    open_portal(anna, page)
    hand_over(page, "HomeNet", "correct horse battery")
    expect(page.locator("#say")).to_contain_text("HomeNet")
    shows_success(page, "HomeNet")
    picture(page, f"success-{board}")
    assert world.ask("ap")["channel"] == world.ask("station")["channel"] != "1"
    world.board.wait_for("^online: ssid=HomeNet")


def test_a_radio_that_is_one_thing_at_a_time_shows_the_result_after_rejoining(lab, chromium):
    world = lab(one_role=True, feedback_timeout_ms=5000)
    anna = world.phone("anna")
    page = chromium(anna)
    open_portal(anna, page)
    hand_over(page, "HomeNet", "incorrect donkey")
    world.board.wait_for("event 2 ")
    anna.join_board()
    expect(page.locator("#error")).to_contain_text("password", timeout=WAIT_MS)
    page.locator("#key").fill("correct horse battery")
    page.locator("#panel button:not([type=button])").click()
    world.board.wait_for("event 4 ")  # nobody asked on the network itself
    anna.join_board()
    shows_success(page, "HomeNet")
    picture(page, "success-one-role")
    world.board.wait_for("^online: ssid=HomeNet")


@pytest.mark.parametrize(
    ("ssid", "key", "says"),
    [
        ("HomeNet", "incorrect donkey", "password"),
        ("Basement", "basement1", "address"),
        ("SchoolNet", "whatever it is", "security"),
    ],
)
def test_the_reason_of_a_failure_is_shown(lab, chromium, ssid, key, says):
    world = lab()
    anna = world.phone("anna")
    page = chromium(anna)
    open_portal(anna, page)
    if ssid == "SchoolNet":  # marked as not supported, but a person may type it
        page.locator("label[for=other]").click()
        page.locator("#ssid").fill(ssid)
        page.locator("#key").fill(key)
        page.locator("#panel button:not([type=button])").click()
    else:
        hand_over(page, ssid, key)
    expect(page.locator("#error")).to_contain_text(says, timeout=WAIT_MS)
    picture(page, f"failure-{says}")
    assert not any(line.startswith("online") for line in world.board.said)
