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
_PREFIX = "provisioning.methods."
_DEAF = (
    "provisioning: this firmware cannot listen for SmartConfig, "
    "one with the module wifi_sniffer can (docs/smartconfig.md)"
)
# Libraries that methods bring along; one that the application had before stays.
_LIBRARIES = ("microdot", "microdot.microdot")
_brought = [name for name in _LIBRARIES if name not in sys.modules]


def of_mode(mode):
    """The names of the methods of a MODE_*."""
    return _METHODS[mode]


def exists(name):
    """Is this method part of the installation, and can this firmware do it? If not, the console
    says so."""
    try:
        method = load(name)
        if not hasattr(method, "supported") or method.supported():
            return True
    except ImportError:
        pass
    prefix = _PREFIX + name
    drop_modules(lambda loaded: loaded.startswith(prefix))
    if name == "smartconfig":
        print(_DEAF)
    return False


def load(name):
    """The module of a method."""
    name = _PREFIX + name
    __import__(name)
    return sys.modules[name]


def drop():
    """Forget the methods, and the libraries they brought: the memory that they took comes back."""
    drop_modules(lambda name: name.startswith(_PREFIX) or name in _brought)
