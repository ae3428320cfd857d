# The same senders' other cases decode too: longest, open, hidden, other alphabets, with keys.
# MIT licence

import cases
import on_air
import whole_air


def heard(start, loss):
    """All cases of a protocol, one side after the other, each with another overhead."""
    from provisioning.methods.smartconfig.syncs import OFFSETS

    for number, name in enumerate(cases.names(start)):
        vector = whole_air.load(name)
        ways = whole_air.ways(vector)
        way = ways[(number + bool(loss)) % len(ways)]
        overhead = OFFSETS[number % len(OFFSETS)]
        sent = on_air.records(whole_air.packets(vector), way, overhead, loss, number + 1)
        heard = whole_air.listen(sent, vector["key"])
        whole_air.check(heard, vector, (name, way, overhead, loss))
        assert "token" not in vector or heard.token == vector["token"], name


def test_airkiss():
    heard("airkiss__", 0)
    heard("airkiss_aes", 0)


def test_airkiss_with_loss():
    heard("airkiss__", 0.2)
    heard("airkiss_aes", 0.2)


def test_esptouch1():
    heard("esptouch_v1__", 0)
    heard("esptouch_v1__", 0.2)


def test_esptouch1_before_2018_05():
    heard("esptouch_v1_20", 0)


def test_esptouch2():
    heard("esptouch_v2", 0)


def test_esptouch2_with_loss():
    heard("esptouch_v2", 0.2)


def test_ti():
    heard("ti_", 0)


def test_ti_with_loss():
    heard("ti_", 0.2)


def test_others():
    heard("easylink", 0)
    heard("tuya", 0.2)
