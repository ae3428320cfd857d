# Which protocol begins here: the lengths by which a phone makes itself known.
# MIT licence
#
# Each function gets the last four frame lengths of a stream (the newest is `d`) and returns the
# offset, which is what encryption and headers add to a UDP payload, or -1. All legal offsets are
# even, so three lengths of a run of four say where in it they are. It is called for every frame:
# what is not it should be out after one comparison.

# Overheads of a frame without its FCS, by cipher and QoS; with HT control 4 more.
OFFSETS = (60, 62, 64, 66, 68, 72, 76, 78, 80, 82, 84, 86, 88, 90)
_LEAST = OFFSETS[0]
_MOST = OFFSETS[-1]


def _legal(offset):
    return offset if _LEAST <= offset <= _MOST and offset in OFFSETS else -1


def esptouch1(_, b, c, d):
    """515, 514, 513, 512 again and again; before 2015-06 259 to 256, and at first 756 to 753."""
    if c - d != 1 or b - c != 1:
        return -1
    for first in (515, 259, 755) if b & 1 else (514, 258, 756):
        if _LEAST <= b - first <= _MOST:
            return _legal(b - first)
    return -1


def airkiss(_, b, c, d):
    """1, 2, 3, 4 again and again."""
    if d - c == 1 and c - b == 1:
        return _legal(b - 1 if b & 1 else b - 2)
    return -1


def tuya(_, b, c, d):
    """1, 3, 6, 10 again and again."""
    if d - c == 3 and c - b == 2:
        return _legal(b - 1)
    return _legal(b - 3) if d - c == 4 and c - b == 3 else -1


def esptouch2(_a, _b, c, d):
    """1048 and 1072 + 1 to 41 in turn, only four packets at the start of each pass."""
    if 25 <= d - c <= 65:
        return _legal(c - 1048)
    return _legal(d - 1048) if 25 <= c - d <= 65 else -1


def cc3000(a, b, c, d):
    """TI, first of all: 3 and 23 in turn, twenty of them before each list."""
    if a != c or b != d:
        return -1
    return _legal(min(a, b) - 3) if a - b == 20 or b - a == 20 else -1


def ti1(a, b, c, d):
    """TI, generation 1: 3 before each packet of a list, in every other list 23 less the group.

    Which of them it is, only the packets tell that announce a string.
    """
    if a == c:
        sync, marker = c, d
    elif b == d:
        sync, marker = d, c
    else:
        return -1
    if 1099 + _LEAST <= marker <= 1200 + _MOST:
        for announced in (1099, 1149, 1199, 1200):
            offset = marker - announced
            if offset in OFFSETS and (sync - offset == 3 or 8 <= sync - offset <= 23):
                return offset
    return -1


def ti2(a, b, c, d):
    """TI, generation 2: 3 and 23 less the group, in turn, before each packet of a list.

    Nearly all packets are either nibbles, or there twice: where two lists of generation 1 meet,
    neither is so.
    """
    if not 5 <= (c - a if a < c else a - c) <= 20:
        return -1
    offset = min(a, c) - 3
    if (b != d or b - offset < 28) and not (593 <= b - offset <= 848 >= d - offset >= 593):
        return -1
    return _legal(offset)


def ti2_string(a, b, c, d):
    """The same where a string is announced, which nothing else looks like."""
    if b != d or not 1099 + _LEAST <= d <= 1200 + _MOST:
        return -1
    offset = ti2(a, b, c, d)
    return offset if d - offset in (1099, 1149, 1155, 1199, 1200) else -1


def easylink(group, d):
    """EasyLink V2: 20 bytes to 239.118.0.0."""
    return _legal(d - 20) if group == 0x760000 else -1


# (name of the decoder's module, its function, how often in a row before it is believed). The
# first that fits is taken, so what asks for more comes first.
#
# These have a step from `c` to `d`, of 4 at most, or of 65 where one of them is longer than 1100.
BY_STEP = (
    ("esptouch1", esptouch1, 2),
    ("airkiss", airkiss, 2),
    ("esptouch2", esptouch2, 2),
    ("tuya", tuya, 2),
)

# These take turns: `a` and `c` differ by 20 at most, or `b` and `d` are equal.
BY_TURN = (
    ("cc3000", cc3000, 3),
    ("ti2", ti2_string, 1),
    ("ti2", ti2, 2),
    ("ti1", ti1, 2),
)

# The same of one that is known by the group that it sends to, whose function gets that and `d`.
BY_GROUP = ("easylink", easylink, 2)
