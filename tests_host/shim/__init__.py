# A board on a PC: install() puts its `network`, `machine` and clock in place.
# MIT licence

import sys

from . import clock as clock

BOARDS = ("esp32", "rp2")

if sys.implementation.name != "micropython":
    from . import cpython

    cpython.install()


def install(
    board,
    air,
    ap_address="192.168.4.1",
    version=(1, 25),
    mac=b"\x02\x00\x00\x3f\x2a\x1b",
    false_badauth=True,
    false_success=True,
):
    """Power up a board: "esp32" or "rp2", in that air. Returns its `network` module.

    ap_address: the address its access point has from the factory.
    version: the MicroPython release whose faults it has, from (1, 25) on.
    mac: of its station. false_badauth, false_success: faults of the rp2's driver.
    Start the clock first (clock.start). Called again, it is a reset: nothing in RAM stays.
    """
    if board not in BOARDS:
        raise ValueError("BOARD must be one of: " + ", ".join(BOARDS) + "; not " + board)
    for other in BOARDS:
        if other != board:
            drop("network_" + other)
    network = __import__(__name__ + ".network_" + board, None, None, ("WLAN",))
    network._power_up(
        air,
        {
            "ap_address": ap_address,
            "version": version,
            "mac": mac,
            "false_badauth": false_badauth,
            "false_success": false_success,
        },
    )
    from . import machine

    machine.power_up(board, mac)
    sys.modules["network"] = network
    sys.modules["machine"] = machine
    return network


def drop(name):
    """Give back the memory of one of the shim's modules."""
    sys.modules.pop(__name__ + "." + name, None)
    package = sys.modules[__name__]
    if hasattr(package, name):
        delattr(package, name)
