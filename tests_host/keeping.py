# A Keeper at work on a simulated board: the test is the world around it.
# MIT licence

import asyncio

from engine import Portal

# provisioning.codes, which a compiled library does without.
OFF, CONNECTING, WAITING, HOLDING, ONLINE, PROVISIONING = range(6)

_KEPT = 40
HOME = ("HomeNet", "correct horse battery", 0)


def store(*networks):
    """Put networks on flash: (ssid, key, priority)."""
    from provisioning.profiles import Profile, Profiles

    for ssid, key, priority in networks:
        Profiles().add(Profile(ssid, key, 2 if key else 0, priority))


def present(board, is_there, ssid=b"HomeNet"):
    """Switch all routers of a name on or off."""
    for router in board.air.routers:
        if router.ssid == ssid:
            router.present = is_there
    board.air.advance()


def appear_in(board, ms, ssid=b"HomeNet"):
    """All routers of a name are there after that time, whatever the board is at then."""
    for router in board.air.routers:
        if router.ssid == ssid:
            board.air.change_at(board.now() + ms, router, {"present": True})


class Kept:
    """A board with a Keeper that runs, and a stand-in for the portal.

    told: what on_link got. statuses: of the runs that the Keeper started; stopped: the last Event
    of the last one. states: which it had, with the time of each: [(ms, KEEPER_*)], the last 40.
    """

    def __init__(self, board, work=None):
        from provisioning import methods
        from provisioning.keeper import Keeper

        states = []

        class Noting(Keeper):
            """A Keeper that notes what it was at."""

            @property
            def state(self):
                return states[-1][1]

            @state.setter
            def state(self, state):
                if not states or states[-1][1] != state:
                    states.append((board.now(), state))
                    del states[:-_KEPT]  # more would leave no larger piece of a small heap free

        self.board = board
        self.portal = Portal()
        methods.load = self._load
        self.told = []
        self.statuses = []
        self.stopped = None
        self.states = states
        self.keeper = Noting(self._event, self.told.append)
        self.task = asyncio.create_task(self.keeper.run(work))

    def _load(self, name):
        if name != "portal":
            raise ImportError(name)
        return self.portal

    def _event(self, event):
        if event.id == 13:
            self.statuses.append(event.status)
            if event.status == 12:
                self.stopped = event

    async def online(self, limit_ms=60000):
        """Wait until the Keeper calls a link up; returns it."""
        return await self.board.until(lambda: self.keeper.link, limit_ms)

    async def session(self, limit_ms=200000):
        """Wait until a run serves its portal; returns its Session."""
        await self.board.until(lambda: self.portal.session and self.portal.is_open, limit_ms)
        return self.portal.session

    def waits(self):
        """How long the Keeper has waited between its attempts, in whole seconds."""
        found = []
        for (start, state), (end, _) in zip(self.states, self.states[1:]):
            if state == WAITING:
                found.append((end - start + 500) // 1000)
        return found

    async def end(self):
        """Cancel it, and wait until it has ended."""
        self.task.cancel()
        try:
            await self.task
        except asyncio.CancelledError:
            pass
