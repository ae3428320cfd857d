# What real senders put on the air: length lists, which are facts, not code; and how to read them.
# MIT licence

import json
import os

_FOLDER = __file__.replace("\\", "/").rsplit("/", 1)[0]
_PACKETS = ',"packets":'  # the last field
_HEAD = 2000  # characters before them, at most
_CHUNK = 400
_QUOTE, _0, _9 = b'"09'


def names(start=""):
    """The vectors whose protocol's name begins like that."""
    return sorted(
        n[:-5] for n in os.listdir(_FOLDER) if n.endswith(".json") and n.startswith(start)
    )


def load(name):
    """A vector: see its fields; ssid and password are bytes. Use packets() and frames on it."""
    with open(_path(name)) as file:
        text = _head(file)
        if text:
            vector = json.loads(text + "}")
            vector["packets"] = len(text) + len(_PACKETS)  # where in the file
        else:
            file.seek(0)
            vector = json.load(file)
    vector["name"] = name
    for field in ("ssid", "password"):
        text = vector[field + "_hex"]
        vector[field] = bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))
    return vector


def packets(vector, cycles=1):
    """(destination, UDP length) of what was sent, over and over if asked.

    Read bit by bit, and without garbage: as objects all of it would take several times the memory.
    """
    buffer = bytearray(_CHUNK)
    with open(_path(vector["name"]), "rb") as file:
        for _ in range(cycles):
            file.seek(vector["packets"])
            to = None
            quoted = False
            number = -1
            size = _CHUNK
            while size == _CHUNK:
                size = file.readinto(buffer)
                # [[destination, [length, ...]], ...]
                for i in range(size):
                    char = buffer[i]
                    if char == _QUOTE:
                        quoted = not quoted
                        to = bytearray() if quoted else bytes(to).decode()
                    elif quoted:
                        to.append(char)
                    elif _0 <= char <= _9:
                        number = max(number, 0) * 10 + char - _0
                    elif number >= 0:
                        yield to, number
                        number = -1


def _path(name):
    return _FOLDER + "/" + name + ".json"


def _head(file):
    # What is before the packets, "" if there are none.
    text = ""
    while _PACKETS not in text:
        more = file.read(50)
        text += more
        if not more or len(text) > _HEAD:
            return ""
    return text[: text.find(_PACKETS)]
