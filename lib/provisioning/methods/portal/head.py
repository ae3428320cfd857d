# The head of an HTTP/1 request: read strictly, kept small. Pure.
# MIT licence

# All that the portal looks at; every other header is dropped unread.
_WANTED = (
    "host",
    "origin",
    "content-type",
    "content-length",
    "transfer-encoding",
    "expect",
    "accept-language",
    "cookie",
)
_METHOD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Refused(Exception):
    """A request that is not served. `status` is the HTTP status that says why."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


def parse(head):
    """Read a request's head (bytes, without the empty line): (method, path, query, headers).

    The path is as sent: no path of ours needs percent-decoding. headers: a dict of the few that
    are wanted, names in lower case, values str. An absolute target's host takes the place of the
    Host header (RFC 9112 3.2.2). Raises Refused 400 or 505.
    """
    lines = head.split(b"\r\n")
    method, target = _request_line(lines[0])
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        # Blanks in a name, folded lines, lone CR or LF: stuff of request smuggling (RFC 9112 5).
        if not colon or not name or min(name) <= 0x20 or _has_control(line):
            raise Refused(400)
        try:
            name = name.decode().lower()
            if name in _WANTED:
                _keep(headers, name, value.strip(b" \t").decode())
        except UnicodeError:
            raise Refused(400)
    if not target.startswith("/"):
        if target[:7].lower() != "http://":
            raise Refused(400)
        headers["host"], _, target = target[7:].partition("/")
        target = "/" + target
    path, _, query = target.partition("?")
    return method, path, query, headers


def body_length(headers, limit):
    """How many bytes of body follow, 0 when the head does not say. Refused 400, 413 or 501."""
    if "transfer-encoding" in headers:
        raise Refused(501)
    length = headers.get("content-length", "0")
    for digit in length:
        if digit not in "0123456789":
            raise Refused(400)
    if not length:
        raise Refused(400)
    if len(length) > 9 or int(length) > limit:
        raise Refused(413)
    return int(length)


def _request_line(line):
    parts = line.split(b" ")
    if len(parts) != 3 or min(parts[0] + parts[1] + b"x") <= 0x20 or max(line) >= 0x7F:
        raise Refused(400)
    method, target, version = (part.decode() for part in parts)
    if not 1 <= len(method) <= 16 or not all(char in _METHOD for char in method):
        raise Refused(400)
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Refused(505 if version.startswith("HTTP/") and len(version) > 5 else 400)
    return method, target


def _has_control(line):
    for byte in line:
        if byte < 0x20 and byte != 9:
            return True
    return False


def _keep(headers, name, value):
    # Two hosts or two lengths are an attack; a list header may come in several lines.
    if name not in headers:
        headers[name] = value
    elif name != "accept-language":
        raise Refused(400)
