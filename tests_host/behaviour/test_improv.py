# Improv's commands, each as a client sends it, and what a run tells the client by itself.
# MIT licence

import asyncio

from engine import stored
from harness import simulated
from improv_line import (
    HOME,
    KEY,
    OK,
    PROVISIONED,
    PROVISIONING,
    READY,
    UNABLE,
    begin,
    end,
    packet,
    wifi,
)


@simulated("esp32", "rp2")
async def test_the_packets_of_the_specification_to_the_byte(board):
    engine, client = await begin()
    client.line.bring(b"\x49\x4d\x50\x52\x4f\x56\x01\x03\x02\x02\x00\xe5\n")
    await board.sleep_ms(50)
    assert bytes(client.line.written) == (
        b"\nIMPROV\x01\x02\x01\x00\xe1\n" + b"\nIMPROV\x01\x01\x01\x02\xe2\n"
    )
    await end(engine, client)


@simulated("esp32", "rp2")
async def test_a_wrong_password_then_the_right_one(board):
    engine, client = await begin()
    client.line.bring(wifi(HOME, "incorrect donkey"))
    assert await client.heard() == [OK, PROVISIONING]
    assert await client.ask(2) == [OK, PROVISIONING]
    await engine.phase("CONFIG")
    assert await client.heard(200) == [READY, UNABLE]
    assert any("wrong_password" in line for line in board.output)
    assert await client.ask(2) == [OK, READY]
    assert not stored()
    client.line.bring(wifi(HOME, KEY))
    # Its answer is the delivery: the run ends by itself.
    outcome = await engine.provisioner.wait()
    assert await client.heard() == [OK, PROVISIONING, PROVISIONED, ("result", 1, [])]
    assert outcome.link.ssid == "HomeNet" and stored() == [(HOME, KEY)]
    assert 5 in engine.statuses
    assert not any(KEY.decode() in line or "donkey" in line for line in board.output)
    await client.listener.stop()


@simulated("esp32")
async def test_a_success_that_comes_with_the_end_of_the_run_is_told(board):
    engine, client = await begin(flags=1)
    client.line.bring(wifi(HOME, KEY))
    await engine.phase("CLOUD")
    assert await client.heard(200) == [OK, PROVISIONING]
    from provisioning import codes

    engine.provisioner.stop(codes.ROLE_REMAIN)  # the cloud has seen it
    await client.listener.stop()
    assert await client.heard(0) == [PROVISIONED, ("result", 1, [])]
    await engine.provisioner.wait()


@simulated("esp32", "rp2")
async def test_what_the_device_is(board):
    engine, client = await begin()
    ok, (kind, number, texts) = await client.ask(3)
    assert (ok, kind, number, len(texts)) == (OK, "result", 3, 6)
    import provisioning

    assert texts[:2] == [b"provisioning", provisioning.__version__.encode()]
    session = engine.portal.session
    assert texts[3:] == [session.identity.name.encode(), b"MicroPython", session.firmware.encode()]
    await end(engine, client)


@simulated("esp32", "rp2")
async def test_networks_strongest_first_after_a_fresh_scan(board):
    engine, client = await begin()
    session = engine.portal.session
    await board.sleep_ms(20000)
    assert session.scan_age_ms() > 10000
    client.say(4)
    heard = await client.heard(6000)
    assert session.scan_age_ms() < 10000
    assert heard[-1] == ("result", 4, [])
    networks = [texts for _, number, texts in heard[:-1]]
    assert [HOME, b"YES"] in [[ssid, secured] for ssid, _, secured in networks]
    levels = [int(rssi) for _, rssi, _ in networks]
    assert levels == sorted(levels, reverse=True) and len(levels) == len(session.networks())
    is_open = {network.ssid: network.security == 0 for network in session.networks()}
    assert any(is_open.values())
    for ssid, _, secured in networks:
        if ssid in is_open:
            assert secured == (b"NO" if is_open[ssid] else b"YES")
    # What is fresh is shown at once.
    client.say(4)
    assert len(await client.heard(300)) == len(networks) + 1
    await end(engine, client)


@simulated("esp32")
async def test_a_scan_does_not_take_an_error_off_the_clients_screen(board):
    engine, client = await begin()
    client.line.bring(wifi(HOME, "short"))
    assert (await client.heard())[-1] == UNABLE
    client.say(4)
    assert [said for said in await client.heard(200) if said[0] == "error"] == []
    assert await client.ask(2) == [OK, READY]
    await end(engine, client)


@simulated("esp32")
async def test_a_scan_that_does_not_come_is_waited_for_five_seconds(board):
    engine, client = await begin()
    session = engine.portal.session
    await board.sleep_ms(20000)
    session.request_scan = lambda: None
    client.say(4)
    assert await client.heard(4900) == []
    assert len(await client.heard(400)) == len(session.networks()) + 1
    await end(engine, client)


@simulated("esp32", "rp2")
async def test_hostname_and_name_are_one_name(board):
    engine, client = await begin()
    name = engine.portal.session.identity.name.encode()
    assert await client.ask(5) == [OK, ("result", 5, [name])]
    assert await client.ask(6) == [OK, ("result", 6, [name])]
    assert await client.ask(5, b"lamp-2") == [OK, ("result", 5, [b"lamp-2"])]
    assert await client.ask(6) == [OK, ("result", 6, [b"lamp-2"])]
    assert await client.ask(6, "Käthes Lampe".encode()) == [
        OK,
        ("result", 6, ["Käthes Lampe".encode()]),
    ]
    assert await client.ask(5) == [OK, ("result", 5, [b"Kthes-Lampe"])]
    for bad in (b"-lamp", b"lamp-", b"a lamp", b"a.b", "lämp".encode(), b"x" * 33, b"\xff"):
        assert await client.ask(5, bad) == [OK, ("error", 5)], bad
    for bad in (b"x" * 33, b"\xff", b"a\nb"):
        assert await client.ask(6, bad) == [OK, ("error", 5)], bad
    from provisioning.identity import Identity

    assert Identity().name == "Käthes Lampe"
    await end(engine, client)


@simulated("esp32")
async def test_whether_it_is_online(board):
    engine, client = await begin(flags=1)
    assert await client.ask(7) == [OK, ("result", 7, [b"2"])]
    client.line.bring(wifi(HOME, KEY))
    await engine.phase("CLOUD")
    await client.heard()
    assert await client.ask(7) == [OK, ("result", 7, [b"3"])]
    await end(engine, client)


@simulated("esp32")
async def test_a_products_own_page(board):
    engine, client = await begin(flags=1)
    engine.portal.session.settings.update(improv_url="http://%s:8080/")
    client.line.bring(wifi(HOME, KEY))
    await engine.phase("CLOUD")
    await client.heard()
    url = b"http://" + engine.portal.session.progress().address.encode() + b":8080/"
    assert await client.ask(7) == [OK, ("result", 7, [b"3", url])]
    await end(engine, client)


@simulated("esp32")
async def test_unknown_commands(board):
    engine, client = await begin()
    for number in (0, 8, 255):
        assert await client.ask(number, b"x") == [OK, ("error", 2)]
    await end(engine, client)


@simulated("esp32")
async def test_packets_that_cannot_be(board):
    engine, client = await begin()
    for data in (
        packet(3, b"\2\0", 0),  # checksum
        packet(3, b""),
        packet(3, b"\2"),
        packet(3, b"\2\1"),
        packet(3, b"\2\0\0"),
        packet(3, b"\2\xff" + bytes(253)),
    ):
        client.line.bring(data)
        assert await client.heard() == [("error", 1)], data
    for data in (b"", b"\5", b"\1a", b"\1a\2b", b"\0\0\0", b"\xff\xff"):
        assert await client.ask(1, data) == [OK, ("error", 1)], data
    for kind in (0, 1, 2, 4, 255):
        client.line.bring(packet(kind, b"\2\0"))
        assert await client.heard() == []
    assert await client.ask(2) == [OK, READY]
    await end(engine, client)


@simulated("esp32")
async def test_networks_that_cannot_be_are_refused_untried(board):
    engine, client = await begin()
    enterprise = next(n.ssid for n in engine.portal.session.networks() if not n.is_supported())
    for ssid, key in ((HOME, b"k" * 64), (HOME, b"short"), (b"", KEY), (b"x" * 33, KEY)):
        client.line.bring(wifi(ssid, key))
        assert await client.heard() == [OK, UNABLE], (ssid, key)
    client.line.bring(wifi(enterprise, KEY))
    assert await client.heard() == [OK, UNABLE]
    assert not [event for event in engine.events if event.id == 14]
    from provisioning.profiles import Profile

    for number in range(7):
        engine.portal.session.profiles.add(Profile(b"net %d" % number, KEY))
    client.line.bring(wifi(HOME, KEY))
    assert await client.heard() == [OK, UNABLE]
    assert any("seven networks" in line for line in board.output)
    await end(engine, client)


@simulated("esp32", "rp2")
async def test_somebody_elses_network(board):
    engine, client = await begin()
    await client.ask(2)
    handing = asyncio.create_task(engine.hand_over(HOME, KEY))
    assert await client.heard(300) == [PROVISIONING]
    client.line.bring(wifi("SchoolNet", KEY))
    assert await client.heard() == [OK, PROVISIONING, UNABLE]
    assert (await handing).state == "connected"
    assert await client.heard(200) == [PROVISIONED]
    # Its own user is still to be told.
    await engine.phase("FEEDBACK")
    assert await client.ask(2) == [OK, PROVISIONED, ("result", 2, [])]
    client.line.bring(wifi("SchoolNet", KEY))
    assert await client.heard() == [OK, PROVISIONED, UNABLE]
    await engine.phase("FEEDBACK")
    engine.portal.session.read_result()
    await engine.provisioner.wait()
    await client.listener.stop()
