# Tuya EZ, the broadcast half.
# MIT licence

import on_air
import senders
import vectors

HEAD = [1, 3, 6, 10]
TOKEN = b"EU0123456789abcd"


def listen(records, most=8000):
    """What is heard, or None if that takes more records than `most`."""
    return on_air.hear(records, None, most)[0]


def check(heard, ssid, key, token):
    assert heard, "nothing heard"
    assert (heard.protocol, heard.ssid, heard.key) == ("tuya_ez", ssid, key)
    assert heard.extra == token and heard.ssid_crc == -1


def sent(lengths, cycles=40, between=0):
    """As the app: heads, then the text again and again, with so many packets to groups between."""
    to = "255.255.255.255:30011"
    for _ in range(10):
        for length in HEAD:
            yield to, length
    for _ in range(cycles):
        for i in range(between):
            yield "226.%d.5.9:30012" % i, 1
        for length in lengths:
            yield to, length


def test_vectors_both_ways_with_each_overhead():
    from provisioning.methods.smartconfig.syncs import OFFSETS

    for name in vectors.names("tuya"):
        vector = vectors.load(name)
        token = vector["token_group"].encode()
        for number, overhead in enumerate(OFFSETS):
            packets = vectors.packets(vector, 2)
            heard = listen(on_air.records(packets, number % 2, overhead, seed=number + 1))
            check(heard, vector["ssid"], vector["password"], token)


def test_loss():
    for name in vectors.names("tuya"):
        vector = vectors.load(name)
        token = vector["token_group"].encode()
        for loss in (0.1, 0.2, 0.3, 0.4):
            for seed in (1, 2, 3):
                packets = vectors.packets(vector, 80)
                heard = listen(on_air.records(packets, seed % 2, 80, loss, seed))
                check(heard, vector["ssid"], vector["password"], token)


def test_lengths_and_packets_to_groups_between():
    words = ((b"abc", b""), ("Café".encode(), b"secret12"), (b"s" * 32, b"p" * 64))
    for ssid, password in words:
        for between in (0, 31):
            for loss in (0, 0.2):
                packets = sent(senders.tuya_lengths(ssid, password, TOKEN), between=between)
                check(listen(on_air.records(packets, loss=loss)), ssid, password, TOKEN)


def test_wrong_checks_give_nothing():
    right = senders.tuya_lengths(b"HomeNet", b"secret12", TOKEN)
    for at in (0, 1, 2, 3, 4, 6, 30):
        wrong = right[:]
        wrong[at] ^= 1
        assert listen(on_air.records(sent(wrong))) is None


def test_random_frames_give_nothing():
    from provisioning.methods.smartconfig.tuya import Decoder

    random = on_air.Random(5)
    for limit in (0x200, 0x80):
        ears = Decoder(None)
        for n in range(6000):
            assert ears.feed(random.below(limit), n & 0xFFF, -1) is None
