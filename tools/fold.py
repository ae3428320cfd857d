# Folds the public constants of codes.py and statemachine.py into the modules that use them.
# MIT licence
"""const() folds a constant within its module. Between modules MicroPython looks each up by name,
keeps the names in memory for ever, and loads a module that holds nothing else. So what a board
gets has the numbers in their places; the sources stay as they are, and work as they are. Inside
the package itself the constants of statemachine.py become private there, and so vanish.
"""

import ast
from pathlib import Path

from tools.paths import LIB

HOMES = ("codes", "statemachine")


def constants(path):
    """The top-level `NAME = const(number)` of a file, as {name: number}."""
    found = {}
    for node in ast.parse(Path(path).read_text()).body:
        call = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and getattr(getattr(call, "func", 0), "id", 0) == "const":
            found[node.targets[0].id] = ast.literal_eval(call.args[0])
    return found


def known():
    """The constants of HOMES, as {module: {name: number}}."""
    return {home: constants(LIB / "provisioning" / f"{home}.py") for home in HOMES}


def fold(text, homes):
    """The source `text` with the constants of `homes` in place of their names; same lines."""
    tree = ast.parse(text)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imports = [node for node in imports if node.level or node.module == "provisioning"]
    numbers, modules = {}, {}
    for node in imports:
        for alias in node.names:
            local = alias.asname or alias.name
            if node.module in homes and alias.name in homes[node.module]:
                numbers[local] = homes[node.module][alias.name]
            elif node.module in (None, "provisioning") and alias.name in homes:
                modules[local] = homes[alias.name]
    edits, needed = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in modules:
            number = modules[node.value.id].get(node.attr)
            if number is None:
                needed.add(node.value.id)
            else:
                edits.append((node, _literal(number)))
        elif isinstance(node, ast.Name) and node.id in numbers:
            edits.append((node, _literal(numbers[node.id])))
    gone = set(numbers) | set(modules) - needed
    for node in imports:
        kept = [alias for alias in node.names if (alias.asname or alias.name) not in gone]
        if len(kept) < len(node.names):
            edits.append((node, _import(node, kept)))
    return _apply(text, edits)


def hide(text):
    """The source of a home with its constants private: const() then leaves nothing of them."""
    tree = ast.parse(text)
    names = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and getattr(getattr(node.value, "func", 0), "id", 0) == "const"
        for target in node.targets
    ]
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names]
    return _apply(text, [(node, "_" + node.id) for node in nodes])


def _literal(number):
    return str(number) if number >= 0 else f"({number})"


def _import(node, kept):
    lines = "\n" * (node.end_lineno - node.lineno)
    if not kept:
        return "pass" + lines
    return ast.unparse(ast.ImportFrom(node.module, kept, node.level)) + lines


def _apply(text, edits):
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = b"".join(lines)
    places = [
        (
            starts[node.lineno - 1] + node.col_offset,
            starts[node.end_lineno - 1] + node.end_col_offset,
            new,
        )
        for node, new in edits
    ]
    for start, end, new in sorted(places, reverse=True):
        data = data[:start] + new.encode() + data[end:]
    return data.decode()
