# HTTP answers: what they are made of, and how they go out.
# MIT licence

import json

from micropython import const

_NO_CONTENT = const(204)


class Answer:
    """An HTTP/1.0 answer, which ends with its connection.

    body: str, bytes, a dict (it goes out as JSON), None, or an iterator of str or bytes, which
    goes out piece by piece. headers: a dict, or None; a Content-Type is put in if it is missing.
    then: called, without arguments, when all of it has left, and only then; None.
    """

    def __init__(self, body=None, status=200, headers=None, then=None):
        kind = "text/plain"
        if isinstance(body, dict):
            kind = "application/json"
            body = json.dumps(body)
        self.status = status
        self.headers = headers or {}
        if "Content-Type" not in self.headers:
            self.headers["Content-Type"] = kind + "; charset=UTF-8"
        self.body = body.encode() if isinstance(body, str) else body or b""
        self.then = then

    async def write(self, stream, is_head=False):
        """Send it; with is_head, all but the body."""
        is_whole = isinstance(self.body, bytes)
        if is_whole and self.status != _NO_CONTENT:
            self.headers["Content-Length"] = str(len(self.body))
        reason = "OK" if self.status == 200 else "N/A"
        await stream.awrite(("HTTP/1.0 %d %s\r\n" % (self.status, reason)).encode())
        for header in self.headers.items():
            await stream.awrite(("%s: %s\r\n" % header).encode())
        await stream.awrite(b"\r\n")
        if not is_head:
            for piece in (self.body,) if is_whole else self.body:
                await stream.awrite(piece.encode() if isinstance(piece, str) else piece)
        await stream.flush()
        if self.then and not is_head:
            self.then()


def error(status, word, message, field=None, headers=None):
    """An Answer in JSON: `word` for programs, `message` for people, the `field` at fault."""
    body = {"error": word, "message": message}
    if field:
        body["field"] = field
    return Answer(body, status, headers)


def refusal(status):
    """The Answer to a request that is not served."""
    return error(status, "refused", "HTTP status %d" % status)


def wrong_method(allowed):
    """The Answer to a method that is none of `allowed` (str)."""
    message = "Use " + allowed + "."
    return error(405, "method_not_allowed", message, None, {"Allow": allowed})


def not_found(message="There is nothing at this path."):
    """The Answer where nothing is."""
    return error(404, "not_found", message)
