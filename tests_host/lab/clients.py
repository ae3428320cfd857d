# Clients that mean no good, and the one that has to be served all the same.
# MIT licence
"""python -m lab.clients PROGRAM ADDRESS SECONDS [words]: one of PROGRAMS against a board.

Each prints one line of JSON when its time is over. In a test, Client runs one in a phone:

    with Client(bob, "slow", seconds=4) as slow, Client(anna, "ask", seconds=3) as ask:
        print(ask.said(), slow.said())
"""

import contextlib
import json
import select
import socket
import struct
import subprocess
import sys
import time

import flash_files
from lab.world import wait_for
from tools.paths import TESTS

BUSY_S = 0.05  # between two tries of a polite client
TRY_S = 10
JSON = b"Content-Type: application/json"
STORE = {"ssid": "Wrong", "key": "not confirmed by anybody"}


class Client:
    """A program of this file that runs in a phone. said() waits for its end."""

    def __init__(self, phone, program, seconds=40, words=(), address=None):
        run = ["env", f"PYTHONPATH={TESTS.parent}:{TESTS}", sys.executable, "-m", "lab.clients"]
        self._limit_s = seconds + 60
        self._phone = phone
        self._program = phone.popen(
            *(*run, program, address or phone.world.board.address, seconds, *words),
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self):
        """What it found, as a dict."""
        out, _ = self._program.communicate(timeout=self._limit_s)
        return json.loads(out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._phone.stop(self._program)


# What tests ask of a phone, one request at a time


def api(phone, path, fields=None, method=None, host=None):
    """One request from a phone, with `fields` as JSON: (status, what the answer says).

    Status 0: there was no answer. host: another address than the board's on its access point.
    """
    words = ["curl", "-s", "-m", TRY_S, "-w", "\n%{http_code}"]
    if fields is not None:
        words += ["-H", "Content-Type: application/json", "-d", json.dumps(fields)]
    if method:
        words += ["-X", method]
    done = phone.run(*words, f"http://{host or phone.world.board.address}{path}")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body) if body.startswith("{") else body


def hand_over(phone, ssid, key=""):
    """Offer a network and confirm it; returns the status of the confirmation."""
    status, said = api(phone, "/v1/profiles", {"ssid": ssid, "key": key})
    assert status == 202, said
    return api(phone, "/v1/confirm", {})[0]


def store(folder, networks):
    """Put networks on the flash of a board that is not there yet: {SSID: key}."""
    records = [[n.encode().hex(), k.encode().hex(), 2, 0, 0] for n, k in networks.items()]
    flash_files.put(folder / "flash", "profiles", records)


def stored(world):
    """What is on the board's flash: {SSID: key}."""
    try:
        text = (world.board.flash / "profiles").read_text()
    except FileNotFoundError:
        return {}
    _, _, body = text.partition("\n")
    return {bytes.fromhex(r[0]).decode(): bytes.fromhex(r[1]).decode() for r in json.loads(body)}


def look(phone):
    """What all systems find in a phone's place: {name: what lab.systems says}."""
    address = phone.world.board.address
    words = (sys.executable, "-m", "lab.systems", "--resolver", address)
    done = phone.run(*words, cwd=TESTS, timeout_s=100)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["system"]: one for one in found}


def result(phone):
    """What the phone is told in the end."""

    def find():
        status, said = api(phone, "/v1/status")
        return status == 200 and said["state"] in ("connected", "failed") and said

    return wait_for(find, lambda: "\n".join(phone.world.board.said))


# The programs. Each takes the address and the seconds that it has, and returns what it prints.


def ask(address, seconds):
    """A legitimate phone: asks for the status again and again, and is patient with "busy"."""
    phone = _Polite(address)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        phone.get("/v1/status")
        time.sleep(BUSY_S)
    return phone.figures()


def hand(address, seconds, ssid, key):
    """A legitimate phone that hands a network over, and waits for the result."""
    phone = _Polite(address)
    phone.post("/v1/profiles", {"ssid": ssid, "key": key})
    confirmed, _ = phone.post("/v1/confirm", {})
    state = {}
    end = time.monotonic() + seconds
    while state.get("state") not in ("connected", "failed") and time.monotonic() < end:
        time.sleep(BUSY_S)
        status, found = phone.get("/v1/status")
        state = found if status == 200 else {**state, "last": status}
    return {"confirmed": confirmed, **state, **phone.figures()}


def idle(address, seconds):
    """50 connections that say nothing, made again when the board ends them."""
    return _keep(address, seconds, 50, b"", b"")


def slow(address, seconds):
    """20 connections that send a request's bytes one a second."""
    return _keep(address, seconds, 20, b"GET /", b"a")


def unread(address, seconds):
    """8 connections that ask for the page and never read it."""
    return _keep(address, seconds, 8, request("GET", "/"), None)


def cut(address, seconds):
    """Good requests, cut at every byte: their sender hangs up, or is gone."""
    form = b"network=&ssid=Wrong&key=not+confirmed+by+anybody"
    app = b"__SL_P_P.A=Wrong&__SL_P_P.B=2&__SL_P_P.C=not+confirmed+by+anybody&__SL_P_P.D=0"
    whole = [
        request("POST", "/v1/profiles", JSON, json.dumps(STORE).encode()),
        request("POST", "/join", b"Content-Type: application/x-www-form-urlencoded", form),
        request("POST", "/api/1/wlan/profile_add", b"X: x", app),
        request("DELETE", "/v1/profiles/1"),
        request("POST", "/api/1/wlan/profile_del_all", b"X: x", b"a"),
    ]
    taken = count = 0
    for data in whole:
        for size in range(len(data)):
            taken += b" 20" in exchange(address, data[:size], ends=size % 2)[:13]
            count += 1
    return {"requests": count, "taken": taken}


def flood(address, seconds):
    """DNS questions by the thousand, good ones and such as nobody should send."""
    good = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + b"\3www\7example\0" + b"\0\1\0\1"
    head = good[:12]
    packets = [good] * 4 + [b"", b"\0", head, good[:-1], good * 30, b"\xff" * 512]
    packets += [head + b"\xc0\x0c\0\1\0\1", head + b"\x3fa" * 200, head + b"\x3f" + b"a" * 70]
    packets += [bytes([7, 7, 0x80]) + good[3:], good[:4] + b"\xff\xff" * 4 + good[12:]]
    sent = answers = 0
    end = time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        while time.monotonic() < end:
            for packet in packets:
                with contextlib.suppress(OSError):
                    sock.sendto(packet, (address, 53))
                    sent += 1
            with contextlib.suppress(OSError):
                while sock.recv(600):
                    answers += 1
            time.sleep(0.003)
    return {"questions_a_second": round(sent / seconds), "answers": answers}


def ports(address, seconds, last):
    """The TCP ports that are open, up to `last`; UDP ports that do not say that they are not."""
    opened = []
    for port in range(1, int(last) + 1):
        with socket.socket() as sock:
            sock.settimeout(1)
            if sock.connect_ex((address, port)) == 0:
                opened.append(port)
    silent = {*range(1, 1025), 1501, 5353}
    socks = {port: _connected(address, port) for port in silent}
    rounds = 0  # in which nothing was heard
    while rounds < 4:
        rounds += 1
        for port in list(silent):
            try:
                socks[port].send(b"?")
                socks[port].recv(1)
            except BlockingIOError:
                pass
            except OSError:
                silent.remove(port)
                rounds = 0
        time.sleep(BUSY_S)
    return {"tcp": opened, "udp": sorted(silent)}


def _connected(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.connect((address, port))
    return sock


PROGRAMS = {f.__name__: f for f in (ask, hand, idle, slow, unread, cut, flood, ports)}


# How they speak


def request(method, path, header=b"X: x", body=b""):
    """A request in bytes."""
    head = f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n".encode()
    return head + header + b"\r\n\r\n" + body


class _Polite:
    # Asks until there is an answer, as browsers and apps do, and takes the time of that.
    def __init__(self, address):
        self._address = address
        self._asked = self._tries = 0
        self._worst_s = 0.0

    def get(self, path):
        return self._ask(request("GET", path))

    def post(self, path, fields):
        return self._ask(request("POST", path, JSON, json.dumps(fields).encode()))

    def _ask(self, data):
        # (status, the answer's JSON); (0, {}) when there was none
        start = time.monotonic()
        status, answer = 0, {}
        while status in (0, 503) and time.monotonic() - start < TRY_S:
            if self._tries > self._asked:
                time.sleep(BUSY_S)
            self._tries += 1
            head, _, body = exchange(self._address, data).partition(b"\r\n\r\n")
            status = int(head[9:12] or 0)
        if status and body:
            answer = json.loads(body)
        self._asked += 1
        self._worst_s = max(self._worst_s, time.monotonic() - start)
        return status, answer

    def figures(self):
        return {
            "asked": self._asked,
            "tries": self._tries,
            "worst_s": round(self._worst_s, 3),
        }


def exchange(address, data, ends=None):
    """What the board answers to these bytes, nothing when it does not.

    ends: None waits for the answer; 1 hangs up after the data and takes what comes; 0 is gone at
    once, with a reset.
    """
    answer = b""
    try:
        with socket.create_connection((address, 80), TRY_S) as sock:
            if data:
                sock.sendall(data)
            if ends == 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return b""
            if ends:
                sock.shutdown(socket.SHUT_WR)
            while piece := sock.recv(4096):
                answer += piece
    except OSError:
        pass  # refused, reset or too late: no answer
    return answer


def _keep(address, seconds, count, first, each_second):
    """Keep so many connections that send `first`, and what `each_second` is once a second.

    each_second: None for connections that do not even read. A connection that the board ended is
    made again.
    """
    ends = select.POLLRDHUP if each_second is None else select.POLLIN
    poll, opened, made = select.poll(), {}, 0
    end = time.monotonic() + seconds
    due = time.monotonic() + 1
    while time.monotonic() < end:
        while len(opened) < count and (sock := _connect(address, first)):
            opened[sock.fileno()] = sock
            poll.register(sock, ends)
            made += 1
        for number, _ in poll.poll(20):
            # What the busy board says is no reason to stay.
            poll.unregister(number)
            opened.pop(number).close()
        if each_second and time.monotonic() > due:
            due += 1
            for sock in opened.values():
                with contextlib.suppress(OSError):
                    sock.send(each_second)
    return {"connections": made, "open": len(opened)}


def _connect(address, first):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least there is
    sock.settimeout(TRY_S)
    try:
        sock.connect((address, 80))
        sock.sendall(first)
    except OSError:
        sock.close()
        return None
    return sock


if __name__ == "__main__":
    _, program, address, seconds, *words = sys.argv
    print(json.dumps(PROGRAMS[program](address, float(seconds), *words)))
