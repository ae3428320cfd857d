# A quick look whether a board can do what a product has to: nothing of it stays.
# MIT licence
import time


def _package():
    import provisioning

    return provisioning.__version__


def _records():
    from provisioning import store

    record = {"written": time.ticks_ms()}
    store.save("selftest", record)
    try:
        if store.load("selftest") != record:
            raise OSError("what was written reads differently")
    finally:
        store.remove("selftest")
    return ""


def _settings():
    import provisioning

    settings = provisioning.Settings()
    return str(len([settings[name] for name in settings.keys()]))


def _identity():
    import provisioning
    from provisioning import store

    # Where the flash was full the keys are for now only, and a label would be wrong tomorrow.
    identity = provisioning.Identity(provisioning.Settings()["name_prefix"])
    if (store.load("identity") or {}).get("ap_key") != identity.ap_key:
        raise OSError("the access point's key could not be stored")
    return identity.name


def _radio():
    import binascii

    from provisioning.radio import Radio

    return binascii.hexlify(Radio().mac()).decode()


def main():
    """{"ok", "steps": [{"name", "ok", "ms", "text"}]}; text: what was found, or what is wrong."""
    steps = []
    for check in (_package, _records, _settings, _identity, _radio):
        start = time.ticks_ms()
        try:
            ok, text = True, check()
        except Exception as error:
            ok, text = False, "%s: %s" % (type(error).__name__, error)
        ms = time.ticks_diff(time.ticks_ms(), start)
        steps.append({"name": check.__name__[1:], "ok": ok, "ms": ms, "text": text})
    return {"ok": all(step["ok"] for step in steps), "steps": steps}
