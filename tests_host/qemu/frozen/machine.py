# The board's `machine`, with what the qemu port's lacks.
# MIT licence
import uctypes
from umachine import *
from umachine import mem32 as _mem32

_FACTORY = 0x212FFFF0  # the chip's number; QEMU's file has it there


def unique_id():
    """The 6 bytes that this board was made with."""
    return bytes(uctypes.bytearray_at(_FACTORY, 6))


def reset():
    """Reset the processor: Armv7-M B3.2.6, SYSRESETREQ. The port's ends QEMU."""
    _mem32[0xE000ED0C] = 0x05FA0004
