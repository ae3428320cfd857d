# SmartConfig from the radio to the result: a board whose firmware can listen, a phone that sends.
# MIT licence

import asyncio
import sys

from engine import Portal
from harness import simulated
from senders import esptouch1, esptouch2, esptouch2_packets
from sniffed import HOME, PHONE, Listening, acknowledging, settings


@simulated("esp32")
async def test_a_phone_is_found_its_network_joined_and_it_is_told(board):
    listening = Listening(board, 1)
    sockets = acknowledging()
    listening.sniffer.send(esptouch1(*HOME, *PHONE))
    mac = board.sta.config("mac")
    await board.until(lambda: (13, 12) in listening.events, 120000)
    assert listening.events == [(13, 13), (14, HOME[0]), (13, 15), (13, 16), (13, 5), (13, 12)]
    assert board.sta.isconnected()
    token = 9 + len(HOME[0]) + len(HOME[1])
    places = {place for _, place in sockets.sent}
    address = board.sta.ifconfig()[0]
    net = address.rsplit(".", 1)[0]
    assert places == {(host, 18266) for host in ("255.255.255.255", net + ".255", PHONE[1])}
    address = bytes(int(part) for part in address.split("."))
    assert {data for data, _ in sockets.sent} == {bytes((token,)) + mac + address}
    assert len(sockets.sent) == 90
    await listening.end()


@simulated("esp32")
async def test_the_app_of_esptouch_2_says_that_it_has_got_it(board):
    listening = Listening(board, 1)
    sockets = acknowledging(b"\1")
    packets = esptouch2_packets(*HOME, PHONE[0], port=2)
    listening.sniffer.send(esptouch2(packets))
    await board.until(lambda: (13, 5) in listening.events, 120000)
    assert sockets.bound == 7002 and 10 <= len(sockets.sent) < 20
    assert sockets.sent[0][1][1] == 38266 and sockets.sent[0][0][:1] == b"\2"
    await listening.end()


@simulated("esp32")
async def test_a_transmission_that_ends_too_early_is_told(board):
    listening = Listening(board, 1)
    packets = esptouch1(*HOME, *PHONE)
    await board.until(lambda: listening.sniffer.is_on)
    listening.sniffer.send(next(packets) for _ in range(300))
    await board.until(lambda: (13, 14) in listening.events, 120000)
    assert listening.events == [(13, 13), (13, 14)]
    await listening.end()


@simulated("esp32")
async def test_a_firmware_that_cannot_listen_refuses_the_mode_and_says_which_can(board):
    from provisioning.provisioner import Provisioner

    sys.modules["smartconfig"] = object()  # of that name, but not what we know
    assert Provisioner().start(1) == -2173
    del sys.modules["smartconfig"]
    assert any("wifi_sniffer" in line for line in board.output)


@simulated("esp32")
async def test_a_firmware_that_cannot_listen_has_a_portal_all_the_same(board):
    from provisioning import methods
    from provisioning.provisioner import Provisioner

    load, portal = methods.load, Portal()
    methods.load = lambda name: portal if name == "portal" else load(name)
    provisioner = Provisioner()
    assert provisioner.start(2) == 0
    await board.until(lambda: portal.is_open)
    assert board.ap.active()
    assert any("wifi_sniffer" in line for line in board.output)
    provisioner.stop()
    await provisioner.wait()


class Decoding:
    """A module `smartconfig` as of MicroPython's PR 13658: it gives the result."""

    TYPE_ESPTOUCH_AIRKISS, TYPE_ESPTOUCH_V2 = 2, 3

    def __init__(self):
        self.kind = self.key = None
        self.is_on = self.is_done = False

    def type(self, kind):
        self.kind = kind

    def v2_key(self, key):
        self.key = key

    def start(self):
        self.is_on, self.is_done = True, False

    def stop(self):
        self.is_on = False

    def done(self):
        return self.is_done

    def ssid(self):
        return HOME[0].decode()

    def password(self):
        return HOME[1].decode()

    def rvd_data(self):
        return b"lamp"


@simulated("esp32")
async def test_a_firmware_that_decodes_by_itself(board):
    from provisioning.provisioner import Provisioner

    for key, kind in ((None, 2), ("Key0Key0Key0Key0", 3)):
        firmware = Decoding()
        sys.modules["smartconfig"] = firmware
        events = []
        provisioner = Provisioner(events.append)
        assert provisioner.start(1, key=key) == 0
        await board.until(lambda firmware=firmware: firmware.is_on)
        assert (firmware.kind, firmware.key) == (kind, key)
        await board.sleep_ms(1000)
        assert events == []
        firmware.is_done = True
        assert await provisioner.wait()
        assert not firmware.is_on and board.sta.isconnected()
        assert [event.status for event in events if event.id == 13] == [13, 15, 16, 5, 12]
        assert (events[1].ssid, events[1].token) == (HOME[0], b"lamp")
        del sys.modules["smartconfig"]


@simulated("esp32")
async def test_the_window_ends_beside_a_portal(board):
    from provisioning.profiles import Profile

    settings(smartconfig_s=30)
    listening = Listening(board, 2)
    sniffer = listening.sniffer
    await board.until(lambda: sniffer.is_on)
    await asyncio.sleep(25)
    # The portal's user tries a network in vain: the window begins anew.
    listening.session.offer(Profile(HOME[0], b"incorrect donkey"))
    assert sniffer.is_on and listening.session.confirm()
    await board.until(lambda: not sniffer.is_on)
    await board.until(lambda: sniffer.is_on)
    await asyncio.sleep(29)
    assert sniffer.is_on
    await asyncio.sleep(3)
    assert not sniffer.is_on
    # Also when that was over.
    listening.session.offer(Profile(HOME[0], b"incorrect donkey"))
    assert listening.session.confirm()
    await board.until(lambda: sniffer.is_on)
    await listening.end()


@simulated("esp32")
async def test_after_a_wrong_password_it_listens_again(board):
    listening = Listening(board, 1)
    listening.sniffer.send(esptouch1(HOME[0], b"incorrect donkey", *PHONE))
    await board.until(lambda: (13, 2) in listening.events, 120000)
    listening.sniffer.send(esptouch1(*HOME, *PHONE))
    await board.until(lambda: (13, 16) in listening.events, 120000)
    assert board.sta.isconnected()
    await listening.end()


@simulated("esp32")
async def test_phones_find_the_access_point_and_are_not_dropped(board):
    listening = Listening(board, 2)
    await board.until(lambda: listening.sniffer.is_on)
    await asyncio.sleep(5)
    visited, own = listening.sniffer.visited, listening.session.channel
    assert set(visited) == set(range(1, 14))
    assert visited.count(own) * 2 >= len(visited) - 1
    phone = board.phone()
    key = listening.session.identity.ap_key
    for _ in range(20):
        if phone.join(key):
            break
        await asyncio.sleep_ms(50)
    await asyncio.sleep_ms(500)
    visited.clear()
    await asyncio.sleep(10)
    assert phone.joined and visited == [] and not listening.sniffer.is_on
    phone.leave()
    await asyncio.sleep(2)
    assert len(set(visited)) > 5 and listening.sniffer.is_on
    await listening.end()
    assert visited[-1] == own


@simulated("esp32")
async def test_the_portal_is_not_kept_waiting_where_a_phone_is_heard(board):
    listening = Listening(board, 2)
    packets = esptouch1(*HOME, *PHONE)
    await board.until(lambda: listening.sniffer.is_on)
    listening.sniffer.send(next(packets) for _ in range(300))
    await board.until(lambda: (13, 13) in listening.events, 120000)
    from provisioning.profiles import Profile

    listening.session.offer(Profile(*HOME))
    assert listening.session.confirm()
    await asyncio.sleep_ms(90)
    assert not listening.sniffer.is_on
    await board.until(lambda: (13, 16) in listening.events)
    await listening.end()


@simulated("esp32")
async def test_a_network_of_which_the_phone_says_a_sum_only_is_found_in_the_air(board):
    from provisioning.methods.smartconfig.crc import crc8
    from provisioning.methods.smartconfig.heard import Heard
    from provisioning.methods.smartconfig.receiver import name_of
    from provisioning.radio import Network

    def network(ssid, last):
        return Network(ssid, b"\2\0\0\0\0" + bytes((last,)), 6, -50, 3)

    # Both names have the same sum.
    twin = next(name for name in (b"Net%d" % n for n in range(999)) if crc8(name) == crc8(b"Home"))
    air = [network(b"", 9), network(twin, 1), network(b"Home", 2), network(b"Home", 3)]
    home, ours = crc8(b"Home"), air[3].bssid
    for wanted, said in (
        (b"Home", Heard("", None, b"", ssid_crc=home, bssid=ours)),
        (b"Home", Heard("", None, b"", ssid_crc=home, bssid_crc=crc8(ours))),
        (twin, Heard("", None, b"", ssid_crc=home, bssid=b"on 5 GHz")),
        (b"Home", Heard("", None, b"", bssid=ours)),
        (b"Home", Heard("", None, b"", bssid_crc=crc8(ours))),
        (None, Heard("", None, b"", ssid_crc=home ^ 1, bssid=ours)),
        (None, Heard("", None, b"", bssid=b"nobody")),
    ):
        assert name_of(said, air) == wanted


@simulated("esp32")
async def test_others_have_their_turn_while_a_burst_is_decoded(board):
    from provisioning.methods.smartconfig.sources import Sniffer

    listening = Listening(board, 2)
    sniffer = listening.sniffer
    await board.until(lambda: sniffer.is_on)
    most, turns = [0], [0]
    readinto = sniffer.readinto

    def counted(buffer):
        count = readinto(buffer)
        most[0] = max(most[0], turns[0])
        turns[0] = turns[0] + 1 if count else 0
        return count

    async def portal():
        while True:
            turns[0] = 0
            await asyncio.sleep_ms(0)

    sniffer.readinto = counted
    task = asyncio.create_task(portal())
    packets = esptouch1(*HOME, *PHONE)
    sniffer.send((to, length, 0) for _ in range(640) for to, length, _ in (next(packets),))
    await asyncio.sleep(1)
    task.cancel()
    assert sniffer.heard > 200 and most[0] <= 1, "a chunk, then the others"
    assert len(Sniffer(sniffer)._buffer) <= 16 * 16
    await listening.end()


@simulated("esp32")
async def test_a_radio_that_refuses_is_asked_again(board):
    listening = Listening(board, 1)
    sniffer = listening.sniffer
    sniffer.stop()
    start, refused = sniffer.start, []

    def refuse():
        refused.append(board.now())
        if len(refused) == 3:
            sniffer.start = start
        raise OSError(12289)

    sniffer.start = refuse
    await board.until(lambda: sniffer.is_on, 20000)
    assert len(refused) == 3 and refused[1] - refused[0] >= 1000
    await listening.end()


def test_acknowledgements_are_what_each_app_waits_for():
    from provisioning.methods.smartconfig import ack, heard

    mac, address = b"\x02\0\0\x3f\x2a\x1b", "192.168.1.50"

    def message(protocol, token):
        said = heard.Heard(protocol, b"a", b"b")
        said.token = token
        return ack.message(said, mac, address)

    assert message("esptouch_v1", 11) == (b"\x0b" + mac + b"\xc0\xa8\x01\x32", 18266)
    assert message("esptouch_v2", 2) == (b"\x02" + mac + b"\xc0\xa8\x01\x32", 38266)
    assert message("airkiss", 0x5A) == (b"\x5a" + mac, 10000)
    assert message("ti_smartconfig_gen2", 0) is None
