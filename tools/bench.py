# Memory and time against the budgets: `make bench`.
# MIT licence
"""`python -m tools.bench` measures, prints tables and writes build/bench.json. With

    --quick     a few repetitions only: to see that it works, not to quote
    --markdown  prints the tables of build/bench.json for pasting, and measures nothing
    --docs      puts them into docs/performance.md

How each figure is measured is in docs/performance.md.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from tools import (
    bench_board,
    bench_handshake,
    bench_heap,
    bench_lab,
    bench_report,
    bench_time,
    micropython,
    twins,
)
from tools.paths import BUILD, ROOT

RESULT = BUILD / "bench.json"
PAGE = ROOT / "docs/performance.md"
MARKS = ("<!-- figures: python -m tools.bench --docs -->\n", "<!-- end of figures -->\n")


def machine():
    """The processor's name, as lscpu gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def revision():
    """The commit that is checked out, with + when files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "none"


def about():
    """Where and when these figures come from."""
    version, _ = micropython.probe(bench_board.interpreter("esp32"))
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "micropython": ".".join(str(part) for part in version),
        "runtime": "twins" if bench_board.has_twins() else "shim",
        "revision": revision(),
        "load": os.getloadavg()[0],
    }


def measure(quick=False, say=print):
    """Make all measurements. Returns the figures; BenchError if one cannot be made."""
    bench_board.compile_all()
    figures = about()
    figures["size"] = bench_heap.sizes()
    say("heap ...")
    figures["heap"] = heap = bench_heap.measure(*((1, 16384) if quick else (3, 1024)))
    say("HTTP and DNS ...")
    # Where a board's heap is too small for the portal, it gets what it needs and some air.
    needed = heap["smallest"] or 256 * 1024
    free = max(bench_heap.BOARD_HEAP, needed * 5 // 4)
    with bench_heap.Portal("keeps", free=free) as portal:
        figures["http"] = bench_time.servers(portal, *((2, 5) if quick else (8, 60)))
    figures["dns"] = bench_time.dns_answer(*((50, 2) if quick else (500, 15)))
    say("handshakes of Espressif's apps ...")
    figures["handshakes"] = bench_handshake.measure(*((1,) if quick else (5,)))
    say("joins, in real time ...")
    figures["joins"] = bench_time.joins(bench_heap.Portal, 1 if quick else 8)
    say("the network lab ...")
    figures["lab"] = bench_lab.measure(*((1, 1) if quick else (5, 5)), say)
    return figures


def read():
    """The figures of the last `make bench`. Ends the program when there are none."""
    try:
        return json.loads(RESULT.read_text())
    except OSError:
        sys.exit(f"bench: there is no {RESULT.relative_to(ROOT)} yet: run `make bench`")


def update(text, tables, marks=MARKS):
    """A page with new tables between its marks; ValueError when it has no marks."""
    head, first, rest = text.partition(marks[0])
    _, last, tail = rest.partition(marks[1])
    if not first or not last:
        raise ValueError("the page has no place for the figures: " + " ... ".join(marks))
    return f"{head}{first}\n{tables}\n{last}{tail}"


def main():
    """Exit code 0 when all was measured, over budget or not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("quick", "markdown", "docs"):
        parser.add_argument("--" + name, action="store_true")
    arguments = parser.parse_args()
    if arguments.markdown or arguments.docs:
        tables = bench_report.markdown(read())
        if arguments.docs:
            PAGE.write_text(update(PAGE.read_text(), tables))
        else:
            print(tables, end="")
        return 0
    found = micropython.find(32)
    if found.path is None:
        print("bench:", found.reason, file=sys.stderr)
        return 3
    start = time.monotonic()
    twins.build_all()
    if not bench_board.has_twins():
        reasons = {twins.find(board).reason for board in twins.BOARDS}
        print("bench: no twins, the shim stands in:", *reasons)
    try:
        figures = measure(arguments.quick)
    except (bench_board.BenchError, OSError) as error:
        print("bench:", error, file=sys.stderr)
        return 1
    bench_report.show(figures)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")
    for what, figure, budget in bench_report.over_budget(figures):
        print(f"over budget: {what}: {figure}, not {budget}")
    print(f"{time.monotonic() - start:.0f} s; written to {RESULT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
