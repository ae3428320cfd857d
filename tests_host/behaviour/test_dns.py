# The captive DNS: what it answers, and to what it stays silent.
# MIT licence

import asyncio
import socket

import fakes

ADDRESS = b"\x04\x03\x02\x01"
A, NS, PTR, AAAA, SVCB, HTTPS, ANY = 1, 2, 12, 28, 64, 65, 255
EDNS = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"
NAMES = ("connectivitycheck.gstatic.com", "a", "mysimplelink.net")


def name(text):
    out = b""
    for label in text.split("."):
        out += bytes((len(label),)) + label.encode()
    return out + b"\x00"


def query(text, kind=A, klass=1, flags=b"\x01\x00", counts=b"\x00\x01\x00\x00\x00\x00\x00\x00"):
    question = name(text) + bytes((kind >> 8, kind & 255, klass >> 8, klass & 255))
    return b"\xab\xcd" + flags + counts + question


def ask(packet, length=None):
    """The reply of dns.answer() to a packet, b"" when there is none."""
    from provisioning.methods.portal import dns

    reply = bytearray(b"\xee" * 288)
    size = dns.answer(packet, len(packet) if length is None else length, ADDRESS, reply)
    assert bytes(reply[size:]) == b"\xee" * (288 - size)  # nothing beyond its end
    return bytes(reply[:size])


def code(reply):
    return reply[3] & 15


def ready():
    fakes.forget()


def test_a_gets_our_address():
    ready()
    for text in NAMES:
        packet = query(text)
        reply = ask(packet)
        assert reply[:12] == b"\xab\xcd\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        assert reply[12 : len(packet)] == packet[12:]
        record = reply[len(packet) :]
        assert record[:8] == b"\xc0\x0c\x00\x01\x00\x01\x00\x00"
        assert record[8:10] == b"\x00\x0a"  # ten seconds: forgotten when the phone is elsewhere
        assert record[10:] == b"\x00\x04" + ADDRESS
    assert ask(query("a", klass=255))[-4:] == ADDRESS


def test_other_types_have_no_answer_and_no_error():
    ready()
    for kind in (AAAA, HTTPS, SVCB, PTR, NS, ANY, 0, 65535):
        packet = query("captive.apple.com", kind)
        reply = ask(packet)
        assert code(reply) == 0 and reply[4:12] == b"\x00\x01\x00\x00\x00\x00\x00\x00"
        assert reply[12:] == packet[12:], kind


def test_edns_does_not_come_back():
    ready()
    for kind, size in ((A, 16), (AAAA, 0)):
        plain = query("example.com", kind)
        packet = plain[:11] + b"\x01" + plain[12:] + EDNS
        reply = ask(packet)
        assert code(reply) == 0 and reply[10:12] == b"\x00\x00"
        assert len(reply) == len(plain) + size


def test_the_name_comes_back_in_the_case_it_was_sent():
    ready()
    packet = query("CaPtIvE.aPpLe.CoM")
    assert ask(packet)[12:31] == packet[12:31]


def test_flags():
    ready()
    assert ask(query("a", flags=b"\x00\x00"))[2] == 0x84
    assert ask(query("a", flags=b"\x01\x20"))[2:4] == b"\x85\x80"  # AD and CD do not come back


def test_replies_and_scraps_are_not_answered():
    ready()
    assert ask(query("a", flags=b"\x81\x80")) == b""
    for length in range(12):
        assert ask(query("a")[:length]) == b""
    assert ask(query("a"), 5) == b""


def test_what_is_not_a_plain_question_is_refused():
    ready()
    for opcode in range(1, 16):
        reply = ask(query("a", flags=bytes((opcode << 3, 0))))
        assert len(reply) == 12 and code(reply) == 4 and reply[4:] == b"\x00" * 8, opcode
    for count in (b"\x00\x00", b"\x00\x02", b"\x01\x00", b"\x01\x01"):
        reply = ask(query("a", counts=count + b"\x00" * 6))
        assert len(reply) == 12 and code(reply) == 1, count
    assert code(ask(query("version.bind", 16, klass=3))) == 5


def test_names_that_are_none():
    ready()
    head = query("a")[:12]
    tail = b"\x00\x01\x00\x01"
    for question in (
        b"",
        b"\x01",
        b"\x03ab",
        b"\x01a\x00",
        b"\x01a\x00\x00\x01\x00",
        b"\x40" + b"a" * 64 + b"\x00" + tail,
        b"\xc0\x0c" + tail,
        b"\x01a\xc0\x0c" + tail,
        b"\x01a" * 200 + b"\x00" + tail,
        b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 3 + b"\x00" + tail,
    ):
        reply = ask(head + question)
        assert len(reply) == 12 and code(reply) == 1, question


def test_the_longest_name_fits():
    ready()
    packet = query(".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]))
    assert len(packet) == 12 + 255 + 4
    reply = ask(packet)
    assert len(reply) == 287 and reply[-4:] == ADDRESS


def test_names_that_are_not_ours_to_answer():
    ready()
    for text in ("printer.local", "local", "a.b.LOCAL"):
        packet = query(text)
        assert code(ask(packet)) == 0 and len(ask(packet)) == len(packet), text
    for text in ("local.example.com", "xlocal", "notlocal.com"):
        assert ask(query(text))[-4:] == ADDRESS, text
    for kind in (A, AAAA, HTTPS):
        reply = ask(query("use-application-DNS.net", kind))
        assert code(reply) == 3 and reply[6:8] == b"\x00\x00"
    assert ask(query("www.use-application-dns.net"))[-4:] == ADDRESS


def udp(port):
    """A socket that sends to a port of the loopback and waits at most 2 s."""
    place = socket.getaddrinfo(fakes.HOST, port, 0, socket.SOCK_DGRAM)[0][-1]
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    return client, place


async def exchange(client, place, packet, patience=40):
    client.sendto(packet, place)
    for _ in range(patience):
        await asyncio.sleep(0.005)
        try:
            return client.recv(512)
        except OSError:
            pass
    return b""


def test_the_server_answers_and_goes_on_after_rubbish():
    async def main():
        async with fakes.Portal(dns=True) as portal:
            client, place = udp(portal.dns_port)
            for _ in range(3):
                reply = await exchange(client, place, query("captive.apple.com"))
                assert reply[-4:] == b"\x7f\x00\x00\x01"
                for rubbish in (
                    b"",
                    b"x",
                    b"\xff" * 12,
                    b"\x00" * 600,
                    query("a", flags=b"\x81\x80"),
                ):
                    client.sendto(rubbish, place)
                    await asyncio.sleep(0.001)
                while True:
                    try:
                        client.recv(512)
                    except OSError:
                        break
            client.close()

    fakes.run(main(), fast=False)


def test_the_server_starts_again_on_its_port():
    async def main():
        portal = fakes.Portal(dns=True)
        client, place = udp(portal.dns_port)
        for _ in range(3):
            async with portal:
                assert len(await exchange(client, place, query("a"))) == 35
            assert await exchange(client, place, query("a"), 4) == b""
        client.close()

    fakes.run(main(), fast=False)


def test_without_its_port_the_portal_goes_on():
    async def main():
        portal = fakes.Portal(dns=True)
        blocker, _ = udp(portal.dns_port)
        blocker.bind(socket.getaddrinfo(fakes.HOST, portal.dns_port, 0, socket.SOCK_DGRAM)[0][-1])
        async with portal:
            assert (await portal.get("/v1/device")).status == 200
        blocker.close()

    fakes.run(main())


def test_a_moment_without_memory_ends_nothing():
    async def main():
        from provisioning import udp as module

        receive, failures = module.recvfrom, [1]

        async def fails_once(sock, size):
            found = await receive(sock, size)
            if failures:
                failures.pop()
                raise MemoryError
            return found

        module.recvfrom = fails_once
        try:
            async with fakes.Portal(dns=True) as portal:
                client, place = udp(portal.dns_port)
                assert await exchange(client, place, query("a"), 4) == b""
                assert len(await exchange(client, place, query("a"))) == 35
                client.close()
                failures.append(1)
                client, place = udp(portal.dns_port)
                client.sendto(query("a"), place)  # and the portal ends right then
                client.close()
        finally:
            module.recvfrom = receive
        async with portal:  # its ports are free
            assert (await portal.get("/v1/device")).status == 200

    fakes.run(main(), fast=False)
