# Every vector decodes among others: several phones, both copies, two access points, bursts.
# MIT licence

import on_air
import vectors
import whole_air

GAPS_US = (8000, 5000, 10000)


def one_of_each():
    """A vector of each protocol, and of each in another way of sending."""
    found = []
    for name in vectors.names():
        start = name.split("__")[0]
        if not name.startswith("airkiss_real") and start not in [n.split("__")[0] for n in found]:
            found.append(name)
    return found


def crowd_of(name, number, count=2):
    """Other vectors, of other protocols than this one."""
    others = [n for n in one_of_each() if n[:11] != name[:11]]
    return [whole_air.load(others[(number + 5 * i) % len(others)]) for i in range(count)]


def stream(vector, packets, way, transmitter, overhead=78, loss=0.1):
    if whole_air.is_unicast(vector):
        way = on_air.TO_DS
    gap_us = GAPS_US[transmitter % 3]
    return on_air.records(
        packets, way, overhead, loss, transmitter + 1, gap_us, transmitter, retries=0.1
    )


def key_of(crowd):
    for vector in crowd:
        if vector["key"]:
            return vector["key"]
    return None


def heard_among_others(start, sides):
    """Each vector while others are on the air, much of whose lists never comes."""
    for number, name in enumerate(vectors.names(start)):
        vector = whole_air.load(name)
        way = sides[number % len(sides)]
        streams = [stream(vector, whole_air.packets(vector), way, 0)]
        others = crowd_of(name, number)
        for i, other in enumerate(others):
            part = whole_air.without_much(whole_air.packets(other))
            streams.append(stream(other, part, way, i + 1))
        heard = whole_air.listen_for(on_air.mixed(*streams), vector["key"], vector, others)
        whole_air.check(heard, vector, "among others")


BOTH = (on_air.TO_DS, on_air.FROM_DS)


def test_among_others_airkiss():
    heard_among_others("airkiss_aes", BOTH)
    heard_among_others("airkiss__", BOTH)


def test_among_others_esptouch1():
    heard_among_others("esptouch_v1__", BOTH)


def test_among_others_esptouch1_before_2018_05():
    heard_among_others("esptouch_v1_20", BOTH)


def test_among_others_esptouch2():
    heard_among_others("esptouch_v2", BOTH)


def test_among_others_ti():
    heard_among_others("ti_", BOTH)


def test_among_others_others():
    heard_among_others("easylink", BOTH)
    heard_among_others("tuya", BOTH)


def test_several_phones_at_once():
    names = one_of_each()
    for number in range(len(names)):
        crowd = [whole_air.load(names[(number + i) % len(names)]) for i in (0, 1, 4)]
        streams = []
        for i, vector in enumerate(crowd):
            streams.append(stream(vector, whole_air.packets(vector), number % 2, i))
        heard = whole_air.listen(on_air.mixed(*streams), key_of(crowd))
        whole_air.whose(heard, crowd)


def test_all_that_several_phones_say():
    from provisioning.methods.smartconfig.air import Air

    # Which of them comes first is no matter, but in the end each was heard.
    for start in range(3):
        names = one_of_each()[start::3][:4]
        crowd = [whole_air.load(name) for name in names]
        streams = []
        for i, vector in enumerate(crowd):
            streams.append(stream(vector, whole_air.packets(vector), start % 2, i))
        air = Air(key_of(crowd))
        told = [False] * len(crowd)
        for record in on_air.mixed(*streams):
            heard = air.feed(record, 1)
            if heard:
                for i in whole_air.whose(heard, crowd):
                    told[i] = True
                if False not in told:
                    break
        assert False not in told, (names, told)


def test_both_copies_and_bursts():
    for name in one_of_each():
        vector = whole_air.load(name)
        if whole_air.is_unicast(vector):
            continue
        sent = stream(vector, whole_air.packets(vector), on_air.TO_DS, 0, 78, 0.3)
        copy = stream(vector, whole_air.packets(vector), on_air.FROM_DS, 1, 80, 0.2)
        heard = whole_air.listen(on_air.mixed(sent, whole_air.in_bursts(copy)), vector["key"])
        whole_air.check(heard, vector, "both copies")


def test_bursts_among_broadcasts():
    for name in one_of_each():
        vector = whole_air.load(name)
        if whole_air.is_unicast(vector):
            continue
        copy = whole_air.in_bursts(stream(vector, whole_air.packets(vector), on_air.FROM_DS, 1))
        heard = whole_air.listen(copy, vector["key"])
        whole_air.check(heard, vector, "bursts")


def test_two_access_points_repeat_the_same():
    for name in one_of_each():
        vector = whole_air.load(name)
        if whole_air.is_unicast(vector):
            continue
        copies = []
        for i in range(2):
            # Each with its own numbers, cipher and losses, one a little later.
            copy = stream(
                vector, whole_air.packets(vector), on_air.FROM_DS, 3 * i, 76 + 4 * i, 0.2
            )
            copies.append(whole_air.later(copy, 3000 * i))
        heard = whole_air.listen(on_air.mixed(*copies), vector["key"])
        whole_air.check(heard, vector, "two access points")
