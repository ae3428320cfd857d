# Every vector decodes as a board hears it: from each side, with each overhead.
# MIT licence

import on_air
import vectors
import whole_air


def offsets():
    from provisioning.methods.smartconfig import syncs

    return syncs.OFFSETS


def heard_with_each_overhead(start):
    """All vectors of a protocol: each overhead from the phone or from its access point."""
    for number, name in enumerate(vectors.names(start)):
        vector = whole_air.load(name)
        ways = whole_air.ways(vector)
        for i, overhead in enumerate(offsets()):
            way = ways[(number + i) % len(ways)]
            sent = on_air.records(whole_air.packets(vector), way, overhead, seed=i + 1)
            heard = whole_air.listen(sent, vector["key"])
            whole_air.check(heard, vector, ("overhead", overhead, way))


def test_overheads_airkiss():
    heard_with_each_overhead("airkiss_aes")
    heard_with_each_overhead("airkiss__")


def test_overheads_esptouch1():
    heard_with_each_overhead("esptouch_v1__")


def test_overheads_esptouch1_before_2018_05():
    heard_with_each_overhead("esptouch_v1_20")


def test_overheads_esptouch2():
    heard_with_each_overhead("esptouch_v2")


def test_overheads_ti_cc3000():
    heard_with_each_overhead("ti_cc3000")


def test_overheads_ti_1():
    heard_with_each_overhead("ti_smartconfig_gen1")


def test_overheads_ti_2():
    heard_with_each_overhead("ti_smartconfig_gen2")


def test_overheads_others():
    heard_with_each_overhead("easylink")
    heard_with_each_overhead("tuya")


# (capture, SSID, password, frames that the reference decoder needed)
CAPTURES = (
    ("airkiss_real__airkissopen_cap1", b"CDHN_103", b"qwe", 205),
    ("airkiss_real__airkissopen_cap2", b"CDHN_Test", b"wer123456", 440),
    ("airkiss_real__airkissopen_cap3", b"505", b"abcdefghijk", 757),
    ("airkiss_real__wechat_ch3_anonymised", b"NODENO", b"teamte838", 947),
)


def is_right(heard, ssid, key):
    assert heard, ("nothing heard", ssid)
    assert (heard.protocol, heard.ssid, heard.key) == ("airkiss", ssid, key)


def test_captures_in_no_more_frames_than_the_reference():
    for name, ssid, key, frames in CAPTURES:
        is_right(whole_air.listen(on_air.captured(name, frames)), ssid, key)


def test_a_capture_from_each_side_alone():
    from provisioning.methods.smartconfig.air import Air

    name, ssid, key, _ = CAPTURES[-1]
    sides = [Air(), Air()]
    told = [None, None]
    for record in on_air.captured(name):
        side = record[6] & on_air.FROM_DS
        told[side] = told[side] or sides[side].feed(record, 1)
        if None not in told:
            break
    for heard in told:
        is_right(heard, ssid, key)
