# Keeps the board online: joins stored networks for ever, and provisions by TI's rules.
# MIT licence
#
# On a board that is online nothing but this file and link.py stays loaded; docs/keeper.md says
# what it does when.

import asyncio
import sys
import time

from micropython import const

from . import drop_modules, running
from .codes import KEEPER_HOLDING, KEEPER_OFF, KEEPER_ONLINE, KEEPER_PROVISIONING

_LOOK_MS = const(250)
_FIRST_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(60000)

# The Keeper that runs, or None: the radio is one.
current = None


async def keep(work=None, on_event=None, on_link=None):
    """Keep the board online for ever, and run the application when it is.

    work(link): a function, best a coroutine function, called when the first link is up. It goes
    on while the link is lost and made again, and its Link is always that of now (link.is_up()
    tells). If it raises, the traceback is shown and it is called again; if it returns, the link is
    kept all the same. on_event(event) gets each Event of a run that starts here; on_link(link)
    gets the Link when it is up, and None when it is lost.
    """

    def tell(event):
        host = sys.modules.get("provisioning.host")
        if host:
            host.get().tell(event)
        if on_event:
            on_event(event)

    await Keeper(tell, on_link).run(work)


def _drop_all_but(kept):
    drop_modules(lambda name: name.startswith("provisioning.") and name not in kept)


class Keeper:
    """Keeps the board online; on_event and on_link as in keep().

    state: KEEPER_*. link: the Link that is up, or None.
    """

    def __init__(self, on_event=None, on_link=None):
        self.state = KEEPER_OFF
        self.link = None
        self._on_event = on_event
        self._on_link = on_link
        self._way = None  # the Connector, while there is no link
        self._given = None  # the Link that the application has
        self._tasks = []

    def __repr__(self):
        from .names import keeper_name

        return "Keeper(%s, link=%r)" % (keeper_name(self.state), self.link)

    async def online(self):
        """Become online once, without keeping it: see Connector.online()."""
        from .connector import Connector

        return await Connector(self._on_event).online()

    async def run(self, work=None):
        """Keep the board online until this is cancelled; work as in keep().

        Waits its turn while another Keeper runs.
        """
        global current, STAYS
        while current:
            await asyncio.sleep_ms(_LOOK_MS)
        current = self
        STAYS = True  # drop_modules() leaves this file: it remembers
        before = list(sys.modules)
        self._serve_person()
        patient = True
        try:
            while True:
                self._tell(await self._come_online(patient))
                _drop_all_but(before)
                before = ()
                if work:
                    self._spawn(self._employ(work))
                    work = None
                await self._watch(self.link)
                self._tell(None)
                before = list(sys.modules)
                patient = False
        finally:
            current = self.link = None
            self.state = KEEPER_OFF
            for task in list(self._tasks):
                task.cancel()

    # What others ask for

    def provision(self):
        """A person asks for a run: it starts, or the one that is on stays.

        The stored networks are kept, and not tried before it has ended.
        """
        if running():
            if self._way:
                self._way.wanted = True
        else:
            from .auto import begin
            from .settings import Settings

            begin(self._on_event, Settings()["inactivity_s"])

    async def forget(self):
        """A person asks to forget all stored networks: link and run end, a new run starts."""
        from .profiles import forget
        from .radio import Radio

        forget()
        run = running()
        if run:
            run.stop()
            await run.wait()
        Radio().leave()
        self.provision()

    def command(self):
        """The host gave a command: rule 1 waits for two more seconds, and a pause ends."""
        if self._way:
            self._way.command()

    # The link

    async def _come_online(self, patient):
        """Look for a link that lasts. Returns the Link, which the application has if it ran."""
        from .connector import Connector

        self._way = Connector(self._on_event, self._note, patient)
        try:
            if not patient:
                await self._way.pause()
            while True:
                link = await self._way.connect()
                if await self._holds(link):
                    break
                if not running():
                    self._way.shaky = link.ssid
                await self._way.pause()
        finally:
            self._way = None
        given = self._given = self._given or link
        given.ssid, given.address, given.netmask = link.ssid, link.address, link.netmask
        given.gateway, given.dns = link.gateway, link.dns
        return given

    def _note(self, state):
        self.state = state

    async def _holds(self, link):
        from .settings import Settings

        self.state = KEEPER_HOLDING
        end = time.ticks_add(time.ticks_ms(), Settings()["settle_ms"])
        while link.is_up() and not running():
            left = time.ticks_diff(end, time.ticks_ms())
            if left <= 0:
                return True
            await asyncio.sleep_ms(min(left, _LOOK_MS))
        return False

    async def _watch(self, link):
        """Wait until the link is lost, or a run made another."""
        while link.is_up():
            run = running()
            if run:
                self.state = KEEPER_PROVISIONING
                made = (await run.wait()).link
                if made is None or made.ssid != link.ssid:
                    return
            self.state = KEEPER_ONLINE
            await asyncio.sleep_ms(_LOOK_MS)

    def _tell(self, link):
        self.link = link
        if self._on_link:
            try:
                self._on_link(link)
            except Exception as error:  # the host's fault must not cost the link
                sys.print_exception(error)

    # The application, and a person at the board

    async def _employ(self, work):
        pause_ms = _FIRST_PAUSE_MS
        while True:
            while not self.link:
                await asyncio.sleep_ms(_LOOK_MS)
            start = time.ticks_ms()
            try:
                working = work(self.link)
                if hasattr(working, "send"):  # a coroutine
                    await working
                return
            except Exception as error:
                sys.print_exception(error)
            if time.ticks_diff(time.ticks_ms(), start) > _LONGEST_PAUSE_MS:
                pause_ms = _FIRST_PAUSE_MS
            await asyncio.sleep_ms(pause_ms)
            pause_ms = min(2 * pause_ms, _LONGEST_PAUSE_MS)

    def _serve_person(self):
        # A board without button and LED needs nothing of it.
        from .settings import Settings

        settings = Settings()
        if settings["power_cycles"] or settings["button_pin"] is not None:
            from . import triggers

            triggers.start(self, settings, self._spawn)
        if settings["led_pin"] is not None:
            from . import led

            led.start(running, settings, self._spawn)

    def _spawn(self, coroutine):
        """Run it as a task that ends with this Keeper.

        A task that has ended is not held on to: on MicroPython it holds those that came after it
        (the task queue's pointers stay in it), and in time all memory.
        """

        async def live():
            try:
                await coroutine
            finally:
                self._tasks.remove(task)

        task = asyncio.create_task(live())
        self._tasks.append(task)
