# MicroPython's own test of an access point and a station, between two twins over the same air.
# MIT licence

import asyncio
import os
import re
import sys

import pytest

from ether import Ether
from tools import micropython, twins

TEST = "multi_wlan/01_ap_sta.py"


async def _run(folder, pair):
    """Run the test with MicroPython's own runner. Returns its exit code and output."""
    sockets = [str(folder / f"control{number}") for number in range(2)]
    # The right password is not refused at first: MicroPython's test tries once.
    honest = folder / "honest"
    honest.write_text("option false_badauth=0\n")
    command = [sys.executable, "run-multitests.py", "-s"]
    for socket, board in zip(sockets, pair, strict=True):
        start = folder / f"{board}-{socket[-1]}"
        program = twins.find(board, 32).path
        air = f"TWIN_AIR={honest}" if board == "rp2" else ""
        start.write_text(f'#!/bin/sh\n{air} TWIN_CONTROL={socket} exec {program} "$@"\n')
        start.chmod(0o755)
        command += ["-i", f"exec:{start}"]
    runner = await asyncio.create_subprocess_exec(
        *command,
        TEST,
        cwd=micropython.source() / "tests",
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with Ether(sockets):
        output, _ = await runner.communicate()
    return runner.returncode, output.decode()


@pytest.mark.parametrize("pair", [("esp32", "rp2"), ("rp2", "esp32")], ids="-".join)
def test_access_point_and_station(tmp_path, pair):
    code, output = asyncio.run(_run(tmp_path, pair))
    assert code == 0 and re.search(r"1 tests? passed", output), output
