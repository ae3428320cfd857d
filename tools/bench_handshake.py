# What a handshake of Espressif's protocol costs: starts tests_host/bench/handshake.py.
# MIT licence
"""On Debian's 32-bit MicroPython, as tools/bench_frames.py, which says why."""

import json
import os
import subprocess
import tempfile

from tools import bench_board, bench_frames, micropython

# A board is so many times as slow as this machine, where numbers of 16-bit digits are multiplied.
SLOWER = {"ESP32, 160 MHz": (60, 85), "RP2040, 125 MHz": (72, 87)}
_HEAP = 1 << 20


def measure(times=5):
    """[{"security", "ahead_ms", "answers_ms", "longest_ms", "heap"}]; BenchError."""
    bench_frames.compile_all()
    command = [micropython.wrapper(32), "-X", f"heapsize={_HEAP}", "-m", "bench.handshake"]
    with tempfile.TemporaryDirectory() as flash:
        done = subprocess.run(
            [*map(str, command), f"flash={flash}", f"times={times}"],
            cwd=bench_board.HOME,
            env=dict(os.environ, MICROPYPATH="tests:lib:.frozen"),
            capture_output=True,
            text=True,
        )
    said = [json.loads(line[6:]) for line in done.stdout.splitlines() if line.startswith("bench ")]
    if not said or "done" not in said[-1]:
        raise bench_board.BenchError(f"handshake: {done.stdout[-500:]}{done.stderr[-500:]}")
    return said[:-1]
