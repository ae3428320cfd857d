# What our senders send is what the real ones sent.
# MIT licence

import senders
import vectors

MAC = b"\x18\xfe\x34\x9a\xa3\xc4"
ADDRESS = "192.168.1.100"


def lengths(vector):
    return [length for _, length in vectors.packets(vector)]


def first(packets, count):
    """The lengths of the first packets, and how long they take in ms."""
    found = []
    spent = 0
    for _ in range(count):
        _, length, pause = next(packets)
        found.append(length)
        spent += pause
    return found, spent


def mac(vector):
    return bytes(int(part, 16) for part in vector["bssid"].split(":"))


def has(haystack, needle):
    needle = list(needle)
    ends = range(len(haystack) - len(needle) + 1)
    return any(haystack[i : i + len(needle)] == needle for i in ends)


def test_esptouch1():
    worked = (72, 296, 99, 184, 297, 201, 219, 298, 83, 166, 299, 50, 245, 300, 141)
    triplets = senders.esptouch1_triplets(b"a", b"b", MAC, ADDRESS)
    assert tuple(length for triplet in triplets[:5] for length in triplet) == worked
    assert triplets[5] == (217, 307, 208) and triplets[-1] == (68, 312, 76)
    for name in vectors.names("esptouch_v1__"):
        if "kurdymalloy" in name:
            continue  # in another order
        vector = vectors.load(name)
        address = vector.get("ip") or "192.168.1.6"
        words = vector["ssid"], vector["password"], mac(vector), address
        triplets = senders.esptouch1_triplets(*words)
        assert has(lengths(vector), [n for triplet in triplets for n in triplet])


def test_esptouch1_phases():
    packets = senders.esptouch1(b"a", b"b", MAC, ADDRESS)
    guides, spent = first(packets, 252)
    assert guides == [515, 514, 513, 512] * 63 and 2000 <= spent < 2032
    data, spent = first(packets, 501)
    assert data[:3] == [72, 296, 99] and not has(data, [515]) and 4000 <= spent < 4024
    again, _ = first(packets, 255)
    assert again[:252] == guides and again[252:] != [72, 296, 99]
    packets = senders.esptouch1(b"a", b"b", MAC, ADDRESS, multicast=True)
    places = [next(packets)[0] for _ in range(8)]
    assert places == ["234.1.1.1:7001"] * 4 + ["234.2.2.2:7001"] * 4


def test_esptouch2():
    worked = (1048, 1074, 1048, 1074, 114, 197, 321, 453, 576, 708, 836, 965, 128, 128, 128)
    packets = senders.esptouch2_packets(b"a", b"b", MAC)
    assert tuple(packets[:15]) == worked and packets[23:26] == [129] * 3 and len(packets) == 34
    for name in vectors.names("esptouch_v2"):
        vector = vectors.load(name)
        extra = vector.get("reserved_hex") or ""
        extra = bytes(int(extra[i : i + 2], 16) for i in range(0, len(extra), 2))
        if vector.get("security_version"):
            continue  # see test_esptouch2.py
        words = vector["ssid"], vector["password"], mac(vector), extra
        packets = senders.esptouch2_packets(*words)
        real = lengths(vector)[: len(packets)]
        assert real[:12] == packets[:12]
        # The last block of a text has random bytes in the end, and so another CRC.
        texts = len(vector["password"] + extra), len(vector["ssid"])
        block = 0
        for size in texts:
            full = block + size // 6
            for number in range(block, full):
                start = 12 + 11 * number
                assert real[start : start + 11] == packets[start : start + 11]
            block += -(-size // 6)
        assert len(packets) == 12 + 11 * block


def test_esptouch2_pauses():
    packets = senders.esptouch2_packets(b"a", b"b", MAC)
    sent = senders.esptouch2(packets, syncs=3)
    assert first(sent, 3) == ([1048] * 3, 300)
    assert first(sent, 34) == (packets, 35 * 15)
    while next(sent)[2] < 100:
        pass
    assert first(sent, 33)[1] == 3400


def test_airkiss():
    magic, prefix, data = senders.airkiss_passes(b"a", b"b", 15)
    assert (magic, prefix) == ([8, 19, 35, 59], [64, 81, 101, 126])
    assert data == [201, 128, 354, 271, 353]
    for name in vectors.names("airkiss__"):
        vector = vectors.load(name)
        if vector.get("random") is None:
            continue
        words = vector["ssid"], vector["password"], vector["random"]
        for passes in senders.airkiss_passes(*words, prefixed="zhchbin" in name):
            assert has(lengths(vector), passes)


def test_airkiss_encrypted():
    vector = vectors.load("airkiss_aes__tencent_manual")
    text = vector["ciphertext_hex"]
    secret = bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))
    for passes in senders.airkiss_passes(vector["ssid"], secret, vector["random"]):
        assert has(lengths(vector), passes)


def test_airkiss_phases():
    passes = senders.airkiss_passes(b"NODENO", b"teamte838", 90)
    sent = senders.airkiss(passes)
    assert first(sent, 200) == ([1, 2, 3, 4] * 50, 2000)
    heads, spent = first(sent, 160)
    assert heads == passes[0] * 20 + passes[1] * 20 and 860 < spent < 870
    # WeChat: 32 passes of 24 packets.
    data, spent = first(sent, 32 * 24)
    assert data == passes[2] * 32 and 4000 < spent < 4100
    assert first(sent, 4)[0] == [1, 2, 3, 4]
