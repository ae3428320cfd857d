# radio.py against each port's faults (list and sources: docs/twins.md). A trap, a test.
# MIT licence

from harness import simulated

HOME = ("HomeNet", "correct horse battery")


def _radio():
    from provisioning.radio import Radio

    return Radio()


async def _join(radio, ssid, key="", seen=None, **options):
    """The reason of the failure, or the Link."""
    from provisioning.names import reason_name
    from provisioning.profiles import Profile
    from provisioning.radio import JoinError

    try:
        return await radio.join(Profile(ssid, key), seen, **options)
    except JoinError as error:
        return reason_name(error.reason)


def _is_link(joined):
    return not isinstance(joined, str)


@simulated("esp32", "rp2")
async def test_a_failure_of_before_is_not_taken_for_one_of_now(board):
    # ESP32: status() keeps 202 until the next address, here through 6 s of DHCP.
    radio = _radio()
    assert await _join(radio, "HomeNet", "incorrect donkey") == "wrong_password"
    for router in board.air.routers:
        router.dhcp_ms = 6000
    assert _is_link(await _join(radio, *HOME))
    assert await _join(radio, "Nowhere") == "not_found"
    assert _is_link(await _join(radio, *HOME))
    assert await _join(radio, "Nowhere") == "not_found"
    assert await _join(radio, "Nowhere") == "not_found", "the same failure twice is one, too"


@simulated("esp32", "rp2")
async def test_a_wrong_password_is_said_in_time_not_retried_for_ever(board):
    radio = _radio()
    start = board.now()
    assert await _join(radio, "HomeNet", "incorrect donkey") == "wrong_password"
    assert board.now() - start < 40000


@simulated("esp32")
async def test_a_reason_that_only_a_single_attempt_shows_is_seen(board):
    # With retries, 15 reads as 'connecting' for ever.
    for router in board.air.routers:
        router.reasons = (15,)
    radio = _radio()
    start = board.now()
    assert await _join(radio, "HomeNet", "incorrect donkey") == "wrong_password"
    assert board.now() - start < 9500, "told by the port, not by our time limit"


@simulated("esp32", "rp2")
async def test_scan_finds_networks_while_a_join_is_pending(board):
    radio = _radio()
    board.sta.active(True)
    board.sta.connect("Nowhere", "whatever it is")
    await board.sleep_ms(500)
    assert len(radio.scan()) >= 9


@simulated("esp32", "rp2")
async def test_a_join_works_while_the_application_s_own_is_pending(board):
    radio = _radio()
    board.sta.active(True)
    board.sta.connect("Nowhere", "whatever it is")
    await board.sleep_ms(500)
    start = board.now()
    assert _is_link(await _join(radio, *HOME))
    assert board.now() - start < 8000, "at the first attempt, or Pico W's second"


@simulated("rp2")
async def test_the_first_badauth_after_power_up_is_not_believed(board):
    assert _is_link(await _join(_radio(), *HOME))


@simulated("esp32", "rp2")
async def test_a_wrong_password_fails_after_a_right_one(board):
    radio = _radio()
    assert _is_link(await _join(radio, *HOME))
    assert await _join(radio, "HomeNet", "incorrect donkey") == "wrong_password"


@simulated("esp32", "rp2")
async def test_a_wrong_password_fails_after_a_right_one_with_the_access_point_up(board):
    from provisioning.radio import Radio

    assert _is_link(await _join(_radio(), *HOME))
    radio = Radio()  # of a run that begins while the board is online
    radio.open_ap("board", "12345678")
    phone = board.phone()
    assert phone.join("12345678")
    assert radio.is_linked()
    assert await _join(radio, "HomeNet", "incorrect donkey") == "wrong_password"
    assert board.ap.active()
    await board.until(lambda: phone.joined)


@simulated("esp32", "rp2")
async def test_the_link_of_before_is_not_taken_for_the_new_one(board):
    radio = _radio()
    assert _is_link(await _join(radio, *HOME))
    assert await _join(radio, "Basement", "basement1") == "no_address"


@simulated("esp32", "rp2")
async def test_the_name_of_the_link_holds_nothing_of_the_password(board):
    # ESP32: config("ssid") of a name of 32 bytes goes on into the password.
    radio = _radio()
    for name in ("the name that takes all 32 bytes", "HomeNet"):
        assert _is_link(await _join(radio, *HOME)), "a name of before is no longer there"
        board.sta.disconnect()
        board.sta.connect(name, "correct horse battery")
        await board.sleep_ms(100)
        assert radio.ssid() == name.encode()
        assert "horse" not in repr(radio.link(radio.ssid()))


@simulated("esp32", "rp2")
async def test_the_access_point_has_its_key_on_every_port(board):
    radio = _radio()
    address = radio.open_ap("board", "its own key", 6, "")
    assert address == "192.168.4.1"
    phone = board.phone()
    assert not phone.join("another key") and phone.join("its own key")
    assert radio.role() == 2 and radio.stations() == 1
    radio.close_ap()
    assert not phone.joined and radio.role() == 0
    radio.open_ap("board", "", 6, "")
    assert board.phone().join("")


@simulated("esp32", "rp2")
async def test_phones_ask_the_board_for_names_whatever_its_address(board):
    # The DHCP server of Pico W hands out the factory's address, whatever ifconfig() says.
    address = _radio().open_ap("board", "", 6, "4.3.2.1")
    phone = board.phone()
    assert phone.join("")
    assert phone.dhcp_dns() == address == ("4.3.2.1" if board.name == "esp32" else "192.168.4.1")


@simulated("esp32")
async def test_the_address_is_right_before_the_network_has_its_name(board):
    # Who waits for that name is on it at once, and would keep a lease of the factory's address.
    radio = _radio()
    ap, addresses = radio._ap, []

    class Watched:
        def config(self, *words, **values):
            if values.get("ssid") == "board":
                addresses.append(ap.ifconfig()[0])
            return ap.config(*words, **values)

        def __getattr__(self, name):
            return getattr(ap, name)

    radio._ap = Watched()
    assert radio.open_ap("board", "", 6, "4.3.2.1") == "4.3.2.1"
    assert addresses == ["4.3.2.1"]


@simulated("rp2", version=(1, 29))
async def test_pico_w_stays_at_its_address_also_with_1_29(board):
    address = _radio().open_ap("board", "", 6, "4.3.2.1")
    phone = board.phone()
    assert phone.join("") and phone.dhcp_dns() == address == "192.168.4.1"


@simulated("rp2")
async def test_sockets_work_after_the_access_point_is_gone(board):
    # Before 1.28 the default route stays on it.
    from provisioning import radio as module

    module._version = (1, 25)
    radio = _radio()
    radio.open_ap("board", "", 6, "")
    assert _is_link(await _join(radio, *HOME))
    radio.close_ap()
    if not radio.is_linked():
        assert _is_link(await _join(radio, *HOME))
    assert not board.stale_route


@simulated("esp32", "rp2")
async def test_wpa3_alone_is_joined(board):
    radio = _radio()
    start = board.now()
    assert _is_link(await _join(radio, "Future", "saefuture"))
    assert board.now() - start < 25000
    assert await _join(radio, "Future", "wrong password") == "wrong_password"


@simulated("esp32", "rp2")
async def test_an_access_point_that_went_since_the_scan_is_made_up_for(board):
    radio = _radio()
    seen = [network for network in radio.scan() if network.ssid == b"HomeNet"]
    best = sorted(seen, key=lambda network: network.rssi)[-1]
    for router in board.air.routers:
        if router.bssid == best.bssid:
            router.present = False
    assert _is_link(await _join(radio, *HOME, seen=best))


@simulated("esp32", "rp2")
async def test_a_link_that_falls_at_once_is_no_link(board):
    assert await _join(_radio(), "Flaky", "flakyflaky", hold_ms=2500) == "link_lost"


@simulated("esp32")
async def test_a_link_lost_later_is_made_again_by_the_port(board):
    # reconnects=0 is for the trial only.
    radio = _radio()
    assert _is_link(await _join(radio, *HOME))
    for router in board.air.routers:
        router.present = False
    await board.until(lambda: not radio.is_linked())
    for router in board.air.routers:
        router.present = True
    await board.until(radio.is_linked)


@simulated("esp32", "rp2")
async def test_security_is_read_from_each_port_s_numbers(board):
    from provisioning.names import security_name

    names = {network.ssid: security_name(network.security) for network in _radio().scan()}
    assert names[b"HomeNet"] == "wpa2" and names[b"CafeFree"] == "open"
    if board.name == "esp32":
        assert names[b"Future"] == "wpa3" and names[b"SchoolNet"] == "enterprise"


@simulated("esp32", "rp2")
async def test_the_access_point_opens_where_the_strongest_network_is(board):
    # So that the phone on it is not dropped when the board joins that network.
    from engine import Engine

    board.air.router("HomeNet").channel = 9
    engine = Engine()
    session = await engine.open()
    from provisioning.identity import Identity

    phone = board.phone()
    phone.comes_back = False
    assert phone.join(Identity().ap_key)
    progress = await engine.hand_over(*HOME)
    assert progress.state == "connected" and phone.joined
    session.read_result()
    await engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_a_phone_that_falls_off_by_a_channel_move_finds_the_result(board):
    from engine import Engine

    engine = Engine()
    session = await engine.open()
    from provisioning.identity import Identity

    phone = board.phone()
    assert phone.join(Identity().ap_key)
    progress = await engine.hand_over("CafeFree")
    assert progress.state == "connected"
    await board.until(lambda: phone.joined)
    assert session.read_result() == 5
    assert await engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_odd_names_do_not_stop_the_radio(board):
    radio = _radio()
    for name in ("Küche ☕", "-", "x" * 60, ""):
        radio.set_hostname(name)
    assert 1 <= len(board.network.hostname()) <= 32
    from provisioning.radio import Radio

    Radio("DE")
    assert board.network.country() == "DE"
