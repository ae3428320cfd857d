# Makes build/ ready: `python3 -m tools.setup boards`, `... run` or `... dev`.
# MIT licence
"""Uses the standard library alone, since it is what makes the virtual environment.

`boards` is what the tools for boards need, `run` what the simulated board needs (a few seconds
each); `dev` is both, with tests and lint.
"""

import os
import shutil
import subprocess
import sys
import tomllib

from tools import micropython
from tools.paths import BUILD, ROOT, STUBS

VENV = BUILD / "venv"
PYTHON = VENV / "bin/python"


def group(name, pyproject=None):
    """The requirements of a dependency group, its included groups as well, as a list."""
    if pyproject is None:
        pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found = []
    for entry in pyproject["dependency-groups"][name]:
        if isinstance(entry, str):
            found.append(entry)
        else:
            found += group(entry["include-group"], pyproject)
    return found


def say(text):
    print(f"setup: {text}", file=sys.stderr, flush=True)


def pip(*arguments):
    """Run the environment's pip; ends the set-up with pip's own words if it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"setup: pip failed\n{done.stderr.strip()}")


def make_venv():
    """Make build/venv unless it is there and works."""
    works = PYTHON.exists() and not subprocess.call(
        [str(PYTHON), "-m", "pip", "--version"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if works:
        return
    say("making build/venv")
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            f"setup: {sys.executable} cannot make a virtual environment. On Debian or Ubuntu:\n"
            f"  sudo apt-get install python3-venv     (or python{version}-venv)\n"
            f"{(done.stderr or done.stdout).strip()}"
        )


def fetch_deps():
    """Fetch what boards with a cloud need, with the environment's pip."""
    if subprocess.call([str(PYTHON), "-m", "tools.deps"], cwd=ROOT):
        sys.exit(1)


def fetch_stubs():
    """Install each port's stubs into a folder of its own."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name, requirement in tables["tool"]["board"]["stubs"].items():
        fresh = STUBS / f"{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        pip("--target", str(fresh), requirement)
        shutil.rmtree(STUBS / name, ignore_errors=True)
        os.replace(fresh, STUBS / name)


def fetch_micropython():
    """MicroPython is wanted, not needed: without it CPython does what it can."""
    for bits in (64, 32):
        found = micropython.fetch(bits)
        if found.path is None:
            say(found.reason)


def fetch_node_packages():
    """Web clients are wanted, not needed: here no test's clock runs while they come."""
    subprocess.call([str(PYTHON), "-m", "tools.node"], cwd=ROOT, stdout=subprocess.DEVNULL)


def main(what):
    make_venv()
    say(f"installing the pinned packages for '{what}'")
    pip(*group(what))
    if what != "boards":
        fetch_micropython()
    if what == "dev":
        fetch_deps()
        fetch_stubs()
        fetch_node_packages()
    say("done")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dev")
