# The state machine of a provisioning run: pure. No I/O, no clock, no network, no asyncio.
# MIT licence
#
# step(state, event, arg) -> (state, actions). Every pair is defined; what has no meaning changes
# nothing. A state is a tuple (phase, mode, flags, result, pending): pending says that a profile
# was offered and not tried yet. An action is a tuple (what, arg). Timers are actions and come
# back as events. Source: SWRA513C 4 to 8, reconstructed; what is ours is marked so.

from micropython import const

from .codes import (
    ERROR_ALREADY_STARTED,
    ERROR_CMD_NOT_EXPECTED,
    FLAG_EXTERNAL_CONFIRMATION,
    MODE_APSC_EXTERNAL,
    REASON_NO_ADDRESS,
    REASON_NOT_CONFIRMED,
    REASON_NOT_FOUND,
    RESULT_CONNECTION_FAILED,
    RESULT_FEEDBACK_FAILED,
    RESULT_IP_NOT_ACQUIRED,
    RESULT_NETWORK_NOT_FOUND,
    RESULT_NOT_STARTED,
    RESULT_SUCCESS,
    STATUS_AUTO_STARTED,
    STATUS_EXTERNAL_READY,
    STATUS_GENERAL_ERROR,
    STATUS_IP_ACQUIRED,
    STATUS_SC_SYNC_TIMEOUT,
    STATUS_SC_SYNCED,
    STATUS_STOPPED,
    STATUS_SUCCESS,
    STATUS_WLAN_CONNECT,
)

# Phases.
OFF = const(0)
STARTING = const(1)
CONFIG = const(2)
WAIT_RESET = const(
    3
)  # mode 3: the host has to restart the network processor before confirmation (8.7)
ASSOC = const(4)
ADDRESS = const(5)
HOLD = const(6)  # ours: a link that falls at once is not a success
FEEDBACK = const(7)
CLOUD = const(8)
STOPPING = const(9)
PHASES = const(10)

# Events; their arg in brackets.
START = const(0)  # [mode | flags << 2]
AUTO_START = const(1)  # [mode]
ROLE_READY = const(2)
ACTIVITY = const(3)
OFFERED = const(4)  # a profile was handed over
CONFIRM = const(5)
SC_SYNCED = const(6)
SC_LOST = const(7)
SC_COMPLETE = const(8)  # a profile was handed over that needs no confirm request
LINK_UP = const(9)
GOT_ADDRESS = const(10)
HELD = const(11)
NEXT = const(12)  # this candidate failed, there is another
FAILED = const(13)  # [REASON_*] all candidates failed
RESULT_READ = const(14)
FEEDBACK_TIMEOUT = const(15)
INACTIVE = const(16)
STOP = const(17)  # [1: stay in the current role]
ABORT = const(18)  # TI's command 5
RESTARTED = const(19)  # the host did what RESET_REQUEST asked for
ERROR = const(20)
STOPPED = const(21)  # the role switch is done
EVENTS = const(22)

# Actions; their arg in brackets.
REFUSE = const(0)  # [return code]
NOTIFY = const(1)  # [STATUS_*]
ARM = const(2)  # [timer]
DISARM = const(3)  # [timer]
BEGIN = const(4)  # save the role, open what the mode needs
JOIN = const(5)  # try the offered profiles
CANCEL = const(6)  # give the join up
COMMIT = const(7)  # store the profile that worked
REQUEST_RESET = const(8)
ANNOUNCE = const(9)  # local feedback: say on the joined network where the result is
REOPEN = const(10)  # [REASON_*, 0: as it is] local feedback ends: back to the user
FINISH = const(11)  # [RESTORE, TAKE or STAY]

# Timers.
INACTIVITY = const(0)
FEEDBACK_TIMER = const(1)

# How a run ends: the role of before, the role asked for, the role of now (4.3).
RESTORE = const(0)
TAKE = const(1)
STAY = const(2)

IDLE = (OFF, 0, 0, RESULT_NOT_STARTED, 0)

_NOTHING = ()


def step(state, event, arg=0):
    """The next state and the actions of `event` (with its `arg`) in `state`.

    Where TI is silent or wrong we decide: inactivity is suspended while a network is tried; a
    link has to last before it counts; result 4 read over the AP becomes success, later reads
    answer 5. With an external confirmation the host is told of the address when the link has
    lasted, since it may end the run from then on; what it aborts leaves result 4, and the phone
    that reads this makes no success of it; nor is there local feedback then.
    """
    phase = state[0]
    if phase == OFF:
        return _off(state, event, arg)
    if event == START or event == AUTO_START:
        return state, ((REFUSE, ERROR_ALREADY_STARTED),)
    if event == ABORT and phase != CLOUD:
        return state, ((REFUSE, ERROR_CMD_NOT_EXPECTED),)
    if phase == STOPPING:
        if event == STOPPED:
            return _to(state, OFF), ((NOTIFY, STATUS_STOPPED),)
        return state, _NOTHING
    if event == STOP:
        return _stop(state, arg)
    if event == OFFERED:
        state = state[:4] + (1,)
    return _RUNNING[phase](state, event, arg)


def _off(state, event, arg):
    if event == START:
        return (STARTING, arg & 3, arg >> 2, RESULT_NOT_STARTED, 0), ((BEGIN, 0),)
    if event == AUTO_START:
        begin = ((NOTIFY, STATUS_AUTO_STARTED), (BEGIN, 0))
        return (STARTING, arg & 3, 0, RESULT_NOT_STARTED, 0), begin
    if event == STOP or event == ABORT:
        return state, ((REFUSE, ERROR_CMD_NOT_EXPECTED),)
    return state, _NOTHING


def _starting(state, event, arg):
    if event == ROLE_READY:
        if state[1] == MODE_APSC_EXTERNAL:
            return _to(state, CONFIG), ((ARM, INACTIVITY), (NOTIFY, STATUS_EXTERNAL_READY))
        return _to(state, CONFIG), ((ARM, INACTIVITY),)
    if event == ERROR:
        return _to(state, STOPPING), ((NOTIFY, STATUS_GENERAL_ERROR), (FINISH, RESTORE))
    return state, _NOTHING


def _config(state, event, arg):
    if event == CONFIRM and state[4] or event == SC_COMPLETE:
        if state[1] == MODE_APSC_EXTERNAL:
            return _to(state, WAIT_RESET), ((ARM, INACTIVITY), (REQUEST_RESET, 0))
        return _confirm(state)
    late = state[3] == RESULT_FEEDBACK_FAILED and not state[2] & FLAG_EXTERNAL_CONFIRMATION
    if event == RESULT_READ and late:
        # Fetched late, over the AP: that counts as delivered (5.2).
        return _succeed(state, INACTIVITY)
    if event in (ACTIVITY, OFFERED, CONFIRM, RESULT_READ):
        return state, ((ARM, INACTIVITY),)
    if event == SC_SYNCED:
        return state, ((ARM, INACTIVITY), (NOTIFY, STATUS_SC_SYNCED))
    if event == SC_LOST:
        return state, ((NOTIFY, STATUS_SC_SYNC_TIMEOUT),)
    return _waiting(state, event)


def _wait_reset(state, event, arg):
    if event == RESTARTED:
        return _confirm(state)
    return _waiting(state, event)


def _waiting(state, event):
    """What all phases share in which the inactivity timer runs."""
    if event == INACTIVE:
        return _to(state, STOPPING), ((FINISH, RESTORE),)
    if event == ERROR:
        return state, ((NOTIFY, STATUS_GENERAL_ERROR),)
    return state, _NOTHING


def _assoc(state, event, arg):
    if event == LINK_UP:
        return _to(state, ADDRESS), ((NOTIFY, STATUS_WLAN_CONNECT),)
    return _trying(state, event, arg)


def _address(state, event, arg):
    if event == GOT_ADDRESS:
        if state[2] & FLAG_EXTERNAL_CONFIRMATION:
            return _to(state, HOLD), _NOTHING
        return _to(state, HOLD), ((NOTIFY, STATUS_IP_ACQUIRED),)
    return _trying(state, event, arg)


def _hold(state, event, arg):
    if event == HELD:
        if state[2] & FLAG_EXTERNAL_CONFIRMATION:
            # The network itself works: it is stored, whatever the cloud says (5.1.2).
            actions = ((ARM, INACTIVITY), (NOTIFY, STATUS_IP_ACQUIRED), (COMMIT, 0))
            return _to(state, CLOUD), actions
        # The result waits to be read from now on.
        actions = ((ARM, FEEDBACK_TIMER), (ANNOUNCE, 0), (COMMIT, 0))
        return _to(state, FEEDBACK, RESULT_SUCCESS), actions
    return _trying(state, event, arg)


def _trying(state, event, arg):
    """What all phases share in which a network is tried."""
    if event == NEXT:
        return _to(state, ASSOC), _NOTHING
    if event == FAILED:
        result = {
            REASON_NOT_FOUND: RESULT_NETWORK_NOT_FOUND,
            REASON_NO_ADDRESS: RESULT_IP_NOT_ACQUIRED,
        }.get(arg, RESULT_CONNECTION_FAILED)
        # Results 1 to 3 are the statuses of the same number.
        return _to(state, CONFIG, result), ((NOTIFY, result), (ARM, INACTIVITY))
    if event == ERROR:
        return _broken(state, CANCEL, 0)
    return state, _NOTHING


def _feedback(state, event, arg):
    if event == RESULT_READ:
        return _succeed(state, FEEDBACK_TIMER)
    if event == FEEDBACK_TIMEOUT:
        actions = ((NOTIFY, RESULT_FEEDBACK_FAILED), (ARM, INACTIVITY), (REOPEN, 0))
        return _to(state, CONFIG, RESULT_FEEDBACK_FAILED), actions
    if event == ERROR:
        return _broken(state, DISARM, FEEDBACK_TIMER)
    return state, _NOTHING


def _cloud(state, event, arg):
    if event == ABORT:
        actions = ((ARM, INACTIVITY), (REOPEN, REASON_NOT_CONFIRMED))
        return _to(state, CONFIG, RESULT_FEEDBACK_FAILED), actions
    if event == ERROR:
        return _broken(state, DISARM, INACTIVITY)
    return _waiting(state, event)


def _broken(state, undo, arg):
    """Something of ours failed, storing the network for example: it is no success."""
    actions = ((undo, arg), (NOTIFY, STATUS_GENERAL_ERROR), (ARM, INACTIVITY), (REOPEN, 0))
    return _to(state, CONFIG, RESULT_CONNECTION_FAILED), actions


def _confirm(state):
    return (ASSOC, state[1], state[2], RESULT_NOT_STARTED, 0), ((DISARM, INACTIVITY), (JOIN, 0))


def _succeed(state, timer):
    actions = ((DISARM, timer), (NOTIFY, STATUS_SUCCESS), (FINISH, TAKE))
    return _to(state, STOPPING, RESULT_SUCCESS), actions


def _stop(state, stay):
    actions = ((DISARM, INACTIVITY), (DISARM, FEEDBACK_TIMER), (FINISH, STAY if stay else RESTORE))
    if state[0] in (ASSOC, ADDRESS, HOLD):
        actions = ((CANCEL, 0),) + actions
    if state[0] == CLOUD and stay:
        # The host says that the cloud has seen the board (5.1.2).
        state = _to(state, CLOUD, RESULT_SUCCESS)
    return _to(state, STOPPING), actions


def _to(state, phase, result=-1):
    return (phase, state[1], state[2], state[3] if result < 0 else result, state[4])


# Indexed by phase.
_RUNNING = (
    None,
    _starting,
    _config,
    _wait_reset,
    _assoc,
    _address,
    _hold,
    _feedback,
    _cloud,
)
