# EasyLink V2: two bytes in each group's address.
# MIT licence

import on_air
import vectors


def check(heard, vector):
    assert heard and heard.protocol == "easylink_v2"
    assert (heard.ssid, heard.key) == (vector["ssid"], vector["password"])
    assert heard.address == vector["ip"]
    assert heard.extra == b""


def packets(ssid, key, info=b"", cycles=4, wrong=None):
    """What a phone sends; wrong: this byte of one of the lists is another."""
    data = ssid + key + bytes((len(ssid) + len(key)) % 2)
    data = bytes((len(ssid), len(key))) + data + bytes((len(info), 0)) + info
    data += bytes(len(data) % 2)
    for cycle in range(cycles):
        for _ in range(5):
            yield "239.118.0.0:15000", 20
        for n in range(0, len(data), 2):
            a, b = data[n], data[n + 1]
            if n == wrong and cycle == 1:
                a ^= 1
            yield "239.126.%d.%d:15000" % (a, b), 20 + n // 2


def test_both_ways_and_all_overheads():
    from provisioning.methods.smartconfig import syncs

    for name in vectors.names("easylink"):
        vector = vectors.load(name)
        for offset in syncs.OFFSETS:
            for way in (on_air.TO_DS, on_air.FROM_DS):
                heard, _ = on_air.hear(on_air.records(vectors.packets(vector, 3), way, offset))
                check(heard, vector)


def test_loss():
    for name in vectors.names("easylink"):
        vector = vectors.load(name)
        for n, loss in enumerate((0.1, 0.2, 0.3, 0.4)):
            heard, _ = on_air.hear(on_air.records(vectors.packets(vector, 20), n & 1, loss=loss))
            check(heard, vector)


def test_once_is_not_enough():
    heard, count = on_air.hear(on_air.records(packets(b"HomeNet", b"secret", cycles=1)))
    assert heard is None
    heard, count = on_air.hear(on_air.records(packets(b"HomeNet", b"secret", cycles=2)))
    assert (heard.ssid, heard.key, heard.address) == (b"HomeNet", b"secret", "")
    assert count == 2 * (5 + 1 + 7 + 1)


def test_what_differs_has_to_be_heard_again():
    for wrong in (0, 4, 14, 16):
        said = packets(b"HomeNet", b"secret", b"hello#\xc0\xa8\x01\x64", wrong=wrong)
        heard, _ = on_air.hear(on_air.records(said))
        assert (heard.ssid, heard.key) == (b"HomeNet", b"secret")
        assert (heard.extra, heard.address) == (b"hello", "192.168.1.100")


def test_longest_and_open():
    more = bytes(range(100, 140))
    for ssid, key in ((b"S" * 32, b"p" * 64), (b"a", b"")):
        heard, _ = on_air.hear(on_air.records(packets(ssid, key, more)))
        assert (heard.ssid, heard.key, heard.extra) == (ssid, key, more)


def _noise():
    random = on_air.Random(3)
    for n in range(3000):
        begins = n % 9 == 0
        group = bytes((0x76, 0, 0)) if begins else bytes((0x7E, random.below(256), 0))
        length = 98 if begins else 98 + random.below(60)
        yield on_air.record(length, n & 0xFFF, 0, group, 2)


def test_other_groups_are_nothing():
    heard, count = on_air.hear(_noise())
    assert heard is None and count == 3000
