# What others can reach of the board, and read of what it sends: ports and packets.
# MIT licence

import base64
import json
import struct
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from lab.clients import Client, api, hand_over, result, stored
from lab.world import wait_for
from tools.paths import TESTS

BOTH = pytest.mark.parametrize("board", ["esp32", "rp2"])
QUICK = {"speed": 8}

# Ports


def listeners(world):
    """What listens in the board: {(protocol, address:port)}; 68 is the DHCP client's."""
    lines = world.board.run("ss", "-tuln", "--no-header").stdout.splitlines()
    found = {(words[0], words[4]) for words in map(str.split, lines)}
    return {(what, place) for what, place in found if not place.endswith(":68")}


def scan(phone, address, last=65535):
    with Client(phone, "ports", 0, (last,), address) as client:
        said = client.said()
    return said["tcp"], said["udp"]


def test_nothing_listens_but_what_is_needed_and_nothing_after_the_run(lab):
    world = lab(**QUICK)
    anna, carol = world.phone("anna"), world.phone("carol")
    carol.join("HomeNet")
    anna.join_board()
    world.board.sysctl("net.ipv4.icmp_ratelimit", 0)  # it says "unreachable" each time
    assert scan(anna, world.board.address) == ([80], [53, 67])  # 67: DHCP, the firmware's
    assert hand_over(anna, "HomeNet", "correct horse battery") == 202
    wait_for(lambda: stored(world), "nothing is stored")
    address = wait_for(lambda: world.board.lan_address, "the board is not on the network")
    assert scan(carol, address, 2000) == ([80], [5353])  # local feedback
    assert result(anna)["state"] == "connected"
    world.board.wait_for("^online")
    assert listeners(world) == set()
    assert scan(carol, address) == ([], [])


@BOTH
def test_a_neighbour_on_the_network_does_not_reach_the_portal(lab, board):
    world = lab(board, **QUICK)
    anna, carol = world.phone("anna"), world.phone("carol")
    carol.join("HomeNet")
    anna.join_board()
    assert hand_over(anna, "HomeNet", "correct horse battery") == 202
    wait_for(lambda: stored(world), "nothing is stored")
    # The portal's own address is not of this network, but the board is the way to it.
    portal = world.board.address
    carol.ip("route", "add", portal, "via", world.board.lan_address)
    assert carol.run("curl", "-s", "-m", "1", f"http://{world.board.lan_address}/").returncode == 0
    assert api(carol, "/v1/networks", host=portal)[0] in (0, 403)
    assert api(carol, "/v1/profiles/1", method="DELETE", host=portal)[0] in (0, 403)
    assert api(anna, "/v1/networks")[0] == 200
    assert stored(world) == {"HomeNet": "correct horse battery"}


# Packets


SSID, KEY = "50% off & más ☕", 'p%40ss&w=rd+;ñ"'


def shapes(key):
    """A password as it could lie in a packet, in lower case."""
    raw = key.encode()
    found = {raw, json.dumps(key)[1:-1].encode(), raw.hex().encode(), key.encode("utf-16-le")}
    found |= {quote(key).encode(), quote_plus(key).encode(), quote(key, safe="&=+;").encode()}
    for start in range(3):  # without the signs that depend on what is before and after
        found.add(base64.b64encode(b"\0" * start + raw)[4 if start else 0 : -4])
    return {shape.lower() for shape in found}


def holds(data, key):
    return any(shape in data.lower() for shape in shapes(key))


class Capture:
    """All packets of a namespace, from now to stop()."""

    def __init__(self, namespace, file):
        self._namespace, self._file = namespace, file
        words = ["tcpdump", "-i", "any", "-U", "-Z", "root", "-w", file]
        with open(f"{file}.said", "w") as said:
            self._program = namespace.popen(*words, stderr=said)
        wait_for(lambda: "listening" in Path(f"{file}.said").read_text(), "no tcpdump")

    def stop(self):
        """{number of the interface: [what each connection carried in one direction]}."""
        self._namespace.stop(self._program)
        data = self._file.read_bytes()
        assert struct.unpack_from("<I", data, 20) == (276,)  # Linux cooked capture, v2
        found, at = {}, 24
        while at < len(data):
            (size,) = struct.unpack_from("<I", data, at + 8)
            packet = data[at + 16 : at + 16 + size]
            flow, carried = _payload(packet[20:])
            flows = found.setdefault(int.from_bytes(packet[4:8], "big"), {})
            flows[flow] = flows.get(flow, b"") + carried
            at += 16 + size
        return {number: list(flows.values()) for number, flows in found.items()}


def _payload(packet):
    # (which connection, what it carries) of an IPv4 packet with TCP or UDP in it.
    if packet[:1] != b"\x45" or packet[9] not in (6, 17):
        return None, packet
    packet = packet[: int.from_bytes(packet[2:4], "big")]
    start = 28 if packet[9] == 17 else 20 + (packet[32] >> 4) * 4
    return packet[9:10] + packet[12:24], packet[start:]


def access_point(board):
    """The numbers of the interfaces that make the access point."""
    links = json.loads(board.ip("-j", "link", "show"))
    return {link["ifindex"] for link in links if "ap0" in (link["ifname"], link.get("master"))}


def test_no_packet_carries_the_password_but_on_the_access_point(lab, tmp_path):
    world = lab(ap_channel=3, **QUICK)  # the network's: nobody falls off
    anna, router = world.phone("anna"), world.router(SSID)
    anna.join_board()
    secret = access_point(world.board)
    captures = [Capture(world.board, tmp_path / "board"), Capture(router, tmp_path / "router")]
    assert hand_over(anna, SSID, "a wrong password") == 202
    assert result(anna)["reason"] == "wrong_password"
    assert hand_over(anna, SSID, KEY) == 202
    wait_for(lambda: stored(world), "nothing is stored")
    assert access_point(world.board) == secret
    assert result(anna)["state"] == "connected"
    world.board.wait_for("^online")
    at_board, at_router = (capture.stop() for capture in captures)
    # It is found where it has to be: else this test could not fail.
    assert any(holds(b, KEY) for number in secret for b in at_board.get(number, ()))
    others = [flows for number, flows in at_board.items() if number not in secret]
    assert others and at_router
    for flows in (*others, *at_router.values()):
        assert not any(holds(carried, KEY) for carried in flows)
        assert not any(holds(carried, "a wrong password") for carried in flows)
    said = "\n".join(world.board.said).encode()
    assert not holds(said, KEY) and not holds(said, "a wrong password")
    kept = {path.name for path in world.board.flash.iterdir() if holds(path.read_bytes(), KEY)}
    assert kept == {"profiles"}


@pytest.mark.parametrize(("security", "board"), [(1, "esp32"), (2, "esp32"), (2, "rp2")])
def test_nobody_who_listens_to_espressif_s_client_learns_a_secret(lab, tmp_path, security, board):
    """On an access point of which everybody in the room knows the key."""
    ssid, key = "HomeNet", "correct horse battery"  # the client's names are latin-1
    heap_kb = 132 if security == 1 else 156  # docs/apps.md
    world = lab(board, protocomm_security=security, heap_kb=heap_kb, **QUICK)
    anna = world.phone("anna")
    anna.join_board()
    pop = json.loads((world.board.flash / "identity").read_bytes().split(b"\n", 1)[1])["pop"]
    secret = access_point(world.board)
    capture = Capture(world.board, tmp_path / "board")
    words = (sys.executable, "rainmaker.py", world.board.address + ":80", pop)
    done = anna.run(*words, "scan", f"{ssid}=a wrong password", f"{ssid}={key}", cwd=TESTS)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer for _, answer in said[1:]] == ["Incorrect Password", "connected"], done.stderr
    assert ssid in said[0][1]
    world.board.wait_for("^online")
    flows = [f for number, found in capture.stop().items() if number in secret for f in found]
    assert any(b"POST /prov-config" in flow for flow in flows)
    for hidden in (key, "a wrong password", pop):
        assert not any(holds(flow, hidden) for flow in flows), hidden


def test_the_search_finds_a_password_in_every_shape():
    key = KEY.encode()
    for text in (key, b"x" + base64.b64encode(b"ab" + key), b"key=" + quote_plus(KEY).encode()):
        assert holds(b"..." + text + b"...", KEY), text
    assert holds(key.hex().upper().encode(), KEY) and not holds(b"p%40ss", KEY)
