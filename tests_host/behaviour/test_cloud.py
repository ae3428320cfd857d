# Confirmation by a cloud: what the host, the person and the cloud see, with a stand-in client.
# MIT licence

import asyncio
import json

from engine import Engine, stored
from fake_cloud import Cloud
from harness import simulated

HOME = ("HomeNet", "correct horse battery")
ID = b"0200003f2a1b"  # of the shim's ESP32
STEPS = ("connect", "subscribe", "publish", "check_msg", "disconnect")


async def _open(cloud, inactivity_s=300, **options):
    """A run whose confirmation the cloud is asked for. Returns (engine, task of confirm())."""
    from provisioning.feedback import mqtt

    engine = Engine(print)
    await engine.open(0, flags=1, timeout_s=inactivity_s)
    task = asyncio.create_task(mqtt.confirm(engine.provisioner, cloud.client, **options))
    return engine, task


async def _until_cloud(engine, ssid=HOME[0], key=HOME[1]):
    """The user hands over a network, and it is joined."""
    from provisioning.profiles import Profile

    engine.portal.session.offer(Profile(ssid, key))
    assert engine.portal.session.confirm()
    await engine.phase("CLOUD")


@simulated("esp32", "rp2")
async def test_what_the_cloud_accepts_ends_as_a_success_on_that_network(board):
    cloud = Cloud(True)
    engine, task = await _open(cloud)
    await _until_cloud(engine)
    outcome = await task
    assert outcome and outcome.role == 0 and outcome.link.ssid == "HomeNet"
    assert engine.statuses == [15, 16, 12] and engine.events[-1].ssid == b"HomeNet"
    assert board.sta.isconnected() and not board.ap.active()
    assert len(cloud.made) == 1 and cloud.open == 0, "the client is closed"
    assert stored() == [(b"HomeNet", b"correct horse battery")]


@simulated("esp32")
async def test_the_hello_says_who_is_there_and_no_password(board):
    from provisioning.identity import Identity

    cloud = Cloud(True)
    engine, task = await _open(cloud, topic="acme/lamps", fields={"batch": 7, "id": "x"})
    Identity().rename("Lamp ☕")
    await _until_cloud(engine)
    await task
    topic, hello = cloud.hellos[0]
    assert topic == b"acme/lamps/" + ID + b"/hello"
    assert cloud.made[0].topic == b"acme/lamps/" + ID + b"/answer"
    assert len(hello.pop("attempt")) == 16
    assert hello == {"id": ID.decode(), "name": "Lamp ☕", "batch": 7}
    said = cloud.raw.decode() + "\n".join(board.output)
    assert "horse" not in said and Identity().ap_key not in cloud.raw.decode()


@simulated("esp32", "rp2")
async def test_a_refusal_goes_back_to_the_user_whose_next_try_may_succeed(board):
    cloud = Cloud(False)
    engine, task = await _open(cloud)
    await _until_cloud(engine, "CafeFree", "")
    await engine.phase("CONFIG")
    session = engine.portal.session
    assert engine.portal.is_open and board.ap.active() and engine.statuses == [15, 16]
    progress = session.progress()
    assert (progress.state, progress.result, progress.reason) == ("failed", 4, 7)
    cloud.answer = True
    await _until_cloud(engine)
    assert (await task).link.ssid == "HomeNet"
    assert engine.statuses == [15, 16, 15, 16, 12]
    attempts = [hello["attempt"] for _, hello in cloud.hellos]
    assert len(attempts) == 2 and attempts[0] != attempts[1]


@simulated("esp32", "rp2")
async def test_a_phone_that_reads_the_result_makes_no_success_of_a_refusal(board):
    engine, task = await _open(Cloud(False))
    await _until_cloud(engine)
    await engine.phase("CONFIG")
    assert [engine.portal.session.read_result() for _ in range(3)] == [4, 4, 4]
    await board.sleep_ms(5000)
    assert engine.statuses == [15, 16], "the run goes on"
    engine.provisioner.stop()
    outcome = await task
    assert not outcome and (outcome.result, outcome.reason) == (4, 7)
    assert engine.statuses == [15, 16, 12]


@simulated("esp32", "rp2")
async def test_the_network_of_a_refusal_stays_stored_over_a_power_cut(board):
    engine, task = await _open(Cloud(False))
    await _until_cloud(engine)
    assert stored() == [(b"HomeNet", b"correct horse battery")], "from 16 on"
    await engine.phase("CONFIG")
    engine.provisioner.stop()
    await task
    board.reboot()
    assert stored() == [(b"HomeNet", b"correct horse battery")]


@simulated("esp32")
async def test_a_cloud_that_is_silent_is_a_refusal_when_the_time_is_up(board):
    cloud = Cloud(None)
    engine, task = await _open(cloud, timeout_s=28)
    await _until_cloud(engine)
    start = board.now()
    await engine.phase("CONFIG")
    assert 27900 <= board.now() - start <= 29000, board.now() - start
    await board.sleep_ms(1000)
    assert len(cloud.made) == 1 and cloud.open == 0
    assert len(cloud.hellos) == 6, "it says so every 5 s"
    assert engine.portal.session.progress().reason == 7
    engine.provisioner.stop()
    assert not await task and engine.statuses == [15, 16, 12]


@simulated("esp32")
async def test_a_broker_that_fails_at_any_step_is_tried_again(board):
    for step in STEPS:
        cloud = Cloud(True)
        cloud.fail[step] = 2
        engine, task = await _open(cloud)
        await _until_cloud(engine)
        start = board.now()
        assert await task, step
        tries = 1 if step == "disconnect" else 3
        assert len(cloud.made) == tries and cloud.open == 0, step
        assert board.now() - start < 15000 and engine.statuses == [15, 16, 12], step
        assert board.printed("OSError") == (step != "disconnect")
        board.output.clear()


@simulated("esp32")
async def test_a_broker_that_goes_on_failing_is_a_refusal(board):
    for step in STEPS[:-1]:
        cloud = Cloud(True)
        cloud.fail[step] = 1000
        engine, task = await _open(cloud, timeout_s=20)
        await _until_cloud(engine)
        start = board.now()
        await engine.phase("CONFIG")
        assert 19900 <= board.now() - start <= 21000, step
        assert 5 <= len(cloud.made) <= 8 and cloud.open == 0, (step, len(cloud.made))
        engine.provisioner.stop()
        assert not await task and engine.statuses == [15, 16, 12], step


@simulated("esp32")
async def test_whatever_a_client_raises_is_a_failed_try(board):
    # umqtt.simple asserts what it reads, and indexes what it could not read.
    for error in (AssertionError(), TypeError("NoneType"), IndexError(), MemoryError()):
        cloud = Cloud(True)
        wrong = [error]

        def factory(cloud=cloud, wrong=wrong):
            if wrong:
                raise wrong.pop()
            return cloud.client()

        from provisioning.feedback import mqtt

        engine = Engine()
        await engine.open(0, flags=1)
        task = asyncio.create_task(mqtt.confirm(engine.provisioner, factory))
        await _until_cloud(engine)
        assert await task, error


@simulated("esp32")
async def test_only_the_answer_to_this_hello_counts(board):
    cloud = Cloud(True)
    wrong = [
        b"",
        b"accept",
        b"\xff\xfe",
        b"[1]",
        b'{"accept": true}',
        b'{"accept": true, "attempt": "0123456789abcdef"}',
        "accept",
        1,
    ]

    def reply(hello):
        answer = wrong.pop() if wrong else False
        if isinstance(answer, bytes):
            return answer
        return json.dumps({"attempt": hello["attempt"], "accept": answer}).encode()

    cloud.reply = reply
    engine, task = await _open(cloud)
    await _until_cloud(engine)
    start = board.now()
    await engine.phase("CONFIG")
    assert 40000 <= board.now() - start <= 42000, "eight hellos had no answer"
    assert len(cloud.made) == 1, "and none was a fault of the broker"
    await engine.end()
    assert not await task


@simulated("esp32")
async def test_a_callback_with_two_arguments_or_four(board):
    for arguments in ((), (False, False)):
        engine, task = await _open(Cloud(True, arguments))
        await _until_cloud(engine)
        assert await task, arguments


@simulated("esp32", "rp2")
async def test_a_host_that_stops_meanwhile_has_its_end(board):
    cloud = Cloud(None)
    engine, task = await _open(cloud)
    await _until_cloud(engine)
    await board.until(lambda: cloud.hellos)
    assert engine.provisioner.stop() == 0
    assert not await task
    await board.sleep_ms(1000)
    assert engine.statuses == [15, 16, 12] and cloud.open == 0 and len(cloud.made) == 1


@simulated("esp32")
async def test_inactivity_ends_a_run_whose_cloud_takes_longer(board):
    cloud = Cloud(None)
    engine, task = await _open(cloud, inactivity_s=30, timeout_s=60)
    await _until_cloud(engine)
    start = board.now()
    assert not await task
    assert 29900 <= board.now() - start <= 32000
    await board.sleep_ms(1000)
    assert engine.statuses == [15, 16, 12] and cloud.open == 0


@simulated("esp32")
async def test_a_refused_run_that_nobody_uses_ends(board):
    engine, task = await _open(Cloud(False), inactivity_s=30)
    await _until_cloud(engine)
    await engine.phase("CONFIG")
    start = board.now()
    outcome = await task
    assert not outcome and outcome.result == 4 and engine.statuses == [15, 16, 12]
    assert 29000 <= board.now() - start <= 31000
    assert not board.ap.active() and not engine.portal.is_open


@simulated("esp32")
async def test_cancelling_closes_the_client_and_leaves_the_run_alone(board):
    cloud = Cloud(None)
    engine, task = await _open(cloud)
    await _until_cloud(engine)
    await board.until(lambda: cloud.open)
    task.cancel()
    try:
        await task
        raise AssertionError("confirm() returned")
    except asyncio.CancelledError:
        pass
    await board.sleep_ms(500)
    assert cloud.open == 0
    await engine.phase("CLOUD")
    assert engine.provisioner.stop(0xFF) == 0
    assert await engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_one_role_at_a_time_opens_the_access_point_again_after_a_refusal(board):
    from provisioning.settings import Settings

    Settings().update(one_role=True)
    cloud = Cloud(False)
    engine, task = await _open(cloud)
    await _until_cloud(engine)
    assert not board.ap.active() and not engine.portal.is_open and board.sta.isconnected()
    await engine.phase("CONFIG")
    await board.until(lambda: engine.portal.is_open, 5000)
    assert board.ap.active() and engine.portal.starts == 2
    cloud.answer = True
    await _until_cloud(engine)
    outcome = await task
    assert outcome.link.ssid == "HomeNet" and board.sta.isconnected() and not board.ap.active()
    assert engine.statuses == [15, 16, 15, 16, 12]


@simulated("esp32", "rp2")
async def test_the_host_may_decide_from_within_event_16(board):
    from provisioning.profiles import Profile
    from provisioning.settings import Settings

    for one_role in (False, True):
        Settings().update(one_role=one_role)
        for accept in (True, False):
            engine = Engine()

            def decide(event, engine=engine, accept=accept):
                if event.status == 16 and accept:
                    assert engine.provisioner.stop(0xFF) == 0
                elif event.status == 16:
                    assert engine.provisioner.abort() == 0

            engine._on_event = decide
            session = await engine.open(0, flags=1)
            session.offer(Profile(*HOME))
            assert session.confirm()
            if not accept:
                await board.until(lambda engine=engine: 16 in engine.statuses)
                await board.sleep_ms(3000)
                assert engine.portal.is_open and board.ap.active(), one_role
                assert engine.portal.session.progress().reason == 7
                assert engine.portal.starts == (2 if one_role else 1)
                engine.provisioner.stop()
            outcome = await engine.provisioner.wait()
            assert bool(outcome) == accept and engine.statuses == [15, 16, 12]
            assert stored() == [(b"HomeNet", b"correct horse battery")]
            if accept:
                assert outcome.link.ssid == "HomeNet" and board.sta.isconnected()


@simulated("esp32")
async def test_the_phone_is_still_there_to_read_of_the_success(board):
    engine, task = await _open(Cloud(True))
    await _until_cloud(engine)
    session = engine.portal.session
    assert session.progress().state == "checking"
    await board.until(lambda: session.progress().state == "connected")
    await board.sleep_ms(2000)
    assert engine.portal.is_open and board.ap.active() and session.released
    assert await task


@simulated("esp32")
async def test_another_cloud_is_a_coroutine_function(board):
    from provisioning import feedback

    asked = []

    async def ask():
        asked.append(board.now())
        await asyncio.sleep_ms(1000)
        if len(asked) == 1:
            raise OSError(113)
        return len(asked) == 3

    class Host:
        pass

    engine = Engine()
    host = Host()
    host.provisioner = engine.provisioner
    await engine.open(0, flags=1)
    task = asyncio.create_task(feedback.confirm(host, ask))
    await board.sleep_ms(1000)
    assert not asked, "before there is a network"
    await _until_cloud(engine)
    await engine.phase("CONFIG")
    assert len(asked) == 2 and 3900 <= asked[1] - asked[0] <= 4500, asked
    await _until_cloud(engine)
    assert await task and len(asked) == 3


@simulated("esp32")
async def test_what_cannot_be_is_said_at_once(board):
    from provisioning.feedback import mqtt

    async def refused(word, *arguments, **options):
        try:
            await mqtt.confirm(*arguments, **options)
        except ValueError as error:
            assert word in str(error), error
        else:
            raise AssertionError("%s was taken" % word)

    engine = Engine()
    cloud = Cloud(True)
    here = (engine.provisioner, cloud.client)
    await refused("FLAG_EXTERNAL_CONFIRMATION", *here)
    await engine.open(0)
    await refused("FLAG_EXTERNAL_CONFIRMATION", *here)
    await engine.end()
    await engine.open(0, flags=1)
    for wrong in (4, 601, 60.5, None):
        await refused("timeout_s", *here, timeout_s=wrong)
    for wrong in ("", "a/#", "+/b", "x" * 65):
        await refused("topic", *here, topic=wrong)
    await refused("fields", *here, fields={"text": "x" * 1024})
    for wrong in (0, 11, 2.5):
        try:
            mqtt.client("broker.example", limit_s=wrong)
            raise AssertionError("%r was taken" % wrong)
        except ValueError as error:
            assert "limit_s" in str(error)
    await engine.end()
    assert not cloud.made
