# Opens a live MicroPython prompt on a simulated board.
# MIT licence
"""`make repl`, or `python -m tools.repl`. Reads the environment as `make run` does (tools/run.py);
the board is the same, but main.py is left to the person at the prompt.
"""

import os
import sys

from tools import run
from tools.paths import ROOT, TESTS

PROGRAM = TESTS / "board_repl.py"
HINT = """\
This is the prompt of a board that nobody has set up. Try:
  import provisioning
  provisioning.help()
A press of Ctrl-D takes the power away; what is stored stays: `make repl` again.
"""


def main():
    """Become the board. Returns the exit code where that cannot be."""
    try:
        options = run.settings(os.environ)
        if options["runtime"] == "cpython":
            raise run.UsageError("the prompt is MicroPython's: RUNTIME=cpython is for make run")
        options["runtime"] = "micropython"
        run.check_port(options["port"])
        words, what, _ = run.interpreter(options)
        run.show_neighbourhood(options["neighbours"])
    except (run.UsageError, OSError, ValueError) as error:
        print("repl:", error, file=sys.stderr)
        return 2
    options["flash"].mkdir(parents=True, exist_ok=True)
    print(f"board: {options['board']} on {what}, its flash is {options['flash']}.\n{HINT}")
    sys.stdout.flush()
    os.chdir(ROOT)
    line = [str(word) for word in [*words, "-i", *run.arguments(options, PROGRAM)]]
    os.execve(line[0], line, run.environment())


if __name__ == "__main__":
    sys.exit(main())
