# What a face takes of the heap: when it is imported, and once a program has used it.
# MIT licence
"""One more word: face=provisioning, face=qth_wifi or face=simplelink. The board is configured.

Says `imported`, then `used`: bytes after the first calls that every program makes.
"""

import asyncio

from bench import world


def _provisioning(face):
    face.host.get().start(face.MODE_AP)


def _qth_wifi(face):
    face.Qth_configSetEventCb(print)
    face.Qth_devStart()


def _simplelink(face):
    face.sl_RegisterEventHandler(face.SL_EVENT_HDL_WLAN, print)
    face.sl_Start()


async def _measure(name, first_calls):
    before = world.base()
    face = __import__(name)
    world.say(imported=world.in_use() - before)
    first_calls(face)
    world.say(used=world.in_use() - before)


def main(choice):
    world.power_up(choice)
    world.use_asyncio()
    asyncio.run(_measure(choice["face"], globals()["_" + choice["face"]]))


main(world.options())
