# What systems make of an answer to their question whether they are online.
# MIT licence
"""A rule takes an httpx.Response and gives (verdict, why). The verdict is "online", "portal" or
"none": no Internet, and no page opens. Sources: AOSP NetworkMonitor, notes of Apple and of the
Wireless Broadband Alliance, Microsoft NCSI, Mozilla, nm-connectivity.c, CDFER's portal.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit


class Page(HTMLParser):
    """The title and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.title = self.body = ""
        self._inside = ""
        self.feed(text)
        self.title, self.body = " ".join(self.title.split()), " ".join(self.body.split())

    def handle_starttag(self, tag, attrs):
        if tag in ("title", "body"):
            self._inside = tag

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data):
        if self._inside == "title":
            self.title += data
        elif self._inside == "body":
            self.body += data


def android(response):
    """AOSP NetworkMonitor: 204 and nothing else is online, 200-399 a portal, but a 200 that says
    (nearly) nothing is a failure."""
    status = response.status_code
    if status == 204:
        return "online", "204"
    if status == 200:
        length = int(response.headers.get("content-length", len(response.content)))
        if min(length, len(response.content)) <= 4:
            return "none", f"200 with {length} bytes is a failure"
    return _portal_or_none(status)


def code_204(response):
    """Chrome and its family: 204 is online."""
    if response.status_code == 204:
        return "online", "204"
    return _portal_or_none(response.status_code)


def apple(response):
    """Title and text `Success`; the word early in another page passes too; a bare redirect does
    not open the sheet."""
    page = Page(response.text)
    if response.status_code == 200 and page.title == page.body == "Success":
        return "online", "Success"
    if b"Success" in response.content[:1024]:
        return "online", "the word Success early in the page"
    if response.is_redirect and not response.content:
        return "none", "a redirect without a body"
    return "portal", str(response.status_code)


def windows(text):
    """Exactly this text is online, any other answer a portal."""

    def rule(response):
        if response.status_code == 200 and response.content == text.encode():
            return "online", text
        return "portal", str(response.status_code)

    return rule


def windows_11(response):
    """As Windows 10, but a redirect has to lead to another host, by its name."""
    verdict, why = windows("Microsoft Connect Test")(response)
    if response.has_redirect_location:
        here = response.request.headers["host"]
        there = urlsplit(response.headers["location"]).hostname or here
        if there == here or not there.strip("0123456789."):
            return "none", f"a redirect to {there}, which is no other host's name"
    return verdict, why


def text_is(text):
    """Firefox: this text, without a line's end, is online, another a portal."""

    def rule(response):
        if response.status_code == 200 and response.text.strip() == text:
            return "online", text[:30]
        return _portal_or_none(response.status_code)

    return rule


def holds(text):
    """Kindle: a page with this text is online."""

    def rule(response):
        if response.status_code == 200 and text in response.text:
            return "online", text[:30]
        return _portal_or_none(response.status_code)

    return rule


def network_manager(text):
    """NetworkManager: its header, 204, or a body that begins with the text it was told."""

    def rule(response):
        if response.headers.get("x-networkmanager-status") == "online":
            return "online", "the header X-NetworkManager-Status"
        if response.status_code == 204:
            return "online", "204"
        if response.status_code == 200 and response.text.startswith(text):
            return "online", text
        return _portal_or_none(response.status_code)

    return rule


def not_found(response):
    """What Windows 11 wants to hear when it looks for a proxy."""
    if response.status_code == 404:
        return "", ""
    return "none", f"/wpad.dat is {response.status_code}: it asks again and again"


def _portal_or_none(status):
    return ("portal" if 200 <= status < 400 else "none"), str(status)
