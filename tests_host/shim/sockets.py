# MicroPython's sockets for CPython: streams that read and write, TLS on them, the old u-names.
# MIT licence
"""install() is for a process that runs a library which only knows MicroPython. `ssl` is then
MicroPython's as well: wrap_socket() takes and gives such streams.
"""

import errno
import select
import socket
import ssl
import sys
import time
import types


class Stream:
    """A socket with MicroPython's methods: without data a non-blocking read gives None."""

    def __init__(self, *arguments):
        self._real = socket.socket(*arguments)
        self._timeout = None

    def fileno(self):
        return self._real.fileno()

    def setblocking(self, blocking):
        self.settimeout(None if blocking else 0)

    def settimeout(self, seconds):
        self._timeout = seconds
        self._real.settimeout(seconds)

    def connect(self, address):
        self._real.connect(address)

    def read(self, size):
        try:
            return self._real.recv(size)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None

    def write(self, data, size=-1):
        return self._real.send(data if size < 0 else data[:size])

    def close(self):
        self._real.close()

    def _wrap(self, context, options):
        # A board's TLS waits for the connection; CPython's wants it there.
        waiting = select.poll()
        waiting.register(self, select.POLLOUT)
        if not waiting.poll(None if self._timeout is None else int(self._timeout * 1000)):
            raise OSError(errno.ETIMEDOUT, "ETIMEDOUT")
        self._real = context.wrap_socket(self._real, **options)
        return self


class SSLContext(ssl.SSLContext):
    def wrap_socket(self, sock, **options):
        if isinstance(sock, Stream):
            return sock._wrap(self, options)
        return super().wrap_socket(sock, **options)


def _module(name, original, **names):
    module = types.ModuleType(name)
    module.__dict__.update(original.__dict__)
    module.__dict__.update(names)
    module.__name__ = name
    sys.modules[name] = module


def install():
    """Put the modules in place; `time` has to have its ticks already."""
    _module("usocket", socket, socket=Stream)
    _module("uselect", select)
    _module("uerrno", errno)
    _module("utime", time)
    _module("ssl", ssl, SSLContext=SSLContext)
