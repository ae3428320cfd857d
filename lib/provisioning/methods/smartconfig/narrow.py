# Where in a list frames may stand that were heard with gaps.
# MIT licence


def narrow(far, low, high, first, count, fits, stride=1):
    """Narrow the places low[i]..high[i] of frames first..count-1; they come in wide, and go out as
    narrow as these rules make them. Returns False when no place is left for some frame.

    far: the frames' sequence numbers, counted from some frame before them, ascending. From one
    frame to the next there is at least one place, and at most as many as sequence numbers, of
    which each place has `stride`. fits(i, place): whether frame i may stand there.
    """
    changed = True
    while changed:
        changed = False
        for forward in (False, True):
            for i in range(first, count) if forward else range(count - 1, first - 1, -1):
                least, most = low[i], high[i]
                other = i - 1 if forward else i + 1
                if first <= other < count:
                    if forward:
                        step = (far[i] - far[other]) // stride
                        least = max(least, low[other] + 1)
                        most = min(most, high[other] + step)
                    else:
                        step = (far[other] - far[i]) // stride
                        least = max(least, low[other] - step)
                        most = min(most, high[other] - 1)
                while least <= most and not fits(i, least):
                    least += 1
                while least <= most and not fits(i, most):
                    most -= 1
                if least > most:
                    return False
                if least != low[i] or most != high[i]:
                    low[i], high[i] = least, most
                    changed = True
    return True
