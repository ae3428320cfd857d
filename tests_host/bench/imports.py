# What each module of the library takes of the heap when it is loaded, one after another.
# MIT licence
"""Reads their names from one line of the standard input, in the order in which they are loaded."""

import sys

import cryptolib  # noqa: F401  (boards have it in C, twins in Python)
import micropython

from bench import world


def main(choice):
    world.power_up(choice)
    world.use_asyncio()
    names = sys.stdin.readline().split()
    known = list(sys.modules)
    micropython.qstr_info()
    before = world.base()
    for name in names:
        if name in sys.modules:
            continue
        __import__(name)
        now = world.in_use()
        brought = [other for other in sys.modules if other not in known and other != name]
        known += [name] + brought
        world.say(module=name, bytes=now - before, brought=brought)
        micropython.qstr_info()
        # What the bookkeeping takes is not the module's.
        before = world.in_use()
    world.say(done=True)


main(world.options())
