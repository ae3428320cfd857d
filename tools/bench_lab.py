# The benchmark's network half: what a phone on the board's access point has to wait for.
# MIT licence

import contextlib
import sys
import tempfile
from pathlib import Path

from tools.bench_board import BOARDS
from tools.bench_time import spread
from tools.paths import TESTS

sys.path[:0] = [str(TESTS)]

GUESTS = {
    "nobody else": (),
    **{name: (name,) for name in ("idle", "slow", "unread", "cut", "flood")},
    "all of these": ("idle", "slow", "unread", "cut", "flood"),
}


def measure(rounds, seconds, say=print, boards=BOARDS):
    """The lab's figures, {} where there can be none (no root, for example): say() says why.

    rounds: how often every system looks. seconds: how long each attack lasts.
    """
    from lab import net

    if reason := net.why_not():
        say("no lab:", reason)
        return {}
    return {board: {**_looks(board, rounds), **_served(board, seconds)} for board in boards}


@contextlib.contextmanager
def _world(board, **settings):
    from lab.world import World

    with tempfile.TemporaryDirectory() as folder, World(Path(folder), board, **settings) as world:
        yield world


def _looks(board, rounds):
    """Milliseconds to each answer, when every system looks whether it is online."""
    from lab.clients import hand_over, look, result

    with _world(board, linger_ms=60000) as world:
        anna = world.phone("anna")
        anna.join_board()
        before = [_times(look(anna)) for _ in range(rounds)]
        hand_over(anna, "HomeNet", "correct horse battery")
        result(anna)
        after = [_times(look(anna)) for _ in range(rounds)]
    return {"before": _spread(before), "after": _spread(after)}


def _times(looks):
    return [ms for one in looks.values() for ms in one["dns_ms"] + one["http_ms"]]


def _spread(rounds):
    return spread([ms for times in rounds for ms in times])


def _served(board, seconds):
    """The longest time that a polite phone waits for an answer, by who else is there."""
    from lab.clients import Client

    waited = {}
    with _world(board, speed=8) as world:
        # What lwIP has for each connection; Linux would take in the whole page.
        world.board.sysctl("net.ipv4.tcp_wmem", "4096 5760 5760")
        for name in ("anna", "bob"):
            world.phone(name).join_board()
        for name, attacks in GUESTS.items():
            with contextlib.ExitStack() as stack:
                for attack in attacks:
                    stack.enter_context(Client(world.phone("bob"), attack, seconds + 2))
                asking = stack.enter_context(Client(world.phone("anna"), "ask", seconds))
                waited[name] = asking.said()["worst_s"] * 1000
    return {"served": waited}
