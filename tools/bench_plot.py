# Draws how long SmartConfig takes under loss: docs/img/smartconfig-time.png.
# MIT licence

import os

from tools.bench_loss import LOSSES, series
from tools.paths import BUILD

_TITLES = {
    "esptouch1": "ESP-Touch v1",
    "airkiss": "AirKiss, names of networks known",
    "esptouch2": "ESP-Touch v2",
    "ti2": "TI, generation 2",
}
_OURS = "#0b61a4"
_GREY = "#8a8a8a"
_TICKS = (0.25, 0.5, 1, 2, 4, 8, 16, 32)


def draw(found, spec, path):
    """found: of bench_loss.measure(). spec: {protocol: [(median, p95), ...]}. path: of the PNG."""
    os.environ.setdefault("MPLCONFIGDIR", str(BUILD / "matplotlib"))
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import NullLocator

    pyplot.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    figure, places = pyplot.subplots(2, 2, figsize=(9, 7.4), sharex=True, sharey=True)
    for place, (protocol, title) in zip(places.flat, _TITLES.items(), strict=True):
        _panel(place, found, protocol, spec.get(protocol))
        place.set_title(title, loc="left", fontweight="bold")
        place.set_yscale("log")
        place.set_ylim(0.18, 60)
        place.set_yticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        place.yaxis.set_minor_locator(NullLocator())
        place.set_xticks(LOSSES)
        place.grid(True, color="#e4e4e4", linewidth=0.8)
    for place in places[1]:
        place.set_xlabel("packets lost, %")
    for place in places[:, 0]:
        place.set_ylabel("time until all is known, s")
    lines, texts = places[0, 0].get_legend_handles_labels()
    figure.legend(lines, texts, loc="lower center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0.085, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})
    pyplot.close(figure)


def _panel(place, found, protocol, spec):
    ours = found[series(protocol)]
    median, p95 = ([point[n] for point in ours] for n in (0, 1))
    best = [point[0] for point in found[series(protocol, "bound")]]
    if spec:
        for n, style, what in ((0, "-", "median"), (1, "--", "95th percentile")):
            values = [point[n] for point in spec]
            place.plot(LOSSES, values, style, color=_GREY, label=f"simple decoders: {what}")
    place.fill_between(LOSSES, median, p95, color=_OURS, alpha=0.12, linewidth=0)
    place.plot(LOSSES, median, "o-", color=_OURS, markersize=4, linewidth=2, label="ours: median")
    place.plot(LOSSES, p95, "--", color=_OURS, label="ours: 95th percentile")
    place.plot(LOSSES, best, ":", color="black", linewidth=1.6, label="best possible: median")
