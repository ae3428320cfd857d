# AirKiss: every sender's list, real captures, loss, other people's frames.
# MIT licence

import on_air
import senders
import vectors

# (name, SSID, password, the byte the phone waits for, frames that the reference decoder of
# heyuanjie87/airkissOpen needed)
CAPTURES = (
    ("airkissopen_cap1", b"CDHN_103", b"qwe", 87, 205),
    ("airkissopen_cap2", b"CDHN_Test", b"wer123456", 9, 440),
    ("airkissopen_cap3", b"505", b"abcdefghijk", 101, 757),
    ("wechat_ch3_anonymised", b"NODENO", b"teamte838", 90, 947),
)
SSID = "Café☕网络".encode()
KEY = b"Wechatiothardwav"


def listen(records, key=None, most=12000):
    """What is heard, or None if that takes more records than `most`."""
    return on_air.hear(records, key, most)[0]


def check(heard, ssid, key, token=None, protocol="airkiss"):
    assert heard, "nothing heard"
    assert (heard.protocol, heard.ssid, heard.key) == (protocol, ssid, key)
    assert heard.ssid_crc == senders.crc8(ssid)
    assert (heard.bssid, heard.bssid_crc, heard.address, heard.extra) == (b"", -1, "", b"")
    assert token is None or heard.token == token


def sent(passes):
    """(destination, length) of a phone that sends for ever."""
    return ((to, length) for to, length, _ in senders.airkiss(passes))


def plain():
    """The vectors that have UDP lengths and no encryption."""
    for name in vectors.names("airkiss__"):
        yield vectors.load(name)


def test_each_sender_both_ways_with_each_overhead():
    from provisioning.methods.smartconfig.syncs import OFFSETS

    for vector in plain():
        for number, overhead in enumerate(OFFSETS):
            packets = vectors.packets(vector, 3)
            heard = listen(on_air.records(packets, number % 2, overhead, seed=number + 1))
            check(heard, vector["ssid"], vector["password"], vector.get("random"))


def test_encrypted():
    vector = vectors.load("airkiss_aes__tencent_manual")
    for way in (on_air.TO_DS, on_air.FROM_DS):
        for loss in (0, 0.3):
            heard = listen(on_air.records(vectors.packets(vector, 9), way, loss=loss), KEY)
            wanted = vector["ssid"], vector["password"], vector["random"], "airkiss_aes"
            check(heard, *wanted)
    for key in (None, b"another key, 16b"):
        assert listen(on_air.records(vectors.packets(vector, 2)), key) is None


def test_a_key_does_no_harm_to_what_is_in_clear():
    for password in (b"", b"sixteen letters.", b"secret"):
        passes = senders.airkiss_passes(b"HomeNet", password, 7)
        check(listen(on_air.records(sent(passes))), b"HomeNet", password, 7)
        check(listen(on_air.records(sent(passes)), KEY), b"HomeNet", password, 7)


def test_forms_of_the_list():
    words = ((b"a", b"b"), (SSID, b"secret12"), (b"\xff" * 32, b"p" * 63), (b"Open", b""))
    for number, (ssid, password) in enumerate(words):
        for form in range(8):
            options = {"padded": form & 1, "zero": form & 2, "prefixed": form & 4}
            passes = senders.airkiss_passes(ssid, password, 0, **options)
            for loss in (0, 0.25):
                records = on_air.records(sent(passes), form & 1, 76, loss, number + 1)
                check(listen(records), ssid, password, 0)


def test_loss():
    for vector in plain():
        for loss in (0.1, 0.2, 0.3, 0.4):
            for seed in range(1, 7):
                packets = vectors.packets(vector, 40)
                heard = listen(on_air.records(packets, seed % 2, 80, loss, seed))
                check(heard, vector["ssid"], vector["password"], vector.get("random"))


def test_captures_in_no_more_frames_than_the_reference():
    for name, ssid, key, token, frames in CAPTURES:
        records = on_air.captured("airkiss_real__" + name, frames)
        check(listen(records), ssid, key, token)


def test_a_capture_from_one_side_alone():
    name, ssid, key, token, frames = CAPTURES[3]
    for way in (on_air.TO_DS, on_air.FROM_DS):
        records = on_air.captured("airkiss_real__" + name, frames)
        check(listen(r for r in records if r[6] & 1 == way), ssid, key, token)


def test_an_access_point_that_sends_all_twice():
    # Two BSSIDs of one radio share its sequence numbers.
    name, ssid, key, token, frames = CAPTURES[0]
    records = on_air.captured("airkiss_real__" + name, frames)
    check(listen(r for r in records if r[10] == 0), ssid, key, token)
    passes = senders.airkiss_passes(SSID, b"secret12", 200)
    for seed in range(4):
        records = on_air.records(sent(passes), on_air.FROM_DS, 80, 0.3, seed + 1, stride=2)
        check(listen(records), SSID, b"secret12", 200)


def test_beacons_and_retries():
    passes = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
    for seed in range(4):
        records = on_air.records(
            sent(passes), on_air.FROM_DS, 76, 0.1 * seed, seed + 1, 5260, 0, 0.2, 2
        )
        check(listen(records), b"HomeNet", b"correct horse", 33)


def noisy(records, seed):
    """The same with frames of others in between, which the same access point sends."""
    random = on_air.Random(seed)
    shift = 0
    for record in records:
        sequence = (record[6] | record[7] << 8) >> 4
        if random.below(10) == 0:
            length = (94, 94, 94, 120, 60 + random.below(200), 60 + random.below(1000))
            length = length[random.below(6)]
            shift += 1
            if random.below(2):
                yield on_air.record(length, sequence + shift & 0xFFF, record[6] & 15, None, 1)
        head = (sequence + shift & 0xFFF) << 4 | record[6] & 15
        yield record[:6] + bytes((head & 0xFF, head >> 8)) + record[8:]


def test_other_frames_between():
    passes = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
    for seed in range(8):
        records = on_air.records(sent(passes), on_air.FROM_DS, 76, 0.05 * seed, seed + 1)
        check(listen(noisy(records, seed + 1)), b"HomeNet", b"correct horse", 33)


def test_other_transmitters_do_no_harm():
    others = ("esptouch_v1__sandwych_golden__mmkd", "ti_smartconfig_gen2__ti_jar__ascii")
    passes = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
    for name in others:
        # Never all that they have to say.
        said = list(vectors.packets(vectors.load(name)))[:60]
        other = (packet for _ in range(40) for packet in said)
        streams = on_air.mixed(
            on_air.records(sent(passes), on_air.FROM_DS, 76, 0.1, gap_us=5000),
            on_air.records(other, on_air.TO_DS, 78, 0.1, gap_us=6000, transmitter=1),
            on_air.records(sent(((8, 16), (64, 80), (256, 300))), transmitter=2),
        )
        check(listen(streams), b"HomeNet", b"correct horse", 33)


def decoder():
    from provisioning.methods.smartconfig.airkiss import Decoder

    return Decoder()


def test_without_sequence_numbers():
    for seed in range(4):
        passes = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
        random = on_air.Random(seed + 1)
        ears = decoder()
        heard = None
        for _, length in sent(passes):
            if random.below(10) >= seed:
                heard = ears.feed(length, -1, -1)
            if heard:
                break
        check(heard, b"HomeNet", b"correct horse", 33)


def test_without_sequence_numbers_and_with_much_loss():
    # Places cannot be counted then: what is believed are six frames of a group in a row.
    passes = senders.airkiss_passes(b"MyHomeNet-2G", b"correct horse 42", 0x5A)
    for seed in range(8):
        random = on_air.Random(seed + 1)
        ears = decoder()
        heard = None
        frames = 0
        for _, length in sent(passes):
            frames += 1
            if random.below(10) >= 2 + 2 * (seed & 1):
                heard = ears.feed(length, -1, -1)
            if heard:
                break
        check(heard, b"MyHomeNet-2G", b"correct horse 42", 0x5A)
        assert frames < (16000 if seed & 1 else 3000)


def test_late_with_names_known_and_beacons_between():
    # How long the text is, only a pass without a beacon at its end says; by then all was heard.
    _, _, data = senders.airkiss_passes(b"MyHomeNet-2G", b"correct horse 42", 0x5A)
    for late in range(0, len(data), 5):
        ears = decoder()
        ears.names = (b"Neighbour", b"MyHomeNet-2G")
        sequence = 0
        heard = None
        for number, length in enumerate((data * 6)[late:]):
            sequence += 3 if number % 20 == 15 else 1
            heard = heard or ears.feed(length, sequence, -1)
        assert heard and (heard.ssid, heard.key) == (b"MyHomeNet-2G", b"correct horse 42"), late


def test_out_of_order():
    # Blocks that an access point did not get whole are sent again in pieces.
    magic, prefix, data = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
    for step in (2, 3, 5):
        ears = decoder()
        heard = None
        lengths = (1, 2, 3, 4) * 3 + tuple(magic) * 3 + tuple(prefix) * 3 + tuple(data) * 9
        frames = list(enumerate(lengths))
        for i in range(30, len(frames) - step, 7):
            frames.insert(i, frames.pop(i + step))
        for sequence, length in frames:
            heard = heard or ears.feed(length, sequence, -1)
        check(heard, b"HomeNet", b"correct horse", 33)


def test_what_changes_is_said_again():
    ears = decoder()
    sequence = 0
    for password in (b"correct horse", b"battery", b"correct horse"):
        magic, prefix, data = senders.airkiss_passes(b"HomeNet", password, 33)
        said = []
        for lengths in ((1, 2, 3, 4), magic, prefix, data):
            for length in list(lengths) * 20:
                sequence = sequence + 1 & 0xFFF
                heard = ears.feed(length, sequence, -1)
                if heard:
                    said.append(heard)
        assert len(said) == 1
        check(said[0], b"HomeNet", password, 33)


def test_wrong_checks_give_nothing():
    magic, prefix, data = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
    wrong = (
        (magic[:3] + [magic[3] ^ 1], prefix, data),
        (magic, prefix[:3] + [prefix[3] ^ 1], data),
        (magic, prefix, [data[0] ^ 1] + data[1:]),
        (magic[:1] + [magic[1] ^ 1] + magic[2:], prefix, data),
    )
    for passes in wrong:
        assert listen(on_air.records(sent(passes)), most=3000) is None


def test_random_frames_give_nothing():
    random = on_air.Random(5)
    for limit in (0x200, 0x80, 1500):
        ears = decoder()
        for n in range(4000):
            assert ears.feed(random.below(limit), n * (1 + limit % 3) & 0xFFF, -1) is None
            if n % 50 == 0:
                for length in (1, 2, 3, 4):
                    ears.feed(length, n & 0xFFF, -1)


def test_shuffled_packets_give_nothing():
    # All that a phone sends, in no order: nothing has its place.
    passes = senders.airkiss_passes(b"HomeNet", b"correct horse", 33)
    packets = passes[0] + passes[1] + passes[2]
    random = on_air.Random(3)
    ears = decoder()
    for n in range(8000):
        heard = ears.feed(packets[random.below(len(packets))], n & 0xFFF, -1)
        assert heard is None
