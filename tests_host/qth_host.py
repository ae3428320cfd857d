# A program that uses qth_wifi on a simulated board; the test plays its user.
# MIT licence

import asyncio

from engine import Portal

HOME = ("HomeNet", "correct horse battery")
WRONG = ("HomeNet", "incorrect donkey")

OK, FAILED, BAD, NOT_FOUND, NOT_WRITTEN = 0, -1, -2, -5, -4097
NOT_OPENED, NOT_JOINED, LOST = -7168, -7169, -7170
SLIENT, BACKROUTE = 0, 1
NOT_CONFIG, CONFIGING, ALREADY = 0, 1, 2
CONFIG, CONNECT, RESET, REMOVE, SILENT = 0, 1, 3, 4, 5
ON_NETCFG, ON_NETCFGED, ON_ROUTE, ON_SILENT = 0, 2, 3, 5


class Program:
    """A program that uses qth_wifi, and its user. events: [(event, result)] so far."""

    def __init__(self, board):
        import qth_wifi
        from provisioning import methods

        self.board = board
        self.events = []
        self.portal = Portal()
        methods.load = self._load
        self.api = qth_wifi
        assert qth_wifi.Qth_configSetEventCb(self._event) == OK

    def _load(self, name):
        if name != "portal":
            raise ImportError(name)
        return self.portal

    def _event(self, event, result):
        self.events.append((event, result))

    @property
    def status(self):
        return self.api.Qth_wifiGetCfgStatus()

    @property
    def state(self):
        code, state = self.api.Qth_devGetStatus()
        assert code == OK
        return state

    async def opened(self, *mode):
        """Open, and wait until a user could come. Returns the session."""
        assert self.api.Qth_wifiOpenNetcfg(*mode) == OK
        await self.board.until(lambda: self.portal.is_open)
        return self.portal.session

    async def hand_over(self, ssid, key=""):
        """The user hands over a network and asks to try it. Returns the state it comes to."""
        from provisioning.profiles import Profile

        session = self.portal.session
        session.offer(Profile(ssid, key))
        assert session.confirm()
        while session.progress().state in ("joining", "addressing", "checking"):
            await asyncio.sleep_ms(10)
        return session.progress().state

    async def provision(self, ssid=HOME[0], key=HOME[1]):
        """The user provisions the board, all the way."""
        await self.opened()
        assert await self.hand_over(ssid, key) == "connected"
        self.portal.session.read_result()
        await self.told(CONNECT, OK)
        self.events.clear()

    async def told(self, event, result, timeout_ms=120000):
        """Wait until this event was told."""
        try:
            await self.board.until(lambda: (event, result) in self.events, timeout_ms)
        except AssertionError:
            raise AssertionError("no %r in %r" % ((event, result), self.events))


def present(board, ssid, there=True):
    """Switch the routers of this name on or off."""
    for router in board.air.routers:
        if router.ssid == ssid.encode():
            router.present = there


def note_resets():
    """Let the board note that it is reset, and go on. Returns the list."""
    import machine

    resets = []
    machine.reset = lambda: resets.append(1)
    return resets


class Refusing:
    """Flash that takes nothing, while it is in use: `with Refusing():`."""

    def __enter__(self):
        from provisioning import store

        self.store, self.save = store, store.save
        store.save = self._fail

    def __exit__(self, *_):
        self.store.save = self.save

    def _fail(self, name, record):
        raise OSError(28)
