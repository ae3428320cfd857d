# Provisioning runs on simulated boards: what the host sees, what is stored, which role comes back.
# MIT licence

import gc

from engine import Engine, stored
from harness import simulated

HOME = ("HomeNet", "correct horse battery")


@simulated("esp32", "rp2")
async def test_right_password_is_confirmed_delivered_and_stored(board):
    engine = Engine()
    session = await engine.open()
    assert engine.portal.is_open and board.ap.active()
    progress = await engine.hand_over(*HOME)
    assert progress.state == "connected" and progress.address == board.sta.ifconfig()[0]
    assert session.read_result() == 5
    outcome = await engine.provisioner.wait()
    assert engine.statuses == [15, 16, 5, 12]
    last = engine.events[-1]
    assert (last.role, last.wlan_status, last.ssid) == (0, 3, b"HomeNet")
    assert outcome and outcome.link.ssid == "HomeNet"
    assert stored() == [(b"HomeNet", b"correct horse battery")]
    assert not board.ap.active() and board.sta.isconnected() and not engine.portal.is_open


@simulated("esp32")
async def test_garbage_is_collected_early_in_a_run_and_as_before_when_it_is_over(board):
    before = gc.threshold()
    gc.threshold(51200)  # the program's own wish
    engine = Engine()
    await engine.open()
    during = gc.threshold()
    assert 0 < during <= (gc.mem_alloc() + gc.mem_free()) // 8
    await engine.end()
    assert gc.threshold() == 51200
    gc.threshold(before)


@simulated("esp32", "rp2")
async def test_wrong_password_is_said_and_the_right_one_still_works(board):
    engine = Engine()
    session = await engine.open()
    progress = await engine.hand_over("HomeNet", "incorrect donkey")
    assert (progress.state, progress.result, progress.reason) == ("failed", 2, 2)
    assert session.read_result() == 2 and session.read_result() == 2, (
        "it is kept until the next run"
    )
    assert stored() == []
    progress = await engine.hand_over(*HOME)
    assert progress.state == "connected"
    session.read_result()
    await engine.provisioner.wait()
    assert engine.statuses == [2, 15, 16, 5, 12]
    assert len(stored()) == 1


@simulated("esp32", "rp2")
async def test_reasons_are_told_apart(board):
    engine = Engine()
    await engine.open()
    progress = await engine.hand_over("Nowhere", "whatever it is")
    assert (progress.result, progress.reason) == (1, 1), "not found"
    progress = await engine.hand_over("Basement", "basement1")
    assert (progress.result, progress.reason) == (3, 3), "no address"
    progress = await engine.hand_over("Flaky", "flakyflaky")
    assert (progress.result, progress.reason) == (2, 5), "link lost"
    assert stored() == []
    await engine.end()
    assert engine.statuses == [1, 15, 3, 15, 16, 2, 12]


@simulated("esp32")
async def test_enterprise_is_said_at_once(board):
    engine = Engine()
    await engine.open()
    start = board.now()
    progress = await engine.hand_over("SchoolNet", "whatever it is")
    assert (progress.result, progress.reason) == (2, 4)
    assert board.now() - start < 1000
    await engine.end()


@simulated("esp32", "rp2")
async def test_networks_with_something_special(board):
    for ssid, key in (
        ("CafeFree", ""),
        ("50% off & más ☕", 'p%40ss&w=rd+;ñ"'),
        ("Hidden One", "peekaboo42"),
        ("Future", "saefuture"),
        ("<b>x</b>\"';--", "injection"),
    ):
        engine = Engine()
        session = await engine.open()
        progress = await engine.hand_over(ssid, key)
        assert progress.state == "connected", (ssid, progress.reason)
        session.read_result()
        assert await engine.provisioner.wait()
        assert (ssid.encode(), key.encode()) in stored()


@simulated("esp32", "rp2")
async def test_several_offers_before_one_confirm_are_all_tried(board):
    from provisioning.profiles import Profile

    engine = Engine()
    session = await engine.open()
    session.offer(Profile("HomeNet", "incorrect donkey"))
    progress = await engine.hand_over(*HOME)
    assert progress.state == "connected"
    assert stored() == [(b"HomeNet", b"correct horse battery")]
    await engine.end()


@simulated("esp32", "rp2")
async def test_a_failed_attempt_costs_no_stored_network(board):
    engine = Engine()
    session = await engine.open()
    await engine.hand_over(*HOME)
    session.read_result()
    await engine.provisioner.wait()
    await engine.open()
    progress = await engine.hand_over("HomeNet", "incorrect donkey")
    assert progress.state == "failed"
    outcome = await engine.end()
    assert stored() == [(b"HomeNet", b"correct horse battery")]
    assert outcome.link.ssid == "HomeNet", "the link of before is made again"
    assert board.sta.isconnected()


@simulated("esp32")
async def test_a_full_list_wants_to_know_which_to_replace(board):
    from provisioning.profiles import Profile, Profiles, ProfilesFull

    profiles = Profiles()
    for i in range(7):
        profiles.add(Profile("network %d" % i, "password %d" % i))
    engine = Engine()
    assert engine.provisioner.start(0, refuse_full=True) == -2171 and engine.statuses == [9]
    session = await engine.open()
    try:
        session.offer(Profile(*HOME))
        raise AssertionError("an eighth network was taken")
    except ProfilesFull:
        pass
    session.offer(Profile(*HOME), replace=3)
    assert session.confirm()
    await engine.phase("FEEDBACK")
    names = [ssid for ssid, _ in stored()]
    assert names[3] == b"HomeNet" and len(names) == 7 and b"network 3" not in names
    await engine.end()


@simulated("esp32", "rp2")
async def test_an_unread_success_becomes_4_and_then_5_when_read(board):
    engine = Engine()
    session = await engine.open()
    await engine.hand_over(*HOME)
    await board.sleep_ms(31000)
    assert engine.statuses == [15, 16, 4]
    assert board.ap.active(), "the phone can still ask"
    assert [session.read_result(), session.read_result()] == [4, 5]
    assert await engine.provisioner.wait()
    assert engine.statuses == [15, 16, 4, 5, 12]


@simulated("esp32")
async def test_bad_parameters_are_refused_with_ti_s_numbers(board):
    engine = Engine()
    wrong = [(4,), (0, 1), (0, 0, 29), (0, 0, 60, "short"), (0, 0, 60, None, 2), (-1,)]
    wrong += [(0, 0, 60.5), (0, 0, "600"), (0, 0, None), (0, 0, 60, 16)]
    for arguments in wrong:
        assert engine.provisioner.start(*arguments) == -2172, arguments
    assert engine.provisioner.start(1) == -2173, "nothing here can listen"
    assert engine.provisioner.stop() == -2177 and engine.provisioner.abort() == -2177
    assert engine.statuses == [7] * len(wrong) + [6]
    assert engine.provisioner.start(0) == 0
    other = Engine()
    assert other.provisioner.start(0) == -2169 and other.statuses == [10]
    await engine.end()
    assert engine.statuses[-1] == 12


@simulated("esp32")
async def test_without_a_sniffer_ap_and_sc_says_so_once_and_goes_on(board):
    engine = Engine()
    await engine.open(2)
    assert board.ap.active()
    await engine.end()
    assert len([line for line in board.output if "smartconfig" in line]) == 1


@simulated("esp32")
async def test_a_host_that_raises_does_not_end_the_run(board):
    def fail(event):
        raise RuntimeError("the host's own fault")

    engine = Engine(fail)
    session = await engine.open()
    await engine.hand_over(*HOME)
    session.read_result()
    assert await engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_one_role_at_a_time_leaves_the_result_on_the_access_point(board):
    from provisioning.settings import Settings

    Settings().update(one_role=True)
    engine = Engine()
    await engine.open()
    engine.portal.session.activity()
    progress = await engine.hand_over("HomeNet", "incorrect donkey")
    assert progress.reason == 2, "it was really tried"
    assert board.ap.active() and engine.portal.is_open
    await engine.hand_over(*HOME)
    await engine.phase("FEEDBACK")
    assert board.sta.isconnected() and not board.ap.active(), "local feedback comes first"
    await board.until(lambda: engine.portal.is_open)
    assert board.ap.active() and engine.portal.starts == 3
    assert engine.portal.session.read_result() == 4
    outcome = await engine.provisioner.wait()
    assert outcome.link.ssid == "HomeNet" and board.sta.isconnected()
    assert engine.statuses == [2, 15, 16, 4, 5, 12]


@simulated("esp32")
async def test_what_cannot_be_stored_is_no_success(board):
    from provisioning import store

    engine = Engine()
    session = await engine.open()
    save = store.save

    def full(name, record):
        raise OSError(28)

    store.save = full
    progress = await engine.hand_over(*HOME)
    store.save = save
    assert progress.state == "failed" and engine.statuses == [15, 16, 0]
    assert session.read_result() == 2 and stored() == []
    await engine.end()


@simulated("esp32", "rp2")
async def test_no_password_in_any_output_but_the_board_s_own(board):
    engine = Engine(print)
    session = await engine.open()
    for ssid, key in (("HomeNet", "incorrect donkey"), HOME):
        await engine.hand_over(ssid, key)
    session.read_result()
    outcome = await engine.provisioner.wait()
    from provisioning.identity import Identity
    from provisioning.profiles import Profiles

    print(outcome, Profiles().all(), Identity())
    said = "\n".join(board.output)
    assert "donkey" not in said and "horse" not in said
    assert Identity().ap_key in said and Identity().pop not in said


@simulated("esp32")
async def test_a_radio_that_cannot_be_switched_on_blocks_nothing(board):
    from provisioning import run

    def fail(country):
        raise OSError("Wifi Out of Memory")

    radio, run.Radio = run.Radio, fail
    engine = Engine()
    assert engine.provisioner.start(0) == -2173 and engine.statuses == [6]
    run.Radio = radio
    assert engine.provisioner.stop() == -2177
    await engine.open()
    await engine.end()


@simulated("esp32", "rp2")
async def test_a_network_that_no_scan_shows_is_stored_as_hidden(board):
    engine = Engine()
    session = await engine.open()
    progress = await engine.hand_over("Hidden One", "peekaboo42")
    assert progress.state == "connected"
    session.read_result()
    await engine.provisioner.wait()
    from provisioning.profiles import Profiles

    assert [profile.hidden for profile in Profiles().all()] == [True]


@simulated("esp32", "rp2")
async def test_what_somebody_left_behind_does_not_win(board):
    from provisioning.profiles import Profile

    engine = Engine()
    session = await engine.open()
    session.offer(Profile("CafeFree"))
    progress = await engine.hand_over(*HOME)
    assert progress.ssid == b"HomeNet" and [ssid for ssid, _ in stored()] == [b"HomeNet"]
    await engine.end()


@simulated("esp32", "rp2")
async def test_a_password_too_few_or_too_many_is_understood(board):
    engine = Engine()
    session = await engine.open()
    progress = await engine.hand_over("HomeNet", "")
    assert progress.reason == 2, "it wants a password"
    progress = await engine.hand_over("CafeFree", "not needed at all")
    assert progress.state == "connected"
    session.read_result()
    await engine.provisioner.wait()
    assert stored() == [(b"CafeFree", b"")]


@simulated("esp32")
async def test_an_offer_during_a_join_waits_for_its_own_confirm(board):
    from provisioning.profiles import Profile

    engine = Engine()
    session = await engine.open()
    session.offer(Profile("HomeNet", "incorrect donkey"))
    assert session.confirm()
    await engine.phase("ASSOC")
    session.offer(Profile("CafeFree"))
    assert not session.confirm(), "said, not lost"
    await engine.phase("CONFIG")
    assert session.confirm()
    await engine.phase("FEEDBACK")
    assert session.progress().ssid == b"CafeFree"
    await engine.end()
