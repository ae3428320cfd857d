# The host's side of a provisioning run: its commands, its events, the machine between them.
# MIT licence

import asyncio
import gc
import sys
import time

from micropython import const

from . import codes, drop_modules, tasks
from . import statemachine as machine
from .events import Event

_HELP = {
    codes.ERROR_ALREADY_STARTED: "a run is on already: stop() it or wait for it",
    codes.ERROR_PROFILE_LIST_FULL: "seven networks are stored: remove one first",
    codes.ERROR_INVALID_PARAM: "mode is 0 to 3, role STA or AP, timeout_s 30 to 65535, "
    "key None or 16 bytes, flags 0 or 1",
    codes.ERROR_GENERAL: "the radio cannot be used (the console says why), or this firmware "
    "cannot listen for SmartConfig: then use MODE_AP or MODE_APSC",
}
# The status event that goes with a refused start. The pairing is ours: TI publishes both lists
# apart (SWRA513C 7.1 and 7.2).
_REFUSALS = {
    codes.ERROR_GENERAL: codes.STATUS_ABORT,
    codes.ERROR_INVALID_PARAM: codes.STATUS_ABORT_INVALID_PARAM,
    codes.ERROR_HTTP_SERVER_DISABLED: codes.STATUS_ABORT_HTTP_SERVER_DISABLED,
    codes.ERROR_PROFILE_LIST_FULL: codes.STATUS_ABORT_PROFILE_LIST_FULL,
    codes.ERROR_ALREADY_STARTED: codes.STATUS_ABORT_ALREADY_STARTED,
}
_LOOK_MS = const(5000)
# Garbage is collected whenever so large a part of the heap was used, not when all of it was: what
# is loaded meanwhile would come to lie anywhere, and leave small pieces between.
_HEAP_PARTS = const(8)

# The radio is one: so is the run that uses it.
_running = None
STAYS = False  # drop_modules() leaves it when this is true: the host sets it


class ProvisioningError(Exception):
    """A command was refused; `code` is TI's return code."""

    def __init__(self, code):
        super().__init__("%s (%d)" % (_HELP.get(code, "refused"), code))
        self.code = code


class Provisioner:
    """Runs the provisioning of this board.

    on_event(event): called with every Event, from the event loop; what it raises is printed and
    goes no further. state: the machine's. outcome: the Outcome of the last run, or None.
    """

    def __init__(self, on_event=None):
        self.on_event = on_event
        self.state = machine.IDLE
        self.outcome = None
        self._run = None
        self._ended = asyncio.Event()
        self._ended.set()
        self._tasks = {}
        self._deadlines = {}  # timer: ticks

    @property
    def session(self):
        """The Session of the run that is on, or None."""
        return self._run.session if self._run else None

    def __repr__(self):
        state = self.session.progress().state if self._run else "off"
        return "Provisioner(%s, outcome=%r)" % (state, self.outcome)

    # The host's commands

    async def run(
        self, mode=codes.MODE_APSC, role=codes.ROLE_STA, timeout_s=600, key=None, flags=0
    ):
        """Start a run and wait until it ends; arguments as start(). Returns the Outcome.

        ProvisioningError when it cannot start. Cancelling it stops the run.
        """
        code = self.start(mode, role, timeout_s, key, flags)
        if code:
            raise ProvisioningError(code)
        try:
            return await self.wait()
        except asyncio.CancelledError:
            self.stop()
            await self.wait()
            raise

    def start(
        self,
        mode,
        role=codes.ROLE_STA,
        timeout_s=600,
        key=None,
        flags=0,
        refuse_full=False,
        auto=False,
    ):
        """Start a run; returns 0, or TI's negative code after the status event that goes with it.

        mode: MODE_*. role: ROLE_STA or ROLE_AP, taken on success. timeout_s: 30 to 65535, ends a
        run that nobody uses. key: for SmartConfig, None or 16 bytes. flags:
        FLAG_EXTERNAL_CONFIRMATION or 0. refuse_full: a full profile list refuses the start, as
        TI's does; else the user is offered to replace one. auto: the status event AUTO_STARTED
        comes first. Source: SWRA513C 7.1.
        """
        global _running
        if isinstance(key, str):
            key = key.encode()
        code = _refusal(mode, role, timeout_s, key, flags, refuse_full)
        if code:
            return self._refused(code)
        self._before = list(sys.modules)
        from .run import Run

        try:
            self._run = Run(self, role, key)
        except (OSError, MemoryError) as error:
            print("provisioning: the radio cannot be used:", error)
            return self._refused(codes.ERROR_GENERAL)
        self._run.session.is_auto = auto
        self._timeout_ms = timeout_s * 1000
        self._ended.clear()
        self._threshold = gc.threshold()
        gc.threshold((gc.mem_alloc() + gc.mem_free()) // _HEAP_PARTS)
        _running = self
        if auto:
            return self.feed(machine.AUTO_START, mode)
        return self.feed(machine.START, mode | flags << 2)

    def stop(self, role=codes.ROLE_STA):
        """End the run; ROLE_REMAIN stays in the role of now. 0, or ERROR_CMD_NOT_EXPECTED.

        STATUS_STOPPED follows when the role is there: wait() for it. Source: SWRA513C 4.3.
        """
        return self.feed(machine.STOP, int(role == codes.ROLE_REMAIN))

    def abort(self):
        """The external confirmation failed: back to configuration (SWRA513C 5.1.2).

        Returns 0, or ERROR_CMD_NOT_EXPECTED when none is on.
        """
        return self.feed(machine.ABORT)

    def restarted(self):
        """The host did what EVENT_RESET_REQUEST asked for; confirmation goes on (SWRA513C 8.7)."""
        return self.feed(machine.RESTARTED)

    async def wait(self):
        """Wait until no run is on. Returns the Outcome of the last, None when there was none."""
        await self._ended.wait()
        return self.outcome

    # The machine

    def feed(self, event, arg=0):
        """Give the machine an event and do what it says. Returns 0 or the code of a refusal."""
        self.state, actions = machine.step(self.state, event, arg)
        code = 0
        for what, value in actions:
            if what == machine.REFUSE:
                code = self._refused(value)
            elif what == machine.NOTIFY:
                self._notify(value)
            elif what == machine.ARM:
                self._arm(value)
            elif what == machine.DISARM:
                self._deadlines.pop(value, None)
            elif what == machine.BEGIN:
                self.spawn("begin", self._run.begin)
            elif what == machine.JOIN:
                self.spawn("join", self._run.join, self._run.take_offers())
            elif what == machine.CANCEL:
                self._cancel("join")
            elif what == machine.COMMIT:
                self._run.commit()
            elif what == machine.ANNOUNCE:
                self.spawn("local", self._run.announce)
            elif what == machine.REOPEN:
                self._run.reopen(value)
            elif what == machine.REQUEST_RESET:
                self.tell(Event(codes.EVENT_RESET_REQUEST))
            elif what == machine.FINISH:
                self._finishing = asyncio.create_task(self._finish(value))
        return code

    def _refused(self, code):
        status = _REFUSALS.get(code)
        if status:
            self._notify(status)
        return code

    def _notify(self, status):
        event = Event(codes.EVENT_STATUS, status)
        if status == codes.STATUS_STOPPED:
            event.role = self.outcome.role
            if self.outcome.link:
                event.wlan_status = codes.WLAN_CONNECTED
                event.ssid = self.outcome.ssid
            self._ended.set()
        self.tell(event)

    def tell(self, event):
        """Give the host an Event."""
        if self.on_event:
            try:
                self.on_event(event)
            except Exception as error:  # the host's fault must not end the run
                sys.print_exception(error)

    async def _finish(self, how):
        """Close the run in the role that `how` says, then feed STOPPED."""
        global _running
        for task in list(self._tasks.values()):
            await tasks.end(task)
        self._tasks = {}
        self.outcome = await self._run.finish(how)
        self._run = self._finishing = None
        before, self._before = self._before, None
        try:
            drop_modules(lambda name: name.startswith("provisioning.") and name not in before)
        except MemoryError:
            pass  # they stay; the host gets its end
        _running = None
        gc.threshold(self._threshold)
        self.feed(machine.STOPPED)

    # Tasks and timers

    def spawn(self, name, function, *arguments):
        """Run a coroutine function as the task `name`, one at a time; raising feeds ERROR."""
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._guard(name, function, arguments))

    async def _guard(self, name, function, arguments):
        try:
            await function(*arguments)
            self._tasks.pop(name, None)
        except Exception as error:
            self._tasks.pop(name, None)
            print("provisioning: %s failed:" % name, error)
            self.feed(machine.ERROR)

    def _cancel(self, name):
        task = self._tasks.get(name)
        # A host that stops the run from within an event is called by the task itself: _finish()
        # ends it then (MicroPython: "can't cancel self").
        if task and task is not asyncio.current_task():
            del self._tasks[name]
            task.cancel()

    def _arm(self, timer):
        limit = self._timeout_ms
        if timer == machine.FEEDBACK_TIMER:
            limit = self._run.session.settings["feedback_timeout_ms"]
        self._deadlines[timer] = time.ticks_add(time.ticks_ms(), limit)
        self.spawn("timer%d" % timer, self._watch, timer)

    async def _watch(self, timer):
        # One task waits for the deadline, however often it moves: every request moves it. No port
        # tells that a phone joined the access point, so that is looked for.
        while timer in self._deadlines:
            left = time.ticks_diff(self._deadlines[timer], time.ticks_ms())
            if self._run.phone_came():
                self.feed(machine.ACTIVITY)
            elif left <= 0:
                del self._deadlines[timer]
                self.feed((machine.INACTIVE, machine.FEEDBACK_TIMEOUT)[timer])
                return
            else:
                await asyncio.sleep_ms(min(left, _LOOK_MS))


def _refusal(mode, role, timeout_s, key, flags, refuse_full):
    """TI's code for a start that cannot be, or 0."""
    if mode not in (0, 1, 2, 3) or role not in (codes.ROLE_STA, codes.ROLE_AP):
        return codes.ERROR_INVALID_PARAM
    if not isinstance(timeout_s, int) or not 30 <= timeout_s <= 65535 or flags not in (0, 1):
        return codes.ERROR_INVALID_PARAM
    if key is not None and not (isinstance(key, bytes) and len(key) == 16):
        return codes.ERROR_INVALID_PARAM
    if _running:
        return codes.ERROR_ALREADY_STARTED
    if mode == codes.MODE_SC:
        from . import methods

        if not methods.exists("smartconfig"):
            return codes.ERROR_GENERAL
    if refuse_full:
        from .profiles import Profiles

        if Profiles().is_full():
            return codes.ERROR_PROFILE_LIST_FULL
    return 0
