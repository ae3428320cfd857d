# How several workers of pytest-xdist share the tests out.
# MIT licence
#
# What one process of MicroPython runs stays together, and so does a file for CPython, for its
# fixtures. Each test of those files that wait most of the time is by itself. What looks at the
# time comes last, when the machine is quiet.
# (pytest-xdist has marks for this, loadgroup; with pytest 9.2 its 3.8.0 does not see them.)

import re
from itertools import chain, zip_longest

from xdist.scheduler import LoadScopeScheduling

_LAST = "/lab/test_guests.py"
_SHARED = (_LAST, "/lab/test_foreign_site.py")  # one world for all of a file's tests
_WAITING = re.compile(
    r"/lab/|/pc/test_(browser|prompt|mqtt|bare|deploy|improv_\w+|protocomm_client).py"
)


def group(nodeid):
    """What stays on one worker: the name that a test shares with the others of its kind."""
    path, _, name = nodeid.partition("::")
    if _WAITING.search(path) and not path.endswith(_SHARED):
        return nodeid
    if "/behaviour/" in path and "[" in name:
        return f"{path}[{name.rsplit('[', 1)[1]}"
    return path


def mixed(groups):
    """The tests of {group: tests}: one that waits, some that compute, and so on."""
    last = [groups.pop(name) for name in list(groups) if name.endswith(_LAST)]
    waiting = [tests for name, tests in groups.items() if "::" in name]
    others = sorted((t for n, t in groups.items() if "::" not in n), key=len, reverse=True)
    pairs = zip_longest(waiting, others, fillvalue=())
    return list(chain.from_iterable(chain(*pairs, last)))


class Scheduler(LoadScopeScheduling):
    """Shares groups out in the order of the tests."""

    def __init__(self, config, log):
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid):
        return group(nodeid)
