# What a person without a phone can do: hold the button, or switch the board off and on.
# MIT licence

import asyncio
import sys
import time

import machine
from micropython import const

_FILE = "power_cycles"
_LOOK_MS = const(50)
# The button: how long it is held for a run, and to forget all networks.
_PROVISION_MS = const(5000)
_FORGET_MS = const(10000)
# A power-up that lasts as long is none of the quick ones.
_QUICK_MS = const(5000)


def start(keeper, settings, spawn):
    """Begin to listen to the person, for the Keeper.

    settings: a mapping with power_cycles, button_pin and button_level. spawn(coroutine) makes it
    a task.
    """
    if settings["power_cycles"]:
        spawn(_count(keeper, settings["power_cycles"]))
    if settings["button_pin"] is not None:
        level = settings["button_level"]
        pull = machine.Pin.PULL_DOWN if level else machine.Pin.PULL_UP
        try:
            pin = machine.Pin(settings["button_pin"], machine.Pin.IN, pull)
        except (ValueError, OSError) as error:
            print("provisioning: button_pin:", error)
        else:
            spawn(_listen(keeper, pin, level))


async def _count(keeper, cycles):
    """So many power-ups before this one ended within 5 s: the person wants a run."""
    ups = _count_power_up(cycles)
    if ups > cycles:
        keeper.provision()
    elif ups:
        await asyncio.sleep_ms(_QUICK_MS)
        _clear()


def _count_power_up(cycles):
    """How many there were in a row, this one included; cycles + 1 is the last. 0: none."""
    from . import store

    before = store.load(_FILE) or 0
    if machine.reset_cause() != machine.PWRON_RESET:  # by the program, or out of deep sleep
        return min(before, cycles)
    if before >= cycles:
        _clear()
        return cycles + 1
    try:
        store.save(_FILE, before + 1)
    except OSError as error:
        print("provisioning: power-ups cannot be counted:", error)
    return before + 1


def _clear():
    from . import store

    store.remove(_FILE)


async def _listen(keeper, pin, pressed):
    since = None  # ticks, when it went down
    # A button that is down from the beginning is stuck, or not there.
    done_ms = _FORGET_MS
    while True:
        await asyncio.sleep_ms(_LOOK_MS)
        if pin.value() != pressed:
            since = None
            done_ms = 0
            continue
        if since is None:
            since = time.ticks_ms()
        held_ms = time.ticks_diff(time.ticks_ms(), since)
        try:
            if done_ms < _PROVISION_MS <= held_ms:
                done_ms = _PROVISION_MS
                keeper.provision()
            elif done_ms < _FORGET_MS <= held_ms:
                done_ms = _FORGET_MS
                await keeper.forget()
        except Exception as error:  # flash or memory: the button has to go on working
            sys.print_exception(error)
