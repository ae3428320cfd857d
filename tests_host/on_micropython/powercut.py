# Cuts the power at every block operation of a change to the profiles, on a real littlefs.
# MIT licence
#
# Runs on MicroPython; tests_host/pc/test_powercut.py starts it. Prints one line per change:
#     NAME: CUTS cuts, BEFORE before, AFTER after
# and stops with a traceback when a cut leaves anything but all profiles of before, or all of
# after.

import os
import sys

import vfs

_BLOCK = 512
_BLOCKS = 64
_ERASED = b"\xff" * _BLOCK


class Flash:
    """RAM that loses its power after `left` block operations; the last one may be torn.

    Without power it answers EIO by value: files that were open are closed by the garbage
    collector, where an exception could only be printed.
    """

    def __init__(self, image=b"\xff" * (_BLOCK * _BLOCKS), left=None, torn=False):
        self.data = bytearray(image)
        self.left = left
        self.torn = torn
        self.done = 0

    def _spend(self, start, new):
        if self.left is not None:
            if self.left < 0:
                return -5
            self.left -= 1
            if self.left < 0:
                half = len(new) // 2 if self.torn else 0
                self.data[start : start + half] = new[:half]
                return -5
        self.done += 1
        self.data[start : start + len(new)] = new
        return 0

    def readblocks(self, block, buffer, offset=0):
        if self.left is not None and self.left < 0:
            return -5
        start = block * _BLOCK + offset
        buffer[:] = self.data[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        return self._spend(block * _BLOCK + offset, buffer)

    def ioctl(self, op, arg):
        if op == 4:
            return _BLOCKS
        if op == 5:
            return _BLOCK
        if op == 6:
            return self._spend(arg * _BLOCK, _ERASED)
        return 0


def _boot(flash):
    """Mount, as after a power-up, and load the profiles."""
    try:
        vfs.umount("/flash")
    except OSError:
        pass
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    return profiles.Profiles()


def _stored(flash):
    return [(p.ssid, p.key, p.priority) for p in _boot(flash).all()]


def cut_everywhere(name, prepare, change):
    """prepare(profiles) makes the state of before; change(profiles) is cut at every operation."""
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash)
    prepare(_boot(flash))
    before = _stored(flash)
    image = bytes(flash.data)
    flash.done = 0
    change(_boot(flash))
    operations = flash.done
    after = _stored(flash)
    assert before != after and operations > 1, name
    counts = [0, 0]
    for torn in (False, True):
        for left in range(operations):
            flash = Flash(image)
            loaded = _boot(flash)
            flash.left, flash.torn = left, torn
            try:
                change(loaded)
                assert False, "the power was not cut"
            except OSError:
                pass
            flash = Flash(flash.data)  # what was open stays without power
            found = _stored(flash)
            assert found in (before, after), (name, left, torn, found)
            counts[found == after] += 1
            # The board goes on: the same change works now.
            if found == before:
                change(_boot(flash))
            assert _stored(flash) == after, (name, left, torn)
    print("%s: %d cuts, %d before, %d after" % (name, 2 * operations, counts[0], counts[1]))


def main():
    make = profiles.Profile

    def fill(stored, count):
        for i in range(count):
            stored.add(make("network %d" % i, "password %d" % i, priority=i))

    cut_everywhere("first", lambda p: None, lambda p: p.add(make("Home", "12345678")))
    cut_everywhere("add", lambda p: fill(p, 6), lambda p: p.add(make("Home", "12345678")))
    cut_everywhere(
        "replace", lambda p: fill(p, 7), lambda p: p.add(make("network 3", "new password"))
    )
    cut_everywhere(
        "give up", lambda p: fill(p, 7), lambda p: p.add(make("Home", "12345678"), replace=2)
    )
    cut_everywhere("delete", lambda p: fill(p, 7), lambda p: p.remove(4))
    cut_everywhere("clear", lambda p: fill(p, 7), lambda p: p.clear())


sys.path[:] = [sys.argv[1], ".frozen"]
from provisioning import profiles, store  # noqa: E402

store.directory = "/flash/provisioning"
if sys.argv[2:] == ["--careless"]:
    # What a writer without the rename over the old file would do: this program has to find it out.
    def _careless(path, new):
        try:
            os.remove(new)
        except OSError:
            pass
        _rename(path, new)

    class _Os:
        mkdir, remove, rename = os.mkdir, os.remove, _careless

    _rename = os.rename
    store.os = _Os
main()
