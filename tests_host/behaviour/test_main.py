# main.py, as the board runs it: online, then the user's app.py, whatever that does.
# MIT licence

import asyncio
import sys

import harness
from engine import Portal
from harness import simulated
from keeping import HOME, present, store

MICROPYTHON = sys.implementation.name == "micropython"


def _root():
    """The checkout's folder: the harness is in tests_host, compiled in build/mpy_tests."""
    path = harness.__file__
    for folder in ("/build/mpy_tests/", "/tests_host/"):
        head, found, _ = path.rpartition(folder)
        if found:
            return head
    raise OSError("no checkout around " + path)


class Main:
    """main.py at work; app: the text of app.py, None for none."""

    def __init__(self, board, app=None):
        self.board = board
        if app is not None:
            with open(board.flash + "/app.py", "w") as file:
                file.write(app)
        sys.path.insert(0, board.flash)
        sys.modules["provisioning.methods.portal"] = Portal()
        programs = []
        run, asyncio.run = asyncio.run, programs.append
        try:
            with open(_root() + "/main.py") as file:
                exec(file.read(), {"__name__": "__main__"})
        finally:
            asyncio.run = run
        self.task = asyncio.create_task(programs[0])

    async def said(self, text, limit_ms=60000):
        """Wait until it printed that."""
        await self.board.until(lambda: self.board.printed(text), limit_ms)

    def count(self, text):
        return len([line for line in self.board.output if line == text])

    async def end(self):
        sys.path.remove(self.board.flash)
        sys.modules.pop("app", None)
        self.task.cancel()
        try:
            await self.task
        except asyncio.CancelledError:
            pass


def _is_kept(board):
    from provisioning import keeper

    return board.sta.isconnected() and keeper.current.link is not None


@simulated("esp32", "rp2")
async def test_without_an_app_the_board_is_online_and_stays_so(board):
    store(HOME)
    main = Main(board)
    await main.said("online: ssid=HomeNet ip=192.168.1.")
    present(board, False)
    await board.sleep_ms(30000)
    present(board, True)
    await board.until(lambda: _is_kept(board))
    assert main.count("Traceback (most recent call last):") == 0
    await main.end()


@simulated("esp32", "rp2")
async def test_the_app_gets_the_link(board):
    store(HOME)
    main = Main(
        board,
        "import asyncio\n"
        "async def main(link):\n"
        "    while True:\n"
        "        print('app', link.ssid, link.is_up())\n"
        "        await asyncio.sleep_ms(1000)\n",
    )
    await main.said("app HomeNet True")
    present(board, False)
    await main.said("app HomeNet False")
    await main.end()


@simulated("esp32")
async def test_an_app_without_async_is_called_and_the_link_kept(board):
    store(HOME)
    main = Main(board, "def main(link):\n    print('app', link.address)\n    return 5\n")
    await main.said("app 192.168.1.")
    await board.sleep_ms(60000)
    assert _is_kept(board) and main.count("app " + board.sta.ifconfig()[0]) == 1
    await main.end()


@simulated("esp32")
async def test_an_app_that_raises_is_shown_and_started_afresh(board):
    store(HOME)
    main = Main(
        board,
        "print('loaded')\nasync def main(link):\n    raise ValueError('no such sensor')\n",
    )
    await main.said("loaded")
    await board.sleep_ms(10000)
    assert main.count("loaded") == 4, "after 0, 1, 3 and 7 s"
    if not MICROPYTHON:  # there print_exception() goes by the test's ears
        assert main.count("ValueError: no such sensor") == 4
        assert board.printed("app.py")
    assert _is_kept(board)
    await main.end()


@simulated("esp32")
async def test_an_app_that_cannot_be_loaded_is_not_taken_for_none(board):
    for app in ("import no_such_module\n", "def main(link:\n"):
        board.reboot()
        store(HOME)
        del board.output[:]
        main = Main(board, app)
        await main.said("online: ssid=HomeNet")
        await board.sleep_ms(1200)
        # Each time that it is tried again the line comes again.
        assert len([line for line in board.output if line.startswith("online:")]) == 2
        assert MICROPYTHON or board.printed("Traceback")
        assert _is_kept(board)
        await main.end()
