# What people see of the factory: a live table on a terminal, else a line for each step.
# MIT licence
"""A Screen is told what happens."""

import json
import sys
import threading

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

_SECRET = ("ap_key", "app_code")  # in the CSV only


def screen(as_json=False):
    """The one that fits: as a context manager."""
    out = sys.stdout
    if as_json:
        return JsonLines(out)
    return LiveTable(out) if out.isatty() else PlainLines(out)


def sentence(line):
    """A board's line in words."""
    name = line.get("name") or line.get("id") or "?"
    if line["result"] == "ok":
        remark = f"; {line['reason']}" if line["reason"] else ""
        return f"{line['port']}: ok, {name}, {line['seconds']} s{remark}"
    return f"{line['port']}: FAILED at {line['step']}, {name}: {line['reason']}"


class PlainLines:
    """For a log: a line when a step begins and when a board is done."""

    def __init__(self, out):
        self._out, self._lock = out, threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def say(self, text):
        """Something to read."""
        with self._lock:
            print(text, file=self._out, flush=True)

    def step(self, visit):
        """A step of a station.Visit begins; called in the visit's thread."""
        self.say(f"{visit.device}: {visit.step}")

    def over(self, visit):
        """A visit is over."""
        self.say(sentence(visit.line))

    def refresh(self, visits):
        """What is there now: [station.Visit], also those that are over."""


class JsonLines(PlainLines):
    """For programs: an object for each board, without its key."""

    def say(self, text):
        """Nothing: it is for people."""

    def over(self, visit):
        """The board's line."""
        line = {name: value for name, value in visit.line.items() if name not in _SECRET}
        super().say(json.dumps(line))


class LiveTable(PlainLines):
    """For a terminal: the boards that are there as a table, above it what is done."""

    def __init__(self, out):
        super().__init__(out)
        self._console = Console(file=out)
        # It must not swap the streams as well, nor refresh itself out of another thread.
        quiet = {"redirect_stdout": False, "redirect_stderr": False, "auto_refresh": False}
        self._live = Live(console=self._console, **quiet)

    def __enter__(self):
        self._live.start()
        return self

    def __exit__(self, *exc):
        self._live.update(Text(), refresh=True)
        self._live.stop()

    def say(self, text):
        """A line above the table."""
        self._console.print(Text(text))

    def step(self, visit):
        """The next refresh shows it."""

    def refresh(self, visits):
        """Draw the table anew."""
        table = Table("port", "board", "step", "progress", "result", box=None, pad_edge=False)
        for visit in visits:
            table.add_row(*_cells(visit))
        if not visits:
            table.add_row(Text("waiting for a board; Ctrl-C ends", style="dim"))
        self._live.update(table, refresh=True)


def _cells(visit):
    if visit.line is None:
        percent = "" if visit.percent is None else f"{visit.percent:.0f} %, "
        progress = f"{percent}{visit.seconds()} s"
        return Text(visit.device), Text(visit.name()), visit.step, progress, ""
    good = visit.line["result"] == "ok"
    result = Text("ok" if good else visit.line["reason"], style="green" if good else "bold red")
    cells = Text(visit.device), Text(visit.name()), visit.line["step"]
    return *cells, f"{visit.line['seconds']} s", result
