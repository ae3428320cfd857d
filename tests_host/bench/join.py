# How long a configured board takes to get on-line: by itself, or with the library.
# MIT licence
"""One more word: how=bare (WLAN.connect() alone) or how=online (provisioning.online()).

Says `ms` from the first line of the application to the address, and `radio_ms` from connect() on.
"""

import asyncio
import time

from bench import world


def _bare(network):
    station = network.WLAN(0)
    station.active(True)
    station.connect(world.SSID, world.KEY)
    while not station.isconnected():
        time.sleep_ms(1)


async def _online():
    import provisioning

    return await provisioning.online()


def main(choice):
    network, _ = world.power_up(choice)
    world.use_asyncio()
    connect = network.WLAN.connect
    called = []

    def noted(*args, **options):
        called.append(time.ticks_us())
        return connect(*args, **options)

    network.WLAN.connect = noted
    with_library = choice["how"] == "online"
    before = world.base()
    start = time.ticks_us()
    link = asyncio.run(_online()) if with_library else _bare(network)
    ms, radio_ms = world.since(start), world.since(called[-1])
    # `link` is what an application keeps.
    world.say(ms=ms, radio_ms=radio_ms, attempts=len(called), kept=world.in_use() - before)
    return link


main(world.options())
