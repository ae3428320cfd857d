# Improv: a web page hands a network over through the cable (ESP Web Tools, Home Assistant's page).
# MIT licence

import sys


def supported():
    """Can this firmware share its console, or has it a second serial line?"""
    return _has_console() or _has("machine", "UART")


async def start(session):
    """Listen for `session` until stop(), on the line that settings["improv_uart"] names.

    Returns what listens, or None. With settings["improv"] 1 it listens only while no network is
    stored, or in a run that somebody asked for. Source: Improv serial specification;
    docs/improv.md.
    """
    line = _line(session)
    if not line:
        return None
    from .listener import Listener

    listening = Listener(session, line)
    listening.start()
    return listening


def _line(session):
    """The line to listen on, or None."""
    wanted, number = session.settings["improv"], session.settings["improv_uart"]
    if not wanted or wanted == 1 and session.is_auto and session.profiles.all():
        return None
    from . import lines

    if number >= 0:
        try:
            return lines.Uart(number)
        except (ImportError, OSError, ValueError) as error:  # the others go on without
            print("provisioning: Improv has no UART %d:" % number, error)
            return None
    # At the prompt a run goes on in the background: what is typed there is not ours.
    pump = sys.modules.get("provisioning.pump")
    if not _has_console() or pump and pump.timer:
        return None
    return lines.Console()


def _has_console():
    streams = hasattr(sys.stdin, "buffer") and hasattr(sys.stdout, "buffer")
    return streams and _has("micropython", "kbd_intr") and _has("select", "poll")


def _has(module, name):
    try:
        return hasattr(__import__(module), name)
    except ImportError:
        return False
