# Stored networks: at most seven, in one file that a power cut leaves whole.
# MIT licence

import binascii

from micropython import const

from . import store
from .codes import (
    SECURITY_ENTERPRISE,
    SECURITY_OPEN,
    SECURITY_UNKNOWN,
    SECURITY_WEP,
    SECURITY_WPA,
    SECURITY_WPA3,
)

MAX_PROFILES = const(7)
_FILE = "profiles"
_LAST = "last"


class ProfileError(ValueError):
    """A profile that cannot be; `field` is "ssid", "key", "security" or "priority"."""

    def __init__(self, field, message):
        super().__init__(message)
        self.field = field


class ProfilesFull(Exception):
    """All seven places are taken (TI: -2171)."""


class Profile:
    """One network: SSID, key, security, priority, hidden. Immutable by convention.

    ssid: 1 to 32 bytes of anything (str is taken as UTF-8). key: empty, 8 to 63 bytes, or 64 hex
    digits.
    security: SECURITY_*, SECURITY_UNKNOWN lets the scan decide. priority: 0 (lowest) to 15.
    hidden: the network does not announce its name. Raises ProfileError.
    """

    def __init__(self, ssid, key=b"", security=SECURITY_UNKNOWN, priority=0, hidden=False):
        self.ssid = ssid.encode() if isinstance(ssid, str) else bytes(ssid)
        self.key = key.encode() if isinstance(key, str) else bytes(key)
        self.security = security
        self.priority = priority
        self.hidden = bool(hidden)
        if not 1 <= len(self.ssid) <= 32:
            raise ProfileError(
                "ssid", "an SSID has 1 to 32 bytes, this one has %d" % len(self.ssid)
            )
        if not _is_key(self.key):
            raise ProfileError("key", "a key has 8 to 63 characters or 64 hex digits")
        known = (
            SECURITY_OPEN,
            SECURITY_WEP,
            SECURITY_WPA,
            SECURITY_ENTERPRISE,
            SECURITY_WPA3,
            SECURITY_UNKNOWN,
        )
        if security not in known:
            raise ProfileError("security", "security is one of %s" % (known,))
        if not (isinstance(priority, int) and 0 <= priority <= 15):
            raise ProfileError("priority", "priority is 0 to 15")

    def __eq__(self, other):
        return isinstance(other, Profile) and self._record() == other._record()

    def __hash__(self):
        return hash(self.ssid)

    def __repr__(self):
        # The key must not reach a log.
        return "Profile(%r, security=%d, priority=%d)" % (self.ssid, self.security, self.priority)

    def _record(self):
        ssid, key = binascii.hexlify(self.ssid).decode(), binascii.hexlify(self.key).decode()
        return [ssid, key, self.security, self.priority, int(self.hidden)]


class Profiles:
    """The stored list. A change is on flash when its call returns; OSError: it did not happen."""

    def __init__(self):
        self._list = []
        for record in store.load(_FILE) or ():
            ssid, key, security, priority, hidden = record
            ssid, key = binascii.unhexlify(ssid), binascii.unhexlify(key)
            self._list.append(Profile(ssid, key, security, priority, hidden))

    def __repr__(self):
        return "Profiles(%r)" % self._list

    def all(self):
        """A copy of the list, in slot order (slot 1 of TI's API is index 0)."""
        return self._list[:]

    def find(self, ssid):
        """The profile with this SSID (bytes) that was added last, or None."""
        for profile in reversed(self._list):
            if profile.ssid == ssid:
                return profile
        return None

    def last(self):
        """The profile that was connected last, or None (TI's policy 'fast')."""
        ssid = store.load(_LAST)
        return None if ssid is None else self.find(binascii.unhexlify(ssid))

    def connected(self, profile):
        """Remember that this profile was connected last."""
        ssid = binascii.hexlify(profile.ssid).decode()
        if ssid != store.load(_LAST):  # flash wears out
            try:
                store.save(_LAST, ssid)
            except OSError:
                pass  # flash is full; it only saves time

    def is_full(self):
        """True when all seven places are taken."""
        return len(self._list) >= MAX_PROFILES

    def add(self, profile, replace=None):
        """Store a profile; returns its index, 0 to 6.

        Same SSID and security takes the place of the old one (SWRA513C, sl_WlanProfileAdd).
        `replace`: index of a profile to give up when all places are taken. Raises ProfilesFull,
        OSError.
        """
        profiles = self._list[:]
        index = len(profiles)
        for slot, old in enumerate(profiles):
            if old.ssid == profile.ssid and old.security == profile.security:
                index = slot
        if index >= MAX_PROFILES:
            if replace is None or not 0 <= replace < index:
                raise ProfilesFull("all %d places are taken: say which to replace" % index)
            index = replace
        profiles[index : index + 1] = [profile]
        self._commit(profiles)
        return index

    def remove(self, index):
        """Delete the profile at `index`, 0 to 6. IndexError when there is none."""
        profiles = self._list[:]
        profiles.pop(index)
        self._commit(profiles)

    def clear(self):
        """Delete all, and what was set aside: no password of a user stays on flash."""
        self._commit([])
        store.remove(_FILE)
        store.remove(_LAST)

    def _commit(self, profiles):
        if profiles != self._list:  # flash wears out
            store.save(_FILE, [profile._record() for profile in profiles])
            self._list = profiles


def forget():
    """Delete all stored networks. The board's name and keys stay."""
    Profiles().clear()


def _is_key(key):
    if len(key) == 64:
        try:
            binascii.unhexlify(key)
            return True
        except ValueError:
            return False
    return len(key) == 0 or 8 <= len(key) <= 63
