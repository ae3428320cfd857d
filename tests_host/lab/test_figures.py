# The benchmark's network half says what it measured. No time is judged here.
# MIT licence

from tools import bench_lab


def test_what_a_phone_waits_for_is_measured():
    found = bench_lab.measure(rounds=1, seconds=0.5, boards=["esp32"])["esp32"]
    assert found["before"]["count"] > 60 and found["after"]["count"] > 40
    assert 0 < found["before"]["median"] <= found["before"]["max"]
    assert set(found["served"]) == set(bench_lab.GUESTS)
    assert all(0 < worst < 10000 for worst in found["served"].values())
