# Fetches what a board has beside lib/ into build/deps, at the pinned version and hash.
# MIT licence
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from tools.paths import DEPS, ROOT


class DepsError(Exception):
    """A board dependency cannot be had; the message says which and why."""


def wanted(pyproject=ROOT / "pyproject.toml"):
    """The table [tool.board.dependencies]: name -> version, sha256, files."""
    return tomllib.loads(Path(pyproject).read_text())["tool"]["board"]["dependencies"]


def download(name, version, sha256, target):
    """Download one wheel with pip, which checks the hash. Returns its path."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(f"{name}=={version} --hash=sha256:{sha256}\n")
        requirements.flush()
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "-d", str(target)]
        command += ["-r", requirements.name]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise DepsError(f"pip could not download {name} {version}:\n{done.stderr.strip()}")
    return next(Path(target).glob("*.whl"))


def unpack(wheel, files, target):
    """Copy `files` out of a wheel into `target`, and its licence beside them."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        licences = [n for n in names if ".dist-info/" in n and Path(n).name.startswith("LICEN")]
        copies = {name: Path(target) / name for name in files}
        copies.update({n: Path(target) / Path(files[0]).parent / "LICENSE" for n in licences[:1]})
        for name, path in copies.items():
            if name not in names:
                raise DepsError(f"{Path(wheel).name} has no {name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))


def fetch(target=DEPS):
    """Lay out all board dependencies in `target`, which is replaced as a whole."""
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="deps-", dir=target.parent) as work:
        fresh = Path(work) / "deps"
        fresh.mkdir()
        for name, pin in wanted().items():
            store = Path(work) / name
            wheel = download(name, pin["version"], pin["sha256"], store)
            unpack(wheel, pin["files"], fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


if __name__ == "__main__":
    try:
        fetch()
    except DepsError as error:
        sys.exit(f"deps: {error}")
