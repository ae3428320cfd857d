# Turns the benchmark's figures into tables, for a terminal and for docs/performance.md.
# MIT licence

from collections import namedtuple

from tools import bench_handshake

_METHODS = "provisioning.methods."
KB = 1000  # as in the budgets
_PLAIN = str.maketrans("", "", "*`")

# Design's budgets, in the figures' own units.
BUDGETS = {
    "serving": 45 * KB,
    "rom_serving": 20 * KB,
    "kept": 4 * KB,
    "configured": 4 * KB,
    "added": 50,
    "beyond": 250,
    "look": 50,
    "served": 2000,
}

# What the boards were, as bench.about() names it.
RUNTIMES = {"twins": "twins of the boards", "shim": "boards of the shim"}

# columns: names, the first left-aligned; rows: lists of texts; note: a sentence or "".
Table = namedtuple("Table", "title columns rows note")


def _kb(value):
    return f"{value / KB:.1f} kB"


def _ms(value):
    return f"{value:.1f} ms"


def _range(spread, form):
    """A figure with its noise: the median, and the extremes if they differ."""
    low, middle, high = (form(spread[name]) for name in ("min", "median", "max"))
    return middle if low == high else f"{middle} ({low} to {high})"


def _verdict(value, budget, form):
    """A budget and whether a figure is within it."""
    if budget is None:
        return ["", ""]
    return [form(budget), "yes" if value <= budget else f"**no**, {value / budget:.1f} times"]


def _row(name, spread, form, budget=None):
    return [name, _range(spread, form), *_verdict(spread["median"], budget, form)]


def _budgets(title, rows, note=""):
    return Table(title, ("what", "median (min to max)", "budget", "within?"), rows, note)


def _heap(heap):
    smallest = heap["smallest"]
    text = _kb(smallest) if smallest else "not even 256 KiB"
    rows = [
        _row("after `import provisioning`", heap["imported"], _kb),
        _row("access point and portal open, nobody came yet", heap["open"], _kb),
        _row("while the portal serves", heap["serving"], _kb, BUDGETS["serving"]),
        _row("most in use at any turn of the event loop", heap["most"], _kb),
        ["smallest free heap in which a whole run works", text, "", ""],
        _row("kept after a run that `online()` made", heap["kept_online"], _kb, BUDGETS["kept"]),
        _row("... of that, MicroPython's table of names", heap["table_online"], _kb),
        _row(
            "kept by an application that keeps its Provisioner",
            heap["kept_keeps"],
            _kb,
            BUDGETS["kept"],
        ),
        _row("... of that, MicroPython's table of names", heap["table_keeps"], _kb),
    ]
    for board in ("esp32", "rp2"):
        spread = heap["configured_" + board]
        name = f"kept after `online()` on a configured {board}"
        rows.append(_row(name, spread, _kb, BUDGETS["configured"]))
    rows += [
        _row("ROMFS: while the portal serves", heap["rom_serving"], _kb, BUDGETS["rom_serving"]),
        _row("ROMFS: kept after that run", heap["rom_kept"], _kb, BUDGETS["kept"]),
    ]
    note = "1 kB is 1000 bytes. Everything is beyond the heap in use before the import."
    return _budgets("Heap", rows, note)


def _faces(heap):
    calls = (
        ("provisioning", "`host.get().start(MODE_AP)`"),
        ("qth_wifi", "`Qth_configSetEventCb()`, `Qth_devStart()`"),
        ("simplelink", "`sl_RegisterEventHandler()`, `sl_Start()`"),
    )
    rows = []
    for name, call in calls:
        imported, used = (_range(heap[f"{key}_{name}"], _kb) for key in ("imported", "used"))
        rows.append([f"`{name}`", imported, used, call])
    note = "Each by itself, on a configured ESP32, and with what it loads."
    return Table("Faces", ("face", "imported", "after its first calls", "these"), rows, note)


def _short(name):
    return name.replace("provisioning.", "", 1)


def _imports(modules):
    rows, total = [], 0
    for entry in modules:
        total += entry["bytes"]
        brought = ", ".join(_short(name) for name in entry["brought"])
        name = _short(entry["module"]) + (f" (with {brought})" if brought else "")
        rows.append(
            [name, str(entry["bytes"]), str(total), str(entry["qstrs"]), str(entry["qstr_bytes"])]
        )
    qstrs = sum(entry["qstrs"] for entry in modules)
    table = sum(entry["qstr_bytes"] for entry in modules)
    rows.append(["**all**", str(total), "", str(qstrs), str(table)])
    note = (
        "In the order of loading. Bytes of heap hold the table's growth; the table grows by"
        " leaps and is never given back."
    )
    return Table("Heap by module", ("module", "bytes", "so far", "qstrs", "table"), rows, note)


def _sizes(sizes):
    modules = sizes["modules"]
    rows = [[_short(name), str(size)] for name, size in modules.items()]
    rows += [
        ["**all**", str(sum(modules.values()))],
        ["page.html", str(sizes["page"])],
        [f"lang/ ({len(sizes['languages'])} files)", str(sum(sizes["languages"].values()))],
    ]
    return Table("Size of the .mpy files", ("module", "bytes"), rows, "")


def _methods(figures):
    """What each method takes: its own modules, all of them loaded, and what it needs of others."""
    heap = {one["module"]: one["bytes"] for one in figures["heap"]["modules"]}
    sizes = figures["size"]["modules"]
    names = sorted({name.split(".")[2] for name in sizes if name.startswith(_METHODS)})
    rows = []
    for method in names:
        modules = [n for n in sizes if f"{n}.".startswith(f"{_METHODS}{method}.")]
        size = sum(sizes[name] for name in modules)
        taken = sum(heap.get(name, 0) for name in modules)  # what came along is in who brought it
        rows.append([method, str(len(modules)), str(size), str(taken)])
    note = (
        "A method loads what it needs when it needs it; nobody has all of a method in memory. Both"
        " columns are bytes. protocomm is served by the portal's server."
    )
    return Table("Methods", ("method", "modules", ".mpy", "heap, all loaded"), rows, note)


def _handshakes(figures):
    rows = []
    for one in figures:
        both = one["ahead_ms"], one["answers_ms"]
        boards = []
        for low, high in bench_handshake.SLOWER.values():
            boards.append(f"{sum(both) * low / 1000:.1f} to {sum(both) * high / 1000:.1f} s")
        name = f"security {one['security']}"
        rows.append([name, *map(_ms, (*both, one["longest_ms"])), _kb(one["heap"]), *boards])
    columns = "session", "ahead of it", "its answers", "longest slice", "heap"
    note = (
        "Milliseconds here, on 32-bit MicroPython. *Ahead* is done as soon as an app asks for the"
        " version. *Heap* is without garbage. The boards' columns are estimates of the first two"
        " together."
    )
    return Table("Handshakes", (*columns, *bench_handshake.SLOWER), rows, note)


def _servers(http):
    names = (
        ("page", f"portal, `GET /` ({http['page_bytes']} bytes)"),
        ("bare_page", "bare server, as many bytes"),
        ("status", f"portal, `GET /v1/status` ({http['status_bytes']} bytes)"),
        ("bare_status", "bare server, as many bytes"),
        ("dns", "portal, DNS"),
    )
    rows = []
    for key, name in names:
        one = http[key]
        rate = _range(one["per_s"], lambda value: f"{value:.0f}")
        rows.append([name, rate, f"{one['p50_ms']:.2f} ms", f"{one['p99_ms']:.2f} ms"])
    note = (
        f"{http['page']['count']} requests each, one after another, in"
        f" {http['page']['per_s']['count']} blocks by turns; {_kb(http['free'])} of heap for the"
        " library, and for the bare server."
    )
    return Table("HTTP and DNS", ("what", "per second", "p50", "p99"), rows, note)


def _dns(dns):
    rows = [
        [f"`dns.answer()`, {name.upper()}", _range(dns[name], lambda value: f"{value:.1f} µs")]
        for name in ("a", "aaaa")
    ]
    return Table("DNS answers without a socket", ("what", "median (min to max)"), rows, "")


def _joins(joins):
    rows = []
    for board, one in joins.items():
        rows += [
            _row(f"{board}: bare `WLAN.connect()`", one["bare"], _ms),
            _row(f"{board}: `online()`", one["online"], _ms),
            _row(f"{board}: **added by `online()`**", one["added"], _ms, BUDGETS["added"]),
            _row(f"{board}: confirm to result, in all", one["confirm"], _ms),
            _row(f"{board}: **beyond radio and hold**", one["beyond"], _ms, BUDGETS["beyond"]),
        ]
    count = next(iter(joins.values()))["bare"]["count"]
    note = f"{count} times each, in turns. The hold (setting `hold_ms`) is 2500 ms of the total."
    return _budgets("Time beside the radio's", rows, note)


def _lab(lab):
    rows = []
    for board, one in lab.items():
        for when in ("before", "after"):
            slowest = one[when]["max"]
            name = f"{board}: {one[when]['count']} answers to systems' looks {when} success"
            rows.append([name, _ms(one[when]["median"]), _ms(slowest), *_limit(slowest, "look")])
        for other, worst in one["served"].items():
            name = f"{board}: a phone's status, beside {other}"
            rows.append([name, "", _ms(worst), *_limit(worst, "served")])
    columns = ("what", "median", "slowest", "budget", "within?")
    note = "The lab's real packets (docs/lab.md); idle, slow, ... are guests that mean no good."
    return Table("Waiting on the access point", columns, rows, note)


def _limit(value, name):
    return _verdict(value, BUDGETS[name], _ms)


def tables(figures):
    """All tables of a benchmark's figures, the most important first."""
    return [
        _heap(figures["heap"]),
        _faces(figures["heap"]),
        _joins(figures["joins"]),
        _servers(figures["http"]),
        *([_lab(figures["lab"])] if figures.get("lab") else ()),
        _dns(figures["dns"]),
        _methods(figures),
        *([_handshakes(figures["handshakes"])] if figures.get("handshakes") else ()),
        _imports(figures["heap"]["modules"]),
        _sizes(figures["size"]),
    ]


def over_budget(figures):
    """What is over its budget: a list of (what, figure, budget) texts."""
    found = []
    for table in tables(figures):
        for row in table.rows:
            if row[-1].startswith("**no"):
                found.append(tuple(cell.translate(_PLAIN) for cell in row[:3]))
    return found


def origin(figures):
    """One sentence: when, on what, of which state of the source."""
    boards = RUNTIMES[figures.get("runtime", "shim")]
    return (
        f"{figures['date']}, {figures['cores']} cores of {figures['machine']},"
        f" MicroPython {figures['micropython']} (32 bit, {boards}), Python {figures['python']},"
        f" revision {figures['revision']};"
        f" the machine's load was {figures['load']:.1f} before."
    )


def markdown(figures):
    """All tables as Markdown."""
    return as_markdown(origin(figures), tables(figures))


def as_markdown(origin_of_all, all_tables):
    """Tables as Markdown, below a sentence that says where the figures come from."""
    parts = [f"Measured {origin_of_all}"]
    for table in all_tables:
        rule = ["---"] + ["--:"] * (len(table.columns) - 1)
        lines = [table.columns, rule, *table.rows]
        text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        parts += [f"### {table.title}", text] + ([table.note] if table.note else [])
    return "\n\n".join(parts) + "\n"


def show(figures):
    """Print all tables to a terminal."""
    import rich.console
    import rich.table

    console = rich.console.Console(highlight=False)
    for table in tables(figures):
        shown = rich.table.Table(title=table.title, title_justify="left", caption=table.note)
        for column in table.columns:
            shown.add_column(column, justify="right" if shown.columns else "left")
        for row in table.rows:
            style = "bold red" if row[-1].startswith("**no") else None
            shown.add_row(*(cell.translate(_PLAIN) for cell in row), style=style)
        console.print(shown)
    console.print(origin(figures))
