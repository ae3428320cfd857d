# Finds MicroPython for this machine, or fetches Debian's into build/.
# MIT licence
"""`python -m tools.micropython` leaves build/bin/micropython (64 bit) and
build/bin/micropython32, and says for each what it is or why it is not there.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from typing import NamedTuple

from tools.apt import AptError, PrivateApt
from tools.paths import BIN, BUILD

FLOOR = (1, 25)
SUITES = ("trixie", "stable")  # two names of Debian 13, until 14 is released
HOME = BUILD / "micropython"
ARCHITECTURES = {64: "amd64", 32: "i386"}
HINT = "install MicroPython 1.25 or newer (Debian 13: apt-get install micropython) and try again"


class Found(NamedTuple):
    """`path` of an interpreter that can be run, or None; `reason` says what or why not."""

    path: object
    reason: str


def wrapper(bits):
    """Where the interpreter of that many bits is started from."""
    return BIN / ("micropython" if bits == 64 else "micropython32")


def _failure(bits):
    return HOME / f"no-{ARCHITECTURES[bits]}.txt"


def probe(path):
    """Ask an interpreter what it is. Returns ((major, minor, micro), bits).

    Raises OSError or ValueError if it cannot be run or is not MicroPython.
    """
    code = "import sys; i = sys.implementation; print(i[0], i[1][:3], sys.maxsize > 1 << 32)"
    done = subprocess.run(
        [str(path), "-c", code],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=30,
    )
    name, _, rest = done.stdout.strip().partition(" ")
    if done.returncode or name != "micropython":
        words = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise ValueError(words)
    numbers, _, wide = rest.rpartition(" ")
    version = tuple(int(n) for n in numbers.strip("()").split(","))
    return version, 64 if wide == "True" else 32


def _write_wrapper(bits, command):
    """Write the script that runs `command` (text for a shell) with the script's arguments."""
    path = wrapper(bits)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(f'#!/bin/sh\nhere=${{0%/*}}\nexec {command} "$@"\n')
    fresh.chmod(0o755)
    fresh.replace(path)
    _failure(bits).unlink(missing_ok=True)
    return path


def on_path(bits, search=None):
    """A MicroPython on PATH that is new enough and has that many bits, or None."""
    own = BIN.resolve()
    for folder in os.get_exec_path() if search is None else search:
        path = shutil.which("micropython", path=folder)
        if path is None or os.path.realpath(folder) == str(own):
            continue
        try:
            version, width = probe(path)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            continue
        if version >= FLOOR and width == bits:
            return path
    return None


def _unpack(bits):
    """Fetch Debian's package and its libraries; returns the shell command to start it."""
    arch = ARCHITECTURES[bits]
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "i686", "i386"):
        raise AptError(f"Debian's {arch} package does not run on this machine")
    tree = HOME / arch
    shutil.rmtree(tree, ignore_errors=True)
    with PrivateApt(SUITES, arch, HOME) as apt:
        fresh = apt.home / "tree"
        apt.unpack("micropython", fresh)
        fresh.rename(tree)
    program = tree / "usr/bin/micropython"
    loaders = sorted(tree.glob("usr/lib/*/ld-linux*.so.*"))
    if not program.exists() or not loaders:
        raise AptError(f"Debian's {arch} package is not laid out as expected")
    loader = loaders[0]
    there = '"$here"/../micropython/' + arch
    libraries = f"{there}/{loader.parent.relative_to(tree)}"
    return (
        f"{there}/{loader.relative_to(tree)} --library-path {libraries}"
        f" {there}/{program.relative_to(tree)}"
    )


def find(bits=64):
    """What is there already, without fetching anything. Instant. Returns Found."""
    path = wrapper(bits)
    if path.exists():
        return Found(path, f"{path.name} in build/bin")
    failure = _failure(bits)
    if failure.exists():
        return Found(None, failure.read_text().strip())
    return Found(None, f"no {bits}-bit MicroPython yet: run 'make setup'")


def fetch(bits=64):
    """Find the interpreter on PATH, or fetch Debian's. Returns Found; never raises AptError."""
    found = find(bits)
    if found.path and _works(found.path):
        return found
    native = on_path(bits)
    if native:
        return Found(_write_wrapper(bits, f"'{native}'"), f"{native}, found on PATH")
    try:
        path = _write_wrapper(bits, _unpack(bits))
        version, _ = probe(path)
    except (AptError, OSError, ValueError, subprocess.SubprocessError) as error:
        wrapper(bits).unlink(missing_ok=True)
        reason = f"no {bits}-bit MicroPython: {error}. To have it: {HINT}."
        HOME.mkdir(parents=True, exist_ok=True)
        _failure(bits).write_text(reason + "\n")
        return Found(None, reason)
    return Found(path, f"MicroPython {'.'.join(map(str, version))} of Debian")


def _works(path):
    try:
        return probe(path)[0] >= FLOOR
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def source():
    """Fetch and unpack the source of Debian's MicroPython. Returns its folder.

    Raises AptError. With dpkg-dev on the machine Debian's patches are applied.
    """
    target = HOME / "source"
    have = sorted(target.glob("micropython-*/py/mpconfig.h"))
    if have:
        return have[0].parent.parent
    with PrivateApt(SUITES, "amd64", HOME, kind="deb-src") as apt:
        work = apt.home / "source"
        work.mkdir()
        apt.update()
        apt.get("source", "--download-only", "micropython", cwd=work)
        description = next(work.glob("*.dsc"))
        tree = work / ("micropython-" + description.stem.split("_")[1].split("-")[0])
        if shutil.which("dpkg-source"):
            command = ["dpkg-source", "--no-check", "-x", description.name, tree.name]
            subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
        else:
            tree.mkdir()
            strip = ["--strip-components=1", "-C", str(tree)]
            for archive in work.glob("*.orig.tar.*"):
                subprocess.run(["tar", "-xf", str(archive), *strip], check=True)
            for archive in work.glob("*.debian.tar.*"):
                subprocess.run(["tar", "-xf", str(archive), "-C", str(tree)], check=True)
        shutil.rmtree(target, ignore_errors=True)
        work.rename(target)
    return target / tree.name


def main():
    """Exit code 0 if every wanted interpreter is there, 3 if one is not."""
    parser = argparse.ArgumentParser(description="Find or fetch MicroPython.")
    parser.add_argument("--bits", type=int, choices=(32, 64), action="append")
    parser.add_argument("--source", action="store_true", help="fetch Debian's source as well")
    arguments = parser.parse_args()
    missing = 0
    for bits in arguments.bits or (64, 32):
        found = fetch(bits)
        missing += found.path is None
        print(f"micropython {bits} bit: {found.reason}", file=sys.stderr)
    if arguments.source:
        print(source())
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
