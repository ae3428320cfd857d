# MicroPython's own test of an access point and a station, between two twins over the same air.
# MIT licence

import re

import pytest

from pc import multitests
from tools import twins

TEST = "multi_wlan/01_ap_sta.py"


@pytest.mark.parametrize("pair", [("esp32", "rp2"), ("rp2", "esp32")], ids="-".join)
def test_access_point_and_station(tmp_path, pair):
    # The right password is not refused at first: MicroPython's test tries once.
    honest = tmp_path / "honest"
    honest.write_text("option false_badauth=0\n")
    sockets = [str(tmp_path / f"control{number}") for number in range(2)]
    starts = []
    for number, board in enumerate(pair):
        program = twins.find(board, 32).path
        air = f"TWIN_AIR={honest}" if board == "rp2" else ""
        commands = f'{air} TWIN_CONTROL={sockets[number]} exec {program} "$@"'
        starts.append(multitests.start(tmp_path / f"{board}-{number}", commands))
    code, output = multitests.run(TEST, starts, sockets)
    assert code == 0 and re.search(r"1 tests? passed", output), output
