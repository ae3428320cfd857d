# MicroPython's own runner for tests between two boards, and twins on the same air as the boards.
# MIT licence

import asyncio
import os
import sys

from ether import Ether
from tools import micropython


def start(path, commands):
    """Write what the runner starts a board by: a program of the shell's. Returns its path."""
    path.write_text(f"#!/bin/sh\n{commands}\n")
    path.chmod(0o755)
    return path


def run(test, starts, sockets):
    """Run a test's instances by `starts`, one each; sockets: the twins' TWIN_CONTROL.

    test: a path, below MicroPython's tests if it is not absolute. Returns exit code and output.
    """
    return asyncio.run(_run(test, starts, sockets))


async def _run(test, starts, sockets):
    command = [sys.executable, "run-multitests.py", "-s"]
    for path in starts:
        command += ["-i", f"exec:{path}"]
    runner = await asyncio.create_subprocess_exec(
        *command,
        str(test),
        cwd=micropython.source() / "tests",
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with Ether(sockets):
        output, _ = await runner.communicate()
    return runner.returncode, output.decode()
