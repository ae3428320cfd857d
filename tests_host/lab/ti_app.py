# Texas Instruments' phone apps as a client: what they ask a board, and what they conclude.
# MIT licence
"""python -m lab.ti_app [--app android|android-2016|ios] STEP ...

  identify  [--base URL]
  scan      [--base URL] [--wait 20]
  configure [--base URL] --ssid S --key K [--security DIGIT] [--name N]
  discover  [--by udp,mdns,ping] [--name N] --seconds S
  result    [--base URL] [--style txt|token] [--attempts 5] [--first 3] [--between 3] [--over-ap]

Each prints one JSON line with "step", "ok" and what it found; "log" has [method, path, status or
what went wrong, ms] for every request. The password is in none. Sources: SWRA513C 9, and TI's
Starter apps for Android and iOS.
"""

import argparse
import json
import sys
import time
from typing import NamedTuple
from urllib.parse import quote_plus, urlsplit, urlunsplit

import httpx

from . import client_discover

BASE = "http://mysimplelink.net"
_DONE = (200, 202, 204)
_UNKNOWN_TOKEN = "Unknown Token"
_TIMEOUT = "Timeout"
_RESULT = {  # in the order in which Android looks for them
    "5": "success",
    "4": "feedback failed",
    "0": "not started",
    "1": "network not found",
    "2": "connection failed",
    "3": "no address",
    "": "nothing that this app understands",
    None: "no answer",
}


class App(NamedTuple):
    """What sets the apps apart.

    tokens: reads result and name by /__SL_G_MCR and _DNP from an R2 device, not the .txt files.
    equal: compares answers for equality, else looks for the digit anywhere. good: the results that
    are a success. key_codings: how often the key is percent-encoded. digits: the securities that
    it takes from a netlist. confirm_body: a form's template, "" for an empty body.
    """

    name: str
    tokens: bool
    equal: bool
    good: str
    key_codings: int
    digits: str
    confirm_body: str


APPS = {
    app.name: app
    for app in (
        App("android", True, False, "54", 2, "0123456789", "__SL_P_UAN={ssid}"),
        App("android-2016", True, False, "54", 1, "0123456789", ""),
        App("ios", False, True, "5", 1, "0123", ""),
    )
}


class Timing(NamedTuple):
    """How long the app waits, in seconds; these are its own."""

    scan: float = 20
    confirm: float = 0.5
    first_result: float = 3
    between_results: float = 3
    connect: float = 5
    read: float = 10


class StepFailed(Exception):
    """The app gives up at this step; the text is what it would say."""


class TiApp:
    """An app with its steps; each may be made in another network.

    app: "android", "android-2016" or "ios". base: URL of the device. timing: a Timing. version:
    "R2.0" or what identify() found. log: [method, path, outcome, ms] of each request.
    """

    def __init__(self, app="android", base=BASE, timing=None):
        self.app = APPS[app]
        self.base = base.rstrip("/")
        self.timing = timing or Timing()
        self.version = "R2.0"
        self.log = []

    # Over the device's access point

    def identify(self):
        """Ask for version and name. Returns {"version", "kind", "name", "base"}; StepFailed."""
        kind = self._ask_version()
        name = self.device_name()
        return {"version": self.version, "kind": kind, "name": name, "base": self.base}

    def _ask_version(self):
        # Returns "R2" or "R1". A redirect to https moves the app there for good.
        answer = self._get("/param_product_version.txt")
        if answer is not None and answer.status_code == 302:
            there = urlsplit(answer.headers.get("location", ""))
            if there.scheme == "https":
                self.base = urlunsplit(("https", urlsplit(self.base).netloc, "", "", ""))
                answer = self._get("/param_product_version.txt")
        text = answer.text if answer is not None and answer.status_code == 200 else ""
        kind = self._kind(text)
        if not kind:
            raise StepFailed(f"this is no device: version {text[:20]!r}")
        self.version = text
        return kind

    def device_name(self):
        """The device's own name, "" if it does not tell."""
        tokens = self.app.tokens and self._kind(self.version) == "R2"
        answer = self._get("/__SL_G_DNP" if tokens else "/param_device_name.txt")
        usable = answer is not None and answer.status_code == 200
        return answer.text if usable and answer.text != _UNKNOWN_TOKEN else ""

    def scan(self):
        """Have the device scan, wait, read its list. Returns [(security digit, SSID)] without
        doubles and without what this app drops. StepFailed."""
        self._post("/api/1/wlan/en_ap_scan", "__SL_P_SC1=10&__SL_P_SC2=1")
        time.sleep(self.timing.scan)
        answer = self._get("/netlist.txt")
        if answer is None or answer.status_code != 200:
            raise StepFailed("no list of networks")
        return read_netlist(answer.content, self.app.digits)

    def configure(self, ssid, key, security=None, name=None):
        """Hand over a network and ask to confirm it.

        security: the digit of the netlist; None when the app does not know it: then one
        profile_add for an open network (no key), else two, WPA1 and WPA2. name: for the device.
        Returns the device's name, by which it is searched afterwards. StepFailed.
        """
        self._ask_version()
        if name:
            if not self._post("/api/1/netapp/set_urn", f"__SL_P_S.B={_form(name)}"):
                raise StepFailed("the name was not taken")
        else:
            name = self.device_name()
        for digit in _securities(security, key):
            if not self._post("/api/1/wlan/profile_add", self._profile(ssid, key, digit)):
                raise StepFailed("the network was not taken")
        time.sleep(self.timing.confirm)
        # The device may change its role before it answers: a failure means nothing.
        self._post("/api/1/wlan/confirm_req", self.app.confirm_body.format(ssid=_form(ssid)))
        return name

    def _profile(self, ssid, key, digit):
        for _ in range(self.app.key_codings - 1):
            key = _form(key)
        return f"__SL_P_P.A={_form(ssid)}&__SL_P_P.B={digit}&__SL_P_P.C={_form(key)}&__SL_P_P.D=0"

    # Wherever the device is

    def result(self, attempts=5, style=None):
        """Ask for the result until there is one. Returns (verdict, digit, answers).

        The digit is "" when the answer made no sense, None when there was none.

        The verdict is "success", "failed", "not started" or "unknown": nobody told in `attempts`.
        style: "txt" or "token", this app's own if left out.
        """
        tokens = self.app.tokens and self._kind(self.version) == "R2"
        style = style or ("token" if tokens else "txt")
        path = {"txt": "/param_cfg_result.txt", "token": "/__SL_G_MCR"}[style]
        answers = []
        for number in range(attempts):
            time.sleep(self.timing.between_results if number else self.timing.first_result)
            answer = self._get(path)
            usable = answer is not None and answer.status_code == 200 and answer.content
            answers.append(answer.text[:40] if usable else _TIMEOUT)
            if _TIMEOUT not in answers[-1] and _UNKNOWN_TOKEN not in answers[-1]:
                digit = self.digit(answers[-1])
                return self.verdict(digit), digit, answers
        return "unknown", None, answers

    def digit(self, text):
        """The result in an answer, "" when this app finds none in it."""
        digits = [digit for digit in _RESULT if digit]
        if self.app.equal:
            return text if text in digits else ""
        return next((digit for digit in digits if digit in text), "")

    def verdict(self, digit):
        """What the app tells its user: Android takes 4 for a success, iOS does not."""
        if digit and digit in self.app.good:
            return "success"
        return "not started" if digit == "0" else "failed"

    def station_address(self):
        """The device's address in the network that it joined, asked over its access point."""
        answer = self._get("/__SL_G_PIP")
        return answer.text if answer is not None and answer.status_code == 200 else ""

    def _kind(self, version):
        for kind in ("R2", "R1"):
            if version == kind + ".0" or not self.app.equal and kind in version:
                return kind
        return ""

    # Requests

    def _get(self, path):
        return self._request("GET", path)

    def _post(self, path, body):
        answer = self._request("POST", path, body)
        return answer is not None and answer.status_code in _DONE

    def _request(self, method, path, body=None):
        # An httpx.Response, or None: whatever goes wrong is a time-out to the app.
        began = time.monotonic()
        timeout = httpx.Timeout(self.timing.read, connect=self.timing.connect)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            # The certificate is a dummy of TI's, which the apps take for any host.
            with httpx.Client(timeout=timeout, verify=False, trust_env=False) as client:
                answer = client.request(method, self.base + path, content=body, headers=headers)
            outcome = answer.status_code
        except httpx.HTTPError as error:
            answer, outcome = None, type(error).__name__
        self.log.append([method, path, outcome, round((time.monotonic() - began) * 1000)])
        return answer


def read_netlist(content, digits="0123456789"):
    """[(security digit, SSID)] of a netlist.txt (bytes), without doubles: items end with `;`, an
    empty place is `X`."""
    networks = []
    for item in content.decode("utf-8", "replace").split(";"):
        known = [ssid for _, ssid in networks]
        if item and item != "X" and item[0] in digits and item[1:] not in known:
            networks.append((item[0], item[1:]))
    return networks


def _securities(security, key):
    if security is not None:
        return (security,)
    return ("1", "2") if key else ("0",)


def _form(text):
    return quote_plus(text, safe="*-._")


# The program


def _identify(app, options):
    return app.identify()


def _scan(app, options):
    return {"networks": app.scan()}


def _configure(app, options):
    return {"name": app.configure(options.ssid, options.key, options.security, options.name)}


def _discover(app, options):
    more = {
        "udp": {"port": options.udp_port},
        "mdns": {"interface": options.interface},
        "ping": {
            "broadcast": options.broadcast,
            "gateway": options.gateway,
            "http_port": options.http_port,
        },
    }
    ways = options.by.split(",")
    found = client_discover.search(ways, options.seconds, options.name, **more)
    return found | {"ok": found["found"]}


def _result(app, options):
    verdict, digit, answers = app.result(options.attempts, options.style)
    line = {"verdict": verdict, "result": digit, "said": _RESULT[digit]}
    if options.over_ap:
        line["address"] = app.station_address()
    return line | {"answers": answers, "ok": verdict == "success"}


def _parser():
    parser = argparse.ArgumentParser(prog="lab.ti_app", description="TI's app, step by step.")
    parser.add_argument("--app", choices=APPS, default="android")
    steps = parser.add_subparsers(dest="step", required=True)
    for name in ("identify", "scan", "configure", "result"):
        step = steps.add_parser(name)
        step.add_argument("--base", default=BASE)
        if name == "scan":
            step.add_argument("--wait", type=float, default=Timing().scan)
        elif name == "configure":
            step.add_argument("--ssid", required=True)
            step.add_argument("--key", default="")
            step.add_argument("--security", help="the digit of the netlist")
            step.add_argument("--name", help="what the device shall be called")
        elif name == "result":
            step.add_argument("--style", choices=("txt", "token"))
            step.add_argument("--attempts", type=int, default=5)
            step.add_argument("--first", type=float, default=Timing().first_result)
            step.add_argument("--between", type=float, default=Timing().between_results)
            step.add_argument("--over-ap", action="store_true", help="ask __SL_G_PIP as well")
    step = steps.add_parser("discover")
    step.add_argument("--by", default=",".join(client_discover.WAYS))
    step.add_argument("--name", help="any device if left out")
    step.add_argument("--seconds", type=float, default=55)
    step.add_argument("--udp-port", type=int, default=client_discover.UDP_PORT)
    step.add_argument("--interface", help="address of the interface for mDNS")
    step.add_argument("--broadcast", help="address to ping")
    step.add_argument("--gateway", help="the answerer to leave alone")
    step.add_argument("--http-port", type=int, default=80)
    return parser


def main(words=None):
    """The program. Returns its exit code: 0 when the step went well."""
    options = _parser().parse_args(words)
    defaults = Timing()
    timing = defaults._replace(
        scan=getattr(options, "wait", defaults.scan),
        first_result=getattr(options, "first", defaults.first_result),
        between_results=getattr(options, "between", defaults.between_results),
    )
    app = TiApp(options.app, getattr(options, "base", BASE), timing)
    steps = {
        "identify": _identify,
        "scan": _scan,
        "configure": _configure,
        "discover": _discover,
        "result": _result,
    }
    line = {"step": options.step, "app": app.app.name, "ok": True}
    try:
        line |= steps[options.step](app, options)
    except StepFailed as failed:
        line |= {"ok": False, "said": str(failed)}
    print(json.dumps(line | {"log": app.log}), flush=True)
    return 0 if line["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
