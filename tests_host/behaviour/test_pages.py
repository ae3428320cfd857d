# The page as the board renders it: escaping, languages, every outcome, and its memory.
# MIT licence

import gc
import json
import sys

import fakes

MICROPYTHON = sys.implementation.name == "micropython"
OPEN, WEP, WPA, ENTERPRISE = 0, 1, 2, 5
HOSTILE = b"<b>x</b>\"';--"
REASONS = (
    "not_found",
    "wrong_password",
    "no_address",
    "security",
    "link_lost",
    "radio_error",
    "not_confirmed",
)
PASSWORD = "correct horse battery"


def fresh():
    """The module and a session, of a library loaded anew."""
    fakes.forget()
    from provisioning.methods.portal import pages

    return pages, fakes.FakeSession()


def text(chunks):
    """A rendered page as a str; too long for a small heap but in the tests that look at parts."""
    return b"".join(list(chunks)).decode()


def between(chunks, start, end):
    """What stands between two marks (str) in a page, without holding all of the page."""
    start, end = start.encode(), end.encode()
    found, rest = None, b""
    for chunk in chunks:
        rest += chunk
        if found is None:
            at = rest.find(start)
            rest = rest[at:] if at >= 0 else rest[-len(start) :]
            found = True if at >= 0 else None
        if found and rest.find(end, len(start)) >= 0:
            return rest[len(start) : rest.find(end, len(start))].decode()
    raise AssertionError("not in the page: %s ... %s" % (start, end))


def strings(pages, language):
    with open("%s/lang/%s.json" % (pages.directory, language), "rb") as file:
        return json.load(file)


def error(chunks):
    """What the page says went wrong, without HTML's escapes of apostrophes."""
    said = between(chunks, "<p class=error id=error", "</p>")
    return said[said.find(">") + 1 :].replace("&#39;", "'")


def test_a_language_is_chosen_as_the_browser_prefers():
    pages, _ = fresh()
    for header, query, language in (
        (None, None, "en"),
        ("", None, "en"),
        ("de", None, "de"),
        ("de-AT,de;q=0.9,en;q=0.8", None, "de"),
        ("it-IT, it;q=0.9, fr;q=0.5, en;q=0.4", None, "fr"),
        ("en;q=0.2, ja;q=0.9", None, "ja"),
        ("en;q=0.2, ja ; q=0.9", None, "ja"),
        ("ZH-hans-CN", None, "zh"),
        ("pt-BR", None, "pt"),
        ("de;q=0, es;q=0.1", None, "es"),
        ("de;q=rubbish", None, "en"),
        ("*", None, "en"),
        (",;=,-", None, "en"),
        ("de", "ja", "ja"),
        ("de", "ES", "es"),
        ("de", "xx", "de"),
        ("de", "", "de"),
    ):
        assert pages.pick_language(header, query) == language, (header, query)


def test_every_language_has_every_string_and_its_slots():
    pages, _ = fresh()
    english = strings(pages, "en")
    assert len(pages.LANGUAGES) == 7
    for language in pages.LANGUAGES:
        own = strings(pages, language)
        assert sorted(own) == sorted(english), language
        for key, value in own.items():
            assert value and "\\" not in value and '"' not in value, (language, key)
            for slot in ("{ssid}", "{ap}", "{bars}", "{count}"):
                assert (slot in value) == (slot in english[key]), (language, key, slot)
            if language != "en" and len(value) > 20:
                assert value != english[key], (language, key)


def test_an_ssid_is_shown_as_text():
    pages, session = fresh()
    session.air = [fakes.Network(HOSTILE), fakes.Network(b"A\xffB\x00C"), fakes.Network("más ☕")]
    rows = between(pages.render(session, "en"), "<legend>", "id=other")
    assert "<bdi>&lt;b&gt;x&lt;/b&gt;&quot;&#39;;--</bdi>" in rows
    assert "<b>" not in rows
    assert 'value="3c623e783c2f623e22273b2d2d"' in rows
    assert "<bdi>A\ufffdB\ufffdC</bdi>" in rows and 'value="41ff420043"' in rows
    assert "<bdi>más ☕</bdi>" in rows


def test_ssid_text_is_utf_8_with_replacements():
    pages, _ = fresh()
    for ssid, shown in (
        (b"", ""),
        (b"HomeNet", "HomeNet"),
        ("ñ€𝄞".encode(), "ñ€𝄞"),
        (b"\xc3", "\ufffd"),
        (b"\xc3x", "\ufffdx"),
        (b"\xc0\x80", "\ufffd\ufffd"),
        (b"\xe0\x80\x80", "\ufffd\ufffd\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xf5\x80\x80\x80", "\ufffd" * 4),
        (b"a\nb\x7f", "a\ufffdb\ufffd"),
    ):
        assert pages.ssid_text(ssid) == shown, ssid


def test_a_hostile_name_stays_a_name_everywhere():
    pages, session = fresh()
    session.fail(1, HOSTILE)
    session.identity.name = '"><script>alert(1)</script>'
    session.identity.ap_ssid = "</script><script>\u2028{ssid}"
    head = between(pages.render(session, "en"), "<title>", "</title>")
    assert "<" not in head and "&lt;script&gt;" in head
    assert error(pages.render(session, "en")).startswith("&lt;b&gt;x&lt;/b&gt;")
    typed = between(pages.render(session, "en"), "id=ssid name=ssid value=", " maxlength")
    assert typed == '"&lt;b&gt;x&lt;/b&gt;&quot;&#39;;--"'
    script = between(pages.render(session, "en"), "interrupted:", "\n")
    assert "<" not in script and "\u2028" not in script
    assert json.loads(script[: script.rfind(",")]) == strings(pages, "en")["interrupted"].replace(
        "{ap}", session.identity.ap_ssid
    )
    starts = 0
    for chunk in pages.render(session, "en"):
        starts += chunk.count(b"<script")
    assert starts == 1


def test_what_is_filled_in_is_not_looked_at_again():
    pages, _ = fresh()
    values = {"ssid": "{ap}", "ap": "{ssid}"}
    assert pages.fill("{ssid}, {ap}, {none}, {", values) == "{ap}, {ssid}, {none}, {"
    assert pages.fill("nothing", values) == "nothing"


def test_rows_tell_what_a_network_is_like():
    pages, session = fresh()
    session.air = [
        fakes.Network("Strong", -40),
        fakes.Network("Free", -60, OPEN),
        fakes.Network("School", -70, ENTERPRISE),
        fakes.Network("Old", -90, WEP),
    ]
    session.profiles.list.append(fakes.Network("Strong"))  # it has an SSID too
    rows = between(pages.render(session, "en"), "<legend>", "<template").split("<input")
    assert len(rows) == 5
    _, strong, free, school, old = rows
    assert 'class="row stored "' in strong and "Stored on this board" in strong
    assert "Signal 4 of 4" in strong and "disabled" not in strong
    assert 'class="row open"' in free and "No password" in free and "Signal 3 of 4" in free
    assert "disabled" in school and "not supported" in school and "Enterprise" in school
    assert "disabled" in old and "WEP" in old and "Signal 1 of 4" in old


def test_every_reason_is_said_and_leads_to_the_right_field():
    pages, session = fresh()
    session.air = [fakes.Network("HomeNet")]
    fields = ('class="row ', "id=key") + 5 * ("message",)
    for number, reason in enumerate(REASONS):
        session.fail(number + 1)
        for language in pages.LANGUAGES if number < 2 else ("en",):
            expected = strings(pages, language)[reason].replace("{ssid}", "HomeNet")
            assert error(pages.render(session, language)) == expected, (language, reason)
        tag = between(pages.render(session, "en"), "<form id=form", "</form>")
        at = tag.find(" autofocus")
        message = between(pages.render(session, "en"), "<p class=error id=error ", ">")
        assert ("autofocus" in message) == (fields[number] == "message"), reason
        assert (at < 0) == (fields[number] == "message"), reason
        if at > 0:
            assert fields[number] in tag[tag.rfind("<", 0, at) : at], reason
        assert 'value="486f6d654e6574" class="row " checked' in tag


def test_a_typed_name_comes_back_and_its_field_is_in_focus():
    pages, session = fresh()
    session.air = [fakes.Network("HomeNet")]
    session.fail(1, b"Hidden <One>")
    form = between(pages.render(session, "en"), "id=other", "</form>")
    assert form.startswith(' value="" checked')
    field = form[form.find("<input id=ssid") :]
    field = field[: field.find(">")]
    assert 'value="Hidden &lt;One&gt;"' in field and "autofocus aria-invalid" in field
    session.fail(1, b"\xff\xfe")  # nobody can type that
    assert 'name=ssid value="" ' in between(pages.render(session, "en"), "<input id=ssid ", ">")


def test_a_refused_form_says_why():
    pages, session = fresh()
    session.air = [fakes.Network("HomeNet")]
    known = strings(pages, "de")
    for problem, key in (
        ("ssid", "bad_ssid"),
        ("key", "bad_key"),
        ("list_full", "list_full"),
        ("priority", "again"),
    ):
        page = pages.render(session, "de", problem, b"HomeNet")
        assert error(page) == known[key], problem
    # Also while another attempt runs: the person who is asked sees the form.
    session.now.state = "joining"
    view = between(pages.render(session, "de", "key", b"HomeNet"), "<main id=main data-view=", " ")
    assert view == "form"


def test_progress_is_told_in_words_and_the_page_comes_again():
    pages, session = fresh()
    for state in ("joining", "addressing", "checking"):
        session.now = fakes.Progress(state, 0, 0, b"HomeNet", "")
        said = between(pages.render(session, "fr"), "id=say role=status tabindex=-1>", "</p>")
        expected = strings(pages, "fr")[state].replace("{ssid}", "HomeNet")
        assert said.replace("&#39;", "'") == expected
        refresh = between(pages.render(session, "fr"), "<noscript>", "</noscript>")
        assert refresh == '<meta http-equiv=refresh content="2">'
        assert between(pages.render(session, "fr"), "<main id=main data-view=", " ") == "busy"
    session.fail()
    assert "http-equiv" not in between(pages.render(session, "fr"), "<head>", "<style>")


def test_the_last_page_tells_all():
    pages, session = fresh()
    session.succeed(HOSTILE)
    refresh = between(pages.render(session, "de"), "<noscript>", "</noscript>")
    assert "0;url=/done?lang=de" in refresh
    page = text(pages.render_done(session, "de"))
    for part in (
        "<dd><bdi>micropython-3f2a1b</bdi>",
        "<bdi id=joined>&lt;b&gt;x&lt;/b&gt;&quot;&#39;;--</bdi>",
        "192.168.1.23",
        strings(pages, "de")["close"],
    ):
        assert part in page, part
    assert "<script" not in page and "<form" not in page and "refresh" not in page


def test_the_last_page_before_the_end_leads_back():
    pages, session = fresh()
    session.fail()
    page = text(pages.render_done(session, "en"))
    assert '<a href="/?lang=en">' in page and "Not connected yet" in page
    assert "<dl" not in page


def test_an_iphone_does_not_take_the_form_for_the_internet():
    # Captive network assistants look for this word (spec of iOS: page title and text).
    pages, session = fresh()
    session.air = [fakes.Network("HomeNet")]
    for state in ("waiting", "joining", "failed"):
        session.now.state = state
        for language in pages.LANGUAGES:
            last = b""
            for chunk in pages.render(session, language):
                assert b"success" not in (last + chunk).lower(), (state, language)
                last = chunk[-8:]
    assert b"success" not in text(pages.render_done(session, "en")).lower().encode()


def test_a_full_list_offers_what_to_replace():
    pages, session = fresh()
    given = "<p id=given"
    assert between(pages.render(session, "en"), given, ">") == " hidden"
    session.fill()
    session.profiles.list[0].ssid = HOSTILE
    form = between(pages.render(session, "en"), given, "</select>")
    assert form.startswith(">")
    assert "<option value=1>&lt;b&gt;x&lt;/b&gt;&quot;&#39;;--</option>" in form
    assert "<option value=7>Net6</option>" in form and form.count("<option") == 8
    field = between(pages.render(session, "en", "list_full", b"New"), "<select ", ">")
    assert "autofocus" in field


def test_no_password_reaches_the_page():
    pages, session = fresh()
    from provisioning.profiles import Profile

    session.profiles.list.append(Profile("HomeNet", PASSWORD))
    session.air = [fakes.Network("HomeNet")]
    for state in ("waiting", "joining", "connected", "failed"):
        session.now = fakes.Progress(state, 2, 2, b"HomeNet", "")
        for chunks in (pages.render(session, "en"), pages.render_done(session, "en")):
            for chunk in chunks:
                assert PASSWORD.encode() not in chunk
    assert "value=" not in between(pages.render(session, "en"), "<input id=key ", ">")


def test_nothing_of_the_template_s_own_is_served():
    pages, session = fresh()
    session.fill()
    for chunks in (pages.render(session, "en"), pages.render_done(session, "en")):
        for chunk in chunks:
            assert b"{{" not in chunk
            assert b"<!--" not in chunk and b"\n " not in chunk and b"\n//" not in chunk


def test_phones_at_the_same_time_share_the_strings():
    pages, session = fresh()
    first, second, other = [pages.render(session, one) for one in ("ja", "ja", "en")]
    next(first)
    shared = pages._shared
    next(second)
    assert shared is pages._shared and shared[0] == "ja"
    next(other)
    for _ in first:  # has its own still
        pass
    assert pages._shared is None


def test_phones_that_go_away_leave_no_more_than_one_language():
    pages, session = fresh()
    gone = pages.render(session, "ja")
    for language in pages.LANGUAGES:
        gone = pages.render(session, language)
        next(gone)
    assert pages._shared[0] == "ja"
    gone = None
    for _ in pages.render(session, "en"):
        pass
    assert pages._shared is None


def test_rendering_takes_little_memory():
    if not MICROPYTHON:
        return
    pages, session = fresh()
    session.air = [fakes.Network("Network %d" % number, -40 - number) for number in range(20)]
    session.fill()
    with open(pages.directory + "/lang/ja.json", "rb") as file:
        language = len(file.read())
    gc.collect()
    before = gc.mem_alloc()
    most = size = 0
    for chunk in pages.render(session, "ja"):
        size += len(chunk)
        gc.collect()
        most = max(most, gc.mem_alloc() - before)
    assert size > 20000
    assert most - language < 4500, "%d bytes beside %d of the language" % (most, language)
    chunk = None
    gc.collect()
    assert gc.mem_alloc() - before < 500, "what the page took is given back"
    print("a page takes", most, "bytes, of them", language, "for its strings")
