# Wi-Fi provisioning for MicroPython boards: the face. Importing it loads next to nothing.
# MIT licence

import gc
import sys

__version__ = "0.1.0"

# {ssid (bytes): REASON_*} of the networks that could not be joined the last time. Here, since this
# module stays: for whoever asks what is wrong.
failures = {}

# What the package offers, and the module that has it, loaded when it is asked for.
_HOMES = {
    "forget": "profiles",
    "keep": "keeper",
    "status": "prompt",
    "help": "prompt",
    "poll": "pump",
    "Provisioner": "provisioner",
    "ProvisioningError": "provisioner",
    "Profile": "profiles",
    "ProfileError": "profiles",
    "Profiles": "profiles",
    "ProfilesFull": "profiles",
    "Settings": "settings",
    "Identity": "identity",
}


def __getattr__(name):
    # All constants (MODE_APSC, STATUS_STOPPED, ...) are in codes.
    home = _HOMES.get(name) or ("codes" if name.isupper() else None)
    if home:
        return getattr(_module(home), name)
    # `from provisioning import codes`: MicroPython asks here before it looks for the file.
    try:
        return _module(name)
    except ImportError:
        raise AttributeError(name)


async def online(on_event=None):
    """Bring the board online: join a stored network, or learn one from a person first.

    Returns the Link (ssid, address, ...) as soon as there is an address, however long that takes.
    on_event(event) gets every Event of a provisioning run. The memory that all this took is given
    back.
    """
    before = list(sys.modules)
    try:
        return await _module("connector").Connector(on_event).online()
    finally:
        drop_modules(lambda name: name.startswith("provisioning.") and name not in before)


def running():
    """The Provisioner whose run is on, whoever started it, or None."""
    module = sys.modules.get("provisioning.provisioner")
    return module and module._running


def drop_modules(unwanted):
    """Forget the loaded modules for whose name unwanted(name) is true, and collect the memory.

    Those whose STAYS is true are kept: what they remember would be lost.
    """
    while True:
        # No list of them: a heap that is full has no such piece left, and this makes room.
        for name in sys.modules:
            if unwanted(name) and not getattr(sys.modules[name], "STAYS", False):
                break
        else:
            break
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and hasattr(sys.modules[parent], child):
            delattr(sys.modules[parent], child)
    gc.collect()


def _module(name):
    arguments = ("provisioning." + name, None, None, ("*",))
    pump = sys.modules.get("provisioning.pump")
    if pump and getattr(pump, "timer", None):
        # Held meanwhile: what runs in the background could find the module half loaded.
        return pump.call(__import__, *arguments)
    return __import__(*arguments)
