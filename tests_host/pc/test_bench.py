# The benchmark's parts do what they say. No time and no size is judged here.
# MIT licence
import re

import pytest

from tools import bench, bench_board, bench_heap, bench_report, bench_time, micropython


@pytest.fixture(scope="module", autouse=True)
def _compiled(tmp_path_factory):
    """A tree of this test's own: somebody may be measuring."""
    if micropython.find(32).path is None:
        pytest.skip(micropython.find(32).reason)
    home = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        for module in (bench_board, bench_heap):
            patch.setattr(module, "HOME", home)
            patch.setattr(module, "ROM", home / "lib.romfs")
        bench_board.compile_all()
        yield


def flat(value):
    return {"min": value, "median": value, "max": value, "count": 1}


def figures(**changed):
    """Made-up figures, all within their budgets."""
    heap = dict.fromkeys(
        "imported open serving most kept_keeps kept_online table_keeps table_online"
        " configured_esp32 configured_rp2 rom_serving rom_kept".split(),
        flat(1000),
    )
    for face in bench_heap.FACES:
        heap |= {"imported_" + face: flat(1000), "used_" + face: flat(2000)}
    module = {"module": "provisioning", "bytes": 10, "brought": [], "qstrs": 1, "qstr_bytes": 9}
    rate = {"per_s": flat(50), "p50_ms": 1, "p99_ms": 2, "count": 10}
    kinds = dict.fromkeys("bare online added radio confirm beyond".split(), flat(10))
    found = {
        "size": {"modules": {"a": 1, "b": 2}, "page": 3, "languages": {"en": 4}},
        "heap": heap | {"smallest": 50000, "modules": [module]},
        "http": dict.fromkeys("page bare_page status bare_status dns".split(), rate)
        | {"page_bytes": 9, "status_bytes": 9, "free": 9},
        "dns": {"a": flat(1), "aaaa": flat(1)},
        "joins": {"esp32": kinds, "rp2": kinds},
        "lab": {"esp32": {"before": flat(9), "after": flat(8), "served": {"nobody else": 7}}},
    }
    found["heap"].update(changed)
    return bench.about() | found


def test_a_run_is_measured_from_import_to_end():
    found = bench_heap._run("online")
    assert 0 < found["imported"] < found["open"] < found["serving"] <= found["most"]
    # What came with the run went with it, the table of names apart.
    assert found["kept"] < found["open"] - found["imported"]
    assert found["table"] <= found["kept"]


@pytest.mark.parametrize("face", bench_heap.FACES)
def test_a_face_is_measured_by_itself(face):
    found = bench_heap._face(face)
    assert 0 < found["imported"] < found["used"]


def test_the_same_run_from_romfs_has_its_code_elsewhere():
    assert bench_heap._run("keeps", bench_board.ROM)["open"] < bench_heap._run("keeps")["open"]


def test_each_module_is_charged_once():
    found = bench_heap.imports()
    loaded = [name for entry in found for name in [entry["module"], *entry["brought"]]]
    assert sorted(loaded) == sorted(set(loaded))
    assert set(loaded) == set(bench_heap.sizes()["modules"])
    assert all(entry["bytes"] > 0 for entry in found)


def test_a_heap_that_is_too_small_serves_nobody():
    assert not bench_heap._serves(16 * 1024)
    assert bench_heap._serves(1 << 19)


def test_the_heap_for_the_library_is_as_large_as_asked():
    for free in (250_000, 400_000):
        with bench_heap.Portal("keeps", free=free) as portal:
            assert abs(portal.free - free) < 2000


def test_servers_answer_side_by_side():
    with bench_heap.Portal("keeps") as portal:
        found = bench_time.servers(portal, blocks=2, count=3)
    for name in ("page", "bare_page", "status", "bare_status", "dns"):
        assert found[name]["count"] == 6
        assert found[name]["p50_ms"] <= found[name]["p99_ms"]
    assert found["page_bytes"] > found["status_bytes"] > 0


def test_dns_answers_are_timed():
    found = bench_time.dns_answer(count=10, times=2)
    assert found["a"]["count"] == found["aaaa"]["count"] == 2
    assert found["a"]["min"] > 0


def test_joins_are_measured_on_both_boards():
    found = bench_time.joins(bench_heap.Portal, rounds=1, speed=20)
    assert set(found) == {"esp32", "rp2"}
    for one in found.values():
        # 800 ms of radio at 20 times its speed, less the grain of the clock.
        assert one["bare"]["min"] >= one["radio"]["min"] > 35
        assert one["online"]["min"] - one["bare"]["min"] == one["added"]["min"]
        assert one["confirm"]["min"] >= bench_time.HOLD_MS


def test_a_board_that_fails_is_reported_with_its_words():
    with (
        bench_board.Board("join", board="esp32", flash="/nowhere", how="") as board,
        pytest.raises(bench_board.BenchError, match="join: no answer"),
    ):
        board.until("no such message", timeout_s=10)


def test_percentile_and_spread():
    values = [3, 1, 2, 10]
    assert bench_time.spread(values) == {"min": 1, "median": 2.5, "max": 10, "count": 4}
    assert bench_time.percentile(range(100), 99) == 99
    assert bench_time.percentile(range(100), 50) == 50
    assert bench_time.percentile([7], 99) == 7


def test_only_what_is_over_its_budget_is_said_to_be():
    assert bench_report.over_budget(figures()) == []
    over = bench_report.over_budget(figures(serving=flat(90_000)))
    assert over == [("while the portal serves", "90.0 kB", "45.0 kB")]


def test_markdown_holds_every_table_and_row():
    text = bench_report.markdown(figures())
    for table in bench_report.tables(figures()):
        assert f"### {table.title}\n" in text
        assert all(len(row) == len(table.columns) for row in table.rows)
    widths = {line.count(" | ") for line in text.splitlines() if line.startswith("| while")}
    assert widths == {3}
    assert re.search(r"Measured \d{4}-\d\d-\d\d, \d+ cores", text)


def test_the_page_keeps_its_words_when_figures_change():
    begin, end = bench.MARKS
    page = f"before\n{begin}old\n{end}after\n"
    once = bench.update(page, "new\n")
    assert once == f"before\n{begin}\nnew\n\n{end}after\n"
    assert bench.update(once, "new\n") == once
    with pytest.raises(ValueError):
        bench.update("no marks", "new\n")


def test_the_page_has_its_place_for_the_figures():
    assert bench.update(bench.PAGE.read_text(), "x\n") != ""
