# Fills a board's flash through the library: settings, and a stored network where wanted.
# MIT licence
"""More words: http_port=, dns_port=, hold_ms=, linger_ms= are settings; stored=1: a network is."""

from bench import world

_SETTINGS = ("http_port", "dns_port", "hold_ms", "linger_ms", "improv")


def main(choice):
    world.power_up(choice)
    from provisioning.identity import Identity
    from provisioning.profiles import Profile, Profiles
    from provisioning.settings import Settings

    given = {name: int(choice[name]) for name in _SETTINGS if name in choice}
    # The address of the access point is this machine's loopback.
    Settings().update(ap_address="", **given)
    Identity()
    if "stored" in choice:
        profile = Profile(world.SSID, world.KEY, 2)
        Profiles().add(profile)
        Profiles().connected(profile)
    world.say(done=True)


main(world.options())
