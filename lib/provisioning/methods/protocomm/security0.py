# protocomm's security 0: none. All is said in clear.
# MIT licence

from . import protobuf


class Security0:
    """A session without keys; is_open after its handshake."""

    version = 0
    is_open = False

    async def handshake(self, message):
        """Answer the Sec0Payload `message`: everybody is welcome."""
        self.is_open = True
        return protobuf.number(1, 1) + protobuf.data(21, b"")

    def decrypt(self, data):
        """What the client says."""
        return data

    encrypt = decrypt
