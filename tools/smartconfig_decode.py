# Decodes what phones said with SmartConfig in a capture.
# MIT licence
"""python tools/smartconfig_decode.py FILE... [--key KEY] [--ssid NAME]...

FILE: pcap or pcapng of a monitor interface (radiotap), or a file of vectors (tests_host/vectors).
Prints a JSON object for each. Exit status 1 when nothing was found in one of them.
What is found can be read by everybody in range: docs/smartconfig.md.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lib"), str(ROOT / "tests_host")]

import shim  # noqa: E402, F401  it gives CPython what MicroPython has

# isort: split
from provisioning.methods.smartconfig import cipher  # noqa: E402
from provisioning.methods.smartconfig.air import Air  # noqa: E402
from provisioning.methods.smartconfig.crc import crc8  # noqa: E402
from tools.captures import Capture, CaptureError  # noqa: E402


def decode(path, key=None, names=()):
    """What the first phone said that is heard in a file, as a dict; with `error` instead if none.

    key: 16 bytes, else the one that is in a file of vectors. names: SSIDs, bytes, for phones that
    send only a checksum of it.
    """
    result = {"file": str(path)}
    try:
        capture = Capture(path)
        air = Air(key or capture.key)
        heard, used, count = _listen(capture, air)
        if capture.cut_off:
            result["cut_off"] = True
        if heard is None:
            result["error"] = _nothing(count, air, capture.cut_off)
            if _asks_for_key(path):
                other = "with another key than that" if key or capture.key else "--key has its key"
                result["error"] += f"; its password seems to be encrypted, {other}"
            return result
    except CaptureError as error:
        result["error"] = str(error)
        return result
    ssid = heard.ssid
    if ssid is None:
        ssid = _find_name(heard, [*capture.networks.values(), *names])
    result["protocol"] = heard.protocol
    _add_text(result, "ssid", ssid)
    if ssid is None:
        result["ssid_crc"] = heard.ssid_crc
    _add_text(result, "password", heard.key)
    result["bssid"] = heard.bssid.hex(":") or None
    result["ip"] = heard.address or None
    _add_text(result, "extra", heard.extra or None)
    result["frames"] = used
    return result


def _listen(capture, air):
    # (what was heard, in how many frames; how many there were).
    count = used = 0
    heard = None
    for record in capture:
        count += 1
        said = air.feed(record, 1) if record else None
        if said and heard is None:
            heard, used = said, count
        elif said and said.key == heard.key and _family(said) == _family(heard):
            heard = said  # the same with more: its BSSID, say
        if used and count >= 2 * used:
            break
    return heard, used, count


def _family(heard):
    # Which year's ESP-Touch v1 it is, the BSSID may tell.
    return heard.protocol.split("_20")[0]


def _asks_for_key(path):
    # Whether something is complete but for its decryption: then a decoder with a key tries that.
    tried = []
    aes = cipher._aes

    def noting(*arguments):
        tried.append(arguments)
        return aes(*arguments)

    cipher._aes = noting
    try:
        _listen(Capture(path), Air(bytes(cipher.BLOCK)))
    finally:
        cipher._aes = aes
    return bool(tried)


def _nothing(count, air, cut_off):
    why = "a phone was heard, but not all that it says" if air.synced else "no phone was heard"
    return f"nothing decodes in {count} frames{', then the file is cut off' * cut_off}: {why}"


def _find_name(heard, names):
    # Nothing when two names fit.
    found = {name for name in names if crc8(name) == heard.ssid_crc}
    return found.pop() if len(found) == 1 else None


def _add_text(result, name, data):
    # As hexadecimal too where it is no text, or one with what cannot be seen.
    try:
        result[name] = None if data is None else data.decode()
    except UnicodeDecodeError:
        result[name] = data.decode("latin-1")
        result[name + "_hex"] = data.hex()
    else:
        if data and not result[name].isprintable():
            result[name + "_hex"] = data.hex()


def _key(text):
    if len(text.encode()) != 16:
        raise argparse.ArgumentTypeError("a key has 16 characters")
    return text.encode()


def main():
    """Exit code 0 when something was found in all files."""
    parser = argparse.ArgumentParser(description="Decodes SmartConfig in captures.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="pcap, pcapng or vectors")
    parser.add_argument("--key", type=_key, help="16 characters, where the password is encrypted")
    parser.add_argument(
        "--ssid", action="append", default=[], type=str.encode, help="a network that is near"
    )
    options = parser.parse_args()
    failed = False
    for path in options.files:
        result = decode(path, options.key, options.ssid)
        failed |= "error" in result
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nsmartconfig_decode: given up")
