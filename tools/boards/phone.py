# `python -m tools phone`: give a board a Wi-Fi network, from this computer instead of a phone.
# MIT licence
"""Gives a board a Wi-Fi network over its own access point, as a phone does with the board's page.

First let this computer join that access point. Its name and password are on the board's console
and label. Where there is NetworkManager:

  nmcli --ask device wifi connect micropython-3f2a1b

Without options it shows the networks, asks for one and for its password, and tells what became of
it. With --ssid it asks nothing, for scripts; the password comes from a file, from stdin or from
the environment. It cannot be an option: everybody on this computer can read those in the list of
processes.

  pass show wifi | python -m tools phone --ssid HomeNet --key-file - --json

Exit code 0: connected, 1: not; the reason is in the answer. While the board tries a network its
access point may be away for some seconds, and this computer with it: it is asked again until
--timeout. If this computer has gone to another Wi-Fi meanwhile, bring it back by hand.
"""

import argparse
import binascii
import os
import sys

from tools.boards import BoardError, portal_client

SUMMARY = "give a board a Wi-Fi network over its access point, as a phone does"
_KEY = "WIFI_KEY"


def add_arguments(parser):
    """The words of the command line."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="show the networks around the board")
    what.add_argument("--ssid", metavar="NAME", help="join this network")
    what.add_argument("--ssid-hex", metavar="HEX", help="the same, for a name that is no text")
    what.add_argument("--stored", action="store_true", help="show what networks are stored")
    what.add_argument("--forget", type=int, metavar="N", help="forget stored network N")
    key = f"its password: one line of a file; - for stdin; else {_KEY} of the environment"
    parser.add_argument("--key-file", metavar="FILE", help=key)
    # Looked for by many: else argparse prints it as a word that it does not know.
    parser.add_argument("--key", "--password", dest="open_key", help=argparse.SUPPRESS)
    hidden = "the network does not announce its name"
    parser.add_argument("--hidden", action="store_true", help=hidden)
    full = "give up stored network N for it, when all seven places are taken"
    parser.add_argument("--replace", type=int, metavar="N", help=full)
    parser.add_argument("--name", metavar="NAME", help="give the board another name, at first")
    tried = " then ".join(portal_client.ADDRESSES)
    parser.add_argument("--url", help=f"the board's address (else {tried})")
    limit = "seconds until it gives up (120)"
    parser.add_argument("--timeout", type=float, default=120, metavar="S", help=limit)


def run(options):
    """Do it. Returns a dict for show(); raises BoardError."""
    from tools.boards.phone_screen import Screen

    wanted = options.ssid, options.ssid_hex, options.forget, options.name
    if options.open_key is not None:
        raise BoardError(
            "a password is no option: all on this computer can read it in the list of "
            f"processes. Use --key-file, - for stdin, or {_KEY} in the environment"
        )
    by_hand = not (options.list or options.stored) and all(word is None for word in wanted)
    if by_hand and (options.json or not sys.stdin.isatty()):
        raise BoardError("nobody can be asked here: say what to do, as --list, --ssid or --stored")
    if not options.timeout > 0:
        raise BoardError("--timeout is a number of seconds, more than 0")
    profile = _profile(options)  # before the board is asked: a wrong word needs no board
    screen = Screen(quiet=options.json)
    urls = [portal_client.base_url(options.url)] if options.url else portal_client.ADDRESSES
    with screen.doing("Looking for the board…"):
        board = portal_client.find(urls, on_trouble=screen.trouble)
    try:
        board.allow(options.timeout)
        if options.name is not None:
            board.rename(_utf8(options.name, "--name"))
        if by_hand:
            from tools.boards.phone_dialogue import Dialogue

            found = Dialogue(board, screen, options.timeout).run()
        else:
            found = _do(options, board, screen, profile)
    finally:
        board.close()
    return {"ok": True, **board.device, "url": board.url, **found}


def show(found):
    """Print what run() returned."""
    from rich.console import Console

    from tools.boards import phone_screen as screen

    console = Console(highlight=False, markup=False)
    if "networks" in found:
        console.print(screen.networks(found["networks"]))
    elif "profiles" in found:
        empty = not found["profiles"]
        console.print("no network is stored" if empty else screen.stored(found["profiles"]))
    elif "state" in found:
        style = "bold green" if found["ok"] else "bold red"
        console.print(found["message"], style=style, soft_wrap=True)
    else:
        console.print(f"The board's name is {portal_client.printable(found['name'])}")


def _do(options, board, screen, profile):
    if profile:
        return _join(board, screen, profile, options)
    if options.forget is not None:
        board.forget(options.forget)
    if options.stored or options.forget is not None:
        return {"profiles": board.stored()}
    if options.list:
        with screen.doing("Looking for networks…"):
            return {"networks": board.networks() or board.rescan()}
    return {}


def _join(board, screen, profile, options):
    from tools.boards import phone_screen

    seen = [one for one in board.networks() if one["ssid_hex"] == profile["ssid_hex"]]
    if seen and seen[0]["security"] == "open":
        profile["key"] = ""  # needs none, and so gets none
    elif seen and seen[0]["supported"] and not profile["key"]:
        ssid = portal_client.printable(seen[0]["ssid"])
        raise BoardError(f"{ssid} has a password: give it with --key-file or {_KEY}")
    try:
        with screen.doing("Handing over the network…"):
            result = portal_client.hand_over(board, profile, screen.step)
    except portal_client.Refused as refused:
        if refused.word != "list_full":
            raise
        raise BoardError(f"{refused}. --stored lists them, --replace N gives one up") from None
    return {**result, "message": phone_screen.outcome(result)}


def _profile(options):
    # What the options say of a network, as the API takes it; None if they say nothing.
    if options.ssid is None and options.ssid_hex is None:
        for given, word in (
            (options.key_file is not None, "--key-file"),
            (options.hidden, "--hidden"),
            (options.replace is not None, "--replace"),
        ):
            if given:
                raise BoardError(f"{word} is for a network: say which, with --ssid")
        return None
    if options.ssid_hex is None:
        ssid = os.fsencode(options.ssid)  # the very bytes that the shell gave
    else:
        try:
            ssid = binascii.unhexlify(options.ssid_hex)
        except ValueError:
            raise BoardError("--ssid-hex is pairs of hex digits, as --list --json has") from None
    if not 1 <= len(ssid) <= 32:
        raise BoardError(f"a network's name has 1 to 32 bytes, this one has {len(ssid)}")
    profile = {"ssid_hex": ssid.hex(), "key": _key(options.key_file), "hidden": options.hidden}
    return profile if options.replace is None else {**profile, "replace": options.replace}


def _key(file):
    # The password, which no message may contain.
    if file is None:
        return _utf8(os.environ.get(_KEY, ""), _KEY)
    try:
        if file == "-" and sys.stdin.isatty():
            import getpass

            return _utf8(getpass.getpass("Password (not shown): "), "the password")
        if file == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(file, "rb") as opened:
                data = opened.read()
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or "nothing was typed"
        raise BoardError(f"--key-file: {why}") from None
    try:
        text = data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except ValueError:
        raise BoardError("--key-file: the password is not UTF-8") from None
    if "\n" in text:
        raise BoardError("--key-file: the password is one line, this is more")
    return text


def _utf8(text, what):
    try:
        text.encode()
    except ValueError:
        raise BoardError(f"{what} is not UTF-8") from None
    return text
