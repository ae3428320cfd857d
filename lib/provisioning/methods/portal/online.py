# What phones and computers want to hear from their own hosts when they are online.
# MIT licence
#
# Loaded when the user is done and the phone may go, and not before.

from .answer import Answer

_SUCCESS = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
_FIREFOX = (
    '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
)
_KINDLE_ID = "81ce4465-7167-4dcb-835b-dcc9e44c112a"
_KINDLE = (
    "<html><head><title>Kindle Reachability Probe Page</title><!--"
    + _KINDLE_ID
    + "--></head><body>"
    + _KINDLE_ID
    + "</body></html>"
)
_NETWORK_MANAGER = "NetworkManager is online\n"

# Host (or the end of it, from a dot on; "" is any), path ("" is any), the answer that means online
# (None is 204). The first line that fits counts. Sources: AOSP NetworkMonitor, notes of Apple and
# the Wireless Broadband Alliance, Microsoft NCSI, Mozilla's captivedetect preferences, the
# configuration of NetworkManager in its distributions.
_ONLINE = (
    ("", "/generate_204", None),  # Android and its makers, Chrome, ChromeOS: hosts differ
    ("", "/gen_204", None),
    ("captive.apple.com", "", _SUCCESS),
    (".apple.com", "/library/test/success.html", _SUCCESS),
    (".appleiphonecell.com", "", _SUCCESS),
    (".itools.info", "", _SUCCESS),
    (".ibook.info", "", _SUCCESS),
    (".airport.us", "", _SUCCESS),
    (".thinkdifferent.us", "", _SUCCESS),
    (".msftconnecttest.com", "/connecttest.txt", "Microsoft Connect Test"),
    (".msftncsi.com", "/ncsi.txt", "Microsoft NCSI"),
    ("detectportal.firefox.com", "/success.txt", "success\n"),
    ("detectportal.firefox.com", "/canonical.html", _FIREFOX),
    ("detectportal.brave-http-only.com", "/", None),
    ("spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", _KINDLE),
    ("connectivity-check.ubuntu.com", "/", None),
    (".gnome.org", "/check_network_status.txt", _NETWORK_MANAGER),
    ("fedoraproject.org", "/static/hotspot.txt", "OK"),
    ("ping.archlinux.org", "", _NETWORK_MANAGER),
    ("networkcheck.kde.org", "", "OK\n"),
    ("d2uzsrnmmf6tds.cloudfront.net", "", None),  # Samsung
)


def answer(host, path):
    """The Answer that says "online" to this asker; None for a request that is no probe."""
    for known_host, known_path, body in _ONLINE:
        if known_path in ("", path) and _fits(host, known_host):
            return _online(body)
    return None


def _fits(host, known):
    return not known or host == known or known[0] == "." and ("." + host).endswith(known)


def _online(body):
    # NetworkManager believes this header whatever the body is (nm-connectivity.c).
    headers = {"X-NetworkManager-Status": "online"}
    if body is None:
        return Answer(None, 204, headers)
    if body[0] == "<":
        headers["Content-Type"] = "text/html"
    return Answer(body, 200, headers)
