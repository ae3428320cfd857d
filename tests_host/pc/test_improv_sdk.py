# Improv's own JavaScript SDK provisions a real MicroPython over its console.
# MIT licence

import contextlib
import json
import subprocess
import threading

import pytest

from conftest import CI
from pc.cable import KEY, LISTENS, Board
from tools import node

SPEAKS = ["initialize"]
NOT_FOUND = "Improv Wi-Fi Serial not detected"


@pytest.fixture(scope="module")
def sdk():
    """sdk(board, ["initialize"], ...) runs these steps of sdk.mjs; returns what each did."""
    try:
        node.install()
        script = node.bundle("sdk.mjs", "sdk.mjs", "--platform=node")
    except node.NodeError as error:
        (pytest.fail if CI else pytest.skip)(str(error))

    def drive(board, *steps):
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [node.node(), script, json.dumps(steps)], stdin=pipe, stdout=pipe, stderr=pipe
        )

        def to_board():
            while data := process.stdout.read1(4096):
                board.write(data)

        def to_client(data):
            with contextlib.suppress(BrokenPipeError):  # it is done, and the board goes on
                process.stdin.write(data)
                process.stdin.flush()

        sending = threading.Thread(target=to_board)
        sending.start()
        with board.attached(to_client):
            said = process.stderr.read().decode()
            sending.join()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
        lines = [json.loads(line) for line in said.splitlines()]
        assert len(lines) == len(steps), said
        return lines

    return drive


def value(said):
    assert "error" not in said, said
    return said.get("value")


def test_a_board_is_provisioned(sdk, tmp_path):
    with Board(tmp_path / "flash") as board:
        board.until(LISTENS)
        said = sdk(
            board,
            SPEAKS,
            ["scan"],
            ["getHostname"],
            ["setHostname", "lamp-2"],
            ["setHostname", "no lamp"],
            ["getDeviceName"],
            ["setDeviceName", "Käthes Lampe"],
            ["requestNetworkState"],
            ["_sendRPCWithResponse", 99, []],
            ["provision", "HomeNet", "incorrect donkey"],
            ["provision", "HomeNet", "short"],
            ["requestCurrentState"],
            ["provision", "HomeNet", KEY],
        )
        info = value(said[0])
        assert info["firmware"] == "provisioning" and info["osName"] == "MicroPython"
        assert info["name"].startswith("micropython-") and said[0]["state"] == 2
        networks = {network["name"]: network for network in value(said[1])}
        assert networks["HomeNet"]["secured"] and networks["HomeNet"]["rssi"] < 0
        assert not networks["CafeFree"]["secured"] and "50% off & más ☕" in networks
        assert value(said[2]) == info["name"]
        assert value(said[3]) == "lamp-2"
        assert said[4]["error"] == "BAD_HOSTNAME"
        assert value(said[5]) == "lamp-2"
        assert value(said[6]) == "Käthes Lampe"
        assert value(said[7]) == {
            "online": False,
            "supportsWifi": True,
            "supportsEthernet": False,
            "supportsThread": False,
            "supportsModem": False,
            "urls": [],
        }
        assert said[8]["error"] == "UNKNOWN_RPC_COMMAND"
        assert said[9] == {"error": "UNABLE_TO_CONNECT", "state": 2}
        assert said[10] == {"error": "UNABLE_TO_CONNECT", "state": 2}
        assert value(said[11]) is None and said[11]["state"] == 2
        assert said[12] == {"state": 4}, "and no URL: nothing serves there"
        board.until(b"online: ssid=HomeNet")
        assert KEY.encode() not in board.said and b"donkey" not in board.said


def test_a_board_that_has_a_page_says_where_and_does_not_answer_later(sdk, tmp_path):
    with Board(tmp_path / "flash", improv_url="http://%s/lamp") as board:
        board.until(LISTENS)
        said = sdk(board, SPEAKS, ["provision", "HomeNet", KEY])
        assert said[1] == {"state": 4, "url": "http://127.0.1.50/lamp"}
        board.until(b"online: ssid=HomeNet")
    with Board(tmp_path / "flash") as board:
        board.until(b"online: ssid=HomeNet")
        start = len(board.said)
        assert NOT_FOUND in sdk(board, SPEAKS)[0]["error"]
        assert b"IMPROV" not in board.said[start:]
