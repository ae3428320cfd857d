# deploy: brings the package on a board up to date.
# MIT licence
"""Brings a board's /lib, boot.py and main.py up to date: what has changed is copied, what is no
longer needed is removed. Settings, stored networks and identity stay, as does what is not ours.

New files wait in a folder until the last one is there; then they take their places within a
moment. Until then the board works with the old version, and a deployment that was interrupted is
taken up where it stopped when it is repeated.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.boards import BoardError, bundle, ports
from tools.boards.progress import bar, busy
from tools.boards.wire import Board

SUMMARY = "copy the package to a board: what has changed, keeping settings and networks"
FLOOR = (1, 25)
STAGE = "/.deploy"  # a folder of the board's


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)
    parser.add_argument("--source", action="store_true", help="copy .py files, not .mpy")
    parser.add_argument("--cloud", action="store_true", help="with an MQTT client (docs/cloud.md)")
    parser.add_argument("--app", metavar="FILE", help="your program, as the board's app.py")
    parser.add_argument(
        "--replace", action="store_true", help="replace a boot.py and main.py that are not ours"
    )
    parser.add_argument(
        "--romfs", action="store_true", help="the package as a ROMFS image: it takes less memory"
    )


def run(options):
    """Deploy to the board that is attached. Returns deploy()'s dict."""
    port = ports.choose(options.port)
    return deploy(
        port.device,
        source=options.source,
        cloud=options.cloud,
        app=options.app,
        replace=options.replace,
        romfs=options.romfs,
        quiet=options.json,
    )


def show(found):
    """What was done, in words."""
    copied = len(found["copied"])
    print(f"{found['port']}: {found['machine']}, MicroPython {found['micropython']}")
    if found["romfs"]:
        print(f"ROMFS image of {found['romfs']} bytes written")
    if copied or found["removed"]:
        print(f"{copied} files copied ({found['bytes']} bytes), {len(found['removed'])} removed")
    elif not found["romfs"]:
        print("nothing to do: all is up to date")
    for path in found["kept"]:
        print(f"{path} is not ours and stays; --replace puts ours in its place")
    print("The board starts its program. See it: make logs; its label: make label")


def deploy(device, source=False, cloud=False, app=None, replace=False, romfs=False, quiet=False):
    """Bring the board at a serial port up to date.

    source, cloud: see bundle.library(). app: the path of the user's program. replace: a foreign
    boot.py and main.py as well. romfs: the package goes into the ROMFS partition. Returns a
    dict: port, machine, micropython, copied, removed and kept (lists of paths), bytes, romfs (its
    size). Raises BoardError; what was there before then still works, and it may be repeated.
    """
    library = bundle.library(source, cloud)
    with Board(device, fresh=True) as board:
        with busy("looking what is there", quiet):
            survey = _survey(board, library)
        _check(survey, source, romfs)
        wanted, kept = bundle.programs(survey["heads"], replace)
        wanted.update(bundle.app(app) if app else {})
        wanted.update({} if romfs else library)
        found = {
            "port": device,
            "machine": survey["machine"],
            "micropython": ".".join(map(str, survey["version"])),
            "kept": kept,
            "romfs": 0,
        }
        if not romfs:
            return {**found, **_bring(board, survey, wanted, quiet)}
        board.stay()
    # The image is whole before the copies in /lib go, which would hide it.
    with busy("writing the ROMFS image", quiet):
        found["romfs"] = write_romfs(device, library)
    with Board(device, fresh=True) as board:
        return {**found, **_bring(board, survey, wanted, quiet)}


def write_romfs(device, library):
    """Write a ROMFS image of the package with mpremote. Returns its size in bytes."""
    from mpremote.romfs import make_romfs

    with tempfile.TemporaryDirectory(prefix="romfs-") as folder:
        tree = Path(folder) / "tree"
        for path, content in library.items():
            file = tree / path.removeprefix("/lib/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        image = Path(folder) / "package.romfs"
        image.write_bytes(make_romfs(str(tree), mpy_cross=False))
        words = ["connect", device, "resume", "romfs", "deploy", str(image)]
        done = subprocess.run(
            [sys.executable, "-m", "mpremote", *words], capture_output=True, text=True
        )
        if done.returncode or "deployed" not in done.stdout:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise BoardError(f"{device}: the ROMFS image was not written: {' '.join(said)}")
        return image.stat().st_size


def _survey(board, library):
    folders = [*bundle.FOLDERS, *(["/lib/umqtt"] if "/lib/umqtt/__init__.mpy" in library else [])]
    programs = [f"/{name}" for name in bundle.PROGRAMS]
    return board.run(
        "survey",
        stage=STAGE,
        folders=folders,
        files=[*bundle.files(), *programs, "/app.py"],
        heads=programs,
    )


def _check(survey, source, romfs):
    version = ".".join(map(str, survey["version"]))
    if tuple(survey["version"]) < FLOOR:
        raise BoardError(f"the board has MicroPython {version}; 1.25 is needed: make flash")
    if not source and survey["bytecode"] != bundle.BYTECODE:
        raise BoardError(
            f"MicroPython {version} reads bytecode {survey['bytecode']}, and mpy-cross makes "
            f"{bundle.BYTECODE}: deploy with --source, or flash a MicroPython that fits"
        )
    if romfs and not survey["romfs"]:
        raise BoardError("this board's MicroPython has no ROMFS partition: deploy without --romfs")


def _bring(board, survey, wanted, quiet):
    """Make the board's files what is wanted."""
    there, staged = survey["found"], dict(survey["staged"])
    changed = {p: c for p, c in wanted.items() if there.get(p) != bundle.digest(c)}
    ours = set(there) - {f"/{name}" for name in bundle.PROGRAMS} - {"/app.py"}
    stale = sorted(ours - set(wanted))
    moves, missing = [], {}
    for path, content in changed.items():
        name = bundle.stage_name(path, content)
        moves.append((name, path))
        if staged.pop(f"{STAGE}/{name}", None) != bundle.digest(content):
            missing[f"{STAGE}/{name}"] = content
    if changed or stale or survey["staged"]:
        useless = [path for path in staged if path not in missing]
        board.run("stage", stage=STAGE, unwanted=useless)
        _check_room(survey, missing)
        with bar("copying", sum(map(len, missing.values())), quiet) as advance:
            for path, content in missing.items():
                board.put(path, content, advance)
        board.run("commit", stage=STAGE, moves=moves, stale=stale)
    return {
        "copied": sorted(changed),
        "removed": stale,
        "bytes": sum(map(len, missing.values())),
    }


def _check_room(survey, missing):
    block = survey["block"]
    needed = sum(-(-len(content) // block) + 1 for content in missing.values())
    if needed > survey["free"]:
        raise BoardError(
            f"no room: {needed * block // 1024} kB are needed beside what is there, and "
            f"{survey['free'] * block // 1024} kB are free. Remove files of yours (make repl), or "
            "deploy with --romfs where the board has one"
        )
