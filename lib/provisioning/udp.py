# Datagrams: asyncio has no UDP that MicroPython and CPython share; and the address of everybody.
# MIT licence

import asyncio


def broadcast(address, netmask):
    """The network's own address of everybody; all are str.

    lwIP sends 255.255.255.255 by its default route, which may lead to our access point.
    """
    pairs = zip(address.split("."), netmask.split("."))
    return ".".join(str(int(part) | int(mask) ^ 255) for part, mask in pairs)


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
