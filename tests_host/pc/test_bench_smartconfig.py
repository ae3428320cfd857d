# The benchmark of SmartConfig does what it says. No time is judged here.
# MIT licence

import pytest

from tools import (
    bench,
    bench_frames,
    bench_loss,
    bench_peers,
    bench_phone,
    bench_plot,
    bench_smartconfig,
    bench_smartconfig_report,
    micropython,
)

MACHINE = {"date": "", "machine": "", "python": "", "micropython": "", "revision": ""}


def feed(decoder, what):
    """How many of these it takes until all is known, or None."""
    for number, one in enumerate(what, 1):
        if decoder.feed(one):
            return number
    return None


def test_the_best_possible_of_a_tiny_case():
    needed = [({"a", "b"}, 1), ({"c"}, 0)]
    assert feed(bench_peers.Best(needed, False), ["a", None, "a", "c", "x", "b", "c"]) == 6
    assert feed(bench_peers.Best(needed, True), ["a", None, "a", "c", "x", "b", "c"]) == 4
    assert feed(bench_peers.Best(needed, True), ["a", "b"]) is None
    assert feed(bench_peers.Best(needed, True, 1), ["x", "b"]) == 2
    # A symbol that says two things.
    assert feed(bench_peers.Best([({1, 2}, 1), ({2, 3}, 1)], True), [2]) == 1


def test_what_has_to_be_heard():
    def count(protocol):
        return sum(len(symbols) for symbols, _ in bench_phone.phone(protocol).needed)

    # 9 + 16 + 12 bytes twice; 6 blocks of 8 planes; the heads, and 29 bytes in 8 groups.
    assert count("esptouch1") == 2 * 37
    assert count("esptouch2") == 6 * 8
    assert count("airkiss") == 8 + 29 + 8
    # Each nibble is in its own packet and in the next.
    assert count("ti2") == 2 * 2 + 2 * 2 * 28 - 2


def test_simple_decoders_of_all_that_is_sent():
    for protocol in bench_peers.SIMPLE:
        lengths = [length for _, length, _ in bench_phone.phone(protocol).packets]
        all_heard = feed(bench_peers.SIMPLE[protocol](), lengths)
        begin = lengths.index(40 + 256) if protocol == "esptouch1" else 360
        assert begin < all_heard < begin + 140
        # Some are lost, here and there.
        heard = [length for number, length in enumerate(lengths) if number % 13]
        assert feed(bench_peers.SIMPLE[protocol](), heard) > all_heard


@pytest.mark.parametrize("protocol", bench_phone.PROTOCOLS)
def test_nobody_is_faster_than_the_bound(protocol):
    for seed in range(5):
        for loss in (0, 20):
            kinds = [bench_loss.series(protocol, who) for who in ("bound", "once", "ours")]
            bound, once, ours = (bench_loss.trial(one, loss, seed)[0] for one in kinds)
            assert bound <= min(once, ours) and ours < bench_loss.LIMIT_MS


def test_figures_go_through_file_tables_and_plot(tmp_path):
    loss = bench_loss.measure(2, lambda _: None, losses=(0, 20))
    assert set(loss) == set(bench_loss.all_series())
    loss = {one: [points[0]] * 3 + [points[1]] * 3 for one, points in loss.items()}
    cost = {"phase": "data", "us": 20, "worst_us": 90, "bytes": 3, "frames": 64}
    heap = {"module": 8000, "decoder": 1500, "air": 48}
    frames = {
        "air": 7000,
        "cost": [cost | {"protocol": "esptouch1"}, cost | {"protocol": "none", "us": 30}],
        "heap": [heap | {"protocol": "airkiss"}],
    }
    figures = {"about": MACHINE, "trials": 2, "seconds": 1, "loss": loss, "frames": frames}
    bench_smartconfig.write(figures, tmp_path / "figures.json")
    again = bench_smartconfig.read(tmp_path / "figures.json")
    text = bench_smartconfig_report.markdown(again)
    assert text == bench_smartconfig_report.markdown(figures)
    assert "| ESP-Touch v1, data | 20.0 µs | 3 | 588 | 877 | 131 |" in text
    assert "none, foreign: 392" not in text
    bad = bench_smartconfig_report.shortcomings(again)
    assert "none, data: 392 frames a second" in bad
    slow = {one: [[100, 100, 0]] * 6 for one in loss}
    bad = bench_smartconfig_report.shortcomings(again | {"loss": slow})
    assert "airkiss at 20 %, median: 100.0 s, 0.05 times" in bad and len(bad) == 5
    bench_smartconfig_report.show(again)
    page = bench_smartconfig.PAGE.read_text()
    assert bench.update(page, "new", bench_smartconfig.MARKS).count("\nnew\n") == 1
    bench_plot.draw(loss, bench_smartconfig_report.SPEC, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes()[:4] == b"\x89PNG"


def test_what_a_frame_costs(tmp_path, monkeypatch):
    if micropython.find(32).path is None:
        pytest.skip(micropython.find(32).reason)
    monkeypatch.setattr(bench_frames.bench_board, "HOME", tmp_path)
    bench_frames.compile_all()
    found = bench_frames.measure(1, "esptouch1")
    phases = [one["phase"] for one in found["cost"]]
    assert phases == ["guide", "data", "after it was heard", "foreign traffic"]
    assert all(one["us"] > 0 and one["frames"] >= 64 for one in found["cost"])
    assert found["air"] > 1000 and found["heap"][0]["decoder"] > 500
