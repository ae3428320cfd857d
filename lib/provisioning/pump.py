# Runs the event loop in the background, for the prompt and for programs without asyncio.
# MIT licence
#
# A machine.Timer lets what is ready run, 20 times a second, between two steps of whatever the
# board does: the prompt too. Timers of boards: the Pico W has one kind, -1; the ESP32 has 0 to 3,
# the C3 0 and 1, and refuses -1 (ports/*/machine_timer.c, 1.25): there it is the highest.

import asyncio

from micropython import const

_PERIOD_MS = const(50)
# How often each ready task gets its turn in one poll(): a page is many small turns.
_TURNS = const(10)

_core = getattr(asyncio, "core", None)  # MicroPython's event loop; CPython can be asked

timers = (-1, 3, 1, 0)  # tried in this order; a program that needs one itself may change this
STAYS = True  # drop_modules() leaves it: it remembers
timer = None  # kept: the Pico stops a timer that is forgotten
on_interrupt = None  # called when Ctrl-C hit the background instead of the program


def poll():
    """Let all that is ready in the event loop run, then return. Nothing inside a running loop."""
    if not _is_running():
        _run(_turns())


def start():
    """From now on poll() is called in the background, unless somebody runs the event loop.

    Returns True when something runs the background: the timer, or the loop that this was called
    in. False: there is no timer, the program has to call poll().
    """
    global timer
    if timer or _is_running():
        return True
    timer = _free_timer()
    if timer:
        timer.init(mode=timer.PERIODIC, period=_PERIOD_MS, callback=_tick)
    return bool(timer)


def stop():
    """No more poll() in the background."""
    global timer
    if timer:
        timer.deinit()
        timer = None


def call(function, *arguments):
    """Call a function as if from within the event loop: it may create and cancel tasks.

    The background does not interrupt it. Returns what it returns, and raises what it raises.
    """
    if _is_running():
        return function(*arguments)
    return _run(_inside(function, arguments))


def _tick(_):
    if not _is_running() and _is_due():
        _run(_turns())


async def _turns():
    for _ in range(_TURNS):
        await asyncio.sleep_ms(0)
        if not _is_due():
            return


async def _inside(function, arguments):
    return function(*arguments)


def _free_timer():
    try:
        from machine import Timer
    except ImportError:
        return None
    for number in timers:
        try:
            return Timer(number)
        except ValueError:
            pass
    return None


def _run(coroutine):
    try:
        return asyncio.get_event_loop().run_until_complete(coroutine)
    except KeyboardInterrupt:
        # It hit a task of the background, which is lost: what that was part of cannot go on.
        if on_interrupt:
            on_interrupt()
        raise


def _is_running():
    if _core is None:
        try:
            asyncio.current_task()
            return True
        except RuntimeError:
            return False
    task = _core.cur_task
    if _core.loops or not task:
        return bool(_core.loops)
    if _is_executing(task):
        return True  # in a loop that began before this file was loaded
    _core.cur_task = None
    _bury(task)
    return False


def _is_executing(task):
    # Nothing is thrown: a coroutine that is executing refuses to have it changed.
    try:
        task.coro.pend_throw(task.coro.pend_throw(None))
        return False
    except ValueError:
        return True


def _is_due():
    """Is there anything to do? Most of the time not: then a tick costs next to nothing."""
    if _core is None:
        return True
    task = _core._task_queue.peek()
    due = task and _core.ticks_diff(task.ph_key, _core.ticks()) <= 0
    return bool(due or _core._io_queue.map)


def _bury(task):
    # Ctrl-C ended the loop, and maybe this task's coroutine without the loop's seeing it: those
    # who wait for the task would wait for ever. At its next turn it is found to be over.
    if not task.done() and task.data is None:
        queue = _core._task_queue
        if queue.peek():  # remove() from an empty one reads through NULL (extmod/modasyncio.c)
            queue.remove(task)
        queue.push(task)


def _count_loops():
    """Let the one way into MicroPython's event loop count how often it is in use.

    Within a timer's callback nothing else tells whether the loop waits underneath, and a second
    one inside it breaks it.
    """
    run = _core.run_until_complete
    _core.loops = 0

    def run_until_complete(main_task=None):
        _core.loops += 1
        try:
            return run(main_task)
        finally:
            _core.loops -= 1

    _core.run_until_complete = run_until_complete


if _core and not hasattr(_core, "loops"):
    _count_loops()
