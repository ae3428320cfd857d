# Names and signals of networks, as the page and the JSON API tell them to people.
# MIT licence

from ...codes import SECURITY_ENTERPRISE, SECURITY_WEP


def ssid_text(ssid):
    """An SSID's bytes for people: UTF-8, and U+FFFD for what is none and for control signs."""
    out = []
    i = 0
    while i < len(ssid):
        size = _utf8_size(ssid, i)
        if size:
            out.append(str(ssid[i : i + size], "utf-8"))
        else:
            out.append("\ufffd")
            size = 1
        i += size
    return "".join(out)


def _utf8_size(data, i):
    # The length of the well-formed printable character at i, else 0. MicroPython's decode() has
    # no "replace", and lets surrogates pass.
    first = data[i]
    if first < 0x80:
        return 1 if 0x20 <= first < 0x7F else 0
    if 0xC2 <= first < 0xE0:
        size, low, high = 2, 0xA0 if first == 0xC2 else 0x80, 0xBF
    elif 0xE0 <= first < 0xF0:
        size, low, high = 3, 0xA0 if first == 0xE0 else 0x80, 0x9F if first == 0xED else 0xBF
    elif 0xF0 <= first < 0xF5:
        size, low, high = 4, 0x90 if first == 0xF0 else 0x80, 0x8F if first == 0xF4 else 0xBF
    else:
        return 0
    rest = data[i + 1 : i + size]
    if len(rest) < size - 1 or not low <= rest[0] <= high:
        return 0
    return size if all(0x80 <= byte < 0xC0 for byte in rest) else 0


def bars(rssi):
    """Signal strength in dBm as 1 to 4 bars."""
    return 4 if rssi >= -55 else 3 if rssi >= -67 else 2 if rssi >= -78 else 1


def is_supported(security):
    """False for the kinds of security that no board here can join: WEP and WPA2-Enterprise."""
    return security not in (SECURITY_WEP, SECURITY_ENTERPRISE)
