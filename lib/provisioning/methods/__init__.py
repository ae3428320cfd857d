# The methods by which a network is handed over: which a mode has, loaded by name, and dropped.
# MIT licence

import sys

from .. import codes, drop_modules

_METHODS = {
    codes.MODE_AP: ("portal",),
    codes.MODE_SC: ("smartconfig",),
    codes.MODE_APSC: ("portal", "smartconfig"),
    codes.MODE_APSC_EXTERNAL: ("portal", "smartconfig"),
}
# What comes beside them, where it is installed and the setting of its name does not switch it off.
_BESIDE = ("protocomm", "improv")
_PREFIX = "provisioning.methods."
_DEAF = (
    "provisioning: this firmware cannot listen for SmartConfig, "
    "one with the module wifi_sniffer can (docs/smartconfig.md)"
)


def of_mode(mode, settings):
    """The names of the methods of a MODE_* with these settings."""
    names = _METHODS[mode]
    if settings["protocomm"] and "portal" in names:
        names += ("protocomm",)
    return names


async def open_cable(session):
    """Start what comes over a cable, in every mode. Returns its object, or None."""
    if not session.settings["improv"] or not exists("improv"):
        return None
    try:
        return await load("improv").start(session)
    except (OSError, ValueError, MemoryError) as error:  # a UART that is not there
        print("provisioning: no Improv:", error)
        return None


def exists(name):
    """Is this method part of the installation, and can this firmware do it? If not, the console
    says so, but of those that come beside others."""
    why = _DEAF
    try:
        method = load(name)
        if not hasattr(method, "supported") or method.supported():
            return True
    except ImportError:
        why = "provisioning: the method %s is not installed" % name
    prefix = _PREFIX + name
    drop_modules(lambda loaded: loaded.startswith(prefix))
    if name not in _BESIDE:
        print(why)
    return False


def load(name):
    """The module of a method."""
    name = _PREFIX + name
    __import__(name)
    return sys.modules[name]


def drop(method=""):
    """Forget the methods, or one method alone: the memory that they took comes back."""
    prefix = _PREFIX + method
    drop_modules(lambda name: name.startswith(prefix))
