# The shim against the twins: the same random calls and happenings, compared step by step.
# MIT licence

import subprocess
import sys
from collections import Counter

import pytest

import sequences
from tools import twins
from tools.paths import ROOT, TESTS

SHORT, LONG = 2000, 30_000
AT_ONCE = 1000  # sequences of one process


def on_twin(board, first, count):
    """{seed: trace} of the twin."""
    found = twins.find(board, 32)
    command = [found.path, "-X", "heapsize=2m", TESTS / "sequences.py", str(first), str(count)]
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={"MICROPYPATH": f"{TESTS}:.frozen"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    lines = (line.partition(" ") for line in done.stdout.splitlines())
    return {int(seed): trace.split("; ") for seed, _, trace in lines}


def difference(board, seed, twin):
    """What differs first, with the steps before it; "" if nothing does."""
    ours = sequences.trace(seed, board)
    for number, (one, other) in enumerate(zip(ours, twin, strict=True)):
        if one != other:
            before = "\n  ".join(ours[max(0, number - 12) : number])
            return f"{board} {seed}:\n  {before}\nshim: {one}\ntwin: {other}"
    return ""


def compare(board, count):
    """Compare `count` sequences; returns how often each call gave something."""
    if not twins.find(board, 32).path:
        pytest.skip(twins.find(board, 32).reason)
    calls = Counter()
    for first in range(0, count, AT_ONCE):
        for seed, trace in on_twin(board, first, AT_ONCE).items():
            found = difference(board, seed, trace)
            assert not found, found
            calls.update(step.split(" -> ")[0].split("(")[0] for step in trace if " -> " in step)
            calls.update(
                trace[i] for i in range(len(trace)) if "isconnected() -> True" in trace[i]
            )
    return calls


@pytest.mark.parametrize("board", ["esp32", "rp2"])
@pytest.mark.timeout(600)
def test_shim_and_twin_agree(board):
    calls = compare(board, SHORT)
    # The sequences reach what matters: links, and phones on the access point.
    assert calls["sta.isconnected() -> True"] > SHORT / 20, calls
    assert calls["ap.isconnected() -> True"] > SHORT / 100, calls


@pytest.mark.long
@pytest.mark.parametrize("board", ["esp32", "rp2"])
def test_shim_and_twin_agree_long(board):
    compare(board, LONG)


if __name__ == "__main__":  # one sequence, to look at: BOARD SEED
    print("\n".join(sequences.trace(int(sys.argv[2]), sys.argv[1])))
