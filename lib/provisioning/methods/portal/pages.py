# Renders page.html in the language of the person's browser, piece by piece.
# MIT licence
#
# The template has these marks. Lines that start with `//` or `<!--# ` are comments and stay here.
#   {{word}}              a value or a string of the language, escaped for text and attributes
#   {{!word}}             markup that this module makes
#   {{js:word}}           a string of the language as a JavaScript literal, safe inside <script>
#   <!--#if word-->       the lines up to <!--#end--> only if the value is true
#   <!--#rows-->          those lines for each network, and once empty in a <template>
#   <!--#options-->       those lines for each stored profile

import binascii
import io
import json

from micropython import const

from ...codes import SECURITY_ENTERPRISE, SECURITY_OPEN
from ...names import reason_name
from .texts import bars, is_supported, ssid_text

LANGUAGES = ("en", "de", "fr", "es", "pt", "zh", "ja")

# The folder of page.html and lang/.
directory = __file__.rsplit("/", 1)[0]

_CHUNK = const(512)  # bytes handed to the socket at once
_READ = const(256)  # bytes asked of a file at once

_ROW = ("before", "hex", "ssid", "note", "signal", "bars", "kind", "state", "after")
_STEPS = ("joining", "addressing", "checking")
# Why a form was refused: its string and the field to go to.
_PROBLEMS = {
    "ssid": ("bad_ssid", "ssid"),
    "key": ("bad_key", "key"),
    "list_full": ("list_full", "replace"),
}
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))
_CODES = (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_FIELD = " autofocus aria-invalid=true aria-describedby=error"

_shared = None  # while a page is made: its language, and the file of that in blocks


def pick_language(accept_language, query=None):
    """The language to answer in, one of LANGUAGES; "en" when none fits.

    accept_language: the header's value or None. query: the value of `?lang=` or None; it goes
    first. Weights count, regions do not (`pt-BR` is `pt`). Source: RFC 9110 12.5.4.
    """
    if query and query[:2].lower() in LANGUAGES:
        return query[:2].lower()
    best, best_weight = "en", 0
    for item in (accept_language or "").lower().split(","):
        tag, _, parameter = item.partition(";")
        language = tag.strip().split("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter):
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1
    try:
        return float(value)
    except ValueError:
        return 0


def escape(text):
    """Text as it may stand in HTML, also in a quoted attribute."""
    for sign, entity in _ENTITIES:
        if sign in text:
            text = text.replace(sign, entity)
    return text


def script_literal(text):
    """Text as a JavaScript string that cannot end its <script>.

    Old engines end a line, and so the string, at U+2028 and U+2029.
    """
    text = json.dumps(text)
    for sign, code in _CODES:
        if sign in text:
            text = text.replace(sign, code)
    return text


def fill(text, values):
    """Put values into the {slots} of a string, once: what is put in is not looked at again."""
    out = []
    for part in text.split("{"):
        slot, closed, rest = part.partition("}")
        if not out:
            out.append(part)
        elif closed and slot in values:
            out.append(values[slot] + rest)
        else:
            out.append("{" + part)
    return "".join(out)


def render(session, language, problem=None, chosen=b""):
    """The page, as a generator of bytes: form, progress or result, as session.progress() says.

    language: one of LANGUAGES. problem: why a posted form was refused, "ssid", "key",
    "list_full" or another word; then the form is shown again with `chosen` (the SSID in bytes)
    still selected. The password is never in the page. This page delivers nothing: it leads a
    browser without JavaScript on to the last page.
    """
    return _packed(_Page(session, language, problem, chosen, False))


def render_done(session, language):
    """The last page, as a generator of bytes. A phone that loads it looks whether it is online.

    It names the board, its network and its address. When it is out the result counts as delivered
    (browser.py): a browser without JavaScript does not read it elsewhere. While there is no result
    it links to the form.
    """
    return _packed(_Page(session, language, None, b"", True))


def _packed(page):
    # The lines of a page in pieces that are worth a packet.
    global _shared
    page.prepare(_strings(page.language))
    parts = []
    size = 0
    with _open("page.html") as template:
        for line in page.lines(_stripped(template)):
            # Not larger: a heap in pieces may have no room for it.
            if size + len(line) > _CHUNK and parts:
                parts.append(b"")
                chunk = b"\n".join(parts)
                parts.clear()
                size = 0
                yield chunk
            parts.append(line)
            size += len(line)
    # Nothing is counted: of a phone that goes away in between nobody hears here.
    _shared = None
    yield b"\n".join(parts)


def _open(name):
    # A file of this folder. A firmware that has this module frozen has them in another one.
    try:
        return open(directory + "/" + name, "rb")
    except OSError:
        from .files import FILES  # type: ignore[import-not-found]

        return io.BytesIO(FILES[name])


def _stripped(file):
    # Lines without indentation. MicroPython's readline() asks the file system for each byte.
    rest = b""
    while True:
        size = len(rest)
        rest += file.read(_READ)
        if len(rest) == size:
            return
        lines = rest.split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line.strip()


def _strings(language):
    # Phones that load at the same time share one copy: it is the largest thing a page needs.
    global _shared
    if _shared is None or _shared[0] != language:
        with _open("lang/%s.json" % language) as file:
            _shared = (language, _blocks(file))
    return _shared[1]


def _blocks(file):
    # The file in blocks of whole lines: in a heap in pieces a large block may not be left.
    blocks = []
    rest = b""
    while True:
        size = len(rest)
        rest += file.read(_READ)
        if len(rest) == size:
            blocks.append(rest)
            return blocks
        end = rest.rfind(b"\n") + 1
        if end:
            blocks.append(rest[:end])
            rest = rest[end:]


class _Page:
    # One rendering. `values` is plain text for the template, `markup` our own HTML, `flags` what
    # its conditions ask for, `item` the values of one row or option.

    def __init__(self, session, language, problem, chosen, final):
        self.session = session
        self.language = language
        self.problem = problem
        self.chosen = chosen
        self.final = final
        self.strings = ()
        self.item = {}

    def string(self, key):
        # The file stays as it is: as a dict it would take twice the memory. Strings have no
        # escapes in them (a test keeps it so).
        mark = ('"%s":' % key).encode()
        for block in self.strings:
            start = block.find(mark)
            if start >= 0:
                start = block.find(b'"', start + len(mark)) + 1
                return str(block[start : block.find(b'"', start)], "utf-8")
        raise KeyError(key)

    def prepare(self, strings):
        self.strings = strings
        session = self.session
        progress = session.progress()
        state = "waiting" if self.problem else progress.state
        busy, connected = state in _STEPS, state == "connected"
        self.chosen = self.chosen or progress.ssid
        self.networks = session.networks()
        typed = not any(
            network.ssid == self.chosen and is_supported(network.security)
            for network in self.networks
        )
        name = ssid_text(self.chosen)
        self.values = {
            "lang": self.language,
            "name": session.identity.name,
            "ap": session.identity.ap_ssid,
            "ssid": name,
            "address": progress.address,
            "view": "done" if connected or self.final else "busy" if busy else "form",
            "step": state,
            "age": "" if session.scan_age_ms() is None else "1",
            # A name that cannot be typed is not put into the field.
            "typed": name if typed and name.encode() == self.chosen else "",
        }
        self.flags = {
            "live": not self.final,
            "reached": connected or not self.final,
            "unreached": self.final and not connected,
            "refresh": busy or (connected and not self.final),
        }
        error, focus = self._error(progress, state == "failed", typed)
        self._say("heading", "done" if connected else "not_done" if self.final else "title")
        self._say("say", state if busy else "")
        self._say("error", error)
        field = focus in ("ssid", "key", "replace")
        other = self.problem == "ssid" or (self.chosen and typed)
        self.markup = {
            "refresh": "2" if busy else "0;url=/done?lang=" + self.language,
            "at_" + focus: _FIELD if field else " autofocus",
            "at_" + self.language: " aria-current=true",
            "other": " checked" if other else "",
            "hide_given": "" if session.profiles.is_full() else " hidden",
        }

    def _say(self, name, key):
        self.values[name] = fill(self.string(key), self.values) if key else ""

    def _error(self, progress, failed, typed):
        # The string that says what went wrong, and the field to go to.
        problem = self.problem
        if problem:
            return _PROBLEMS.get(problem, ("again", "error"))
        if not failed:
            return "", ""
        word = reason_name(progress.reason) or "again"
        if word == "wrong_password":
            return word, "key"
        if word == "not_found":
            return word, "ssid" if typed else "chosen"
        return word, "error"

    def lines(self, template):
        # What is served of the template.
        skipping = 0  # how many blocks deep in one that is left out
        block, items = None, ()
        for line in template:
            if line.startswith(b"<!--#"):
                word, _, name = str(line[5:-3], "utf-8").partition(" ")
                if word == "end":
                    for self.item in items:
                        for part in block:
                            yield self.substitute(part)
                    skipping -= skipping > 0
                    block, items, self.item = None, (), {}
                elif word and (skipping or (word == "if" and not self.flags[name])):
                    skipping += 1
                elif word == "rows" or word == "options":
                    block, items = [], self._rows() if word == "rows" else self._options()
            elif skipping or not line or line.startswith(b"//"):
                pass
            elif block is not None:
                block.append(line)
            else:
                yield self.substitute(line)

    def substitute(self, line):
        parts = line.split(b"{{")
        if len(parts) > 1:
            for i in range(1, len(parts)):
                name, _, rest = parts[i].partition(b"}}")
                parts[i] = self._value(str(name, "utf-8")).encode() + rest
            line = b"".join(parts)
        return line

    def _value(self, name):
        if name.startswith("js:"):
            return script_literal(fill(self.string(name[3:]), {"ap": self.values["ap"]}))
        if name.startswith("!"):
            name = name[1:]
            return self.item.get(name) or self.markup.get(name, "")
        if name in self.item:
            return escape(self.item[name])
        if name in self.values:
            return escape(self.values[name])
        return escape(self.string(name))

    def _rows(self):
        item = dict.fromkeys(_ROW, "")
        for network in self.networks:
            self._row(network, item)
            yield item
        # What JavaScript makes new rows of.
        for name in _ROW:
            item[name] = ""
        item["before"] = "<template id=row>"
        item["after"] = "</template>"
        yield item

    def _row(self, network, item):
        ssid, security = network.ssid, network.security
        kind, notes, state = "", [], ""
        if self.session.profiles.find(ssid) is not None:
            kind = "stored "
            notes.append(self.string("stored"))
        if security == SECURITY_OPEN:
            kind += "open"
            notes.append(self.string("open"))
        if not is_supported(security):
            notes.append(self.string("enterprise" if security == SECURITY_ENTERPRISE else "wep"))
            state = " disabled"
        elif ssid == self.chosen:
            state = " checked" + self.markup.get("at_chosen", "")
        level = str(bars(network.rssi))
        item["hex"] = str(binascii.hexlify(ssid), "utf-8")
        item["ssid"] = ssid_text(ssid)
        item["note"] = " \u00b7 ".join(notes)
        item["signal"] = fill(self.string("signal"), {"bars": level})
        item["bars"] = level
        item["kind"] = kind
        item["state"] = state

    def _options(self):
        for index, profile in enumerate(self.session.profiles.all()):
            yield {"index": str(index + 1), "ssid": ssid_text(profile.ssid)}
