# The board of a benchmark: fake radio, flash in a folder, and how it tells what it measured.
# MIT licence
"""Programs of this folder run on a twin, or on MicroPython with the shim, as
`micropython -m bench.NAME word=value ...`, with compiled modules alone on the path.
tools/bench_board.py starts them and reads their lines.

    board=esp32   or rp2
    flash=FOLDER  where the board's /provisioning is
    speed=1       how many times faster than a real radio the simulated one is
    rom=FILE      a ROMFS image with the library, which then is not on the path
"""

import asyncio
import gc
import json
import os
import sys
import time

import vfs

import shim
from shim import clock, neighbourhood

try:
    from twin import install
    from twin.air import Air
except ImportError:
    from shim import install
    from shim.air import Air

SSID = "HomeNet"
KEY = "correct horse battery"


class Flash:
    """A folder of this machine as a file system of the board's.

    The library finds its files where it does on a board, so nothing of it has to be loaded and
    set before the measurement begins. (VfsPosix cannot rename below a mount point.)
    """

    def __init__(self, folder):
        self._folder = folder

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def open(self, path, mode):
        return open(self._folder + path, mode)

    def rename(self, old, new):
        os.rename(self._folder + old, self._folder + new)

    def remove(self, path):
        os.remove(self._folder + path)


def options():
    """The program's arguments as a dict."""
    return dict(word.split("=", 1) for word in sys.argv[1:])


def power_up(choice):
    """Put radio and flash in place, in real time. Returns (network module, air)."""
    clock.start(False)
    air = neighbourhood.load(air=Air())
    shim.drop("neighbourhood")
    air.scale = 1 / float(choice.get("speed", 1))
    sys.modules["wifi_sniffer"] = object()  # as on a stock firmware
    # The Pico's driver refuses the first right key: a bare connect() would never get on-line.
    network = install(choice["board"], air, ap_address="127.0.0.1", false_badauth=False)
    vfs.mount(Flash(choice["flash"]), "/.provisioning")
    if "rom" in choice:
        _mount_rom(choice["rom"])
    return network, air


def _mount_rom(name):
    # In RAM, but part of the base: the heap grows by what a board with such flash would need.
    image = bytearray(os.stat(name)[6])
    with open(name, "rb") as file:
        file.readinto(image)
    vfs.mount(vfs.VfsRom(image), "/rom")
    sys.path.insert(0, "/rom")


def use_asyncio():
    """Have all of asyncio loaded that an application with sockets has loaded."""
    for name in ("Event", "Lock", "StreamReader", "gather", "start_server", "wait_for"):
        getattr(asyncio, name)

    async def wait():
        await asyncio.sleep_ms(1)

    asyncio.run(wait())


def in_use():
    """Bytes of the heap that are in use once the garbage is collected."""
    # A second time: what the first found on the stack may be gone from it.
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def say(**values):
    """Tell the benchmark."""
    print("bench " + json.dumps(values))


def base():
    """Say what is in use before the library comes, and what is left for it. Returns the first."""
    gc.collect()
    say(base=0, free=0)  # what saying it takes for good is none of the library's
    used = in_use()
    say(base=used, free=gc.mem_free())
    return used


def since(start):
    """Milliseconds since `start`, a time of time.ticks_us()."""
    return time.ticks_diff(time.ticks_us(), start) / 1000
