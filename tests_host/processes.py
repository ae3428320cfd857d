# Behaviour tests on MicroPython: which of a file's tests run on what, and what became of them.
# MIT licence

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from tools import micropython, twins

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# The kind of twins: one of twins.SANITIZERS. ThreadSanitizer is for 64 bit only.
SANITIZER = os.environ.get("TWIN_SANITIZER", "")
BITS = 64 if SANITIZER == "-tsan" else 32
HEAP_KB = 600 if SANITIZER else 300  # runner.py leaves a third of it to the library
TIMEOUT_S = 60
_TREES = (ROOT, HERE, ROOT / "lib")


class Runtime(NamedTuple):
    """What tests run on. word: in the tests' names. board: the twin's, else "". path: of the
    interpreter, None if there is none, and `reason` says why."""

    word: str
    board: str
    path: object
    reason: str


def runtimes():
    """All of them: 32-bit MicroPython with the shim, and a twin for each board."""
    found = [("mpy32", "", micropython.find(32))]
    found += [(board, board, twins.find(board, BITS, SANITIZER)) for board in twins.BOARDS]
    return [Runtime(word, board, *place) for word, board, place in found]


def tests_of(path, runtime):
    """The names of the tests in a behaviour file that run there.

    On a twin: those that have its board simulated, as it is in the release that the twin is of.
    Not those of the shim, nor those without a radio: what they show does not depend on it.
    """
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tests = {}
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, functions) and node.name.startswith("test_"):
            tests[node.name] = node
    if runtime.board:
        tests = {} if path.name.startswith("test_shim_") else tests
        tests = {name: node for name, node in tests.items() if _is_for(node, runtime.board)}
    return sorted(tests)


def _is_for(test, board):
    for call in test.decorator_list:
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "simulated":
            boards = [ast.literal_eval(argument) for argument in call.args]
            versions = [ast.literal_eval(k.value) for k in call.keywords if k.arg == "version"]
            return board in boards and all(version == twins.VERSION for version in versions)
    return False


class Outcome:
    """What runner.py said of one test: word is ok, skip, FAIL or lost; text is what it printed."""

    def __init__(self, word, text="", reason=""):
        self.word, self.text, self.reason = word, text, reason


def parse(output):
    """Split the output of runner.py into ({test name: Outcome}, (live, left) or None, rest)."""
    outcomes, heap, lines = {}, None, []
    for line in output.splitlines():
        verdict = re.fullmatch(r"(ok|skip|FAIL) (test_\w+) ?(.*)", line)
        sizes = re.fullmatch(r"heap (\d+) (\d+)", line)
        if verdict:
            word, name, reason = verdict.groups()
            outcomes[name] = Outcome(word, "\n".join(lines), reason)
            lines = []
        elif sizes:
            heap = (int(sizes[1]), int(sizes[2]))
        else:
            lines.append(line)
    return outcomes, heap, "\n".join(lines)


def with_source(text):
    """Add the source line under each line of a MicroPython traceback, as CPython does."""
    shown = []
    for line in text.splitlines():
        shown.append(line)
        place = re.match(r'  File "([^"]+)", line (\d+)', line)
        for tree in _TREES if place else ():
            path = tree / place[1]
            if path.is_file():
                code = path.read_text().splitlines()[int(place[2]) - 1 :][:1]
                shown += ["    " + part.strip() for part in code]
                break
    return "\n".join(shown)


def run_process(runtime, path, names):
    """Run tests of one file in one process. Returns what parse() does, and the exit code: None if
    the process did not end."""
    command = [str(runtime.path), "-X", f"heapsize={HEAP_KB}k", str(HERE / "runner.py")]
    try:
        done = subprocess.run(
            [*command, str(path), *names],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
        )
        output, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        output, code = error.stdout or b"", None
    return *parse(output.decode(errors="replace")), code


def run_file(runtime, path, names):
    """Run tests of one file. Returns (outcomes by name, heap).

    A test that takes the process with it fails; those after it get another process.
    """
    outcomes, heap, left = {}, None, sorted(names)
    while left:
        reported, heap, rest, code = run_process(runtime, path, left)
        outcomes.update(reported)
        failed = any(outcome.word == "FAIL" for outcome in reported.values())
        left = [name for name in left if name not in reported]
        how = f"no end within {TIMEOUT_S} s" if code is None else f"it ended with code {code}"
        if left:
            text = f"{rest}\n{runtime.word}: {left[0]} gave no result, {how}"
            outcomes[left.pop(0)] = Outcome("lost", text.strip())
        elif code != failed:
            # Every test is done, and then the process fell: somebody has to say so.
            text = f"{rest}\n{runtime.word}: after the last test, {how}"
            outcomes[max(reported)] = Outcome("lost", text.strip())
    return outcomes, heap
