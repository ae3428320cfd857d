# Phones and computers that look whether they are online, and what they show when they are not.
# MIT licence
"""python -m lab.systems --resolver 4.3.2.1 [--only android,ios]

One JSON line for each system (their names: --list):
{"system": name, "verdict": "online", "portal" or "none", "landed": URL of the page that opened or
null, "title": its title, "dns_ms": [...], "http_ms": [...], "said": why}

DNS is asked of the resolver, and every answer is checked (client_dns.py); HTTP goes where A said.
--private-rule switches on Android's rule on private addresses. --http-port, --https-port: where
URLs without a port lead, for tests on loopback.
"""

import argparse
import ipaddress
import json
import socket
import sys
import time
from urllib.parse import urljoin, urlsplit

import httpx

from .client_dns import BadAnswer, NoAnswer, Resolver, question
from .client_rules import Page
from .client_table import SYSTEMS

_REDIRECTS_MAX = 20
_PRIVATE = [
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")
]
_BROWSER = (
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Connection", "keep-alive"),
)


class Failed(Exception):
    """A question that got no usable answer: there is no Internet. The text says why."""


def redirect(url, response):
    """Where a redirect of `url` leads. Failed: not to http, or 301, which a browser keeps."""
    if response.status_code in (301, 308):
        raise Failed(f"{response.status_code} from {url} outlives the visit in a browser's cache")
    there = urljoin(url, response.headers["location"])
    if urlsplit(there).scheme != "http":
        raise Failed(f"a redirect to {there}")
    return there


class Phone:
    """One system's network stack: resolver with a cache, HTTP without proxies or cookies.

    resolver: a client_dns.Resolver. system: a client_table.System. ports: where http and https
    lead when a URL names no port. http_ms: how long each request took, to the last byte.
    """

    def __init__(self, resolver, system, http_port=80, https_port=443):
        self.http_ms = []
        self._resolver = resolver
        self._system = system
        self._ports = {"http": http_port, "https": https_port}
        self._known = {}
        self._client = httpx.Client(
            timeout=system.timeout_s,
            verify=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def close(self):
        """Close the client's connections."""
        self._client.close()

    def address(self, host):
        """The IPv4 address of a host, asked once. Failed."""
        if not host.strip("0123456789."):
            return host
        if host not in self._known:
            edns = {} if self._system.edns else {"edns": 0}
            try:
                found = self._resolver.addresses(host, self._system.kinds, **edns)
            except (NoAnswer, BadAnswer) as error:
                raise Failed(str(error)) from error
            self._known[host] = found[0] if found else ""
        if not self._known[host]:
            raise Failed(f"{host} has no address")
        return self._known[host]

    def ask(self, name, kind, rcode):
        """A DNS question beside those of a request. Failed."""
        try:
            self._resolver.expect(question(name, kind), rcode)
        except (NoAnswer, BadAnswer) as error:
            raise Failed(f"{kind} {name}: {error}") from error

    def get(self, url, agent, headers):
        """GET, redirects not followed. Returns an httpx.Response. Failed."""
        parts = urlsplit(url)
        port = self._port(parts)
        address = self.address(parts.hostname or "")
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        lines = [("Host", parts.netloc), *([("User-Agent", agent)] if agent else []), *headers]
        request = httpx.Request("GET", f"http://{address}:{port}{target}", headers=lines)
        began = time.perf_counter()
        try:
            response = self._client.send(request)
        except httpx.HTTPError as error:
            raise Failed(f"{url}: {type(error).__name__}") from error
        self.http_ms.append(round((time.perf_counter() - began) * 1000, 1))
        return response

    def knock(self, host):
        """What port 443 of a host is like: "refused", "silent" or "open". Failed (DNS)."""
        place = (self.address(host), self._ports["https"])
        try:
            socket.create_connection(place, self._system.timeout_s).close()
        except ConnectionRefusedError:
            return "refused"
        except OSError:
            return "silent"
        return "open"

    def open(self, url):
        """Open a page as the system's browser does. Returns (final URL, title); Failed."""
        for _ in range(_REDIRECTS_MAX):
            response = self.get(url, self._system.browser, _BROWSER)
            if not response.has_redirect_location:
                break
            url = redirect(url, response)
        kind = response.headers.get("content-type", "")
        title = Page(response.text).title
        if response.status_code != 200 or not kind.startswith("text/html") or not title:
            raise Failed(f"{url} is no page: {response.status_code} {kind}, title {title!r}")
        return url, title

    def _port(self, parts):
        usual = {"http": 80, "https": 443}[parts.scheme]
        return parts.port if parts.port not in (None, usual) else self._ports[parts.scheme]


class Look:
    """One look of a system at its network."""

    def __init__(self, phone, system, private_rule=False):
        self.said = []
        self._phone = phone
        self._system = system
        self._private_rule = private_rule and system.private
        self._portal = None  # the first (URL, response) that was one

    def run(self):
        """Ask everything that the system asks. Returns (verdict, landed, title)."""
        try:
            verdict = self._verdict()
        except Failed as failed:
            self.said.append(str(failed))
            verdict = "none"
        if verdict == "portal":
            try:
                return verdict, *self._open()
            except Failed as failed:
                self.said.append(str(failed))
        return verdict, None, ""

    def _verdict(self):
        for name in self._system.names:
            self._phone.ask(*name)
        verdict = self._agreed(self._system.probes)
        self._knock()
        if verdict != "portal" and self._system.fallbacks:
            self.said.append("fallbacks")
            verdict = self._second_thoughts(verdict)
        for probe in self._system.also:
            verdict = self._probe(probe) or verdict
        return verdict

    def _agreed(self, probes):
        verdicts = {self._probe(probe) for probe in probes}
        if len(verdicts) > 1:
            self.said.append("the answers disagree")
            return "none"
        return verdicts.pop()

    def _second_thoughts(self, verdict):
        # A portal that only a fallback finds is one; a 204 to the fallback alone is not believed.
        for probe in self._system.fallbacks:
            if self._probe(probe) == "portal":
                verdict = "portal"
        return verdict

    def _knock(self):
        # HTTPS that fails with HTTP that works is "limited connection" to Android, and no portal.
        for host in self._system.secure:
            self.said.append(f"https {self._phone.knock(host)}")

    def _probe(self, probe):
        # Returns the verdict of one request.
        try:
            if self._private_rule:
                self._refuse_private(urlsplit(probe.url).hostname)
            response = self._phone.get(probe.url, self._system.agent, self._system.headers)
        except Failed as failed:
            self.said.append(str(failed))
            return "none"
        verdict, why = probe.rule(response)
        if why:
            self.said.append(why)
        if verdict == "portal" and not self._portal:
            self._portal = (probe.url, response)
        return verdict

    def _refuse_private(self, host):
        address = ipaddress.ip_address(self._phone.address(host))
        if any(address in net for net in _PRIVATE):
            raise Failed(f"PRIVATE_IP: {host} is {address}")

    def _open(self):
        # Android opens what its probe was redirected to, others a page of their own.
        url, response = self._portal
        if self._system.opens:
            return self._phone.open(self._system.opens)
        if response.has_redirect_location:
            url = redirect(url, response)
        elif self._system.needs_redirect:
            raise Failed("no redirect, so there is no page to open")
        return self._phone.open(url)


def look(system, resolver, http_port=80, https_port=443, private_rule=False):
    """Have a system look at its network. Returns what the program prints for it, as a dict."""
    phone = Phone(resolver, system, http_port, https_port)
    try:
        one = Look(phone, system, private_rule)
        verdict, landed, title = one.run()
    finally:
        phone.close()
    return {
        "system": system.name,
        "verdict": verdict,
        "landed": landed,
        "title": title,
        "dns_ms": resolver.dns_ms,
        "http_ms": phone.http_ms,
        "said": "; ".join(one.said),
    }


def chosen(only):
    """The systems named in `only` (comma between them), all if it is empty. ValueError."""
    names = [name for name in only.split(",") if name]
    known = {system.name: system for system in SYSTEMS}
    for name in names:
        if name not in known:
            raise ValueError(f"no system is called {name}: {', '.join(known)}")
    return [known[name] for name in names] or list(SYSTEMS)


def main(words=None):
    """The program. Returns its exit code."""
    parser = argparse.ArgumentParser(prog="lab.systems", description=__doc__.split("\n")[2])
    parser.add_argument("--resolver", help="address of the DNS server")
    parser.add_argument("--dns-port", type=int, default=53)
    parser.add_argument("--address", help="what A has to say; the resolver's own if left out")
    parser.add_argument("--http-port", type=int, default=80)
    parser.add_argument("--https-port", type=int, default=443)
    parser.add_argument("--private-rule", action="store_true")
    parser.add_argument("--only", default="", help="names of systems, comma between them")
    parser.add_argument("--list", action="store_true", help="print the names of the systems")
    options = parser.parse_args(words)
    if options.list:
        print("\n".join(system.name for system in SYSTEMS))
        return 0
    if not options.resolver:
        parser.error("--resolver says whom to ask")
    try:
        systems = chosen(options.only)
    except ValueError as error:
        parser.error(str(error))
    for system in systems:
        address = options.address or options.resolver
        resolver = Resolver(options.resolver, options.dns_port, address)
        line = look(system, resolver, options.http_port, options.https_port, options.private_rule)
        print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
