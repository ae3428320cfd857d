# A bar for everything that takes more than a second.
# MIT licence
import contextlib

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


@contextlib.contextmanager
def busy(what, quiet=False):
    """Show that something goes on while the block runs, where nobody knows how much is left."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


@contextlib.contextmanager
def bar(what, total, quiet=False):
    """Show a bar on stderr while the block runs. Yields advance(amount=1).

    total: how much there is to do, in whatever unit advance() counts. On a terminal only.
    """
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(what, total=total)
        yield lambda amount=1: progress.advance(task, amount)
