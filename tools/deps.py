# Fetches what a board that a cloud confirms has beside lib/, at the pinned version and hash.
# MIT licence
"""`python -m tools.deps` lays out build/cloud (docs/cloud.md). No other board needs anything."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from tools.paths import CLOUD, ROOT


class DepsError(Exception):
    """A board dependency cannot be had; the message says which and why."""


def wanted(pyproject=ROOT / "pyproject.toml"):
    """The table [tool.board.cloud]: name -> version, sha256, files."""
    return tomllib.loads(Path(pyproject).read_text())["tool"]["board"]["cloud"]


def _run(name, version, *module):
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = done.stderr.strip() or done.stdout.strip()
        raise DepsError(f"{module[0]} could not download {name} {version}:\n{words}")


def download(name, version, sha256, target):
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
    """The files of a source archive, as {name: bytes}."""
    with tarfile.open(archive) as sources:
        members = [member for member in sources if member.isfile()]
        # All is in one folder, which is named for the version.
        return {m.name.partition("/")[2]: sources.extractfile(m).read() for m in members}


def unpack(archive, files, target):
    """Copy `files` out of an archive into `target`."""
    content = read(archive)
    for name in files:
        if name not in content:
            raise DepsError(f"{Path(archive).name} has no {name}")
        path = Path(target) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[name])


def fetch(target=CLOUD):
    """Lay out the dependencies in `target`; it is replaced as a whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="deps-", dir=target.parent) as work:
        fresh = Path(work) / "deps"
        fresh.mkdir()
        for name, pin in wanted().items():
            archive = download(name, pin["version"], pin["sha256"], Path(work) / name)
            unpack(archive, pin["files"], fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


if __name__ == "__main__":
    try:
        fetch()
    except DepsError as error:
        sys.exit(f"deps: {error}")
