# What people and phones send in forms. Exact to the byte.
# MIT licence

import binascii


def unquote(data):
    """`data` (bytes) with %HH decoded once and "+" as a space.

    A "%" that two hex digits do not follow stays as it is: nothing is guessed, nothing is lost.
    """
    data = data.replace(b"+", b" ")
    if b"%" not in data:
        return data
    parts = data.split(b"%")
    out = bytearray(parts[0])
    for part in parts[1:]:
        try:
            if len(part) < 2:
                raise ValueError
            out.extend(binascii.unhexlify(part[:2]))
            out.extend(part[2:])
        except ValueError:
            out.extend(b"%")
            out.extend(part)
    return bytes(out)


def fields(body):
    """Yield the (name, value) pairs of a form body, both bytes, decoded once, in their order.

    application/x-www-form-urlencoded; a pair without "=" has an empty value.
    """
    start = 0
    while start < len(body):  # one pair at a time: a split would hold the whole body again
        end = body.find(b"&", start)
        if end < 0:
            end = len(body)
        equals = body.find(b"=", start, end)
        if equals < 0:
            equals = end
        if start < end:
            yield unquote(bytes(body[start:equals])), unquote(bytes(body[equals + 1 : end]))
        start = end + 1


def name(data):
    """`data` (bytes) as a device name (str): UTF-8 without control characters, else ValueError."""
    from .texts import ssid_text

    text = ssid_text(data)
    if text.encode() != data:
        raise ValueError("a device name is UTF-8 text without control characters")
    return text
