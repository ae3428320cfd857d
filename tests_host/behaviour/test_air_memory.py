# How many decoders there are at a time, and which phones they listen to when there is no memory.
# MIT licence

import sys

import on_air

MOST = 6  # at a time
OTHER = 900  # a length that no phone begins with


class Decoder:
    """Of a protocol that begins 7, 8, 9, 10, twice. No memory for more than `room` of them."""

    room = 100
    living = []

    def __init__(self, key):
        if len([decoder for decoder in self.living if decoder.is_held()]) >= self.room:
            raise MemoryError
        self.fed = []
        self.living.append(self)

    def is_held(self):
        return any(stream.decoder is self for stream in self.air._streams.values())

    def feed(self, length, sequence, group):
        self.fed.append(length)


class _Module:
    pass


def fresh(room=100):
    from provisioning.methods.smartconfig import air

    module = _Module()
    module.Decoder = Decoder
    sys.modules["provisioning.methods.smartconfig.airkiss"] = module
    Decoder.room = room
    Decoder.living = []
    Decoder.air = air.Air()
    return Decoder.air


def done():
    del sys.modules["provisioning.methods.smartconfig.airkiss"]
    del Decoder.air


def begin(air, transmitter, sequence=0, times=1):
    for n in range(8 * times):
        frame = on_air.record(76 + 1 + n % 4, sequence + n, kind=1, transmitter=transmitter)
        air.feed(frame, 1)


def others(air, count, transmitter=99):
    for n in range(count):
        air.feed(on_air.record(OTHER + 7 * n % 90, n & 0xFFF, kind=1, transmitter=transmitter), 1)


def decoders(air):
    """Whose streams have one."""
    return sorted([name >> 1 & 0xFF for name in air._streams if air._streams[name].decoder])


def test_there_are_not_more_than_so_many():
    air = fresh()
    for transmitter in range(MOST + 3):
        begin(air, transmitter)
    assert decoders(air) == list(range(MOST))
    done()


def test_a_phone_that_goes_on_keeps_its_decoder():
    air = fresh()
    for n in range(40):
        for transmitter in range(MOST + 2):
            begin(air, transmitter, 8 * n)
            others(air, 30)
    assert decoders(air) == list(range(MOST))
    assert len(Decoder.living) == MOST
    done()


def test_one_that_is_silent_makes_room():
    air = fresh()
    for transmitter in range(MOST):
        begin(air, transmitter)
    for n in range(6):
        for transmitter in range(1, MOST):
            begin(air, transmitter, 8 + 8 * n)
        others(air, 300)
    begin(air, 50, times=4)
    assert decoders(air) == [1, 2, 3, 4, 5, 50]
    done()


def test_one_that_only_looked_like_a_phone_makes_room():
    air = fresh()
    for transmitter in range(MOST):
        begin(air, transmitter)
    for n in range(30):
        for transmitter in range(1, MOST):
            begin(air, transmitter, 8 + 8 * n)
        others(air, 120, transmitter=0)
    begin(air, 50, times=4)
    assert decoders(air) == [1, 2, 3, 4, 5, 50]
    done()


def test_without_memory_the_first_ones_go_on():
    air = fresh(room=2)
    for transmitter in range(4):
        begin(air, transmitter, times=9)
    assert decoders(air) == [0, 1]
    done()


def test_without_memory_a_silent_one_makes_room():
    air = fresh(room=2)
    begin(air, 0)
    for n in range(5):
        begin(air, 1, 8 * n)
        others(air, 300)
    begin(air, 2, times=5)
    assert decoders(air) == [1, 2]
    done()


def test_who_had_to_go_may_come_back():
    air = fresh(room=1)
    begin(air, 0)
    others(air, 1200)
    begin(air, 1, times=2)
    assert decoders(air) == [1]
    others(air, 1200)
    begin(air, 0, sequence=100, times=2)
    assert decoders(air) == [0]
    done()
