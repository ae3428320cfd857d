# Two boards: one provisions, the other plays the phone. For MicroPython's run-multitests.py.
# MIT licence
"""The phone hands over a network that does not exist, and is told so: no router is needed.

SETTINGS, a dict, may be set before: settings of the board that provisions (country, http_port).
"""
# ruff: noqa: F821 -- multitest is the runner's, what is in globals() comes from the other board

import asyncio
import json
import os
import socket
import time

try:
    import network

    import provisioning
except ImportError:
    print("SKIP")
    raise SystemExit

from provisioning import store

WAIT_S = 40
ALIVE_S = 4  # run-multitests.py gives up when nothing is printed for 10 s


class Patience:
    """`while patience.lasts():` RuntimeError after WAIT_S. Meanwhile the runner hears of us."""

    def __init__(self, what, aloud=True):
        self._what = what
        self._aloud = aloud
        self._start = self._said = time.ticks_ms()

    def lasts(self):
        now = time.ticks_ms()
        if time.ticks_diff(now, self._start) > WAIT_S * 1000:
            raise RuntimeError("timed out: " + self._what)
        if self._aloud and time.ticks_diff(now, self._said) > ALIVE_S * 1000:
            self._said = now
            multitest.output_metric("waits: " + self._what)
        return True


# The board that provisions -------------------------------------------------------------------


def instance0():
    own = store.directory
    store.directory = own + "-multi"  # neither the board's networks nor its keys take part
    try:
        asyncio.run(provision())
    finally:
        for name in os.listdir(store.directory):
            os.remove(store.directory + "/" + name)
        os.rmdir(store.directory)
        store.directory = own


async def provision():
    heard = []
    provisioning.Settings().update(console=False, improv=0, **globals().get("SETTINGS", {}))
    provisioner = provisioning.Provisioner(heard.append)
    if provisioner.start(provisioning.MODE_AP, timeout_s=120):
        raise RuntimeError("the run does not start")
    patience = Patience("the portal opens", False)  # before next() each line counts
    while patience.lasts() and not provisioner.session.is_waiting():
        await asyncio.sleep_ms(100)
    session = provisioner.session
    identity, port = session.identity, session.settings["http_port"]
    print("portal open")
    multitest.globals(
        SSID=identity.ap_ssid, KEY=identity.ap_key, ADDRESS=session.address, PORT=port
    )
    multitest.next()
    for event, said in (
        (provisioning.EVENT_PROFILE_ADDED, "a network was handed over"),
        (provisioning.EVENT_STATUS, "it was not found"),
    ):
        patience = Patience(said)
        while patience.lasts() and not [one for one in heard if one.id == event]:
            await asyncio.sleep_ms(100)
        print(said)
    patience = Patience("the phone leaves")
    while patience.lasts() and session.radio.stations():
        await asyncio.sleep_ms(100)
    provisioner.stop()
    outcome = await provisioner.wait()
    print("stopped, result", outcome.result, "stored", len(provisioning.Profiles().all()))


# The phone -----------------------------------------------------------------------------------


def instance1():
    network.WLAN(network.AP_IF).active(False)
    sta = network.WLAN(network.STA_IF)
    sta.active(True)
    multitest.next()
    join(sta)
    print("joined")
    status, answer = ask(sta, "GET", "/v1/networks")
    print("networks", status, type(answer["networks"]).__name__)
    absent = {
        "ssid": "MP-test-" + "".join("%02x" % n for n in os.urandom(6)),
        "key": "a key of it",
    }
    print("profiles", ask(sta, "POST", "/v1/profiles", absent)[0])
    print("confirm", ask(sta, "POST", "/v1/confirm", {})[0])
    patience = Patience("the result")
    while patience.lasts():
        status, answer = ask(sta, "GET", "/v1/status")
        if answer["state"] in ("connected", "failed"):
            break
        time.sleep_ms(500)
    print("status", status, answer["state"], answer["reason"])
    sta.disconnect()
    sta.active(False)
    print("left")


def join(sta):
    """Join the board's access point; again, where it is missed at first."""
    patience = Patience("joining")
    tried = None
    while patience.lasts() and not sta.isconnected():
        now = time.ticks_ms()
        missed = sta.status() < 0  # Pico W's; an ESP32 tries again by itself
        if tried is None or missed or time.ticks_diff(now, tried) > 10000:
            sta.disconnect()
            sta.connect(SSID, KEY)
            tried = now
        time.sleep_ms(100)


def ask(sta, method, path, value=None):
    """A request to the portal: (status, answer). During a join the access point may move."""
    patience = Patience(path)
    while patience.lasts():
        join(sta)
        try:
            return request(method, path, "" if value is None else json.dumps(value))
        except OSError:
            time.sleep_ms(500)


def request(method, path, body):
    head = "%s %s HTTP/1.0\r\nHost: %s:%d\r\n" % (method, path, ADDRESS, PORT)
    head += "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    connection = socket.socket()
    try:
        connection.settimeout(5)
        connection.connect(socket.getaddrinfo(ADDRESS, PORT)[0][-1])
        connection.write((head + body).encode())
        status = int(connection.readline().split()[1])
        while connection.readline().strip():
            pass
        text = connection.read()
        return status, json.loads(text) if text else None
    except (IndexError, ValueError):
        raise OSError("the answer broke off")
    finally:
        connection.close()
