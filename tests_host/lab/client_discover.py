# How TI's apps find a board on the local network: UDP 1501, mDNS, ping and a GET.
# MIT licence
"""Each way is a generator of (name, address): it gives what it finds until its time is over or
`stop`, a threading.Event, is set. search() goes them all at once, as the apps do.
"""

import contextlib
import ipaddress
import json
import os
import queue
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import httpx
from zeroconf import InterfaceChoice, IPVersion, ServiceBrowser, Zeroconf

UDP_PORT = 1501
SERVICE = "_http._tcp.local."
MARK = (b"srcvers", b"1D90645")
WAYS = ("udp", "mdns", "ping")
_NAME_FILE = "/param_device_name.txt"
_PING_EVERY_S = 1.0
_SLICE_S = 0.1  # so often it is looked whether to stop
_SERVICE_MS = 3000


def by_udp(seconds, stop, port=UDP_PORT):
    """Listen for broadcasts `<ip>,<device name>`; the app splits at the comma."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", port))
        for data, _ in _receive(listener, seconds, stop):
            parts = data.decode("utf-8", "replace").split(",")
            if len(parts) >= 2:
                yield parts[1], parts[0]


def by_mdns(seconds, stop, interface=None):
    """Browse `_http._tcp`: any service whose TXT has srcvers=1D90645.

    Gives its instance name and first IPv4 address. interface: address of the one to use, else all.
    """
    seen = queue.Queue()

    def changed(zeroconf, service_type, name, state_change):
        seen.put(name)

    interfaces = [interface] if interface else InterfaceChoice.All
    end = time.monotonic() + seconds
    with contextlib.closing(Zeroconf(interfaces, ip_version=IPVersion.V4Only)) as zeroconf:
        browser = ServiceBrowser(zeroconf, SERVICE, handlers=[changed])
        try:
            while (left := end - time.monotonic()) > 0 and not stop.is_set():
                try:
                    name = seen.get(timeout=min(left, _SLICE_S))
                except queue.Empty:
                    continue
                info = zeroconf.get_service_info(SERVICE, name, min(_SERVICE_MS, left * 1000))
                if info is None:
                    seen.put(name)  # nobody told its address: ask again
                elif info.properties.get(MARK[0]) == MARK[1]:
                    for address in info.parsed_addresses(IPVersion.V4Only)[:1]:
                        yield name.removesuffix("." + SERVICE), address
        finally:
            browser.cancel()


def by_ping(seconds, stop, broadcast=None, gateway=None, http_port=80):
    """Ping the broadcast address and GET the device name from every answerer but the gateway.

    404 and 503 mean that it is no board; who cannot be reached is asked again when it answers the
    next ping. broadcast, gateway: addresses, those of this machine's network if left out.
    """
    own, usual = network()
    over = {gateway or default_gateway()}
    if broadcast in (None, usual) and own != usual:
        over.add(own)
    for address in _answerers(broadcast or usual, seconds, stop):
        if address in over:
            continue
        url = f"http://{address}:{http_port}{_NAME_FILE}"
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(url, timeout=3, trust_env=False)
            over.add(address)
            if answer.status_code == 200 and answer.content:
                yield answer.text, address


def search(ways, seconds, name=None, **more):
    """Look for a board by all of `ways` (words of WAYS) at once, for `seconds`.

    It is found when its name is `name`, or when anything is found and `name` is None. more: {way:
    {further arguments of by_...}}. Returns a dict: found, by, name, address, after_s, and seen:
    [way, name, address] of all that there was; errors: {way: why it could not be gone}.
    """
    began = time.monotonic()
    stop = threading.Event()
    results = queue.Queue()
    threads = [
        threading.Thread(target=_go, args=(way, seconds, stop, results, more.get(way, {})))
        for way in ways
    ]
    for thread in threads:
        thread.start()
    outcome = {"found": False, "by": None, "name": None, "address": None, "after_s": None}
    seen, errors, running = [], {}, len(threads)
    while running and not outcome["found"]:
        way, what = results.get()
        if what is None:
            running -= 1
        elif isinstance(what, Exception):
            errors[way] = f"{type(what).__name__}: {what}"
        elif [way, *what] not in seen:
            seen.append([way, *what])
            if name in (None, what[0]):
                after = round(time.monotonic() - began, 2)
                outcome.update(found=True, by=way, name=what[0], address=what[1], after_s=after)
    stop.set()
    for thread in threads:
        thread.join()
    return outcome | {"seen": seen, "errors": errors}


def _go(way, seconds, stop, results, more):
    find = {"udp": by_udp, "mdns": by_mdns, "ping": by_ping}[way]
    try:
        for what in find(seconds, stop, **more):
            results.put((way, what))
    except OSError as error:
        results.put((way, error))
    results.put((way, None))


def network():
    """This machine's (address, broadcast address) on its network, of the loopback if it has no
    other. By `ip`."""
    shown = subprocess.run(
        ["ip", "-json", "-4", "address", "show", "up"], capture_output=True, check=True
    )
    for link in json.loads(shown.stdout or "[]"):
        for entry in link.get("addr_info", ()):
            if "local" in entry and "LOOPBACK" not in link["flags"]:
                place = ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}")
                return str(place.ip), str(place.network.broadcast_address)
    return "127.0.0.1", "127.0.0.1"


def default_gateway():
    """The address of the default route's router, "" if there is none."""
    for line in Path("/proc/self/net/route").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == "00000000":
            return socket.inet_ntoa(struct.pack("<L", int(fields[2], 16)))
    return ""


def _answerers(address, seconds, stop):
    # Yields who answers an echo request, one of which goes out every second.
    token = os.urandom(16)
    end = time.monotonic() + seconds
    number = 0
    with _icmp() as pinger:
        pinger.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        while (left := end - time.monotonic()) > 0 and not stop.is_set():
            number += 1
            with contextlib.suppress(OSError):  # no network at the moment
                pinger.sendto(_echo_request(number, token), (address, 0))
            for data, sender in _receive(pinger, min(left, _PING_EVERY_S), stop):
                # A raw socket gives the IP header too, and all that comes.
                start = (data[0] & 0x0F) * 4 if data[0] >> 4 == 4 else 0
                if data[start : start + 1] == b"\x00" and data.endswith(token):
                    yield sender


def _icmp():
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)


def _echo_request(number, token):
    packet = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xFFFF, number) + token
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total >> 16) + (total & 0xFFFF)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return packet[:2] + struct.pack("!H", checksum) + packet[4:]


def _receive(sock, seconds, stop):
    # Yields (data, sender's address) for so long.
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stop.is_set():
        sock.settimeout(min(left, _SLICE_S))
        try:
            data, sender = sock.recvfrom(2048)
        except TimeoutError:
            continue
        yield data, sender[0]
