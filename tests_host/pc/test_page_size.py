# The page as it is served: its size, and that its HTML holds together.
# MIT licence

import gzip
import json
from html.parser import HTMLParser

import pytest

import fakes
from conftest import ROOT

LIMIT = 12 * 1024  # gzipped
AIR = ("HomeNet", "CafeFree", "50% off & más ☕", "Basement", "Hidden One", "Future", "SchoolNet")
AIR += ("Flaky", "<b>x</b>\"';--")
LANGUAGES = ("en", "de", "fr", "es", "pt", "zh", "ja")
VOID = {"meta", "link", "input", "path", "circle", "rect", "use"}
FOREIGN = ("http:", "https:", "//", "@import", "url(")


def render(language, full=False, done=False):
    fakes.forget()
    from provisioning.methods.portal import pages

    session = fakes.FakeSession()
    session.air = [fakes.Network(ssid, -40 - 4 * i) for i, ssid in enumerate(AIR)]
    if full:
        session.fill()
    if done:
        session.succeed()
        return b"".join(pages.render_done(session, language))
    return b"".join(pages.render(session, language))


class Reader(HTMLParser):
    """Collects what the tests ask for, and fails at tags that do not match."""

    def __init__(self, page):
        super().__init__()
        self.open, self.ids, self.tags = [], [], []
        self.feed(page)
        self.close()
        assert self.open == [], "left open"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if attrs.get("id"):
            self.ids.append(attrs["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        assert tag in VOID, f"<{tag} /> is not closed in HTML"

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_small(language):
    page = render(language, full=True)
    packed = len(gzip.compress(page, 9))
    print(f"{language}: {len(page)} bytes, {packed} gzipped")
    assert packed <= LIMIT


def test_the_last_page_is_smaller():
    assert len(render("en", done=True)) < 5000


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("done", [False, True], ids=["page", "done"])
def test_the_html_holds_together(language, done):
    page = Reader(render(language, full=True, done=done).decode())
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    assert ("html", {"lang": language}) in page.tags
    for tag, attrs in page.tags:
        for name in ("for", "form", "aria-describedby"):
            if attrs.get(name) and attrs[name] != "n":  # the row that JavaScript copies
                assert attrs[name] in page.ids, (tag, attrs)


def test_every_field_has_a_label():
    page = Reader(render("en", full=True).decode())
    labelled = {attrs["for"] for tag, attrs in page.tags if tag == "label"}
    for tag, attrs in page.tags:
        if tag in ("input", "select"):
            assert attrs["id"] in labelled, attrs
        if tag == "svg" and attrs.get("aria-hidden") != "true" and "role" in attrs:
            assert "aria-label" in attrs


def test_every_string_is_used():
    portal = ROOT / "lib/provisioning/methods/portal"
    places = (portal / "page.html").read_text() + (portal / "pages.py").read_text()
    progress = {"joining", "addressing", "checking"}
    for key in json.loads((portal / "lang/en.json").read_text()):
        used = "{{%s}}" % key in places or f'"{key}"' in places or f"{{{{js:{key}}}}}" in places
        assert used or key in progress, key


def test_nothing_is_loaded_from_elsewhere():
    page = Reader(render("en", full=True).decode())
    for tag, attrs in page.tags:
        assert tag not in ("iframe", "object", "embed", "img", "base")
        for name in ("src", "href", "action", "srcset"):
            assert not (attrs.get(name) or "").startswith(FOREIGN), (tag, attrs)
    text = render("en").decode().split("<style>")[1].split("</style>")[0]
    assert not any(word in text for word in FOREIGN)


def test_what_captive_sheets_forbid_is_not_used():
    script = render("en").decode().split("<script>")[1].split("</script>")[0]
    for word in ("alert(", "confirm(", "window.open", "localStorage", "document.cookie", "eval("):
        assert word not in script.replace("/v1/confirm", ""), word
    assert "innerHTML" not in script, "names of networks must stay text"
