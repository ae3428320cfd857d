# Forgets the stored networks, and what else is asked for.
# MIT licence
import provisioning
from provisioning import store
from provisioning.link import readable


def main(also=()):
    forgotten = [readable(profile.ssid) for profile in provisioning.Profiles().all()]
    provisioning.forget()
    for name in also:  # "settings", "identity"
        store.remove(name)
    return forgotten
