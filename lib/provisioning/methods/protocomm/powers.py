# Powers of large numbers, in slices: others have their turn between them.
# MIT licence
#
# A slice is about 8 multiplications: 1 ms on a PC, 70 ms on an ESP32. Exponents are big-endian
# bytes. pow() of a few bits at a time leaves less garbage than * and %, and is as fast.
# Not in constant time: Python's numbers have none.

import asyncio

from micropython import const

_TEETH = const(4)


async def of_small(base, exponent, n):
    """base ** exponent % n for a base of a few bits: nearly nothing but squares."""
    power = 1
    for byte in exponent:
        power = pow(power, 256, n) * base**byte % n
        await asyncio.sleep(0)
    return power


async def of(base, exponent, n):
    """base ** exponent % n by windows of four bits, with a table of 6 kB."""
    table = [1]
    for _ in range(15):
        table.append(_compact(table[-1] * base % n))
        await asyncio.sleep(0)
    power = 1
    for byte in exponent:
        for window in (byte >> 4, byte & 15):
            power = pow(power, 16, n) * table[window] % n
            await asyncio.sleep(0)
    return power


class Comb:
    """A power of one base: much can be done before the exponent is known.

    bits: how many exponents have. Source: Lim and Lee, "More flexible exponentiation with
    precomputation"; Handbook of Applied Cryptography 14.117.
    """

    def __init__(self, base, bits, n):
        self._base = base
        self._columns = bits // _TEETH
        self._n = n
        self._table = None

    async def make(self):
        """Make the table, of 6 kB: for each set of teeth the product of their powers."""
        n, tooth = self._n, self._base
        table = [1, tooth]
        while len(table) < 1 << _TEETH:
            for _ in range(self._columns // 8):
                tooth = pow(tooth, 256, n)
                await asyncio.sleep(0)
            table += [_compact(product * tooth % n) for product in table]
            await asyncio.sleep(0)
        self._table = table

    async def power(self, exponent):
        """base ** exponent % n, after make(). Once: the table is gone then."""
        n, table, columns = self._n, self._table, self._columns
        exponent = int.from_bytes(exponent, "big")
        power = 1
        for column in range(columns - 1, -1, -1):
            teeth = 0
            for tooth in range(_TEETH - 1, -1, -1):
                teeth = teeth << 1 | exponent >> tooth * columns + column & 1
            power = power * power % n * table[teeth] % n
            if column % 4 == 0:
                await asyncio.sleep(0)
        table.clear()  # a name of it may be left on the stack
        return power


def _compact(number):
    # What % leaves has the memory of what it was before: twice as much.
    return number | 0
