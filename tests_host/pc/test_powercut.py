# Power cuts at every block operation, on a real littlefs in MicroPython.
# MIT licence

import re
import subprocess

import pytest

from conftest import ROOT
from tools import micropython

PROGRAM = ROOT / "tests_host" / "on_micropython" / "powercut.py"


def run(*options):
    found = micropython.find(bits=32)
    if found.path is None:
        pytest.skip(found.reason)
    command = [found.path, "-X", "heapsize=2M", PROGRAM, ROOT / "lib", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_all_profiles_of_before_or_all_of_after_are_there_after_every_cut():
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    cuts = dict(re.findall(r"(.+): (\d+) cuts", done.stdout))
    assert list(cuts) == ["first", "add", "replace", "give up", "delete", "clear"]
    assert all(int(count) >= 6 for count in cuts.values()), cuts


def test_a_careless_writer_is_found_out():
    done = run("--careless")
    assert done.returncode != 0
    assert "AssertionError: ('add'" in done.stdout + done.stderr
