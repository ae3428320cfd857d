# status: what a board is, and what it is connected to.
# MIT licence
"""Says what a board is, which networks it has stored, and whether it is online. The board's
program is interrupted for that, and starts again.
"""

from tools.boards import ports
from tools.boards.wire import Board

SUMMARY = "what a board is, and whether it is online"


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)


def run(options):
    """Ask the board that is attached."""
    return status(ports.choose(options.port).device)


def status(device):
    """What the board at a serial port is, as a dict. package is None where ours is not on it."""
    with Board(device) as board:
        return {"port": device, **board.run("status")}


def identity(device):
    """Who it is: id, name, ap_ssid, ap_key, ap_open. For its label: nothing else shows the key."""
    with Board(device) as board:
        return board.run("identity")


def show(found):
    """The same in words."""
    print(f"board          {found['board']} at {found['port']}")
    print(f"MicroPython    {found['micropython']}, {found['heap_free'] // 1024} kB of heap free")
    if not found["package"]:
        print("package        not there: make deploy")
        return
    print(f"package        {found['package']}")
    print(f"name           {found['name']}")
    print(f"stored         {', '.join(found['stored']) or 'nothing'}")
    online = f"{found['ssid']}, {found['address']}" if found["address"] else "none"
    print(f"network        {online}")
