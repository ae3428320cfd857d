# A host program for TI's API, a user for it, and stand-ins for the methods: the tests play both.
# MIT licence

import asyncio

from engine import Portal

HOME = ("HomeNet", "correct horse battery")

# What a run may block, each with arguments that change nothing.
CALLS = (
    ("sl_WlanSetMode", 3),
    ("sl_WlanConnect", ""),
    ("sl_WlanProfileAdd", ""),
    ("sl_WlanProfileGet", 0),
    ("sl_WlanProfileDel", 6),
    ("sl_WlanPolicySet", 0x30, 0),
    ("sl_WlanPolicyGet", 0x10),
    ("sl_WlanGetNetworkList", 0, 31),
    ("sl_NetAppSet", 0x10, 0, ""),
    ("sl_NetAppGet", 0x10, 0),
)


class TiHost:
    """A program that called sl_Start(). `sl` is the face, `events` what its handlers got.

    An event is a tuple: (13, status), (14, ssid, token), (6, caller), ("link", id),
    ("address", id). `last` is the structure of the last status event. on_event(event), if set, is
    called within the handler. listens: SmartConfig is the real one.
    """

    def __init__(self, start=True, listens=False):
        import simplelink
        from provisioning import methods

        self.sl = simplelink
        self.portal, self.smartconfig = Portal(), Portal()
        self.events = []
        self.last = None
        self.on_event = None
        standing = {"portal": self.portal, "smartconfig": self.smartconfig}
        if listens:
            standing["smartconfig"] = methods.load("smartconfig")

        def load(name):
            if name not in standing:
                raise ImportError(name)
            return standing[name]

        methods.load = load
        self.sl.sl_RegisterEventHandler(self.sl.SL_EVENT_HDL_WLAN, self._wlan)
        self.sl.sl_RegisterEventHandler(self.sl.SL_EVENT_HDL_NETAPP, self._netapp)
        self.sl.sl_RegisterEventHandler(self.sl.SL_EVENT_HDL_DEVICE_GENERAL, self._device)
        if start:
            assert self.sl.sl_WlanPolicySet(16, 0) == -2018, (
                "nothing runs by itself in these tests"
            )
            from provisioning.settings import Settings

            Settings().update(policy=0)
            assert self.sl.sl_Start() == 0

    def _wlan(self, event):
        if event.Id == 13:
            self.last = event.Data.ProvisioningStatus
            self._note((13, self.last.ProvisioningStatus))
        elif event.Id == 14:
            added = event.Data.ProvisioningProfileAdded
            self._note((14, added.Ssid, added.Reserved))
        else:
            self._note(("link", event.Id))

    def _netapp(self, event):
        self._note(("address", event.Id))

    def _device(self, event):
        self._note((event.Id, event.Data.ResetRequest.Caller))

    def _note(self, event):
        self.events.append(event)
        if self.on_event:
            self.on_event(event)

    def provision(self, mode, role=0, timeout_s=600, key=None, flags=0):
        return self.sl.sl_WlanProvisioning(mode, role, timeout_s, key, flags)

    def stop(self, role=0):
        return self.sl.sl_WlanProvisioning(4, role, 0, None, 0)

    def is_blocked(self):
        """Does a run block the API? AssertionError if some calls say this and some that."""
        refused = []
        for name, *arguments in CALLS:
            code = getattr(self.sl, name)(*arguments)
            if (code[0] if isinstance(code, tuple) else code) == -2014:
                refused.append(name)
        assert len(refused) in (0, len(CALLS)), refused
        return bool(refused)

    @property
    def phase(self):
        from provisioning import host

        return host.get().provisioner.state[0]

    async def until(self, *event, timeout_ms=120000):
        """Wait for an event that was not waited for before."""
        seen = getattr(self, "_seen", 0)
        for _ in range(timeout_ms // 10):
            if event in self.events[seen:]:
                self._seen = self.events.index(event, seen) + 1
                return
            await asyncio.sleep_ms(10)
        raise AssertionError("no %s in %d ms, but %s" % (event, timeout_ms, self.events[seen:]))

    async def open(self, mode, **options):
        """Start a run and wait until a user could come."""
        assert self.provision(mode, **options) == 0
        for _ in range(1000):
            if self.phase == 2:
                return
            await asyncio.sleep_ms(10)
        raise AssertionError("nobody could come: phase %d" % self.phase)

    # The user

    def hand_over(self, ssid, key="", confirm=True):
        """By the portal: profile_add and confirm_req."""
        from provisioning.profiles import Profile

        self.portal.session.offer(Profile(ssid, key))
        return self.portal.session.confirm() if confirm else None

    def transmit(self, ssid, key="", token=b""):
        """By SmartConfig, as far as the receiver tells of it."""
        from provisioning.profiles import Profile

        session = self.smartconfig.session
        session.synced()
        session.complete(Profile(ssid, key), token)

    def fetch(self):
        """GET of the result, wherever the user is."""
        session = self.portal.session if self.portal.session else self.smartconfig.session
        return session.read_result()
