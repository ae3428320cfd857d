# The board on its new network, as other people's tools see it: zeroconf and avahi.
# MIT licence

import shutil
import subprocess

import pytest

from lab.test_ti import SETTINGS, app, hand_over
from lab.world import wait_for
from tools.paths import TESTS


class Avahi:
    """A computer on HomeNet with avahi."""

    def __init__(self, world, name):
        self.computer = world.phone(name)
        self.computer.join("HomeNet")
        folder = world.folder / name
        self._bus = f"DBUS_SYSTEM_BUS_ADDRESS=unix:path={folder}/bus"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.computer.popen("unshare", "-m", TESTS / "lab/avahi.sh", folder, **quiet)
        wait_for(lambda: self.ask("avahi-browse", "-apt").returncode == 0, "no avahi")

    def ask(self, *words):
        return self.computer.run("env", self._bus, *words)

    def services(self):
        """Lines of the web servers that it finds, resolved."""
        lines = self.ask("avahi-browse", "-prtk", "_http._tcp").stdout.splitlines()
        return [line for line in lines if line.startswith("=")]


@pytest.fixture
def avahi():
    for name in ("avahi-daemon", "avahi-browse", "dbus-daemon"):
        if not shutil.which(name):
            pytest.fail(f"{name} is not installed (Debian: avahi-daemon avahi-utils dbus)")
    return Avahi


def test_avahi_finds_the_board_by_service_and_by_name(lab, avahi):
    world = lab(feedback_timeout_ms=120000, **SETTINGS)
    desk = avahi(world, "desk")
    anna = world.phone("anna")
    hand_over(anna, "--name", "lamp")
    found = wait_for(desk.services, "no service")
    address = world.board.lan_address
    assert any(f";lamp;_http._tcp;local;lamp.local;{address};80;" in line for line in found), found
    assert '"srcvers=1D90645"' in found[0] and '"path=/"' in found[0]
    assert desk.ask("avahi-resolve", "-n", "lamp.local").stdout.split() == ["lamp.local", address]

    # The result is fetched on the access point; the board says goodbye.
    app(anna, "result", "--first", 0.2)
    world.board.wait_for("event 12 ")
    wait_for(lambda: not desk.services(), "it is still there")


def test_of_two_with_one_name_the_later_is_the_second(lab, avahi):
    world = lab(feedback_timeout_ms=120000, **SETTINGS)
    desk = avahi(world, "desk")
    publish = ("avahi-publish-service", "lamp", "_http._tcp", "80", "srcvers=1D90645")
    desk.computer.popen("env", desk._bus, *publish, stderr=subprocess.DEVNULL)
    wait_for(desk.services, "the other's service")
    anna = world.phone("anna")
    hand_over(anna, "--name", "lamp")
    world.board.wait_for("event 16 ")
    address = world.board.lan_address

    def ours():
        return [line for line in desk.services() if f";{address};" in line]

    found = wait_for(ours, "no service of the board's")
    assert any(";lamp-2;" in line for line in found), desk.services()
    assert any(";lamp;" in line and address not in line for line in desk.services())
