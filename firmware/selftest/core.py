# What a board can do with this package without its radio, tried step by step.
# MIT licence
"""core() does it all; selftest.py prints it as a report. On MicroPython only.

The board's records are not touched: the steps use a folder of their own.
"""

import os
import time


class Skip(Exception):
    """Raised by a step that cannot be done here; the text says why."""


def step(rows, name, function):
    """Do one step and append (name, ok, ms, text) to rows; ok: None for a step that was skipped.

    What fails does not stop the next. Returns ok.
    """
    start = time.ticks_ms()
    try:
        ok, text = True, function() or ""
    except Skip as why:
        ok, text = None, str(why)
    except Exception as error:
        ok, text = False, "%s %s" % (type(error).__name__, error)
    rows.append((name, ok, time.ticks_diff(time.ticks_ms(), start), text))
    return ok


def core(rows=None):
    """Do all that needs no radio. Returns [(name, ok, ms, text)], or `rows` with that appended."""
    rows = [] if rows is None else rows
    steps = Core()
    if step(rows, "import", steps.load):
        in_scratch(lambda: _core(rows, steps))
    return rows


def _core(rows, steps):
    step(rows, "records", steps.records)
    step(rows, "settings", steps.settings)
    step(rows, "identity", steps.identity)
    step(rows, "profiles", steps.profiles)
    step(rows, "state machine", steps.state_machine)
    step(rows, "decoder", steps.decoder)
    step(rows, "SHA-256", steps.sha256)


def in_scratch(function):
    """Call function() while the records are in a folder of their own, which goes afterwards."""
    from provisioning import store

    own = store.directory
    store.directory = own + "-selftest"
    try:
        _clear(store.directory)  # left behind by a power cut
        return function()
    finally:
        _clear(store.directory)
        store.directory = own


def _clear(folder):
    try:
        names = os.listdir(folder)
    except OSError:
        return  # there is none
    for name in names:
        os.remove(folder + "/" + name)
    os.rmdir(folder)


def expect(true, what):
    """AssertionError with the text `what` unless true."""
    if not true:
        raise AssertionError(what)


class Core:
    """The steps."""

    def load(self):
        try:
            import provisioning
        except ImportError:
            raise OSError("the package is not on the board: make deploy")
        import provisioning.store as store

        place = getattr(store, "__file__", "the firmware")
        return "package %s, %s" % (provisioning.__version__, place.rsplit("/", 1)[0])

    def records(self):
        from provisioning import store

        record = {"text": "más ☕", "numbers": [0, -1, 1 << 40]}
        store.save("record", record)
        expect(store.load("record") == record, "what was written reads differently")
        store.remove("record")
        expect(store.load("record") is None, "it is still there")

    def settings(self):
        import provisioning

        provisioning.Settings().update(offline_s=77)
        settings = provisioning.Settings()
        expect(settings["offline_s"] == 77, "what was set is not there")
        try:
            settings.update(offline_s=1)
        except ValueError:
            settings.update(offline_s=120)
        else:
            raise AssertionError("a value outside of the limits is taken")

    def identity(self):
        import provisioning

        identity = provisioning.Identity("selftest")
        again = provisioning.Identity("selftest")
        expect(identity.ap_key == again.ap_key, "the key of the access point changes")
        expect(identity.name == again.name, "the name changes")

    def profiles(self):
        from provisioning.profiles import MAX_PROFILES, Profile, Profiles

        profiles = Profiles()
        for number in range(MAX_PROFILES):
            profiles.add(Profile("network %d" % number, "selftest"))
        expect(Profiles().all() == profiles.all(), "what was stored reads differently")
        expect(profiles.is_full(), "there is room for more than %d" % MAX_PROFILES)
        profiles.remove(0)
        expect(Profiles().find(b"network 0") is None, "it is still there")
        profiles.clear()

    def state_machine(self):
        import provisioning.statemachine as machine
        from provisioning.codes import MODE_AP, RESULT_SUCCESS

        # A success, told to the user. Numbers, since compiled modules do not keep their names:
        # START, ROLE_READY, OFFERED, CONFIRM, LINK_UP, GOT_ADDRESS, HELD, RESULT_READ, STOPPED.
        way = (0, 2, 4, 5, 9, 10, 11, 14, 21)
        start = time.ticks_us()
        state = machine.IDLE
        for event in way:
            state, _ = machine.step(state, event, 0 if event else MODE_AP)
        took = time.ticks_diff(time.ticks_us(), start)
        expect((state[0], state[3]) == (0, RESULT_SUCCESS), "it ends in %r" % (state,))
        return "%d us for one of %d events" % (took // len(way), len(way))

    def decoder(self):
        try:
            from provisioning.methods.smartconfig import easylink
        except ImportError as error:
            if str(error).endswith("smartconfig'"):
                raise Skip("SmartConfig is not installed")
            raise
        decoder = easylink.Decoder(None)
        data = b"\x04\x08Homepassword\0\0"  # lengths, name, key, nothing more: each frame has two
        heard = None
        for n in range(2 * len(data)):
            n = n % len(data)
            if not n & 1:
                group = 0x7E << 16 | data[n] << 8 | data[n + 1]
                heard = decoder.feed(20 + n // 2, 0, group) or heard
        expect(heard and (heard.ssid, heard.key) == (b"Home", b"password"), "heard wrongly")
        return "EasyLink"

    def sha256(self):
        import binascii
        import hashlib

        digest = binascii.hexlify(hashlib.sha256(b"abc").digest())[:16]
        expect(digest == b"ba7816bf8f01cfea", "wrong digest")
        piece = bytes(1024)
        start = time.ticks_us()
        digest = hashlib.sha256()
        for _ in range(16):
            digest.update(piece)
        digest.digest()
        return "%d us for 1 kB" % (time.ticks_diff(time.ticks_us(), start) // 16)
