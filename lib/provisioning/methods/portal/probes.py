# What phones and computers get from the hosts that they ask whether they are online.
# MIT licence

from .answer import Answer


def answer(host, path, home, named_home, released):
    """The Answer to a request for somebody else's host.

    home: the portal's URL by its address; named_home: by a name. released: phones may be told that
    they are online (online.py). Until then all are sent to the portal: 302 and never 301,
    absolute, with a body, since an empty answer is no portal to Android and to iOS.
    """
    if path in ("/wpad.dat", "/favicon.ico"):
        # Windows 11 hammers when a redirect answers its search for a proxy.
        return Answer("Not found", 404)
    if released:
        from . import online

        found = online.answer(host, path)
        if found:
            return found
    if path == "/connecttest.txt":
        # Windows 11 opens its browser only if this leads to a name (a note in CDFER's portal).
        home = named_home
    body = '<a href="' + home + '">' + home + "</a>"
    return Answer(body, 302, {"Location": home, "Content-Type": "text/html"})
