# The text of groups, once all of it was heard: checked by the groups' CRCs, or completed by them.
# MIT licence

from micropython import const

from .crc import crc8

_HOLES = const(3)  # bytes that CRCs make up at a time: with each there are twice the texts


def whole(groups, size, fits, checked=1 << 15):
    """The text of `size` bytes that was heard, or None while it is not complete or not right.

    groups: a Groups; fits(text, guessed): whether that text may be, guessed: not each byte of it
    was heard. checked: from this byte on fits() tests a CRC of the text's own, which stands for
    that of one group.
    """
    holes = []
    text = groups.text[:size]
    for first in range(0, size, 4):
        if not _group(groups, text, first, first >= checked, holes) or len(holes) > _HOLES:
            return None
    found = None
    for choice in range(1 << len(holes)):
        for at, values in holes:
            text[at] = values[choice & 1]
            choice >>= 1
        if fits(text, len(holes) > 0):
            if found:
                return None  # which of them?
            found = bytes(text)
    return found


def _group(groups, text, first, checked, holes):
    # Whether this group may be right; adds to the holes one that its CRC can fill.
    number = first >> 2
    data = text[first : first + 4]
    end = first + len(data)
    crc = groups.crc(number)
    hole = groups.votes.find(b"\0", first, end)
    if crc < 0:
        return checked and hole < 0 and not holes
    if hole < 0:
        # The last group is short, or filled up with zeros.
        return crc7(number, data) == crc or crc7(number, data + bytes(4 - len(data))) == crc
    # The CRC is used up then: all else has to be sure without it.
    if not groups.sure_of_crc(number):
        return False
    for at in range(first, end):
        if at != hole and not groups.sure_of(at):
            return False
    holes.append((hole, missing(number, data, hole - first, crc)))
    return True


def crc7(group, data):
    """What a group of this number and these bytes has as its CRC."""
    return crc8(data, crc8((group,))) & 0x7F


def missing(group, data, at, crc):
    """The two values which the byte `at` of a group can have that has this CRC of 7 bits."""
    before = crc8(data[:at], crc8((group,)))
    found = []
    for state in (crc, crc | 0x80):
        for byte in reversed(data[at + 1 :]):
            state = _back(state) ^ byte
        found.append(_back(state) ^ before)
    return found


def _back(state):
    # crc8's eight steps of one byte, the other way.
    for _ in range(8):
        state = (state << 1 ^ 0x119) if state & 0x80 else state << 1
    return state
