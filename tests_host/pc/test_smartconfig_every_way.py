# Every vector and case, each way, with every overhead and loss: the long form of behaviour tests.
# MIT licence

import pytest

import cases
import on_air
import vectors
import whole_air
from provisioning.methods.smartconfig.syncs import OFFSETS

LOSSES = (0, 0.1, 0.2, 0.3, 0.4)
ALL = [n for n in vectors.names() + cases.names() if not n.startswith("airkiss_real")]


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ALL)
def test_every_way(name):
    vector = whole_air.load(name)
    seeds = (1, 2, 3) if name in vectors.names() else (1,)
    for way in whole_air.ways(vector):
        for overhead in OFFSETS:
            for loss in LOSSES:
                for seed in seeds:
                    sent = on_air.records(
                        whole_air.packets(vector), way, overhead, loss, seed + overhead
                    )
                    heard = whole_air.listen(sent, vector["key"])
                    whole_air.check(heard, vector, (name, way, overhead, loss, seed))
