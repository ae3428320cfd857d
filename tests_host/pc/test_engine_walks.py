# Random users, hosts and worlds against whole runs on simulated boards: what must always hold.
# MIT licence

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import simulated

WALKS = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 60

# Those that work, with their keys, and what else a user may type.
RIGHT = {
    "HomeNet": "correct horse battery",
    "CafeFree": "",
    "50% off & más ☕": 'p%40ss&w=rd+;ñ"',
    "Hidden One": "peekaboo42",
    "Future": "saefuture",
}
WRONG = {
    "HomeNet": "incorrect donkey",
    "Basement": "basement1",
    "Flaky": "flakyflaky",
    "SchoolNet": "no such luck",
    "Nowhere": "whatever it is",
}
NETWORKS = list(RIGHT.items()) + list(WRONG.items())

steps = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.sampled_from(NETWORKS)),
        st.tuples(st.just("confirm"), st.none()),
        st.tuples(st.just("confirm"), st.none()),
        st.tuples(st.just("read"), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([1, 50, 700, 3000, 12000, 45000])),
        st.tuples(st.just("stop"), st.sampled_from([0, 0xFF])),
        st.tuples(st.just("abort"), st.none()),
        st.tuples(st.just("start again"), st.none()),
        st.tuples(st.just("router"), st.tuples(st.sampled_from(list(RIGHT)), st.booleans())),
        st.tuples(st.just("scan"), st.none()),
    ),
    max_size=14,
)


class Host:
    """Does the steps, and keeps what the board said and did."""

    def __init__(self, board, engine):
        self.board = board
        self.engine = engine

    async def do(self, step, value):
        session, provisioner = self.engine.portal.session, self.engine.provisioner
        if step == "offer":
            from provisioning.profiles import Profile

            if self.running():
                session.offer(Profile(*value))
        elif step == "confirm" and self.running():
            session.confirm()
        elif step == "read" and self.running():
            assert 0 <= session.read_result() <= 5
        elif step == "wait":
            await self.board.sleep_ms(value)
        elif step == "stop":
            provisioner.stop(value)
        elif step == "abort":
            provisioner.abort()
        elif step == "start again":
            provisioner.start(0)
        elif step == "router":
            for router in self.board.air.routers:
                if router.ssid == value[0].encode():
                    router.present = value[1]
        elif step == "scan" and self.running():
            session.request_scan()

    def running(self):
        return self.engine.provisioner._run is not None


@settings(max_examples=WALKS, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["esp32", "rp2"]), st.sampled_from([0, 2]), st.integers(0, 1), steps)
def test_whatever_happens(name, role, flags, walk):
    async def test(board):
        from engine import Engine, stored

        engine = Engine(print)
        await engine.open(0, role=role, timeout_s=30, flags=flags)
        host = Host(board, engine)
        for step, value in walk:
            await host.do(step, value)
        engine.provisioner.stop()
        outcome = await engine.provisioner.wait()
        await board.sleep_ms(60000)

        # One end for each start, and nothing after it.
        statuses = [s for s in engine.statuses if s not in (7, 10)]
        assert statuses[-1] == 12, statuses
        starts = 1 + sum(step == "start again" for step, _ in walk)
        assert 1 <= statuses.count(12) <= starts
        assert not host.running() and not engine.portal.is_open

        # The role is the one that the end promised.
        assert outcome.role in (0, 2) and engine.events[-1].role == outcome.role
        assert board.ap.active() == (outcome.role == 2)
        if outcome.result != 5:
            assert outcome.role != 2 or role == 2 or any(s == "stop" for s, _ in walk)

        # Only what worked is stored, and nothing that was is lost.
        for ssid, key in stored():
            assert RIGHT[ssid.decode()].encode() == key, ssid

        # No password of a network in what the board says.
        said = "\n".join(board.output + [repr(event) for event in engine.events])
        for _, key in NETWORKS:
            assert not key or key not in said

    simulated(name)(test)()
