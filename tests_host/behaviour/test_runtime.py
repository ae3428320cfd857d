# The runtime that the behaviour tests run on: a board's memory, a board's modules.
# MIT licence
import gc
import sys

from harness import simulated  # CPython learns MicroPython's manners

MICROPYTHON = sys.implementation.name == "micropython"


def test_library_has_a_boards_memory():
    if MICROPYTHON:
        # 100 kB, and what runner.py adds for the fake radio and its world.
        gc.collect()
        assert gc.mem_free() <= 128 * 1024
        taken = None
        try:
            taken = bytearray(129 * 1024)
        except MemoryError:
            pass
        assert taken is None, "there is more memory than a board has"


def test_micropython_has_32_bits_like_a_board():
    if MICROPYTHON:
        assert sys.maxsize == 0x7FFFFFFF


def test_micropython_meets_the_floor():
    if MICROPYTHON:
        assert sys.implementation[1] >= (1, 25)


def test_library_comes_from_this_checkout():
    import provisioning.codes as codes

    tail = "build/mpy/provisioning/codes.mpy" if MICROPYTHON else "lib/provisioning/codes.py"
    assert codes.__file__.endswith(tail), codes.__file__


@simulated("esp32", "rp2")
async def test_a_twin_has_its_boards_own_network_module(board):
    if sys.platform == board.name:
        assert board.network.__name__ == "network"
        assert not hasattr(board.network, "__file__")  # built in
        assert not any(name.startswith("shim.network") for name in sys.modules)
    else:
        assert board.network.__name__ == "shim.network_" + board.name
