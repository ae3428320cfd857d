# The moment at which a new version takes the old one's place; the host is not needed for it.
# MIT licence
import os


def _make_folders(path):
    parts = path.split("/")
    for n in range(2, len(parts)):
        try:
            os.mkdir("/".join(parts[:n]))
        except OSError:
            pass  # it is there


def _move(source, target):
    _make_folders(target)
    try:
        os.rename(source, target)  # littlefs replaces what is there, FAT does not
    except OSError:
        os.remove(target)
        os.rename(source, target)


def main(stage, moves, stale):
    """stage: the folder where they wait. moves: [(name there, path)].

    stale: paths of ours that the new version has not.
    """
    for name, path in moves:
        _move(stage + "/" + name, path)
    for path in stale:
        os.remove(path)
        folder = path.rpartition("/")[0]
        while folder not in ("", "/lib"):
            try:
                os.rmdir(folder)
            except OSError:
                break  # not empty
            folder = folder.rpartition("/")[0]
    for name in os.listdir(stage):
        os.remove(stage + "/" + name)
    os.rmdir(stage)
    if hasattr(os, "sync"):
        os.sync()
