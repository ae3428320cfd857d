# How runs end: stop, inactivity, roles, a host that interferes.
# MIT licence

import asyncio

from engine import Engine
from harness import simulated

HOME = ("HomeNet", "correct horse battery")


@simulated("esp32", "rp2")
async def test_stop_works_in_every_phase_and_stopped_comes_last(board):
    from provisioning.profiles import Profile

    for phase in ("STARTING", "CONFIG", "ASSOC", "ADDRESS", "HOLD", "FEEDBACK"):
        engine = Engine()
        assert engine.provisioner.start(0) == 0
        if phase not in ("STARTING", "CONFIG"):
            await engine.phase("CONFIG")
            engine.portal.session.offer(Profile(*HOME))
            engine.portal.session.confirm()
        await engine.phase(phase)
        assert engine.provisioner.stop() == 0
        outcome = await engine.provisioner.wait()
        assert engine.statuses[-1] == 12 and engine.statuses.count(12) == 1, phase
        assert outcome.role == 0 and not board.ap.active() and not engine.portal.is_open, phase
        assert engine.provisioner.stop() == -2177
        board.sta.disconnect()
        await board.sleep_ms(20000)
        assert engine.statuses[-1] == 12, "nothing comes after STOPPED"


@simulated("esp32", "rp2")
async def test_inactivity_ends_a_run_that_nobody_uses(board):
    engine = Engine()
    session = await engine.open(0, timeout_s=30)
    start = board.now()
    await board.sleep_ms(20000)
    session.activity()
    outcome = await engine.provisioner.wait()
    assert 49900 < board.now() - start < 51000, board.now() - start
    assert not outcome and outcome.role == 0 and engine.statuses == [12]


@simulated("esp32", "rp2")
async def test_a_phone_that_joins_is_activity(board):
    from provisioning.identity import Identity

    engine = Engine()
    await engine.open(0, timeout_s=30)
    start = board.now()
    await board.sleep_ms(20000)
    assert board.phone().join(Identity().ap_key)
    await engine.provisioner.wait()
    assert 50000 <= board.now() - start < 56000, board.now() - start


@simulated("esp32", "rp2")
async def test_stop_leaves_the_link_of_before_alone(board):
    engine = Engine()
    session = await engine.open()
    await engine.hand_over(*HOME)
    session.read_result()
    await engine.provisioner.wait()
    await engine.open()
    assert board.sta.isconnected() and board.ap.active()
    outcome = await engine.end()
    assert outcome.link.ssid == "HomeNet" and engine.events[-1].ssid == b"HomeNet"
    assert not outcome, "that run had no success"


@simulated("esp32")
async def test_inactivity_waits_while_a_network_is_tried(board):
    from provisioning.settings import Settings

    Settings().update(hold_ms=30000, feedback_timeout_ms=60000)
    engine = Engine()
    await engine.open(0, timeout_s=30)
    progress = await engine.hand_over(*HOME)
    assert progress.state == "connected"
    await board.sleep_ms(40000)
    assert 12 not in engine.statuses
    await engine.end()


@simulated("esp32", "rp2")
async def test_the_role_asked_for_is_taken_on_success(board):
    engine = Engine()
    session = await engine.open(0, role=2)
    await engine.hand_over(*HOME)
    session.read_result()
    outcome = await engine.provisioner.wait()
    assert outcome and outcome.role == 2 and engine.events[-1].role == 2
    await board.sleep_ms(100)
    assert board.ap.active() and not board.sta.isconnected()
    # From the role of AP, a run that is stopped gives it back.
    await engine.open()
    outcome = await engine.end()
    assert outcome.role == 2 and board.ap.active()


@simulated("esp32")
async def test_external_confirmation_is_the_hosts_to_end(board):
    from provisioning.profiles import Profile

    engine = Engine()
    session = await engine.open(0, flags=1)
    session.offer(Profile("CafeFree"))
    assert session.confirm()
    await engine.phase("CLOUD")
    assert session.progress().state == "checking"
    assert session.read_result() == 0 and engine.statuses == [15, 16]
    assert engine.provisioner.stop(0xFF) == 0
    outcome = await engine.provisioner.wait()
    assert outcome and outcome.role == 0 and board.sta.isconnected()
    assert engine.statuses == [15, 16, 12]


@simulated("esp32")
async def test_cancelling_run_stops_it(board):
    engine = Engine()
    task = asyncio.create_task(engine.provisioner.run(0))
    await engine.phase("CONFIG")
    task.cancel()
    try:
        await task
        raise AssertionError("run() returned")
    except asyncio.CancelledError:
        pass
    assert engine.statuses == [12] and not board.ap.active()


@simulated("esp32", "rp2")
async def test_the_end_comes_also_when_the_radio_refuses_the_role(board):
    engine = Engine()
    await engine.open(0, role=2)

    def refuse(*arguments):
        raise OSError("Wifi Unknown Error")

    engine.provisioner._run._radio.close_ap = refuse
    outcome = await engine.end()
    assert engine.statuses == [12] and not outcome
    assert engine.provisioner.start(0) == 0, "and the next run may begin"
    await engine.end()


@simulated("esp32")
async def test_a_host_may_stop_from_within_any_event(board):
    for number in (11, 15, 16, 5, 2, 4):
        engine = Engine()
        stops = []

        def stop(event, engine=engine, number=number, stops=stops):
            if event.id == 13 and event.status == number:
                stops.append(engine.provisioner.stop())

        engine._on_event = stop
        key = HOME[1] if number != 2 else "incorrect donkey"
        await engine.open(0, auto=True) if number != 11 else engine.provisioner.start(0, auto=True)
        if number != 11:
            from provisioning.profiles import Profile

            engine.portal.session.offer(Profile(HOME[0], key))
            engine.portal.session.confirm()
            if number == 5:
                await engine.phase("FEEDBACK")
                engine.portal.session.read_result()
        await engine.provisioner.wait()
        assert stops == [0] and engine.statuses[-1] == 12, number
        assert engine.statuses.count(12) == 1 and not engine.portal.is_open


@simulated("esp32", "rp2")
async def test_the_end_comes_also_when_memory_is_short(board):
    import provisioning
    from provisioning import provisioner, run

    def short(_):
        raise MemoryError("memory allocation failed")

    engine = Engine()
    session = await engine.open()
    await engine.hand_over(*HOME)
    provisioner.drop_modules = run.drop_modules = short
    try:
        session.read_result()
        outcome = await engine.provisioner.wait()
    finally:
        provisioner.drop_modules = run.drop_modules = provisioning.drop_modules
    assert engine.statuses == [15, 16, 5, 12]
    assert outcome.role == 0 and outcome.link.ssid == "HomeNet"
    assert not board.ap.active() and not engine.portal.is_open


@simulated("esp32", "rp2", micropython=True)
async def test_modules_are_dropped_in_a_heap_in_small_pieces(board):
    import sys

    import provisioning

    sys.modules["provisioning.unwanted"] = None
    kept = holes = None
    try:
        while True:
            kept = (kept, bytearray(40))
            holes = (holes, bytearray(40))
    except MemoryError:
        holes = None  # what is free now is in pieces of less than 100 bytes
    try:
        provisioning.drop_modules(lambda name: name == "provisioning.unwanted")
        assert "provisioning.unwanted" not in sys.modules
    finally:
        kept = None
