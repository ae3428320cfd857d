# A board on a twin: MicroPython's own `network` of that board, over a simulated radio.
# MIT licence
"""For programs that run on a twin (elsewhere `import twin` is an ImportError). docs/twins.md."""

import binascii
import sys

import _twin

BOARD = _twin.board
VERSION = sys.implementation[1][:2]
tell = _twin.tell  # a line of the control language
_NO_TIME = 1e-6  # scale of the air: what the radio does takes 0 ms


def install(
    board,
    air,
    ap_address="192.168.4.1",
    version=(1, 25),
    mac=b"\x02\x00\x00\x3f\x2a\x1b",
    false_badauth=True,
    false_success=True,
):
    """Power up the board. Returns its `network` module. The arguments are shim.install()'s.

    ValueError for another board than the twin's, and for another release of MicroPython.
    """
    if board != BOARD:
        raise ValueError("this is a twin of the %s, not of the %s" % (BOARD, board))
    if version != VERSION:
        raise ValueError("this twin is of MicroPython %d.%d" % VERSION)
    import network

    from shim import machine

    scale = air.scale
    air.scale = _NO_TIME
    _switch_off(network)
    options = "option mac=%s ap_address=%s" % (binascii.hexlify(mac).decode(), ap_address)
    if board == "rp2":
        options += " false_badauth=%d false_success=%d" % (false_badauth, false_success)
    _twin.tell(options)
    _twin.reset()
    air.scale = scale
    machine.power_up(board, mac)
    sys.modules["machine"] = machine
    return network


def _switch_off(network):
    """Bring back what network_wlan.c and network_cyw43.c keep to what it was at the start."""
    sta = network.WLAN(0)
    try:
        sta.disconnect()
    except OSError:
        pass
    sta.active(True)  # some of it is set in an active interface only
    if BOARD == "esp32":
        sta.config(reconnects=-1)
    sta.active(False)
    network.WLAN(1).active(False)
