# HTTP answers: how they go out, and when they count as delivered.
# MIT licence

import fakes


class Stream:
    """Where an answer goes; it breaks after `room` bytes."""

    def __init__(self, room=10000):
        self.sent = b""
        self.room = room

    async def awrite(self, data):
        self.sent += data
        if len(self.sent) > self.room:
            raise OSError("reset by the peer")

    async def flush(self):
        await self.awrite(b"")


def answer(*what, then=None):
    from provisioning.methods.portal.answer import Answer

    return Answer(*what, then=then)


def sent(what, is_head=False):
    """(first line, headers, body) of an answer."""
    stream = Stream()
    fakes.run(what.write(stream, is_head))
    head, _, body = stream.sent.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return first, dict(line.split(": ") for line in rest), body


def test_a_text():
    first, headers, body = sent(answer("¡sí!"))
    assert (first, body) == ("HTTP/1.0 200 OK", "¡sí!".encode())
    assert headers == {"Content-Type": "text/plain; charset=UTF-8", "Content-Length": "6"}
    first, headers, body = sent(answer("", 404))
    assert (first, headers["Content-Length"], body) == ("HTTP/1.0 404 N/A", "0", b"")


def test_bytes_go_as_they_are_and_a_dict_as_json():
    kind = {"Content-Type": "application/octet-stream"}
    first, headers, body = sent(answer(b"\x00\xff", 200, kind))
    assert (headers["Content-Length"], body) == ("2", b"\x00\xff")
    assert headers["Content-Type"] == "application/octet-stream"
    first, headers, body = sent(answer({"a": None}, 202))
    assert (first, body) == ("HTTP/1.0 202 N/A", b'{"a": null}')
    assert headers["Content-Type"] == "application/json; charset=UTF-8"


def test_pieces_have_no_length_and_nothing_is_none():
    first, headers, body = sent(answer(iter(["añ", b"b"])))
    assert "Content-Length" not in headers and body == "añb".encode()
    first, headers, body = sent(answer(None, 204))
    # RFC 9110 8.6: no Content-Length in a 204.
    assert first == "HTTP/1.0 204 N/A" and "Content-Length" not in headers and not body


def test_of_a_head_the_body_stays_here_and_nothing_is_delivered():
    told = []
    what = answer("all", then=lambda: told.append(1))
    first, headers, body = sent(what, True)
    assert (headers["Content-Length"], body, told) == ("3", b"", [])
    assert sent(what)[2] == b"all" and told == [1]


def test_what_did_not_leave_delivers_nothing():
    told = []

    async def main():
        for room in (0, 20, 110):
            try:
                await answer(iter(["a" * 50] * 2), then=lambda: told.append(1)).write(Stream(room))
            except OSError:
                continue
            assert False, room

    fakes.run(main())
    assert not told
