# What systems ask to learn whether they are online, and what they make of the answers.
# MIT licence
"""URLs, headers and manners of each system as data; client_rules.py has its rules and the sources.

DNS: today's systems ask A, AAAA and HTTPS for each name, with EDNS; old ones A and AAAA without.

Left out, since no host is known for it: the legacy /mobile/status.php of some phones.
"""

import random
import string
from typing import NamedTuple

from .client_dns import MODERN
from .client_rules import (
    android,
    apple,
    code_204,
    holds,
    network_manager,
    not_found,
    text_is,
    windows,
    windows_11,
)

OLD = ("A", "AAAA")

_KEEP = (("Connection", "Keep-Alive"), ("Accept-Encoding", "gzip"))
_CLOSE = (("Accept", "*/*"), ("Connection", "close"))
_NO_CACHE = (
    ("Accept", "*/*"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Cache-Control", "no-cache"),
    ("Pragma", "no-cache"),
    ("Connection", "keep-alive"),
)
_NCSI = (("Connection", "Close"),)

_ANDROID_PROBE = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/60.0.3112.32 Safari/537.36"
)
_ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/138.0.0.0 Mobile Safari/537.36"
)
_SAMSUNG = _ANDROID.replace("Pixel 8 Build/AP4A", "SM-S921B Build/AP3A")
_KINDLE = _ANDROID.replace("Android 15; Pixel 8 Build/AP4A", "Android 9; KFMAWI Build/PS7327")
_APPLE_PROBE = "CaptiveNetworkSupport-481.0.1 wispr"
_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148"
)
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36"
)
_EDGE = _CHROME + " Edg/138.0.0.0"
_IE = "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko"
_CHROMEBOOK = _CHROME.replace("Windows NT 10.0; Win64; x64", "X11; CrOS x86_64 14541.0.0")
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_GNOME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.4 Safari/605.1.15"
)

_CANONICAL = (
    '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
)
_GSTATIC = "http://connectivitycheck.gstatic.com/generate_204"
_GOOGLE_FALLBACKS = (
    "http://www.google.com/gen_204",
    "http://play.googleapis.com/generate_204",
)
_HOTSPOT = "http://captive.apple.com/hotspot-detect.html"
_NETWORK_MANAGER = "NetworkManager is online"
_NMCHECK = "http://nmcheck.gnome.org/"


class Probe(NamedTuple):
    """One request: what is asked, and the rule for the answer."""

    url: str
    rule: object


class System(NamedTuple):
    """How a system finds out.

    probes: all are asked, and have to agree. fallbacks: asked unless the probes found a portal.
    secure: hosts whose port 443 is tried. also: further requests; a verdict of theirs counts more.
    names: further DNS questions (name, kind, code of the answer). agent: the probe's; headers:
    beside Host and agent. browser: the agent that opens the page. opens: the URL that it opens,
    "" for the redirect's or the probe's. needs_redirect: without one nothing opens. private: has
    AOSP's rule on private addresses, if that is switched on.
    """

    name: str
    probes: tuple
    agent: str
    headers: tuple
    browser: str
    opens: str = ""
    kinds: tuple = MODERN
    edns: bool = True
    fallbacks: tuple = ()
    secure: tuple = ()
    also: tuple = ()
    names: tuple = ()
    needs_redirect: bool = False
    private: bool = False
    timeout_s: float = 10


def _android(name, url, fallbacks, secure, *more, browser=_ANDROID, needs_redirect=False):
    return System(
        name,
        tuple(Probe(address, android) for address in (url, *more)),
        _ANDROID_PROBE,
        _KEEP,
        browser,
        fallbacks=tuple(Probe(address, android) for address in fallbacks),
        secure=secure,
        needs_redirect=needs_redirect,
        private=True,
        timeout_s=3,  # PROBE_TIMEOUT_MS
    )


def _apple(name, browser):
    return System(name, (Probe(_HOTSPOT, apple),), _APPLE_PROBE, _CLOSE, browser, _HOTSPOT)


def _apple_pool():
    # Old iOS asks one of these by a path that nobody can know beforehand.
    urls = ["http://www.apple.com/library/test/success.html"]
    for host in "appleiphonecell.com itools.info ibook.info airport.us thinkdifferent.us".split():
        path = "/".join("".join(random.choices(string.ascii_letters, k=9)) for _ in range(2))
        urls.append(f"http://www.{host}/{path}.html")
    return tuple(Probe(url, apple) for url in urls)


def _linux(name, url, text=_NETWORK_MANAGER, opens=_NMCHECK):
    probe = Probe(url, network_manager(text))
    return System(name, (probe,), "", _CLOSE, _GNOME, opens)


def _chrome(name, browser, *urls):
    probes = tuple(Probe(url, code_204) for url in urls)
    return System(name, probes, browser, _NO_CACHE, browser)


def _windows(name, host, path, rule, browser, **more):
    return System(
        name,
        (Probe(f"http://{host}{path}", rule),),
        "Microsoft NCSI",
        _NCSI,
        browser,
        f"http://{host}/redirect",
        **more,
    )


_DNS_NCSI = (("dns.msftncsi.com", "A", 0),)
_NCSI_10 = (*_DNS_NCSI, ("ipv6.msftconnecttest.com", "AAAA", 0))
_CANARY = tuple(("use-application-dns.net", kind, 3) for kind in OLD)

SYSTEMS = (
    _android("android", _GSTATIC, _GOOGLE_FALLBACKS, ("www.google.com",)),
    _android("android-11", _GSTATIC, _GOOGLE_FALLBACKS, ("www.google.com",), needs_redirect=True),
    _android(
        "android-china",
        "http://connectivitycheck.gstatic.cn/generate_204",
        ("http://www.googleapis.cn/generate_204",),
        ("connectivitycheck.gstatic.cn",),
    ),
    _android(
        "grapheneos",
        "http://connectivitycheck.grapheneos.network/generate_204",
        ("http://grapheneos.online/gen_204", "http://grapheneos.online/generate_204"),
        ("connectivitycheck.grapheneos.network",),
    ),
    _android(
        "samsung",
        _GSTATIC,
        _GOOGLE_FALLBACKS,
        ("www.google.com",),
        "http://connectivitycheck.android.com/generate_204",
        "http://d2uzsrnmmf6tds.cloudfront.net/",
        browser=_SAMSUNG,
    ),
    _apple("ios", _IPHONE),
    System("ios-old", _apple_pool(), _APPLE_PROBE, _CLOSE, _IPHONE, kinds=OLD, edns=False),
    _apple("macos", _MAC),
    _windows(
        "windows-10",
        "www.msftconnecttest.com",
        "/connecttest.txt",
        windows("Microsoft Connect Test"),
        _EDGE,
        names=_NCSI_10,
    ),
    _windows(
        "windows-11",
        "www.msftconnecttest.com",
        "/connecttest.txt",
        windows_11,
        _EDGE,
        names=_NCSI_10,
        also=(Probe("http://wpad/wpad.dat", not_found),),
    ),
    _windows(
        "windows-7",
        "www.msftncsi.com",
        "/ncsi.txt",
        windows("Microsoft NCSI"),
        _IE,
        names=_DNS_NCSI,
        kinds=OLD,
        edns=False,
    ),
    System(
        "firefox",
        (
            Probe("http://detectportal.firefox.com/canonical.html", text_is(_CANONICAL)),
            Probe("http://detectportal.firefox.com/success.txt?ipv4", text_is("success")),
        ),
        _FIREFOX,
        _NO_CACHE,
        _FIREFOX,
        "http://detectportal.firefox.com/canonical.html",
        names=_CANARY,
    ),
    _chrome("chrome", _CHROME, "http://www.gstatic.com/generate_204"),
    _chrome("brave", _CHROME, "http://detectportal.brave-http-only.com/"),
    _chrome(
        "chromeos",
        _CHROMEBOOK,
        "http://clients3.google.com/generate_204",
        "http://www.gstatic.com/generate_204",
    ),
    System(
        "fire-os",
        (
            Probe(
                "http://spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html",
                holds("81ce4465-7167-4dcb-835b-dcc9e44c112a"),
            ),
        ),
        _KINDLE,
        _KEEP,
        _KINDLE,
        "http://spectrum.s3.amazonaws.com/kindle-wifi/wifiredirect.html",
        kinds=OLD,
        edns=False,
    ),
    _linux("ubuntu", "http://connectivity-check.ubuntu.com/"),
    _linux("gnome", "http://nmcheck.gnome.org/check_network_status.txt"),
    _linux("fedora", "http://fedoraproject.org/static/hotspot.txt", "OK"),
    _linux("arch", "http://ping.archlinux.org/nm-check.txt"),
    _linux("kde", "http://networkcheck.kde.org/", "OK", "http://networkcheck.kde.org/"),
)
