# How fast SmartConfig hears a phone, and what a frame costs: `make bench-smartconfig`.
# MIT licence
"""`python -m tools.bench_smartconfig` measures, prints tables, draws docs/img/smartconfig-time.png
and writes build/bench-smartconfig.json. With

    --quick  a few trials only: to see that it works, not to quote; draws into build/
    --docs   puts the last tables into docs/smartconfig.md, and measures nothing
"""

import argparse
import datetime
import json
import platform
import sys
import time

from tools import bench, bench_board, bench_frames, bench_loss, bench_plot, micropython
from tools import bench_smartconfig_report as report
from tools.paths import BUILD, ROOT

RESULT = BUILD / "bench-smartconfig.json"
PICTURE = ROOT / "docs/img/smartconfig-time.png"
PAGE = ROOT / "docs/smartconfig.md"
MARKS = (
    "<!-- figures: python -m tools.bench_smartconfig --docs -->\n",
    "<!-- end of the figures -->\n",
)
TRIALS = 300
ROUNDS = 12  # of the frames; the quickest counts


def about():
    """Where and when these figures come from."""
    version, _ = micropython.probe(micropython.wrapper(32))
    return {
        "date": datetime.date.today().isoformat(),
        "machine": bench.machine(),
        "python": platform.python_version(),
        "micropython": ".".join(str(part) for part in version),
        "revision": bench.revision(),
    }


def measure(trials=TRIALS, rounds=ROUNDS, say=print):
    """All figures, as they go into the JSON file but with Series as keys of "loss"."""
    start = time.monotonic()
    bench_frames.compile_all()
    figures = {"about": about(), "trials": trials}
    figures["frames"] = bench_frames.measure(rounds)
    figures["loss"] = bench_loss.measure(trials, say)
    figures["seconds"] = round(time.monotonic() - start)
    return figures


def write(figures, path=RESULT):
    """Into a file for read()."""
    loss = [[list(one), points] for one, points in figures["loss"].items()]
    path.write_text(json.dumps(figures | {"loss": loss}, indent=1) + "\n")


def read(path=RESULT):
    """The figures of the last `make bench-smartconfig`."""
    try:
        figures = json.loads(path.read_text())
    except OSError:
        sys.exit(f"bench: there is no {path.relative_to(ROOT)} yet: run `make bench-smartconfig`")
    loss = {bench_loss.Series(*one): points for one, points in figures["loss"]}
    return figures | {"loss": loss}


def main():
    """Exit code 0 when all was measured, good enough or not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args()
    if arguments.docs:
        page = PAGE.read_text()
        PAGE.write_text(bench.update(page, report.markdown(read()), MARKS))
        return 0
    found = micropython.find(32)
    if found.path is None:
        print("bench:", found.reason, file=sys.stderr)
        return 3
    try:
        figures = measure(*((6, 1) if arguments.quick else (TRIALS, ROUNDS)))
    except bench_board.BenchError as error:
        print("bench:", error, file=sys.stderr)
        return 1
    write(figures)
    picture = BUILD / PICTURE.name if arguments.quick else PICTURE
    bench_plot.draw(figures["loss"], report.SPEC, picture)
    report.show(figures)
    for line in report.shortcomings(figures):
        print("not good enough:", line)
    print(f"{figures['seconds']} s; {RESULT.relative_to(ROOT)}, {picture.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
