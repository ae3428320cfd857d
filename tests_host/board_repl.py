# The simulated board of `make repl`: boots, and leaves its prompt to a person.
# MIT licence
"""micropython -i board_repl.py board=esp32 flash=FOLDER port=8080 neighbours=FILE speed=1"""

import sys

import board

board.power_up(board.options(sys.argv[1:]))
board.run_file("boot.py")
del board, sys
