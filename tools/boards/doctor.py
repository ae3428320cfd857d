# doctor: says in words what is wrong with a board.
# MIT licence
"""Looks at everything that keeps a board from being online: MicroPython and its known faults,
memory, flash, what is installed, settings, stored networks with their signal, and why the last
joins failed. The board's program is interrupted for that, and starts again.
"""

from tools.boards import deploy, ports, traps
from tools.boards.progress import busy
from tools.boards.wire import Board

SUMMARY = "say what is wrong with a board"
_HEAP_WANTED = 100_000  # bytes: a run with its portal takes as much
_FLASH_WANTED = 32_000
_WEAK, _TOO_WEAK = -75, -85  # dBm

_REASONS = {
    "not_found": "it was not there: is the router on, and near? Is it on 2.4 GHz?",
    "wrong_password": "the password is not right any more: hand it over anew",
    "no_address": "the router gave no address: its DHCP is off or full",
    "security": "its security is not supported (enterprise, WEP)",
    "link_lost": "the link broke at once: weak signal, or the router threw the board out",
    "radio_error": "the radio failed: power the board off and on; is its supply strong enough?",
    "not_confirmed": "the cloud did not confirm (docs/cloud.md)",
}


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)
    parser.add_argument("--no-scan", action="store_true", help="do not look what is in the air")


def run(options):
    """Examine the board that is attached. `ok` is False where something keeps it from working."""
    device = ports.choose(options.port).device
    with busy("looking", options.json), Board(device) as board:
        facts = board.run("doctor", stage=deploy.STAGE, scan=not options.no_scan)
    findings = [*_firmware(facts), *_memory(facts), *_package(facts), *_networks(facts)]
    ok = all(level != "wrong" for level, _ in findings)
    return {"ok": ok, "port": device, "facts": facts, "findings": findings}


def show(found):
    """The findings, the worst ones marked."""
    marks = {"wrong": "WRONG ", "look": "look  ", "good": "      ", "known": "known "}
    for level, text in found["findings"]:
        print(marks[level] + text)
    print("nothing is wrong" if found["ok"] else "see WRONG above")


def _firmware(facts):
    version = ".".join(map(str, facts["version"]))
    what = f"{facts['machine']}, MicroPython {version}"
    if tuple(facts["version"][:2]) < deploy.FLOOR:
        yield "wrong", f"{what}: 1.25 is needed (make flash)"
    else:
        yield "good", what
    if not facts["wifi"]:
        yield "wrong", "this MicroPython has no Wi-Fi: is it the image for a board without it?"
    for trap in traps.of(facts["platform"], facts["version"]):
        yield "known", f"{trap.text} [{trap.source}]"


def _memory(facts):
    heap, flash = facts["heap_free"], facts["flash_free"]
    text = (
        f"{heap // 1000} kB of heap free, {flash // 1000} kB of flash of {facts['flash'] // 1000}"
    )
    if heap < _HEAP_WANTED:
        yield "look", f"{text}: a run with its portal needs {_HEAP_WANTED // 1000} kB of heap"
    else:
        yield "good", text
    if flash < _FLASH_WANTED:
        yield "look", "the flash is nearly full: a new network may not be stored"


def _package(facts):
    if facts["interrupted"]:
        yield "look", "a deployment was interrupted: repeat it (make deploy)"
    if not facts.get("package"):
        yield "wrong", "the package is not on the board: make deploy"
        return
    yield "good", f"package {facts['package']}"
    if "/main.py" not in facts["programs"]:
        yield "look", "there is no main.py: nothing keeps the board online (make deploy)"
    elif "/app.py" not in facts["programs"]:
        yield "good", "no app.py: the board is online, and that is all"
    for name, value in facts["settings"].items():
        yield "good", f"setting {name} = {value!r}"
    for name in facts["damaged"]:
        yield "look", f"the record {name.partition('.')[0]} was damaged, and set aside as {name}"


def _networks(facts):
    if not facts.get("package"):
        return
    link, air = facts["link"], facts["air"]
    if link:
        yield "good", f"online: {link[0]}, {link[1]}"
    if not facts["stored"]:
        yield "look", "no network is stored: hand one over (README, make phone)"
    for ssid in facts["stored"]:
        yield _signal(ssid, air)
    for ssid, reason in facts["failures"]:
        yield (
            "wrong" if ssid in facts["stored"] and not link else "look",
            (f"{ssid} could not be joined: {_REASONS.get(reason, reason)}"),
        )
    if air == {}:
        yield "wrong", "no network at all is in the air: is the antenna connected?"
    if "scan_error" in facts:
        yield "look", f"a scan was not possible: {facts['scan_error']}"


def _signal(ssid, air):
    if air is None:
        return "good", f"stored: {ssid}"
    if ssid not in air:
        return "look", f"stored: {ssid}, which is not in the air (or hidden, or on 5 GHz)"
    rssi, channel, security, supported = air[ssid]
    text = f"stored: {ssid}, {rssi} dBm, channel {channel}, {security}"
    if not supported:
        return "wrong", f"{text}: MicroPython cannot join it"
    if rssi < _TOO_WEAK:
        return "wrong", f"{text}: too weak for a link that lasts"
    return ("look", f"{text}: weak") if rssi < _WEAK else ("good", text)
