# ESP-Touch v2: in clear and encrypted, loss, other people's frames.
# MIT licence

import on_air
import senders
import vectors

BSSID = b"\xc0\xff\xd4\x95\x80\x04"
UTF8 = "Café☕网络".encode()
KEY = b"0123456789abcdef"
IV = bytes(range(16, 32)) + b"more"
# AES-128-CBC with KEY, by openssl: of "correct horse 42" + "user-data-123" and of the latter alone
# with the first 16 bytes of IV, of the former with an IV of zeros.
BOTH = "b765cf43f0be6804a9a47ffe0cae6bb49f09628a9989df45e933f84d6bef4650"
EXTRA = "4203ea5021968ea39a058c91f4213a0d"
ALONE = "dcdaa1b3ac5d58b1d278a7f24136dc5e3b136ef5ef50ff3cee3325a4058b8397"


def unhex(text):
    return bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


def listen(records, key=None, most=20000):
    """What is heard, or None if that takes more records than `most`."""
    return on_air.hear(records, key, most)[0]


def check(heard, ssid, key, extra=b"", token=0, bssid=BSSID):
    assert heard, "nothing heard"
    assert (heard.protocol, heard.ssid, heard.key) == ("esptouch_v2", ssid, key)
    assert (heard.extra, heard.token, heard.address) == (extra, token, "")
    assert (heard.ssid_crc, heard.bssid, heard.bssid_crc) == (-1, b"", senders.crc8(bssid))


def sent(packets, syncs=0):
    """(destination, length) of a phone that sends for ever."""
    return ((to, length) for to, length, _ in senders.esptouch2(packets, syncs=syncs))


def all_vectors():
    for name in vectors.names("esptouch_v2"):
        vector = vectors.load(name)
        vector["extra"] = unhex(vector.get("reserved_hex") or "")
        vector["mac"] = unhex(vector["bssid"].replace(":", ""))
        vector["aes"] = vector["key"].encode() if vector.get("key") else None
        yield vector


def check_vector(heard, vector):
    check(heard, vector["ssid"], vector["password"], vector["extra"], bssid=vector["mac"])


def test_each_sender_both_ways_with_each_overhead():
    from provisioning.methods.smartconfig.syncs import OFFSETS

    for vector in all_vectors():
        for number, overhead in enumerate(OFFSETS):
            packets = vectors.packets(vector, 4)
            records = on_air.records(packets, number % 2, overhead, seed=number + 1)
            check_vector(listen(records, vector["aes"]), vector)


def test_loss():
    for vector in all_vectors():
        for loss in (0.1, 0.2, 0.3, 0.4):
            for seed in (1, 2, 3):
                packets = vectors.packets(vector, 60)
                records = on_air.records(packets, seed % 2, 80, loss, seed)
                check_vector(listen(records, vector["aes"]), vector)


def test_texts():
    words = (
        (b"a", b"b", b""),
        (b"Open", b"", b""),
        (UTF8, b"secret12", b"device 7"),
        (b"HomeNet", "Größe12".encode(), b"token"),
        (b"HomeNet", b"secret12", b"\x80\xff"),
        (UTF8, UTF8, UTF8),
        (b"HomeNet", b"", b"\xff" * 64),
        (b"s" * 32, b"p" * 64, b"r" * 64),
        (b"\xff" * 32, b"\xfe" * 64, b"\xfd" * 64),
    )
    for number, (ssid, password, extra) in enumerate(words):
        packets = senders.esptouch2_packets(ssid, password, BSSID, extra, number % 4)
        for loss in (0, 0.2):
            records = on_air.records(sent(packets), number % 2, 76, loss, number + 1)
            check(listen(records), ssid, password, extra, number % 4)


def test_no_ssid():
    packets = senders.esptouch2_packets(b"", b"secret12", BSSID)
    check(listen(on_air.records(sent(packets))), None, b"secret12")


def test_encrypted():
    cases = (
        (b"correct horse 42", b"user-data-123", 2, BOTH, IV),
        (b"", b"user-data-123", 2, EXTRA, IV),
        (b"correct horse 42", b"", 1, ALONE, b""),
    )
    for password, extra, security, secret, iv in cases:
        secret = unhex(secret)
        for ssid in (b"HomeNet", UTF8, b""):
            packets = senders.esptouch2_packets(
                ssid, password, BSSID, extra, 3, security, secret, iv
            )
            for loss in (0, 0.2):
                records = on_air.records(sent(packets), on_air.FROM_DS, 80, loss)
                check(listen(records, KEY), ssid or None, password, extra, 3)
        for key in (None, b"another key, 16b"):
            assert listen(on_air.records(sent(packets)), key, 1000) is None


def test_nothing_to_encrypt():
    for security, iv in ((1, b""), (2, b""), (2, IV)):
        blocks = senders.esptouch2_packets(UTF8, b"", BSSID, security=security, iv=iv)
        check(listen(on_air.records(sent(blocks))), UTF8, b"")
        check(listen(on_air.records(sent(blocks)), KEY), UTF8, b"")


def test_a_key_does_no_harm_to_what_is_in_clear():
    packets = senders.esptouch2_packets(b"HomeNet", b"secret12", BSSID, b"more")
    check(listen(on_air.records(sent(packets)), KEY), b"HomeNet", b"secret12", b"more")


def test_sync_while_the_user_types():
    packets = senders.esptouch2_packets(b"HomeNet", b"secret12", BSSID)
    for loss in (0, 0.2):
        records = on_air.records(sent(packets, 50), loss=loss)
        check(listen(records), b"HomeNet", b"secret12")


def test_two_passes_are_enough_for_much_loss():
    # A plane that is missing follows from the CRC. Of 67 packets 58 are heard at 13 % loss.
    packets = senders.esptouch2_packets(b"MyHomeNet-2G", b"correct horse 42", BSSID)
    enough = 0
    for seed in range(20):
        records = on_air.records(sent(packets), loss=0.13, seed=seed + 1)
        enough += listen(records, most=2 * 58 + 30) is not None
    assert enough >= 14


def test_an_access_point_that_sends_all_twice():
    packets = senders.esptouch2_packets(UTF8, b"secret12", BSSID)
    for seed in range(4):
        records = on_air.records(sent(packets), on_air.FROM_DS, 80, 0.2, seed + 1, stride=2)
        check(listen(records), UTF8, b"secret12")


def test_beacons_and_retries():
    packets = senders.esptouch2_packets(b"HomeNet", b"correct horse", BSSID)
    for seed in range(4):
        loss = 0.1 * seed
        records = on_air.records(
            sent(packets), on_air.FROM_DS, 76, loss, seed + 1, 15000, 0, 0.2, 2
        )
        check(listen(records), b"HomeNet", b"correct horse")


def test_a_phone_that_begins_anew_in_the_middle_of_a_pass():
    # What was captured ends there; no sequence number is left out.
    vector = vectors.load("esptouch_v2__official_java__ascii__aes_v1")
    for seed in (88, 89, 90):
        packets = vectors.packets(vector, 10)
        heard = listen(on_air.records(packets, overhead=86, loss=0.4, seed=seed), KEY)
        assert heard and (heard.ssid, heard.key) == (vector["ssid"], vector["password"])


def test_other_transmitters_do_no_harm():
    packets = senders.esptouch2_packets(b"HomeNet", b"correct horse", BSSID)
    for name in ("esptouch_v1__sandwych_golden__mmkd", "airkiss__sandwych_golden__mmkd"):
        # Never all that they have to say.
        other = list(vectors.packets(vectors.load(name)))[:25] * 200
        streams = on_air.mixed(
            on_air.records(sent(packets), on_air.FROM_DS, 76, 0.1, gap_us=15000),
            on_air.records(other, on_air.TO_DS, 78, 0.1, gap_us=6000, transmitter=1),
        )
        check(listen(streams), b"HomeNet", b"correct horse")


def decoder():
    from provisioning.methods.smartconfig.esptouch2 import Decoder

    return Decoder()


def test_without_sequence_numbers():
    packets = senders.esptouch2_packets(b"HomeNet", b"correct horse", BSSID)
    for seed in range(4):
        random = on_air.Random(seed + 1)
        ears = decoder()
        heard = None
        for _, length in sent(packets):
            if random.below(10) >= seed:
                heard = ears.feed(length, -1, -1)
            if heard:
                break
        check(heard, b"HomeNet", b"correct horse")


def test_numbers_that_do_not_count():
    packets = senders.esptouch2_packets(b"HomeNet", b"correct horse", BSSID)
    ears = decoder()
    for length in packets * 3:
        assert ears.feed(length, 7, -1) is None
    for sequence, length in enumerate(packets * 3):
        if ears.feed(length, sequence, -1):
            return
    raise AssertionError("nothing heard")


def test_what_changes_is_said_again():
    ears = decoder()
    sequence = 0
    for password in (b"correct horse", b"battery", b"correct horse"):
        packets = senders.esptouch2_packets(b"HomeNet", password, BSSID)
        said = []
        for length in packets * 20:
            sequence = sequence + 1 & 0xFFF
            heard = ears.feed(length, sequence, -1)
            if heard:
                said.append(heard)
        assert len(said) == 1
        check(said[0], b"HomeNet", password)


def test_wrong_checks_give_nothing():
    packets = senders.esptouch2_packets(b"HomeNet", b"correct horse", BSSID)
    for at in (4, 8, 16, 22, 38, 44):
        wrong = packets[:]
        wrong[at] ^= 1
        assert listen(on_air.records(sent(wrong)), most=2000) is None


def test_random_frames_give_nothing():
    random = on_air.Random(5)
    for limit in (0x400, 0xC0, 1200):
        ears = decoder()
        for n in range(4000):
            assert ears.feed(random.below(limit), n * (1 + limit % 3) & 0xFFF, -1) is None
            if n % 50 == 0:
                for length in (1048, 1074, 1048, 1074):
                    ears.feed(length, n & 0xFFF, -1)


def test_shuffled_packets_give_nothing():
    # All that a phone sends, in no order: nothing has its place.
    packets = senders.esptouch2_packets(b"HomeNet", b"correct horse", BSSID)
    random = on_air.Random(3)
    ears = decoder()
    for n in range(8000):
        assert ears.feed(packets[random.below(len(packets))], n & 0xFFF, -1) is None
