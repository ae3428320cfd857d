# protocomm below its transport: the handshake and the messages, to the byte.
# MIT licence

import asyncio
import os
import sys
from binascii import unhexlify

import fakes
from espressif import CLIENT_KEY, app_of, refused
from shim import clock

# A session between Espressif's own messages and a device with these keys; PoP abcd1234.
DEVICE_KEY = bytes(range(32, 64))
RANDOM = bytes(range(0xA0, 0xB0))
DEVICE_PUBLIC = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
CLIENT_PUBLIC = "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f"
SHARED = "9663aa1da97e848a914a436d04163dfbb89178f107f1b5b77ed3854203382854"
COMMAND0 = "a201220a20" + CLIENT_PUBLIC
RESPONSE0 = "0801aa01341220" + DEVICE_PUBLIC + "1a10a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
COMMAND1 = "0802b20122122038bcf234075a216427a3d7dcb322e90239a99dd0947e3b43cfcf8765d0f5d065"
RESPONSE1 = "0803ba01221a201c47719477b668f0022f81ffb2a1bb24b63e2c24efc58bb7b919f8153477f8b0"


def client(session=None):
    from provisioning.methods.protocomm.core import Client, Service

    return Client(Service(session or fakes.FakeSession()))


def test_keys_of_the_vector():
    async def main():
        from provisioning.methods.protocomm import x25519

        assert await x25519.multiply(CLIENT_KEY) == unhexlify(CLIENT_PUBLIC)
        assert await x25519.multiply(DEVICE_KEY) == unhexlify(DEVICE_PUBLIC)
        shared = await x25519.multiply(DEVICE_KEY, unhexlify(CLIENT_PUBLIC))
        assert shared == unhexlify(SHARED)

    fakes.run(main())


def test_x25519_of_rfc_7748():
    vectors = (
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
    )

    async def main():
        from provisioning.methods.protocomm import x25519

        for scalar, point, product in vectors:
            assert await x25519.multiply(unhexlify(scalar), unhexlify(point)) == unhexlify(product)

    fakes.run(main())


def test_x25519_over_and_over_as_rfc_7748_does():
    # A thousand times is 6 s of MicroPython: in the long form.
    is_long = sys.implementation.name != "micropython" or os.getenv("HYPOTHESIS_PROFILE") == "long"
    results = {
        1: "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
        1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
    }

    async def main():
        from provisioning.methods.protocomm import x25519

        k = u = b"\x09" + bytes(31)
        for number in range(1, 1001 if is_long else 2):
            k, u = await x25519.multiply(k, u), k
            assert number not in results or k == unhexlify(results[number])

    fakes.run(main(), fast=False)


def test_points_that_no_honest_side_sends_are_refused():
    async def main():
        from provisioning.methods.protocomm import x25519

        for point in (0, 1, (1 << 255) - 19, (1 << 255) - 18):
            try:
                await x25519.multiply(DEVICE_KEY, point.to_bytes(32, "little"))
            except ValueError:
                continue
            raise AssertionError(point)

    fakes.run(main())


def test_a_session_of_security_1_to_the_byte():
    async def main():
        from provisioning.methods.protocomm.gate import Gate
        from provisioning.methods.protocomm.security1 import Keys, Security1

        security = Security1(b"abcd1234", Gate(), Keys(DEVICE_KEY), RANDOM)
        assert await security.handshake(unhexlify(COMMAND0)) == unhexlify(RESPONSE0)
        assert not security.is_open
        assert await security.handshake(unhexlify(COMMAND1)) == unhexlify(RESPONSE1)
        assert security.is_open
        assert security.decrypt(unhexlify("b57a68dc883372f3")) == unhexlify("5206080118052078")
        assert security.encrypt(unhexlify("08015a00")) == unhexlify("e95ce540")

    fakes.run(main())


def test_security_0_to_the_byte():
    async def main():
        session = fakes.FakeSession()
        session.settings.update(protocomm_security=0)
        one = client(session)
        assert await one.handle("prov-session", b"\x52\x00") == unhexlify("52050801aa0100")
        assert await one.handle("prov-config", unhexlify("5200")) == unhexlify("08015a021002")

    fakes.run(main())


def test_the_messages_to_the_byte():
    async def main():
        session = fakes.FakeSession()
        home = fakes.Network("Home", -40, 2)
        session.air = [fakes.Network("Far away", -90, 0), home]
        app = app_of(client(session))
        assert await app.shake()
        assert await app.ask("prov-scan", unhexlify("5206080118052078")) == "08015a00"
        assert await app.ask("prov-scan", b"\x08\x02") == "08036a0408011002"
        entry = "08057a1f0a1d0a04486f6d65100618d8ffffffffffffffff0122060102030405062803"
        assert await app.ask("prov-scan", unhexlify("0804720408001001")) == entry
        assert await app.ask("prov-config", unhexlify("5200")) == "08015a021002"
        said = await app.ask("prov-config", unhexlify("080262100a04486f6d6512087365637265743132"))
        assert said == "08036a00"
        assert not session.offers
        assert await app.ask("prov-config", unhexlify("08047200")) == "08057a00"
        profile, replace = session.offers[0]
        assert (profile.ssid, profile.key, replace) == (b"Home", b"secret12", None)
        assert session.confirms == 1
        for state in ("joining", "addressing", "checking"):
            session.now.state = state
            assert await app.ask("prov-config", unhexlify("5200")) == "08015a021001"
        session.fail(2)
        assert await app.ask("prov-config", unhexlify("5200")) == "08015a0410035000"
        session.fail(1)
        assert await app.ask("prov-config", unhexlify("5200")) == "08015a0410035001"
        session.fail(3)  # no address: the protocol has no word for it
        assert await app.ask("prov-config", unhexlify("5200")) == "08015a021002"
        assert await app.ask("prov-ctrl", unhexlify("08015a00")) == "08026200"
        assert not session.deliveries
        session.succeed(b"Home")
        said = await app.ask("prov-config", unhexlify("5200"))
        assert said == "08015a165a140a0c" + "3139322e3136382e312e3233" + "1a04486f6d65"
        assert session.deliveries == 1

    fakes.run(main())


def test_what_is_not_a_network_is_told():
    async def main():
        session = fakes.FakeSession()
        app = app_of(client(session))
        assert await app.shake()
        wrong = (
            (b"", b""),
            (b"x" * 33, b""),
            (b"Home", b"short"),
            (b"Home", b"x" * 65),
        )
        for ssid, key in wrong:
            assert await app.hand_over(ssid, key) == ("08036a020804", "08057a020805")
        # A BSSID of 5 bytes; Thread's half of the protocol.
        bssid = unhexlify("0802620b0a02484e1a050102030405")
        assert await app.ask("prov-config", bssid) == "08036a020804"
        assert await app.ask("prov-scan", b"\x08\x06") == "08071004"
        assert not session.offers

    fakes.run(main())


def test_bytes_where_a_number_should_be_are_refused():
    async def main():
        app = app_of(client())
        for request in ("080472021200", "080472020a00", "0a00"):
            assert await app.shake()
            assert await app.ask("prov-scan", unhexlify(request)) is None

    fakes.run(main())


def test_custom_data_comes_with_the_network():
    async def main():
        session = fakes.FakeSession()
        app = app_of(client(session))
        assert await app.shake()
        assert bytes.fromhex(await app.ask("custom-data", b"lamp 7")) == b"SUCCESS"
        assert await app.hand_over(b"Home", b"secret12") == ("08036a00", "08057a00")
        assert session.tokens == [b"lamp 7"]

    fakes.run(main())


def test_a_full_list_of_networks_is_an_error_and_not_a_dead_end():
    async def main():
        session = fakes.FakeSession()
        session.fill()
        app = app_of(client(session))
        assert await app.shake()
        assert await app.hand_over(b"Home", b"secret12") == ("08036a00", "08057a020805")
        assert await app.hand_over(b"Net3", b"secret12") == ("08036a00", "08057a00")

    fakes.run(main())


def test_the_scan_waits_for_its_end():
    async def main():
        session = fakes.FakeSession()
        session.age_ms = None
        app = app_of(client(session))
        assert await app.shake()

        async def scan():
            while not session.scans:
                await asyncio.sleep(0)
            await asyncio.sleep(2)
            session.air, session.age_ms = [fakes.Network("Home")], 5

        scanning = asyncio.create_task(scan())
        before = clock.now()
        assert await app.ask("prov-scan", b"\x52\x00") == "08015a00"
        assert 2000 <= clock.now() - before < 2300
        await scanning
        assert await app.ask("prov-scan", b"\x08\x02") == "08036a0408011001"

    fakes.run(main())


def test_nothing_is_answered_before_the_handshake():
    async def main():
        for endpoint in ("prov-scan", "prov-config", "prov-ctrl", "custom-data"):
            one = client()
            try:
                await one.handle(endpoint, b"\x52\x00")
            except Exception as error:
                assert refused(error)
                continue
            raise AssertionError(endpoint)

    fakes.run(main())


def test_a_first_message_begins_again_at_any_time():
    async def main():
        one = client()
        app = app_of(one)
        assert await app.shake()
        assert await app.shake()
        assert await app.ask("prov-config", unhexlify("5200")) == "08015a021002"

    fakes.run(main())


def test_wrong_proofs_wait_longer_and_longer():
    async def main():
        from provisioning.methods.protocomm.core import Client, Service

        service = Service(fakes.FakeSession())
        waited = []
        for _ in range(8):
            before = clock.now()
            assert not await app_of(Client(service), pop=b"guess").shake()
            waited.append((clock.now() - before) // 100 * 100)
        assert waited == [0, 500, 1000, 2000, 4000, 8000, 16000, 16000]
        # Several at a time wait one behind the other.
        before = clock.now()
        guesses = [app_of(Client(service), pop=b"guess").shake() for _ in range(3)]
        assert not any(await asyncio.gather(*guesses))
        assert clock.now() - before >= 48000
        # Whoever knows it waits once; then nobody does.
        assert await app_of(Client(service)).shake()
        before = clock.now()
        assert await app_of(Client(service)).shake()
        assert clock.now() - before < 100

    fakes.run(main())


def test_what_the_apps_scan():
    import json

    from provisioning.methods import protocomm

    identity = fakes.FakeIdentity()
    identity.ap_key = "h7k2m9xp4r"
    settings = {"protocomm": True, "ap_address": "", "protocomm_security": 1, "ap_open": False}
    said = json.loads(protocomm.code(identity, settings))
    assert said == {
        "ver": "v1",
        "name": "micropython-3f2a1b",
        "pop": "abcd1234",
        "transport": "softap",
        "network": "wifi",
        "security": 1,
        "password": "h7k2m9xp4r",
    }
    settings.update({"ap_open": True, "protocomm_security": 2, "ap_address": "192.168.4.1"})
    said = json.loads(protocomm.code(identity, settings))
    assert (said["username"], said["pop"], "password" in said) == ("wifiprov", "abcd1234", False)
    settings["protocomm_security"] = 0
    said = json.loads(protocomm.code(identity, settings))
    assert said["security"] == 0 and "pop" not in said
    settings["ap_address"] = "4.3.2.1"  # the apps ask at 192.168.4.1
    assert protocomm.code(identity, settings) == ""
    settings.update({"ap_address": "", "protocomm": False})
    assert protocomm.code(identity, settings) == ""
