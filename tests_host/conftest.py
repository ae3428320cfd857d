# pytest's side of the tests: each behaviour test runs on CPython, on MicroPython and on twins.
# MIT licence
"""tests_host/behaviour/test_x.py::test_a          on CPython, collected by pytest itself
tests_host/behaviour/test_x.py::test_a[mpy32]   on 32-bit MicroPython with 100 kB for lib/
tests_host/behaviour/test_x.py::test_a[esp32]   the same on the twin of the ESP32; and [rp2]

A file's tests on one of these run in one process (runner.py), started by the first of them.
"""

import gc
import os
import signal
import sys
from pathlib import Path

import hypothesis
import hypothesis.configuration
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(p) for p in (ROOT, HERE, ROOT / "lib")]

import processes  # noqa: E402
import sharing  # noqa: E402
from tools import micropython, mpy, twins  # noqa: E402

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


class MicroPythonFile(pytest.File):
    """A behaviour file as MicroPython and the twins see it."""

    def collect(self):
        for runtime in self.config.stash[RUNTIMES]:
            for test in processes.tests_of(self.path, runtime):
                name = f"{test}[{runtime.word}]"
                yield MicroPythonTest.from_parent(self, name=name, test=test, runtime=runtime)


class MicroPythonTest(pytest.Item):
    """One test of a file's process."""

    def __init__(self, *, test, runtime, **keywords):
        super().__init__(**keywords)
        self.test, self.runtime = test, runtime
        self.add_marker(pytest.mark.timeout(0))  # run_process has its own

    def runtest(self):
        if not self.runtime.path:
            pytest.skip(self.runtime.reason)
        if self.config.stash[UNCOMPILED]:
            raise MicroPythonFailure(self.config.stash[UNCOMPILED])
        outcome = self._outcomes()[self.test]
        if outcome.word == "skip":
            pytest.skip(f"{outcome.reason} [{self.runtime.word}]")
        if outcome.word != "ok":
            raise MicroPythonFailure(outcome.text)
        if outcome.text:
            self.add_report_section("call", self.runtime.word, outcome.text)

    def _outcomes(self):
        results = self.config.stash[RESULTS]
        place = (self.path, self.runtime.word)
        if place not in results:
            mine = [i for i in self.session.items if isinstance(i, MicroPythonTest)]
            names = [i.test for i in mine if (i.path, i.runtime.word) == place]
            results[place], heap = processes.run_file(self.runtime, self.path, names)
            if heap:
                self.config.stash[HEAPS][f"{self.path.name} [{self.runtime.word}]"] = heap
        return results[place]

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, MicroPythonFailure):
            return processes.with_source(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, self.name


class MicroPythonFailure(Exception):
    """A test failed on MicroPython; the text is the traceback from there."""


RUNTIMES = pytest.StashKey[list]()
UNCOMPILED = pytest.StashKey[str]()
RESULTS = pytest.StashKey[dict]()
HEAPS = pytest.StashKey[dict]()


def pytest_configure(config):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell in the background had pytest ignore Ctrl-C, and so would all that tests start.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[RESULTS] = {}
    config.stash[HEAPS] = {}
    worker = getattr(config, "workerinput", None)
    config.stash[UNCOMPILED] = _prepare() if worker is None else worker["uncompiled"]
    config.stash[RUNTIMES] = processes.runtimes()
    missing = [runtime.reason for runtime in config.stash[RUNTIMES] if not runtime.path]
    if CI and missing and not config.stash[UNCOMPILED]:
        # A reason to skip on a developer's machine. Here each test would fail with it.
        raise pytest.UsageError("\n".join(missing))


def _prepare():
    """Bring all that MicroPython runs up to date. Returns what does not compile."""
    # A download that failed when build/ was made ready is tried again.
    micropython.fetch(64)
    if not micropython.fetch(32).path:
        return ""
    try:
        mpy.build_all()
    except mpy.MpyError as error:
        return f"cross-compilation failed: {error}"
    twins.build_all(processes.BITS, processes.SANITIZER)
    return ""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """To a worker of pytest-xdist."""
    node.workerinput["uncompiled"] = node.config.stash[UNCOMPILED]


@pytest.hookimpl(trylast=True)
def pytest_collect_file(file_path, parent):
    if file_path.parent.name == "behaviour" and file_path.match("test_*.py"):
        return MicroPythonFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config, items):
    """Long tests are only there in the long profile; in which order the others come."""
    if PROFILE != "long":
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
    groups = {}
    for item in items:
        groups.setdefault(sharing.group(item.nodeid), []).append(item)
    items[:] = sharing.mixed(groups)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """How several workers share the tests out."""
    return sharing.Scheduler(config, log)


@pytest.fixture(scope="module", autouse=True)
def _quick_collections():
    """The library collects often, for a small heap: not all that pytest has loaded as well."""
    gc.collect()
    gc.freeze()


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
        terminalreporter.write_line(f"heap, {name}: {live} of {left} bytes")
