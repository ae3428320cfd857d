# The stored networks that can be joined now, in their order; and is a run due instead?
# MIT licence

from micropython import const

from .codes import ROLE_STA
from .identity import Identity
from .link import readable
from .profiles import Profiles
from .radio import JoinError, Radio
from .settings import Settings

# SWRA513C 4.2, rule 1: so long without a command of the host.
_NO_COMMAND_MS = const(2000)

# TI's connection policy.
_AUTO = const(1)
_FAST = const(2)
_AUTO_PROVISIONING = const(0x20)


class Candidates:
    """What is stored now, and the radio to join it with. OSError: the radio cannot be used.

    settings: the board's Settings. radio: the Radio.
    """

    def __init__(self):
        self.settings = Settings()
        self._profiles = Profiles()
        self.radio = Radio(self.settings["country"])

    def is_run_due(self, offline_ms, idle_ms):
        """Is it time to provision, by the rules 1 and 2 of SWRA513C 4.2?

        offline_ms: how long the board has had no link. idle_ms: since the host's last command, or
        None when that was to become online.
        """
        asked = idle_ms is None
        policy = self.settings["policy"]
        if not policy & _AUTO_PROVISIONING:
            return False
        if not self._profiles.all():
            return asked or idle_ms >= _NO_COMMAND_MS
        long = offline_ms > self.settings["offline_s"] * 1000
        return long and (asked or policy & _AUTO) and self.radio.role() == ROLE_STA

    def link(self):
        """The Link that is there already, whoever made it, or None."""
        if not self.radio.is_linked():
            return None
        last = self._profiles.last()
        return self.radio.link(self.radio.ssid() or (last.ssid if last else b""))

    async def join(self, stop, asked=False, quick=False, shaky=""):
        """Be on a stored network: the Link, or None when none can be joined now.

        stop(): once it is true it gives up. asked: whatever the policy says. quick: a single
        network, or with policy 'fast' that of the last time, is tried without a search first.
        shaky: name (str) of a network that comes after the others. A link that is there already
        is taken.
        """
        stored = self._profiles.all()
        link = self.link()
        if link and link.ssid == shaky and len(stored) > 1:
            link = None  # the ESP32 makes it again and again
        # A search, and a join too, takes the radio away from the phones on an access point.
        if link or not stored or self.radio.stations():
            return link
        self.radio.set_hostname(Identity(self.settings["name_prefix"]).name)
        policy = self.settings["policy"]
        asked = asked or policy & _AUTO
        if quick and (policy & _FAST or asked and len(stored) == 1):
            link = await self._join(stop, self._profiles.last() or stored[0], None)
        if link is None and asked and not stop():
            for profile, seen in self._in_order(shaky):
                link = await self._join(stop, profile, seen)
                if link or stop():
                    break
        return link

    async def _join(self, stop, profile, seen):
        try:
            link = await self.radio.join(profile, seen, settings=self.settings, stop=stop)
        except JoinError:
            return None
        self._profiles.connected(profile)
        return link

    def _in_order(self, shaky):
        """Those in range: by priority, security, signal (sl_WlanProfileAdd). Then the unseen."""
        try:
            networks = self.radio.scan()
        except OSError:
            networks = ()
        found, unseen = [], []
        for profile in self._profiles.all():
            seen = None
            for network in networks:
                if network.ssid == profile.ssid and (seen is None or network.rssi > seen.rssi):
                    seen = network
            if seen:
                steady = readable(profile.ssid) != shaky
                order = (steady, profile.priority, seen.security, seen.rssi)
                found.append((order, profile, seen))
            elif profile.hidden or not networks:
                unseen.append((profile, None))
        found.sort(key=lambda entry: entry[0], reverse=True)
        return [(profile, seen) for _, profile, seen in found] + unseen
