# A simulated board whose run a real broker confirms; pc/test_mqtt.py starts it, on both Pythons.
# MIT licence
"""python or micropython cloud.py board=esp32 flash=FOLDER port=1883 [user=NAME password=WORD]
    [ca=FILE] [time=10] [tries=2] [server=127.0.0.1] [limit=1]

Time is real, the radio fast. The user hands over HomeNet, up to `tries` times. The broker
may hold the board up for `limit` seconds at once. Prints what the host sees and, at the end,
    stored NAME ...         the networks on flash
    blocked MS              the longest time in which the event loop could do nothing else
    state S reason N        what the page said after the last try
    outcome RESULT ROLE SSID
"""

import asyncio
import sys
import time


def power_up(choice):
    """A board with its radio on; the fake radio is 50 times as fast as a real one."""
    from shim import clock, install, neighbourhood

    clock.start(False)
    if sys.implementation.name != "micropython":
        from shim import sockets

        sockets.install()
    air = neighbourhood.load()
    air.scale = 1 / 50
    install(choice["board"], air)
    from provisioning import store
    from provisioning.settings import Settings

    store.directory = choice["flash"]
    Settings().update(hold_ms=100, linger_ms=100)


def factory(choice):
    """What makes the client, as an application would."""
    from provisioning.feedback.mqtt import client

    ca = None
    if "ca" in choice:
        with open(choice["ca"], "rb") as file:
            ca = file.read()

    def make():
        user, password = choice.get("user"), choice.get("password")
        server = choice.get("server", "127.0.0.1")
        limit_s = int(choice.get("limit", "1"))
        return client(server, int(choice["port"]), user, password, ca, limit_s=limit_s)

    return make


async def watch(longest):
    """Note how long the event loop was held up."""
    while True:
        start = time.ticks_ms()
        await asyncio.sleep_ms(10)
        longest[0] = max(longest[0], time.ticks_diff(time.ticks_ms(), start) - 10)


async def main(choice):
    """One run, with a user who does not give up at once."""
    from engine import Engine, stored
    from provisioning.feedback import mqtt

    longest = [0]
    watching = asyncio.create_task(watch(longest))
    engine = Engine(print)
    await engine.open(0, flags=1)
    limit = int(choice.get("time", "10"))
    confirmed = mqtt.confirm(engine.provisioner, factory(choice), timeout_s=limit)
    task = asyncio.create_task(confirmed)
    for _ in range(int(choice.get("tries", "1"))):
        longest[0] = 0
        progress = await engine.hand_over("HomeNet", "correct horse battery")
        if progress.state == "connected":
            break
    blocked = longest[0]
    engine.provisioner.stop()
    outcome = await task
    watching.cancel()
    print("stored", *[ssid.decode() for ssid, _ in stored()])
    print("blocked", blocked)
    print("state", progress.state, "reason", progress.reason)
    print("outcome", outcome.result, outcome.role, outcome.link and outcome.link.ssid)


if __name__ == "__main__":
    choice = dict(word.split("=", 1) for word in sys.argv[1:])
    power_up(choice)
    if sys.implementation.name == "micropython":
        asyncio.run(main(choice))
    else:
        import shim

        with asyncio.Runner(loop_factory=shim.cpython.Loop) as runner:
            runner.run(main(choice))
