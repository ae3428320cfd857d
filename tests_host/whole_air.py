# All protocols' vectors and cases, put on the air in the ways that a network does: for tests.
# MIT licence

import cases
import on_air
import vectors

CYCLES = 1000  # of a vector: its phone goes on
MOST = 30000  # records


def load(name):
    """A vector or a case; key is bytes or None, and see `extra` and `ssid_sent`."""
    if name in cases.ALL:
        return cases.load(name)
    vector = vectors.load(name)
    vector["key"] = vector["key"].encode() if vector.get("key") else None
    vector["extra"] = bytes.fromhex(vector.get("reserved_hex") or "")
    vector["extra"] += (vector.get("token_group") or "").encode()
    vector["ssid_sent"] = not vector["protocol"].startswith("esptouch_v1_2")
    return vector


def packets(vector, cycles=CYCLES):
    """What is sent, for long."""
    return (cases if vector["name"] in cases.ALL else vectors).packets(vector, cycles)


_GAPS_US = (
    ("ti_cc3000", 3000),
    ("ti_smartconfig_gen1", 700),
    ("ti_smartconfig_gen2", 10000),
    ("esptouch_v1", 8000),
    ("esptouch_v2", 15000),
    ("easylink", 10000),
)


def is_unicast(vector):
    """Whether there is no copy of the access point's."""
    return vector["protocol"] in ("ti_cc3000_ftc", "ti_smartconfig_gen1")


def gap_us(vector):
    """From packet to packet on the air, also where the sender makes no pause."""
    for start, gap in _GAPS_US:
        if vector["protocol"].startswith(start):
            return gap
    return 5000


def ways(vector):
    """In which it can be heard."""
    return (on_air.TO_DS,) if is_unicast(vector) else (on_air.TO_DS, on_air.FROM_DS)


def listen(records, key=None, most=MOST):
    """What is heard first, or None."""
    return on_air.hear(records, key, most)[0]


def family(protocol):
    """ESP-Touch v1 is of the same form in two of the years, but for its BSSID."""
    return protocol.split("_20")[0]


def check(heard, vector, where=""):
    """That it is what was sent."""
    assert heard, ("nothing heard", vector["protocol"], vector["ssid"], where)
    where = (vector["protocol"], vector["ssid"], where, heard.protocol, heard.ssid)
    assert family(heard.protocol) == family(vector["protocol"]), where
    assert heard.key == vector["password"], where
    if heard.ssid is None:
        assert not vector["ssid_sent"], where
        assert heard.ssid_crc == cases.crc8(vector["ssid"]), where
    else:
        assert heard.ssid == vector["ssid"], where
    bssid = bytes.fromhex((vector.get("bssid") or "").replace(":", ""))
    assert heard.bssid in (b"", bssid), where
    assert heard.bssid_crc in (-1, cases.crc8(bssid)), where
    assert heard.address in ("", vector.get("ip")), where
    assert heard.extra == vector["extra"], where


def whose(heard, crowd):
    """Which of several phones sent that, by number: some may send the same."""
    assert heard, "nothing heard"
    found = []
    for number, vector in enumerate(crowd):
        try:
            check(heard, vector)
            found.append(number)
        except AssertionError:
            pass
    assert found, ("nobody sent that", heard.protocol, heard.ssid, heard.key)
    return found


def listen_for(records, key, vector, others):
    """What a phone says: until it is heard, all that is heard of others has to be right."""
    from provisioning.methods.smartconfig.air import Air

    air = Air(key)
    most = MOST
    for record in records:
        heard = air.feed(record, 1)
        if heard and 0 in whose(heard, [vector] + others):
            return heard
        most -= 1
        if not most:
            return None
    return None


def without_much(packets):
    """Packets of which four of ten lengths are never sent, but those that a phone begins with."""
    for to, length in packets:
        begins = length <= 23 or 256 <= length <= 259 or 512 <= length <= 515 or length > 1000
        if begins or length % 5 not in (1, 3):
            yield to, length


def in_bursts(records, beacon_us=102400):
    """As an access point sends them while some station sleeps: after a beacon, all at once."""
    for record in records:
        time_us = int.from_bytes(record[:4], "little")
        late = (time_us // beacon_us + 1) * beacon_us + time_us % beacon_us // 64
        yield late.to_bytes(4, "little") + record[4:]


def later(records, us):
    """The same records, each so much later."""
    for record in records:
        yield (int.from_bytes(record[:4], "little") + us).to_bytes(4, "little") + record[4:]
