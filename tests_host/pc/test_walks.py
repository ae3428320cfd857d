# Random walks through the state machine: what must hold whatever happens.
# MIT licence

import os

from hypothesis import given, settings
from hypothesis import strategies as st

import harness  # noqa: F401  gives CPython what MicroPython has
from provisioning import codes
from provisioning import statemachine as sm

WALKS = 100000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 2000

_simple = [n for n in range(sm.EVENTS) if n not in (sm.START, sm.AUTO_START, sm.FAILED, sm.STOP)]
_likely = [sm.ROLE_READY, sm.OFFERED, sm.CONFIRM, sm.LINK_UP, sm.GOT_ADDRESS, sm.HELD, sm.STOPPED]
events = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(_likely), st.just(0)),
        st.tuples(st.sampled_from(_simple), st.just(0)),
        st.tuples(st.just(sm.START), st.integers(0, 7)),
        st.tuples(st.just(sm.AUTO_START), st.integers(0, 3)),
        st.tuples(st.just(sm.FAILED), st.integers(1, 6)),
        st.tuples(st.just(sm.STOP), st.integers(0, 1)),
    ),
    max_size=40,
)


@settings(max_examples=WALKS, deadline=None, database=None)
@given(events)
def test_invariants_hold_on_random_walks(walk):
    state = sm.IDLE
    running = False  # between a start that was taken and its STOPPED
    worked = False  # the network tried now held its link
    finish = None
    timers = set()
    for event, arg in walk:
        before = state
        state, actions = sm.step(state, event, arg)
        for what, value in actions:
            if what == sm.BEGIN:
                assert not running
                running, worked, finish = True, False, None
            elif what == sm.JOIN:
                worked = False
                assert sm.INACTIVITY not in timers, "nobody is inactive while a network is tried"
            elif what == sm.COMMIT:
                assert before[0] == sm.HOLD and event == sm.HELD, "only what worked is stored"
                worked = True
            elif what == sm.ARM:
                timers.add(value)
            elif what == sm.DISARM:
                timers.discard(value)
            elif what == sm.FINISH:
                assert running and finish is None, "one end for each start"
                finish = value
                if value == sm.TAKE:
                    assert worked or state[3] == codes.RESULT_SUCCESS
            elif what == sm.NOTIFY and value == codes.STATUS_STOPPED:
                assert running and finish is not None and event == sm.STOPPED
                running = False
                assert actions[-1] == (what, value), "STOPPED comes last"
            elif what == sm.NOTIFY and value == codes.STATUS_SUCCESS:
                assert state[3] == codes.RESULT_SUCCESS and state[0] == sm.STOPPING
            elif what == sm.NOTIFY:
                assert running or event == sm.AUTO_START, "no event of a run outside it"
        if state[0] == sm.OFF:
            assert not running
        if state[3] == codes.RESULT_SUCCESS and before[3] != codes.RESULT_SUCCESS:
            assert before[0] in (sm.HOLD, sm.CLOUD, sm.CONFIG), "success is reached, not assumed"
        if state[3] == codes.RESULT_SUCCESS and before[0] == sm.CONFIG and state[0] != sm.CONFIG:
            assert before[3] == codes.RESULT_FEEDBACK_FAILED
