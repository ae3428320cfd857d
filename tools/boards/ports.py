# Which serial port the board is at, and in words why it cannot be used.
# MIT licence
"""A command asks choose() for its board: the one that is attached, or the one that --port names.

Nothing here opens a port, since that can reset the board. Who opens one and gets an OSError asks
trouble() what to tell the user.
"""

import collections
import errno
import os
import sys
from pathlib import Path

from tools.boards import BoardError

Port = collections.namedtuple("Port", "device vid pid serial_number description")

# USB vendors of boards and of the serial chips that are on them.
VENDORS = {
    0x303A: "Espressif",
    0x10C4: "Silicon Labs CP210x",
    0x1A86: "WCH CH34x",
    0x0403: "FTDI",
    0x2E8A: "Raspberry Pi",
    0xF055: "MicroPython",
    0x067B: "Prolific",
    0x239A: "Adafruit",
    0x2341: "Arduino",
}
# Raspberry Pi's debug probes have a serial port and run no MicroPython.
PROBES = {(0x2E8A, 0x0004), (0x2E8A, 0x000C)}

NOBODY = """no board is attached. If one is plugged in:
  - the cable must carry data: many only charge
  - some boards need a driver for their USB chip (CP210x, CH34x); most systems have it
  - on Linux you must be in the group dialout: sudo usermod -aG dialout $USER, then log in again
A port of another kind can be named: --port DEVICE"""


def add_argument(parser):
    """Give a command's parser --port; the environment variable PORT is its default."""
    parser.add_argument(
        "--port",
        metavar="DEVICE",
        default=os.environ.get("PORT") or None,
        help="the board's serial port, if there are several (default: the variable PORT)",
    )


def attached(list_ports=None):
    """The serial ports that can be a board, a list of Port by device name.

    list_ports: a function that returns what pyserial's list_ports.comports() does.
    """
    return [port for port in _all(list_ports) if port.vid in VENDORS and not _is_probe(port)]


def choose(device=None, list_ports=None):
    """The Port of the one board that is attached, or of the device that the user named: this can
    also be a pseudo-terminal or an address such as rfc2217://host:port. Raises BoardError.
    """
    if device is None:
        port = _only(attached(list_ports))
    elif "://" in device:
        return Port(device, None, None, None, "")
    else:
        known = {port.device: port for port in _all(list_ports)}
        if device not in known and (os.name == "nt" or not os.path.exists(device)):
            raise BoardError(_missing(device, list_ports))
        port = known.get(device) or Port(device, None, None, None, "")
    _check(port.device)
    return port


def trouble(device, error):
    """A BoardError for the OSError that opening or using a port raised."""
    number = error.errno
    if number is None:  # pyserial puts it into the text only
        text = str(error)
        known = {
            "Permission": errno.EACCES,
            "xclusively lock": errno.EBUSY,
            "returned no data": errno.EIO,
        }
        number = next((code for word, code in known.items() if word in text), None)
    if os.name == "nt" and number == errno.EACCES:
        number = errno.EBUSY  # what Windows says of a port that another program has open
    if number in (errno.EACCES, errno.EPERM):
        return BoardError(_forbidden(device))
    if number in (errno.EBUSY, errno.EAGAIN):
        return BoardError(busy(device))
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO):
        return BoardError(f"{device} is gone: was the board unplugged? Plug it in and try again")
    return BoardError(f"{device}: {error}")


def busy(device):
    """What to tell the user of a port that another program has open."""
    who = ", ".join(holders(device)) or "another program (a serial monitor, an editor, mpremote)"
    return f"{device} is busy: {who} has it open. Close that and try again"


def holders(device):
    """The other processes that have a device open, as ["name (process id)"]. Linux tells it, and
    only of the user's own processes; elsewhere the list is empty.
    """
    wanted = os.path.realpath(device)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            if any(os.readlink(handle) == wanted for handle in os.scandir(process / "fd")):
                found.append(f"{(process / 'comm').read_text().strip()} ({process.name})")
        except OSError:
            continue  # another user's, or it has ended
    return found


def _all(list_ports):
    if list_ports is None:
        from serial.tools.list_ports import comports as list_ports

    found = []
    for info in list_ports():
        text = "" if info.description in (None, "n/a") else info.description
        found.append(Port(info.device, info.vid, info.pid, info.serial_number, text))
    return sorted(found)


def _is_probe(port):
    return (port.vid, port.pid) in PROBES


def _only(found):
    if not found:
        raise BoardError(NOBODY)
    if len(found) > 1:
        raise BoardError(
            f"{len(found)} boards are attached; say which: --port DEVICE\n{_list(found)}"
        )
    return found[0]


def _list(found):
    return "\n".join(f"  {port.device}  {port.description or VENDORS[port.vid]}" for port in found)


def _missing(device, list_ports):
    found = attached(list_ports)
    there = f"These are there:\n{_list(found)}" if found else "No board is attached"
    return f"there is no port {device}. {there}"


def _check(device):
    if os.name == "nt":
        return
    if not os.access(device, os.R_OK | os.W_OK):
        raise BoardError(_forbidden(device))
    # A pseudo-terminal is often held open at both ends by who made it.
    if os.path.realpath(device).startswith("/dev/pts/"):
        return
    if holders(device):
        raise BoardError(busy(device))


def _forbidden(device):
    if not sys.platform.startswith("linux"):
        return f"you may not use {device}: look at its permissions"
    return (
        f"you may not use {device}. Add yourself to its group, then log out and in again:\n"
        f"  sudo usermod -aG {_group(device)} $USER"
    )


def _group(device):
    try:
        name = Path(device).group()
    except (OSError, KeyError):
        return "dialout"
    return "uucp" if name == "uucp" else "dialout"  # Arch calls it uucp
