# An engine to test: a Provisioner with a stand-in for the portal; the test plays the user.
# MIT licence

import asyncio


class Portal:
    """Stands in for the portal's module; `session` is that of the last start."""

    def __init__(self):
        self.session = None
        self.is_open = False
        self.starts = 0

    async def start(self, session):
        self.session = session
        self.is_open = True
        self.starts += 1
        return self

    async def stop(self):
        self.is_open = False


class Engine:
    """A Provisioner on a simulated board. `events` is what the host got, `portal` the stand-in."""

    def __init__(self, on_event=None):
        self.portal = Portal()
        self.events = []
        self._on_event = on_event
        from provisioning import methods, provisioner

        def load(name):
            if name != "portal":
                raise ImportError(name)
            return self.portal

        methods.load = load
        self.provisioner = provisioner.Provisioner(self._event)

    def _event(self, event):
        self.events.append(event)
        if self._on_event:
            self._on_event(event)

    @property
    def statuses(self):
        """The numbers of the status events so far."""
        return [event.status for event in self.events if event.id == 13]

    async def open(self, *arguments, **options):
        """Start a run (MODE_AP if not said), wait until a user could come. Returns the Session."""
        if not arguments:
            arguments = (0,)
        assert self.provisioner.start(*arguments, **options) == 0
        await self.phase("CONFIG")
        return self.portal.session

    async def phase(self, name, limit_ms=120000):
        """Wait until the machine is in this phase."""
        wanted = _phase(name)
        for _ in range(limit_ms // 10):
            if self.provisioner.state[0] == wanted:
                return
            await asyncio.sleep_ms(10)
        raise AssertionError(
            "no %s within %d ms, but phase %d" % (name, limit_ms, self.provisioner.state[0])
        )

    async def hand_over(self, ssid, key="", **options):
        """The user hands over a network and asks to try it. Returns the Progress afterwards."""
        from provisioning.profiles import Profile

        session = self.portal.session
        session.offer(Profile(ssid, key, **options))
        assert session.confirm()
        while session.progress().state in ("joining", "addressing", "checking"):
            await asyncio.sleep_ms(10)
        return session.progress()

    async def end(self):
        """Stop, if it runs, and wait for the end. Returns the Outcome."""
        self.provisioner.stop()
        return await self.provisioner.wait()


def _phase(name):
    from provisioning import statemachine as machine

    return {
        "STARTING": machine.STARTING,
        "CONFIG": machine.CONFIG,
        "ASSOC": machine.ASSOC,
        "ADDRESS": machine.ADDRESS,
        "HOLD": machine.HOLD,
        "FEEDBACK": machine.FEEDBACK,
        "CLOUD": machine.CLOUD,
    }[name]


def stored():
    """What is on flash: [(ssid, key)]."""
    from provisioning.profiles import Profiles

    return [(profile.ssid, profile.key) for profile in Profiles().all()]
