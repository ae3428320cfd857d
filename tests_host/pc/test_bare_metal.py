# The library's own tests on a bare-metal 32-bit Arm: state machine, profiles, decoders.
# MIT licence
import pytest

from pc.bare_board import BareBoard
from processes import parse
from tools import mpy
from tools.paths import MPY, MPY_TESTS

# On the board: tests/runner.mpy finds them as on this machine.
_TREES = {"/build/mpy": MPY, "/build/mpy_tests": MPY_TESTS}
_START = """\
import os, sys
os.getenv = lambda name: None
sys.path[:] = ["/tests_host", ".frozen"]
import runner
runner._BOARD_HEAP = 128 * 1024  # the tests' own lists lie in it as well
runner.main("tests_host/behaviour/{name}.py", {tests!r})
"""
_SILENCE_S = 1500
# Short: all of these, and one of each decoder's. Long: all.
WHOLE = ("test_statemachine", "test_profiles", "test_easylink")
SAMPLES = {"test_esptouch1": "test_one_pass_is_enough"}
LONG = ("test_esptouch1", "test_esptouch2", "test_airkiss", "test_tuya")
# Of TI's, whose lists are long: an emulated processor is twenty times slower than this machine's.
TI = ("test_longest_of_all", "test_encrypted", "test_lists_of_other_generations_say_nothing")
TI += ("test_a_frame_that_says_something_else",)


def contents(name):
    """What the board needs for that file of tests: {path: content}."""
    found = {"/tests_host/runner.mpy": (MPY_TESTS / "runner.mpy").read_bytes(), "/tmp/.keep": b""}
    for place, tree in _TREES.items():
        for path in mpy.sources([tree], skip=("behaviour", "bench", "on_micropython")):
            found[f"{place}/{path.as_posix()}"] = (tree / path).read_bytes()
    found[f"/build/mpy_tests/behaviour/{name}.mpy"] = (
        MPY_TESTS / f"behaviour/{name}.mpy"
    ).read_bytes()
    return found


def run(folder, name, tests=()):
    """Run tests of a behaviour file on a board. Returns how many there were."""
    with BareBoard(folder, files=contents(name)) as board:
        said = board.do(_START.format(name=name, tests=tests), silence_s=_SILENCE_S)
    outcomes, heap, _ = parse(said)
    failed = {test: one.text for test, one in outcomes.items() if one.word != "ok"}
    assert failed == {}
    print(f"{name}: {len(outcomes)} tests, heap {heap[0]} bytes")  # docs/performance.md has them
    return len(outcomes)


@pytest.mark.parametrize("name", WHOLE)
def test_all_of_a_file(name, tmp_path):
    assert run(tmp_path, name) > 3


@pytest.mark.parametrize("name, test", SAMPLES.items())
def test_one_of_a_decoder(name, test, tmp_path):
    assert run(tmp_path, name, [test]) == 1


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", LONG)
def test_all_of_a_decoder(name, tmp_path):
    assert run(tmp_path, name) > 3


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ("test_ti1", "test_ti2", "test_cc3000"))
def test_more_of_tis(name, tmp_path):
    assert run(tmp_path, name, list(TI)) == len(TI)
