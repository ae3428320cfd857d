# The lab: a board, its phones, and the routers around it, joined by cables as the air decides.
# MIT licence
"""with World(folder, board="esp32") as world:
        anna = world.phone("anna")
        anna.join_board()
        anna.run("curl", "http://4.3.2.1/")

The board is a twin in a namespace of its own: its radio is simulated, and here are the plugs that
go in and out when it joins a router, opens its access point, or drops its phones. All that is
sent over them is real.
"""

import json
import re
import subprocess
import threading
import time

from lab import dhcp
from lab.control import Control, values
from lab.net import Cable, Namespace
from shim import neighbourhood
from tools import twins
from tools.paths import BUILD, TESTS

HEAP_KB = 160
MAC = "0200003f2a1b"  # of the board
PATIENCE_S = 40
_FIRST_LEASES = {"esp32": 2, "rp2": 16}  # docs/twins.md


def wait_for(condition, what, limit_s=PATIENCE_S):
    """Look until condition() gives something, and return that; AssertionError with what()."""
    end = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.02)
    return found


class World:
    """folder: for flash and sockets. board: esp32 or rp2. speed: of what happens in the air.

    program: what the board runs after boot.py. near: SSID of a network whose broadcasts the board
    hears without being on it, as its firmware can with our C module. heap_kb: of the board, in
    all. settings: of the board.
    phones, routers: by name.
    """

    def __init__(
        self,
        folder,
        board="esp32",
        speed=4,
        program="main.py",
        near=None,
        heap_kb=HEAP_KB,
        **settings,
    ):
        self.folder = folder
        self.phones, self.routers = {}, {}
        self._air = neighbourhood.load().routers
        self._control = None
        self._building = threading.Lock()  # a router, by a test or since the board joined it
        try:
            ears = self.router(near) if near else None
            self.board = Board(self, board, speed, program, settings, ears, heap_kb)
            self._control = Control(self.board.socket, self._heard, self.board.has_ended)
            self._heard(["ap", *self._control.tell("ap").split()])
        except BaseException:
            print("\n".join(self.board.said) if hasattr(self, "board") else "no board")
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._control:
            self._control.close()
        for machine in [*self.phones.values(), *self.routers.values()]:
            machine.remove()
        if hasattr(self, "board"):
            self.board.remove()

    def tell(self, command):
        """A command in the control language (docs/twins.md)."""
        return self._control.tell(command)

    def ask(self, command):
        """The values in the answer to a command."""
        return self._control.ask(command)

    def phone(self, name):
        """A new phone, or the one of that name."""
        if name not in self.phones:
            self.phones[name] = Phone(self, name, len(self.phones))
        return self.phones[name]

    def router(self, ssid):
        """The router of that network: it is there whether anybody is on it or not."""
        with self._building:
            if ssid not in self.routers:
                places = [n for n, entry in enumerate(self._air) if entry.ssid == ssid.encode()]
                serves = self._air[places[0]].dhcp_ms is not None
                self.routers[ssid] = Router(self, len(self.routers) + 1, places, serves)
            return self.routers[ssid]

    def channel(self, place):
        """Of the router at this place of the air."""
        return self._air[place].channel

    def air(self):
        """The lines that make the twin's air. No lease of its own: the routers here give them."""
        yield f"option mac={MAC}"
        for number, entry in enumerate(self._air):
            words = [f"ssid={entry.ssid.hex()}", f"key={entry.key.hex()}"]
            words += [f"security={entry.security}", f"channel={entry.channel}"]
            words += [f"rssi={entry.rssi}", f"hidden={int(entry.hidden)}", "dhcp_ms=-"]
            words += [f"bssid={_bssid(number)}", f"drop_after_ms={_ms(entry.drop_after_ms)}"]
            yield f"router {number} {' '.join(words)}"

    def _heard(self, words):
        """The twin says what happened in the air."""
        what, said = words[0], values(words)
        if what == "ap":
            self.board.open_ap(said) if said["up"] == "1" else self.board.close_ap()
        elif what == "phone":
            for phone in self.phones.values():
                if phone.number == int(words[1]):
                    phone.heard(said["joined"] == "1")
        elif what == "joined":
            ssid = self._air[int(said["bssid"][-4:], 16) - 1].ssid.decode()
            self.board.join(self.router(ssid))
        elif what in ("left", "lost"):
            self.board.leave()


def _bssid(number):
    return f"02000000{number + 1:04x}"


def _ms(value):
    return "-" if value is None else value


class Board(Namespace):
    """The board. said: the lines of its console. socket: the twin's. flash: its folder."""

    def __init__(self, world, kind, speed, program, settings, ears, heap_kb):
        super().__init__("board")
        self.kind, self.said = kind, []
        self._world = world
        self._server = self._client = self._cable = None
        self._ap = {}
        self._plugging = threading.Lock()
        self.flash = world.folder / "flash"
        self.socket = world.folder / "control"
        # lwIP binds to an address that comes later; and a phone's host route is no concern of it.
        self.sysctl("net.ipv4.ip_nonlocal_bind", 1)
        air = world.folder / "air"
        air.write_text("".join(line + "\n" for line in world.air()))
        found = twins.build(kind)
        paths = [BUILD / "mpy", BUILD / "mpy_tests", TESTS]
        self._environment = [
            f"TWIN_AIR={air}",
            f"TWIN_CONTROL={self.socket}",
            f"TWIN_SPEED={speed}",
            "MICROPYPATH=" + ":".join(map(str, paths)) + ":.frozen",
        ]
        if ears:
            self._listen_to(ears)
        self._words = [found.path, "-X", f"heapsize={heap_kb}k", TESTS / "lab/board.py"]
        self._words += [
            self.flash,
            MAC,
            program,
            *(f"{n}={json.dumps(v)}" for n, v in settings.items()),
        ]
        self._program = self._start()

    def _listen_to(self, router):
        # An Ethernet frame stands for the access point's copy of it (wifi_sniffer/README.md).
        Cable(self, "air0", "02:00:00:00:0b:0b", router, "lan", "ears")
        self._environment.append(f"WIFI_SNIFFER=air0,from_ds,channel={router.channel}")

    def _start(self):
        program = self.popen(
            "env", *self._environment, *self._words, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="surrogateescape",
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(program,), daemon=True).start()
        return program

    def _listen(self, program):
        for line in program.stdout:
            self.said.append(line.rstrip())

    def bring(self, data):
        """Bytes that come over its cable."""
        self._program.stdin.buffer.write(data)
        self._program.stdin.flush()

    def has_ended(self):
        """Has its program come to an end?"""
        return self._program.poll() is not None

    def wait_for(self, pattern, limit_s=PATIENCE_S):
        """The first line of the console that matches."""

        def find():
            return next((line for line in self.said if re.search(pattern, line)), None)

        return wait_for(find, lambda: f"no {pattern!r} in:\n" + "\n".join(self.said), limit_s)

    @property
    def address(self):
        """Of its access point, while that is up; else ""."""
        return self._ap.get("address", "")

    @property
    def lan_address(self):
        """Of its station, or ""."""
        return _address(self, "sta0")

    # The access point

    def open_ap(self, said):
        """It is up, or has another address."""
        with self._plugging:
            if said["address"] == self.address:
                self._ap = said
                return
            network = said["address"] + "/24"
            if self._ap:  # who is on it stays
                self.stop(self._server)
                self.ip("address", "flush", "dev", "ap0")
                self.ip("address", "add", network, "dev", "ap0")
            else:
                self.bridge("ap0", network)
            self._ap = said
            net = said["router"].rsplit(".", 1)[0]
            first = _FIRST_LEASES[self.kind]
            self._server = dhcp.serve(
                *(self, "ap0", f"{net}.{first}", f"{net}.{first + 8}"), said["router"], said["dns"]
            )

    def close_ap(self):
        """It is down."""
        with self._plugging:
            self._close_ap()

    def _close_ap(self):
        if self._ap:
            self.stop(self._server)
            self.ip("link", "del", "ap0")
        self._ap = {}

    # The station

    def join(self, router):
        """It has a link to a router: its DHCP client asks for an address."""
        with self._plugging:
            self._leave()
            self._cable = Cable(self, "sta0", "02:00:00:00:0b:0a", router, "lan", "board")
            self._client = dhcp.Client(self, "sta0", self._leased)

    def _leased(self, address, router, dns):
        try:
            self._world.tell(f"lease {address}")
        except ValueError:
            pass  # the link has gone meanwhile

    def leave(self):
        """It has none any more."""
        with self._plugging:
            self._leave()

    def _leave(self):
        if self._cable:
            self._client.stop()
            self._cable.unplug()
        self._cable = self._client = None


class Phone(Namespace):
    """A phone or a computer of a World. address: of its Wi-Fi, or ""."""

    def __init__(self, world, name, number):
        super().__init__("phone-" + name)
        self.number = number
        self.world = world
        self._mac = f"da:50:00:00:00:{number + 1:02x}"
        world.tell(f"phone {number} mac={self._mac.replace(':', '')}")
        self._hub = self._cable = self._client = None
        self._dns = ""
        self._plugging = threading.Lock()

    @property
    def address(self):
        return _address(self, "wlan0")

    def _is_ready(self):
        # The name server is set after the address.
        return self._dns and self.address

    def join_board(self, key=None, limit_s=PATIENCE_S):
        """Join the board's access point, as soon as it is there, and get an address."""
        board = self.world.board
        self.leave()

        def is_on():
            if board.address and not self._is_joined():
                said = self.world.ask("ap")  # again: it may have changed its name meanwhile
                words = f"ssid={said['ssid']} key={key or said['key']}"
                self.world.tell(f"phone {self.number} join {words}")
            return self._is_ready()

        def state():
            how = f"joined={self._is_joined()} address={self.address} dns={self._dns}"
            return "\n".join([f"not on the access point, {how}:", *board.said])

        wait_for(is_on, state, limit_s)

    def _is_joined(self):
        return self.world.ask(f"phone {self.number}")["joined"] == "1"

    def join(self, ssid, limit_s=PATIENCE_S):
        """Join a router's network and get an address."""
        self.leave()
        with self._plugging:
            self._plug(self.world.router(ssid), "lan")
        wait_for(self._is_ready, f"no lease from {ssid}", limit_s)

    def leave(self):
        """Be on no network."""
        self.world.tell(f"phone {self.number} leave")
        with self._plugging:
            self._unplug()

    def heard(self, joined):
        """The air says that it is on the board's access point now, or off it."""
        with self._plugging:
            # What comes late is no news: it may be on a router meanwhile.
            if joined or self._hub is self.world.board:
                self._unplug()
            if joined:
                self._plug(self.world.board, "ap0")

    def _plug(self, hub, bridge):
        self._hub = hub
        self._cable = Cable(self, "wlan0", self._mac, hub, bridge, f"phone{self.number}")
        self._client = dhcp.Client(self, "wlan0", self._leased)

    def _leased(self, address, router, dns):
        self.resolver(dns)
        self._dns = dns

    def _unplug(self):
        self._dns = ""
        if self._hub:
            self._client.stop()
            self._cable.unplug()
        self._hub = None


class Router(Namespace):
    """A router, with a DHCP server, a name server, and a page that stands for the Internet."""

    def __init__(self, world, number, places, serves):
        super().__init__(f"router{number}")
        self._world, self._places = world, places
        self.channel = world.channel(places[0])
        self.address = f"192.168.{number}.1"
        self._net = f"192.168.{number}"
        self.bridge("lan", self.address + "/24")
        self._server = None
        if serves:
            self.serve()
        self._page = self.popen(
            *("python3", "-m", "http.server", "80", "--bind", self.address),
            *("--directory", str(TESTS / "lab/internet")),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def serve(self):
        """Give away leases from now on."""
        self._server = dhcp.serve(
            *(self, "lan", self._net + ".50", self._net + ".99"),
            *(self.address, self.address, self.address),
        )

    def silence(self):
        """No more leases."""
        self.stop(self._server)

    def off(self):
        """It loses its power."""
        self._set("present=0")

    def on(self):
        """It is there again."""
        self._set("present=1")

    def _set(self, change):
        for place in self._places:
            self._world.tell(f"router {place} {change}")

    def block_multicast(self):
        """No packet for many is passed on from one guest to another; DHCP and ARP are."""
        ports = json.loads(self.ip("-j", "link", "show", "master", "lan"))
        for port in ports:
            self.ip("link", "set", port["ifname"], "type", "bridge_slave", "mcast_flood", "off")


def _address(namespace, interface):
    try:
        found = json.loads(namespace.ip("-j", "-4", "address", "show", "dev", interface))
    except OSError:
        return ""
    return next((e["local"] for entry in found for e in entry.get("addr_info", ())), "")
