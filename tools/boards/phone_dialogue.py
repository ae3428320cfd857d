# `python -m tools phone` with a person: which network, which password, and again until it works.
# MIT licence
import getpass

from tools.boards import BoardError, phone_screen
from tools.boards.portal_client import STEPS, Refused, hand_over, printable

_QUESTION = "Network (number; r search again, h hidden network, q quit"


class Enough(Exception):
    """The person does not want to go on."""


class Dialogue:
    """Asks a person until the board is connected, or they have enough.

    board: a Board. screen: a Screen. timeout_s: for each network. ask(question) and
    ask_secret(question) return what was typed.
    """

    def __init__(self, board, screen, timeout_s, ask=None, ask_secret=getpass.getpass):
        self._board = board
        self._screen = screen
        self._timeout_s = timeout_s
        self._ask = ask or screen.ask
        self._ask_secret = ask_secret
        self._networks = []
        self._chosen = None  # the last network: as the list has it, or as it was typed
        self._key = ""  # the last password, until it proves wrong
        self._key_is_wrong = False
        self._replace = None

    def run(self):
        """Returns what hand_over() does, with a message."""
        device = {name: printable(text) for name, text in self._board.device.items()}
        line = "Board {name} ({mac}), MicroPython {firmware}, at ".format(**device)
        self._screen.say(line + self._board.url + "\n", "bold")
        result = {"ok": False, "ssid": "", "state": "waiting", "reason": None, "address": ""}
        result["message"] = "Nothing was handed over."
        try:
            before = self._somebody_elses()
            if before["state"] == "connected":
                result = {**before, "ok": True}
                return {**result, "message": "Somebody was here. " + phone_screen.outcome(result)}
            self._search(self._board.networks)
            while not result["ok"]:
                result = self._attempt() or result
        except (Enough, EOFError):
            self._screen.say()
        return result

    def _somebody_elses(self):
        # Where the board stands; when a network is tried just now, after that.
        status = self._board.status()
        if status["state"] in STEPS:
            self._screen.say("Somebody else's network is being tried.")
            with self._screen.doing("Waiting for the end of that…"):
                for status in self._board.follow():
                    self._screen.step(status)
        return status

    def _attempt(self):
        # One network, from the choice to the result; None if it was not tried.
        self._board.allow(self._timeout_s)
        if not self._key_is_wrong:
            self._choose()
        if not self._password():
            self._key_is_wrong = False
            return None
        try:
            result = self._hand_over()
        except Refused as refused:
            self._complain(str(refused))
            self._key_is_wrong = refused.field == "key"
            return None
        except BoardError as error:
            self._complain(str(error))
            return None
        message = phone_screen.outcome(result)
        if not result["ok"]:
            self._complain(message)
        self._key_is_wrong = result["reason"] == "wrong_password"
        return {**result, "message": message}

    def _complain(self, text):
        self._screen.say(text + "\n", "bold red")

    # Which network

    def _choose(self):
        question = _QUESTION
        if self._chosen:
            question += f", Enter: {printable(self._chosen['ssid'])} again"
        while True:
            typed = self._ask(question + "): ").strip()
            if typed == "q":
                raise Enough
            self._board.allow(self._timeout_s)  # the person may have been away
            if typed == "r":
                self._search(self._board.rescan)
                continue
            network = self._hidden() if typed == "h" else self._listed(typed)
            if network and network["supported"]:
                break
            if network:
                self._complain(phone_screen.unsupported(network))
            else:
                self._screen.say("Type the number of a network in the list, or r, h or q.")
        if network != self._chosen:
            self._chosen, self._key, self._replace = network, "", None

    def _search(self, find):
        with self._screen.doing("Looking for networks…"):
            self._networks = find() or self._board.rescan()
        found = self._networks
        nothing = "No network was found: r searches again."
        self._screen.say(phone_screen.networks(found) if found else nothing)
        self._screen.say()

    def _listed(self, typed):
        if not typed:
            return self._chosen
        for number, network in enumerate(self._networks, 1):
            if typed in (str(number), network["ssid"]):
                return network
        return None

    def _hidden(self):
        name = self._ask("Its name: ")
        data = name.encode(errors="surrogateescape")
        if not 1 <= len(data) <= 32:
            self._complain("A network's name has 1 to 32 bytes.")
            return None
        for network in self._networks:
            if network["ssid_hex"] == data.hex():
                return network
        known = {"ssid": name, "ssid_hex": data.hex(), "hidden": True}
        return {**known, "security": "unknown", "supported": True}

    # Which password

    def _password(self):
        """Ask for what the network needs. False: the person wants another network."""
        security = self._chosen["security"]
        if security == "open":
            self._key = ""
            return True
        if self._key_is_wrong:
            self._key = ""
        empty = "another network"
        if self._key:
            empty = "the one before"
        elif security == "unknown" and not self._key_is_wrong:
            empty = "it has none"
        name = printable(self._chosen["ssid"])
        while True:
            typed = self._ask_secret(f"Password of {name} (not shown; Enter alone: {empty}): ")
            try:
                typed.encode()
            except ValueError:
                self._complain("This is not UTF-8.")
                continue
            self._key = typed or self._key
            return bool(typed) or empty != "another network"

    # Off with it

    def _hand_over(self):
        self._board.allow(self._timeout_s)
        profile = {"ssid_hex": self._chosen["ssid_hex"], "key": self._key}
        profile["hidden"] = self._chosen.get("hidden", False)
        while True:
            more = {} if self._replace is None else {"replace": self._replace}
            try:
                with self._screen.doing("Handing over the network…"):
                    return hand_over(self._board, {**profile, **more}, self._screen.step)
            except Refused as refused:
                if refused.word != "list_full":
                    raise
                self._replace = self._give_up()
                self._board.allow(self._timeout_s)

    def _give_up(self):
        # The index of the stored network that the new one replaces.
        stored = self._board.stored()
        self._screen.say("All places for networks are taken. Which one shall this one replace?")
        self._screen.say(phone_screen.stored(stored))
        while True:
            typed = self._ask("Number (q quit): ").strip()
            if typed == "q":
                raise Enough
            if typed in [str(profile["index"]) for profile in stored]:
                return int(typed)
