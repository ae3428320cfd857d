# The board's mDNS as others see it: python-zeroconf and dnspython, on real multicast.
# MIT licence
"""The board's side is feedback/announce.py on MicroPython, 32 bit, in a process of its own, on an
address of the loopback; names are made for each test, since all of this machine hear them."""

import contextlib
import os
import random
import socket
import subprocess
import time

import dns.message
import dns.rdatatype
import pytest
import zeroconf
from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf

from tools import micropython
from tools.paths import BUILD

TYPE = "_http._tcp.local."
_BOARD = """
import asyncio, sys
from provisioning.feedback.announce import Announcer
async def main():
    announcer = Announcer(sys.argv[1], sys.argv[2], "255.255.255.0", 8080)
    reader = asyncio.StreamReader(sys.stdin)
    while await reader.readline():
        print(announcer.host)
    await announcer.stop()
asyncio.run(main())
"""


def place():
    """An address of the loopback."""
    return f"127.{random.randint(1, 250)}.{random.randint(0, 250)}.{random.randint(1, 250)}"


def name():
    return f"lamp{os.urandom(3).hex()}"


@contextlib.contextmanager
def board(called, address):
    """A board that announces itself; the function that it gives asks for its host name."""
    found = micropython.find(32)
    if not found.path:
        pytest.skip(found.reason)
    process = subprocess.Popen(
        [micropython.wrapper(32), "-X", "heapsize=100k", "-c", _BOARD, called, address],
        env=dict(os.environ, MICROPYPATH=f"{BUILD / 'mpy'}:.frozen"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def host():
        process.stdin.write("\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        yield host
        process.stdin.close()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def client():
    """python-zeroconf on the loopback."""
    zc = Zeroconf(interfaces=["127.0.0.1"], ip_version=zeroconf.IPVersion.V4Only)
    try:
        yield zc
    finally:
        zc.close()


def within(seconds, condition):
    """What condition() gives, as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
    return found


class Seen:
    """What a browser is told of."""

    def __init__(self):
        self.there = set()

    def add_service(self, zc, kind, instance):
        self.there.add(instance)

    def remove_service(self, zc, kind, instance):
        self.there.discard(instance)

    def update_service(self, zc, kind, instance):
        pass


def test_zeroconf_finds_it_by_service_and_sees_it_leave():
    called, address, seen = name(), place(), Seen()
    instance = f"{called}.{TYPE}"
    with client() as zc:
        ServiceBrowser(zc, TYPE, seen)
        with board(called, address) as host:
            within(5, lambda: instance in seen.there)
            info = zc.get_service_info(TYPE, instance, 3000)
            assert info.parsed_addresses() == [address] and info.port == 8080
            assert info.server == f"{host()}."
            assert info.properties == {b"path": b"/", b"srcvers": b"1D90645"}
        within(5, lambda: instance not in seen.there)


def test_a_browser_that_comes_later_finds_it_as_well():
    called, seen = name(), Seen()
    with board(called, place()) as host:
        host()
        time.sleep(3)  # it has said all that it says unasked
        with client() as zc:
            ServiceBrowser(zc, TYPE, seen)
            within(5, lambda: f"{called}.{TYPE}" in seen.there)


def test_a_name_of_any_letters_is_found():
    called, seen = f"Ana's ☕ {name()}", Seen()
    with client() as zc, board(called, place()):
        ServiceBrowser(zc, TYPE, seen)
        within(5, lambda: f"{called}.{TYPE}" in seen.there)


def test_two_boards_of_one_name_do_not_collide():
    called, seen = name(), Seen()
    first, second = place(), place()
    with client() as zc, board(called, first) as one, board(called, second) as two:
        ServiceBrowser(zc, TYPE, seen)
        numbered = f"{called}-2.{TYPE}"
        within(10, lambda: {f"{called}.{TYPE}", numbered} <= seen.there)
        hosts = {one(): first, two(): second}
        assert set(hosts) == {f"{called}.local", f"{called}-2.local"}
        for host, address in hosts.items():
            instance = f"{host.removesuffix('.local')}.{TYPE}"
            info = zc.get_service_info(TYPE, instance, 3000)
            assert info.parsed_addresses() == [address] and info.server == f"{host}."


def test_a_name_that_somebody_has_is_left_to_him():
    called = name()
    theirs = ServiceInfo(
        TYPE,
        f"{called}.{TYPE}",
        port=80,
        addresses=[socket.inet_aton("127.0.0.1")],
        server=f"{called}.local.",
    )
    with client() as zc:
        zc.register_service(theirs)
        with board(called, place()) as host:
            within(10, lambda: host() == f"{called}-2.local")
            with client() as other:
                info = other.get_service_info(TYPE, f"{called}.{TYPE}", 3000)
                assert info.parsed_addresses() == ["127.0.0.1"]


def ask(question, kind, port):
    """A plain DNS client that asks the group: the answers that come within 2 s."""
    query = dns.message.make_query(question, kind)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sock.settimeout(2)
        sock.sendto(query.to_wire(), ("224.0.0.251", port))
        while True:
            answer = dns.message.from_wire(sock.recv(9000))
            if answer.id == query.id and answer.question == query.question:
                return answer


def test_a_plain_dns_client_gets_an_answer_that_it_understands():
    called, address = name(), place()
    with board(called, address) as host:
        host()
        time.sleep(2)  # its probes
        answer = ask(f"{called}.local.", "A", 5353)
        assert [item.address for item in answer.answer[0]] == [address]
        assert answer.answer[0].ttl == 10
        answer = ask(f"{called}.{TYPE}", "SRV", 5353)
        assert answer.answer[0][0].port == 8080
        assert str(answer.answer[0][0].target) == f"{called}.local."
