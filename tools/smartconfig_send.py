# Sends a network's name and password as phone apps do with SmartConfig.
# MIT licence
"""python tools/smartconfig_send.py PROTOCOL SSID [--password TEXT] [--interface wlan0] [...]

The computer has to be on that network, by Wi-Fi. The password is asked for where it is not given.
It sends until a board acknowledges, then prints that as JSON; exit status 1 when none did in time.
Everybody in range can read what is sent (docs/smartconfig.md).
"""

import argparse
import fcntl
import getpass
import ipaddress
import json
import os
import re
import select
import socket
import struct
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests_host"))
import senders
import shim  # noqa: F401  it gives CPython what MicroPython has
import ti_sender

_SIOCGIFADDR = 0x8915
_LOCAL_FEEDBACK = 1501
_ESPTOUCH = 18266
_AIRKISS = 10000
_NEVER_ENCRYPTED = ("esptouch_v1", "easylink", "tuya_ez")
_SHORT = ("cc3000", "ti1")  # passwords of 32 bytes, encrypted ones at least
_OUTSIDE = ("192.0.2.1", 9)


def esptouch_v1(options):
    """(packets, port of the acknowledgement, what it begins with)"""
    ssid, password = options.ssid, options.password
    packets = senders.esptouch1(ssid, password, options.bssid, options.address)
    return packets, _ESPTOUCH, bytes((9 + len(ssid) + len(password) & 0xFF,))


def esptouch_v2(options):
    """As above."""
    words = options.ssid, options.password, options.bssid
    how = {"reserved": options.extra}
    both = options.password + options.extra
    if options.key and both:
        iv = os.urandom(20)  # of which 16 count
        how.update(security=2, secret=_cbc(options.key, iv[:16], both), iv=iv)
    one = senders.esptouch2_packets(*words, **how)
    return senders.esptouch2(one), _ESPTOUCH, b"\0"


def airkiss(options):
    """As above."""
    random = os.urandom(1)
    password = options.password
    if options.key and password:
        password = _cbc(options.key, options.key, password)
    one = senders.airkiss_passes(options.ssid, password, random[0])
    return senders.airkiss(one), _AIRKISS, random


def tuya_ez(options):
    """As above. Its cloud waits for the token; nobody acknowledges here."""
    one = senders.tuya_lengths(options.ssid, options.password, options.extra)
    return senders.tuya(one), None, b""


def easylink(options):
    """As above, also without an acknowledgement."""
    info = options.extra + b"#" + socket.inet_aton(options.address)
    return senders.easylink(options.ssid, options.password, info), None, b""


def _cbc(key, iv, data):
    import cryptolib

    pad = 16 - len(data) % 16
    return cryptolib.aes(key, 2, iv).encrypt(data + bytes((pad,)) * pad)


def ti2(options):
    """As above."""
    extra = ti_sender.device_name(options.extra) if options.extra else b""
    words = options.ssid, options.password, options.key, extra
    return ti_sender.generation2(*words), _LOCAL_FEEDBACK, b""


def ti1(options):
    """As above."""
    extra = ti_sender.device_name(options.extra) if options.extra else b""
    words = options.ssid, options.password, options.key, extra
    gateway = options.gateway
    return ti_sender.generation1(*words, gateway=gateway), _LOCAL_FEEDBACK, b""


def cc3000(options):
    """As above."""
    words = options.ssid, options.password, options.key
    return ti_sender.cc3000(*words, gateway=options.gateway), _LOCAL_FEEDBACK, b""


PROTOCOLS = {
    sender.__name__: sender
    for sender in (esptouch_v1, esptouch_v2, airkiss, ti2, ti1, cc3000, easylink, tuya_ez)
}


def own_address(interface):
    """The IPv4 address of an interface, or if it is None of that to the outside. OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        if not interface:
            sock.connect(_OUTSIDE)  # nothing is sent
            return sock.getsockname()[0]
        words = struct.pack("256s", interface.encode()[:15])
        return socket.inet_ntoa(fcntl.ioctl(sock, _SIOCGIFADDR, words)[20:24])


def send(packets, interface, ack_port, begins, seconds, listens=True):
    """Send until an acknowledgement comes: {"address": ..., "data": hex}, or None in time.

    listens: else whatever comes is left to somebody else, and it sends to the end.
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answers,
    ):
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        answers.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listens:
            answers.bind(("", ack_port))
        if interface:
            for sock in (out, answers):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        end = due = time.monotonic()
        end += seconds
        while time.monotonic() < end:
            to, length, pause_ms = next(packets)
            host, port = to.split(":")
            out.sendto(bytes(length), (host, int(port)))
            due = max(due + pause_ms / 1000, time.monotonic() - 0.5)
            while select.select([answers], [], [], max(0, due - time.monotonic()))[0]:
                data, peer = answers.recvfrom(2000)
                if data.startswith(begins) and len(data) < 1000 and any(data):
                    return {"address": peer[0], "data": data.hex()}
    return None


def _options():
    parser = argparse.ArgumentParser(
        description="Sends a network as phone apps do with SmartConfig."
    )
    parser.add_argument("protocol", choices=PROTOCOLS)
    parser.add_argument("ssid", type=str.encode)
    parser.add_argument("--password", type=str.encode, help="asked for if not given; '' for none")
    parser.add_argument("--interface", help="to send on, for example wlan0")
    parser.add_argument("--bssid", default="00:00:00:00:00:00", help="of the access point")
    parser.add_argument("--key", type=str.encode, help="16 bytes: encrypt the password")
    parser.add_argument(
        "--extra",
        type=str.encode,
        default=b"",
        help="a device name (TI), reserved data (v2), a token (Tuya)",
    )
    parser.add_argument("--gateway", default="192.168.1.1", help="the router, for ti1 and cc3000")
    parser.add_argument("--seconds", type=float, default=60, help="to send (60)")
    parser.add_argument("--send-only", action="store_true", help="wait for no acknowledgement")
    options = parser.parse_args()
    if not 1 <= len(options.ssid) <= 32:
        parser.error("ssid: 1 to 32 bytes")
    if options.key is not None and len(options.key) != 16:
        parser.error("--key: 16 bytes are needed")
    if options.key and options.protocol in _NEVER_ENCRYPTED:
        parser.error(f"--key: {options.protocol} is never encrypted")
    if not re.fullmatch("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", options.bssid):
        parser.error("--bssid: six bytes are needed, 00:11:22:33:44:55")
    options.bssid = bytes.fromhex(options.bssid.replace(":", ""))
    try:
        ipaddress.IPv4Address(options.gateway)
    except ValueError as error:
        parser.error(f"--gateway: {error}")
    if len(options.extra) > 33:
        parser.error("--extra: 33 bytes at most")
    if not 0 < options.seconds < 1e6:
        parser.error("--seconds: more than 0")
    try:
        options.address = own_address(options.interface)
    except OSError:
        parser.error(f"{options.interface or 'this computer'} has no IPv4 address: --interface")
    if options.password is None:
        options.password = getpass.getpass("password: ").encode()
    most = (
        32 if options.protocol in _SHORT and (options.key or options.protocol == "cc3000") else 64
    )
    if len(options.password) > most:
        parser.error(f"--password: {most} bytes at most")
    return options


def main():
    """Exit code 0 when a board acknowledged, or when nobody was to."""
    options = _options()
    packets, port, begins = PROTOCOLS[options.protocol](options)
    listens = port is not None and not options.send_only
    try:
        found = send(packets, options.interface, port, begins, options.seconds, listens)
        if found and port == _LOCAL_FEEDBACK:
            page = f"http://{found['address']}/__SL_G_MCR"
            with urllib.request.urlopen(page, timeout=10) as answer:
                found["result"] = answer.read().decode()
    except OSError as error:
        sys.exit(f"smartconfig_send: {error}")
    if not listens:
        print(json.dumps({"sent": options.protocol, "seconds": options.seconds}))
        return 0
    print(json.dumps(found or {"error": "no board acknowledged"}))
    return 0 if found else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nsmartconfig_send: given up")
