# Which behaviour tests run on what, and what is said of a process that ends as it should not.
# MIT licence

import pytest

import loopback
import processes
from processes import Runtime
from tools import twins

TESTS = """
from harness import simulated

@simulated("esp32", "rp2", false_badauth=False)
async def test_both(board): pass

@simulated("rp2", limit_s=5)
async def test_pico(board): pass

@simulated("rp2", version=(1, 25))
async def test_the_twins_release(board): pass

@simulated("esp32", "rp2", version=(1, 29))
async def test_newer(board): pass

def test_no_radio(): pass

def helper():
    @simulated("esp32")
    async def test_inner(board): pass
"""


@pytest.mark.parametrize(
    ("name", "board", "wanted"),
    [
        ("test_x.py", "", "both newer no_radio pico the_twins_release"),
        ("test_x.py", "esp32", "both"),
        ("test_x.py", "rp2", "both pico the_twins_release"),
        ("test_shim_x.py", "", "both newer no_radio pico the_twins_release"),
        ("test_shim_x.py", "rp2", ""),
    ],
)
def test_tests_run_where_they_mean_something(tmp_path, name, board, wanted):
    (tmp_path / name).write_text(TESTS)
    runtime = Runtime(board or "mpy32", board, None, "")
    found = processes.tests_of(tmp_path / name, runtime)
    assert found == [f"test_{word}" for word in wanted.split()]


def test_each_board_has_a_runtime():
    assert [runtime.word for runtime in processes.runtimes()] == ["mpy32", *twins.BOARDS]


def run(tmp_path, script, names):
    """run_file() of an interpreter that is a shell script. Returns {name: (word, text)}."""
    path = tmp_path / "interpreter"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    outcomes, _ = processes.run_file(Runtime("fake", "", path, ""), "test_x.py", names)
    return {name: (outcome.word, outcome.text) for name, outcome in outcomes.items()}


def test_outcomes_are_what_the_process_says(tmp_path):
    found = run(
        tmp_path, "echo ok test_a; echo hm; echo FAIL test_b; exit 1", ["test_a", "test_b"]
    )
    assert found == {"test_a": ("ok", ""), "test_b": ("FAIL", "hm")}


def test_a_test_that_takes_the_process_with_it_is_lost_and_those_after_it_run(tmp_path):
    script = 'case "$*" in *test_a*) echo boom; kill -SEGV $$;; *) echo ok test_b;; esac'
    found = run(tmp_path, script, ["test_a", "test_b"])
    assert found["test_a"][0] == "lost" and "boom" in found["test_a"][1]
    assert "code -11" in found["test_a"][1] and found["test_b"] == ("ok", "")


@pytest.mark.parametrize("end", ["exit 1", "exit 23", "kill -ABRT $$"])
def test_a_process_that_falls_after_the_last_test_is_no_success(tmp_path, end):
    found = run(
        tmp_path, f"echo ok test_a; echo ok test_b; echo leak; {end}", ["test_a", "test_b"]
    )
    assert found["test_a"][0] == "ok"
    assert found["test_b"][0] == "lost" and "leak" in found["test_b"][1]


def test_two_ports_in_a_row_differ(monkeypatch):
    numbers = [b"\x01\x00", b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x04\x00"]
    monkeypatch.setattr(loopback.os, "urandom", lambda size: numbers.pop(0))
    assert loopback.free_port() != loopback.free_port()
