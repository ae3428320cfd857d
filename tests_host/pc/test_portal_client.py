# The client of a board's portal, when the network between them is not what it should be.
# MIT licence

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.boards import BoardError, phone_screen, portal_client

PROFILE = {"ssid_hex": b"Home".hex(), "key": "correct horse battery"}
ONLINE = {"state": "connected", "reason": None, "address": "10.0.0.2", "name": "lamp"}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(portal_client, "PAUSE_S", 0.02)
    monkeypatch.setattr(portal_client, "FIND_S", 0)


class Troubled(ThreadingHTTPServer):
    """A board whose answers are lost in the ways that `faults` says, once each."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.faults = []  # (method and path, what happens)
        self.asked = []
        self.device = {"name": "lamp", "mac": "02:00:00:3f:2a:1b", "firmware": "1.25.0"}
        self.stored = [b"A", b"B", b"C"]
        self.state = "connected"
        self.offered = False
        self.released = threading.Event()  # ends what is slow

    def fault(self, what):
        """What happens to this request, which is noted."""
        self.asked.append(what)
        for fault in self.faults:
            if fault[0] == what:
                self.faults.remove(fault)
                return fault[1]
        return ""

    def answer(self, what):
        """(status, JSON), and what the request changes."""
        if what == "GET /v1/device":
            return 200, self.device
        if what == "GET /v1/status":
            return 200, {**ssid(b"Home"), **ONLINE, "state": self.state}
        if what == "GET /v1/profiles":
            stored = [{**ssid(one), "index": 1, "security": "wpa2"} for one in self.stored]
            return 200, {"profiles": stored, "free": 4}
        if what.startswith("DELETE"):
            del self.stored[int(what[-1]) - 1]
            return 204, None
        if what == "POST /v1/profiles" or self.offered:
            self.offered = what == "POST /v1/profiles"
            return 202, {}
        return 409, {"error": "nothing_to_confirm", "message": "Hand over a network first."}

    def handle_error(self, request, client_address):
        pass  # a client that did not wait


def ssid(name):
    return {"ssid": name.decode(), "ssid_hex": name.hex()}


class Handler(BaseHTTPRequestHandler):
    """One request: "unheard" is lost on its way there, the rest on its way back."""

    def do_GET(self):
        what = f"{self.command} {self.path}"
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.fault(what)
        status, answer = (200, {}) if fault == "unheard" else self.server.answer(what)
        data = b"" if answer is None else json.dumps(answer).encode()
        if fault in ("reset", "unheard"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1" + bytes(7))
            self.connection.close()
            return
        if fault == "slow":
            self.server.released.wait(10)
        status, data, location = {
            "503": (503, b"", ""),
            "web page": (200, b"<!DOCTYPE html><title>Hotel</title>", ""),
            "redirect": (302, b"", "http://hotel.example/"),
            "cut": (status, data[:-3], ""),
            "other JSON": (200, b"[1, 2]", ""),
        }.get(fault, (status, data, ""))
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *words):
        pass


@pytest.fixture
def troubled():
    with Troubled() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join(5)


def known(server, **options):
    board = portal_client.find([server.url], **options)
    board.allow(20)
    return board


@pytest.mark.parametrize("path", ["POST /v1/profiles", "POST /v1/confirm", "GET /v1/status"])
@pytest.mark.parametrize(
    "fault", ["reset", "unheard", "503", "slow", "web page", "redirect", "cut", "other JSON"]
)
def test_a_lost_answer_is_asked_for_again(troubled, monkeypatch, fault, path):
    monkeypatch.setattr(portal_client, "_EXCHANGE_S", 0.2)
    troubled.faults = [(path, fault)]
    said = []
    result = portal_client.hand_over(known(troubled, on_trouble=said.append), PROFILE)
    assert result["ok"] and result["address"] == "10.0.0.2"
    assert not troubled.faults
    if path.startswith("GET") or fault != "cut":  # nothing is as good as {}
        assert said[0] and said[-1] == "", "the trouble is told, and its end"


def test_a_failure_that_was_quicker_than_the_answer_to_the_confirm_is_told(troubled):
    troubled.state = "failed"
    troubled.faults = [("POST /v1/confirm", "reset")]
    result = portal_client.hand_over(known(troubled), PROFILE)
    assert result["state"] == "failed" and troubled.asked.count("POST /v1/confirm") == 2


def test_a_forgetting_whose_answer_is_lost_does_not_take_the_next_one_too(troubled):
    for fault, left in (("reset", [b"A", b"C"]), ("unheard", [b"C"])):
        troubled.faults = [("DELETE /v1/profiles/2", fault), ("DELETE /v1/profiles/1", fault)]
        known(troubled).forget(2 if fault == "reset" else 1)
        assert troubled.stored == left


def test_the_password_goes_to_no_other_board(troubled):
    board = known(troubled)
    troubled.device = {**troubled.device, "mac": "02:00:00:00:00:99", "name": "stranger"}
    troubled.faults = [("POST /v1/profiles", "unheard")]
    board.allow(0.3)
    with pytest.raises(portal_client.Silent, match="another board answers, stranger") as caught:
        portal_client.hand_over(board, PROFILE)
    assert troubled.asked.count("POST /v1/profiles") == 1
    assert PROFILE["key"] not in str(caught.value)


def test_a_board_that_goes_silent_while_it_tries_is_told_as_such(troubled):
    board = known(troubled)
    troubled.faults = [("GET /v1/status", "unheard")] + [("GET /v1/device", "unheard")] * 10000
    board.allow(0.3)
    result = portal_client.hand_over(board, PROFILE)
    assert (result["ok"], result["state"], result["reason"]) == (False, "joining", "no_answer")
    assert "stopped answering while it tried Home" in phone_screen.outcome(result)


@pytest.mark.parametrize(
    ("state", "reason"),
    [("checking", "timeout"), ("waiting", "not_tried"), ("failed", "not_tried")],
)
def test_a_board_that_comes_to_no_end_is_told_as_such(troubled, state, reason):
    troubled.state = state
    board = known(troubled)
    board.allow(0.1)
    result = portal_client.hand_over(board, PROFILE)
    assert (result["ok"], result["state"], result["reason"]) == (False, state, reason)
    assert "Home" in phone_screen.outcome(result)


@pytest.mark.parametrize(
    ("fault", "word"), [("web page", "a web page"), ("redirect", "hotel.example"), ("503", "busy")]
)
def test_what_is_no_board_is_told_as_such(troubled, fault, word):
    troubled.faults = [("GET /v1/device", fault)] * 9
    with pytest.raises(BoardError, match=f"join the board's(?s:.*){word}"):
        portal_client.find([troubled.url])


def test_no_proxy_is_asked(troubled, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert portal_client.find([troubled.url]).device == troubled.device


def test_the_second_address_is_tried_too(troubled):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = "http://127.0.0.1:%d" % nobody.getsockname()[1]
        assert portal_client.find([closed, troubled.url]).url == troubled.url
        with pytest.raises(BoardError, match="nobody answers"):
            portal_client.find([closed])
