# Servers that tests can make wrong: DNS and HTTP on loopback, each in a thread.
# MIT licence

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from zeroconf import ServiceInfo

HOST = "127.0.0.1"
_CANARY = "use-application-dns.net."


def good_answer(query, address=HOST, ttl=10):
    """What a captive DNS says to a query (message). Returns a message."""
    reply = dns.message.Message(id=query.id)
    reply.flags = dns.flags.QR | dns.flags.AA | dns.flags.RA | (query.flags & dns.flags.RD)
    reply.question = query.question
    asked = query.question[0]
    text = asked.name.to_text()
    if text.lower() == _CANARY:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif asked.rdtype == dns.rdatatype.A and not text.lower().endswith(".local."):
        reply.answer = [dns.rrset.from_text(asked.name, ttl, "IN", "A", address)]
    return reply


class FakeDns:
    """A DNS server. answer(query bytes) gives the reply's bytes or None; asked: (name, kind) of
    every question."""

    def __init__(self, answer=None):
        self.asked = []
        self._answer = answer or (lambda wire: good_answer(dns.message.from_wire(wire)).to_wire())
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *trace):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (HOST, self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            wire, peer = self._socket.recvfrom(4096)
            if not wire:
                return
            if not wire[2] & 0x80:
                asked = dns.message.from_wire(wire).question[0]
                kind = dns.rdatatype.to_text(asked.rdtype)
                self.asked.append((asked.name.to_text(True), kind))
            reply = self._answer(wire)
            if reply:
                self._socket.sendto(reply, peer)


class FakeWeb:
    """An HTTP server. answer(host, path, body) gives (status, {header: value}, body bytes), or
    None: it hangs up. asked: (method, host, path, headers, body) of every request."""

    def __init__(self, answer):
        self.asked = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                host = self.headers.get("Host", "")
                web.asked.append((self.command, host, self.path, dict(self.headers), body))
                self.close_connection = True
                said = answer(host, self.path, body)
                if said is None:
                    return
                status, headers, content = said
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers and status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, format, *args):
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *trace):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class FakeAnnouncer:
    """Sends `packets` (bytes) to a UDP port of the loopback, 20 times a second."""

    def __init__(self, port, *packets):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._announce, args=(port, packets))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *trace):
        self._stop.set()
        self._thread.join()

    def _announce(self, port, packets):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self._stop.wait(0.05):
                for data in packets:
                    sender.sendto(data, (HOST, port))


def device(added=204, **files):
    """A TI device's answers, for FakeWeb. added: the status of every POST. files: {name: body}."""
    known = {"param_product_version": b"R2.0", "param_device_name": b"lamp", "__SL_G_DNP": b"lamp"}
    known |= files

    def answer(host, path, body):
        if path.startswith("/api/"):
            return added, {}, b""
        name = path[1:].removesuffix(".txt")
        return (200, {}, known[name]) if name in known else (404, {}, b"")

    return answer


def mdns_service(name, address, **properties):
    """A web server as mDNS tells of it, for Zeroconf.register_service()."""
    return ServiceInfo(
        "_http._tcp.local.",
        f"{name}._http._tcp.local.",
        addresses=[socket.inet_aton(address)],
        port=80,
        properties={"path": "/", **properties},
        server=f"{name}.local.",
    )
