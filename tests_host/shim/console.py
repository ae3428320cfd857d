# The board's `micropython` where its console is a terminal: kbd_intr() does what a board's does.
# MIT licence
"""A board's receive interrupt makes a KeyboardInterrupt of one character and drops it; a terminal
does so too, of its interrupt character. The unix port's own kbd_intr(-1) leaves the terminal alone
and lets it end the whole process.
"""

import sys
import termios as _termios

from micropython import *

_STDIN = 0
_IFLAG, _OFLAG, _LFLAG, _CHARACTERS = 0, 1, 3, 6
_OPOST = 0x1
_ISIG, _ICANON, _ECHO, _NOFLSH, _IEXTEN = 0x1, 0x2, 0x8, 0x80, 0x8000  # as Linux numbers them
_LINE_MODE = _ICANON | _ECHO | _IEXTEN
_VQUIT, _VSUSP = 1, 10


def kbd_intr(character):
    """This character interrupts the program; -1: none does."""
    attributes = _termios.tcgetattr(_STDIN)
    attributes[_IFLAG] = 0  # bytes come and go as they are
    attributes[_OFLAG] &= ~_OPOST
    flags = attributes[_LFLAG] & ~(_LINE_MODE | _ISIG) | _NOFLSH
    if character >= 0:
        flags |= _ISIG
        attributes[_CHARACTERS][0] = bytes((character,))
    for other in (_VQUIT, _VSUSP):
        attributes[_CHARACTERS][other] = b"\0"
    attributes[_LFLAG] = flags
    _termios.tcsetattr(_STDIN, _termios.TCSANOW, attributes)


def install():
    """Take the place of the module, if there is a terminal."""
    try:
        kbd_intr(3)
    except OSError:
        return
    sys.modules["micropython"] = sys.modules[__name__]
