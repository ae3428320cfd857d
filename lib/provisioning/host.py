# The host's side, shared: what the faces, the prompt and programs without asyncio work with.
# MIT licence

import asyncio
import sys

from . import codes, drop_modules, pump, running

STAYS = True  # drop_modules() leaves it: it remembers
_host = None


def get():
    """The one Host of this board."""
    global _host
    if _host is None:
        _host = Host()
    return _host


class Host:
    """One run, one keeper, any number of listeners; all goes on while the prompt is used.

    Commands return at once, with TI's code: 0, or as Provisioner.start() and stop() say.
    """

    def __init__(self):
        self._keeper = None
        self._keeping = None  # its task
        self._handlers = []
        self._provisioner = None
        pump.on_interrupt = self._interrupted

    @property
    def provisioner(self):
        """The one Provisioner: that of the run that is on, whoever started it, else our own."""
        if self._provisioner is None:
            from . import provisioner

            provisioner.STAYS = True
            self._provisioner = provisioner.Provisioner(self.tell)
        return running() or self._provisioner

    @property
    def keeper(self):
        """The Keeper that keeps the board online, of keep() here or of provisioning.keep()."""
        return self._keeper or getattr(sys.modules.get("provisioning.keeper"), "current", None)

    @property
    def is_keeping(self):
        """Is it keep() here that keeps the board online?"""
        return self._keeper is not None

    # Events

    def listen(self, handler):
        """handler(event) is called with each Event from now on, from the event loop."""
        if handler not in self._handlers:
            self._handlers.append(handler)

    def ignore(self, handler):
        """The handler is not called any more."""
        if handler in self._handlers:
            self._handlers.remove(handler)

    def tell(self, event):
        """Give all listeners an Event; what one raises is printed and goes no further."""
        for handler in list(self._handlers):
            try:
                handler(event)
            except Exception as error:
                sys.print_exception(error)

    # Commands

    def start(
        self, mode, role=codes.ROLE_STA, timeout_s=300, key=None, flags=0, refuse_full=False
    ):
        """Start a run; arguments and codes as Provisioner.start()."""
        return self._command(
            self.provisioner.start, mode, role, timeout_s, key, flags, refuse_full
        )

    def stop(self, role=codes.ROLE_STA):
        """End the run; see Provisioner.stop()."""
        return self._command(self.provisioner.stop, role)

    def abort(self):
        """The external confirmation failed; see Provisioner.abort()."""
        return self._command(self.provisioner.abort)

    def restarted(self):
        """The host did what EVENT_RESET_REQUEST asked for; see Provisioner.restarted()."""
        return self._command(self.provisioner.restarted)

    def spawn(self, coroutine):
        """Run a coroutine in the background. Returns its asyncio task."""
        return self._command(asyncio.create_task, coroutine)

    def keep(self):
        """Keep the board online from now on, in the background."""
        if self._keeper is None:
            from .keeper import Keeper

            self._keeper = Keeper(self.tell)
            self._keeping = self.spawn(self._keeper.run())

    def unkeep(self):
        """Do not keep it online any more; a link that is there stays."""
        if self._keeper:
            # Not from here: a task cannot cancel itself.
            self.spawn(_cancel(self._keeping))
            self._keeper = self._keeping = None

    def _command(self, function, *arguments):
        result = pump.call(function, *arguments)
        if not pump.start():
            print("provisioning: no timer here: call provisioning.poll() often")
        return result

    def _interrupted(self):
        print("provisioning: interrupted")
        if running():
            self.stop()
        if self._keeper:
            self.unkeep()
            self.keep()

    def status(self):
        """A Status: print it, or read its attributes."""
        return pump.call(self._status)

    def _status(self):
        before = list(sys.modules)
        from .report import Status

        try:
            return Status(self.keeper, running() or self._provisioner)
        finally:
            drop_modules(lambda name: name.startswith("provisioning.") and name not in before)

    def __repr__(self):
        return "Host(%r, keeper=%r)" % (running() or self._provisioner, self.keeper)


async def _cancel(task):
    task.cancel()
