# What is going on, and what the board is.
# MIT licence
import gc
import sys


def main():
    gc.collect()
    free = gc.mem_free()
    implementation = sys.implementation
    facts = {
        "micropython": ".".join(str(n) for n in implementation[1][:3]),
        "board": implementation._machine,
        "platform": sys.platform,
        "heap_free": free,
        "package": None,
    }
    try:
        import provisioning
    except ImportError:
        return facts
    status = provisioning.status()
    link = status.link
    facts["package"] = provisioning.__version__
    facts["name"] = provisioning.Identity(provisioning.Settings()["name_prefix"]).name
    facts["stored"] = status.stored
    facts["ssid"] = link.ssid if link else ""
    facts["address"] = link.address if link else ""
    return facts
