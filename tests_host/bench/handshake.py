# What a handshake of protocomm costs: milliseconds, the longest that others wait, bytes of heap.
# MIT licence
"""Says {security, ahead_ms, answers_ms, longest_ms, heap}: the work that is done before an app
needs it, the device's part of a handshake, the longest slice of both, and the most in use.

More words: flash=FOLDER for what it keeps, times=5 rounds; each figure is the least of them, the
heap the most.
"""

import asyncio
import gc
import time

import espressif
import fakes
from bench import world

_real_sleep = asyncio.sleep


class _Watch:
    """Stands in for asyncio.sleep(): what runs between two calls is a slice.

    us: of all slices; longest: of one; most: bytes in use between two, without garbage.
    """

    def __init__(self):
        self.us = self.longest = self.most = 0
        self._since = time.ticks_us()

    async def sleep(self, seconds):
        self._end()
        await _real_sleep(seconds)
        self._since = time.ticks_us()

    def _end(self):
        us = time.ticks_diff(time.ticks_us(), self._since)
        self.us += us
        self.longest = max(self.longest, us)
        gc.collect()
        self.most = max(self.most, gc.mem_alloc())

    async def timed(self, awaitable):
        """(what it gives, ms)."""
        self.us, self._since = 0, time.ticks_us()
        found = await awaitable
        self._end()
        return found, self.us / 1000


async def _round(security, watch):
    from provisioning.methods.protocomm.core import Client, Service

    session = fakes.FakeSession()
    session.settings.update(protocomm_security=security)
    service = Service(session)
    _, ahead = await watch.timed(service.prepare())
    client = Client(service)
    spent = 0

    async def send(endpoint, data):
        nonlocal spent
        answer, ms = await watch.timed(client.handle(endpoint, data))
        spent += ms
        return answer

    app = espressif.App(send) if security == 1 else espressif.App2(send)
    assert await app.shake()
    return ahead, spent


async def _measure(security, times):
    watch = _Watch()
    asyncio.sleep = watch.sleep
    try:
        await _round(security, watch)  # loads what is needed
        watch.longest = watch.most = 0
        before = world.in_use()
        rounds = []
        for _ in range(times):
            rounds.append(await _round(security, watch))
    finally:
        asyncio.sleep = _real_sleep
    world.say(
        security=security,
        ahead_ms=min(ahead for ahead, _ in rounds),
        answers_ms=min(spent for _, spent in rounds),
        longest_ms=watch.longest / 1000,
        heap=watch.most - before,
    )


async def _main(choice):
    from provisioning import store

    store.directory = choice["flash"]
    for security in (1, 2):
        await _measure(security, int(choice.get("times", 5)))
    world.say(done=True)


asyncio.run(_main(world.options()))
