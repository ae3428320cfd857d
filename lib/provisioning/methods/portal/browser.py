# What people open: the page, its forms for browsers without JavaScript, the last page.
# MIT licence

import binascii

from ...profiles import Profile, ProfileError, ProfilesFull
from . import forms, pages
from .answer import Answer


def handle(session, request):
    """Answer a request for /, /index.html, /done, /join or /rescan; returns an Answer."""
    if request.method != "POST":
        if request.path == "/done":
            page = pages.render_done(session, _language(request))
            return _html(page, then=session.delivery())
        return _html(pages.render(session, _language(request)))
    if request.path == "/rescan":
        session.request_scan()
        return _home(request)
    ssid = b""
    try:
        form = dict(forms.fields(request.body))
        ssid = _ssid(form)
        session.offer(_profile(ssid, form, session), _replaced(form, session))
        session.confirm()
        return _home(request)
    except ProfilesFull:
        problem = "list_full"
    except ProfileError as error:
        problem = error.field
    if len(ssid) > 32:
        ssid = b""
    return _html(pages.render(session, _language(request), problem, ssid), 400)


def _html(body, status=200, then=None):
    return Answer(body, status, {"Content-Type": "text/html; charset=utf-8"}, then)


def _home(request):
    # 303: the browser fetches the page, and a reload of it does not post the form again.
    query = "?" + request.query if request.query else ""
    return Answer("See the page.", 303, {"Location": "/" + query})


def _language(request):
    chosen = None
    for name, value in forms.fields(request.query.encode()):
        if name == b"lang" and max(value or b"\xff") < 0x80:
            chosen = value.decode()
    return pages.pick_language(request.headers.get("accept-language"), chosen)


def _ssid(form):
    # `network` is the hex of a listed SSID, or empty: then `ssid` was typed.
    try:
        return binascii.unhexlify(form.get(b"network", b"")) or form.get(b"ssid", b"")
    except ValueError:
        return b""


def _profile(ssid, form, session):
    # A network that is typed and not in the list does not announce itself.
    hidden = bool(form.get(b"hidden")) or not form.get(b"network") and session.seen(ssid) is None
    return Profile(ssid, form.get(b"key", b""), hidden=hidden)


def _replaced(form, session):
    # The index of the stored profile to give up, None when the form does not say.
    replace = form.get(b"replace", b"")
    if replace.isdigit() and 1 <= int(replace[:4]) <= len(session.profiles.all()):
        return int(replace) - 1
    return None
