# What a device keeps of the user and the password of security 2.
# MIT licence

from binascii import hexlify, unhexlify

from ... import store
from . import srp

USER = b"wifiprov"  # what Espressif's apps say when nobody tells them another
_FILE = "espressif"


class Credentials:
    """username, salt and verifier, all bytes: enough to know the password when it comes, and not
    enough to say it."""

    def __init__(self, username, salt, verifier):
        self.username = username
        self.salt = salt
        self.verifier = verifier


async def of(username, password):
    """The Credentials of this user and password, with a new salt. ValueError: not all clients
    could prove these (srp.fits)."""
    salt = srp.salt()
    return Credentials(username, salt, await srp.verifier(username, password, salt))


def password(pop):
    """The password (bytes) of a board with this proof of possession (bytes): the same, with a
    sign behind it for the 1 of 256 that not all clients could prove."""
    made, sign = pop, 0x32
    while not srp.fits(USER, made):
        made, sign = pop + bytes((sign,)), sign + 1
    return made


async def kept(pop):
    """The Credentials for this proof of possession: made once, since it takes seconds."""
    record = store.load(_FILE)
    if record and record["pop"] == pop.decode():
        return Credentials(USER, unhexlify(record["salt"]), unhexlify(record["verifier"]))
    made = await of(USER, password(pop))
    record = {"pop": pop.decode(), "salt": hexlify(made.salt).decode()}
    record["verifier"] = hexlify(made.verifier).decode()
    try:
        store.save(_FILE, record)
    except OSError as error:
        print("provisioning: security 2 takes longer each time:", error)
    return made
