# Answers that are wrong, one fault each, and what a system makes of them.
# MIT licence

import dns.message
import dns.rdatatype
import dns.rrset

from .client_fakes import HOST, good_answer

PAGE = b"<html><head><title>The portal</title></head><body>Choose</body></html>"
HTML = {"Content-Type": "text/html"}


def redirects(path, status=302, body=b"there", where="http://page.example"):
    """A server that redirects its probes to `path`; everything else is the page."""
    here = {"Location": where + path, "Content-Type": "text/html"}
    done = ("/", "/empty")
    return lambda host, asked, _: (
        (200, HTML, b"" if asked == "/empty" else PAGE)
        if host == "page.example" and asked in done
        else (status, here, body)
    )


def says(status, body, **headers):
    """A server that answers everything alike."""
    return lambda *asked: (status, headers or HTML, body)


# (system, server, verdict or "page" if one opened, a word of what it said)
RULES = {
    "android: an empty 200 is a failure": ("android", says(200, b""), "none", "0 bytes"),
    "android: 4 bytes are a failure": ("android", says(200, b"<ok>"), "none", "4 bytes"),
    "android: 5 bytes are a portal": ("android", says(200, b"<ok/>"), "portal", "no page"),
    "android: 404 is a failure": ("android", says(404, b"not here"), "none", "404"),
    "android: 204 is online": ("android", says(204, b""), "online", "204"),
    "android: an empty redirect is a portal": ("android", redirects("/", body=b""), "page", "302"),
    "android: 301 stays in the cache": ("android", redirects("/", 301), "portal", "outlives"),
    "android: 301 to an empty page": ("android", redirects("/empty", 301), "portal", "outlives"),
    "android: 302 to an empty page": ("android", redirects("/empty"), "portal", "no page"),
    "android: a redirect to https": (
        "android",
        redirects("/", where="https://a.b"),
        "portal",
        "https",
    ),
    "android: a redirect to itself": ("android", redirects("/generate_204"), "portal", "no page"),
    "android: a page is its own login": ("android", says(200, PAGE), "page", "200"),
    "android 11: a page without redirect": ("android-11", says(200, PAGE), "portal", "redirect"),
    "android 11: with redirect": ("android-11", redirects("/"), "page", "302"),
    "chromeos: one of its hosts is online": (
        "chromeos",
        lambda host, *rest: (204, {}, b"") if "clients3" in host else (200, HTML, PAGE),
        "none",
        "disagree",
    ),
    "ios: Success": (
        "ios",
        says(200, b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"),
        "online",
        "Success",
    ),
    "ios: the word is enough": ("ios", says(200, b"<p>No Success"), "online", "early"),
    "ios: 204 is not online": ("ios", says(204, b""), "portal", "204"),
    "ios: an empty redirect": ("ios", redirects("/", body=b""), "none", "without a body"),
    "ios: a redirect with a body": ("ios", redirects("/"), "page", "302"),
    "macos: an empty redirect": ("macos", redirects("/", body=b""), "none", "without a body"),
    "old ios: any path": ("ios-old", redirects("/"), "page", "302"),
    "windows: a newline too many": (
        "windows-10",
        says(200, b"Microsoft Connect Test\n"),
        "portal",
        "no page",
    ),
    "windows: the text": ("windows-10", says(200, b"Microsoft Connect Test"), "online", "Test"),
    "windows 7: the newer text": ("windows-7", says(200, b"Microsoft Connect Test"), "portal", ""),
    "windows 11: to an address": (
        "windows-11",
        redirects("/", where="http://4.3.2.1"),
        "none",
        "other host's name",
    ),
    "windows 11: /wpad.dat redirected": ("windows-11", redirects("/"), "none", "/wpad.dat is 302"),
    "firefox: only one of its texts": ("firefox", says(200, b"success\n"), "none", "disagree"),
    "firefox: a page": ("firefox", says(200, PAGE), "page", "200"),
    "chrome: a page": ("chrome", says(200, PAGE), "page", "200"),
    "brave: 204": ("brave", says(204, b""), "online", "204"),
    "chromeos: 503": ("chromeos", says(503, b"busy"), "none", "503"),
    "kindle: 204 is not the GUID": ("fire-os", says(204, b""), "portal", "204"),
    "kindle: the GUID": (
        "fire-os",
        says(200, b"<p>81ce4465-7167-4dcb-835b-dcc9e44c112a"),
        "online",
        "81ce4465",
    ),
    "networkmanager: its header": (
        "gnome",
        says(302, b"x", **{"X-NetworkManager-Status": "online", "Location": "/"}),
        "online",
        "header",
    ),
    "networkmanager: its text": (
        "arch",
        says(200, b"NetworkManager is online\n"),
        "online",
        "online",
    ),
    "fedora: another's text": ("fedora", says(200, b"NetworkManager is online"), "portal", "200"),
    "kde: OK": ("kde", says(200, b"OK\n"), "online", "OK"),
    "ubuntu: hangs up": ("ubuntu", lambda *asked: None, "none", "RemoteProtocolError"),
}


def spoil(**changes):
    """A DNS server whose answer is right but for one thing."""

    def answer(wire):
        query = dns.message.from_wire(wire)
        reply = good_answer(query, changes.get("address", HOST), changes.get("ttl", 10))
        if "to_all" in changes and query.question[0].rdtype != dns.rdatatype.A:
            reply.answer = good_answer(dns.message.make_query("x.example", "A")).answer
        if "opt" in changes:
            reply.use_edns(0)
        if "code" in changes and query.question[0].rdtype == changes["of"]:
            reply.set_rcode(changes["code"])
        wire = bytearray(reply.to_wire())
        for place, byte in changes.get("bytes", {}).items():
            wire[place] ^= byte
        return bytes(wire) + changes.get("behind", b"")

    return answer


def says_its_address(wire):
    """A DNS server that answers everything with its address, answers too."""
    if wire[2] & 0x80:
        return wire
    reply = good_answer(dns.message.from_wire(wire))
    reply.set_rcode(0)
    reply.answer = [dns.rrset.from_text(reply.question[0].name, 9, "IN", "A", HOST)]
    return reply.to_wire()


DNS_FAULTS = {
    "another id": (spoil(bytes={0: 1}), "id"),
    "not marked as an answer": (spoil(bytes={2: 0x80}), "QR"),
    "RD is lost": (spoil(bytes={2: 1}), "RD"),
    "the question is in lower case": (spoil(bytes={13: 0x20}), "question"),
    "a byte behind it": (spoil(behind=b"\0"), "TrailingJunk"),
    "EDNS without a count of it": (spoil(behind=b"\0\0\x29\x10\0\0\0\0\0\0\0"), "TrailingJunk"),
    "a count without EDNS": (spoil(bytes={11: 1}), "malformed"),
    "truncated": (spoil(bytes={2: 2}), "truncated"),
    "A for AAAA and HTTPS": (spoil(to_all=True), "a record (A)"),
    "NXDOMAIN for AAAA": (spoil(code=3, of=dns.rdatatype.AAAA), "AAAA"),
    "SERVFAIL for HTTPS": (spoil(code=2, of=dns.rdatatype.HTTPS), "SERVFAIL"),
    "a long time to live": (spoil(ttl=3600), "TTL 3600"),
    "another address": (spoil(address="127.0.0.2"), "127.0.0.2"),
}


# (app, the result as it is answered, what the app tells its user, the digit that it sees)
RESULTS = (
    ("android", b"5", "success", "5"),
    ("android", b"4", "success", "4"),
    ("ios", b"5", "success", "5"),
    ("ios", b"4", "failed", "4"),
    ("android", b"result 4\n", "success", "4"),
    ("ios", b"5\n", "failed", ""),
    ("android", b"1", "failed", "1"),
    ("ios", b"2", "failed", "2"),
    ("android", b"3", "failed", "3"),
    ("android", b"0", "not started", "0"),
    ("ios", b"0", "not started", "0"),
    ("android", b"<html>", "failed", ""),
    ("android", b"Unknown Token", "unknown", None),
    ("android", b"", "unknown", None),
)
