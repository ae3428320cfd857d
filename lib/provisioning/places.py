# TI's places of the stored networks: 0 to 6, and none moves when another is deleted.
# MIT licence

from .profiles import MAX_PROFILES


class Places:
    """Which profile is at which place. `profiles()` gives the Profiles of now.

    Kept in RAM: after a start they are numbered anew, without gaps.
    """

    def __init__(self, profiles):
        self._profiles = profiles
        self._keys = [None] * MAX_PROFILES

    def add(self, profile):
        """Store a profile. Returns its place. Raises ProfilesFull, OSError."""
        self._profiles().add(profile)
        return self._arranged().index(_key(profile))

    def get(self, place):
        """The Profile at `place`, or None."""
        if 0 <= place < MAX_PROFILES:
            key = self._arranged()[place]
            for profile in self._profiles().all():
                if _key(profile) == key:
                    return profile
        return None

    def remove(self, place):
        """Delete the profile at `place`: False when there is none. OSError."""
        profile = self.get(place)
        if profile is None:
            return False
        profiles = self._profiles()
        profiles.remove(profiles.all().index(profile))
        self._arranged()
        return True

    def _arranged(self):
        """The keys, after what was stored and deleted meanwhile."""
        stored = [_key(profile) for profile in self._profiles().all()]
        keys = [key if key in stored else None for key in self._keys]
        for key in stored:
            if key not in keys:
                keys[keys.index(None)] = key  # pyright: ignore
        self._keys = keys
        return keys


def _key(profile):
    return profile.ssid, profile.security
