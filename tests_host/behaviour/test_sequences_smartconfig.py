# TI's sequences that begin with SmartConfig, for real: a phone sends, the board's radio listens.
# MIT licence

import sniffed
from engine import stored
from harness import simulated
from ti_host import HOME, TiHost
from ti_sender import device_name, generation2

STA, AP = 0, 2
SSID, PASSWORD = HOME[0].encode(), HOME[1].encode()
KEY = "Key0Key0Key0Key0"
ADDED = (14, SSID, b"")


def statuses(*numbers):
    return [(13, number) for number in numbers]


async def listening(board, mode, **options):
    """A host whose run is open, and what it hears with."""
    sniffer = sniffed.plug_in(board)
    host = TiHost(listens=True)
    await host.open(mode, **options)
    return host, sniffer


async def end(host, board):
    await host.until(13, 12)
    sniffed.unplug()
    assert not host.is_blocked() and board.sta.isconnected()
    assert (host.last.Role, host.last.WlanStatus, host.last.Ssid) == (STA, 3, SSID)
    assert stored() == [(SSID, PASSWORD)]


def result(host):
    """What the phone reads, wherever the board's page is."""
    from provisioning import host as hosts

    return hosts.get().provisioner._run.read_result()


@simulated("esp32")
async def test_8_1_successful_smartconfig(board):
    host, sniffer = await listening(board, 1, key=KEY)
    assert host.is_blocked() and not board.ap.active()
    sniffer.send(generation2(SSID, PASSWORD, KEY.encode(), device_name(b"lamp")))
    await host.until(13, 16)
    await board.sleep_ms(4000)
    assert host.is_blocked() and result(host) == 5
    await end(host, board)
    added = (14, SSID, b"\3\4lamp")
    assert host.events == statuses(13) + [added] + statuses(15, 16, 5, 12)


@simulated("esp32")
async def test_8_2_a_network_that_gives_no_address(board):
    host, sniffer = await listening(board, 1)
    sniffer.send(generation2(b"Basement", b"basement1"))
    await host.until(13, 3)
    sniffer.send(iter(()))
    assert host.events == statuses(13) + [(14, b"Basement", b"")] + statuses(15, 3)
    await board.sleep_ms(1000)
    assert host.is_blocked() and sniffer.is_on, "it listens again"
    assert host.stop() == 0
    await host.until(13, 12)
    sniffed.unplug()
    assert not host.is_blocked() and stored() == []


@simulated("esp32")
async def test_8_3_the_phone_comes_back_over_the_access_point(board):
    host, sniffer = await listening(board, 2)
    assert board.ap.active()
    sniffer.send(generation2(SSID, PASSWORD))
    await host.until(13, 4)
    assert board.ap.active() and host.is_blocked()
    assert host.portal.session.read_result() == 4
    await end(host, board)
    assert host.events == statuses(13) + [ADDED] + statuses(15, 16, 4, 5, 12)
    assert not board.ap.active()


@simulated("esp32")
async def test_8_7_while_external_configuration_is_on(board):
    host, sniffer = await listening(board, 3)
    sniffer.send(generation2(SSID, PASSWORD))
    await host.until(6, 1)
    assert host.events == statuses(17, 13) + [ADDED, (6, 1)]
    await board.sleep_ms(3000)
    assert host.events[-1] == (6, 1) and not board.sta.isconnected(), "it waits for the host"
    assert host.sl.sl_Stop(200) == 0 and host.sl.sl_Start() == AP
    await host.until(13, 16)
    await board.sleep_ms(4000)
    assert result(host) == 5
    await end(host, board)
    assert host.events == statuses(17, 13) + [ADDED, (6, 1)] + statuses(15, 16, 5, 12)
