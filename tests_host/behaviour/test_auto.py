# Auto-provisioning (SWRA513C 4.2): when a board opens an access point by itself, and when not.
# MIT licence

from harness import simulated
from keeping import HOME, Kept, appear_in, present, store

NOWHERE = ("Nowhere", "nowhere12", 9)


def _settings(**values):
    from provisioning.settings import Settings

    Settings().update(**values)


async def _router_after(board, ms):
    """Power up beside a router that needs `ms`. Returns (how long after it the board is on its
    network, was an access point open before?)."""
    store(HOME)
    present(board, False)
    appear_in(board, ms)
    start = board.now()
    kept = Kept(board)
    opened = False
    while not board.sta.isconnected():
        opened = opened or board.ap.active()
        await board.sleep_ms(20)
    late = board.now() - start - ms
    await kept.end()
    return late, opened or kept.portal.starts > 0


@simulated("esp32", "rp2", false_badauth=False)
async def test_a_router_that_needs_90_s_after_a_power_cut_is_joined_within_5_s(board):
    for more in range(0, 4000, 450):
        late, opened = await _router_after(board, 90000 + more)
        assert late <= 5000, late
        assert not opened
        board.reboot()


@simulated("rp2")
async def test_the_refusal_of_the_first_right_key_takes_the_pico_3_s_more(board):
    late, opened = await _router_after(board, 90000)
    assert late <= 8200 and not opened


@simulated("esp32", "rp2")
async def test_rule_1_no_network_stored_and_2_s_without_a_command(board):
    kept = Kept(board)
    await board.sleep_ms(1900)
    assert kept.statuses == []
    await board.until(lambda: kept.statuses == [11], 1200)
    await kept.session()
    assert board.ap.active()


@simulated("esp32")
async def test_rule_1_a_command_of_the_host_puts_it_off(board):
    kept = Kept(board)
    for _ in range(6):
        await board.sleep_ms(1000)
        kept.keeper.command()
    await board.sleep_ms(1900)
    assert kept.statuses == []
    await board.until(lambda: kept.statuses == [11], 1200)


@simulated("esp32")
async def test_rule_1_again_when_nobody_came(board):
    kept = Kept(board)
    await board.until(lambda: kept.statuses.count(11) == 2, 400000)
    assert kept.statuses == [11, 12, 11]


@simulated("esp32", "rp2")
async def test_rule_2_two_minutes_without_the_stored_network(board):
    store(HOME)
    present(board, False)
    kept = Kept(board)
    await board.sleep_ms(119000)
    assert kept.statuses == [] and not board.ap.active()
    await kept.session(15000)
    assert kept.statuses == [11]


@simulated("esp32")
async def test_rule_2_a_link_that_is_lost_starts_the_two_minutes(board):
    store(HOME)
    kept = Kept(board)
    await kept.online()
    await board.sleep_ms(500000)
    present(board, False)
    await board.until(lambda: not kept.keeper.link)
    await board.sleep_ms(119000)
    assert kept.statuses == []
    await kept.session(70000)


@simulated("esp32")
async def test_rule_2_links_that_do_not_last_do_not_count(board):
    store(("Flaky", "flakyflaky", 0))
    kept = Kept(board)
    await kept.session(150000)
    assert kept.told == []


@simulated("esp32")
async def test_no_rule_holds_without_the_policy_bit(board):
    _settings(policy=0x01)
    kept = Kept(board)
    await board.sleep_ms(200000)
    await kept.end()
    assert kept.portal.starts == 0
    store(NOWHERE)
    kept = Kept(board)
    await board.sleep_ms(400000)
    assert kept.portal.starts == 0 and not board.ap.active()


@simulated("esp32", "rp2")
async def test_the_network_is_joined_when_it_comes_back_while_the_access_point_is_open(board):
    store(NOWHERE, HOME)
    present(board, False)
    kept = Kept(board)
    await kept.session()
    await board.sleep_ms(100000)
    present(board, True)
    start = board.now()
    link = await kept.online(90000)
    assert link.ssid == "HomeNet" and board.now() - start < 80000
    assert kept.statuses == [11, 12] and not board.ap.active()
    assert kept.stopped.ssid == b"HomeNet" and kept.stopped.wlan_status == 3


@simulated("esp32", "rp2")
async def test_a_phone_on_the_access_point_is_not_disturbed(board):
    store(HOME)
    present(board, False)
    kept = Kept(board)
    session = await kept.session()
    phone = board.phone()
    phone.comes_back = False
    assert phone.join(session.identity.ap_key)
    present(board, True)
    await board.sleep_ms(240000)
    assert phone.joined and not board.sta.isconnected() and kept.statuses == [11]
    phone.leave()
    await kept.online(80000)


@simulated("esp32")
async def test_a_phone_that_comes_ends_the_attempt_beside_it(board):
    store(("Basement", "basement1", 0))  # gives no address: the attempt takes 15 s
    present(board, False, b"Basement")
    kept = Kept(board)
    session = await kept.session()
    present(board, True, b"Basement")
    await board.until(lambda: board.air.link.state == "joined", 70000)
    assert board.phone().join(session.identity.ap_key)
    await board.sleep_ms(200)
    assert board.air.link.state == "off" and kept.portal.is_open


@simulated("esp32", "rp2")
async def test_a_stored_network_that_refuses_leaves_the_access_point_open(board):
    store(("HomeNet", "the old password", 0))
    kept = Kept(board)
    await kept.session()
    await board.sleep_ms(250000)
    assert kept.statuses == [11] and kept.portal.is_open and kept.portal.starts == 1


@simulated("esp32", "rp2")
async def test_a_network_that_is_handed_over_is_kept(board):
    from provisioning.profiles import Profile

    kept = Kept(board)
    session = await kept.session()
    session.offer(Profile("CafeFree"))
    session.confirm()
    await board.until(lambda: session.progress().state == "connected")
    session.read_result()
    assert (await kept.online()).ssid == "CafeFree"
    assert kept.statuses == [11, 15, 16, 5, 12]


@simulated("esp32")
async def test_a_radio_that_can_be_one_thing_only_stays_the_access_point(board):
    _settings(one_role=True)
    store(HOME)
    present(board, False)
    kept = Kept(board)
    await kept.session()
    present(board, True)
    await board.sleep_ms(290000)
    assert not board.sta.isconnected() and kept.statuses == [11]
    await kept.online(60000)


@simulated("esp32", "rp2")
async def test_cancelling_it_ends_its_run(board):
    kept = Kept(board)
    await kept.session()
    await kept.end()
    assert kept.statuses == [11, 12] and not board.ap.active() and not kept.portal.is_open


@simulated("esp32")
async def test_hours_without_a_network_take_no_memory(board):
    import gc

    _settings(policy=0x01)
    store(HOME)
    present(board, False)
    kept = Kept(board)
    await board.sleep_ms(300000)
    gc.collect()
    before = gc.mem_alloc()
    await board.sleep_ms(3000000)
    gc.collect()
    assert gc.mem_alloc() - before < 1000
    present(board, True)
    await kept.online(80000)
