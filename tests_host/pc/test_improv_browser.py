# A person with ESP Web Tools in Chromium provisions a real MicroPython over its console.
# MIT licence
"""Pictures go to build/screenshots; two of them are in docs/img."""

import queue
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from conftest import CI, ROOT
from pc.cable import LISTENS, Board
from tools import node

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = ROOT / "build/screenshots"
WAIT_MS = 30000
ADDRESS = "http://localhost/"
MANIFEST = {"name": "Lamp", "version": "1.0", "builds": []}
DONE = "Device connected to the network!"
COFFEE = ("50% off & más ☕", 'p%40ss&w=rd+;ñ"')

pytestmark = pytest.mark.skipif(
    not CHROMIUM and not CI, reason="no Chromium: apt-get install chromium"
)


def serve(route):
    """A web server's part: our page, and ESP Web Tools as it comes from its package."""
    name = route.request.url.removeprefix(ADDRESS)
    if name == "manifest.json":
        return route.fulfill(json=MANIFEST)
    if name.startswith("web/"):
        return route.fulfill(path=node.NODE / "node_modules/esp-web-tools/dist" / name)
    if name in ("improv.html", "improv.mjs"):
        return route.fulfill(path=node.SOURCES / name)
    return route.fulfill(status=404)


@pytest.fixture
def page():
    try:
        node.install()
    except node.NodeError as error:
        (pytest.fail if CI else pytest.skip)(str(error))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 620, "height": 640})
        page.set_default_timeout(WAIT_MS)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(error))
        page.route("**/*", serve)
        yield page
        browser.close()


def connect(page, board):
    """The person opens the page, clicks on Connect and chooses the board's port."""
    came = queue.SimpleQueue()

    def from_board():
        pieces = b""
        while not came.empty():
            pieces += came.get()
        return list(pieces)

    page.expose_function("fromBoard", from_board)
    page.expose_function("toBoard", lambda data: board.write(bytes(data)))
    page.goto(ADDRESS + "improv.html")
    page.get_by_role("button", name="Connect").click()
    return board.attached(came.put)


def picture(page, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(400)  # the dialog moves
    page.screenshot(path=SCREENSHOTS / f"improv-{name}.png")


def test_a_person_provisions_a_board(page, tmp_path):
    with Board(tmp_path / "flash", improv_url="http://%s/") as board:
        board.until(LISTENS)
        with connect(page, board):
            expect(page.get_by_text("Connected to micropython-")).to_be_visible()
            expect(page.get_by_text("provisioning")).to_be_visible()
            picture(page, "dashboard")
            page.get_by_text("Connect to Wi-Fi").click()
            page.locator("ew-filled-select").click()
            picture(page, "networks")
            page.get_by_role("option", name=COFFEE[0]).click()
            password = page.get_by_label("Password")
            password.fill("wrong password")
            picture(page, "password")
            page.get_by_role("button", name="Connect").last.click()
            expect(page.get_by_text("Unable to connect")).to_be_visible(timeout=WAIT_MS)
            picture(page, "unable")
            password.fill(COFFEE[1])
            page.get_by_role("button", name="Connect").last.click()
            message = page.locator("ewt-page-message")
            expect(message).to_have_js_property("label", DONE, timeout=WAIT_MS)
            link = page.locator("ew-list-item", has_text="Visit Device")
            expect(link).to_have_js_property("href", "http://127.0.4.50/")
            picture(page, "success")
        board.until(b"online: ssid=50% off")
        assert COFFEE[1].encode() not in board.said
        assert not page.errors
