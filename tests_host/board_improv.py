# The simulated board with its console on a terminal: `make run`'s, or with -i a prompt.
# MIT licence
"""micropython [-i] board_improv.py board=esp32 flash=FOLDER port=8080 neighbours=FILE speed=1

With program=prompt it is left to a person at the prompt, as by board_repl.py.
"""

import sys

import board
from shim import console


def main():
    """Boot."""
    console.install()
    choice = board.options(sys.argv[1:])
    if choice.get("program") != "prompt":
        return board.main()
    board.power_up(choice)
    return board.run_file("boot.py")


main()
