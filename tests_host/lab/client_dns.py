# A phone's resolver: questions sent together, answers checked to the byte. By dnspython.
# MIT licence
"""python -m lab.client_dns --resolver 4.3.2.1 [--dns-port 53] [--address 4.3.2.1]

One JSON line for each question that a captive DNS has to answer well (RFC 1035, 2308, 6762, 6891,
9460; Firefox's canary):
{"check": what is asked, "ok": true or false, "ms": time, "said": what is wrong}
"""

import argparse
import json
import selectors
import socket
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

MODERN = ("A", "AAAA", "HTTPS")
EDNS = 1232  # the payload that modern resolvers offer, DNS flag day 2020
_PLAIN = 512  # bytes of an answer without EDNS
_TTL_MAX_S = 60
_RESEND_S = 1.0
_TRIES = 3


class NoAnswer(Exception):
    """Nobody answered, or the port is closed."""


class BadAnswer(Exception):
    """An answer that a careful resolver drops; the text says why."""


def question(name, kind, edns=EDNS, **more):
    """A query. edns: payload in bytes, 0 for none. more: as dns.message.make_query()."""
    if edns:
        return dns.message.make_query(name, kind, use_edns=0, payload=edns, **more)
    return dns.message.make_query(name, kind, use_edns=False, **more)


def check_form(query, wire):
    """Read the answer `wire` (bytes) to `query`. Returns the message; BadAnswer.

    RFC 1035 4.1 and 6891: id, QR, opcode and RD, the question to the byte (resolvers mix its case
    on purpose), counts that are true, no bytes behind, no EDNS where none was offered.
    """
    sent = query.to_wire()
    end = 12 + len(query.question[0].name.to_wire()) + 4
    if wire[:2] != sent[:2]:
        raise BadAnswer("the id of another question")
    if not wire[2] & 0x80:
        raise BadAnswer("not marked as an answer (QR)")
    if (wire[2] ^ sent[2]) & 0x79:
        raise BadAnswer("opcode or RD are not the question's")
    if wire[4:6] != b"\x00\x01" or wire[12:end] != sent[12:end]:
        raise BadAnswer("the question does not come back as it was asked")
    try:
        answer = dns.message.from_wire(wire)
    except dns.exception.DNSException as error:
        raise BadAnswer(f"malformed: {type(error).__name__}") from error
    if answer.flags & dns.flags.TC:
        raise BadAnswer("truncated")
    if answer.edns >= 0 and query.edns < 0:
        raise BadAnswer("EDNS, and none was offered")
    if len(wire) > max(_PLAIN, query.payload if query.edns >= 0 else 0):
        raise BadAnswer(f"{len(wire)} bytes, more than the question allows")
    return answer


def check_content(query, answer, address, rcode=dns.rcode.NOERROR):
    """What a captive DNS says: `address` for A, for the rest nothing. Returns [address] or [].

    A name that ends in .local belongs to mDNS: nothing. BadAnswer.
    """
    asked = query.question[0]
    records = [(group, record) for group in answer.answer for record in group]
    if answer.rcode() != rcode:
        raise BadAnswer(f"{dns.rcode.to_text(answer.rcode())}, not {dns.rcode.to_text(rcode)}")
    if asked.rdtype != dns.rdatatype.A or rcode or asked.name.labels[-2:-1] == (b"local",):
        if records:
            kind = dns.rdatatype.to_text(records[0][0].rdtype)
            raise BadAnswer(f"a record ({kind}) where there is none")
        return []
    if not records:
        raise BadAnswer("no address")
    for group, record in records:
        if group.rdtype != asked.rdtype or group.name != asked.name:
            raise BadAnswer("a record that was not asked for")
        if group.ttl > _TTL_MAX_S:
            raise BadAnswer(f"TTL {group.ttl} s, it outlives the visit")
        if address and record.address != address:
            raise BadAnswer(f"{record.address}, not {address}")
    return [record.address for _, record in records]


class Resolver:
    """Asks one server. dns_ms: how long each answer took, in ms, in the order of the questions."""

    def __init__(self, server, port=53, address=None):
        """server, port: where it listens. address: what A has to say (None: whatever it says)."""
        self._place = (server, port)
        self._address = address
        self.dns_ms = []

    def addresses(self, name, kinds=MODERN, edns=EDNS):
        """Ask for a name as a phone does, all kinds at once. Returns its IPv4 addresses.

        NoAnswer, BadAnswer: also when only the answer to AAAA or HTTPS is wrong.
        """
        queries = [question(name, kind, edns) for kind in kinds]
        found = []
        for query, wire in zip(queries, self.exchange(queries), strict=True):
            kind = dns.rdatatype.to_text(query.question[0].rdtype)
            try:
                answer = check_form(query, wire)
                found += check_content(query, answer, self._address)
            except BadAnswer as error:
                raise BadAnswer(f"{kind} {name}: {error}") from error
        return found

    def expect(self, query, rcode=dns.rcode.NOERROR):
        """Ask one query and check its answer. NoAnswer, BadAnswer."""
        check_content(query, check_form(query, self.exchange([query])[0]), self._address, rcode)

    def exchange(self, queries, tries=_TRIES):
        """Send queries (messages or bytes) together, each from a port of its own; again when
        nothing comes. Returns the answers as bytes. NoAnswer."""
        wires = [q if isinstance(q, bytes) else q.to_wire() for q in queries]
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in wires]
        answers, times = [b""] * len(wires), [0.0] * len(wires)
        try:
            with selectors.DefaultSelector() as waiting:
                began = time.perf_counter()
                for number, sock in enumerate(sockets):
                    sock.connect(self._place)
                    waiting.register(sock, selectors.EVENT_READ, number)
                for _ in range(tries):
                    for key in list(waiting.get_map().values()):
                        key.fileobj.send(wires[key.data])
                    _collect(waiting, answers, times, began)
                    if not waiting.get_map():
                        break
        except OSError as error:
            raise NoAnswer(f"DNS: {error.strerror}") from error
        finally:
            for sock in sockets:
                sock.close()
        if not all(answers):
            raise NoAnswer("DNS: no answer")
        self.dns_ms += times
        return answers


def _collect(waiting, answers, times, began):
    # Take what arrives within the time after which a resolver asks again.
    end = time.perf_counter() + _RESEND_S
    while waiting.get_map() and (left := end - time.perf_counter()) > 0:
        for key, _ in waiting.select(left):
            answers[key.data] = key.fileobj.recv(4096)
            times[key.data] = round((time.perf_counter() - began) * 1000, 1)
            waiting.unregister(key.fileobj)


# What is asked to see whether a captive DNS is a good one: (name, kind, answer's code).
_LONG = ".".join(["l" * 63] * 3 + ["l" * 61])
QUESTIONS = (
    ("connectivitycheck.gstatic.com", "A", dns.rcode.NOERROR),
    ("cOnNeCtIvItYcHeCk.GsTaTiC.cOm", "A", dns.rcode.NOERROR),  # 0x20
    (_LONG, "A", dns.rcode.NOERROR),
    ("captive.apple.com", "AAAA", dns.rcode.NOERROR),
    ("captive.apple.com", "HTTPS", dns.rcode.NOERROR),
    ("_dns.resolver.arpa", "SVCB", dns.rcode.NOERROR),  # Windows 11 and iOS look for DoH
    ("example.com", "MX", dns.rcode.NOERROR),
    ("example.com", "TXT", dns.rcode.NOERROR),
    ("lb._dns-sd._udp.0.2.3.4.in-addr.arpa", "PTR", dns.rcode.NOERROR),
    ("1.2.3.4.in-addr.arpa", "PTR", dns.rcode.NOERROR),
    ("printer.local", "A", dns.rcode.NOERROR),
    ("printer.LOCAL", "AAAA", dns.rcode.NOERROR),
    ("use-application-dns.net", "A", dns.rcode.NXDOMAIN),
    ("use-application-dns.net", "AAAA", dns.rcode.NXDOMAIN),
)


def run_checks(resolver):
    """Ask everything that a captive DNS must stand. Yields a dict for each, as printed."""
    for edns in (EDNS, 4096, 0):
        for name, kind, rcode in QUESTIONS:
            shown = name if len(name) < 100 else "a name of 255 bytes"
            what = f"{kind} {shown}, " + (f"EDNS {edns}" if edns else "no EDNS")
            query = question(name, kind, edns)
            yield _try(what, resolver, lambda q=query, r=rcode: resolver.expect(q, r))
    name = QUESTIONS[0][0]
    for what, query in (
        ("DNSSEC wanted", question(name, "A", want_dnssec=True)),
        ("an EDNS option (cookie)", question(name, "A", options=[_cookie()])),
        ("without RD", question(name, "A", flags=0)),
    ):
        yield _try(what, resolver, lambda q=query: resolver.expect(q))
    reply = bytearray(question(name, "A").to_wire())
    reply[2] |= 0x80
    yield _try("an answer is not answered", resolver, lambda: _silence(resolver, bytes(reply)))


def _cookie():
    return dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678")


def _silence(resolver, wire):
    try:
        resolver.exchange([wire], tries=1)
    except NoAnswer:
        return
    raise BadAnswer("it was answered: two servers could talk for ever")


def _try(what, resolver, action):
    del resolver.dns_ms[:]
    said = ""
    try:
        action()
    except (NoAnswer, BadAnswer) as error:
        said = str(error)
    ms = resolver.dns_ms[0] if resolver.dns_ms else None
    return {"check": what, "ok": not said, "ms": ms, "said": said}


def main(words=None):
    """The program. Returns its exit code: 1 if a check failed."""
    parser = argparse.ArgumentParser(prog="lab.client_dns", description="Check a captive DNS.")
    parser.add_argument("--resolver", required=True)
    parser.add_argument("--dns-port", type=int, default=53)
    parser.add_argument("--address", help="what A has to say; the resolver's own if left out")
    options = parser.parse_args(words)
    address = options.address or options.resolver
    failed = 0
    for line in run_checks(Resolver(options.resolver, options.dns_port, address)):
        failed |= not line["ok"]
        print(json.dumps(line), flush=True)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
