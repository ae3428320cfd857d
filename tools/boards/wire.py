# The one place that talks to a board: scripts and files over its prompt, by mpremote.
# MIT licence
"""with Board(device) as board:
    facts = board.run("status")        # tools/boards/on_board/status.py, its main()

The board's program is interrupted for it, and starts afresh when the block ends. mpremote's
transport is pinned in pyproject.toml: its authors promise nothing for the next version.
"""

import binascii
import contextlib
import json
import struct
import time
from pathlib import Path

import serial
from mpremote import transport_serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from tools.boards import BoardError, ports

SCRIPTS = Path(__file__).parent / "on_board"
_MARK = "\x02answer:"
_ANSWER_S = 20  # the longest that a board is silent: a scan takes 3 s
_PATIENCE_S = 5  # for one byte, where a board is expected to send it at once
_PROMPT_S = 6
_QUIET_S = 0.5
_INTERRUPT = b"\r\x03\x03\x02"  # Ctrl-C, twice for a program that catches one; Ctrl-B: no raw mode
_CHUNK = 768  # bytes of a file for which the smallest board has room

# It prints what it could not make sense of. Not by redirecting stdout, which is all threads'.
transport_serial.print = lambda *_: None


class Board:
    """A board at its prompt. device: its serial port.

    fresh: the board's memory is emptied first (a soft reset, main.py does not run).
    resume: when the block ends, however it does, the board starts its program again.
    """

    def __init__(self, device, fresh=False, resume=True):
        self.device, self._fresh, self._resume = device, fresh, resume
        self._transport = None
        self._lost = False

    def __enter__(self):
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind, error, traceback):
        try:
            if self._resume and not self._lost:
                self._start_program()
        except BoardError:
            if not error:  # else that is what the user has to hear
                raise
        finally:
            self._close()

    def _start_program(self):
        with self._in_words():
            self._transport.exit_raw_repl()
            self._transport.serial.write(b"\x04")
            # The next one at the line would take the prompt before it for an answer.
            self._transport.read_until(1, b"soft reboot\r\n", timeout=_PATIENCE_S)

    def run(self, script, silence_s=_ANSWER_S, **values):
        """Run main(**values) of tools/boards/on_board/<script>.py. Returns what it returns.

        values, and the answer: what JSON can say. silence_s: how long it may take.
        """
        source = (SCRIPTS / f"{script}.py").read_text()
        call = f"main(**json.loads({json.dumps(values)!r}))"
        source += f"\nimport json\nprint({_MARK!r} + json.dumps({call}))\n"
        try:
            said = self._exec(source, silence_s)
        except BoardFault as fault:
            if fault.text == "no module named 'provisioning'":
                raise BoardError("the package is not on the board: make deploy") from fault
            raise
        _, mark, answer = said.rpartition(_MARK)
        if not mark:
            raise BoardError(f"{self.device}: the board gave no answer, but: {said.strip()!r}")
        return json.loads(answer)

    def do(self, code, silence_s=_ANSWER_S):
        """Run code at the prompt. Returns what it printed."""
        return self._exec(code, silence_s).replace("\r\n", "\n")

    def put(self, path, data, progress=None):
        """Write a file; its folder is there. progress(amount) is told of the bytes written."""
        self._exec(f"from binascii import a2b_base64 as a\nf=open({path!r},'wb')\nw=f.write")
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            self._exec(f"w(a({binascii.b2a_base64(piece, newline=False)!r}))")
            if progress:
                progress(len(piece))
        self._exec("f.close()")

    def stay(self):
        """The board stays at its prompt when the block ends."""
        self._resume = False

    def restarted(self):
        """Start the board's program afresh. Returns the open line (a pyserial Serial), so that
        nothing of what it prints is lost; it is closed with the block."""
        self._resume = False
        with self._in_words():
            self._transport.exit_raw_repl()
            self._transport.serial.write(b"\x04")
        return self._transport.serial

    def _open(self):
        try:
            self._transport = SerialTransport(self.device, timeout=_PATIENCE_S)
        except TransportError as error:
            raise self._refusal() from error
        with self._in_words():
            self._interrupt()
            self._transport.enter_raw_repl(soft_reset=self._fresh)

    def _interrupt(self):
        """End the program that runs, however much it prints. mpremote sends one Ctrl-C, which is
        lost while a board starts, and a scan lets none through for seconds."""
        line = self._transport.serial
        line.timeout = _QUIET_S
        end = time.monotonic() + _PROMPT_S
        while time.monotonic() < end:
            line.write(_INTERRUPT)
            said, quiet = b"", time.monotonic() + _QUIET_S
            while time.monotonic() < quiet:
                said = (said + line.read(line.in_waiting or 1))[-64:]
                if said.endswith(b">>> "):
                    line.timeout = _PATIENCE_S
                    return
        raise BoardError(
            f"{self.device} does not answer as MicroPython does. Is MicroPython on the board "
            "(make flash)? Else press its reset button and try again"
        )

    def _refusal(self):
        """mpremote does not tell why a port cannot be opened; opening it once more does."""
        try:
            serial.serial_for_url(self.device, exclusive=True).close()
        except (OSError, ValueError) as error:
            return ports.trouble(self.device, error)
        return BoardError(f"{self.device} could not be opened: try again")

    def _exec(self, source, silence_s=_ANSWER_S):
        with self._in_words():
            out, error = self._transport.exec_raw(source, timeout=silence_s)
        if error:
            raise BoardFault(self.device, error.decode(errors="replace"))
        return out.decode(errors="replace")

    @contextlib.contextmanager
    def _in_words(self):
        """What mpremote and pyserial raise becomes a BoardError."""
        try:
            yield
        except TransportExecError as error:
            raise BoardFault(self.device, error.error_output) from error
        except OSError as error:
            self._lost = True
            raise ports.trouble(self.device, error) from error
        except (TransportError, ValueError, LookupError, struct.error) as error:
            self._lost = True
            raise BoardError(
                f"{self.device} stopped answering: was it unplugged or reset? Try again"
            ) from error

    def _close(self):
        if self._transport:
            with contextlib.suppress(OSError, TransportError):
                self._transport.close()
            self._transport = None


class BoardFault(BoardError):
    """A script failed on the board. name, text: of the exception there."""

    def __init__(self, device, traceback):
        last = traceback.strip().splitlines()[-1]
        self.name, _, self.text = last.partition(": ")
        where = traceback.strip().splitlines()[-2].strip() if "\n" in traceback.strip() else ""
        super().__init__(f"{device}: the board says {last} ({where})")
