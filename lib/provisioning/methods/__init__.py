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
# Libraries that methods bring along; one that the application had before stays.
_LIBRARIES = ("microdot", "microdot.microdot")
_brought = [name for name in _LIBRARIES if name not in sys.modules]


def of_mode(mode):
    """The names of the methods of a MODE_*."""
    return _METHODS[mode]


def exists(name):
    """Is this method part of the installation?"""
    try:
        load(name)
        return True
    except ImportError:
        return False


def load(name):
    """The module of a method."""
    name = "provisioning.methods." + name
    __import__(name)
    return sys.modules[name]


def drop():
    """Forget the methods, and the libraries they brought: the memory that they took comes back."""
    prefix = "provisioning.methods."
    drop_modules(lambda name: name.startswith(prefix) or name in _brought)
