# protocomm's security 2 in a board: from the version to the network, and what it keeps on flash.
# MIT licence

from binascii import unhexlify

import fakes
from espressif import App2, app_of
from harness import simulated

# The client is in the same heap, and so are the names of harness and shim: MicroPython's table of
# them needs 4 kB in one piece when it grows. In a heap of 160 kB in all: lab/test_security.py.
BOARD_HEAP = 300 * 1024


@simulated("esp32")
async def test_security_2_from_the_handshake_to_the_network(board):
    from provisioning.methods.protocomm.core import Client, Service

    session = fakes.FakeSession()
    session.settings.update(protocomm_security=2)
    verifiers = []
    for _ in range(2):  # the second time the verifier is on flash
        service = Service(session)
        assert b'"sec_patch_ver": 1' in service.version()
        one = Client(service)
        assert not await app_of(one, App2, pop=b"guess").shake()
        app = app_of(one, App2)
        assert await app.shake()
        assert await app.ask("prov-config", unhexlify("5200")) == "08015a021002"
        assert await app.hand_over(b"Home", b"secret12") == ("08036a00", "08057a00")
        verifiers.append(service._credentials.verifier)
        await service.stop()
    assert verifiers[0] == verifiers[1]
    assert [profile.ssid for profile, _ in session.offers] == [b"Home", b"Home"]
