# Waiting for a datagram: asyncio has no UDP that MicroPython and CPython share.
# MIT licence

import asyncio

if hasattr(asyncio, "core"):
    # MicroPython's streams wait for a socket with this call (asyncio/stream.py), and so does
    # everybody who serves UDP; the public calls would lose the sender's address.
    def _readable(sock):
        yield asyncio.core._io_queue.queue_read(sock)  # pyright: ignore

    async def recvfrom(sock, size):
        """The next datagram on a non-blocking socket: (its first `size` bytes, sender).

        The sender is what sendto() takes: a tuple, on the unix port bytes. OSError.
        """
        await _readable(sock)
        return sock.recvfrom(size)

else:

    async def recvfrom(sock, size):
        """As above."""
        loop = asyncio.get_running_loop()  # pyright: ignore  it is CPython's
        return await loop.sock_recvfrom(sock, size)
