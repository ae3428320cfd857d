# The one atomic writer: small records on flash that a power cut leaves whole, before or after.
# MIT licence

import binascii
import json
import os

from micropython import const

_VERSION = const(1)
_ENOENT = const(2)

# Where the records live. A product with another file system sets it before anything is loaded. The
# dot keeps them from `import provisioning`: a board looks in / before it looks in /lib, and takes
# a folder of that name for the package.
directory = "/.provisioning"


def save(name, record):
    """Write `record` (anything that JSON can hold) as `name`, atomically.

    A file is written under another name, closed and renamed over the old one: littlefs promises
    that the rename happens wholly or not at all, and that it comes after the data
    (its README, "power-loss resilience"; FAT promises nothing). OSError when flash is full; the
    old record then still stands.
    """
    try:
        os.mkdir(directory)
    except OSError:
        pass  # it is there; if it cannot be made, open() says so
    body = json.dumps(record).encode()
    path = _path(name)
    with open(path + ".tmp", "wb") as file:
        file.write(b"%d %08x\n" % (_VERSION, binascii.crc32(body) & 0xFFFFFFFF))
        file.write(body)
    os.rename(path + ".tmp", path)


def load(name):
    """The record saved as `name`, or None when there is none.

    A damaged one (unreadable, length 0, bad checksum, unknown version) is set aside as `name`.bad,
    said on the console, and None comes back: the board goes on. Nothing is deleted.
    """
    path = _path(name)
    try:
        with open(path, "rb") as file:
            head = file.readline()
            body = file.read()
    except OSError as error:
        if error.errno != _ENOENT:
            _set_aside(path)
        return None
    try:
        version, checksum = head.split()
        if int(version) != _VERSION or int(checksum, 16) != binascii.crc32(body) & 0xFFFFFFFF:
            raise ValueError
        return json.loads(body)
    except ValueError:
        _set_aside(path)
        return None


def remove(name):
    """Forget the record `name`, and what was set aside or left unfinished of it."""
    try:
        files = os.listdir(directory)
    except OSError:
        return  # nothing was ever saved
    for file in files:
        if file == name or file.startswith(name + "."):
            os.remove(_path(file))


def _set_aside(path):
    # An older one of that name stays as well.
    number = ""
    while _exists(path + ".bad" + number):
        number = str(int(number or 1) + 1)
    try:
        os.rename(path, path + ".bad" + number)
        print("provisioning:", path, "is damaged, set aside as", path + ".bad" + number)
    except OSError as error:
        print("provisioning:", path, "is damaged and cannot be set aside:", error)


def _exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _path(name):
    return directory + "/" + name
