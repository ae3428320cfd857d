# Every system's own look whether it is online: before success a portal, after it released.
# MIT licence

import pytest

from lab.clients import hand_over, look, result


@pytest.mark.parametrize("board", ["esp32", "rp2"])
def test_a_portal_until_success_and_then_released(lab, board):
    world = lab(board, linger_ms=60000)
    anna = world.phone("anna")
    anna.join_board()
    home = f"http://{world.board.address}/"

    before = look(anna)
    assert len(before) >= 12
    assert {name: one["said"] for name, one in before.items() if one["verdict"] != "portal"} == {}
    assert {name: one["landed"] for name, one in before.items() if not is_ours(one, home)} == {}

    assert hand_over(anna, "HomeNet", "correct horse battery") == 202
    assert result(anna)["state"] == "connected"
    after = look(anna)
    assert {name: one["said"] for name, one in after.items() if one["verdict"] != "online"} == {}


def is_ours(one, home):
    landed = one["landed"] or ""
    return landed.startswith((home, "http://mysimplelink.net/")) and "Wi-Fi" in one["title"]
