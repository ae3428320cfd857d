# What the board has of ours, by content: {path: SHA-256}; and what it is.
# MIT licence
import binascii
import gc
import hashlib
import os
import sys


def _hash(path, buffer):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            n = file.readinto(buffer)
            if not n:
                return binascii.hexlify(digest.digest()).decode()
            digest.update(memoryview(buffer)[:n])


def _walk(path, found, buffer):
    try:
        entries = os.ilistdir(path)
    except OSError:
        return
    for entry in entries:
        name = path + "/" + entry[0]
        if entry[1] & 0x4000:
            _walk(name, found, buffer)
        else:
            found[name] = _hash(name, buffer)


def _head(path):
    try:
        with open(path) as file:
            return file.readline().strip()
    except OSError:
        return None


def main(stage, folders, files, heads):
    """stage: where a deployment waits. folders, files: whose content is hashed.

    heads: files whose first line is wanted.
    """
    gc.collect()
    buffer = bytearray(1024)
    found = {}
    for folder in folders:
        _walk(folder, found, buffer)
    for path in files:
        try:
            found[path] = _hash(path, buffer)
        except OSError:
            pass
    staged = {}
    _walk(stage, staged, buffer)
    block, _, _, free = os.statvfs("/")[:4]
    return {
        "found": found,
        "staged": staged,
        "heads": {path: _head(path) for path in heads},
        "block": block,
        "free": free,
        "bytecode": getattr(sys.implementation, "_mpy", 0) & 0xFF,
        "version": sys.implementation[1][:3],
        "machine": sys.implementation._machine,
        "romfs": _has_romfs(),
    }


def _has_romfs():
    import vfs

    return hasattr(vfs, "rom_ioctl") and vfs.rom_ioctl(1) > 0
