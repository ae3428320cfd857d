# Comparing secrets.
# MIT licence


def equal(one, other):
    """Are they the same bytes? In a time that does not tell where they differ."""
    differs = len(one) ^ len(other)
    for a, b in zip(one, other):
        differs |= a ^ b
    return not differs
