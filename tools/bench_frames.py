# What a frame costs while SmartConfig is listened to: starts tests_host/bench/frames.py.
# MIT licence
"""Always on Debian's 32-bit MicroPython, for which spec/interop.md 2.3 has the scaling; the twins
are built to find faults, not to be fast.
"""

import json
import os
import subprocess

from tools import bench_board, micropython, mpy
from tools.paths import LIB, TESTS

# An ESP32 is so many times as slow as this machine: the slow end of spec/interop.md's range.
SLOWER = {160: 85, 240: 57}
WANTED = 400  # frames a second
_HEAP = 4 << 20


def compile_all():
    """Library and programs as .mpy files, for Debian's MicroPython."""
    mpy.build(bench_board.HOME / "lib", [LIB])
    mpy.build(bench_board.HOME / "tests", [TESTS], (*mpy.PC_ONLY, "behaviour", "on_micropython"))


def measure(times=5, only=None):
    """{"air": bytes, "heap": [...], "cost": [...]}; see tests_host/bench/frames.py.

    BenchError if it cannot be measured.
    """
    command = [micropython.wrapper(32), "-X", f"heapsize={_HEAP}", "-m", "bench.frames"]
    done = subprocess.run(
        [*map(str, command), f"times={times}", *([f"only={only}"] if only else [])],
        cwd=bench_board.HOME,
        env=dict(os.environ, MICROPYPATH="tests:lib:.frozen"),
        capture_output=True,
        text=True,
    )
    lines = [line[6:] for line in done.stdout.splitlines() if line.startswith("bench ")]
    said = [json.loads(line) for line in lines]
    if not said or "done" not in said[-1]:
        raise bench_board.BenchError(f"frames: {done.stdout[-500:]}{done.stderr[-500:]}")
    return {
        "air": next(one["loaded"] for one in said if "loaded" in one),
        "heap": [one for one in said if "decoder" in one],
        "cost": [one for one in said if "us" in one],
    }


def per_second(us, mhz):
    """Frames a second on an ESP32 of so many MHz, for microseconds a frame here."""
    return round(1e6 / (us * SLOWER[mhz]))
