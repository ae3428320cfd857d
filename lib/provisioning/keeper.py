# Stays online: stored networks by priority, and provisioning when none is there.
# MIT licence

import asyncio
import time

from micropython import const

from .codes import (
    EVENT_STATUS,
    MODE_APSC,
    RESULT_FEEDBACK_FAILED,
    ROLE_REMAIN,
    ROLE_STA,
    STATUS_FEEDBACK_FAILED,
)
from .identity import Identity
from .profiles import Profiles
from .radio import JoinError, Radio
from .settings import Settings

_PAUSE_MS = const(5000)
_POLICY_FAST = const(2)
# How long a result that no phone fetched waits before the board goes on with its work (TI's R1
# library: 60 s).
_UNREAD_MS = const(60000)


async def online(on_event=None):
    """See provisioning.online()."""
    settings = Settings()
    while True:
        link = await _stored(settings)
        if link is None:
            link = await _provision(settings, on_event)
        if link:
            return link
        await asyncio.sleep_ms(_PAUSE_MS)


def forget():
    """Delete all stored networks. The board's name and key stay."""
    Profiles().clear()


async def _stored(settings):
    """Join a stored network, trying for offline_s. The Link, or None."""
    profiles = Profiles()
    if not profiles.all():
        return None
    radio = Radio(settings["country"])
    radio.set_hostname(Identity(settings["name_prefix"]).name)
    start = time.ticks_ms()
    # Without a search is the quickest way on-line: a single network, or with TI's policy 'fast'
    # the last one.
    link = None
    if len(profiles.all()) == 1 or settings["policy"] & _POLICY_FAST:
        first = profiles.last() or profiles.all()[0]
        link = await _join(radio, profiles, settings, first, None)
    while link is None:
        for profile, seen in _candidates(radio, profiles):
            link = await _join(radio, profiles, settings, profile, seen)
            if link:
                return link
        if time.ticks_diff(time.ticks_ms(), start) > settings["offline_s"] * 1000:
            return None
        await asyncio.sleep_ms(_PAUSE_MS)
    return link


async def _join(radio, profiles, settings, profile, seen):
    try:
        link = await radio.join(profile, seen, settings=settings)
    except JoinError:
        return None
    profiles.connected(profile)
    return link


def _candidates(radio, profiles):
    """Stored networks in range: by priority, security, signal. Then those that no scan shows."""
    try:
        networks = radio.scan()
    except OSError:
        networks = ()
    found, unseen = [], []
    for profile in profiles.all():
        seen = None
        for network in networks:
            if network.ssid == profile.ssid and (seen is None or network.rssi > seen.rssi):
                seen = network
        if seen:
            found.append(((profile.priority, seen.security, seen.rssi), profile, seen))
        elif profile.hidden or not networks:
            unseen.append((profile, None))
    found.sort(key=lambda entry: entry[0], reverse=True)
    return [(profile, seen) for _, profile, seen in found] + unseen


async def _provision(settings, on_event):
    """One provisioning run. The Link, or None when nobody came."""
    from .provisioner import Provisioner

    unread = []  # the task that waits for a phone to fetch its result

    def watch(event):
        if event.id == EVENT_STATUS and event.status == STATUS_FEEDBACK_FAILED:
            unread.append(asyncio.create_task(_leave_unread(provisioner)))
        if on_event:
            on_event(event)

    provisioner = Provisioner(watch)
    if provisioner.start(MODE_APSC, ROLE_STA, settings["inactivity_s"], auto=True):
        return None
    try:
        return (await provisioner.wait()).link
    except asyncio.CancelledError:
        provisioner.stop()
        await provisioner.wait()
        raise
    finally:
        for task in unread:
            task.cancel()


async def _leave_unread(provisioner):
    await asyncio.sleep_ms(_UNREAD_MS)
    if provisioner.state[3] == RESULT_FEEDBACK_FAILED:
        provisioner.stop(ROLE_REMAIN)
