# Runs one test file on MicroPython, in a heap as small as a board's.
# MIT licence
"""By hand: `make mpy`, then

    build/bin/micropython32 -X heapsize=300k tests_host/runner.py \\
        tests_host/behaviour/test_x.py [test_name ...]

The simulation and the tests take memory that no board has to give. So once they are
loaded, ballast takes the rest but for 100 kB, and for what the fake radio and its world will
take: 100 kB are left for the library. A file that needs more says so: BOARD_HEAP, in bytes.
Under a sanitizer (TWIN_SANITIZER) it is twice as much.

Prints one line for each test, and then what the file took of the heap:
    ok NAME
    skip NAME REASON
    FAIL NAME               with the traceback in the lines before it
    heap LIVE LEFT          bytes: most in use after any test (garbage collected), and
                            what there was for the library before the first
Exits 1 if a test failed. pytest starts it and reads these lines (conftest.py).
"""

import gc
import os
import sys

_BOARD_HEAP = 100 * 1024  # about that of an ESP32 without PSRAM
# By what MicroPython's table of names grows for the library alone: 320, then 640 entries.
_TABLE = (320 + 640) * 7


def _is_there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _parent(path):
    return path.rsplit("/", 1)[0] if "/" in path else "."


def _set_path(root, path):
    """Compiled modules if there are any: so the compiler's memory is not counted."""
    lib = [root + "/build/mpy"]
    if not _is_there(lib[0]):
        lib = [root + "/lib"]
    tests = root + "/build/mpy_tests"
    if not _is_there(tests):
        tests = root + "/tests_host"
    folder = path.split("/")[-2]
    sys.path[:] = [tests, tests + "/" + folder] + lib + [".frozen", _parent(path)]


def _run(name, test):
    try:
        if test() is not None:
            raise TypeError("a test returns None: this one is async without a decorator?")
    except Exception as error:
        if type(error).__name__ == "Skip":
            print("skip", name, error)
            return True
        sys.print_exception(error)
        print("FAIL", name)
        return False
    print("ok", name)
    return True


def _world():
    """How much a fake radio and its world take, which each test makes anew."""
    harness = sys.modules.get("harness")
    if not harness:
        return 0
    gc.collect()
    before = gc.mem_alloc()
    board = harness.Board(harness.BOARDS[0])
    board.reboot()
    gc.collect()
    taken = gc.mem_alloc() - before
    board.remove()
    del board
    harness.forget()
    gc.collect()
    return taken


def _name_table():
    """Have the table of names double now, beyond what any test needs. The names of the simulation
    are in it as well: with them it would double in the middle of some test, 9 kB in one piece, as
    it does on no board. What it would take of a board's heap is in _TABLE."""
    for number in range(2000):
        before = gc.mem_alloc()
        hasattr(sys, "name%d" % number)  # enters it
        if gc.mem_alloc() - before > 8000:
            return


def _ballast(board_heap):
    """Memory to hold on to, so that board_heap is free for the library and not more."""
    world = _world()
    _name_table()
    gc.collect()
    if os.getenv("TWIN_SANITIZER"):
        board_heap *= 2  # its stack frames are large, and keep alive what they once pointed to
    surplus = gc.mem_free() - (board_heap - _TABLE) - world
    return bytearray(surplus) if surplus > 0 else None


def main(path, chosen):
    """Run the tests of the file `path`, or the chosen ones. Returns the exit code."""
    root = _parent(_parent(__file__))
    _set_path(root, path)
    module = __import__(path.split("/")[-1].rsplit(".", 1)[0])
    names = sorted(n for n in dir(module) if n.startswith("test_"))
    ballast = _ballast(getattr(module, "BOARD_HEAP", _BOARD_HEAP))
    gc.collect()
    before, left = gc.mem_alloc(), gc.mem_free()
    live = failed = 0
    for name in names:
        if chosen and name not in chosen:
            continue
        if not _run(name, getattr(module, name)):
            failed += 1
        gc.collect()
        live = max(live, gc.mem_alloc() - before)
    print("heap", live, left)
    del ballast
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
