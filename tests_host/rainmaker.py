# Espressif's own client code, of esp-rainmaker-cli, as one program: provisions a board.
# MIT licence
"""python rainmaker.py HOST:PORT POP [--user U] [--security N] STEP ...

Steps, one after the other, in one session; each prints a JSON line [step, what came of it]:
  scan            the names that it found
  SSID=KEY        hand over this network, and wait: "connected", or the reason that the app shows
  set:SSID=KEY    hand it over and vanish
  reset           prov-ctrl's reset
  data:TEXT       custom-data; the answer
"""

import argparse
import contextlib
import io
import json
import time

from rmaker_tools.rmaker_prov.prov import prov_util

PAUSE_S = 0.3
LIMIT_S = 60


class NoSession(Exception):
    """The device did not take the handshake."""


class Rainmaker:
    """A session of the client with the board at `place`, HOST:PORT.

    security: None asks the board for it, as the apps do.
    """

    def __init__(self, place, pop, user="wifiprov", security=None):
        self.transport = prov_util.get_transport("softap", place)
        self.version = json.loads(prov_util.get_version(self.transport))["prov"]
        patch = prov_util.get_sec_patch_ver(self.transport)
        if security is None:
            security = self.version["sec_ver"]
        self.security = prov_util.get_security(security, patch, user, pop, pop)

    def open(self):
        """The handshake."""
        try:
            opened = prov_util.establish_session(self.transport, self.security)
        except (RuntimeError, ValueError) as error:
            raise NoSession(str(error)) from error
        if not opened:
            raise NoSession
        return self

    def scan(self):
        """What it found: [{"ssid", "bssid", "channel", "rssi", "auth"}]."""
        return prov_util.scan_wifi_APs("softap", self.transport, self.security)

    def hand_over(self, ssid, key):
        """Set and apply. True when both were taken."""
        taken = prov_util.send_wifi_config(self.transport, self.security, ssid, key)
        return taken and prov_util.apply_wifi_config(self.transport, self.security)

    def result(self):
        """Ask until it is decided. Returns "connected", or what the client says of the failure."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                state = prov_util.get_wifi_config(self.transport, self.security)
            if state != "connecting":
                reason = said.getvalue().rpartition("Failure reason:")[2].strip(" -\n")
                return state if state == "connected" else reason or state
            time.sleep(PAUSE_S)
        raise AssertionError("no result")

    def reset(self):
        """prov-ctrl's reset."""
        return prov_util.ctrl_reset(self.transport, self.security)

    def custom_data(self, data):
        """What the product says to these bytes."""
        said = self.transport.send_data("custom-data", self.security.encrypt_data(data))
        return self.security.decrypt_data(said.encode("latin-1"))


def _do(client, step):
    if step == "scan":
        return [network["ssid"] for network in client.scan()]
    if step == "reset":
        return client.reset()
    if step.startswith("data:"):
        return client.custom_data(step[5:].encode()).decode()
    ssid, _, key = step.removeprefix("set:").partition("=")
    taken = client.hand_over(ssid, key)
    return taken if step.startswith("set:") else client.result()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("place")
    parser.add_argument("pop")
    parser.add_argument("--user", default="wifiprov")
    parser.add_argument("--security", type=int)
    parser.add_argument("steps", nargs="*")
    options = parser.parse_args()
    with contextlib.redirect_stdout(io.StringIO()):
        client = Rainmaker(options.place, options.pop, options.user, options.security).open()
    for step in options.steps:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = _do(client, step)
        print(json.dumps([step.partition("=")[0], answer]), flush=True)


if __name__ == "__main__":
    main()
