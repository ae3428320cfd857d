# Packages for mip: which feature has which files of lib/, their JSON files, an index of our own.
# MIT licence
"""Makes what MicroPython's package manager mip reads.

  python -m tools.packages             writes package.json and a NAME.json for each feature: for
                                       `mpremote mip install github:OWNER/micropython-provisioning`
  python -m tools.packages check       says whether they are up to date
  python -m tools.packages index DIR   adds this version to the index in DIR: any web server can
                                       serve it, with sources and .mpy files, and no GitHub
  python -m tools.packages serve       makes an index in build/index and serves it

The JSON files stand at the top, and each lists all that its feature needs, for mip: it finds files
relative to the JSON file, dependencies only by a whole address, and it does not resolve "..".
"""

import argparse
import contextlib
import functools
import hashlib
import http.server
import json
import sys
import threading
import tomllib
from pathlib import Path
from typing import NamedTuple

from tools import mpy
from tools.paths import BUILD, LIB, MPY, ROOT

WHOLE = "provisioning"  # all features; in the index the others are WHOLE-NAME
INDEX = BUILD / "index"
_HASH_DIGITS = 8  # as in MicroPython's own index


class Feature(NamedTuple):
    """`files`: patterns of paths in lib/; `needs`: other features."""

    files: tuple
    needs: tuple = ()


# A file belongs to the first feature that names it. A missing feature breaks no other.
FEATURES = {
    "portal": Feature(
        (
            "provisioning/methods/portal/**/*",
            "provisioning/feedback/local.py",
            "provisioning/feedback/announce.py",
            "provisioning/feedback/mdns.py",
        ),
        ("core",),
    ),
    # TI's apps ask for the result over HTTP: local feedback is with the portal.
    "smartconfig": Feature(("provisioning/methods/smartconfig/*",), ("portal",)),
    "protocomm": Feature(("provisioning/methods/protocomm/*",), ("portal",)),
    "improv": Feature(("provisioning/methods/improv/*",), ("core",)),
    "qth": Feature(
        ("qth_wifi.py", "provisioning/device.py", "provisioning/station.py"), ("core",)
    ),
    "simplelink": Feature(
        (
            "simplelink.py",
            "provisioning/external.py",
            "provisioning/headers.py",
            "provisioning/places.py",
            "provisioning/processor.py",
            "provisioning/scans.py",
            "provisioning/structures.py",
            "provisioning/wlan.py",
        ),
        ("core",),
    ),
    "core": Feature(
        (
            "provisioning/*.py",
            "provisioning/methods/__init__.py",
            "provisioning/feedback/__init__.py",
            "provisioning/feedback/mqtt.py",  # for who brings a library for MQTT (docs/cloud.md)
        )
    ),
}


class PackagesError(Exception):
    """Something does not fit together; the message says what to do."""


def version(pyproject=ROOT / "pyproject.toml"):
    """The version of all that is here: [project].version. PackagesError when lib/ differs."""
    found = tomllib.loads(Path(pyproject).read_text())["project"]["version"]
    if f'__version__ = "{found}"\n' not in (LIB / WHOLE / "__init__.py").read_text():
        raise PackagesError(f"lib/{WHOLE}/__init__.py: __version__ is not pyproject's {found}")
    return found


def own_files(lib=LIB):
    """What of lib/ is whose: {feature: [path in lib/, ...]}. Raises PackagesError."""
    found = {name: [] for name in FEATURES}
    for path in mpy.sources([lib]):
        owners = [n for n, f in FEATURES.items() if any(_fits(path, each) for each in f.files)]
        if not owners:
            raise PackagesError(f"lib/{path} is in no package: see FEATURES in tools/packages.py")
        found[owners[0]].append(path.as_posix())
    return found


def _fits(path, pattern):
    # Path.match() knows `**` only from Python 3.13 on.
    folder, deep, name = pattern.rpartition("**/")
    if deep:
        return path.is_relative_to(folder) and path.match(name)
    return len(path.parts) == len(Path(pattern).parts) and path.match(pattern)


def needed(*names):
    """Features with all that they need, and that needs: core first."""
    found = []
    for name in names:
        found += [n for n in (*needed(*FEATURES[name].needs), name) if n not in found]
    return found


def descriptions():
    """The JSON files for GitHub, as {path: text}."""
    found = {ROOT / f"{name}.json": _description(name) for name in FEATURES}
    found[ROOT / "package.json"] = _description(*FEATURES)
    return found


def _description(*names):
    files = own_files()
    urls = [[path, f"lib/{path}"] for name in needed(*names) for path in files[name]]
    rows = ",\n    ".join(json.dumps(row) for row in sorted(urls))
    return f'{{\n  "version": "{version()}",\n  "urls": [\n    {rows}\n  ],\n  "deps": []\n}}\n'


def stale():
    """The names of the JSON files that are not as they should be."""
    found = descriptions().items()
    return sorted(p.name for p, text in found if not p.is_file() or p.read_text() != text)


def write():
    """Write the JSON files that are out of date. Returns their names."""
    names = stale()
    for path, text in descriptions().items():
        if path.name in names:
            path.write_text(text)
    return names


# The index. Its format is that of micropython-lib's tools/build.py, which mip reads.


def index(folder):
    """Add this version to the index in `folder`; other versions stay. Returns [package, ...].

    It has sources (`py`), and .mpy files for the boards whose MicroPython reads them.
    Raises PackagesError, mpy.MpyError.
    """
    mpy.build(MPY, [LIB])
    compiled = (MPY / "qth_wifi.mpy").read_bytes()[1]  # the format's version is the second byte
    names = []
    for name, number, paths, needs in _packages():
        for kind in ("py", str(compiled)):
            hashes = [_stored(Path(folder), path, kind != "py") for path in paths]
            text = json.dumps({"v": 1, "version": number, "hashes": hashes, "deps": needs})
            place = Path(folder) / "package" / kind / name
            place.mkdir(parents=True, exist_ok=True)
            for file in (f"{number}.json", "latest.json"):
                (place / file).write_text(text)
        names.append(name)
    return names


def _packages():
    # (name, version, paths, dependencies) of each package in the index.
    number, files = version(), own_files()
    for name, feature in FEATURES.items():
        needs = [[f"{WHOLE}-{n}", number] for n in feature.needs]
        yield f"{WHOLE}-{name}", number, files[name], needs
    # All in one: as dependencies, mip would look at core's files again for each feature.
    yield WHOLE, number, sorted(path for own in files.values() for path in own), []


def _stored(folder, path, is_compiled):
    # Puts a file into the index. Returns what a package says of it.
    if is_compiled and path.endswith(".py"):
        path = path[:-3] + ".mpy"
    data = ((MPY if is_compiled else LIB) / path).read_bytes()
    name = hashlib.sha256(data).hexdigest()[:_HASH_DIGITS]
    place = folder / "file" / name[:2] / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return [path, name]


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass


@contextlib.contextmanager
def serving(folder, host="127.0.0.1", port=0):
    """Serve a folder while in the block; port 0: a free one. Gives its address. OSError."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer((host, port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{host}:{server.server_port}"
        finally:
            server.shutdown()


def _serve(host, port):
    print(f"{len(index(INDEX))} packages in {INDEX.relative_to(ROOT)}", flush=True)
    with serving(INDEX, host, port) as address:
        print(f"mpremote mip install --index {address} {WHOLE}", flush=True)
        print("Ctrl-C ends it", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def main(words=None):
    """Do what the words say, sys.argv's by default. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.packages", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("check", help="exit code 1 when a JSON file is out of date")
    make = actions.add_parser("index", help="add this version to an index")
    make.add_argument("folder", metavar="DIR")
    serve = actions.add_parser("serve", help="make an index, and serve it")
    serve.add_argument("--host", default="127.0.0.1", help="0.0.0.0: boards reach it as well")
    serve.add_argument("--port", type=int, default=8090)
    options = parser.parse_args(words)
    try:
        if options.action == "index":
            print("\n".join(index(options.folder)))
        elif options.action == "serve":
            _serve(options.host, options.port)
        elif options.action == "check":
            names = stale()
            if names:
                raise PackagesError(f"out of date: {' '.join(names)}: python -m tools.packages")
            print("up to date")
        else:
            print("\n".join(f"{name}: written" for name in write()) or "up to date")
    except (PackagesError, mpy.MpyError, OSError) as error:
        print(f"packages: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
