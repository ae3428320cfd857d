# The board's console while Improv is spoken on it: the prompt, Ctrl-C, programs, mpremote.
# MIT licence

import time

import pytest
import serial

from improv_line import answers, command
from pc import deployed
from pc.cable import LISTENS, Board

# What ESP Web Tools sends when it is opened.
PROBE = bytes.fromhex("494d50524f56010302 0200 e5 0a")
# A program that says when it has begun, not by the echo of its line.
LOOP = b"\rexec(\"print('in', 'it')\\nwhile True: pass\")\r"
RUN = "asyncio.run(provisioning.Provisioner(print).run(provisioning.MODE_AP))"

# A run's listener alone, for a board that has no radio. This port's streams have no `buffer`, and
# cannot be polled (ports/qemu/mphalport.c): it waits for each byte.
HERE = b"""
import asyncio, sys, micropython
from provisioning.methods.improv import lines, listener
from provisioning.session import Progress

class Session:
    def activity(self):
        pass
    def progress(self):
        return Progress("waiting", 0, 0, b"", "")

class Console(lines.Console):
    def __init__(self):
        lines.Line.__init__(self, sys.stdin, sys.stdout)
        micropython.kbd_intr(-1)
    async def wait(self):
        return self.read()
    def read(self):
        return self._taken(self._rx.readinto(self._byte))

async def main():
    listener.Listener(Session(), Console()).start()
    await asyncio.sleep(600)

asyncio.new_event_loop()  # the board's own program left its tasks
asyncio.run(main())
"""


def packets(said):
    """The Improv packets among what was printed."""
    found, place = [], said.find(b"\nIMPROV\x01")
    while place >= 0:
        end = place + 12 + said[place + 9]
        found += answers(said[place:end])
        place = said.find(b"\nIMPROV\x01", end)
    return found


def ask(board):
    """A client asks for the state: what is answered."""
    start = len(board.said)
    board.write(PROBE)
    board.until(b"\nIMPROV\x01\x01", start)
    return packets(board.said[start:])


def test_a_prompt_is_usable_before_between_and_after(tmp_path):
    with Board(tmp_path / "flash", prompt=True) as board:
        board.until(b">>> ")
        assert "42" in board.type("6 * 7")
        board.type("import asyncio, provisioning")
        for _ in range(2):
            start = len(board.said)
            board.write(RUN.encode() + b"\r")
            board.until(LISTENS, start)
            assert ask(board) == [("error", 0), ("state", 2)]
            # What is no packet is not typed into anything.
            board.write(b"6 * 9\r\x04\x01\x02")
            assert ask(board) == [("error", 0), ("state", 2)]
            start = len(board.said)
            board.write(b"\x03")
            board.until(b">>> ", start)
            assert b"KeyboardInterrupt" in board.said[start:] and b"\n54" not in board.said
            assert "42" in board.type("6 * 7")
            # The port has its Ctrl-C back.
            start = len(board.said)
            board.write(LOOP)
            board.until(b"in it", start)
            start = len(board.said)
            board.write(b"\x03")
            board.until(b">>> ", start)
            assert b"KeyboardInterrupt" in board.said[start:]
            # The run is still there, as after any Ctrl-C: its end needs a loop.
            board.type("p = provisioning.host.get().provisioner")
            board.type("_ = p.stop(); asyncio.run(p.wait())")
        assert "42" in board.type("6 * 7")


def test_a_run_in_the_background_leaves_the_prompt_alone(tmp_path):
    with Board(tmp_path / "flash", prompt=True, runtime="micropython") as board:
        board.until(b">>> ")
        board.type("from provisioning import host")
        start = len(board.said)
        assert "0" in board.type("host.get().start(0)")
        board.until(b"and open", start)
        assert "42" in board.type("6 * 7")
        start = len(board.said)
        board.write(PROBE + b"6 * 7\r")
        board.until(b"\n42", start)  # behind the prompts that the probe itself brings
        assert packets(board.said) == []


def test_a_probe_at_the_idle_prompt_does_no_harm(tmp_path):
    with Board(tmp_path / "flash", prompt=True) as board:
        board.until(b">>> ")
        board.type("kept = 42")
        for _ in range(3):
            board.write(PROBE)
        start = len(board.said)
        board.write(b"\rprint('is', kept)\r")
        board.until(b"is 42", start)
        assert b"KeyboardInterrupt" not in board.said and packets(board.said) == []


def test_a_probe_does_not_end_the_program_and_ctrl_c_does(tmp_path):
    with Board(tmp_path / "flash") as board:
        board.until(LISTENS)
        for _ in range(20):
            assert ask(board) == [("error", 0), ("state", 2)]
        assert board.is_on() and b"KeyboardInterrupt" not in board.said
        start = len(board.said)
        board.write(command(2)[:9])  # a packet cut in the middle
        time.sleep(2)  # the board's own clock: it has given up what is missing
        board.write(b"\x03")
        end = time.monotonic() + 10
        while board.is_on():
            assert time.monotonic() < end, board.said[start:]
            time.sleep(0.02)
        assert packets(board.said[start:]) == []


@pytest.fixture
def bare(tmp_path):
    """A board whose prompt is that of real boards, and a wire to it."""
    with deployed.board(tmp_path, files={"/here.py": HERE}) as board:
        board.do("")  # its own program is ended
        board.do("")  # ends its own program
        with serial.Serial(board.port, 115200, timeout=0.1) as wire:
            wire.write(b"\r\x03\x02")  # out of the raw REPL
            read(wire, b">>> ")
            yield board, wire


def read(wire, text):
    """What comes on a wire, until there is a text in it."""
    said = b""
    end = time.monotonic() + 20
    while text not in said:
        assert time.monotonic() < end, said
        said += wire.read(256)
    return said


def test_a_probe_at_the_idle_prompt_of_bare_metal_does_no_harm(bare):
    _, wire = bare
    wire.write(b"\r\rkept = 42\r")
    read(wire, b"kept = 42")
    for _ in range(3):
        wire.write(PROBE)
    wire.write(b"\rprint('is', kept)\r")
    assert b"Traceback" not in read(wire, b"is 42")


def test_on_bare_metal_ctrl_c_comes_back_after_it_was_served(bare):
    _, wire = bare
    wire.write(b"\rimport here\r")
    read(wire, b"listening")
    for _ in range(3):
        wire.write(PROBE)
        assert b"Traceback" not in read(wire, b"IMPROV\x01\x01\x01\x02\xe2")
    wire.write(b"\x03")
    read(wire, b"KeyboardInterrupt")
    wire.write(LOOP)
    read(wire, b"in it")
    wire.write(b"\x03")
    read(wire, b"KeyboardInterrupt")


def test_mpremote_breaks_in(bare):
    board, wire = bare
    wire.write(b"\rimport here\r")
    read(wire, b"listening")
    wire.write(PROBE)
    read(wire, b"IMPROV\x01\x01")
    assert deployed.mpremote(board.port, "exec", "print(6 * 7)") == "42\n"
