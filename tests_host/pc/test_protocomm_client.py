# Espressif's own client (esp-rainmaker-cli) provisions the board that `make run` boots.
# MIT licence

import http.client

import pytest

from pc.simulated import SimulatedBoard
from rainmaker import NoSession, Rainmaker

KEY = "correct horse battery"


@pytest.fixture
def boards(tmp_path):
    started = []

    def start(**options):
        started.append(SimulatedBoard(tmp_path / "flash", **options))
        started[-1].wait_for("^portal: ")
        return started[-1]

    yield start
    for board in started:
        board.stop()


def client(board, pop=None, **how):
    """A Rainmaker for this board, which knows its proof of possession."""
    return Rainmaker(f"127.0.0.1:{board.port}", pop or board.identity()["pop"], **how)


@pytest.mark.parametrize(("security", "kind"), [(0, "esp32"), (1, "rp2"), (2, "esp32")])
def test_a_board_is_provisioned(boards, security, kind):
    board = boards(board=kind, protocomm_security=security)
    app = client(board).open()
    assert app.version["sec_ver"] == security
    found = {network["ssid"]: network for network in app.scan()}
    assert found["HomeNet"]["auth"] == "WPA2_PSK" and found["CafeFree"]["auth"] == "Open"
    assert app.hand_over("HomeNet", "incorrect donkey")
    assert app.result() == "Incorrect Password"
    assert app.hand_over("Nowhere", KEY)
    assert app.result() == "Incorrect SSID"
    assert app.reset()
    assert app.custom_data(b"lamp 7") == b"SUCCESS"
    assert app.hand_over("HomeNet", KEY)
    assert app.result() == "connected"
    board.wait_for("^online: ssid=HomeNet")
    assert "incorrect donkey" not in "\n".join(board.said)


def test_a_wrong_proof_is_no_session(boards):
    board = boards()
    with pytest.raises(NoSession):
        client(board, pop="guess").open()
    with pytest.raises(NoSession):
        client(board, security=0).open()
    client(board).open()


def test_a_stale_cookie_two_clients_and_one_that_vanishes(boards):
    board = boards()
    anna, bob = client(board), client(board)
    anna.transport.headers["Cookie"] = "session=4711"
    anna.open()
    bob.open()
    assert anna.scan() and bob.scan()
    client(board)  # goes after the first message, comes back as another one, and goes again
    assert client(board).open().hand_over("CafeFree", "")
    assert bob.result() == "connected"
    assert anna.result() == "connected"
    board.wait_for("^online: ssid=CafeFree")


def test_connections_that_are_kept_open_are_no_trouble(boards):
    """The client asks for it (HTTP/1.1), the board closes after each answer."""
    board = boards()
    line = http.client.HTTPConnection("127.0.0.1", board.port)
    line.request("POST", "/proto-ver", "ESP")
    answer = line.getresponse()
    assert answer.status == 200 and answer.headers["Connection"] == "close"
    assert client(board).open().scan()
