# What this package can do on a board, tried step by step; the report is to be pasted (README.md).
# MIT licence
"""mpremote run firmware/selftest/core.py run firmware/selftest/selftest.py

In two pieces: a board has the memory to compile each, and the first one's goes before the portal
needs it. No name of a network and no password is in the report.
"""
# ruff: noqa: F821 -- step, Skip, expect, in_scratch and core are core.py's, which ran before

import asyncio
import gc
import sys
import time

_EHOSTUNREACH = 113
_PATIENCE_S = 15
_REACH_S = 3
_OURS = ("provisioning",)


class Wireless:
    """The steps that need a radio, one after the other; restore() makes it as it was before."""

    def __init__(self, network):
        from provisioning import Settings

        self._network = network
        self._sta = network.WLAN(network.STA_IF)
        self._ap = network.WLAN(network.AP_IF)
        self._active = self._sta.active(), self._ap.active()
        self._hostname = network.hostname()
        self._linked = self._sta.isconnected()
        self._ssid = self._linked and _radio().ssid()
        settings = Settings()
        self._settings = {name: settings[name] for name in settings.keys()}
        self._settings["console"] = False  # the access point's key is nobody's business
        self._settings["improv"] = 0  # the console is mpremote's
        self._networks = []
        self._provisioner = None

    def scan(self):
        self._networks = _radio().scan()
        if not self._networks:
            raise OSError("nothing is heard: is the antenna connected?")
        strongest = max([network.rssi for network in self._networks])
        return "%d access points, the strongest %d dBm" % (len(self._networks), strongest)

    def access_point(self):
        self._needs_no_other()
        from provisioning import Identity

        radio = _radio()
        try:
            address = radio.open_ap("selftest", Identity().ap_key, 6, self._settings["ap_address"])
            expect(self._ap.active(), "it is not up")
            channel, security = self._ap.config("channel"), self._ap.config("security")
            expect(security, "it is open, in spite of its key")
            return "%s, channel %d, security %d" % (address, channel, security)
        finally:
            radio.close_ap()

    def open_portal(self):
        self._needs_no_other()
        try:
            __import__("socket")
        except ImportError:
            raise Skip("this board has no sockets")
        from provisioning import MODE_AP, Provisioner, Settings

        Settings().update(**self._settings)
        provisioner = Provisioner()
        code = provisioner.start(MODE_AP, timeout_s=120)
        if code:
            raise OSError("start() answers %d" % code)

        def is_there():
            session = provisioner.session
            return not session or session.is_waiting()

        asyncio.run(_until(is_there))
        session = provisioner.session
        if not session:
            raise OSError("the run ended: the line above says why")
        self._provisioner = provisioner
        security = "open" if session.settings["ap_open"] else "WPA2"
        return "%s, channel %d, %s" % (session.address, session.channel, security)

    def _needs_no_other(self):
        if self._active[1]:
            raise Skip("the board's access point is up already: reset the board, try again")

    def get(self, path, end):
        """end: what a whole answer ends with; one for which the memory is short breaks off."""
        self._needs_portal()
        session = self._provisioner.session
        place = session.address, session.settings["http_port"]
        status, size, tail = asyncio.run(asyncio.wait_for(_get(place, path), _PATIENCE_S))
        expect(status.split(" ")[1:2] == ["200"], status or "no answer")
        expect(tail.endswith(end), "it breaks off after %d bytes" % size)
        return "%s, %d bytes" % (status, size)

    def close_portal(self):
        self._needs_portal()
        self._provisioner.stop()
        asyncio.run(asyncio.wait_for(self._provisioner.wait(), _PATIENCE_S))
        self._provisioner = None
        expect(not self._ap.active(), "the access point is still up")

    def _needs_portal(self):
        if not self._provisioner:
            raise Skip("the portal is not open")

    def join(self, ssid, key):
        if not ssid:
            raise Skip("no network was given, see README.md")
        import provisioning
        from provisioning.names import reason_name
        from provisioning.radio import JoinError

        profile = provisioning.Profile(ssid, key)
        seen = [network for network in self._networks if network.ssid == profile.ssid]
        seen = max(seen, key=lambda network: network.rssi) if seen else None
        try:
            asyncio.run(_radio().join(profile, seen))
        except JoinError as error:
            raise OSError(reason_name(error.reason))
        finally:
            provisioning.failures.pop(profile.ssid, None)
        return "%d dBm" % seen.rssi if seen else "it is hidden, or was not heard"

    def restore(self):
        """Radio and link as they were. The records are the board's own again."""
        radio = _radio()
        self._network.hostname(self._hostname)
        if not self._active[1]:
            radio.close_ap()  # where the portal did not end
        if not self._linked:
            radio.leave()
            self._sta.active(self._active[0])
            return ""
        if radio.is_linked() and radio.ssid() == self._ssid:
            return "the link of before"
        from provisioning import Profiles

        profile = self._ssid and Profiles().find(self._ssid)
        if not profile:
            raise OSError("the link of before is gone and was not stored: reset the board")
        asyncio.run(radio.join(profile))
        return "joined as before"


def _radio():
    from provisioning.radio import Radio

    return Radio()


async def _until(condition):
    start = time.ticks_ms()
    while not condition():
        if time.ticks_diff(time.ticks_ms(), start) > _PATIENCE_S * 1000:
            raise OSError("not done after %d s" % _PATIENCE_S)
        await asyncio.sleep_ms(50)


async def _get(place, path):
    """GET from (address, port). Returns the status line, how many bytes came after it, and the
    last of them.

    Skip where the network stack does not deliver what is sent to the board's own address: a Pico
    W's (MICROPY_PY_LWIP_LOOPBACK in extmod.mk; pimoroni-pico#689).
    """
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*place), _REACH_S)
    except (OSError, asyncio.TimeoutError) as error:
        if isinstance(error, OSError) and error.errno != _EHOSTUNREACH:
            raise
        raise Skip("this board's sockets do not reach itself: try it with a phone")
    try:
        writer.write(("GET %s HTTP/1.0\r\nHost: %s:%d\r\n\r\n" % ((path,) + place)).encode())
        await writer.drain()
        status = (await reader.readline()).decode().strip()
        size, tail = 0, b""
        while True:
            piece = await reader.read(256)
            if not piece:
                return status, size, tail.rstrip()
            size += len(piece)
            tail = tail[-16:] + piece
    finally:
        writer.close()
        await writer.wait_closed()


# The report ----------------------------------------------------------------------------------


class Report:
    """Prints the rows as they come: a board that hangs shows how far it got."""

    def __init__(self):
        self.failed = 0
        print("### micropython-provisioning, self-test\n")
        about = sys.implementation
        version = ".".join([str(part) for part in about[1][:3]])
        print("%s; MicroPython %s, port %s\n" % (about._machine, version, sys.platform))
        print("| step | result | ms | heap free | |\n|---|---|--:|--:|---|")

    def append(self, row):
        name, ok, ms, text = row
        self.failed += ok is False
        gc.collect()
        word = "skipped" if ok is None else "ok" if ok else "failed"
        for odd in "|\r\n":
            text = text.replace(odd, " ")
        print("| %s | %s | %d | %d | %s |" % (name, word, ms, gc.mem_free(), text))

    def end(self):
        print("\nselftest: %s" % ("FAILED (%d)" % self.failed if self.failed else "ok"))


def _steps(rows, wireless, ssid, key):
    step(rows, "scan", wireless.scan)
    step(rows, "access point", wireless.access_point)
    step(rows, "portal opens", wireless.open_portal)
    step(rows, "GET /", lambda: wireless.get("/", b"</html>"))
    step(rows, "GET /v1/device", lambda: wireless.get("/v1/device", b"}"))
    step(rows, "portal ends", wireless.close_portal)
    step(rows, "join", lambda: wireless.join(ssid, key))


def _wireless():
    try:
        import network
    except ImportError:
        raise Skip("this board has no Wi-Fi")
    if not hasattr(network, "WLAN"):
        raise Skip("this board has no Wi-Fi")
    return Wireless(network)


def _drop(before):
    sys.modules["provisioning"].drop_modules(
        lambda name: name not in before and name.split(".")[0] in _OURS
    )


def main(ssid="", key=""):
    """Do everything and print the report. ssid, key: a network to join; it is not stored."""
    before = list(sys.modules)
    rows = Report()
    step(rows, "start", lambda: "")
    core(rows)
    if "provisioning" in sys.modules:
        globals().pop("Core")  # the portal needs the room
        _drop(before)
        made = []
        if step(rows, "radio", lambda: made.append(_wireless())):
            in_scratch(lambda: _steps(rows, made[0], ssid, key))
            step(rows, "as before", made[0].restore)
        _drop(before)
        step(rows, "end", lambda: "all modules dropped")
    rows.end()


if "core" in globals():
    main(globals().get("SSID", ""), globals().get("KEY", ""))
else:
    print("selftest: FAILED, core.py has to run before, see README.md")
