# The simulation's clock: fast time is exact, in order, and does not overtake real sockets. On a
# twin the world around the radio keeps it, in C.
# MIT licence

import asyncio

from harness import Skip, http, http_raw, simulated
from loopback import free_port
from shim import clock

DAY_MS = 24 * 3600 * 1000


async def nap(ms):
    """A sleep that can be a task: MicroPython's sleep_ms() cannot."""
    await asyncio.sleep_ms(ms)


@simulated("esp32")
async def test_sleep_takes_exactly_its_time(board):
    for ms in (1, 20, 999, 60000):
        before = board.now()
        await asyncio.sleep_ms(ms)
        assert board.now() - before == ms
    await asyncio.sleep(1.5)
    assert board.now() == 1 + 20 + 999 + 60000 + 1500


@simulated("esp32")
async def test_code_takes_no_time(board):
    total = 0
    for number in range(50000):
        total += number
    assert board.now() == 0


@simulated("esp32")
async def test_blocking_sleep_holds_up_all_tasks(board):
    import time

    woken = []

    async def sleeper():
        await asyncio.sleep_ms(100)
        woken.append(board.now())

    task = asyncio.create_task(sleeper())
    await asyncio.sleep_ms(10)
    time.sleep_ms(500)
    assert board.now() == 510 and not woken
    await task
    assert woken == [510]


@simulated("esp32")
async def test_tasks_wake_in_order_of_their_deadlines(board):
    order = []

    async def sleeper(ms):
        await asyncio.sleep_ms(ms)
        order.append((ms, board.now()))

    tasks = [asyncio.create_task(sleeper(ms)) for ms in (300, 5, 100000, 40, 300)]
    for task in tasks:
        await task
    assert order == [(5, 5), (40, 40), (300, 300), (300, 300), (100000, 100000)]


@simulated("esp32")
async def test_ready_tasks_run_before_time_passes(board):
    event = asyncio.Event()
    times = []

    async def waiter():
        await event.wait()
        times.append(board.now())

    tasks = [asyncio.create_task(waiter()) for _ in range(3)]
    asleep = asyncio.create_task(nap(7))
    await asyncio.sleep_ms(5)
    event.set()
    for task in tasks:
        await task
    await asleep
    assert times == [5, 5, 5] and board.now() == 7


@simulated("esp32")
async def test_timeout_and_cancel(board):
    try:
        await asyncio.wait_for_ms(nap(5000), 700)
        raise AssertionError
    except asyncio.TimeoutError:
        assert board.now() == 700
    task = asyncio.create_task(nap(DAY_MS))
    await asyncio.sleep_ms(100)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    assert board.now() == 800


@simulated("esp32")
async def test_ticks_wrap_around_as_on_a_board(board):
    import time

    start = time.ticks_ms()
    assert start + 30000 > 1 << 30  # so every test of 20 s crosses the wrap
    await asyncio.sleep_ms(30000)
    end = time.ticks_ms()
    assert end < start
    assert time.ticks_diff(end, start) == 30000
    assert time.ticks_diff(time.ticks_add(start, 30000), end) == 0


@simulated("esp32", limit_s=5 * 86400)
async def test_four_days(board):
    async def often():
        while True:
            await asyncio.sleep_ms(3600 * 1000)

    task = asyncio.create_task(often())
    for _ in range(4):
        await asyncio.sleep_ms(DAY_MS)
    task.cancel()
    assert abs(board.now() - 4 * DAY_MS) <= 1


@simulated("esp32")
async def test_a_loop_that_only_watches_the_clock_ends(board):
    import time

    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < 3:
        pass
    assert board.now() >= 3


async def _echo(reader, writer):
    """Answers a request after a while, in pieces."""
    while (await reader.readline()).strip():
        pass
    writer.write(b"HTTP/1.1 200 OK\r\nX-Word: sp ace\r\n\r\n")
    await writer.drain()
    for _ in range(3):
        await asyncio.sleep_ms(1000)
        writer.write(b"x" * 200)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


@simulated("esp32")
async def test_sockets_are_not_overtaken(board):
    """A request with a time-out of 3.5 s gets its answer, which takes 3 s, each time."""
    port = free_port()
    server = await asyncio.start_server(_echo, "127.0.0.1", port)
    for _ in range(5):
        before = board.now()
        status, headers, body = await asyncio.wait_for_ms(
            http("GET", "127.0.0.1", port, "/"), 3500
        )
        assert (status, headers["x-word"], len(body)) == (200, "sp ace", 600)
        assert 3000 <= board.now() - before < 3010
    server.close()
    await server.wait_closed()


@simulated("esp32")
async def test_many_clients_at_once(board):
    port = free_port()
    server = await asyncio.start_server(_echo, "127.0.0.1", port)
    requests = [http_raw("127.0.0.1", port, b"GET / HTTP/1.1\r\n", b"\r\n") for _ in range(5)]
    answers = await asyncio.gather(*requests)
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"x" * 600)
    assert board.now() < 3100
    server.close()
    await server.wait_closed()


def test_real_time_goes_by_itself():
    clock.start(False)
    first = clock.now()
    while clock.now() - first < 3:
        pass
    assert 3 <= clock.now() < 5000


def fails(words, test):
    try:
        test()
    except AssertionError as error:
        assert words in str(error), repr(error)
    else:
        raise AssertionError("it did not fail")


def test_harness_ends_a_test_that_never_ends():
    @simulated("esp32", limit_s=100)
    async def never(board):
        while True:
            await asyncio.sleep_ms(10)

    fails("not done after 100 s", never)


def test_harness_notices_a_task_that_died():
    @simulated("esp32")
    async def careless(board):
        async def die():
            raise AssertionError("died in a task")

        asyncio.create_task(die())
        await asyncio.sleep_ms(10)

    fails("died in a task", careless)


def test_harness_reports_a_reset():
    @simulated("esp32")
    async def resets(board):
        import machine

        try:
            machine.reset()
        except Exception:
            pass  # a reset is not stopped by this

    fails("reset", resets)


def test_harness_lets_skip_through():
    @simulated("esp32", "rp2")
    async def skips(board):
        raise Skip("not here")

    try:
        skips()
    except Skip as error:
        assert str(error) == "not here"
    else:
        raise AssertionError


def test_nothing_is_left_behind_for_the_next_board():
    import os
    import sys

    flashes = []

    @simulated("esp32", "rp2")
    async def leaves(board):
        flashes.append(board.flash)
        assert os.listdir(board.flash) == []
        with open(board.flash + "/left", "w") as file:
            file.write("x")
        os.mkdir(board.flash + "/folder")
        asyncio.create_task(nap(100000))
        print("hello", 3, board.name)
        assert board.printed("hello 3 " + board.name) and len(board.output) == 1
        import network

        assert network is board.network

    leaves()
    assert len(flashes) == 2 and flashes[0] != flashes[1]
    assert "network" not in sys.modules
    for flash in flashes:
        try:
            os.stat(flash)
            raise AssertionError
        except OSError:
            pass


@simulated("esp32", "rp2")
async def test_reboot_gives_fresh_modules_and_the_same_flash(board):
    from provisioning import store

    store.save("thing", [1, 2])
    board.reboot()
    from provisioning import store as again

    assert again is not store and again.load("thing") == [1, 2]
    assert again.directory == board.flash
