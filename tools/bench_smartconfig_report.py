# Turns the figures of the benchmark of SmartConfig into tables.
# MIT licence

import sys

from tools import bench_frames
from tools.bench_loss import LIMIT_MS, LOSSES, series
from tools.bench_phone import FROM_DS, NUMBERLESS, PROTOCOLS
from tools.bench_report import Table, as_markdown

# Simple decoders, spec/smartconfig.md 3.3: (median, 95th percentile) in s for each of LOSSES.
SPEC = {
    "esptouch1": ((1.0, 3.0), (3.7, 5.4), (4.9, 8.0), (8.6, 13.7), (14.7, 24.6), (25.9, 40.3)),
    "esptouch2": ((1.0, 1.1), (1.8, 2.7), (2.0, 3.4), (2.9, 4.9), (4.0, 6.3), (5.5, 9.9)),
    "airkiss": ((3.7, 6.3), (3.6, 6.3), (4.0, 6.3), (5.0, 6.7), (7.6, 16.3), (21.5, 43.2)),
}
FASTER = 1.5  # than that, at this loss, with these protocols
AT = 20
JUDGED = ("esptouch1", "airkiss")
TITLES = {
    "esptouch1": "ESP-Touch v1",
    "esptouch2": "ESP-Touch v2",
    "airkiss": "AirKiss",
    "ti2": "TI, generation 2",
    "none": "none of these",
}


def _pair(point):
    """Median and 95th percentile."""
    limit = LIMIT_MS / 1000
    texts = [f"> {limit:.0f}" if value >= limit else f"{value:.1f}" for value in point[:2]]
    return " / ".join(texts)


def _faster(spec, point):
    return " / ".join(f"{old / new:.1f}" for old, new in zip(spec, point, strict=False))


def _of_protocol(loss, protocol):
    kinds = [("each packet once", "once"), ("best possible", "bound")]
    kinds = [(name, loss[series(protocol, who)]) for name, who in kinds]
    simple = loss.get(series(protocol, "simple"))
    spec = SPEC.get(protocol)
    if simple:
        kinds.insert(0, ("simple, here", simple))
    if spec:
        kinds.insert(0, ("simple", spec))
    kinds.append(("**ours**", loss[series(protocol)]))
    columns = ["lost", *(name for name, _ in kinds), *(["times faster"] if spec else [])]
    rows = []
    for n, percent in enumerate(LOSSES):
        row = [f"{percent} %", *(_pair(points[n]) for _, points in kinds)]
        if spec:
            row.append(_faster(spec[n], loss[series(protocol)][n]))
        rows.append(row)
    return Table(f"{TITLES[protocol]}, s", columns, rows, "")


def _others(loss):
    named = {
        "locked": {},
        "cold": {"start": "cold"},
        "from the access point": {"way": FROM_DS},
        "without numbers": {"way": NUMBERLESS},
    }
    kinds = [
        (f"{TITLES[protocol]}, {name}", series(protocol, **how))
        for protocol in PROTOCOLS
        for name, how in named.items()
    ]
    kinds.insert(
        4 * PROTOCOLS.index("airkiss") + 1,
        ("AirKiss, locked, no names known", series("airkiss", named=False)),
    )
    kinds.insert(
        4 * PROTOCOLS.index("airkiss") + 2,
        ("best possible for that", series("airkiss", "bound", named=False)),
    )
    rows = [[name, *(_pair(point) for point in loss[one])] for name, one in kinds]
    note = (
        "*Cold*: nothing is known before, so the next sync has to be waited for, the guides of up"
        " to 5 s later. *From the access point*: its copies, numbered together with one to three"
        " beacons each 102.4 ms. *Without numbers*: what a radio reports of frames that it cannot"
        " demodulate, the length alone."
    )
    columns = ["ours, s", *(f"{percent} %" for percent in LOSSES)]
    return Table("The same decoders, heard in other ways", columns, rows, note)


def _costs(frames):
    rows = []
    for one in frames["cost"]:
        rates = [str(bench_frames.per_second(one["us"], mhz)) for mhz in bench_frames.SLOWER]
        worst = bench_frames.per_second(one["worst_us"], 160)
        name = f"{TITLES[one['protocol']]}, {one['phase']}"
        costs = [f"{one['us']:.1f} µs", f"{one['bytes']:.0f}"]
        rows.append([name, *costs, *rates, str(worst)])
    slower = " and ".join(str(times) for times in bench_frames.SLOWER.values())
    columns = ["frames", "each, here", "bytes of heap each", "frames/s at 160 MHz"]
    columns += ["at 240 MHz", "at 160 MHz, in the worst burst"]
    note = (
        "Bursts of 64 records through `Air.feed()`, a fifth of the packets lost; an ESP32 is"
        f" {slower} times as slow as this machine with 32-bit MicroPython. Bytes are garbage,"
        f" with the collector switched off. Wanted are {bench_frames.WANTED} frames a second."
    )
    return Table("What a frame costs", columns, rows, note)


def _heap(frames):
    rows = [
        [TITLES[one["protocol"]], *(str(one[name]) for name in ("module", "decoder"))]
        for one in frames["heap"]
    ]
    note = (
        f"Bytes. What is there before anybody is heard takes {frames['air']}. A module is loaded"
        " when its protocol is heard; what it shares with one before it, the first of them pays."
    )
    return Table("Heap", ["decoder", "module", "object, with its stream"], rows, note)


def tables(figures):
    """All of them."""
    loss = figures["loss"]
    found = [_of_protocol(loss, protocol) for protocol in ("esptouch1", "airkiss")]
    found += [_of_protocol(loss, protocol) for protocol in ("esptouch2", "ti2")]
    return [*found, _others(loss), _costs(figures["frames"]), _heap(figures["frames"])]


def shortcomings(figures):
    """What is not as fast as it has to be, as lines."""
    found = []
    for protocol in JUDGED:
        n = LOSSES.index(AT)
        ours = figures["loss"][series(protocol)][n]
        for what, old, new in zip(("median", "95th"), SPEC[protocol][n], ours, strict=False):
            if old < FASTER * new:
                found.append(f"{protocol} at {AT} %, {what}: {new:.1f} s, {old / new:.2f} times")
    for one in figures["frames"]["cost"]:
        rate = bench_frames.per_second(one["us"], 160)
        if rate < bench_frames.WANTED:
            found.append(f"{one['protocol']}, {one['phase']}: {rate} frames a second")
    for one, points in figures["loss"].items():
        wrong = sum(point[2] for point in points)
        if wrong:
            found.append(f"{' '.join(map(str, one))}: {wrong} wrong answers")
    return found


def origin(figures):
    """A sentence that says how they were made."""
    about = figures["about"]
    return (
        f"{about['date']}, {figures['trials']} trials each, {about['machine']}, Python"
        f" {about['python']}, MicroPython {about['micropython']} (32 bit), revision"
        f" {about['revision']}."
    )


def markdown(figures):
    """All tables as Markdown."""
    return as_markdown(origin(figures), tables(figures))


def show(figures):
    """Print all tables to a terminal."""
    import rich.console
    import rich.table

    width = None if sys.stdout.isatty() else 130
    console = rich.console.Console(highlight=False, width=width)
    for table in tables(figures):
        shown = rich.table.Table(
            title=table.title, title_justify="left", caption=table.note.replace("*", "")
        )
        for column in table.columns:
            first = not shown.columns
            shown.add_column(
                column.strip("*"), justify="left" if first else "right", no_wrap=first
            )
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
    console.print(origin(figures))
