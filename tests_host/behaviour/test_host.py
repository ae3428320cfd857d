# The host's side that faces, prompt and plain programs share: commands, listeners, status.
# MIT licence

import asyncio
import sys

from engine import Portal, stored
from harness import simulated

MICROPYTHON = sys.implementation.name == "micropython"
HOME = ("HomeNet", "correct horse battery")


def host_and_portal(events=None):
    """The board's Host, and a stand-in for the portal where the test plays the user."""
    import provisioning

    portal = Portal()
    sys.modules["provisioning.methods.portal"] = portal
    host = provisioning.host.get()
    if events is not None:
        host.listen(events.append)
    return host, portal


def hand_over(session, ssid, key):
    """The user's part, as the portal does it: from within the event loop."""
    from provisioning import pump
    from provisioning.profiles import Profile

    session.offer(Profile(ssid, key))
    assert pump.call(session.confirm)


def read_result(session):
    from provisioning import pump

    return pump.call(session.read_result)


def statuses(events):
    return [event.status for event in events if event.id == 13]


@simulated("esp32", "rp2", plain=True)
def test_a_program_without_asyncio_is_provisioned(board):
    import provisioning

    events = []
    host, portal = host_and_portal(events)
    assert host.start(provisioning.MODE_AP) == 0
    if MICROPYTHON:  # CPython's loop gives each new task a turn first, and the first one scans
        assert board.now() < 100, "start() returns at once"
    board.pass_until(lambda: portal.is_open)
    assert provisioning.status().state == "waiting"
    hand_over(portal.session, *HOME)
    board.pass_until(lambda: portal.session.progress().state == "connected")
    read_result(portal.session)
    board.pass_until(lambda: host.provisioner.session is None)
    assert statuses(events) == [15, 16, 5, 12]
    assert stored() == [(b"HomeNet", b"correct horse battery")]
    assert provisioning.status().link.address == board.sta.ifconfig()[0]


@simulated("esp32", plain=True)
def test_where_no_timer_is_poll_does_it(board):
    import provisioning

    provisioning.pump.timers = ()
    host, portal = host_and_portal()
    assert host.start(0) == 0
    assert board.printed("poll()"), "the program is told what to do"
    board.pass_ms(10000)
    assert not portal.is_open or not MICROPYTHON
    while not portal.is_open:
        provisioning.poll()
        board.pass_ms(20)
    assert host.stop() == 0
    while host.provisioner.session:
        provisioning.poll()
        board.pass_ms(20)


@simulated("esp32", "rp2", plain=True)
def test_stop_in_every_state_from_outside_the_loop(board):
    events = []
    host, portal = host_and_portal(events)
    provisioner = host.provisioner

    def is_at(state):
        return provisioner.session.progress().state == state

    for state in ("starting", "waiting", "joining", "addressing", "checking", "connected"):
        sys.modules["provisioning.methods.portal"] = portal  # each run drops it
        assert host.start(0) == 0
        if state != "starting":
            board.pass_until(lambda: portal.is_open)
            if state != "waiting":
                hand_over(portal.session, *HOME)
            board.pass_until(lambda state=state: is_at(state))
        assert host.stop() == 0
        board.pass_until(lambda: provisioner.session is None)
        assert statuses(events)[-1] == 12 and statuses(events).count(12) == 1
        assert not portal.is_open and not board.ap.active()
        events.clear()
        board.sta.disconnect()
        assert host.stop() == -2177


@simulated("esp32", "rp2", plain=True, micropython=True)
def test_ctrl_c_in_the_background_ends_the_run_cleanly(board):
    from provisioning import run

    def interrupt(self):
        raise KeyboardInterrupt

    events = []
    host, portal = host_and_portal(events)
    scan, run.Run._scan = run.Run._scan, interrupt
    try:
        host.start(0)
        board.pass_until(lambda: host.provisioner.session is None)
    finally:
        run.Run._scan = scan
    assert statuses(events) == [12] and board.printed("interrupted")
    assert host.start(0) == 0 and host.stop() == 0


@simulated("esp32")
async def test_commands_give_ti_s_codes(board):
    events = []
    host, portal = host_and_portal(events)
    assert [host.stop(), host.abort(), host.restarted()] == [-2177, -2177, 0]
    assert host.start(7) == -2172 and host.start(0, timeout_s=29) == -2172
    assert host.start(0) == 0 and host.start(0) == -2169
    assert host.abort() == -2177
    host.stop()
    await host.provisioner.wait()
    assert statuses(events) == [7, 7, 10, 12]


@simulated("esp32")
async def test_all_who_listen_hear_each_event_once(board):
    import provisioning

    first, second = [], []
    host, portal = host_and_portal(first)

    def fail(event):
        raise RuntimeError("the listener's own fault")

    hear = second.append
    host.listen(fail)
    host.listen(hear)
    host.listen(hear)
    host.start(0)
    host.stop()
    await host.provisioner.wait()
    assert statuses(first) == statuses(second) == [12]
    host.ignore(hear)
    host.ignore(hear)
    host.start(0)
    host.stop()
    await host.provisioner.wait()
    assert statuses(first) == [12, 12] and statuses(second) == [12]
    assert provisioning.host.get() is host


@simulated("esp32")
async def test_a_listener_may_stop_the_run_and_leave(board):
    events = []
    host, portal = host_and_portal()

    def stop(event):
        if event.status == 15:
            host.ignore(stop)
            assert host.stop() == 0

    host.listen(stop)
    host.listen(events.append)
    host.start(0)
    await board.until(lambda: portal.is_open)
    hand_over(portal.session, *HOME)
    await host.provisioner.wait()
    assert statuses(events) == [15, 12]


@simulated("esp32", "rp2")
async def test_status_says_what_is_going_on(board):
    import provisioning

    host, portal = host_and_portal()
    assert str(provisioning.status()) == (
        "provisioning   off\nnetwork        none\nstored         nothing"
    )
    host.start(0)
    assert provisioning.status().state == "starting"
    await board.until(lambda: portal.is_open)
    portal.session.address = "192.168.4.1"
    status = provisioning.status()
    assert (status.state, status.mode) == ("waiting", 0) and status.access_point
    assert str(status).startswith(
        "provisioning   waiting for a person: join the Wi-Fi micropython-"
    )
    assert "http://192.168.4.1/" in str(status)
    hand_over(portal.session, "HomeNet", "incorrect donkey")
    await board.until(lambda: portal.session.progress().state == "joining")
    assert "joining HomeNet" in str(provisioning.status())
    await board.until(lambda: portal.session.progress().state == "failed")
    assert "last attempt   HomeNet: wrong password" in str(provisioning.status())
    hand_over(portal.session, *HOME)
    await board.until(lambda: portal.session.progress().state == "connected")
    assert "HomeNet works" in str(provisioning.status())
    read_result(portal.session)
    await host.provisioner.wait()
    address = board.sta.ifconfig()[0]
    assert str(provisioning.status()) == (
        "provisioning   off\n"
        "last run       success: HomeNet\n"
        "network        HomeNet, %s\n"
        "stored         HomeNet" % address
    )


@simulated("esp32")
async def test_status_after_a_power_cycle_knows_what_is_stored(board):
    import provisioning

    provisioning.Profiles().add(provisioning.Profile(*HOME))
    board.reboot()
    import provisioning

    status = provisioning.status()
    assert status.stored == ["HomeNet"] and status.link is None and status.result is None
    assert not board.sta.active(), "asking switches nothing on"


@simulated("esp32", plain=True)
def test_the_background_does_not_interrupt_what_loads_modules(board):
    import provisioning
    from provisioning import pump

    host, portal = host_and_portal()
    turns = []

    async def count():
        while True:
            turns.append(1)
            await asyncio.sleep_ms(0)

    host.spawn(count())
    with open(board.flash + "/slow.py", "w") as file:
        file.write("import time\ntime.sleep_ms(1000)\n")
    path = provisioning.__path__
    provisioning.__path__ = board.flash if MICROPYTHON else [board.flash]
    turns.clear()
    provisioning.slow
    provisioning.__path__ = path
    assert len(turns) < 20, "not at each of the 20 ticks"

    last = provisioning.Profiles.last

    def slow(profiles):
        turns.clear()
        board.pass_ms(1000)
        assert not turns
        return last(profiles)

    provisioning.Profiles.last = slow
    provisioning.status()
    provisioning.Profiles.last = last
    pump.stop()


@simulated("esp32")
async def test_status_leaves_nothing_loaded(board):
    import provisioning

    provisioning.host.get()
    before = sorted(sys.modules)
    provisioning.status()
    assert sorted(sys.modules) == before


@simulated("esp32")
async def test_status_shows_no_password(board):
    import provisioning

    host, portal = host_and_portal()
    host.start(0)
    await board.until(lambda: portal.is_open)
    hand_over(portal.session, *HOME)
    shown = []
    while host.provisioner.state[0]:
        shown.append(repr((provisioning.status(), host, host.provisioner)))
        if portal.session.progress().state == "connected":
            read_result(portal.session)
        await board.sleep_ms(500)
    shown = "\n".join(shown)
    assert "joining" in shown and "donkey" not in shown and "horse" not in shown
    assert provisioning.Identity().ap_key not in shown


@simulated("esp32")
async def test_status_shows_a_run_that_somebody_else_started(board):
    import provisioning

    host, portal = host_and_portal()
    other = provisioning.Provisioner()
    assert other.start(0) == 0
    assert host.provisioner is other and provisioning.status().state == "starting"
    assert host.start(0) == -2169 and host.stop() == 0
    await other.wait()
    assert host.provisioner is not other and provisioning.status().state == "off"


@simulated("esp32")
async def test_the_host_survives_what_is_dropped_after_a_run_and_after_online(board):
    import provisioning

    for name in list(sys.modules):
        if name.startswith("provisioning."):
            del sys.modules[name]
    provisioning.Profiles().add(provisioning.Profile(*HOME))
    found = []

    async def look():
        await board.sleep_ms(100)
        found.append(provisioning.host.get())
        found.append(found[0].provisioner)

    task = asyncio.create_task(look())
    await provisioning.online()
    await task
    assert provisioning.host.get() is found[0]
    assert isinstance(found[1], provisioning.Provisioner), "the guard against two runs is one"


@simulated("esp32", plain=True)
def test_help_names_what_is_there(board):
    import provisioning

    provisioning.help()
    for part in "\n".join(board.output).split("provisioning.")[1:]:
        name = part.replace("(", " ").replace(")", " ").replace(".", " ").split()[0]
        assert hasattr(provisioning, name), name
    assert "provisioning.guide" not in sys.modules
