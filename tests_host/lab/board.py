# The lab's board: boot.py and a program on a twin, whose world comes from its environment.
# MIT licence
"""micropython board.py FLASH MAC PROGRAM [name=value ...]: the settings of the board, as JSON.
PROGRAM: main.py, or another file below the project's root. It may end: a board has a prompt then.
"""

import binascii
import json
import os
import sys
import time


def main(flash, mac, program, *words):
    """Boot."""
    from shim import machine

    machine.power_up(sys.platform, binascii.unhexlify(mac))
    sys.modules["machine"] = machine
    if not os.getenv("WIFI_SNIFFER"):
        sys.modules["wifi_sniffer"] = object()  # a stock firmware has none
    from provisioning import store
    from provisioning.settings import Settings

    store.directory = flash
    Settings().update(
        **{name: json.loads(value) for name, value in (w.split("=", 1) for w in words)}
    )
    root = __file__.rsplit("/", 3)[0]
    for name in ("boot.py", program):
        with open(root + "/" + name) as file:
            source = file.read()
        exec(source, {"__name__": "__main__", "__file__": name})
    while True:
        time.sleep(1)


try:
    os.stat(sys.argv[1])
except OSError:
    os.mkdir(sys.argv[1])
main(*sys.argv[1:])
