# pytest's side of the tests: each behaviour test runs on CPython and on MicroPython.
# MIT licence
"""tests_host/behaviour/test_x.py::test_a          on CPython, collected by pytest itself
tests_host/behaviour/test_x.py::test_a[mpy32]   on 32-bit MicroPython with 100 kB for lib/

A file's MicroPython tests run in one process (runner.py), started by the first of them.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import hypothesis
import hypothesis.configuration
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(p) for p in (ROOT, HERE, ROOT / "lib", ROOT / "build/deps")]

from tools import micropython, mpy  # noqa: E402

HEAP = "300k"  # runner.py leaves 100 kB of it to the library
PROCESS_TIMEOUT_S = 60
CI = os.environ.get("CI") == "true"
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "short")

hypothesis.configuration.set_hypothesis_home_dir(ROOT / "build/hypothesis")
_quiet = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "short", max_examples=40, deadline=None, derandomize=CI, suppress_health_check=_quiet
)
hypothesis.settings.register_profile(
    "long", max_examples=3000, deadline=None, suppress_health_check=_quiet
)
hypothesis.settings.load_profile(PROFILE)


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
        for tree in (ROOT, HERE, ROOT / "lib", ROOT / "build/deps") if place else ():
            path = tree / place[1]
            if path.is_file():
                code = path.read_text().splitlines()[int(place[2]) - 1 :][:1]
                shown += ["    " + part.strip() for part in code]
                break
    return "\n".join(shown)


def run_process(path, names):
    """Run tests of one file in one process. Returns what parse() does, and how it ended."""
    command = [str(micropython.wrapper(32)), "-X", f"heapsize={HEAP}", str(HERE / "runner.py")]
    try:
        done = subprocess.run(
            [*command, str(path), *names],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PROCESS_TIMEOUT_S,
        )
        output, end = done.stdout, f"the process ended with code {done.returncode}"
    except subprocess.TimeoutExpired as error:
        output, end = error.stdout or b"", f"no end within {PROCESS_TIMEOUT_S} s"
    return *parse(output.decode(errors="replace")), end


def run_file(path, names):
    """Run tests of one file. Returns (outcomes by name, heap).

    A test that takes the process with it fails; those after it get another process.
    """
    outcomes, heap, left = {}, None, sorted(names)
    while left:
        reported, heap, rest, end = run_process(path, left)
        outcomes.update(reported)
        left = [name for name in left if name not in reported]
        if left:
            text = f"{rest}\nmicropython32: {left[0]} gave no result, {end}"
            outcomes[left.pop(0)] = Outcome("lost", text.strip())
    return outcomes, heap


class MicroPythonFile(pytest.File):
    """A behaviour file as MicroPython sees it."""

    def collect(self):
        tree = ast.parse(self.path.read_bytes())
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        for name in sorted({n.name for n in tree.body if isinstance(n, functions)}):
            if name.startswith("test_"):
                yield MicroPythonTest.from_parent(self, name=f"{name}[mpy32]", function=name)


class MicroPythonTest(pytest.Item):
    """One test of a file's process."""

    def __init__(self, *, function, **keywords):
        super().__init__(**keywords)
        self.function_name = function
        self.add_marker(pytest.mark.timeout(0))  # run_process has its own

    def runtest(self):
        stash = self.config.stash
        if stash[MISSING]:
            # On a developer's machine a reason to skip, in CI never.
            (pytest.fail if CI else pytest.skip)(stash[MISSING])
        if stash[UNCOMPILED]:
            raise MicroPythonFailure(stash[UNCOMPILED])
        outcome = self._outcomes()[self.function_name]
        if outcome.word == "skip":
            pytest.skip(f"{outcome.reason} [mpy32]")
        if outcome.word != "ok":
            raise MicroPythonFailure(outcome.text)
        if outcome.text:
            self.add_report_section("call", "micropython32", outcome.text)

    def _outcomes(self):
        results = self.config.stash[RESULTS]
        if self.path not in results:
            mine = [i for i in self.session.items if isinstance(i, MicroPythonTest)]
            names = [i.function_name for i in mine if i.path == self.path]
            outcomes, heap = run_file(self.path, names)
            results[self.path] = outcomes
            if heap:
                self.config.stash[HEAPS][self.path.name] = heap
        return results[self.path]

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, MicroPythonFailure):
            return with_source(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, self.name


class MicroPythonFailure(Exception):
    """A test failed on MicroPython; the text is the traceback from there."""


MISSING = pytest.StashKey[str]()
UNCOMPILED = pytest.StashKey[str]()
RESULTS = pytest.StashKey[dict]()
HEAPS = pytest.StashKey[dict]()


def pytest_configure(config):
    config.stash[RESULTS] = {}
    config.stash[HEAPS] = {}
    found = micropython.find(32)
    config.stash[MISSING] = "" if found.path else found.reason
    config.stash[UNCOMPILED] = ""
    if found.path and not hasattr(config, "workerinput"):
        try:
            mpy.build_all()
        except mpy.MpyError as error:
            config.stash[UNCOMPILED] = f"cross-compilation failed: {error}"


@pytest.hookimpl(trylast=True)
def pytest_collect_file(file_path, parent):
    if file_path.parent.name == "behaviour" and file_path.match("test_*.py"):
        return MicroPythonFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config, items):
    """Long tests are only there in the long profile."""
    if PROFILE != "long":
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """harness.Skip, which MicroPython can raise too, is a skip for pytest."""
    try:
        return (yield)
    except Exception as error:
        if type(error).__name__ == "Skip":
            pytest.skip(str(error))
        raise


def pytest_terminal_summary(terminalreporter, config):
    for name, (live, left) in sorted(config.stash[HEAPS].items()):
        terminalreporter.write_line(f"micropython32 heap, {name}: {live} of {left} bytes")
