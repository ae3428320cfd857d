# The simulated board of `make run`: real boot.py and main.py, a fake radio, flash in a folder.
# MIT licence
"""python or micropython board.py board=esp32 flash=FOLDER port=8080 neighbours=FILE speed=1

The radio is the twin's on a twin, the shim's elsewhere. Runs until it is interrupted, as a board
does until it loses power. board_repl.py boots the same one.
"""

import os
import sys


def options(words):
    """The program's arguments as a dict."""
    return dict(word.split("=", 1) for word in words)


def make_folder(path):
    """A folder and those above it."""
    if "/" in path[1:]:
        make_folder(path.rsplit("/", 1)[0])
    try:
        os.mkdir(path)
    except OSError:
        pass


def power_up(choice):
    """Put the fake radio in place and the flash where the library looks for it."""
    from shim import clock, neighbourhood

    clock.start(False)
    if sys.implementation.name == "micropython":
        from shim import console

        console.install()
    try:
        from twin import install
        from twin.air import Air
    except ImportError:
        from shim import install
        from shim.air import Air
    air = neighbourhood.load(choice["neighbours"], Air())
    air.scale = 1 / float(choice["speed"])
    # Loopback, all of it: a phone on this machine reaches the board on its access point, and on
    # the network that it joined.
    for number, router in enumerate(air.routers):
        router.address = "127.0.%d.50" % (number + 1)
    install(choice["board"], air, ap_address="127.0.0.1")
    make_folder(choice["flash"])
    from provisioning import store
    from provisioning.settings import Settings

    store.directory = choice["flash"] + "/provisioning"
    Settings().update(http_port=int(choice["port"]), dns_port=0, ap_address="")


def run_file(name):
    """Run a file of the board's root, as the board does."""
    root = __file__.rsplit("/", 2)[0] if "/" in __file__ else ".."
    with open(root + "/" + name) as file:
        exec(file.read(), {"__name__": "__main__", "__file__": name})


def main():
    """Boot."""
    power_up(options(sys.argv[1:]))
    try:
        run_file("boot.py")
        run_file("main.py")
        import time

        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
