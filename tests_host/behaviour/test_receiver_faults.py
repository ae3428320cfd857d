# SmartConfig where something goes wrong: radios, phones, keys, and results that nobody fetches.
# MIT licence

import asyncio

import sniffed
from harness import simulated
from senders import easylink, esptouch1
from sniffed import HOME, PHONE, Listening, acknowledging, settings
from ti_sender import generation2


@simulated("esp32")
async def test_a_radio_that_refuses_every_channel_stops_nobody(board):
    listening = Listening(board, 2)

    def refuse(_):
        raise OSError(258)

    listening.sniffer.channel = refuse
    await board.until(lambda: listening.sniffer.is_on)
    await asyncio.sleep(3)
    assert listening.sniffer.is_on
    await listening.end()


@simulated("esp32")
async def test_another_phone_s_network_is_not_acknowledged(board):
    # The portal's user offered the right password and did not confirm; what is sent is wrong.
    listening = Listening(board, 2)
    sockets = acknowledging()
    from provisioning.profiles import Profile

    await board.until(lambda: listening.sniffer.is_on)
    listening.session.offer(Profile(*HOME))
    listening.sniffer.send(esptouch1(b"CoffeeShop", HOME[1], *PHONE))
    await board.until(lambda: (13, 16) in listening.events, 120000)
    await asyncio.sleep(10)
    assert board.sta.isconnected() and sockets.sent == []
    assert (13, 5) not in listening.events
    await listening.end()


@simulated("esp32")
async def test_a_protocol_without_an_acknowledgement_is_a_success_too(board):
    listening = Listening(board, 1)
    listening.sniffer.send(easylink(*HOME))
    await board.until(lambda: (13, 12) in listening.events, 120000)
    assert listening.events == [(13, 13), (14, HOME[0]), (13, 15), (13, 16), (13, 5), (13, 12)]
    await listening.end()


@simulated("esp32")
async def test_a_result_that_nobody_fetched_does_not_end_the_listening(board):
    settings(feedback_timeout_ms=2000)
    listening = Listening(board, 1)
    listening.sniffer.send(generation2(*HOME))
    await board.until(lambda: (13, 4) in listening.events, 120000)
    await board.until(lambda: listening.sniffer.is_on)
    assert not board.sta.isconnected(), "with a link the radio could not go to other channels"
    await listening.end()


@simulated("esp32")
async def test_a_fault_while_listening_does_not_end_it(board):
    listening = Listening(board, 1)
    sniffer = listening.sniffer
    await board.until(lambda: sniffer.is_on)
    readinto, faults = sniffer.readinto, []

    def fail(buffer):
        sniffer.readinto = readinto
        faults.append(board.now())
        raise ValueError("of no use")

    sniffer.readinto = fail
    await board.until(lambda: faults)
    await board.until(lambda: sniffer.is_on and board.now() - faults[0] > 1000)
    sniffer.send(easylink(*HOME))
    await board.until(lambda: (13, 16) in listening.events, 120000)
    await listening.end()


@simulated("esp32")
async def test_a_key_has_16_bytes(board):
    from provisioning.provisioner import Provisioner

    sniffed.plug_in(board)
    for key in ("short", "Schl\xfcssel0123456", b"15 bytes are no", 16):
        assert Provisioner().start(1, key=key) == -2172
    sniffed.unplug()


@simulated("esp32")
async def test_a_board_that_is_on_a_network_does_not_leave_it_beside_an_access_point(board):
    board.sta.active(True)
    board.sta.connect(*HOME)
    await board.until(board.sta.isconnected)
    listening = Listening(board, 2)
    await asyncio.sleep(5)
    assert board.sta.isconnected() and listening.sniffer.visited == []
    await listening.end()
    listening = Listening(board, 1)
    await board.until(lambda: listening.sniffer.is_on and not board.sta.isconnected())
    await listening.end()
