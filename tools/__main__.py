# The command line for boards: flash, deploy, label, try, diagnose.
# MIT licence
"""`python -m tools COMMAND`; `make COMMAND` does the same with its words in ARGS.

Exit codes: 0 it worked, 1 it did not, and stderr says why, 2 it was asked for wrongly, 130 Ctrl-C.
"""

import argparse
import importlib
import json
import sys

from tools.boards import BoardError

COMMANDS = (
    *("flash", "deploy", "repl", "logs", "status", "settings", "forget"),
    *("label", "factory", "phone", "doctor"),
)


def parser():
    """The parser of all commands."""
    whole = argparse.ArgumentParser(
        prog="python -m tools", description="What a person does with a board in hand."
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"tools.boards.{name}")
        one = commands.add_parser(name, help=module.SUMMARY, description=module.__doc__)
        one.formatter_class = argparse.RawDescriptionHelpFormatter
        module.add_arguments(one)
        one.add_argument("--json", action="store_true", help="the answer as JSON, for programs")
        one.set_defaults(module=module)
    return whole


def main(words=None):
    """Do what the words ask for, sys.argv's by default. Returns the exit code."""
    options = parser().parse_args(words)
    try:
        found = options.module.run(options)
    except BoardError as error:
        if options.json:
            print(json.dumps({"error": str(error)}))
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps(found))
    else:
        options.module.show(found)
    return 0 if found is None or found.get("ok", True) else 1


if __name__ == "__main__":
    sys.exit(main())
