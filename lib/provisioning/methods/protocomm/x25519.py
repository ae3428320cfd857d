# X25519: two sides that exchange 32 bytes have a secret that no listener has. RFC 7748.
# MIT licence
#
# Not in constant time: Python's numbers have none. A listener in the room learns nothing from
# that; somebody who measures us over the air learns of a key that lives for one session.

import asyncio

from micropython import const

_P = (1 << 255) - 19
_A24 = const(121665)
_SLICE = const(16)  # of 255 steps, each 1.5 ms on an RP2040


async def multiply(scalar, point=b"\x09" + bytes(31)):
    """The function of RFC 7748 5: `scalar` (32 bytes) times `point` (32 bytes; the base point).

    Others have their turn between its slices. ValueError: the result is zero, which only a point
    that no honest side sends gives (6.1).
    """
    k = int.from_bytes(scalar, "little")
    k = k & ((1 << 255) - 8) | 1 << 254
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    state = (1, 0, x1, 1, 0)
    for top in range(254, -1, -_SLICE):
        state = _steps(k, x1, state, top, max(top - _SLICE, -1))
        await asyncio.sleep(0)
    x2, z2, x3, z3, swap = state
    if swap:
        x2, z2 = x3, z3
    result = x2 * _inverse(z2) % _P
    if not result:
        raise ValueError
    return result.to_bytes(32, "little")


def _steps(k, x1, state, top, end):
    # The Montgomery ladder's steps for the bits top to end + 1.
    x2, z2, x3, z3, swap = state
    p = _P
    for place in range(top, end, -1):
        bit = k >> place & 1
        if bit != swap:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b = x2 + z2, x2 - z2
        aa, bb = a * a % p, b * b % p
        e = aa - bb
        da, cb = (x3 - z3) * a % p, (x3 + z3) * b % p
        x3, z3 = da + cb, da - cb
        x3, z3 = x3 * x3 % p, x1 * (z3 * z3) % p
        x2, z2 = aa * bb % p, e * (aa + _A24 * e) % p
    return x2, z2, x3, z3, swap


def _inverse(value):
    # Extended Euclid: a fifth of the time of pow(), which the ESP8266 does not have.
    old, new, old_r, r = 0, 1, _P, value % _P
    while r:
        quotient = old_r // r
        old_r, r = r, old_r - quotient * r
        old, new = new, old - quotient * new
    return old % _P
