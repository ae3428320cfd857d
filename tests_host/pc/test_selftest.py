# firmware/selftest: on a bare-metal board by mpremote, on a twin, and between two twins.
# MIT licence

import os
import re
import shutil
import subprocess

import pytest

from loopback import free_port
from pc import deployed, multitests
from pc.bare_board import CI, BareBoard
from pc.deployed import ROOT, mpremote
from tools import mpy, twins
from tools.paths import LIB, MPY, TESTS

FOLDER = ROOT / "firmware/selftest"
SCRIPTS = [str(FOLDER / name) for name in ("core.py", "selftest.py")]
RUN = ["run", SCRIPTS[0], "run", SCRIPTS[1]]
SSID, KEY = "HomeNet", "correct horse battery"
NETWORK = ["exec", f"SSID={SSID!r}; KEY={KEY!r}"]
CORE = "import records settings identity profiles".split() + [
    "state machine",
    "decoder",
    "SHA-256",
]
PORTAL = ["portal opens", "GET /", "GET /v1/device", "portal ends"]
STEPS = ["start", *CORE, "radio", "scan", "access point", *PORTAL, "join", "as before", "end"]
STARTED = """\
import sys
import board
from provisioning import store
board.power_up(board.options(sys.argv[1:]))
exec({first!r})
for name in {scripts}:
    with open(name) as file:
        exec(file.read(), globals())
import network
sta, ap = network.WLAN(0), network.WLAN(1)
print("left", ap.active(), sta.isconnected() and sta.config("ssid"))
"""


def table(report):
    """The report's steps: {name: (result, ms, heap free, text)}."""
    rows = re.findall(r"^\| ([^|]+) \| (\w+) \| (\d+) \| (\d+) \| (.*) \|$", report, re.M)
    return {name: (result, int(ms), int(heap), text) for name, result, ms, heap, text in rows}


def results(report):
    return {name: row[0] for name, row in table(report).items()}


def check_secrets(report, names=(SSID, "Far", "Office")):
    for secret in (KEY, *names):
        assert secret not in report


# On a bare-metal board -----------------------------------------------------------------------


@pytest.fixture
def board(tmp_path):
    """A board that has the package."""
    with deployed.board(tmp_path) as board:
        yield board


def test_on_a_bare_metal_board(board):
    board.do("import provisioning as p; p.Profiles().add(p.Profile('Kept', 'kept secret'))")
    folder = "import os; print(sorted((n, os.stat('/.provisioning/'+n)[6:]) for n in os.listdir("
    folder += "'/.provisioning')), os.listdir('/'))"
    before = board.do(folder)
    report = mpremote(board.port, *NETWORK, *RUN)
    found = results(report)
    assert list(found) == STEPS
    assert {name for name in STEPS if found[name] != "ok"} == set(PORTAL), report
    assert table(report)["portal opens"][::3] == ("skipped", "this board has no sockets")
    assert "mps2-an385 with Cortex-M3; MicroPython 1.25.0, port qemu" in report
    assert report.endswith("selftest: ok\n")
    check_secrets(report, (SSID, "Far", "Office", "Kept", "kept secret"))
    loaded = board.do("import sys; print(' '.join(sys.modules))").split()
    assert not [name for name in loaded if name.split(".")[0] == "provisioning"]
    assert board.do(folder) == before
    radio = "import network as n; print(n.WLAN(0).active(), n.WLAN(1).active(), n.hostname())"
    assert board.do(radio) == "False False mpy-esp32\n"


def test_each_half_by_itself(board):
    said = mpremote(board.port, "run", SCRIPTS[0], "exec", "print([row[:2] for row in core()])")
    assert eval(said) == [(name, True) for name in CORE]
    assert "core.py has to run before" in mpremote(board.port, "run", SCRIPTS[1])


def test_the_package_is_missing(tmp_path):
    with BareBoard(tmp_path) as board:
        report = mpremote(board.port, *RUN)
    assert results(report) == {"start": "ok", "import": "failed"}
    assert "make deploy" in report and report.endswith("selftest: FAILED (1)\n")


# On a twin -----------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def compiled():
    mpy.build(MPY, [LIB])


def twin(board):
    """The twin's program. Without it a test is skipped, with the reason; in CI it fails."""
    found = twins.find(board, 32)
    if not found.path:
        (pytest.fail if CI else pytest.skip)(found.reason)
    return str(found.path)


def on_twin(folder, name, package=MPY, ssid=SSID, key=KEY, first=""):
    """Run it on a twin whose flash is in the folder. Returns the report and what it left.

    first: what was done on the board before.
    """
    start = f"SSID={ssid!r}; KEY={key!r}\n" + STARTED.format(scripts=SCRIPTS, first=first)
    options = {
        "board": name,
        "flash": folder / "flash",
        "port": free_port(),
        "neighbours": TESTS / "shim/neighbourhood.json",
        "speed": 50,
    }
    done = subprocess.run(
        [twin(name), "-X", "heapsize=300k", "-c", start, *map("=".join, _words(options))],
        env={**os.environ, "MICROPYPATH": f".frozen:{TESTS}:{package}"},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    assert not done.stderr and not done.returncode, done.stderr + done.stdout
    report, _, left = done.stdout.rpartition("left ")
    return report, left


def _words(options):
    return [(name, str(value)) for name, value in options.items()]


@pytest.mark.parametrize("name", twins.BOARDS)
def test_on_a_twin(name, tmp_path):
    report, left = on_twin(tmp_path, name)
    found = table(report)
    assert list(found) == STEPS
    assert {row[0] for row in found.values()} == {"ok"}, report
    assert found["GET /"][3].startswith("HTTP/1.0 200 OK, ")
    assert found["GET /"][2] < found["access point"][2] < found["start"][2], "of the heap"
    assert found["GET /"][2] < found["end"][2]
    check_secrets(report, (SSID, "CafeFree", "SchoolNet"))
    assert left == "False False\n"
    assert "provisioning: " not in report, "what the console says: the access point's key"
    assert [path.name for path in (tmp_path / "flash").rglob("*")] == ["provisioning", "settings"]


ONLINE = f"""
import asyncio
import provisioning
from provisioning.radio import Radio
profile = provisioning.Profile({SSID!r}, {KEY!r})
provisioning.Profiles().add(profile)
asyncio.run(Radio().join(profile))
"""
LONELY = """
import asyncio
async def nowhere(address, port):
    raise OSError(113)
asyncio.open_connection = nowhere
"""


@pytest.mark.parametrize("name", twins.BOARDS)
def test_a_board_that_is_online_stays_so(name, tmp_path):
    report, left = on_twin(tmp_path, name, ssid="CafeFree", key="", first=ONLINE)
    assert set(results(report).values()) == {"ok"}, report
    assert table(report)["as before"][3] == "joined as before"
    assert left == f"False {SSID}\n"
    check_secrets(report, (SSID, "CafeFree"))


def test_a_board_that_does_not_reach_itself(tmp_path):
    report, _ = on_twin(tmp_path, "esp32", first=LONELY)
    found = results(report)
    assert found["GET /"] == found["GET /v1/device"] == "skipped" and found["portal ends"] == "ok"
    assert report.endswith("selftest: ok\n")


def test_a_module_is_missing(tmp_path):
    package = shutil.copytree(MPY, tmp_path / "package")
    (package / "provisioning/statemachine.mpy").unlink()
    report, _ = on_twin(tmp_path, "esp32", package)
    found = table(report)
    failed = [name for name in found if found[name][0] == "failed"]
    assert list(found) == STEPS and failed == ["state machine", "portal opens"]
    assert found["state machine"][3] == "ImportError no module named 'provisioning.statemachine'"
    assert "Traceback" not in report and report.endswith("selftest: FAILED (2)\n")


def test_a_wrong_password_and_a_portal_without_its_page(tmp_path):
    package = shutil.copytree(MPY, tmp_path / "package")
    (package / "provisioning/methods/portal/pages.mpy").unlink()
    report, _ = on_twin(tmp_path, "rp2", package, key="wrong horse")
    failed = [name for name, result in results(report).items() if result == "failed"]
    assert failed == ["GET /", "join"] and report.endswith("selftest: FAILED (2)\n"), report
    assert table(report)["join"][3] == "OSError wrong_password"
    assert "wrong horse" not in report


# Between two twins ---------------------------------------------------------------------------

PREPARED = """\
import sys
import _twin
from shim import clock, machine
clock.start(False)
_twin.tell("scale 0.02")
machine.power_up({board!r}, b"\\x02\\x00\\x00\\x3f\\x2a\\x1b")
sys.modules["machine"] = machine
from provisioning import store
store.directory = {store!r}
SETTINGS = {{"http_port": {port}, "dns_port": 0, "ap_address": "", "join_timeout_ms": 2000}}
"""
AIR = "option ap_address=127.0.0.1\n"


def _two(folder, pair):
    """The shell programs that start a pair of boards, and their control sockets."""
    path = f".frozen:{TESTS}:{LIB}"
    starts, sockets = [], []
    for number, board in enumerate(pair):
        sockets.append(str(folder / f"control{number}"))
        prepared = folder / f"prepared{number}.py"
        prepared.write_text(
            PREPARED.format(board=board, store=str(folder / "records"), port=free_port())
        )
        air = folder / f"air{number}"
        air.write_text(AIR + ("option false_badauth=0\n" if board == "rp2" else ""))
        commands = (
            f"export MICROPYPATH={path} TWIN_AIR={air} TWIN_CONTROL={sockets[-1]}\n"
            f"exec {twin(board)} -X heapsize=300k -c \"exec(open('{prepared}').read())\n$2\""
        )
        starts.append(multitests.start(folder / f"{board}-{number}", commands))
    return starts, sockets


@pytest.mark.parametrize("pair", [("esp32", "rp2"), ("rp2", "esp32")], ids="-".join)
def test_two_boards(tmp_path, pair):
    code, output = multitests.run(FOLDER / "multi_provision.py", *_two(tmp_path, pair))
    assert code == 0 and re.search(r"1 tests? passed", output), output
    assert list((tmp_path).glob("records*")) == []
