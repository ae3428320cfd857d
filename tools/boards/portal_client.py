# A board's HTTP API, asked over its own access point with patience.
# MIT licence
"""find() looks for the board, a Board asks it what docs/api.md says, hand_over() does it all.

While a board tries a network its access point may change its channel, and this computer falls off
for some seconds, perhaps into another Wi-Fi. So what gets no good answer is asked again, until the
Board's `deadline`, and of the same board only: a password goes to no other.
"""

import json
import time

from tools.boards import BoardError

# An ESP32's access point, a Pico W's (docs/portal.md).
ADDRESSES = ("http://4.3.2.1", "http://192.168.4.1")
STEPS = ("joining", "addressing", "checking")

FIND_S = 8  # a computer that has just joined asks for its own address first
PAUSE_S = 1  # between two requests
_EXCHANGE_S = 9  # the board closes after 10
_KNOCK_S = 3
_LARGEST = 64 * 1024
_ANY = {}
_SSID = {"ssid": str, "ssid_hex": str}
_DEVICE = {"name": str, "mac": str, "firmware": str}
_NETWORK = {**_SSID, "bars": int, "security": str, "supported": bool, "stored": bool}
_NETWORKS = {"networks": [_NETWORK], "age_ms": (int, type(None))}
_PROFILES = {"profiles": [{**_SSID, "index": int, "security": str}], "free": int}
_STATUS = {**_SSID, "state": str, "reason": (str, type(None)), "address": str, "name": str}
_ERROR = {"error": str, "message": str}


class Refused(BoardError):
    """The board said no. The text is its own; `word` and `field` are for programs."""

    def __init__(self, said):
        super().__init__(f"the board says: {printable(said['message']).rstrip('.')}")
        self.word = said["error"]
        self.field = said.get("field")


class NoAnswer(Exception):
    """Nothing came back, or nothing that a board of ours says. The text says which."""


class Silent(BoardError):
    """Still no answer when the time was over."""


def printable(text):
    """Text from outside as a terminal may show it: U+FFFD for signs that steer one."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


class Board:
    """The board at `url`.

    device: its name, mac and firmware, as find() read them. deadline: until when, by
    time.monotonic(), a request without an answer is made again. on_trouble(text): called before
    that, and with "" when there is an answer again. All that asks raises Refused or Silent.
    """

    def __init__(self, url, on_trouble=lambda text: None):
        import httpx

        self.url = url
        self.device = None
        self.deadline = 0
        self.repeated = False  # was the last request made more than once?
        self._on_trouble = on_trouble
        self._doubt = False
        # A proxy is not in the board's network.
        self._client = httpx.Client(base_url=url, trust_env=False)

    def close(self):
        """Give the sockets back."""
        self._client.close()

    def allow(self, seconds):
        """What follows may take so long."""
        self.deadline = time.monotonic() + seconds

    def meet(self):
        """Read `device`, without patience. Raises NoAnswer, Refused."""
        self.device = self._once("GET", "/v1/device", _DEVICE, limit_s=_KNOCK_S)

    def networks(self):
        """What the last scan found: a list of dicts as docs/openapi.yaml has them."""
        return self.ask("GET", "/v1/networks", _NETWORKS)["networks"]

    def rescan(self, wait_s=12):
        """Have the board scan, wait for it, and return networks()."""
        began = time.monotonic()
        self.ask("POST", "/v1/scan", body={})
        while True:
            time.sleep(PAUSE_S)
            found = self.ask("GET", "/v1/networks", _NETWORKS)
            waited = time.monotonic() - began
            # A board scans once in 10 s: a list that is younger stays as it is.
            fresh = found["age_ms"] is not None and found["age_ms"] < max(waited * 1000, 9000)
            if fresh or waited > wait_s:
                return found["networks"]

    def stored(self):
        """The stored networks: a list of dicts with index, ssid, ssid_hex, security."""
        return self.ask("GET", "/v1/profiles", _PROFILES)["profiles"]

    def forget(self, index):
        """Forget the stored network with this index, 1 is the first."""
        before = self.stored()
        while True:
            try:
                return self._once("DELETE", f"/v1/profiles/{index}")
            except NoAnswer as problem:
                # The others have moved up if it arrived: asked again, it would be the next one's.
                self._again(problem)
                if len(self.stored()) < len(before):
                    return None

    def rename(self, name):
        """Give the board another name."""
        self.device = self.ask("PUT", "/v1/device", _DEVICE, {"name": name})

    def add(self, profile):
        """Hand over a network: a dict as POST /v1/profiles takes it."""
        self.ask("POST", "/v1/profiles", body=profile)

    def confirm(self):
        """Have it tried what was handed over; when another's network is tried, after that."""
        while True:
            try:
                self.ask("POST", "/v1/confirm", body={})
                return
            except Refused as refused:
                if refused.word != "nothing_to_confirm":
                    raise
                # It is tried already if only the answer to the first request was lost.
                if self.repeated:
                    return
                state = self.status()["state"]
                if state == "connected":
                    return
                if state not in STEPS or time.monotonic() > self.deadline:
                    raise
            time.sleep(PAUSE_S)

    def status(self):
        """Where it stands. A success that is read counts as delivered."""
        return self.ask("GET", "/v1/status", _STATUS)

    def follow(self):
        """Yield status() until the board has done with the network, or the deadline."""
        while True:
            status = self.status()
            yield status
            if status["state"] not in STEPS or time.monotonic() > self.deadline:
                return
            time.sleep(PAUSE_S)

    # Asking

    def ask(self, method, path, shape=_ANY, body=None):
        """The board's answer to one request, which has to have the shape of `shape`."""
        self.repeated = False
        while True:
            try:
                if self._doubt:
                    self._recognise()
                answer = self._once(method, path, shape, body)
            except NoAnswer as problem:
                self._again(problem)
                self.repeated = True
                continue
            return answer

    def _again(self, problem):
        # Wait for the next try, or give up.
        if time.monotonic() + PAUSE_S > self.deadline:
            raise Silent(f"{self.url}: {problem}. {_JOIN_AGAIN}") from None
        self._doubt = True
        self._on_trouble(str(problem))
        time.sleep(PAUSE_S)

    def _recognise(self):
        known = self.device
        if known:
            there = self._once("GET", "/v1/device", _DEVICE, limit_s=_KNOCK_S)
            if there["mac"] != known["mac"]:
                raise NoAnswer(f"another board answers, {printable(there['name'])}")
        self._doubt = False
        self._on_trouble("")

    def _once(self, method, path, shape=_ANY, body=None, limit_s=None):
        status, location, data = self._exchange(method, path, body, limit_s or _EXCHANGE_S)
        if status >= 500:
            raise NoAnswer(f"it is busy (HTTP status {status})")
        if location:
            raise NoAnswer(f"{_STRANGER}: it sends us on to {printable(location)}")
        try:
            answer = json.loads(data or b"{}")
        except ValueError:
            kind = "a web page, as a network's login has one" if b"<" in data[:200] else "no JSON"
            raise NoAnswer(f"{_STRANGER}: the answer is {kind}") from None
        if status >= 400 and _fits(answer, _ERROR):
            raise Refused(answer)
        if status >= 300 or not _fits(answer, shape):
            raise NoAnswer(f"{_STRANGER}: HTTP status {status}, and not what docs/api.md says")
        return answer

    def _exchange(self, method, path, body, limit_s):
        # (status, Location or "", body of the answer)
        import httpx

        end = time.monotonic() + limit_s
        data = b""
        try:
            with self._client.stream(method, path, json=body, timeout=limit_s) as answer:
                for part in answer.iter_bytes():
                    data += part
                    if len(data) > _LARGEST or time.monotonic() > end:
                        raise NoAnswer(f"{_STRANGER}: its answer has no end")
                location = answer.headers.get("location", "") if answer.is_redirect else ""
                return answer.status_code, location, data
        except httpx.TimeoutException:
            raise NoAnswer(f"no answer in {limit_s} s") from None
        except httpx.ConnectError:
            raise NoAnswer("nobody answers") from None
        except httpx.HTTPError:
            raise NoAnswer("the connection broke off") from None


_STRANGER = "this is no board of ours"
_JOIN_AGAIN = (
    "If this computer left the board's Wi-Fi, join it again and run this again; "
    "a board that is online has closed its access point"
)


def _fits(value, shape):
    # Has a JSON value at least what `shape` has? A dict of shapes, a list of one, or types.
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            key in value and _fits(value[key], inner) for key, inner in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(item, shape[0]) for item in value)
    return isinstance(value, shape)


def base_url(text):
    """The address that a person typed as http://HOST[:PORT]. Raises BoardError."""
    import httpx

    try:
        url = httpx.URL(text if "://" in text else "http://" + text)
    except httpx.InvalidURL:
        url = None
    if not url or url.scheme not in ("http", "https") or not url.host:
        raise BoardError(f"--url {printable(text)}: an address is like http://4.3.2.1")
    return f"{url.scheme}://{url.netloc.decode()}"


def find(urls=ADDRESSES, on_trouble=lambda text: None):
    """The first Board that answers at one of `urls`, tried in turns for some seconds.

    on_trouble: the Board's. Raises BoardError, which says what is there instead.
    """
    end = time.monotonic() + FIND_S
    while True:
        problems = []
        for url in urls:
            board = Board(url, on_trouble)
            try:
                board.meet()
                return board
            except (NoAnswer, Refused) as problem:
                board.close()
                problems.append(f"\n  {url}: {problem}")
        if time.monotonic() > end:
            raise BoardError(
                "no board found. Let this computer join the board's access point first (phone "
                "--help says how; a board that is online has none), or give its address with "
                "--url" + "".join(problems)
            )
        time.sleep(PAUSE_S)


def hand_over(board, profile, on_status=lambda status: None):
    """Hand over a network, have it tried, and wait for what becomes of it.

    profile: as POST /v1/profiles takes it, with ssid_hex. on_status(status): called again and
    again. Returns a dict: ok, ssid, ssid_hex, state, reason, address, name. Reasons that are not
    the board's: no_answer (it went silent), timeout (it is still at it), not_tried (it was
    restarted), other_network (somebody else's was joined). Raises Refused; Silent only if the
    network could not be handed over.
    """
    ssid = bytes.fromhex(profile["ssid_hex"]).decode(errors="replace")
    status = {"ssid": ssid, "ssid_hex": profile["ssid_hex"], "address": "", "reason": None}
    status |= {"state": "joining", "name": board.device["name"]}
    board.add(profile)
    board.confirm()
    on_status(status)
    reason = None
    try:
        for status in board.follow():
            on_status(status)
    except Silent:
        reason = "no_answer"
    state, other = status["state"], status["ssid_hex"] != profile["ssid_hex"]
    if not reason:
        ends = {"waiting": "not_tried", "failed": status["reason"] or "not_tried"}
        reason = "timeout" if state in STEPS else ends.get(state)
    if state == "connected" and other:
        reason = "other_network"
    names = ("ssid", "ssid_hex", "state", "address", "name")
    result = {name: status[name] for name in names}
    return {"ok": state == "connected" and not reason, **result, "reason": reason}
