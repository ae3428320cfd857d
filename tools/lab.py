# Leaves the network lab up, for a person: a board, a phone and routers, over real packets.
# MIT licence
"""`make lab-shell`, or `python -m tools.lab`, as root. BOARD in the environment is esp32 or rp2,
RADIO_SPEED how fast the air is. Then there is a prompt for commands, `help` lists them.
"""

import cmd
import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time

from tools import mpy, twins
from tools.paths import BUILD, TESTS

sys.path[:0] = [str(TESTS)]
from lab import net, world  # noqa: E402

HINT = """\
The phone anna is on nothing yet. Try: join, then browser or shell; help lists what there is.
Passwords: HomeNet's is `correct horse battery`; `make run` lists the others.
"""


class Shell(cmd.Cmd):
    """What a person can do with the lab."""

    prompt = "lab> "

    def __init__(self, lab):
        super().__init__()
        self._lab = lab
        self._phone = lab.phone("anna")
        self._board_s_lines = 0
        threading.Thread(target=self._show_console, daemon=True).start()

    def _show_console(self):
        while True:
            lines = self._lab.board.said
            while self._board_s_lines < len(lines):
                print("board:", lines[self._board_s_lines])
                self._board_s_lines += 1
            time.sleep(0.1)

    def onecmd(self, line):
        """A command that cannot be says why, and the lab goes on."""
        try:
            return super().onecmd(line)
        except (AssertionError, OSError, ValueError, IndexError) as error:
            print("lab:", error or "that cannot be")
            return False

    def emptyline(self):
        """Nothing."""

    def do_join(self, ssid):
        """join: the phone joins the board's access point. join HomeNet: a router's network."""
        self._phone.join(ssid) if ssid else self._phone.join_board()
        print(f"the phone has {self._phone.address}")

    def do_leave(self, _):
        """leave: the phone is on no network."""
        self._phone.leave()

    def do_shell(self, line):
        """shell: a shell in the phone's namespace, until exit. shell COMMAND: just that."""
        os.system(" ".join(self._phone.command(line or os.environ.get("SHELL", "sh"))))

    def do_browser(self, url):
        """browser [URL]: Chromium in the phone's namespace; needs a display."""
        chromium = shutil.which("chromium") or "chromium"
        words = (chromium, "--no-sandbox", f"--user-data-dir={self._lab.folder}/chromium")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._phone.popen(*words, url or "http://example.com/", **quiet)

    def do_off(self, ssid):
        """off HomeNet: that router loses its power. on HomeNet: it is back."""
        self._lab.router(ssid).off()

    def do_on(self, ssid):
        """on HomeNet: that router is back."""
        self._lab.router(ssid).on()

    def do_tell(self, line):
        """tell COMMAND: one line of the twin's control language (docs/twins.md)."""
        print(self._lab.tell(line))

    def do_where(self, _):
        """where: addresses, and the names of the namespaces, for `ip netns exec`."""
        board = self._lab.board
        print(f"board  {board.name}  access point {board.address or '-'}")
        print(f"       on a network: {board.lan_address or '-'}")
        print(f"phone  {self._phone.name}  {self._phone.address or '-'}")
        for ssid, router in self._lab.routers.items():
            print(f"router {router.name}  {ssid}  {router.address}")

    def do_quit(self, _):
        """quit: the lab ends, and leaves nothing behind."""
        return True

    do_EOF = do_quit


def main():
    """Build the lab and hand it over. Returns the exit code."""
    board = os.environ.get("BOARD") or "esp32"
    if board not in twins.BOARDS:
        print(f"lab: BOARD is one of {', '.join(twins.BOARDS)}", file=sys.stderr)
        return 2
    twin = twins.build(board)
    reason = net.why_not() or ("" if twin.path else twin.reason)
    if reason:
        print("lab:", reason, file=sys.stderr)
        return 2
    mpy.build_all()
    folder = BUILD / "lab"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with world.World(folder, board, float(os.environ.get("RADIO_SPEED") or 4)) as lab:
        print(HINT)
        with contextlib.suppress(KeyboardInterrupt):
            Shell(lab).cmdloop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
