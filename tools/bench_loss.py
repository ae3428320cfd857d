# Plays phones to decoders with lost packets, and takes the time until they know it all.
# MIT licence
"""A trial begins at a random point of the sender's cycle, a moment of equal chance. "Locked": the
decoder has heard the sender's sync before, without loss, and so knows protocol and offset. "Cold":
it knows nothing, and has to wait for the next sync. Simple and best decoders are locked.
"""

import bisect
import multiprocessing
import random
import statistics
from collections import namedtuple

from tools import bench_peers, bench_phone

# isort: split
from provisioning.methods.smartconfig.air import Air

LOSSES = (0, 5, 10, 20, 30, 40)  # percent
LIMIT_MS = 150_000  # a trial that takes longer counts as that
_NAMES = (b"Neighbour", bench_phone.SSID, b"2G")

# who: "ours", "simple", "once" (each symbol heard once), "bound" (what CRCs make up for left out).
# way: of bench_phone.WAYS. named: the names of the networks here are known.
Series = namedtuple("Series", "protocol who way start named")


def series(protocol, who="ours", way=bench_phone.TO_DS, start="locked", named=True):
    """A Series, most of it as in the main table."""
    return Series(protocol, who, way, start, named)


def all_series():
    """What `make bench-smartconfig` measures."""
    found = []
    for protocol in bench_phone.PROTOCOLS:
        found += [series(protocol, who) for who in ("ours", "once", "bound")]
        found += [series(protocol, start="cold")]
        found += [series(protocol, way=way) for way in bench_phone.WAYS[1:]]
        if protocol in bench_peers.SIMPLE:
            found.append(series(protocol, "simple"))
    found += [series("airkiss", who, named=False) for who in ("ours", "once", "bound")]
    found.append(series("airkiss", start="cold", named=False))
    return found


def _decoder(one):
    """A function: number of a packet that is heard -> True when all is known."""
    phone = bench_phone.phone(one.protocol)
    if one.who == "simple":
        feed = bench_peers.SIMPLE[one.protocol]().feed
        return lambda n: feed(phone.packets[n][1])
    feed = bench_peers.best(one.protocol, one.who == "bound", one.named).feed
    return lambda n: feed(phone.symbols[n])


def _ours(one, frames, begin):
    """The same, and a function that says how many answers were wrong. begin: of the cycle."""
    air = Air(None, _NAMES if one.named else ())
    if one.start == "locked":
        # The sync of the phase or pass before, and no more of it.
        while not air.synced:
            air.feed(frames[begin], 1)
            begin += 1
    wrong = 0

    def feed(n):
        nonlocal wrong
        heard = air.feed(frames[n], 1)
        if not heard:
            return False
        if (heard.ssid, heard.key) == (bench_phone.SSID, bench_phone.PASSWORD):
            return True
        wrong += 1
        return False

    return feed, lambda: wrong


def trial(one, loss, seed):
    """(milliseconds until all is known, wrong answers before that)."""
    phone = bench_phone.phone(one.protocol)
    chance = random.Random(seed)
    start_ms = chance.uniform(1, 1 + bench_phone.PASSES) * phone.cycle_ms
    first = bisect.bisect_left(phone.packets, (start_ms,))
    wrong = int  # none
    if one.who == "ours":
        others = 1 + seed % 3 if one.way == bench_phone.FROM_DS else 0
        frames = bench_phone.frames(one.protocol, one.way, others)
        begin = phone.begins[bisect.bisect_right(phone.begins, first) - 1]
        feed, wrong = _ours(one, frames, begin)
    else:
        feed = _decoder(one)
    for n in range(first, len(phone.packets)):
        passed_ms = phone.packets[n][0] - start_ms
        if passed_ms > LIMIT_MS:
            break
        if 100 * chance.random() >= loss and feed(n):
            return passed_ms, wrong()
    return LIMIT_MS, wrong()


def _point(task):
    """Median and 95th percentile in seconds, wrong answers."""
    one, loss, trials = task
    results = [trial(one, loss, seed) for seed in range(trials)]
    times = sorted(passed_ms / 1000 for passed_ms, _ in results)
    p95 = times[min(trials - 1, trials * 95 // 100)]
    return one, loss, (statistics.median(times), p95, sum(bool(wrong) for _, wrong in results))


def measure(trials, say=print, wanted=None, processes=2, losses=LOSSES):
    """{Series: [(median_s, p95_s, trials with a wrong answer) for each of the losses]}."""
    wanted = wanted or all_series()
    tasks = [(one, loss, trials) for one in wanted for loss in losses]
    found = {one: [] for one in wanted}
    with multiprocessing.Pool(processes) as pool:
        for number, (one, _, point) in enumerate(pool.imap(_point, tasks), 1):
            found[one].append(point)
            if len(found[one]) == len(losses):
                figures = "  ".join(f"{median:.1f}/{p95:.1f}" for median, p95, _ in found[one])
                named = "" if one.named else " without names"
                what = f"{one.protocol} {one.who} {one.way} {one.start}{named}"
                say(f"{100 * number // len(tasks):3} %  {what:38} {figures}")
    return found
