# What a person at the prompt has without more words: provisioning.status(), provisioning.help().
# MIT licence
#
# Not in the package's face, and gone when done: a board that is online keeps nothing of them.

from . import drop_modules, host

_LOADED = ("provisioning.prompt", "provisioning.guide")


def status():
    """What is going on, in words: shown at the prompt. Its attributes are those of Status."""
    try:
        return host.get().status()
    finally:
        drop_modules(lambda name: name in _LOADED)


def help():
    """Show what there is to type."""
    from .guide import TEXT

    print(TEXT)
    drop_modules(lambda name: name in _LOADED)
