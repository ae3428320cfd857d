# Ports of this computer for a test's own servers, while other tests run beside it.
# MIT licence

import os

_last = 0


def free_port():
    """A port of 127.0.0.1 that nobody listens on; never the same twice running."""
    # Not with the modules: a bare-metal board has no socket.
    import socket

    global _last
    while True:
        number = os.urandom(2)
        # Below what the system hands out, which any other process may be given meanwhile.
        port = 20000 + (number[0] << 8 | number[1]) % 12000
        if port == _last:
            continue
        listener = socket.socket()
        try:
            listener.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
            _last = port
            return port
        except OSError:
            pass
        finally:
            listener.close()
