# Runs MicroPython's Makefiles: for the twins, and for the bare-metal board.
# MIT licence
import contextlib
import fcntl
import os
import subprocess

from tools.paths import BUILD

_LINES_SHOWN = 12


class BuildError(Exception):
    """A program cannot be built; the message says why and what to do."""


@contextlib.contextmanager
def alone(lock):
    """Wait for another process that builds the same; `lock` is a file's path."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(folder, variables, log):
    """Run make in a folder with NAME=VALUE words; what it prints goes into the file `log`.

    Raises BuildError with the lines that tell what went wrong.
    """
    with log.open("w") as output:
        done = subprocess.run(
            ["make", "-C", str(folder), f"-j{os.cpu_count()}", *variables],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise BuildError(f"make failed, see {log}\n{_excerpt(log)}")


def _environment():
    """Nothing of the caller's may reach the Makefile: it has a BOARD and a BUILD as well."""
    kept = ("PATH", "HOME", "TMPDIR", "TMP", "TEMP", "CCACHE_DIR")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    return {**found, "LC_ALL": "C", "PYTHONPYCACHEPREFIX": str(BUILD / ".pycache")}


def _excerpt(log):
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if "error:" in line or "Error " in line]
    return "\n".join((errors or lines)[:_LINES_SHOWN])
