# Feedback that does not need the board's own network: a cloud says whether the board arrived.
# MIT licence
#
# What all clouds share. How one is asked is in mqtt.py, or in the application.

import asyncio
import time

from micropython import const

from ..codes import FLAG_EXTERNAL_CONFIRMATION, ROLE_REMAIN
from ..statemachine import CLOUD, OFF

_LOOK_MS = const(100)
_RETRY_MS = const(3000)


async def confirm(host, ask, timeout_s=60):
    """See the run that is on through its confirmations by a cloud. Returns its Outcome.

    host: the Provisioner, or the Host, whose run was started with FLAG_EXTERNAL_CONFIRMATION.
    ask(): a coroutine function, called whenever a network was joined. It returns True when the
    cloud has seen the board: the run ends as a success, on that network. False: the cloud refuses,
    and the run goes back to configuration. If it raises an Exception, it is called again 3 s
    later. timeout_s: 5 to 600, how long all that may take; then it is a refusal. The inactivity
    of the run should be longer, since it ends the run.

    ValueError: no such run is on, or timeout_s is none. Cancelling it leaves the run alone.
    Source: SWRA513C 5.1.2.
    """
    if not isinstance(timeout_s, int) or not 5 <= timeout_s <= 600:
        raise ValueError("timeout_s: %r is not 5 to 600" % timeout_s)
    provisioner = getattr(host, "provisioner", host)
    if provisioner.state[0] == OFF or not provisioner.state[2] & FLAG_EXTERNAL_CONFIRMATION:
        raise ValueError("start a run with flags=FLAG_EXTERNAL_CONFIRMATION first")
    while provisioner.state[0] != OFF:
        if provisioner.state[0] == CLOUD:
            if await _answer(provisioner, ask, timeout_s * 1000):
                provisioner.stop(ROLE_REMAIN)
            else:
                provisioner.abort()  # it does nothing if somebody else ended that meanwhile
        await asyncio.sleep_ms(_LOOK_MS)
    return await provisioner.wait()


async def _answer(provisioner, ask, limit_ms):
    """What the cloud says within limit_ms; None when that is nothing."""
    start = time.ticks_ms()
    answers = []
    task = None
    try:
        while provisioner.state[0] == CLOUD:
            if answers and answers[0] is not None:
                return answers[0]
            if time.ticks_diff(time.ticks_ms(), start) >= limit_ms:
                print("provisioning: the cloud said nothing in time")
                return None
            if task is None or answers:
                answers.clear()
                task = asyncio.create_task(_note(ask, answers, _RETRY_MS if task else 0))
            await asyncio.sleep_ms(_LOOK_MS)
    finally:
        if task:
            task.cancel()


async def _note(ask, answers, pause_ms):
    # Not awaited: what is raised is handled here.
    await asyncio.sleep_ms(pause_ms)
    try:
        answers.append(bool(await ask()))
    except Exception as error:
        print("provisioning: the cloud cannot be asked:", type(error).__name__, error)
        answers.append(None)
