# What may be wrong with a board: the facts. tools/boards/doctor.py says what they mean.
# MIT licence
import gc
import os
import sys


def _is_there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _firmware(stage):
    gc.collect()
    block, _, blocks, free = os.statvfs("/")[:4]
    return {
        "version": sys.implementation[1][:3],
        "machine": sys.implementation._machine,
        "platform": sys.platform,
        "heap_free": gc.mem_free(),
        "flash_free": block * free,
        "flash": block * blocks,
        "programs": [name for name in ("/boot.py", "/main.py", "/app.py") if _is_there(name)],
        "interrupted": _is_there(stage),
    }


def _package(provisioning):
    from provisioning import names, store
    from provisioning.link import readable
    from provisioning.settings import describe

    settings = provisioning.Settings()
    changed = {}
    for name in settings.keys():
        if settings[name] != describe(name)[0]:
            changed[name] = settings[name]
    failures = provisioning.failures
    damaged = []
    if _is_there(store.directory):
        damaged = [name for name in os.listdir(store.directory) if ".bad" in name]
    return {
        "package": provisioning.__version__,
        "settings": changed,
        "stored": [readable(profile.ssid) for profile in provisioning.Profiles().all()],
        "failures": [(readable(ssid), names.reason_name(failures[ssid])) for ssid in failures],
        "damaged": damaged,
    }


def _air(provisioning):
    """Who is in the air: {name: (rssi in dBm, channel, security, supported)}, the strongest."""
    from provisioning import names
    from provisioning.link import readable
    from provisioning.radio import Radio

    found = {}
    for network in sorted(Radio().scan(), key=lambda one: one.rssi):
        facts = network.rssi, network.channel, names.security_name(network.security)
        found[readable(network.ssid)] = facts + (network.is_supported(),)
    return found


def main(stage, scan=True):
    """stage: where a deployment waits. scan: look what is in the air."""
    facts = _firmware(stage)
    try:
        __import__("network")
    except ImportError:
        facts["wifi"] = False
        return facts
    facts["wifi"] = True
    try:
        import provisioning
    except ImportError:
        return facts
    link = provisioning.status().link
    facts["link"] = (link.ssid, link.address) if link else None
    facts.update(_package(provisioning))
    facts["air"] = None
    if scan:
        try:
            facts["air"] = _air(provisioning)
        except OSError as error:
            facts["scan_error"] = str(error)
    return facts
