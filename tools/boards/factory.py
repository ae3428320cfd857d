# factory: a station that makes products of many boards.
# MIT licence
"""Waits for boards and makes each a product: flashes it (--image), copies the package, sets the
product's settings, reads its identity back, tests it, makes its label, writes a line of the CSV.
All boards that are plugged in are worked on at once; unplug one when it is done, plug in the next.

  factory --csv boards.csv --image ESP32_GENERIC-20250415-v1.25.0.bin --settings product.json
          --app lamp.py --labels labels
  factory --csv boards.csv --ports /dev/ttyUSB0,/dev/ttyUSB1      these, each once

A board that fails does not stop the others; its line says at which step and why. Plug it in
again, as often as you like: a board keeps its identity, networks and label. Settings are as the
file says, those that it does not name at their defaults. Ctrl-C ends: boards finish the step that
they are at; Ctrl-C again does not wait for that.

The CSV (mode 0600: readable by you alone) and the labels hold the keys of the boards' access
points: keep them as you keep the boards.
"""

import collections
import signal
import threading
from pathlib import Path

from tools.boards import BoardError, bundle, factory_screen, images, ports, settings
from tools.boards.record import Record
from tools.boards.station import UNPLUGGED, Product, Visit

SUMMARY = "a station that makes products of many boards"
_POLL_S = 0.5
# MicroPython's own USB: the serial number is the chip's, and the port's name may change.
_MICROPYTHON = (0x2E8A, 0xF055)


def add_arguments(parser):
    """The command's words."""
    parser.add_argument("--csv", metavar="FILE", help="append a line for each board")
    parser.add_argument("--image", metavar="FILE", help="flash this MicroPython first")
    parser.add_argument("--settings", metavar="FILE", help="the product's settings, as JSON")
    parser.add_argument("--app", metavar="FILE", help="your program, as the board's app.py")
    parser.add_argument("--cloud", action="store_true", help="with an MQTT client (docs/cloud.md)")
    parser.add_argument(
        "--replace", action="store_true", help="replace a boot.py and main.py that are not ours"
    )
    parser.add_argument("--labels", metavar="DIR", help="make a label NAME.png for each board")
    parser.add_argument(
        "--label-format", choices=("png", "svg", "pdf"), default="png", help="(default: png)"
    )
    parser.add_argument("--ports", metavar="A,B", help="these ports, each once, and end")
    parser.add_argument("--count", type=int, metavar="N", help="end when N boards are good")


def run(options):
    """Work until there is nothing more to do. Returns the counts; ok is False if a board that
    failed was not good later.
    """
    product = product_of(options)
    record = Record(options.csv)
    named = options.ports.split(",") if options.ports else None
    with factory_screen.screen(options.json) as screen:
        factory = Factory(product, record, screen, named, options.count)
        return {**factory.run(), "csv": options.csv}


def show(found):
    """The counts."""
    print(f"{found['good']} good, {found['failed']} failed")
    if found["csv"]:
        print(f"{found['csv']} holds the boards' keys: only you may read it, keep it so")


def product_of(options):
    """The station.Product of a command line, with all checked that needs no board. BoardError."""
    values = None
    if options.settings:
        values = settings.from_file(options.settings)
        settings.check(values)
    if options.image:
        images.check_version(images.read(options.image))
    if options.app:
        bundle.app(options.app)
    bundle.library(cloud=options.cloud)  # compiles what has changed, once
    if options.labels:
        _make_folder(options.labels)
    return Product(
        image=options.image,
        settings=values,
        app=options.app,
        cloud=options.cloud,
        replace=options.replace,
        labels=options.labels,
        label_format=options.label_format,
    )


class Factory:
    """All boards. Looks for new ones, starts a station.Visit for each, keeps the record.

    named: the ports, each once; None: whatever is attached. count: how many good boards are
    wanted; None: no limit. on_step: is called with a Visit when a step of it begins.
    """

    def __init__(self, product, record, screen, named=None, count=None, on_step=None):
        self._product, self._record, self._screen = product, record, screen
        self._named, self._count, self._on_step = named, count, on_step
        self._there = {}  # {key: Visit}: a port stays until it was unplugged and its visit is over
        self._results = {}  # {board: result of its last visit}
        self._noted, self._wake, self._interrupts = set(), threading.Event(), 0

    def run(self):
        """Work. Returns {"ok", "boards", "good", "failed"}."""
        before = {number: signal.signal(number, self._interrupt) for number in _signals()}
        try:
            self._loop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        counts = collections.Counter(self._results.values())
        good, failed = counts["ok"], counts["failed"]
        return {"ok": not failed, "boards": good + failed, "good": good, "failed": failed}

    def _loop(self):
        stopped = 0
        waiting = list(self._named or ())
        while True:
            self._wake.clear()
            if self._interrupts > stopped:
                stopped = self._interrupts
                self._stop(stopped)
            self._note()
            if not stopped:
                self._arrivals(waiting)
            self._screen.refresh(list(self._there.values()))
            if not self._active() and (stopped or self._is_done()):
                return
            self._wake.wait(_POLL_S)

    def _interrupt(self, *_):
        self._interrupts += 1  # and no more: it may come at any instant

    def _stop(self, times):
        if self._active():
            self._screen.say("the boards finish their step; Ctrl-C again does not wait for that")
        for visit in self._active():
            if times == 1:
                visit.stop()
            else:
                visit.give_up("interrupted")

    def _active(self):
        return [visit for visit in self._there.values() if visit not in self._noted]

    def _is_done(self):
        if self._named is not None:
            return True
        return self._count is not None and self._good() >= self._count

    def _good(self):
        return sum(result == "ok" for result in self._results.values())

    def _note(self):
        """Write down the visits that are over."""
        for visit in self._active():
            if visit.line is None and visit.is_late():
                visit.give_up(f"{visit.step} took too long")
            if visit.line:
                self._noted.add(visit)
                self._record.write(visit.line)
                self._screen.over(visit)
                self._results.pop(visit.device, None)
                self._results[visit.line["id"] or visit.device] = visit.line["result"]

    def _arrivals(self, waiting):
        """Start a visit for each new port; forget those that are gone."""
        if self._named is not None:
            while waiting:
                device = waiting.pop(0)
                self._start(device, ports.Port(device, None, None, None, ""))
            return
        attached = {_key(port): port for port in ports.attached()}
        for key, visit in list(self._there.items()):
            if visit in self._noted and (key not in attached or visit.line["reason"] == UNPLUGGED):
                self._noted.discard(self._there.pop(key))
        for key, port in attached.items():
            wanted = self._count is None or self._good() + len(self._active()) < self._count
            if key not in self._there and wanted:
                self._start(key, port)

    def _start(self, key, port):
        visit = Visit(port, self._product, self._record.known, self._tell, self._over)
        self._there[key] = visit
        visit.start()

    def _tell(self, visit):
        self._screen.step(visit)
        if self._on_step:
            self._on_step(visit)

    def _over(self, _):
        self._wake.set()


def _key(port):
    named = port.vid in _MICROPYTHON and port.serial_number
    return port.serial_number if named else port.device


def _signals():
    in_main = threading.current_thread() is threading.main_thread()
    return (signal.SIGINT, signal.SIGTERM) if in_main else ()


def _make_folder(path):
    try:
        Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BoardError(f"{path} cannot be made: {error.strerror}") from error
