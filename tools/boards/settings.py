# settings: what a product may change, on a board or in a file.
# MIT licence
"""Shows a board's settings, or changes them: all that are named, or none if one is wrong.

  settings                            all of them; changed ones are marked
  settings ap_open=true led_pin=8     change two
  settings --file product.json        change those in a file: {"name": value, ...}
  settings --default ap_open          back to the default
  settings --check product.json       is the file right? needs no board

Values are JSON; text needs no quotes. The board starts afresh with what was changed.
"""

import contextlib
import importlib.util
import json
import types
from pathlib import Path

from tools.boards import BoardError, ports
from tools.boards.wire import Board, BoardFault
from tools.paths import LIB

SUMMARY = "show a board's settings, change them, check a product's file"


def add_arguments(parser):
    """The command's words."""
    ports.add_argument(parser)
    parser.add_argument("changes", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--file", metavar="FILE", help="change what is in a JSON file")
    parser.add_argument("--default", metavar="NAME", action="append", default=[])
    parser.add_argument("--check", metavar="FILE", help="check a JSON file; needs no board")


def run(options):
    """Check a file, or ask and change the board."""
    if options.check:
        values = from_file(options.check)
        check(values)
        return {"file": options.check, "checked": sorted(values)}
    values = from_file(options.file) if options.file else {}
    values.update(parse(word) for word in options.changes)
    return change(ports.choose(options.port).device, values, options.default)


def show(found):
    """A table, or that the file is right."""
    if "checked" in found:
        print(f"{found['file']}: {len(found['checked'])} settings, all within their limits")
        return
    for name, value, default, limits in sorted(found["settings"]):
        mark = " " if value == default else "*"
        print(f"{mark} {name:<20} {json.dumps(value):<16} {_as_json(limits)}")
    if found["changed"]:
        print(f"changed: {', '.join(found['changed'])}; the board starts anew with them")


def _as_json(limits):
    return limits.replace("True or False", "true or false").replace("None", "null")


def change(device, values, defaults=()):
    """Change settings of the board at a serial port. Returns all of them.

    values: {name: value}. defaults: names that go back. Raises BoardError, and changes nothing
    then.
    """
    with Board(device) as board:
        try:
            rows = board.run("settings", change=values, defaults=list(defaults))
        except BoardFault as fault:
            if fault.name == "ValueError":
                raise BoardError(fault.text) from fault
            raise
    return {"port": device, "settings": rows, "changed": sorted([*values, *defaults])}


def parse(word):
    """NAME=VALUE as (name, value): JSON where it is some, else text."""
    name, equals, text = word.partition("=")
    if not equals or not name:
        raise BoardError(f"{word}: NAME=VALUE is expected")
    with contextlib.suppress(ValueError):
        return name, json.loads(text.lower() if text in ("True", "False", "None") else text)
    return name, None if text == "None" else text


def from_file(path):
    """The settings in a JSON file."""
    try:
        values = json.loads(Path(path).read_text())
    except OSError as error:
        raise BoardError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BoardError(f"{path} is no JSON: {error}") from error
    if not isinstance(values, dict):
        raise BoardError(f'{path}: {{"name": value, ...}} is expected')
    return values


def check(values):
    """Are these settings that this version of the package takes? BoardError says which is not."""
    module = _module()
    module.store = types.SimpleNamespace(load=lambda name: None, save=lambda name, record: None)
    try:
        module.Settings().update(**values)
    except ValueError as error:
        raise BoardError(str(error)) from error


def _module():
    """lib/provisioning/settings.py on this machine, without the package around it."""
    path = LIB / "provisioning/settings.py"
    source = path.read_text().replace("from . import store", "")
    spec = importlib.util.spec_from_loader("board_settings", loader=None, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    exec(compile(source, str(path), "exec"), module.__dict__)
    return module
