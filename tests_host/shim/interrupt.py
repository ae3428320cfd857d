# Timers by the real clock: what a board's interrupt does, between two steps of the program.
# MIT licence
"""On MicroPython a thread asks every 10 ms, through micropython.schedule(), and sends the process
a signal, which lets a prompt that waits for a key look at what is scheduled. Its handler is a
function of the C library that does no harm. On CPython it is the system's own interval timer.
"""

import sys
import time

_STEP_MS = 10

_alarms = []
_beating = False
_asked = False


class Alarm:
    """Calls function() once, in `ms` of real time, between two steps of the main program."""

    def __init__(self, ms, function):
        self.when = time.ticks_add(time.ticks_ms(), ms)
        self.function = function
        _alarms.append(self)
        if not _beating:
            _beat()

    def cancel(self):
        """Call it off; nothing when it went off already."""
        if self in _alarms:
            _alarms.remove(self)


def _look(_=None):
    """Call what is due."""
    global _asked
    for alarm in list(_alarms):
        if alarm in _alarms and time.ticks_diff(alarm.when, time.ticks_ms()) <= 0:
            alarm.cancel()
            alarm.function()
    _asked = False


if sys.implementation.name == "micropython":
    import _thread

    import ffi
    from micropython import schedule

    _SIGINT, _SIGALRM = 2, 14

    def _beat():
        global _beating
        library = ffi.open("libc.so.6")
        library.func("p", "signal", "ip")(_SIGALRM, library.addr("abs"))
        library.func("i", "siginterrupt", "ii")(_SIGALRM, 1)  # a waiting read() is not resumed
        process = library.func("i", "getpid", "")()
        kill = library.func("i", "kill", "ii")
        signals = bytearray(128)
        for number in (_SIGINT, _SIGALRM):
            library.func("i", "sigaddset", "pi")(signals, number)
        block = library.func("i", "pthread_sigmask", "ipp")

        def ask():
            global _asked
            block(0, signals, None)  # they are for the main program
            while True:
                time.sleep_ms(_STEP_MS)
                if _alarms:
                    if not _asked:
                        _asked = True
                        schedule(_look, None)
                    # Again, if it is not heard: it may have come just before the wait.
                    kill(process, _SIGALRM)

        _beating = True
        _thread.start_new_thread(ask, ())
else:
    import signal

    def _beat():
        global _beating
        _beating = True
        signal.signal(signal.SIGALRM, lambda number, frame: _look())
        signal.setitimer(signal.ITIMER_REAL, _STEP_MS / 1000, _STEP_MS / 1000)
