# Fetches what a board has beside lib/ into build/, at the pinned version and hash.
# MIT licence
"""`python -m tools.deps` lays out build/deps, which every board needs;
`python -m tools.deps cloud` build/cloud, for boards that a cloud confirms (docs/cloud.md).
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

from tools.paths import CLOUD, DEPS, ROOT

TARGETS = {"dependencies": DEPS, "cloud": CLOUD}


class DepsError(Exception):
    """A board dependency cannot be had; the message says which and why."""


def wanted(table="dependencies", pyproject=ROOT / "pyproject.toml"):
    """The table [tool.board.TABLE]: name -> version, sha256, files."""
    return tomllib.loads(Path(pyproject).read_text())["tool"]["board"][table]


def _run(name, version, *module):
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = done.stderr.strip() or done.stdout.strip()
        raise DepsError(f"{module[0]} could not download {name} {version}:\n{words}")


def download(name, version, sha256, target):
    """Download one wheel with pip, which checks the hash. Returns its path."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(f"{name}=={version} --hash=sha256:{sha256}\n")
        requirements.flush()
        options = ["-q", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        options += ["-d", str(target), "-r", requirements.name]
        _run(name, version, "pip", "download", *options)
    return next(Path(target).glob("*.whl"))


def download_plain(name, version, sha256, target):
    """Download one source archive without a setup.py, which pip refuses. Returns its path."""
    options = ["--no-binary", "-d", str(target)]
    index = pip_index()
    if index:
        options += ["-i", index]
    _run(name, version, "unearth", *options, f"{name}=={version}")
    archive = next(Path(target).glob("*.tar.gz"))
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sha256:
        raise DepsError(f"{archive.name} has the hash {found}, and not the pinned one")
    return archive


def pip_index():
    """The index that pip is set to, "" for its default: unearth does not read pip's settings."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    settings = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    for name in (":env:.index-url", "install.index-url", "global.index-url"):
        if name in settings:
            return settings[name].strip("'\"")
    return ""


def read(archive):
    """The files of a wheel or a source archive, as {name: bytes}."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as sources:
        members = [member for member in sources if member.isfile()]
        # All is in one folder, which is named for the version.
        return {m.name.partition("/")[2]: sources.extractfile(m).read() for m in members}


def unpack(archive, files, target):
    """Copy `files` out of an archive into `target`, and its licence beside them."""
    content = read(Path(archive))
    licences = [n for n in content if ".dist-info/" in n and Path(n).name.startswith("LICEN")]
    copies = {name: Path(target) / name for name in files}
    copies.update({n: Path(target) / Path(files[0]).parent / "LICENSE" for n in licences[:1]})
    for name, path in copies.items():
        if name not in content:
            raise DepsError(f"{Path(archive).name} has no {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[name])


def fetch(table="dependencies", target=None):
    """Lay out a table's dependencies in its folder, or in `target`; it is replaced as a whole."""
    target = Path(target or TARGETS[table])
    get = download_plain if table == "cloud" else download
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="deps-", dir=target.parent) as work:
        fresh = Path(work) / "deps"
        fresh.mkdir()
        for name, pin in wanted(table).items():
            archive = get(name, pin["version"], pin["sha256"], Path(work) / name)
            unpack(archive, pin["files"], fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


if __name__ == "__main__":
    try:
        fetch(*sys.argv[1:2])
    except DepsError as error:
        sys.exit(f"deps: {error}")
