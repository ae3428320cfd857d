# The board's `os`, with what the qemu port's lacks.
# MIT licence
import random as _random
from time import ticks_us as _ticks_us

from uos import *

_random.seed(_ticks_us())


def urandom(n):
    """Bytes that differ from one time to the next; nothing more is needed of them here."""
    return bytes(_random.getrandbits(8) for _ in range(n))
