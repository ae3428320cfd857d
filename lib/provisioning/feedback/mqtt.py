# Cloud confirmation over MQTT: says that the board is there, and waits for the answer.
# MIT licence
#
# Needs a client with the interface of umqtt.simple; topics and payloads are in docs/cloud.md.

import asyncio
import binascii
import gc
import json
import os
import sys

import machine
from micropython import const

from ..identity import Identity
from ..settings import Settings
from . import confirm as _confirm

_LOOK_MS = const(100)
_LOOKS = const(50)  # so often the broker is looked at between two hellos
_MOST = const(1024)  # bytes of a hello


async def confirm(host, client_factory, topic="provisioning", fields=None, timeout_s=60):
    """Let a cloud behind an MQTT broker confirm the run that is on. Returns its Outcome.

    Publishes topic/ID/hello as soon as a network was joined, and again every 5 s; ID is the
    chip's own id in hex. What comes as topic/ID/answer accepts the board or refuses it. A broker
    that is away or refuses us is tried again every 3 s.

    host, timeout_s: as feedback.confirm(). client_factory(): a new client with connect, publish,
    set_callback, subscribe, check_msg, disconnect, not connected yet; client() makes one. topic:
    1 to 64 bytes without + and #. fields: a dict, added to each hello; the hello as JSON has at
    most 1024 bytes. ValueError as feedback.confirm(), and for what is beyond these limits.

    It stops the event loop while the client does: client() says for how long.
    """
    if not 1 <= len(topic.encode()) <= 64 or any(sign in topic for sign in "+#\0"):
        raise ValueError("topic: %r is not 1 to 64 bytes without + and #" % topic)
    cloud = _Cloud(client_factory, topic, fields or {})
    return await _confirm(host, cloud.ask, timeout_s)


def client(server, port=0, user=None, password=None, ca=None, limit_s=3):
    """An MQTTClient of umqtt.simple2 that gives up in time. It is not connected yet.

    port: 0 is 1883, with TLS 8883. ca: a certificate in DER (bytes) that the broker's has to
    stem from, for TLS; None is no TLS. limit_s: 1 to 10, how long each step of it may stop the
    event loop: the TCP connection, the handshake's answers, the broker's, a write. The look-up of
    the server's name has the port's own limit. ImportError: umqtt.simple2 is not installed.
    """
    if not isinstance(limit_s, int) or not 1 <= limit_s <= 10:
        raise ValueError("limit_s: %r is not 1 to 10" % limit_s)
    from umqtt.simple2 import MQTTClient

    options = {}
    if ca:
        sys.modules["ussl"] = _Tls  # type: ignore  # by this name umqtt.simple2 knows TLS
        options = {"ssl": True, "ssl_params": {"ca": ca, "server": server, "limit_s": limit_s}}
    # Bytes: of text it would send the number of characters as the length.
    return MQTTClient(
        b"provisioning-" + _id(),
        server,
        port,
        user and user.encode(),
        password and password.encode(),
        socket_timeout=limit_s,
        **options,
    )


class _Tls:
    """Stands in for `ussl`, which MicroPython lost in 1.23, and limits the handshake."""

    @staticmethod
    def wrap_socket(sock, ca, server, limit_s):
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ca)
        sock.settimeout(limit_s)
        return context.wrap_socket(sock, server_hostname=server)


class _Cloud:
    """The cloud behind the broker."""

    def __init__(self, client_factory, topic, fields):
        self._client_factory = client_factory
        self._topic = topic.encode() + b"/" + _id()
        self._fields = fields
        self._attempt = self._answer = None
        self._hello()  # what cannot be sent is said at once

    def _hello(self):
        # The attempt tells the answer to this hello from what an older one left on the way.
        self._attempt = binascii.hexlify(os.urandom(8)).decode()
        self._answer = None
        hello = dict(self._fields)
        hello["attempt"] = self._attempt
        hello["id"] = _id().decode()
        hello["name"] = Identity(Settings()["name_prefix"]).name
        hello = json.dumps(hello).encode()
        if len(hello) > _MOST:
            raise ValueError("fields: a hello of %d bytes is more than %d" % (len(hello), _MOST))
        return hello

    async def ask(self):
        """The cloud's answer; raises what the client raises."""
        gc.collect()  # TLS wants large blocks, and a failed attempt may have left some
        hello = self._hello()
        client = self._client_factory()
        client.set_callback(self._heard)
        connected = False
        try:
            client.connect()
            connected = True
            await asyncio.sleep_ms(0)  # between what may block, the others have their turn
            client.subscribe(self._topic + b"/answer")
            while True:
                client.publish(self._topic + b"/hello", hello)
                for _ in range(_LOOKS):
                    await asyncio.sleep_ms(_LOOK_MS)
                    client.check_msg()
                    if self._answer is not None:
                        return self._answer
        finally:
            try:
                if connected:
                    client.disconnect()
                else:
                    client.sock.close()  # umqtt.simple2 would wait for the broker once more
            except Exception:
                pass  # it is broken, or closed, already

    def _heard(self, topic, message, *more):
        # umqtt.simple2 gives two arguments more than umqtt.simple.
        try:
            answer = json.loads(message)
        except ValueError:
            return
        if isinstance(answer, dict) and answer.get("attempt") == self._attempt:
            accept = answer.get("accept")
            if isinstance(accept, bool):
                self._answer = accept


def _id():
    return binascii.hexlify(machine.unique_id())
