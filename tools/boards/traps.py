# Faults of MicroPython releases that a board's user meets, and where they are told.
# MIT licence
from typing import NamedTuple


class Trap(NamedTuple):
    """platforms: sys.platform of the boards. below: the first release without it, None: none yet.
    text: what happens, and what this package does about it. source: where it is told."""

    platforms: tuple
    below: object
    text: str
    source: str


TRAPS = (
    Trap(
        ("rp2",),
        (1, 26),
        "active(False) does not leave the network; the package disconnects before it",
        "micropython 186caf9f03",
    ),
    Trap(
        ("rp2",),
        (1, 28),
        "after the access point was open, sockets may answer EHOSTUNREACH; the package switches "
        "the radio off and on where that happens",
        "micropython PR 18814",
    ),
    Trap(
        ("rp2",),
        None,
        "the first join after power-up may be refused with the right password; it is tried twice",
        "cyw43-driver PR 150, PR 154",
    ),
    Trap(
        ("rp2",),
        None,
        "a scan cannot tell WPA3 and enterprise networks from WPA2",
        "cyw43-driver cyw43_ll.c",
    ),
    Trap(
        ("esp32",),
        None,
        "network.country() is not read: channels 12 and 13 follow the IDF's default",
        "micropython ports/esp32/network_wlan.c",
    ),
    Trap(
        ("esp8266",),
        None,
        "38 kB of heap are not enough for this package",
        "micropython ports/esp8266/main.c",
    ),
)


def of(platform, version):
    """The Traps of a board. version: of its MicroPython, a tuple."""
    found = [trap for trap in TRAPS if platform in trap.platforms]
    return [trap for trap in found if trap.below is None or tuple(version[:2]) < trap.below]
