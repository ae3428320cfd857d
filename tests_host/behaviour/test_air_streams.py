# Streams: which frames a decoder gets, and when a protocol is believed.
# MIT licence

import sys

import on_air

FAKES = "provisioning.methods.smartconfig."


class Recorder:
    """A decoder that keeps what it is fed, and tells what it is told to."""

    made = []
    answer = None

    def __init__(self, key):
        self.key = key
        self.fed = []
        self.made.append(self)

    def feed(self, length, sequence, group):
        self.fed.append((length, sequence, group))
        return self.answer


class Other(Recorder):
    pass


def _up(_, b, c, d):
    return b - 1 if d - c == 1 and c - b == 1 and b & 1 else -1


def _down(_, b, c, d):
    return d - 10 if c - d == 1 and b - c == 1 else -1


def _group(group, d):
    return d - 10 if group == 0x760000 else -1


class _Module:
    def __init__(self, decoder):
        self.Decoder = decoder


def fresh(key=None, syncs=(("fake_up", _up, 1),)):
    """An Air with protocols of its own: three lengths that rise, 1, 2, 3; or fall, to 10."""
    from provisioning.methods.smartconfig import air

    sys.modules[FAKES + "fake_up"] = _Module(Recorder)
    sys.modules[FAKES + "fake_down"] = _Module(Other)
    Recorder.made.clear()
    Recorder.answer = None
    air.syncs = _Module(None)
    air.syncs.BY_STEP = syncs
    air.syncs.BY_TURN = ()
    air.syncs.BY_GROUP = ("fake_up", _group, 2)
    return air.Air(key)


def done():
    from provisioning.methods.smartconfig import air

    del sys.modules[FAKES + "fake_up"], sys.modules[FAKES + "fake_down"]
    del air.syncs
    air.syncs = __import__("provisioning.methods.smartconfig.syncs", None, None, ("BY_STEP",))


def feed(air, lengths, sequence=0, offset=80, step=1, **what):
    """Feed frames of these UDP lengths; returns what the last feed() returned."""
    heard = None
    for length in lengths:
        heard = air.feed(on_air.record(length + offset, sequence, kind=1, **what), 1)
        sequence = sequence + step & 0xFFF
    return heard


def fed(n=0):
    return [length for length, _, _ in Recorder.made[n].fed]


def test_a_decoder_gets_what_follows_its_sync():
    air = fresh(key=b"0123456789abcdef")
    feed(air, (7, 1, 2))
    assert not air.synced
    feed(air, (3, 8, 9), sequence=3)
    assert air.synced
    assert Recorder.made[0].key == b"0123456789abcdef"
    assert Recorder.made[0].fed == [(3, 3, -1), (8, 4, -1), (9, 5, -1)]
    assert len(Recorder.made) == 1
    done()


def test_a_buffer_may_hold_several_records():
    air = fresh()
    frames = [on_air.record(length + 76, n, kind=1) for n, length in enumerate((1, 2, 3, 5, 6))]
    assert air.feed(b"".join(frames) + b"\xee" * 16, 5) is None
    assert fed() == [3, 5, 6]
    done()


def test_what_was_heard_comes_back_at_once():
    air = fresh()
    Recorder.answer = "all of it"
    assert feed(air, (1, 2)) is None
    assert feed(air, (3,), sequence=2) == "all of it"
    done()


def test_each_transmitter_and_direction_is_a_stream():
    air = fresh()
    for n, length in enumerate((1, 2, 3, 20)):
        feed(air, (length,), sequence=n, transmitter=4)
        feed(air, (30 + 7 * n,), sequence=n, transmitter=5)
        feed(air, (length,), sequence=900 + n, transmitter=4, flags=on_air.FROM_DS, offset=76)
    assert len(Recorder.made) == 2
    assert Recorder.made[0].fed == [(3, 2, -1), (20, 3, -1)]
    assert Recorder.made[1].fed == [(3, 902, -1), (20, 903, -1)]
    done()


def test_what_goes_to_one_station_is_a_stream_of_its_own():
    air = fresh()
    for n, length in enumerate((1, 2, 3, 20)):
        air.feed(on_air.record(length + 80, 2 * n, kind=1), 1)
        air.feed(on_air.record(500 + n, 2 * n + 1, kind=0), 1)
    assert Recorder.made[0].fed == [(3, 4, -1), (20, 6, -1)]
    done()


def test_the_group_of_a_multicast_is_told():
    air = fresh()
    for n, length in enumerate((1, 2, 3)):
        air.feed(on_air.record(length + 80, n, kind=2, group=b"\x00\x00\xeb"), 1)
    assert Recorder.made[0].fed == [(3, 2, 0xEB)]
    done()


def test_a_protocol_may_be_known_by_its_group():
    air = fresh(syncs=())
    for n, group in enumerate((b"\x76\0\1", b"\x76\0\0", b"\x76\0\0", b"\x7e\1\2")):
        air.feed(on_air.record(90 + n // 3, n, kind=2, group=group), 1)
    assert Recorder.made[0].fed == [(10, 2, 0x760000), (11, 3, 0x7E0102)]
    done()


def test_what_every_network_is_full_of_is_not_looked_at():
    air = fresh()
    feed(air, (1, 2, 3))
    for group in (b"\x00\x00\xfb", b"\x7f\xff\xfa"):  # mDNS, SSDP
        air.feed(on_air.record(190, 7, kind=2, group=group), 1)
    assert fed() == [3]
    done()


def test_a_retry_is_dropped_and_a_frame_heard_only_as_retry_is_not():
    air = fresh()
    feed(air, (1, 2, 3))
    feed(air, (3, 3), sequence=2, step=0, flags=on_air.RETRY)
    feed(air, (11,), sequence=3, flags=on_air.RETRY)
    feed(air, (11,), sequence=3, flags=on_air.RETRY)
    feed(air, (12,), sequence=4)
    feed(air, (11,), sequence=3, flags=on_air.RETRY)
    assert fed() == [3, 11, 12]
    done()


def test_a_frame_may_come_late():
    air = fresh()
    feed(air, (1, 2, 3), sequence=4090)
    for sequence in (4093, 0, 4095, 4094, 4095, 0, 1, 4093):
        feed(air, (100 + sequence,), sequence=sequence)
    assert fed() == [3, 4193, 100, 4195, 4194, 101]
    done()


def test_numbers_that_begin_anew_are_no_retries():
    air = fresh()
    feed(air, (1, 2, 3), sequence=3000)
    feed(air, (11, 12), sequence=1500)
    feed(air, (13,), sequence=3002)
    assert fed() == [3, 11, 12, 13]
    done()


def test_frames_of_which_only_the_length_is_known_are_one_stream():
    air = fresh()
    for n, length in enumerate((1, 2, 3, 3, 20)):
        only = on_air.record(length + 80, 0, flags=8, transmitter=n)
        air.feed(only, 1)
    assert Recorder.made[0].fed == [(3, -1, -1), (3, -1, -1), (20, -1, -1)]
    done()


def test_a_protocol_that_asks_for_more_is_believed_later():
    air = fresh(syncs=(("fake_up", _up, 3),))
    feed(air, (1, 2, 3, 1, 2, 3))
    assert not air.synced
    feed(air, (1, 2, 3), sequence=6)
    assert air.synced
    done()


def test_sightings_with_different_offsets_do_not_add_up():
    air = fresh(syncs=(("fake_up", _up, 2),))
    feed(air, (1, 2, 3))
    feed(air, (1, 2, 3), sequence=3, offset=82)
    assert not air.synced
    feed(air, (1, 2, 3), sequence=6, offset=82)
    feed(air, (9,), sequence=9, offset=82)
    assert fed() == [3, 9]
    done()


BOTH = (("fake_up", _up, 2), ("fake_down", _down, 2))


def test_a_wrong_lock_is_replaced_when_another_is_clear():
    air = fresh(syncs=BOTH)
    feed(air, (1, 2, 3) * 2)
    feed(air, (12, 11, 10) * 3, sequence=6, offset=90)
    assert type(Recorder.made[-1]) is Recorder
    feed(air, (12, 11, 10, 77), sequence=15, offset=90)
    assert type(Recorder.made[-1]) is Other
    assert fed(-1) == [10, 77]
    assert len(Recorder.made) == 2
    done()


def test_a_lock_stays_while_its_own_sync_goes_on():
    air = fresh(syncs=BOTH)
    feed(air, (1, 2, 3) * 2)
    for n in range(6):
        feed(air, (12, 11, 10, 1, 2, 3), sequence=6 + 6 * n)
    assert len(Recorder.made) == 1
    done()


def test_many_transmitters_do_not_push_out_the_one_that_speaks():
    air = fresh()
    feed(air, (1, 2, 3), transmitter=200)
    for n in range(150):
        feed(air, (60 + n,), sequence=n, transmitter=n)
    feed(air, (50,), sequence=3, transmitter=200)
    assert fed() == [3, 50]
    assert len(air._streams) <= 12
    done()


def test_one_that_is_silent_for_long_makes_room():
    air = fresh()
    feed(air, (1, 2, 3), transmitter=200)
    for n in range(1500):
        feed(air, (60,), sequence=n, transmitter=n % 40)
    feed(air, (50,), sequence=3, transmitter=200)
    assert fed() == [3]
    done()


def test_forget_begins_again():
    air = fresh()
    feed(air, (1, 2, 3))
    air.forget()
    assert not air.synced
    feed(air, (50,), sequence=3)
    assert fed() == [3]
    done()
