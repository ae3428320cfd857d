# One board's way through the factory: flash, look, deploy, settings, identity, selftest, label.
# MIT licence
"""A Visit works in a thread of its own. The factory looks at it: `step`, `percent`, and `line`
when it is over, which is what the CSV gets.
"""

import contextlib
import os
import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tools.boards import BoardError, deploy, flash, ports
from tools.boards.wire import Board

# The steps, and how long each may take in seconds. What is given up then is left to itself: its
# thread ends when the board is unplugged, or with the program.
LIMITS = {
    "flash": 900,
    "look": 90,
    "deploy": 400,
    "settings": 60,
    "identity": 60,
    "selftest": 120,
    "label": 60,
}
UNPLUGGED = "unplugged"
_START_S = 40  # after flashing: the port returns, and the first start makes a file system
_PATIENCE_S = 3  # a port that has just appeared may not be ours yet (udev)
_AGAIN_S = 20  # after deploying: the board's program has just been started
_CHIP = """import binascii, machine, sys
print(binascii.hexlify(machine.unique_id()).decode(), *sys.implementation[1][:3])"""
_PACKAGE = "import provisioning\nprint(provisioning.__version__)"
_DRAWING = threading.Lock()  # matplotlib works in one thread at a time


@dataclass(frozen=True)
class Product:
    """What every board becomes. image: of MicroPython, a path; settings: {name: value}; app: the
    path of the program; labels: the folder for labels. Where one is None its step is left out.
    cloud, replace: see deploy.deploy(). label_format: png, svg or pdf.
    """

    image: str | None = None
    settings: dict | None = None
    app: str | None = None
    cloud: bool = False
    replace: bool = False
    labels: str | None = None
    label_format: str = "png"


class _Over(Exception):
    """The line is made: nothing more is to be done."""


class _Interrupted(Exception):
    """No further step may begin."""


class Visit:
    """A board on its way.

    port: its ports.Port. on_step: a function that is called with the visit when a step begins.
    on_over: the same when it is over. known: lines of earlier visits, {id: line}.
    """

    def __init__(self, port, product, known=None, on_step=None, on_over=None):
        self.device, self._port, self._product = port.device, port, product
        self._known, self._on_step, self._on_over = known or {}, on_step, on_over
        self.step, self.percent, self.line = "", None, None
        self._facts, self._lock, self._stop = {}, threading.Lock(), False
        self._start = time.monotonic()
        self._deadline = self._start + min(LIMITS.values())
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self):
        """Begin."""
        self._thread.start()

    def stop(self):
        """End after the step that it is at."""
        self._stop = True

    def is_late(self):
        """The step has taken longer than it may."""
        return time.monotonic() > self._deadline

    def seconds(self):
        """How long it has been on its way."""
        return round(time.monotonic() - self._start)

    def name(self):
        """What is known of who it is: its name, else its chip's number, else nothing."""
        return self._facts.get("name") or self._facts.get("id", "")

    def give_up(self, reason):
        """End now, whatever is going on."""
        self._finish("failed", reason)

    def is_unplugged(self):
        """The port is not there any more."""
        return os.name != "nt" and "://" not in self.device and not os.path.exists(self.device)

    def _work(self):
        try:
            self._steps()
            self._finish("ok", self._remark())
        except _Over:
            pass
        except _Interrupted:
            self._finish("failed", "interrupted")
        except BoardError as error:
            self._finish("failed", self._reason(str(error)))
        except Exception as error:  # a fault of ours: the other boards go on
            self._finish("failed", self._reason(f"{type(error).__name__}: {error}"))

    def _steps(self):
        if self._product.image is not None:
            self._begin("flash")
            self._flash()
        self._begin("look")
        self._look()
        self._begin("deploy")
        self._deploy()
        self._begin("identity" if self._product.settings is None else "settings")
        with contextlib.ExitStack() as stack:
            board = self._open(stack, _AGAIN_S, fresh=True)
            if self._product.settings is not None:
                self._settings(board)
                self._begin("identity")
            self._facts.update(board.run("identity"), package=board.do(_PACKAGE).strip())
            self._begin("selftest")
            ok, text = selftest(board)
            if not ok:
                raise BoardError(text)
        if self._product.labels is not None:
            self._begin("label")
            self._label()

    def _flash(self):
        self.percent = 0
        image = flash.write(self.device, self._product.image, progress=self._advance)
        self._facts["image_sha256"] = image["sha256"]

    def _advance(self, points):
        self.percent = min(100, self.percent + points)

    def _look(self):
        """Which board is this?"""
        patience = _PATIENCE_S if self._product.image is None else _START_S
        with contextlib.ExitStack() as stack:
            board = self._open(stack, patience, resume=False)
            words = board.do(_CHIP).split()
        self._facts["id"], self._facts["micropython"] = words[0], ".".join(words[1:])

    def _open(self, stack, patience, **how):
        """A wire.Board, which the stack will close. One that has just appeared, or started anew,
        may need a second time. patience: how long another one may begin, in seconds.
        """
        end = time.monotonic() + patience
        while True:
            try:
                return stack.enter_context(Board(self.device, **how))
            except BoardError:
                starts = self.step == "look" and self._product.image is not None
                if time.monotonic() > end or (self.is_unplugged() and not starts):
                    raise
            self._check()
            time.sleep(0.2)
            self._follow()

    def _follow(self):
        """The port may have another name after a start: USB's serial number is the same."""
        if self.is_unplugged() and self._port.serial_number:
            for port in ports.attached():
                if port.vid == self._port.vid and port.serial_number == self._port.serial_number:
                    self.device = port.device

    def _deploy(self):
        product = self._product
        found = deploy.deploy(
            self.device, app=product.app, cloud=product.cloud, replace=product.replace, quiet=True
        )
        if found["kept"]:
            raise BoardError(f"{found['kept'][0]} on it is not ours: --replace puts ours there")

    def _settings(self, board):
        """As the file has them, whatever they were; the others are at their defaults."""
        values = self._product.settings
        changed = [name for name, value, default, _ in board.run("settings") if value != default]
        others = [name for name in changed if name not in values]
        board.run("settings", change=values, defaults=others)

    def _label(self):
        from tools.boards import drawing, label

        name, ssid = self._facts["name"], self._facts["ap_ssid"]
        stem = name if name == ssid else f"{name}-{self._facts['id'][-6:]}"
        stem = re.sub(r"[^\w-]", "_", stem)
        folder, ending = Path(self._product.labels), self._product.label_format
        fresh = folder / f".{stem}.{ending}"
        with _DRAWING:
            drawing.save(
                [label.label_of(label.board_of(self._facts))], fresh, drawing.Paper(62, 29)
            )
            os.replace(fresh, folder / f"{stem}.{ending}")

    def _remark(self):
        """What is to be said of a good board."""
        before = self._known.get(self._facts["id"])
        if before and any(before[key] != self._facts[key] for key in ("ap_ssid", "ap_key")):
            return "it has another name or key than before: its old label is wrong"
        return ""

    def _reason(self, text):
        text = text.strip().splitlines()[0] if text.strip() else "no reason was given"
        # A Pico in its bootloader has no port.
        is_drive = self.step == "flash" and self._port.vid == 0x2E8A
        if self.is_unplugged() and not is_drive:
            text = UNPLUGGED
        return f"interrupted: {text}" if self._stop else text

    def _check(self):
        if self.line:
            raise _Over
        if self._stop:
            raise _Interrupted

    def _begin(self, step):
        with self._lock:
            self._check()
            self.step, self.percent = step, None
            self._deadline = time.monotonic() + LIMITS[step]
        if self._on_step:
            self._on_step(self)

    def _finish(self, result, reason=""):
        with self._lock:
            if self.line:
                return
            self.line = {
                "time": datetime.now().astimezone().isoformat(timespec="seconds"),
                "port": self.device,
                "id": "",
                **self._facts,
                "result": result,
                "step": "" if result == "ok" else self.step,
                "reason": reason,
                "seconds": self.seconds(),
            }
        if self._on_over:
            self._on_over(self)


def selftest(board):
    """Run the self-test. Returns (is it good?, what is wrong)."""
    found = board.run("selftest", silence_s=60)
    wrong = [f"{step['name']}: {step['text']}" for step in found["steps"] if not step["ok"]]
    return found["ok"], "; ".join(wrong)
