# Runs that the board starts by itself (SWRA513C 4.2), and what goes on beside them.
# MIT licence

import asyncio
import time

from micropython import const

from . import statemachine as machine
from .candidates import Candidates
from .codes import MODE_APSC, RESULT_FEEDBACK_FAILED, ROLE_REMAIN, ROLE_STA
from .provisioner import Provisioner
from .radio import Radio
from .settings import Settings

_LOOK_MS = const(250)
# How long nobody has used the access point before the stored networks are looked for: that takes
# the radio away from it for seconds. Each look in vain doubles it.
_ALONE_MS = const(30000)
_LONGEST_ALONE_MS = const(60000)
# How long a result that no phone fetched waits before the board goes on with its work (TI's R1
# library: 60 s).
_UNREAD_MS = const(60000)


def begin(on_event, timeout_s, auto=False):
    """Start a run, in mode AP+SC since this board has no keyboard. The Provisioner, or None."""
    provisioner = Provisioner(on_event)
    if provisioner.start(MODE_APSC, ROLE_STA, timeout_s, auto=auto):
        return None
    return provisioner


async def provision(on_event, is_wanted, shaky):
    """A run that nobody asked for, to its end. Returns the Link that is there then, or None.

    While nobody uses its access point, and is_wanted() is false, the stored networks are tried.
    """
    settings = Settings()
    provisioner = begin(on_event, settings["inactivity_s"], True)
    if provisioner is None:
        return None
    try:
        await _beside(provisioner, settings["one_role"], is_wanted, shaky)
    except asyncio.CancelledError:
        provisioner.stop()
        await provisioner.wait()
        raise
    return Candidates().link()


async def _beside(provisioner, one_role, is_wanted, shaky):
    radio = Radio()
    alone_ms = _ALONE_MS
    alone = unread = time.ticks_ms()

    def is_used():
        phase, _, _, _, pending = provisioner.state
        return phase != machine.CONFIG or pending or radio.stations() or is_wanted()

    while provisioner.state[0] != machine.OFF:
        await asyncio.sleep_ms(_LOOK_MS)
        now = time.ticks_ms()
        phase, _, _, result, _ = provisioner.state
        if phase != machine.CONFIG or result != RESULT_FEEDBACK_FAILED:
            unread = now
        elif time.ticks_diff(now, unread) >= _UNREAD_MS:
            provisioner.stop(ROLE_REMAIN)
        if is_used() or radio.is_linked() or one_role:
            alone = now
        elif time.ticks_diff(now, alone) >= alone_ms:
            if await _try(is_used, shaky):
                provisioner.stop(ROLE_REMAIN)
            alone = time.ticks_ms()
            alone_ms = min(2 * alone_ms, _LONGEST_ALONE_MS)


async def _try(is_used, shaky):
    """Try the stored networks while is_used() is false: is the board on one that lasts?"""
    try:
        link = await Candidates().join(is_used, True, shaky=shaky)
    except (OSError, MemoryError):
        return False
    return link and link.ssid != shaky
