# How long a configured board takes to get on-line: by itself, or with the library.
# MIT licence
"""One more word: how=bare (WLAN.connect() alone) or how=online (provisioning.online()).

Says `ms` from the first line of the application to the address; how=bare also `radio_ms`, from
connect() on.
"""

import asyncio
import time

from bench import world


def _bare(network):
    station = network.WLAN(0)
    station.active(True)
    start = time.ticks_us()
    station.connect(world.SSID, world.KEY)
    while not station.isconnected():
        time.sleep_ms(1)
    return start


async def _online():
    import provisioning

    return await provisioning.online()


def main(choice):
    network, _ = world.power_up(choice)
    world.use_asyncio()
    before = world.base()
    start = time.ticks_us()
    if choice["how"] == "online":
        link = asyncio.run(_online())
        ms = world.since(start)
        # `link` is what an application keeps.
        world.say(ms=ms, kept=world.in_use() - before)
        return link
    called = _bare(network)
    ms, radio_ms = world.since(start), world.since(called)
    world.say(ms=ms, radio_ms=radio_ms, kept=world.in_use() - before)
    return None


main(world.options())
