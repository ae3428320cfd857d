# The state machine: every pair of state and event, and the sequences of the report.
# MIT licence

import harness  # noqa: F401  gives CPython what MicroPython has
from provisioning import codes
from provisioning import statemachine as sm

_ARGS = {
    sm.START: tuple(mode | flags << 2 for mode in range(4) for flags in range(2)),
    sm.AUTO_START: (0, 1, 2, 3),
    sm.FAILED: (1, 2, 3, 4, 5, 6),
    sm.STOP: (0, 1),
}


def _states():
    for phase in range(sm.PHASES):
        for mode in range(4):
            for flags in range(2):
                for result in range(6):
                    for pending in range(2):
                        yield phase, mode, flags, result, pending


def _events():
    for event in range(sm.EVENTS):
        for arg in _ARGS.get(event, (0,)):
            yield event, arg


def test_every_pair_of_state_and_event_is_defined():
    pairs = 0
    for state in _states():
        for event, arg in _events():
            after, actions = sm.step(state, event, arg)
            pairs += 1
            assert len(after) == 5 and 0 <= after[0] < sm.PHASES and 0 <= after[3] <= 5, (
                state,
                event,
            )
            for what, value in actions:
                assert sm.REFUSE <= what <= sm.FINISH, (state, event, what)
                if what == sm.NOTIFY:
                    assert 0 <= value <= 17, (state, event, value)
            finishes = [value for what, value in actions if what == sm.FINISH]
            # The end is announced once: on the way into STOPPING, and nowhere else.
            entered = after[0] == sm.STOPPING and state[0] != sm.STOPPING
            assert len(finishes) == (1 if entered else 0), (state, event)
            stopped = (sm.NOTIFY, codes.STATUS_STOPPED) in actions
            assert stopped == (state[0] == sm.STOPPING and after[0] == sm.OFF), (state, event)
    assert pairs == 10 * 4 * 2 * 6 * 2 * (22 - 4 + 8 + 4 + 6 + 2)


def test_a_start_while_running_is_refused_and_changes_nothing():
    for state in _states():
        if state[0] != sm.OFF:
            after, actions = sm.step(state, sm.START, codes.MODE_AP)
            assert after == state and actions == ((sm.REFUSE, codes.ERROR_ALREADY_STARTED),)


def test_stop_is_refused_when_off_and_ends_every_running_phase():
    for state in _states():
        after, actions = sm.step(state, sm.STOP, 0)
        if state[0] == sm.OFF:
            assert actions == ((sm.REFUSE, codes.ERROR_CMD_NOT_EXPECTED),)
        else:
            assert after[0] == sm.STOPPING
            if state[0] == sm.STOPPING:
                assert not actions  # harmless, still one STOPPED


def _walk(*events):
    """Statuses that the host sees, and the last state."""
    state, seen = sm.IDLE, []
    for event in events:
        event, arg = event if isinstance(event, tuple) else (event, 0)
        state, actions = sm.step(state, event, arg)
        seen += [value for what, value in actions if what == sm.NOTIFY]
    return seen, state


_UP_TO_JOIN = ((sm.START, codes.MODE_APSC), sm.ROLE_READY, sm.OFFERED, sm.CONFIRM)
_UP_TO_RESULT = _UP_TO_JOIN + (sm.LINK_UP, sm.GOT_ADDRESS, sm.HELD)


def test_ap_provisioning_as_in_8_4():
    seen, state = _walk(*_UP_TO_RESULT, sm.RESULT_READ, sm.STOPPED)
    assert seen == [15, 16, 5, 12]
    assert state[0] == sm.OFF and state[3] == 5


def test_result_4_read_later_becomes_success_as_in_8_3():
    seen, state = _walk(*_UP_TO_RESULT, sm.FEEDBACK_TIMEOUT)
    assert seen == [15, 16, 4] and state[0] == sm.CONFIG and state[3] == 4
    seen, state = _walk(*_UP_TO_RESULT, sm.FEEDBACK_TIMEOUT, sm.RESULT_READ, sm.STOPPED)
    assert seen == [15, 16, 4, 5, 12] and state[3] == 5


def test_no_address_goes_back_to_configuration_as_in_8_2():
    seen, state = _walk(*_UP_TO_JOIN, sm.LINK_UP, (sm.FAILED, codes.REASON_NO_ADDRESS))
    assert seen == [15, 3] and state[0] == sm.CONFIG and state[3] == 3


def test_external_confirmation_as_in_8_5():
    start = (sm.START, codes.MODE_APSC | codes.FLAG_EXTERNAL_CONFIRMATION << 2)
    events = (start,) + _UP_TO_RESULT[1:]
    seen, state = _walk(*events, (sm.STOP, 1), sm.STOPPED)
    assert seen == [15, 16, 12] and state[3] == 5
    seen, state = _walk(*events, sm.RESULT_READ)
    assert seen == [15, 16] and state[0] == sm.CLOUD, "a phone cannot end what the cloud decides"
    assert _walk(*events[:-1])[0] == [15], "16 comes when the host may act on it"
    seen, state = _walk(*events, sm.ABORT)
    assert seen == [15, 16] and state[0] == sm.CONFIG and state[3] == 4
    seen, state = _walk(*events, sm.ABORT, sm.RESULT_READ)
    assert seen == [15, 16] and state[0] == sm.CONFIG, "nor what it refused"


def test_external_configuration_as_in_8_7():
    start = (sm.START, codes.MODE_APSC_EXTERNAL)
    seen, state = _walk(start, sm.ROLE_READY, sm.SC_SYNCED, sm.OFFERED, sm.SC_COMPLETE)
    assert seen == [17, 13] and state[0] == sm.WAIT_RESET
    rest = (sm.RESTARTED, sm.LINK_UP, sm.GOT_ADDRESS, sm.HELD, sm.RESULT_READ, sm.STOPPED)
    seen, state = _walk(start, sm.ROLE_READY, sm.SC_SYNCED, sm.OFFERED, sm.SC_COMPLETE, *rest)
    assert seen == [17, 13, 15, 16, 5, 12]


def test_local_feedback_is_on_in_its_phase_alone():
    # Until TI's chip is through with it: it begins with the phase, and ends on every way out.
    for state in _states():
        for event, arg in _events():
            after, actions = sm.step(state, event, arg)
            whats = [what for what, _ in actions]
            entered = after[0] == sm.FEEDBACK and state[0] != sm.FEEDBACK
            assert (sm.ANNOUNCE in whats) == entered, (state, event)
            if entered:
                assert not state[2] & codes.FLAG_EXTERNAL_CONFIRMATION
            if state[0] == sm.FEEDBACK and after[0] != sm.FEEDBACK:
                assert sm.REOPEN in whats or sm.FINISH in whats, (state, event)


def test_confirm_without_an_offer_does_nothing():
    seen, state = _walk((sm.START, codes.MODE_AP), sm.ROLE_READY, sm.CONFIRM)
    assert seen == [] and state[0] == sm.CONFIG and state[3] == 0


def test_inactivity_restores_the_role_but_never_during_confirmation():
    state = _walk((sm.START, codes.MODE_AP), sm.ROLE_READY)[1]
    state, actions = sm.step(state, sm.INACTIVE)
    assert (sm.FINISH, sm.RESTORE) in actions
    for phase in (sm.ASSOC, sm.ADDRESS, sm.HOLD, sm.FEEDBACK):
        assert sm.step((phase, 0, 0, 0, 0), sm.INACTIVE) == ((phase, 0, 0, 0, 0), ())
