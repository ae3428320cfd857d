# The lab's fixtures: a world with a board in it, and a browser that lives in a phone.
# MIT licence

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from flash_files import BRISK
from lab import net
from lab.world import World
from tools import twins

CI = os.environ.get("CI") == "true"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 740}


def pytest_runtest_setup(item):
    """Where there can be no lab, its tests are skipped; in CI they fail."""
    twin = twins.find("esp32")
    reason = net.why_not() or not twin.path and twin.reason
    if reason:
        (pytest.fail if CI else pytest.skip)(reason)


@pytest.fixture
def lab(tmp_path):
    """lab(board="esp32", **settings) is a World, brisk, that is gone after the test."""
    worlds = []

    def build(board="esp32", **settings):
        worlds.append(World(tmp_path, board, **{**BRISK, **settings}))
        return worlds[-1]

    yield build
    for world in worlds:
        print("\n".join(world.board.said))
        world.__exit__()


@pytest.fixture
def chromium(tmp_path):
    """chromium(phone) is a page of a browser that runs in that phone's namespace."""
    if not CHROMIUM:
        (pytest.fail if CI else pytest.skip)("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:

        def unbox(phone, **options):
            start = tmp_path / f"chromium-{phone.name}"
            words = " ".join(phone.command(CHROMIUM))
            start.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
            start.chmod(0o755)
            browser = playwright.chromium.launch(
                executable_path=start,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = browser.new_context(viewport=PHONE, locale="en-US", **options).new_page()
            page.set_default_timeout(40000)
            return page

        yield unbox
