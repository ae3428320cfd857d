# Every vector decodes when frames are lost, or sent again, and when beacons take numbers.
# MIT licence

import on_air
import vectors
import whole_air

LOSSES = (0.1, 0.2, 0.3, 0.4)


def heard_from_each_side(start):
    """Each copy alone, with the numbers that beacons and retries take."""
    for number, name in enumerate(vectors.names(start)):
        vector = whole_air.load(name)
        for way in whole_air.ways(vector):
            for others, retries in ((0, 0), (1 + number % 3, 0.3)):
                how = {"others": others, "retries": retries, "gap_us": whole_air.gap_us(vector)}
                sent = on_air.records(whole_air.packets(vector), way, 80, **how)
                heard = whole_air.listen(sent, vector["key"])
                whole_air.check(heard, vector, ("side", way, others))


def heard_with_loss(start):
    for number, name in enumerate(vectors.names(start)):
        vector = whole_air.load(name)
        ways = whole_air.ways(vector)
        for i, loss in enumerate(LOSSES):
            way = ways[(number + i) % len(ways)]
            sent = on_air.records(
                whole_air.packets(vector), way, 76, loss, number + i, retries=0.2 * (i % 2)
            )
            heard = whole_air.listen(sent, vector["key"])
            whole_air.check(heard, vector, ("loss", loss, way))


def test_sides_airkiss():
    heard_from_each_side("airkiss_aes")
    heard_from_each_side("airkiss__")


def test_sides_esptouch():
    heard_from_each_side("esptouch")


def test_sides_ti():
    heard_from_each_side("ti_")


def test_sides_others():
    heard_from_each_side("easylink")
    heard_from_each_side("tuya")


def test_loss_airkiss():
    heard_with_loss("airkiss_aes")
    heard_with_loss("airkiss__")


def test_loss_esptouch1():
    heard_with_loss("esptouch_v1__")


def test_loss_esptouch1_before_2018_05():
    heard_with_loss("esptouch_v1_20")


def test_loss_esptouch2():
    heard_with_loss("esptouch_v2")


def test_loss_ti():
    heard_with_loss("ti_")


def test_loss_others():
    heard_with_loss("easylink")
    heard_with_loss("tuya")
