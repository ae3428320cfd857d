# Protobuf messages, as far as protocomm has them: varints, and bytes of a length.
# MIT licence
#
# Not minipb: it needs modules that boards lack, and more than ten times the memory of these lines
# (docs/apps.md).

from micropython import const

_VARINT = const(0)
_BYTES = const(2)


def fields(data):
    """The (number, value) of each field: an int for a varint, else bytes. ValueError: not one.

    Varints are unsigned: a negative int32 comes as its value + 2**64.
    """
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        value, position = _varint(data, position)
        if kind == _BYTES:
            end = position + value
            if end > len(data):
                raise ValueError
            value, position = bytes(data[position:end]), end
        elif kind != _VARINT:
            raise ValueError
        if not number:
            raise ValueError
        yield number, value


def message(data):
    """A message as {number: value}; of a field that comes twice the last counts. ValueError."""
    return dict(fields(data))


def number(field, value):
    """A field that is a number, b"" for 0: the default is not sent."""
    return _encoded(field << 3 | _VARINT) + _encoded(value & 0xFFFFFFFFFFFFFFFF) if value else b""


def data(field, value):
    """A field that is bytes, or a message within this one. It is sent also when it is empty."""
    return _encoded(field << 3 | _BYTES) + _encoded(len(value)) + value


def _varint(data, position):
    # (value, where it ends)
    value = shift = 0
    while shift < 64:
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError


def _encoded(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
