# What people see of `python -m tools phone`: tables, progress, and words for what happened.
# MIT licence
"""The words for states and reasons are the page's own, in lib/.../portal/lang/en.json."""

import contextlib
import functools
import json

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tools.boards.portal_client import STEPS, printable
from tools.paths import LIB

_WORDS = LIB / "provisioning/methods/portal/lang/en.json"
_SECURITIES = {"open": "none", "wep": "WEP", "wpa2": "WPA2", "wpa3": "WPA3"}
_SECURITIES |= {"enterprise": "Enterprise", "unknown": "?"}
_MORE = {
    "no_answer": "The board stopped answering while it tried {ssid}. Where that worked it closes "
    "its access point: look for it in {ssid}. Else join its access point again, and try again.",
    "timeout": "The board is still trying {ssid}. Try again, with a longer --timeout.",
    "not_tried": "The board did not try {ssid}, perhaps it was restarted. Try again.",
    "other_network": "The board is connected, but to {ssid}: somebody else handed that over.",
}


@functools.cache
def words():
    """The page's texts in English, by their names."""
    return json.loads(_WORDS.read_text("utf-8"))


def sentence(name, ssid):
    """The page's sentence of this name, for the network `ssid`."""
    text = _MORE.get(name) or words().get(name) or words()["again"]
    return text.replace("{ssid}", printable(ssid))


def outcome(result):
    """What hand_over() returned in a sentence that tells what to do."""
    if result["ok"]:
        name, ssid = printable(result["name"]), printable(result["ssid"])
        return f"Connected: {name} is on {ssid}, its address there is {result['address']}"
    return sentence(result["reason"], result["ssid"])


def networks(found):
    """A table of what Board.networks() returned, numbered from 1."""
    table = _table("", "network", "signal", "security", "")
    for number, network in enumerate(found, 1):
        notes = [words()["stored"]] if network["stored"] else []
        if not network["supported"]:
            notes.append("not supported")
        bars = "▂▄▆█"[: network["bars"]]
        _row(table, number, network, bars, _security(network), ", ".join(notes))
    return table


def unsupported(network):
    """Why no board can join this network."""
    return words().get(network["security"], words()["wep"])


def stored(found):
    """A table of what Board.stored() returned."""
    table = _table("", "stored network", "security")
    for profile in found:
        _row(table, profile["index"], profile, _security(profile))
    return table


def _security(network):
    return _SECURITIES.get(network["security"], "?")


def _table(*columns):
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="left" if name else "right", overflow="fold")
    table.columns[-1].justify = "left"
    return table


def _row(table, number, network, *more):
    name = printable(network["ssid"])
    if "\ufffd" in name:  # two of them may look the same
        name += f" (hex {printable(network['ssid_hex'])})"
    table.add_row(*(Text(str(part)) for part in (number, name, *more)))


class Screen:
    """Talks on stderr, since stdout is for the result. quiet: not at all."""

    def __init__(self, quiet=False):
        self.console = Console(stderr=True, quiet=quiet, highlight=False, markup=False)
        self._progress = self._task = None
        self._now = self._note = ""

    def say(self, what="", style=None):
        """Print a text or a table."""
        self.console.print(what, style=style)

    def ask(self, question):
        """What the person types after a question. Raises EOFError."""
        return self.console.input(question, markup=False).strip()

    @contextlib.contextmanager
    def doing(self, text):
        """Show a text that moves, and the time, while the block runs; step() changes the text."""
        columns = SpinnerColumn(), TextColumn("{task.description}", markup=False)
        hidden = not self.console.is_terminal
        columns = (*columns, TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True, disable=hidden) as progress:
            self._progress, self._task = progress, progress.add_task(text, total=None)
            self._now = self._note = ""
            try:
                yield
            finally:
                self._progress = None

    def step(self, status):
        """Show the step that a status of the board tells."""
        state = status["state"]
        text = sentence(state, status["ssid"]) if state in STEPS else ""
        if text == self._now or not (text or state == "connected"):
            return
        if text and not self.console.is_terminal:
            self.say(text)
        if self._now and self.console.is_terminal:
            self.say(f"✓ {self._now.rstrip('…')}", "green")
        self._now = text
        self._show()

    def trouble(self, text):
        """Show why there is no answer for the moment; "" when there is one again."""
        if text and not self._note:
            again = "Asking again. If this computer left the board's Wi-Fi, join that again."
            self.say(f"{text[0].upper()}{text[1:]}. {again}", "yellow")
        self._note = text
        self._show()

    def _show(self):
        if self._progress and self._now:
            self._progress.update(self._task, description=self._now)
