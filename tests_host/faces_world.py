# A simulated board under both vendors' faces, a user and a radio with faults: for random walks.
# MIT licence

import asyncio
import builtins

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import harness
import shim
from engine import stored
from shim import clock
from ti_host import TiHost

# Phases of the machine (statemachine.py).
OFF, CONFIG, WAIT_RESET, ASSOC, CLOUD, STOPPING = 0, 2, 3, 4, 8, 9
_BEGIN = 4  # the action with which a run begins

RIGHT = {
    "HomeNet": "correct horse battery",
    "CafeFree": "",
    "50% off & más ☕": 'p%40ss&w=rd+;ñ"',
    "Future": "saefuture",
}
WRONG = {
    "HomeNet": "incorrect donkey",
    "Basement": "basement1",
    "Flaky": "flakyflaky",
    "SchoolNet": "no such luck",
    "Nowhere": "whatever it is",
}
NETWORKS = st.sampled_from(list(RIGHT.items()) + list(WRONG.items()))


class _NoGc:
    collect = staticmethod(lambda: 0)


class World:
    """One board. Its event loop runs only within run(), call() and wait().

    ti: TI's host program. qth: Quectel's face. host: the Host. runs, ends: how many the machine
    began, and how many an event has told the end of. said: what was shown to anybody.
    """

    def __init__(self, name):
        clock.start(True)
        self.board = harness.Board(name)
        self._print, builtins.print = builtins.print, self.board.print
        self._runner = asyncio.Runner(loop_factory=shim.cpython.Loop)
        self._runner.get_loop().set_exception_handler(self._failed)
        self.failures = []
        self.said = []
        self.told = []  # Quectel's events
        self.runs = self.ends = 0
        self.board.reboot()
        self.run(self._begin())

    async def _begin(self):
        import provisioning
        import qth_wifi
        from provisioning import headers, report, statemachine, structures  # noqa: F401

        provisioning.gc = _NoGc  # CPython has the room, and takes its time
        self.ti, self.qth = TiHost(start=False), qth_wifi
        self.host = provisioning.host.get()
        self.host.listen(self._heard)
        assert qth_wifi.Qth_configSetEventCb(lambda *told: self.told.append(told)) == 0
        step = statemachine.step

        def watched(state, event, arg=0):
            after, actions = step(state, event, arg)
            self.runs += (_BEGIN, 0) in actions
            return after, actions

        statemachine.step = watched

    def _failed(self, loop, context):
        self.failures.append(context.get("exception") or RuntimeError(context["message"]))

    def _heard(self, event):
        self.said.append(repr(event))
        if event.id == 13 and 6 <= event.status <= 10:
            return  # a start was refused
        assert self.runs == self.ends + 1, "no event of a run outside one: %r" % event
        if event.id == 13 and event.status == 12:
            self.ends += 1
            assert self.phase == OFF
            # What the end says is so.
            assert (event.role == 2) == self.board.ap.active(), event
            assert (event.wlan_status == 3) == bool(event.ssid and self.board.sta.isconnected())

    def run(self, coroutine):
        loop = self._runner.get_loop()
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(coroutine)

    def call(self, function, *arguments):
        """Call a function from within the event loop.

        before, after: the phases around it, since tasks may run before and after the call.
        blocked: was TI's API blocked? began: how many runs it began.
        """

        async def call():
            self.before, self.blocked, runs = self.phase, self.is_blocked(), self.runs
            result = function(*arguments)
            self.after, self.began = self.phase, self.runs - runs
            return result

        return self.run(call())

    def wait(self, ms):
        self.run(self.board.sleep_ms(ms))

    def end(self):
        try:
            self._runner.close()
        finally:
            asyncio.set_event_loop(None)
            builtins.print = self._print
            self.board.remove()
            harness.forget()
            clock.start(False)

    @property
    def state(self):
        return self.host.provisioner.state

    @property
    def phase(self):
        return self.state[0]

    @property
    def session(self):
        """The portal's user's way in, or None when nobody listens."""
        return self.ti.portal.session if self.ti.portal.is_open else None

    def is_blocked(self):
        """Does the report say that TI's API is blocked now (SWRA513C 7.5)?"""
        phase, mode, flags = self.state[:3]
        if mode == 3 and phase in (CONFIG, WAIT_RESET):
            return False
        if flags == 1 and phase == CLOUD:
            return False
        return phase != OFF

    def stored(self):
        return dict(stored())


class Walk(RuleBasedStateMachine):
    """What happens to a board whatever its program is: users, time, faults; and what must hold."""

    def __init__(self):
        super().__init__()
        self.world = None
        self.untried = set()  # networks that the program stored

    @initialize(name=st.sampled_from(["esp32", "rp2"]), policy=st.sampled_from([0, 1, 0x21]))
    def power_up(self, name, policy):
        self.world = World(name)
        self.world.call(self._set_policy, policy)
        self.begin()

    def _set_policy(self, policy):
        from provisioning.settings import Settings

        Settings().update(policy=policy)

    def begin(self):
        """The program's first calls."""

    def finish(self):
        """The program's last calls: nothing goes on after them."""

    def teardown(self):
        world = self.world
        if not world:
            return
        try:
            self.finish()
            world.call(world.host.unkeep)
            world.wait(200000)
            self.settled()
            assert world.phase == OFF and world.runs == world.ends
            assert world.failures == []
            said = "\n".join(world.board.output + world.said)
            for ssid, key in list(RIGHT.items()) + list(WRONG.items()):
                assert not key or key not in said, ssid
        finally:
            world.end()

    def settled(self):
        """What must hold when nothing goes on any more."""

    # The user

    def _offer(self, offer):
        from provisioning.profiles import ProfilesFull

        try:
            self.world.call(offer)
        except ProfilesFull:
            pass

    @precondition(lambda self: self.world.session)
    @rule(network=NETWORKS, confirm=st.booleans())
    def hand_over(self, network, confirm):
        from provisioning.profiles import Profile

        session = self.world.session
        self._offer(lambda: session.offer(Profile(*network)))
        if confirm:
            self.world.call(session.confirm)

    @precondition(lambda self: self.world.ti.smartconfig.is_open)
    @rule(network=NETWORKS, complete=st.booleans())
    def transmit(self, network, complete):
        from provisioning.profiles import Profile

        session = self.world.ti.smartconfig.session
        self.world.call(session.synced)
        if complete:
            self._offer(lambda: session.complete(Profile(*network)))
        else:
            self.world.call(session.sync_lost)

    @precondition(lambda self: self.world.session)
    @rule()
    def fetch(self):
        assert 0 <= self.world.call(self.world.session.read_result) <= 5

    # Time and the radio

    @rule(ms=st.sampled_from([1, 50, 700, 3000, 12000, 45000]))
    def wait(self, ms):
        self.world.wait(ms)

    @rule(ssid=st.sampled_from(list(RIGHT)), present=st.booleans())
    def router(self, ssid, present):
        for router in self.world.board.air.routers:
            if router.ssid == ssid.encode():
                router.present = present
        self.world.wait(1)

    @rule(dhcp_ms=st.sampled_from([400, None]), loss=st.sampled_from([0, 50]))
    def fault(self, dhcp_ms, loss):
        for router in self.world.board.air.routers:
            if router.ssid == b"HomeNet":
                router.dhcp_ms = dhcp_ms
                router.loss = loss

    # What holds after each step

    @invariant()
    def the_events_tell_what_the_machine_does(self):
        if self.world:
            assert self.world.runs - self.world.ends == int(self.world.phase != OFF)
            assert self.world.failures == []

    @invariant()
    def the_status_is_that_of_the_machine(self):
        if self.world:
            self.world.call(self._compare_status)

    def _compare_status(self):
        status, phase = self.world.host.status(), self.world.phase
        assert (status.state == "off") == (phase == OFF), (status.state, phase)
        assert (status.state == "stopping") == (phase == STOPPING), (status.state, phase)
        assert (status.link is not None) == self.world.board.sta.isconnected()
        self.world.said.append(repr(status))

    @invariant()
    def only_what_worked_is_stored(self):
        for ssid, key in self.world.stored().items() if self.world else ():
            worked = RIGHT.get(ssid.decode(), "-").encode() == key
            assert worked or (ssid, key) in self.untried, ssid
