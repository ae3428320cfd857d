# ESP-Touch v1: what senders of all its years sent is understood, also when much of it is lost.
# MIT licence

import on_air
import vectors

V1 = "esptouch_v1_"
GAP_US = 8000  # between two packets
NOISE = ("airkiss__", "ti_smartconfig_gen2", "esptouch_v2__harmony", "easylink", "tuya")
SEEDS = 2
WRONG_PASSWORD = b"wrong horse"
LOSSES = (0.1, 0.2, 0.3, 0.4)
BSSID = b"\xc0\xff\xd4\x95\x80\x04"
ADDRESS = (192, 168, 1, 100)


def crc8(data):
    from provisioning.methods.smartconfig.crc import crc8

    return crc8(data)


def sent(name, cycles=60):
    return vectors.packets(vectors.load(name), cycles)


def check(heard, vector, where):
    where = vector["protocol"] + " " + vector["case"] + " " + where
    assert heard, where
    assert heard.protocol == vector["protocol"], where + ": " + heard.protocol
    assert heard.key == vector["password"], where
    # Where it was not sent, its CRC was; of a single byte the XOR is enough.
    assert heard.ssid == vector["ssid"] or "v1_20" in vector["protocol"] and heard.ssid is None
    assert heard.ssid_crc == crc8(vector["ssid"]), where
    bssid = bytes(int(part, 16) for part in vector["bssid"].split(":"))
    assert heard.bssid_crc == crc8(bssid), where
    assert heard.bssid in (b"", bssid), where
    assert heard.address == vector["ip"], where


def try_all(where, way=on_air.TO_DS, **how):
    for name in vectors.names(V1):
        vector = vectors.load(name)
        frames = on_air.records(vectors.packets(vector, 60), way, gap_us=GAP_US, **how)
        check(on_air.hear(frames)[0], vector, where)


def byte(index, value, base=40):
    crc = crc8(bytes((value, index)))
    first = base + (crc & 0xF0 | value >> 4)
    return first, base + 256 + index, base + ((crc & 15) << 4 | value & 15)


def packets(indexed, guide=515, base=40, guides=240, data=500, cycles=5):
    """What a phone sends of (index, byte): guides, then data, over and over."""
    triplets = [length for index, value in indexed for length in byte(index, value, base)]
    for _ in range(cycles):
        for n in range(guides):
            yield "255.255.255.255:7001", guide - n % 4
        for n in range(data):
            yield "255.255.255.255:7001", triplets[n % len(triplets)]


def listing(ssid, key, header=5, bssid=BSSID):
    """Bytes 0.. of a list; header: 5, or 4 and 3 as in 2015."""
    rest = [crc8(ssid), crc8(bssid), 0][: header - 2]
    total = header + 4 + len(key) + len(ssid)
    data = [total, len(key)] + rest + list(ADDRESS) + list(key) + list(ssid)
    if header == 5:
        for index, value in enumerate(data):
            data[4] ^= value if index != 4 else 0
    return data


def of_today(ssid, key, every=3):
    """(index, byte) as the apps send them since 2018-05-23."""
    data = listing(ssid, key)
    indexed = list(enumerate(data))
    for n in range(6):
        indexed.insert(5 + (every + 1) * n, (len(data) + n, BSSID[n]))
    return indexed


def heard_of(indexed, way=on_air.TO_DS, **how):
    how.setdefault("gap_us", GAP_US)
    return on_air.hear(on_air.records(packets(indexed), way, **how))[0]


def test_an_order_of_sending_that_was_not_seen_yet_is_not_relied_on():
    # This sender has the BSSID elsewhere than others, and the XOR is lost.
    vector = vectors.load("esptouch_v1__kurdymalloy_py__worked_a_b")
    for seed in (73, 74, 75):
        packets = vectors.packets(vector, 10)
        heard, _ = on_air.hear(on_air.records(packets, overhead=72, loss=0.4, seed=seed))
        check(heard, vector, "seed %d" % seed)


def test_each_outer_packet_stands_for_its_byte():
    from provisioning.methods.smartconfig.esptouch1_list import byte_of

    # The worked example of spec 1.1.
    for index, value, first, third in (
        (0, 0x0B, 72, 99),
        (2, 0x3B, 219, 83),
        (12, 0xFE, 279, 150),
        (16, 0xC4, 68, 76),
    ):
        assert byte_of(index, 1, first - 40) == value
        assert byte_of(index, 2, third - 40) == value
    for index in (0, 5, 110, 127):
        for value in range(0, 256, 7):
            first, _, third = byte(index, value)
            assert byte_of(index, 1, first - 40) == byte_of(index, 2, third - 40) == value


def test_all_senders_from_the_phone():
    try_all("ToDS")


def test_all_senders_from_the_access_point():
    try_all("FromDS", on_air.FROM_DS, overhead=80, others=2)


def test_every_overhead():
    from provisioning.methods.smartconfig import syncs

    for offset in syncs.OFFSETS:
        way = offset // 2 % 2
        try_all("overhead " + str(offset), way, overhead=offset)


def test_loss():
    for loss in LOSSES:
        for seed in range(SEEDS):
            way = seed % 2
            where = "loss " + str(loss) + " seed " + str(seed)
            try_all(where, way, loss=loss, seed=seed + 5, others=2 * way)


def test_loss_and_retries():
    try_all("retries", loss=0.3, retries=0.3, seed=3)


def test_an_access_point_that_sends_everything_twice():
    try_all("twice", on_air.FROM_DS, stride=2)
    try_all("twice, loss", on_air.FROM_DS, stride=2, loss=0.2)
    try_all("twice, beacons", on_air.FROM_DS, stride=2, others=1)


def _others(first, way, keys):
    # Two other phones; their passwords go to keys, {protocol: password}.
    for n in range(2):
        vector = vectors.load(vectors.names(NOISE[(first + n) % len(NOISE)])[0])
        keys[vector["protocol"]] = vector["password"]
        said = vectors.packets(vector, 60)
        yield on_air.records(said, way, 76, 0.2, n, 5000 + 2000 * n, n + 1)


def _among_others(name, number):
    from provisioning.methods.smartconfig.air import Air

    way = number % 2
    keys = {}
    phone = on_air.records(sent(name), way, 78, 0.1, number + 1, GAP_US)
    air = Air()
    for frame in on_air.mixed(phone, *_others(number, way, keys)):
        heard = air.feed(frame, 1)
        if heard and heard.protocol.startswith("esptouch_v1"):
            return heard
        # What the others said is theirs.
        assert heard is None or heard.key == keys[heard.protocol]
    return None


def test_with_other_phones_in_the_air():
    for number, name in enumerate(vectors.names(V1)):
        heard = _among_others(name, number)
        check(heard, vectors.load(name), "among others")


def _with_broadcasts(phone):
    random = on_air.Random(4)
    for packet in phone:
        if random.below(12) == 0:
            yield "255.255.255.255:137", random.below(400)
        yield packet


def test_traffic_of_the_same_transmitter():
    for name in vectors.names(V1):
        frames = on_air.records(_with_broadcasts(sent(name)), on_air.FROM_DS, 76, gap_us=GAP_US)
        check(on_air.hear(frames)[0], vectors.load(name), "with broadcasts of others")


def test_two_access_points_repeat_the_same():
    name = vectors.names("esptouch_v1__official")[0]
    streams = [
        on_air.records(sent(name), on_air.FROM_DS, 76 + 4 * n, 0.3, n, GAP_US, n) for n in range(2)
    ]
    check(on_air.hear(on_air.mixed(*streams))[0], vectors.load(name), "two access points")


def test_lengths_alone_are_enough():
    for name in vectors.names(V1):
        frames = on_air.records(sent(name), loss=0.1)
        heard, _ = on_air.hear(frame[:6] + b"\x08\x00" + frame[8:] for frame in frames)
        check(heard, vectors.load(name), "lengths alone")


def test_one_pass_is_enough():
    indexed = of_today(b"HomeNet", b"correct horse battery")
    heard, count = on_air.hear(on_air.records(packets(indexed, guides=4)))
    # The last byte is what the XOR says.
    assert heard.ssid == b"HomeNet"
    assert count <= 4 + 3 * len(indexed)


def test_every_third_packet_lost():
    indexed = of_today(b"HomeNet", b"correct horse battery")
    # Of all bytes the first packet, or the last.
    for lost in (0, 2):
        frames = on_air.records(packets(indexed, guides=16, cycles=1))
        heard, _ = on_air.hear(f for n, f in enumerate(frames) if n < 16 or (n - 16) % 3 != lost)
        assert (heard.ssid, heard.key) == (b"HomeNet", b"correct horse battery")


def test_the_order_of_other_senders():
    for every in (3, 4, 5):
        heard = heard_of(of_today(b"HomeNet", b"correct horse", every), loss=0.3)
        assert heard.protocol == "esptouch_v1"
        assert (heard.ssid, heard.key) == (b"HomeNet", b"correct horse")


def test_longest_and_strangest():
    every = bytes(range(1, 256, 4))[:63]
    for ssid, key in (
        (b"S" * 32, every),
        ("Caf\u00e9\u2615\u5496\u5561".encode(), "p\u00e4ssw\u00f6rd".encode()),
        (b"\x00\xff", b""),
        (b"a", b"b"),
    ):
        heard = heard_of(of_today(ssid, key), loss=0.1)
        assert (heard.ssid, heard.key) == (ssid, key)
        assert heard.token == 9 + len(ssid) + len(key)


def test_hidden_networks_of_older_senders():
    for header, ending, name in ((4, b"", "2015"), (5, b"", "2017"), (5, BSSID, "2018")):
        for loss in (0, 0.3):
            data = listing(b"HomeNet", b"correct horse", header) + list(ending)
            guide = 259 if header == 4 else 515
            frames = on_air.records(packets(list(enumerate(data)), guide), loss=loss)
            heard, _ = on_air.hear(frames)
            assert (heard.ssid, heard.key) == (b"HomeNet", b"correct horse"), name
            assert heard.address == "192.168.1.100"
            assert heard.token == header + 4 + 7 + 13


def test_older_senders_whose_network_is_not_hidden():
    random = on_air.Random(2)
    for header, ending, name in ((4, b"", "2015"), (5, b"", "2017"), (5, BSSID, "2018")):
        for length in range(1, 33):
            ssid = bytes([random.below(256) for _ in range(length)])
            data = listing(ssid, b"secret", header)[:-length] + list(ending)
            sent = packets(list(enumerate(data)), 259 if header == 4 else 515, guides=8, data=300)
            heard, _ = on_air.hear(on_air.records(sent))
            assert heard.protocol == "esptouch_v1_" + name
            assert heard.key == b"secret"
            assert heard.ssid == (ssid if length == 1 and header == 5 else None)
            assert heard.ssid_crc == crc8(ssid)
            assert heard.bssid == ending
            # What is left says how long the name is.
            assert heard.token - header - 4 - len(heard.key) == length


def test_the_first_senders():
    # 2015-05-19: guides 756 to 753, longer by 200, crc8(ssid) but no other check.
    data = list(enumerate(listing(b"HomeNet", b"correct horse", 3)))
    for loss in (0, 0.3):
        heard, _ = on_air.hear(on_air.records(packets(data, 756, 200), loss=loss))
        assert (heard.ssid, heard.key) == (b"HomeNet", b"correct horse")
        assert heard.address == "192.168.1.100"
        assert heard.bssid_crc == -1


def test_the_bssid_comes_later():
    from provisioning.methods.smartconfig.air import Air

    air = Air()
    told = []
    # A short list ends with most of the BSSID.
    for frame in on_air.records(packets(of_today(b"a", b"b"), cycles=1)):
        heard = air.feed(frame, 1)
        if heard:
            told.append((heard.ssid, heard.key, heard.bssid))
    assert told == [(b"a", b"b", b""), (b"a", b"b", BSSID)]


def test_a_phone_that_begins_again_with_another_password():
    from provisioning.methods.smartconfig.air import Air

    air = Air()
    wrong = on_air.records(packets(of_today(b"HomeNet", WRONG_PASSWORD), cycles=2), loss=0.2)
    for frame in wrong:
        heard = air.feed(frame, 1)
    right = packets(of_today(b"HomeNet", b"correct horse"), cycles=8)
    keys = []
    for frame in on_air.records(right, loss=0.2, seed=2):
        heard = air.feed(frame, 1)
        if heard:
            keys.append(heard.key)
    assert keys and set(keys) == {b"correct horse"}


def test_what_is_damaged_is_not_believed():
    # The XOR and the SSID's CRC are wrong in turn, or the lengths.
    for index in (0, 1, 2, 4):
        indexed = [(i, d ^ 0x10 if i == index else d) for i, d in of_today(b"Home", b"correct h")]
        assert heard_of(indexed) is None, index


def test_random_frames_are_no_profile():
    from provisioning.methods.smartconfig import esptouch1
    from provisioning.methods.smartconfig.air import Air

    random = on_air.Random(7)
    air = Air()
    decoder = esptouch1.Decoder(None)
    decoder.feed(514, 0, -1)
    for n in range(15000):
        length = 40 + random.below(476)
        frame = on_air.record(length + 78, n & 0xFFF, kind=1)
        assert air.feed(frame, 1) is None
        assert decoder.feed(length, n & 0xFFF, -1) is None
