# Cloud confirmation with umqtt.simple2 against a real Mosquitto, on CPython and on MicroPython.
# MIT licence
"""TLS runs on CPython alone: Debian's MicroPython is built without its ssl module."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

import paho.mqtt.client as paho
import pytest
import trustme

from conftest import CI, HERE, ROOT
from loopback import free_port
from tools import micropython
from tools.paths import CLOUD

USER, PASSWORD = "board", "a broker's password"
KEY = "correct horse battery"
MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
LIMIT_MS = 1000  # cloud.py's
LATE_MS = 3 * LIMIT_MS  # on a busy computer; without the limit it is a minute or for ever


class Broker:
    """A Mosquitto of the test's own: one port with a password, one with TLS and a password."""

    def __init__(self, folder):
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.ca = folder / "ca.der"
        self._process = None
        self._write_certificates()
        passwords = folder / "passwords"
        passwords.touch(0o600)
        subprocess.run(
            ["mosquitto_passwd", "-b", str(passwords), USER, PASSWORD], check=True, timeout=20
        )
        lines = ["per_listener_settings false", "allow_anonymous false"]
        # Started as root it would become a user that cannot read these files.
        lines += [f"password_file {passwords}", "user root"]
        lines += [f"listener {self.port} 127.0.0.1", f"listener {self.tls_port} 127.0.0.1"]
        lines += [f"certfile {folder}/server.pem", f"keyfile {folder}/server.key"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    def _write_certificates(self):
        authority = trustme.CA()
        server = authority.issue_cert("127.0.0.1")
        server.private_key_pem.write_to_path(str(self.folder / "server.key"))
        server.cert_chain_pems[0].write_to_path(str(self.folder / "server.pem"))
        for path, made in ((self.ca, authority), (self.folder / "other.der", trustme.CA())):
            path.write_bytes(ssl.PEM_cert_to_DER_cert(made.cert_pem.bytes().decode()))

    def start(self):
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(
                [MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        for port in (self.port, self.tls_port):
            self._wait_for(port)

    def _wait_for(self, port):
        for _ in range(100):
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.folder / "mosquitto.log").read_text())

    def stop(self):
        """As a power cut: nobody is told."""
        if self._process:
            self._process.kill()
            self._process.wait(20)
            self._process = None


class Service:
    """The cloud behind the broker. answers: what it says to one attempt after the other, True,
    False, None for nothing, or a function that is called instead; the last stays."""

    def __init__(self, broker, *answers):
        self.heard = []  # (topic, payload) of all that was published
        self.attempts = []
        self.failures = []
        self._answers = answers
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(USER, PASSWORD)
        self._client.on_message = self._message
        self._client.on_connect = lambda client, *more: client.subscribe("#")
        ready = threading.Event()
        self._client.on_subscribe = lambda *arguments: ready.set()
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert ready.wait(10)

    def _message(self, client, userdata, message):
        self.heard.append((message.topic, message.payload))
        if not message.topic.endswith("/hello"):
            return
        attempt = json.loads(message.payload)["attempt"]
        if attempt not in self.attempts:
            self.attempts.append(attempt)
        answer = self._answers[min(len(self.attempts), len(self._answers)) - 1]
        if callable(answer):
            answer()
        elif answer is not None:
            topic = message.topic.replace("/hello", "/answer")
            client.publish(topic, json.dumps({"attempt": attempt, "accept": answer}))

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


class Result:
    """What cloud.py printed."""

    def __init__(self, text):
        self.text = text
        lines = text.splitlines()
        self.statuses = [
            int(line.split()[1])
            for line in lines
            if line.startswith("event ") and line[6].isdigit()
        ]
        self.last = {}
        for word in ("stored", "blocked", "state", "outcome"):
            found = [line for line in lines if line.startswith(word + " ")]
            assert found, text
            self.last[word] = found[-1].partition(" ")[2]
        self.blocked_ms = int(self.last["blocked"])
        self.tries = text.count("the cloud cannot be asked")


def run_board(runtime, tmp_path, port, **choice):
    paths = [str(HERE), str(ROOT / "lib"), str(CLOUD)]
    if runtime == "micropython":
        found = micropython.find(32)
        if found.path is None:
            (pytest.fail if CI else pytest.skip)(found.reason)
        command = [str(found.path), "-X", "heapsize=600k"]
        environment = {**os.environ, "MICROPYPATH": ":".join([*paths, ".frozen"])}
    else:
        command = [sys.executable]
        environment = {**os.environ, "PYTHONPATH": ":".join(paths)}
    flash = tmp_path / f"flash-{time.monotonic_ns()}"
    flash.mkdir()
    choice = {"board": "esp32", "flash": flash, "port": port, "user": USER, **choice}
    choice.setdefault("password", PASSWORD)
    done = subprocess.run(
        [*command, str(HERE / "cloud.py"), *[f"{name}={value}" for name, value in choice.items()]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
    assert KEY not in done.stdout and PASSWORD not in done.stdout
    return Result(done.stdout)


@pytest.fixture
def broker(tmp_path):
    if MOSQUITTO is None:
        reason = "no mosquitto: apt-get install mosquitto"
        (pytest.fail if CI else pytest.skip)(reason)
    made = Broker(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def serve(broker):
    """serve(answer, ...) starts a Service."""
    services = []

    def start(*answers):
        services.append(Service(broker, *answers))
        return services[-1]

    yield start
    for service in services:
        service.close()


runtimes = pytest.mark.parametrize("runtime", ["cpython", "micropython"])


@runtimes
def test_success(runtime, broker, serve, tmp_path):
    service = serve(True)
    result = run_board(runtime, tmp_path, broker.port, limit=5)
    assert result.statuses == [15, 16, 12]
    assert result.last["outcome"] == "5 0 HomeNet" and result.last["stored"] == "HomeNet"
    assert result.blocked_ms < 5000, "a broker that answers holds nobody up"
    topics = [topic for topic, _ in service.heard]
    assert topics[0] == "provisioning/0200003f2a1b/hello"
    said = b"".join(payload for _, payload in service.heard)
    assert b"micropython-3f2a1b" in said and KEY.encode() not in said


def test_success_with_tls(broker, serve, tmp_path):
    serve(True)
    result = run_board("cpython", tmp_path, broker.tls_port, ca=broker.ca)
    assert result.statuses == [15, 16, 12] and result.last["outcome"] == "5 0 HomeNet"


def test_a_broker_with_another_s_certificate_is_not_believed(broker, serve, tmp_path):
    service = serve(True)
    other = broker.folder / "other.der"
    result = run_board("cpython", tmp_path, broker.tls_port, ca=other, time=5)
    assert result.last["outcome"] == "4 0 HomeNet" and not service.heard
    assert "CERTIFICATE_VERIFY_FAILED" in result.text


def test_a_board_without_tls_is_not_believed_on_the_port_for_tls(broker, serve, tmp_path):
    service = serve(True)
    result = run_board("cpython", tmp_path, broker.tls_port, time=5)
    assert result.last["outcome"] == "4 0 HomeNet" and not service.heard


@runtimes
def test_refusal_and_another_try(runtime, broker, serve, tmp_path):
    service = serve(False, True)
    result = run_board(runtime, tmp_path, broker.port, tries=2)
    assert result.statuses == [15, 16, 15, 16, 12] and len(service.attempts) == 2
    assert result.last["outcome"] == "5 0 HomeNet"


@runtimes
def test_refusal(runtime, broker, serve, tmp_path):
    serve(False)
    result = run_board(runtime, tmp_path, broker.port)
    assert result.statuses == [15, 16, 12]
    assert result.last["state"] == "failed reason 7"
    assert result.last["outcome"] == "4 0 HomeNet" and result.last["stored"] == "HomeNet"


@runtimes
def test_silence(runtime, broker, serve, tmp_path):
    service = serve(None)
    start = time.monotonic()
    result = run_board(runtime, tmp_path, broker.port, time=8, limit=5)
    assert 8 < time.monotonic() - start < 30
    assert result.statuses == [15, 16, 12] and result.last["outcome"] == "4 0 HomeNet"
    assert len(service.attempts) == 1 and len(service.heard) >= 2
    assert result.blocked_ms < 5000, "silence is waited for beside other work"


@runtimes
def test_broker_down(runtime, broker, tmp_path):
    broker.stop()
    result = run_board(runtime, tmp_path, broker.port, time=5)
    assert result.statuses == [15, 16, 12] and result.last["state"] == "failed reason 7"
    assert result.tries >= 2 and result.blocked_ms < LATE_MS
    assert result.last["outcome"] == "4 0 HomeNet" and result.last["stored"] == "HomeNet"


@runtimes
def test_a_broker_that_accepts_and_says_nothing(runtime, broker, tmp_path):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        result = run_board(runtime, tmp_path, mute.getsockname()[1], time=5)
        assert result.blocked_ms < LATE_MS, "that long, and not for ever"
        if runtime == "cpython":
            port = mute.getsockname()[1]
            with_tls = run_board(runtime, tmp_path, port, time=5, ca=broker.ca)
            assert with_tls.statuses == [15, 16, 12]
            assert with_tls.blocked_ms < LATE_MS
    assert result.statuses == [15, 16, 12] and result.tries >= 1


@runtimes
def test_a_broker_whose_machine_does_not_answer(runtime, broker, tmp_path):
    # Linux drops what asks for a connection when the queue of a listener is full.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        result = run_board(runtime, tmp_path, full.getsockname()[1], time=5)
        for one in waiting:
            one.close()
    assert result.statuses == [15, 16, 12] and result.tries >= 1
    assert LIMIT_MS - 100 < result.blocked_ms < LATE_MS


@runtimes
def test_wrong_password(runtime, broker, serve, tmp_path):
    service = serve(True)
    result = run_board(runtime, tmp_path, broker.port, password="guessed", time=5)
    assert result.statuses == [15, 16, 12] and result.tries >= 2 and not service.heard
    assert result.last["outcome"] == "4 0 HomeNet"


@runtimes
def test_broker_dies_half_way_and_comes_back(runtime, broker, serve, tmp_path):
    died = threading.Event()

    def die():
        died.set()

    def restart():
        died.wait(30)
        broker.stop()
        time.sleep(1)
        broker.start()

    thread = threading.Thread(target=restart)
    thread.start()
    serve(die, True)
    result = run_board(runtime, tmp_path, broker.port, time=20)
    thread.join(30)
    assert died.is_set() and result.tries >= 1
    assert result.statuses == [15, 16, 12] and result.last["outcome"] == "5 0 HomeNet"


@runtimes
def test_broker_dies_half_way_for_good(runtime, broker, serve, tmp_path):
    died = threading.Event()
    thread = threading.Thread(target=lambda: died.wait(30) and broker.stop())
    thread.start()
    serve(died.set)
    result = run_board(runtime, tmp_path, broker.port, time=5)
    thread.join(30)
    assert died.is_set() and result.tries >= 1 and result.blocked_ms < LATE_MS
    assert result.statuses == [15, 16, 12] and result.last["outcome"] == "4 0 HomeNet"
    assert result.last["stored"] == "HomeNet"
