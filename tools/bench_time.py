# The benchmark's time half: HTTP and DNS of the portal, and what is added to the radio's time.
# MIT licence

import statistics
import time

from tools import bench_board
from tools.bench_board import BOARDS, Board, Flash, Resolver, fetch

_QUESTION = bench_board.query("connectivitycheck.gstatic.com")
HOLD_MS = 2500  # the setting's default


def spread(values):
    """The noise of a figure: {"min", "median", "max", "count"}."""
    return {
        "min": min(values),
        "median": statistics.median(values),
        "max": max(values),
        "count": len(values),
    }


def percentile(values, percent):
    """The value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


class Series:
    """The same question again and again, in blocks. `once()` gives its seconds."""

    def __init__(self, once):
        self._once = once
        self._seconds = []
        self._rates = []

    def warm_up(self):
        """Have done what is slow but once: loading modules, for example."""
        for _ in range(3):
            self._once()

    def block(self, count):
        """Ask `count` times in a row."""
        start = time.perf_counter()
        self._seconds += [self._once() for _ in range(count)]
        self._rates.append(count / (time.perf_counter() - start))

    def result(self):
        """Rate per second with its spread over the blocks, latency in ms over all."""
        return {
            "per_s": spread(self._rates),
            "p50_ms": percentile(self._seconds, 50) * 1000,
            "p99_ms": percentile(self._seconds, 99) * 1000,
            "count": len(self._seconds),
        }


def servers(portal, blocks=6, count=60):
    """HTTP and DNS of an open portal beside a bare server, in turns.

    portal: see bench_heap.Portal. Returns {"page", "bare_page", "status", "bare_status", "dns"}
    as Series.result() gives them, and the sizes of the two bodies.
    """
    sizes = [len(fetch(portal.port, path)[1]) for path in ("/", "/v1/status")]
    port = bench_board.free_port()
    with Flash() as flash, Resolver(portal.dns_port) as resolver:
        words = {"board": "esp32", "flash": flash, "port": port}
        words["sizes"] = ",".join(str(size) for size in sizes)
        heap = bench_board.heap_that_leaves(portal.free, "bare", **words)
        with Board("bare", heap=heap, **words) as bare:
            bare.base()
            bench_board.wait_for(port, bare)
            series = {
                "page": Series(lambda: fetch(portal.port, "/")[0]),
                "bare_page": Series(lambda: fetch(port, f"/{sizes[0]}")[0]),
                "status": Series(lambda: fetch(portal.port, "/v1/status")[0]),
                "bare_status": Series(lambda: fetch(port, f"/{sizes[1]}")[0]),
                "dns": Series(lambda: resolver.ask(_QUESTION)),
            }
            for one in series.values():
                one.warm_up()
            for _ in range(blocks):
                for one in series.values():
                    one.block(count)
    found = {name: one.result() for name, one in series.items()}
    return found | {"page_bytes": sizes[0], "status_bytes": sizes[1], "free": portal.free}


def dns_answer(count=500, times=15):
    """Microseconds of the function that answers: {"a", "aaaa"}."""
    with (
        Flash() as flash,
        Board("names", board="esp32", flash=flash, count=count, times=times) as board,
    ):
        said = []
        while "done" not in (message := board.next()):
            said.append(message)
    return {name: spread([one[name] for one in said]) for name in ("a", "aaaa")}


def _join(name, how, speed):
    with (
        Flash(stored=1) as flash,
        Board("join", board=name, flash=flash, how=how, speed=speed) as board,
    ):
        return board.until("ms")


def joins(portal_class, rounds=8, speed=1):
    """What the library adds to the radio's time, on both boards, in turns.

    Returns {board: {"bare", "online", "added", "radio", "confirm", "beyond"}}, in ms. added:
    online() less the bare connect() of the same round. beyond: from the confirm request to the
    result, less that connect()'s radio time and the hold.
    """
    kinds = ("bare", "online", "added", "radio", "confirm", "beyond")
    found = {name: {kind: [] for kind in kinds} for name in BOARDS}
    for _ in range(rounds):
        for name in BOARDS:
            bare, online = (_join(name, how, speed) for how in ("bare", "online"))
            with portal_class("keeps", name, linger_ms=0) as portal:
                portal.board.ask(f"speed {speed}", "speed")
                confirm = 1000 * bench_board.provision(
                    portal.port, "HomeNet", "correct horse battery"
                )
            of_round = {
                "bare": bare["ms"],
                "online": online["ms"],
                "added": online["ms"] - bare["ms"],
                "radio": bare["radio_ms"],
                "confirm": confirm,
                "beyond": confirm - bare["radio_ms"] - HOLD_MS,
            }
            for kind, value in of_round.items():
                found[name][kind].append(value)
    return {
        name: {kind: spread(values) for kind, values in kinds.items()}
        for name, kinds in found.items()
    }
