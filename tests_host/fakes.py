# A session without an engine behind it, and a small HTTP client: for tests of methods alone.
# MIT licence

import asyncio
import gc
import sys

from loopback import free_port
from shim import clock

if sys.implementation.name != "micropython":
    from shim import cpython

HOST = "127.0.0.1"
_KEPT = 1400  # bytes of an answer, and its last piece


def run(coroutine, fast=True):
    """Run a test's coroutine with fresh modules of lib, by the fast clock or by the real one."""
    forget()
    clock.start(fast)
    try:
        if sys.implementation.name == "micropython":
            asyncio.new_event_loop()
            return asyncio.run(coroutine)
        with asyncio.Runner(loop_factory=cpython.Loop) as runner:
            return runner.run(coroutine)
    finally:
        clock.start(False)
        forget()


def forget():
    """Drop lib's modules from memory: harness.forget(), which is too large beside a portal."""
    for name in list(sys.modules):
        if name.split(".")[0] == "provisioning":
            del sys.modules[name]
    if sys.implementation.name == "micropython":
        gc.collect()


async def hang_up(writer):
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass


class Network:
    """provisioning.radio.Network, without the radio."""

    def __init__(self, ssid, rssi=-50, security=2):
        self.ssid = ssid.encode() if isinstance(ssid, str) else ssid
        self.bssid = b"\1\2\3\4\5\6"
        self.channel = 6
        self.rssi = rssi
        self.security = security


class FakeProfiles:
    """provisioning.profiles.Profiles without flash."""

    def __init__(self):
        self.list = []

    def all(self):
        return self.list[:]

    def find(self, ssid):
        for profile in self.list:
            if profile.ssid == ssid:
                return profile
        return None

    def is_full(self):
        return len(self.list) >= 7

    def remove(self, index):
        self.list.pop(index)

    def clear(self):
        self.list.clear()


class FakeSettings:
    """provisioning.settings.Settings without flash; refuses what is out of its few limits."""

    def __init__(self, values):
        self._values = values

    def __getitem__(self, name):
        return self._values[name]

    def update(self, **values):
        if not 0 <= values.get("ap_channel", 0) <= 13:
            raise ValueError("ap_channel: 0 to 13")
        self._values.update(values)


class FakeIdentity:
    """provisioning.identity.Identity without flash."""

    def __init__(self):
        self.name = "micropython-3f2a1b"
        self.ap_ssid = "micropython-3f2a1b"
        self.pop = "abcd1234"

    def rename(self, name):
        if not 1 <= len(name.encode()) <= 32:
            raise ValueError("a device name has 1 to 32 bytes")
        self.name = name


class Progress:
    """What Session.progress() gives."""

    def __init__(self, state, result, reason, ssid, address):
        self.state, self.result, self.reason = state, result, reason
        self.ssid, self.address = ssid, address


class FakeSession:
    """A provisioning.session.Session: remembers what it was asked, answers what it is told."""

    def __init__(self, http_port=0, dns_port=0):
        self.address = HOST
        self.mac = b"\x02\x00\x5e\x3f\x2a\x1b"
        self.firmware = "1.25.0"
        self.settings = FakeSettings(
            {
                "http_port": http_port,
                "dns_port": dns_port,
                "ap_open": False,
                "ap_channel": 0,
                "policy": 0x21,
                "protocomm": True,
                "protocomm_security": 1,
                "ap_address": "4.3.2.1",
                "console": True,
                "improv_url": "",
            }
        )
        self.identity = FakeIdentity()
        self.profiles = FakeProfiles()
        self.released = False
        self.air = []
        self.age_ms = 1200
        self.offers = []  # what was offered: (Profile, replace)
        self.tokens = []  # and what came with each
        self.posts = None
        self.confirms = self.scans = self.activities = self.deliveries = 0
        self.now = Progress("waiting", 0, 0, b"", "")

    def offer(self, profile, replace=None, token=b""):
        if self.profiles.is_full() and not self.profiles.find(profile.ssid) and replace is None:
            from provisioning.profiles import ProfilesFull

            raise ProfilesFull("full")
        self.offers.append((profile, replace))
        self.tokens.append(token)

    def confirm(self):
        if not self.offers:
            return False
        self.confirms += 1
        return True

    def is_waiting(self):
        return self.now.state in ("waiting", "failed")

    def progress(self):
        return self.now

    def read_result(self):
        self.deliveries += 1
        return self.now.result

    def delivery(self):
        return self.read_result if self.now.state == "connected" else None

    def networks(self):
        return sorted(self.air, key=lambda network: -network.rssi)

    def seen(self, ssid):
        for network in self.air:
            if network.ssid == ssid:
                return network
        return None

    def scan_age_ms(self):
        return self.age_ms

    def request_scan(self):
        self.scans += 1

    def activity(self):
        self.activities += 1

    def succeed(self, ssid=b"HomeNet"):
        """As after a join that worked."""
        self.now = Progress("connected", 5, 0, ssid, "192.168.1.23")

    def fail(self, reason=2, ssid=b"HomeNet"):
        """As after a join that did not."""
        self.now = Progress("failed", 2, reason, ssid, "")

    def fill(self):
        """Seven stored networks."""
        from provisioning.profiles import Profile

        for number in range(7):
            self.profiles.list.append(Profile("Net%d" % number, "password%d" % number))


class Answer:
    """An HTTP answer: status, headers (names in lower case), body (bytes)."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()


class Portal:
    """A running portal on free ports of the loopback, and a client of it."""

    def __init__(self, session=None, dns=False):
        self.session = session or FakeSession()
        self.forbidden = ()  # what no answer may hold
        self.port = free_port()
        self.dns_port = free_port() if dns else 0
        self.session.settings.update(http_port=self.port, dns_port=self.dns_port)

    async def __aenter__(self):
        from provisioning.methods import portal

        self.portal = await portal.start(self.session)
        return self

    async def __aexit__(self, kind, error, trace):
        await self.portal.stop()

    async def raw(self, *parts, pause_ms=0):
        """Send these bytes, part by part. Returns what comes back, of a page start and end."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                if pause_ms:
                    await asyncio.sleep(pause_ms / 1000)
            return await self._read(reader)
        except OSError:
            return b""  # reset before anything came
        finally:
            await hang_up(writer)

    async def _read(self, reader):
        # The page is too long for a small heap to hold it twice: its middle is looked at, dropped.
        kept, last = b"", b""
        try:
            while True:
                piece = await reader.read(512)
                if not piece:
                    return kept + last
                for word in self.forbidden:
                    assert word not in last + piece, word
                if len(kept) < _KEPT:
                    kept += last
                last = piece
        except OSError:
            return kept + last  # reset: what came before counts

    async def ask(self, method, path, body=b"", headers=()):
        """Make a request; headers: (name, value) pairs. Host and Content-Length are added."""
        head = "%s %s HTTP/1.1\r\n" % (method, path)
        names = [name.lower() for name, _ in headers]
        if "host" not in names:
            head += "Host: %s:%d\r\n" % (HOST, self.port)
        for name, value in headers:
            head += "%s: %s\r\n" % (name, value)
        if body and "content-length" not in names:
            head += "Content-Length: %d\r\n" % len(body)
        return Answer(await self.raw(head.encode() + b"\r\n" + body))

    async def get(self, path, host=None):
        return await self.ask("GET", path, headers=(("Host", host),) if host is not None else ())

    async def post(self, path, body=b""):
        """POST a form."""
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        return await self.ask("POST", path, body, (kind,))

    async def send(self, path, body=b"{}", method="POST"):
        """POST (or PUT) JSON."""
        return await self.ask(method, path, body, (("Content-Type", "application/json"),))
