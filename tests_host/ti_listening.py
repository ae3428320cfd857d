# What the tests of TI's three SmartConfigs have in common.
# MIT licence

import on_air
import ti_sender
import vectors

KEY = b"1234567890abcdef"
LONG = b"A passphrase that has 63 bytes is the longest that anybody types"[:63]
NAME = ti_sender.device_name("Küche".encode())


def sent(sender):
    """(destination, length) of a phone that sends for ever."""
    return ((to, length) for to, length, _ in sender)


def hearing(generate):
    """hear(...): what is heard of a phone that sends this by `generate`, and in how many frames.

    key: the board's, if it is not the phone's. All else by its name is for on_air.records().
    """

    def hear(*arguments, **how):
        key = how.pop("key", arguments[2] if len(arguments) > 2 else None)
        return on_air.hear(on_air.records(sent(generate(*arguments)), **how), key)

    return hear


def check(heard, protocol, ssid, password, extra=b""):
    assert heard, "nothing heard"
    assert (heard.protocol, heard.ssid, heard.key, heard.extra) == (
        protocol,
        ssid,
        password,
        extra,
    )
    assert (heard.ssid_crc, heard.bssid, heard.bssid_crc, heard.address) == (-1, b"", -1, "")


def vector_key(vector):
    return vector["key"].encode() if vector.get("key") else None


def check_vectors(protocol, ways):
    """Each of a protocol's, in each way, with each overhead."""
    from provisioning.methods.smartconfig.syncs import OFFSETS

    for name in vectors.names(protocol):
        vector = vectors.load(name)
        for way in ways:
            for overhead in OFFSETS:
                records = on_air.records(vectors.packets(vector, 2), way, overhead)
                heard, _ = on_air.hear(records, vector_key(vector))
                check(heard, protocol, vector["ssid"], vector["password"])


def check_loss(protocol, ways):
    """Each of a protocol's vectors with 10 to 40 % of the frames lost."""
    for name in vectors.names(protocol):
        vector = vectors.load(name)
        for percent in (10, 20, 30, 40):
            for seed in (1, 2, 3):
                packets = vectors.packets(vector, 12)
                way = ways[seed % len(ways)]
                records = on_air.records(packets, way, loss=percent / 100, seed=seed)
                heard, _ = on_air.hear(records, vector_key(vector))
                check(heard, protocol, vector["ssid"], vector["password"])


def check_crowd(protocol, way):
    """Each of a protocol's vectors, while others are on the air: each its own transmitter."""
    from provisioning.methods.smartconfig.air import Air

    others = [n for n in vectors.names() if not n.startswith(("ti_", "airkiss_real"))]
    for number, name in enumerate(vectors.names(protocol)):
        vector = vectors.load(name)
        streams = [on_air.records(vectors.packets(vector, 5), way, 76, 0.1)]
        for i in range(3):
            other = vectors.load(others[(3 * number + i) % len(others)])
            # Whole messages, which may be heard as well; for longer than ours.
            packets = vectors.packets(other, 100)
            streams.append(on_air.records(packets, way, 78, 0.1, gap_us=30000, transmitter=i + 1))
        air = Air(vector_key(vector))
        heard = None
        for record in on_air.mixed(*streams):
            heard = air.feed(record, 1)
            if heard and heard.protocol.startswith("ti_"):
                break
        check(heard, protocol, vector["ssid"], vector["password"])


def check_sender(protocol, generate):
    """Our sender sends what the real ones do, but for the address of the router."""
    for name in vectors.names(protocol):
        vector = vectors.load(name)
        ours = sent(generate(vector["ssid"], vector["password"], vector_key(vector)))
        for to, length in vectors.packets(vector):
            our_to, our_length = next(ours)
            assert our_length == length
            assert our_to == to or not to.startswith("224.")


def check_middle(protocol, generate, packets):
    """Boards that begin to listen somewhere in a list. packets: in which all has to be heard."""
    for missed in range(0, 152, 11):
        ours = sent(generate(b"Net", b"password"))
        for _ in range(missed):
            next(ours)
        heard, count = on_air.hear(on_air.records(ours))
        check(heard, protocol, b"Net", b"password")
        assert count <= packets, (missed, count)


def first_then(first, count, second):
    """`count` packets of one phone, then those of another."""
    for _ in range(count):
        yield next(first)
    yield from second


def check_begun_again(generate, pairs, loss=0.1):
    """A phone that begins again with something else, somewhere: never a mixture of both.

    pairs: of (SSID, password), the first and the second.
    """
    for first, second in pairs:
        for cut in range(40, 300, 13):
            packets = first_then(sent(generate(*first)), cut, sent(generate(*second)))
            heard, _ = on_air.hear(on_air.records(packets, loss=loss, seed=cut))
            assert (heard.ssid, heard.key) in (first, second), (first, second, cut)


def check_no_mixture(decoder, generate, frames):
    """A second phone tells what of the first one's password was lost: that is not the rest of it.

    The first one was stopped inside of a list. frames: of a list with 8 characters.
    """
    first, second = b"aaaaaaaa", b"abaaaaba"  # two of them differ
    lost = 593 + (6 ^ 3) * 16 + 1, 593 + (1 ^ 4) * 16 + 6  # what tells the first one of these
    stop = 4 * frames - frames // 4
    packets = sent(generate(b"Net", first))
    packets = first_then(packets, stop, sent(generate(b"Net", second)))
    for number in range(10 * frames):
        _, length = next(packets)
        if number >= stop or length not in lost:
            heard = decoder.feed(length, number & 0xFFF, 0xEB)
            if heard:
                break
    assert (heard.ssid, heard.key) == (b"Net", second)


BEGUN_AGAIN = (
    ((b"Net", b"password"), (b"Net", b"passwort1")),
    ((b"HomeA", b"password"), (b"HomeB", b"passwore")),
    ((b"Net", b"abcdefgh"), (b"Net", b"abxdefgx")),
)


def check_wrong_frame(protocol, generate, frames):
    """One list, of so many frames, differs from all others in one packet."""
    for at in range(frames + 1, 2 * frames):
        packets = _with_wrong(sent(generate(b"Net", b"password")), at)
        heard, _ = on_air.hear(on_air.records(packets))
        check(heard, protocol, b"Net", b"password")


def _with_wrong(packets, at):
    for number, (to, length) in enumerate(packets):
        if number == at and length > 23:
            length = 593 + (length - 593 ^ 1) if 593 <= length <= 848 else length + 1
        yield to, length


def feed_without_numbers(decoder, packets, lost=10, seed=3):
    """What a decoder hears of lengths alone, of which one in `lost` is missing."""
    random = on_air.Random(seed)
    for _ in range(6000):
        _, length = next(packets)
        if random.below(lost):
            heard = decoder.feed(length, -1, -1)
            if heard:
                return heard
    return None


def feed_numbered(decoder, packets, count, loss=0):
    """The same with numbers, loss in percent. The first `count` packets; frames have no group."""
    random = on_air.Random(5)
    for number in range(count):
        _, length = next(packets)
        if random.below(100) >= loss:
            heard = decoder.feed(length, number & 0xFFF, 0xEB)
            if heard:
                return heard
    return None


def check_noise(name):
    """Frames in no order say nothing, not even with the lengths of a real message."""
    own = [length for _, length in vectors.packets(vectors.load(name))]
    markers = [3, 23, 1099, 1199, 1399, 1459, 28, 29]
    for lengths in (own, range(1500), markers + list(range(593, 849))):
        heard, _ = on_air.hear(noise(lengths, 3000, 7), KEY)
        assert heard is None, (heard.ssid, heard.key)


def noise(lengths, count, seed):
    """Frames of one stream with lengths, of UDP, out of a list: in no order, some numbers left."""
    random = on_air.Random(seed)
    number = 0
    for _ in range(count):
        number += 1 + random.below(2)
        length = lengths[random.below(len(lengths))]
        yield on_air.record(78 + length, number & 0xFFF, 0, b"\0\0\xeb", random.below(3))
