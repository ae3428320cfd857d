# What the board says of itself on the network that it joined: UDP 1501 and mDNS, packet by packet.
# MIT licence

import asyncio
import os
import socket

import fakes

HOST = b"\x04lamp\x05local\x00"
HTTP = b"\x05_http\x04_tcp\x05local\x00"
LAMP = b"\x04Lamp" + HTTP
SERVICES = b"\x09_services\x07_dns-sd\x04_udp\x05local\x00"
A, PTR, TXT, AAAA, SRV, NSEC, ANY = 1, 12, 16, 28, 33, 47, 255
ADDRESS = b"\x0a\x00\x00\x05"


def responder(name="Lamp", address=ADDRESS, port=80, announced=True):
    """A Responder; its probes and announcements have been sent if not said otherwise."""
    fakes.forget()
    from provisioning.feedback import mdns

    made = mdns.Responder(name, name if name.isalpha() else "clean", address, port)
    if announced:
        quarters(made, 20)
    return made


def quarters(made, count):
    """What it says in so many quarters of a second: {quarter: packet}."""
    said = {}
    for quarter in range(count):
        packet = made.due()
        if packet:
            said[quarter] = bytes(packet)
    return said


def question(*asked, known=b"", count=0, ident=b"\0\0", authority=0):
    """A query; asked: (name, type) or (name, type, class)."""
    packet = ident + b"\0\0\0%c\0%c\0%c\0\0" % (len(asked), count, authority)
    for item in asked:
        name, kind = item[:2]
        klass = item[2] if len(item) > 2 else 1
        packet += name + bytes((0, kind, klass >> 8, klass & 255))
    return packet + known


def record(name, kind, data, ttl=120, klass=1):
    numbers = (0, kind, klass >> 8, klass & 255, 0, 0, ttl >> 8, ttl & 255, 0, len(data))
    return name + bytes(numbers) + data


def response(*records):
    return b"\0\0\x84\0\0\0\0%c\0\0\0\0" % len(records) + b"".join(records)


def parse(packet):
    """(flags, questions, sections): three lists of (name, type, class, ttl, data)."""
    packet = bytes(packet)
    assert packet[0] is not None and len(packet) <= 512
    at = 12
    for _ in range(packet[5]):
        at = packet.index(b"\0", at) + 5
    asked, sections = packet[12:at], []
    for count in (packet[7], packet[9], packet[11]):
        section = []
        for _ in range(count):
            end = packet.index(b"\0", at) + 1
            name, head = packet[at:end], packet[end : end + 10]
            at = end + 10 + head[9]
            assert head[0] == head[8] == 0 and at <= len(packet)
            ttl = head[6] << 8 | head[7]
            section.append((name, head[1], head[2] << 8 | head[3], ttl, packet[end + 10 : at]))
        sections.append(section)
    assert at == len(packet), "nothing behind the last record"
    return packet[2] << 8 | packet[3], asked, sections


def kinds(section):
    return [(name, kind) for name, kind, _, _, _ in section]


def test_it_probes_three_times_then_announces_twice_a_second_apart():
    said = quarters(responder(announced=False), 40)
    assert sorted(said) == [0, 1, 2, 3, 7], "and nothing more that nobody asks for"
    flags, asked, (answers, authority, _) = parse(said[0])
    assert flags == 0 and not answers
    assert asked == LAMP + b"\0\xff\x80\1" + HOST.replace(b"lamp", b"Lamp") + b"\0\xff\x80\1"
    assert [kind for _, kind in kinds(authority)] == [SRV, TXT, A]
    assert said[0] == said[1] == said[2] and said[3] == said[7]
    flags, asked, (answers, _, _) = parse(said[3])
    assert flags == 0x8400 and not asked
    by_kind = {kind: (name, klass, ttl, data) for name, kind, klass, ttl, data in answers}
    assert by_kind[PTR] == (HTTP, 1, 4500, LAMP)
    own = b"\x04Lamp\x05local\x00"
    assert by_kind[SRV] == (LAMP, 0x8001, 120, b"\0\0\0\0\0\x50" + own)
    assert by_kind[TXT] == (LAMP, 0x8001, 4500, b"\x06path=/\x0fsrcvers=1D90645")
    assert by_kind[A] == (own, 0x8001, 120, ADDRESS) and len(answers) == 4


def test_each_question_gets_its_answer():
    made = responder(port=8080)
    for name, kind, first in (
        (HOST, A, A),
        (b"\x04LAMP\x05LoCaL\x00", A, A),
        (LAMP, SRV, SRV),
        (LAMP, TXT, TXT),
        (HTTP, PTR, PTR),
        (SERVICES, PTR, PTR),
        (HOST, ANY, A),
        (LAMP, ANY, SRV),
        (HOST, AAAA, NSEC),
        (LAMP, A, NSEC),
    ):
        quarters(made, 4)
        answer, wait = made.hear(question((name, kind)))
        assert answer, (name, kind)
        _, asked, (answers, _, _) = parse(answer)
        assert answers[0][1] == first and answers[0][0].lower() == name.lower(), (name, kind)
        assert wait == (20 if first == PTR else 0) and not asked
    from_service = parse(made.hear(question((HTTP, PTR, 0x8001)))[0])[2]
    assert [kind for _, kind in kinds(from_service[2])] == [SRV, TXT, A, NSEC]
    assert from_service[2][0][4][:6] == b"\0\0\0\0\x1f\x90"
    for name, kind in (
        (b"\x05other\x05local\x00", A),
        (b"\x03_ip\x04_tcp\x05local\x00", PTR),
        (HTTP, A),
        (b"\x04lamp\x00", A),
        (b"\x04lamp\x05local\x01x\x00", A),
    ):
        assert made.hear(question((name, kind))) == (None, 0), (name, kind)
    assert made.hear(question((HOST, A, 3))) == (None, 0), "another class"


def test_any_device_name_is_the_instance_and_a_clean_one_the_host():
    fakes.forget()
    from provisioning.feedback import announce

    for name, host in (
        ("Ana's Lamp (2)", "Ana-s-Lamp--2.local"),
        ("más ☕", "ms.local"),
        ("☕", "micropython.local"),
        ("x" * 32, "x" * 32 + ".local"),
    ):
        assert announce._hostname(name) + ".local" == host, name
        made = responder(name)
        instance = bytes((len(name.encode()),)) + name.encode() + HTTP
        assert parse(made.hear(question((HTTP, PTR)))[0])[2][0][0][4] == instance
        assert made.hear(question((instance, SRV)))[0]


def test_who_asks_for_a_unicast_answer_gets_one():
    made = responder()
    assert made.hear(question((HOST, A, 0x8001)))[1] == -1
    assert made.hear(question((HOST, A, 0x8001), (LAMP, SRV)))[1] == 0
    assert made.hear(question((HOST, A, 0x8001), (b"\x05other\x05local\x00", A)))[1] == -1


def test_a_plain_dns_client_gets_what_it_understands():
    made = responder()
    query = question((HOST, A), ident=b"\x12\x34")
    answer, wait = made.hear(query, True)
    assert wait == -1 and answer[:2] == b"\x12\x34" and answer[12 : len(query)] == query[12:]
    answers, _, beside = parse(answer)[2]
    assert answers == [(b"\x04Lamp\x05local\x00", A, 1, 10, ADDRESS)] and not beside
    assert made.hear(question((HOST, AAAA)), True) == (None, 0), "what it would not understand"


def test_what_the_asker_knows_is_not_said_again():
    made = responder()
    known = record(HTTP, PTR, b"\x04Lamp\xc0\x0c", 4500)
    assert made.hear(question((HTTP, PTR), known=known, count=1)) == (None, 0)
    for known in (
        record(HTTP, PTR, b"\x04Lamp\xc0\x0c", 2249),
        record(HTTP, PTR, b"\x04Limp\xc0\x0c", 4500),
        record(HTTP, TXT, b"\x04Lamp\xc0\x0c", 4500),
        record(HTTP, PTR, b"\x04Lamp\xc0\x0c", 4500)[:-3],
    ):
        quarters(made, 4)
        assert made.hear(question((HTTP, PTR), known=known, count=1))[0], known


def test_the_same_is_multicast_once_a_second_at_most():
    made = responder()
    said = sum(1 for _ in range(50) if made.hear(question((HOST, A)))[0])
    assert said == 1
    assert made.hear(question((LAMP, SRV)))[0], "something else is"
    assert made.hear(question((HOST, A, 0x8001)))[0], "and for one asker alone"
    probe = question((HOST, ANY), known=record(HOST, A, b"\x0a\0\0\x06"), authority=1)
    assert made.hear(probe)[0], "who wants the name is told at once"
    quarters(made, 4)
    assert made.hear(question((HOST, A)))[0]


def test_a_name_that_is_taken_gets_a_number():
    for taken in (
        record(HOST, A, b"\x0a\0\0\x06"),
        record(HOST, AAAA, b"\xfe\x80" + b"\0" * 13 + b"\1"),
        record(LAMP, SRV, b"\0\0\0\0\0\x50\x05other\x05local\x00"),
        record(LAMP, TXT, b"\x00"),
    ):
        made = responder(announced=False)
        quarters(made, 2)
        made.hear(response(taken))
        said = quarters(made, 20)
        assert sorted(said) == [0, 1, 2, 3, 7], "it begins again"
        assert made.host == "lamp-2.local", taken
        assert made.hear(question((HOST, A))) == (None, 0)
        assert made.hear(question((b"\x06Lamp-2" + HTTP, SRV)))[0]
        assert made.hear(question((b"\x06lamp-2\x05local\x00", A)))[0]
    made = responder(announced=False)
    for _ in range(20):
        quarters(made, 1)
        number = made.host
        host = number.split(".")[0].encode()
        made.hear(response(record(bytes((len(host),)) + host + b"\x05local\0", A, b"1234")))
        assert made._step in (0, -20) and made.host != number
    assert min(quarters(made, 40)) == 20, "after many, it waits 5 s"


def test_what_is_no_conflict_changes_nothing():
    made = responder(announced=False)
    quarters(made, 1)
    for heard in (
        response(record(HOST, A, ADDRESS)),
        response(record(HOST, A, b"1234", ttl=0)),
        response(record(HTTP, PTR, b"\x05Other" + HTTP)),
        response(record(b"\x05other\x05local\0", A, b"1234")),
        question((HOST, A)),
    ):
        made.hear(heard)
    made.hear(response(record(HOST, A, b"1234")), True)
    assert sorted(quarters(made, 20)) == [0, 1, 2, 6] and made.host == "lamp.local"


def test_a_conflict_later_is_probed_again():
    made = responder()
    made.hear(response(record(HOST, A, b"1234")))
    assert made.host == "lamp.local", "it may be over"
    assert len(quarters(made, 2)) == 2
    made.hear(response(record(HOST, A, b"1234")))
    quarters(made, 10)
    assert made.host == "lamp-2.local"
    made = responder()
    made.hear(response(record(HOST, AAAA, b"1" * 16)))
    assert not quarters(made, 10), "the same host by another protocol may be a proxy"


def test_of_two_that_probe_at_once_one_waits_and_sees():
    fakes.forget()
    from provisioning.feedback import mdns

    low = mdns.Responder("Lamp", "Lamp", b"\x0a\0\0\x05", 80)
    high = mdns.Responder("Lamp", "Lamp", b"\x0a\0\0\x06", 80)
    boards = (low, high)
    for _ in range(40):
        packets = [(board, board.due()) for board in boards]
        for speaker, packet in packets:
            if packet:
                for board in boards:
                    answer, wait = board.hear(bytes(packet))  # each hears itself as well
                    if answer:
                        assert board is not speaker
                        for other in boards:
                            other.hear(bytes(answer))
    assert (low.host, high.host) == ("lamp-2.local", "lamp.local")


def test_goodbye_takes_back_what_was_announced():
    assert responder(announced=False).goodbye() is None
    answers = parse(responder().goodbye())[2][0]
    assert [kind for _, kind in kinds(answers)] == [PTR, SRV, TXT, A]
    assert [ttl for _, _, _, ttl, _ in answers] == [0] * 4


def test_broken_packets_do_nothing():
    made = responder()
    whole = (
        question((HTTP, PTR), known=record(HTTP, PTR, LAMP, 4500), count=1),
        response(record(HOST, A, ADDRESS), record(LAMP, SRV, b"\0\0\0\0\0\x50" + HOST)),
        question((HOST, ANY), known=record(HOST, A, b"1234"), authority=1),
    )
    for packet in whole:
        for length in range(len(packet)):
            made.hear(packet[:length])
            made.hear(packet[:length], True)
    for packet in (
        b"",
        b"\xff" * 40,
        question((b"\xc0\x0c", A)),
        question((b"\x04lamp\xc0\x0c", A)),
    ):
        assert made.hear(packet) == (None, 0)
    for _ in range(300):
        packet = bytearray(whole[os.urandom(1)[0] % 3])
        for _ in range(3):
            packet[2 + os.urandom(1)[0] % (len(packet) - 2)] = os.urandom(1)[0]
        made.hear(bytes(packet))


# On the wire


def address():
    """An address of the loopback that no other test has."""
    number = os.urandom(2)
    return "127.%d.%d.23" % (1 + number[0] % 250, number[1])


def listener(board, port=1501):
    """A socket at the broadcast address of the board's network."""
    place = (board.rsplit(".", 1)[0] + ".255", port)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(socket.getaddrinfo(*place)[0][-1])
    return sock


def received(sock):
    packets = []
    while True:
        try:
            packets.append(sock.recv(512))
        except OSError:
            return packets


def test_udp_1501_once_a_second_and_not_after_the_end():
    async def main():
        from provisioning.feedback.announce import Announcer

        board = address()
        sock = listener(board)
        announcer = Announcer("Ana's lamp", board, "255.255.255.0", 80)
        await asyncio.sleep_ms(5100)
        await announcer.stop()
        said = received(sock)
        assert said == [board.encode() + b",Ana's lamp"] * 6, said
        await asyncio.sleep_ms(3000)
        assert received(sock) == []
        sock.close()

    fakes.run(main())


def test_without_port_5353_it_says_so_and_the_rest_works():
    async def main():
        from provisioning.feedback import announce

        def refuse(address, port, real=announce._open):
            if port == 5353:
                raise OSError(112)
            return real(address, port)

        announce._open = refuse
        said = []
        announce.print = lambda *words: said.append(words)
        board = address()
        sock = listener(board)
        announcer = announce.Announcer("Ana's lamp", board, "255.255.255.0", 80)
        await asyncio.sleep_ms(100)
        assert received(sock) and announcer.host == "ana-s-lamp.local" and len(said) == 1, said
        await announcer.stop()
        sock.close()

    fakes.run(main())


def test_a_group_that_cannot_be_joined_is_no_failure_either():
    async def main():
        from provisioning.feedback import announce

        def refuse(self, name, address, port):
            raise OSError(19)

        announce.Announcer._start_mdns = refuse
        announcer = announce.Announcer("lamp", address(), "255.255.255.0", 80)
        await asyncio.sleep_ms(100)
        await announcer.stop()

    fakes.run(main())


def test_the_broadcast_address_is_the_network_s():
    fakes.forget()
    from provisioning import udp

    for place, mask, everybody in (
        ("192.168.1.23", "255.255.255.0", "192.168.1.255"),
        ("10.20.3.77", "255.255.252.0", "10.20.3.255"),
        ("10.1.2.3", "255.0.0.0", "10.255.255.255"),
        ("172.16.5.9", "255.255.255.240", "172.16.5.15"),
    ):
        assert udp.broadcast(place, mask) == everybody
