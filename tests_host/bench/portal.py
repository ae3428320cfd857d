# A board with the real portal, which tells its heap when asked.
# MIT licence
"""One more word: app=online (provisioning.online() does it) or app=keeps (the application keeps
its Provisioner). Commands come line by line on the standard input:

    heap       say what is in use
    watch      collect the garbage at each turn of the event loop, and remember the most in use
    most       say the most that was in use, and stop watching
    speed N    from now on the radio is N times as fast as a real one
"""

import asyncio
import gc
import select
import sys

import micropython

from bench import world

_watching = False


async def _commands(air):
    # Looked for, not waited for. A task that waits for a file keeps alive what its place in
    # MicroPython's queue of tasks pointed to when it last ran (extmod/modasyncio.c): tasks of the
    # portal, and with them the portal.
    global _watching
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    while True:
        await asyncio.sleep_ms(5)
        if not poll.poll(0):
            continue
        words = sys.stdin.readline().split()
        if not words:
            return
        if words[0] == "heap":
            world.say(heap=world.in_use())
        elif words[0] == "watch":
            asyncio.create_task(_watch())
        elif words[0] == "most":
            _watching = False
        elif words[0] == "speed":
            air.scale = 1 / float(words[1])
            world.say(speed=words[1])


async def _watch():
    global _watching
    _watching = True
    most = 0
    world.say(watching=True)
    while _watching:
        gc.collect()
        most = max(most, gc.mem_alloc())
        await asyncio.sleep_ms(0)
    world.say(most=most)


async def _calm():
    # All other tasks run once more, and let go: see _commands().
    for _ in range(10):
        await asyncio.sleep_ms(10)


async def _main(choice, air):
    asyncio.create_task(_commands(air))
    await asyncio.sleep_ms(1)
    micropython.qstr_info()
    world.base()
    import provisioning

    world.say(imported=world.in_use())
    if choice["app"] == "online":
        link = await provisioning.online()
        await _calm()
        micropython.qstr_info()
        world.say(after=world.in_use(), address=link.address)
    else:
        provisioner = provisioning.Provisioner()
        outcome = await provisioner.run(provisioning.MODE_AP)
        await _calm()
        micropython.qstr_info()
        world.say(after=world.in_use(), address=outcome.link.address)


choice = world.options()
network, air = world.power_up(choice)
world.use_asyncio()
asyncio.run(_main(choice, air))
