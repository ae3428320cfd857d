# Improv's serial line: junk, losses, Ctrl-C, the console, a UART, and when there is one at all.
# MIT licence

import asyncio
import io
import sys

from engine import Engine, Portal, stored
from harness import simulated
from improv_line import (
    HOME,
    KEY,
    OK,
    PROVISIONED,
    PROVISIONING,
    READY,
    Line,
    answers,
    begin,
    command,
    end,
    wifi,
)


@simulated("esp32", "rp2")
async def test_split_anywhere_with_junk_around(board):
    engine, client = await begin()
    whole = command(2)
    for cut in range(1, len(whole)):
        client.line.bring(b"IMIMPRO\r\n\x04\xff" + whole[:cut])
        assert await client.heard(40) == []
        client.line.bring(whole[cut:] + b"\nIMPROV\2>>> ")
        assert await client.heard(40) == [OK, READY], cut
    client.line.bring(whole * 3 + b"IMPROV" + whole)
    assert await client.heard() == [OK, READY] * 4
    await end(engine, client)


@simulated("esp32")
async def test_others_have_their_turn_in_a_flood(board):
    engine, client = await begin()
    turns = [0]

    async def other():
        while client.line.left():
            turns[0] += 1
            await asyncio.sleep_ms(0)

    client.line.bring(bytes(2000))
    await other()
    assert turns[0] > 20
    assert await client.ask(2) == [OK, READY]
    await end(engine, client)


@simulated("esp32")
async def test_a_packet_cut_in_the_middle_is_forgotten(board):
    engine, client = await begin()
    for cut in range(6, 12):
        client.line.bring(command(2)[:cut])
        assert await client.heard(700) == [], cut
        assert await client.ask(2) == [OK, READY], cut
    await end(engine, client)


@simulated("esp32")
async def test_ctrl_c_in_a_packet_is_data(board):
    engine, client = await begin()
    client.line.bring(wifi("\3\3\3", "\3" * 8))
    assert await client.heard() == [OK, PROVISIONING]
    await end(engine, client)


@simulated("esp32", micropython=True)
async def test_ctrl_c_outside_of_a_packet_leaves_the_event_loop(board):
    from provisioning.methods.improv.listener import Listener

    engine = Engine()
    session = await engine.open()
    for before in (b"", b"I", b"IMPROV", command(2), command(2)[:-1] + b"\0", b"junk\r\n"):
        line = Line()
        line.bring(before + b"\3after")
        # Its task is run by hand: what it raises would leave this loop as well.
        task = Listener(session, line)._run()
        try:
            task.send(None)
            raise AssertionError("no KeyboardInterrupt")
        except KeyboardInterrupt:
            pass
        assert line.is_closed, before
        assert line.read() == ord("a"), "the rest is the prompt's"
    await engine.end()


@simulated("esp32")
async def test_the_end_of_the_line_ends_the_listening_quietly(board):
    engine, client = await begin()
    client.line.is_gone = True
    await client.heard()
    assert client.line.is_closed
    await client.listener.stop()
    await engine.end()


@simulated("esp32")
async def test_when_it_is_allowed(board):
    engine = Engine()
    session = await engine.open()
    from provisioning.methods import improv
    from provisioning.methods.improv import lines
    from provisioning.profiles import Profile

    opened = []
    lines.Console = lambda: opened.append("console") or Line()
    lines.Uart = lambda number: opened.append(number) or Line()
    improv._has_console = lambda: True

    async def lines_of(is_auto, **settings):
        session.settings.update(**settings)
        session.is_auto = is_auto
        opened.clear()
        listening = await improv.start(session)
        assert (listening is None) is (not opened)
        if listening:
            await listening.stop()
        return opened

    for is_auto in (True, False):
        assert await lines_of(is_auto, improv=0) == []
        assert await lines_of(is_auto, improv=1) == ["console"]
    assert await lines_of(True, improv_uart=2) == [2]
    session.profiles.add(Profile(HOME, KEY))
    assert await lines_of(True) == []
    assert await lines_of(False) == [2]
    assert await lines_of(True, improv=2, improv_uart=-1) == ["console"]
    # At the prompt runs go on in the background.
    from provisioning import pump

    pump.timer = object()
    assert await lines_of(True) == []
    assert await lines_of(True, improv_uart=2) == [2]
    improv._has_console = lambda: False
    pump.timer = None
    assert await lines_of(True, improv_uart=-1) == []
    await engine.end()


class Keyboard:
    """Stands for the module `micropython`: what it was told of Ctrl-C."""

    def __init__(self):
        self.told = []

    def kbd_intr(self, character):
        self.told.append(character)


@simulated("esp32", micropython=True)
async def test_the_console_gives_ctrl_c_back(board):
    # Nobody is there: the tests' input is empty. Each ends by itself, or when it is stopped.
    from provisioning.methods.improv import lines
    from provisioning.methods.improv.listener import Listener

    keyboard = lines.micropython = Keyboard()
    engine = Engine()
    session = await engine.open()
    for wait_ms in (0, 100):
        listener = Listener(session, lines.Console())
        assert keyboard.told == [-1]
        listener.start()
        await asyncio.sleep_ms(wait_ms)
        await listener.stop()
        assert keyboard.told == [-1, 3]
        keyboard.told.clear()
    await engine.end()


@simulated("esp32")
async def test_a_uart_that_is_not_there_stops_nothing(board):
    engine = Engine()
    session = await engine.open()
    session.settings.update(improv_uart=9)
    from provisioning.methods import improv

    assert await improv.start(session) is None
    assert board.printed("no UART 9")
    await engine.end()


class Uart(io.IOBase):
    """Stands for machine.UART."""

    made = []

    def __init__(self, number, baud, **options):
        self.number, self.baud = number, baud
        self.waiting, self.written, self.is_off = b"", bytearray(), False
        self.made.append(self)

    def readinto(self, buffer):
        if not self.waiting:
            return None
        buffer[0] = self.waiting[0]
        self.waiting = self.waiting[1:]
        return 1

    def write(self, data):
        self.written.extend(data[:20])  # there is no room for more
        return len(data[:20])

    def ioctl(self, request, flags):
        if request != 3:  # MP_STREAM_POLL
            return -1
        return flags & 1 if self.waiting else 0

    def deinit(self):
        self.is_off = True


@simulated("esp32", micropython=True)
async def test_a_run_with_a_uart_from_its_start_to_its_end(board):
    sys.modules["machine"].UART = Uart
    from provisioning import methods
    from provisioning.provisioner import Provisioner
    from provisioning.settings import Settings

    Settings().update(improv_uart=2)
    load, portal = methods.load, Portal()
    methods.load = lambda name: portal if name == "portal" else load(name)
    provisioner = Provisioner()
    assert provisioner.start(0) == 0
    await board.until(lambda: board.printed("listening for Improv"))
    uart = Uart.made.pop()
    assert (uart.number, uart.baud) == (2, 115200)
    for _ in range(2):
        uart.waiting = b"\3junk" + command(2)  # no Ctrl-C here
        await asyncio.sleep_ms(100)
    assert answers(uart.written) == [OK, READY] * 2
    uart.written = bytearray()
    uart.waiting = wifi(HOME, KEY)
    outcome = await provisioner.wait()
    assert outcome.link.ssid == "HomeNet" and stored() == [(HOME, KEY)]
    assert answers(uart.written) == [OK, PROVISIONING, PROVISIONED, ("result", 1, [])]
    assert uart.is_off
    del sys.modules["machine"].UART
    assert [name for name in sys.modules if "improv." in name] == []


@simulated("esp32")
async def test_until_the_first_packet_next_to_nothing_is_loaded(board):
    engine, client = await begin()
    client.line.bring(b"IMPRO and more\n")
    await client.heard()
    loaded = [name for name in sys.modules if ".improv." in name]
    assert sorted(name.rsplit(".", 1)[1] for name in loaded) == ["lines", "listener"]
    await client.ask(2)
    assert len([name for name in sys.modules if ".improv." in name]) == 4
    await end(engine, client)
