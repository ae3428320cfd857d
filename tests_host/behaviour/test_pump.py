# The event loop in the background: a timer's turns, beside a program that knows no asyncio.
# MIT licence

import asyncio
import gc

from harness import simulated


class Counter:
    """A task that counts its turns, every `ms`."""

    def __init__(self, ms):
        self.turns = 0
        self._ms = ms

    async def run(self):
        while True:
            self.turns += 1
            await asyncio.sleep_ms(self._ms)


def start(counter):
    """Start a counter from outside the event loop."""
    from provisioning import pump

    return pump.call(asyncio.create_task, counter.run())


@simulated("esp32", "rp2", plain=True)
def test_tasks_run_while_the_program_does_something_else(board):
    from provisioning import pump

    counter = Counter(100)
    start(counter)
    board.pass_ms(1000)
    assert counter.turns <= 1, "nobody runs it yet"
    assert pump.start() is True and pump.start() is True
    board.pass_ms(1000)
    assert 9 <= counter.turns <= 11, counter.turns
    pump.stop()
    turns = counter.turns
    board.pass_ms(1000)
    assert counter.turns == turns


@simulated("esp32", plain=True)
def test_poll_lets_run_what_is_ready_and_returns(board):
    from provisioning import pump

    often, rarely = Counter(0), Counter(10000)
    start(often)
    start(rarely)
    pump.poll()
    assert rarely.turns == 1 and 5 <= often.turns <= 20
    assert board.now() == 0, "it waits for nothing"
    pump.poll()
    assert rarely.turns == 1
    board.pass_ms(10000)
    pump.poll()
    assert rarely.turns == 2


@simulated("esp32", plain=True)
def test_call_gives_back_what_the_function_does(board):
    from provisioning import pump

    assert pump.call(lambda a, b: a + b, 3, 4) == 7
    try:
        pump.call(int, "x")
        raise AssertionError("nothing was raised")
    except ValueError:
        pass


@simulated("esp32", plain=True)
def test_what_call_runs_is_not_interrupted(board):
    from provisioning import pump

    counter = Counter(0)
    start(counter)
    pump.start()

    def take_long():
        before = counter.turns
        board.pass_ms(1000)
        return counter.turns - before

    assert pump.call(take_long) == 0
    board.pass_ms(100)
    assert counter.turns
    pump.stop()


@simulated("esp32", "rp2", plain=True)
def test_a_loop_that_the_program_runs_itself_is_left_alone(board):
    from provisioning import pump

    counter = Counter(100)
    start(counter)
    pump.start()

    async def program():
        for _ in range(10):
            assert pump.poll() is None and pump.start()
            await asyncio.sleep_ms(100)
        return "done"

    before = counter.turns
    # The timer goes off in the middle of the waits: a second loop inside would end in tears.
    assert asyncio.get_event_loop().run_until_complete(program()) == "done"
    assert 9 <= counter.turns - before <= 11
    before = counter.turns
    board.pass_ms(1000)
    assert 9 <= counter.turns - before <= 11, "afterwards the background goes on"
    pump.stop()


@simulated("esp32")
async def test_in_a_running_loop_there_is_nothing_to_start(board):
    import machine

    from provisioning import pump

    assert pump.start() is True and machine.Timer.running == []
    assert pump.call(asyncio.current_task) is asyncio.current_task()


@simulated("esp32", "rp2", plain=True)
def test_the_timer_is_one_that_the_board_has(board):
    import machine

    from provisioning import pump

    pump.start()
    assert [timer.id for timer in machine.Timer.running] == [3 if board.name == "esp32" else -1]
    pump.stop()
    assert machine.Timer.running == []
    pump.timers = (0,)
    assert pump.start() is (board.name == "esp32"), "another one, where there is another"
    pump.stop()


@simulated("esp32", plain=True)
def test_without_a_timer_it_says_so(board):
    import machine

    from provisioning import pump

    timer = machine.Timer
    del machine.Timer
    try:
        assert pump.start() is False
    finally:
        machine.Timer = timer


@simulated("esp32", plain=True)
def test_a_task_that_blocks_is_not_interrupted_by_the_next_turn(board):
    import time

    from provisioning import pump

    depth = []

    async def block():
        depth.append(1)
        time.sleep_ms(2500)  # as a scan does
        assert depth == [1]
        depth.pop()

    pump.call(asyncio.create_task, block())
    pump.start()
    counter = Counter(100)
    start(counter)
    board.pass_ms(5000)
    assert depth == [] and counter.turns > 20
    pump.stop()


@simulated("esp32", plain=True)
def test_ctrl_c_in_the_background_is_told_and_leaves_nobody_waiting(board):
    from provisioning import pump

    told = []
    pump.on_interrupt = lambda: told.append(1)

    async def interrupted():
        await asyncio.sleep_ms(10)
        raise KeyboardInterrupt

    async def wait(task):
        try:
            await task
        except (asyncio.CancelledError, KeyboardInterrupt):
            pass
        told.append(2)

    def both():
        return asyncio.create_task(wait(asyncio.create_task(interrupted())))

    pump.call(both)
    pump.poll()
    board.pass_ms(20)
    try:
        pump.poll()
        raise AssertionError("the program was not told")
    except KeyboardInterrupt:
        pass
    pump.poll()
    assert told == [1, 2]


@simulated("esp32", plain=True)
def test_ctrl_c_in_a_program_s_own_loop_does_not_stop_the_background_for_ever(board):
    from provisioning import pump

    async def program():
        raise KeyboardInterrupt

    try:
        asyncio.get_event_loop().run_until_complete(program())
    except KeyboardInterrupt:
        pass
    counter = Counter(100)
    start(counter)
    assert pump.start()
    board.pass_ms(1000)
    assert counter.turns > 8
    pump.stop()


@simulated("esp32", plain=True)
def test_a_task_that_fails_does_not_stop_the_others(board):
    from provisioning import pump

    async def fail():
        raise ValueError("the host's own fault")

    counter = Counter(100)
    start(counter)
    pump.call(asyncio.create_task, fail())
    pump.start()
    board.pass_ms(1000)
    pump.stop()
    gc.collect()  # on CPython that tells of the failure
    assert counter.turns > 8 and len(board.failures) == 1
    board.failures.clear()
