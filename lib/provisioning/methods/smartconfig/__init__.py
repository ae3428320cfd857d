# SmartConfig: a phone says a network's name and password in the lengths of its packets.
# MIT licence


def firmware():
    """The module with which this firmware listens, None if it is a stock one that cannot."""
    for name, needed in (("wifi_sniffer", "readinto"), ("smartconfig", "done")):
        try:
            module = __import__(name)
        except ImportError:
            continue
        # Another module may have that name.
        if hasattr(module, "start") and hasattr(module, needed):
            return module
    return None


def supported():
    """Can this firmware listen?"""
    return firmware() is not None


async def start(session):
    """Listen for `session` until stop(). Returns what listens.

    Beside a portal that is settings smartconfig_s long, from the start on and after each network
    that failed. Source: SWRA513C 3.2.
    """
    from . import receiver, sources

    listening = receiver.Receiver(session, sources.source(firmware()))
    listening.start()
    return listening
