# What nobody's app sends: broken protobuf, broken handshakes, in any order.
# MIT licence

import asyncio
import gc
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakes
import harness  # noqa: F401  (the board's modules)
from conftest import PROFILE
from espressif import App, refused
from provisioning.methods.protocomm import protobuf
from provisioning.methods.protocomm.core import ENDPOINTS

LONG = PROFILE == "long"
COUNT = 10_000 if LONG else 150

values = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 12), st.binary(max_size=40))


def _field(item):
    number, value = item
    return protobuf.data(number, value) if isinstance(value, bytes) else _number(number, value)


def _number(number, value):
    return protobuf.number(number, value) or bytes((number << 3 & 0x7F, 0))


messages = st.recursive(
    st.lists(st.tuples(st.integers(1, 24), values), max_size=5).map(
        lambda fields: b"".join(map(_field, fields))
    ),
    lambda inner: st.lists(st.tuples(st.integers(1, 24), inner), max_size=3).map(
        lambda fields: b"".join(protobuf.data(*field) for field in fields)
    ),
    max_leaves=6,
)
bodies = st.one_of(messages, st.binary(max_size=80))


@pytest.fixture(autouse=True)
def tidied():
    """A handshake collects garbage: not what the examples of another test left, 1.4 s of it."""
    gc.collect()


class _Open:
    """A gate at which nobody waits: the time that it takes is tested elsewhere."""

    async def wait(self):
        pass

    wrong = right = lambda self: None


def service(security=1):
    session = fakes.FakeSession()
    session.settings.update(protocomm_security=security)
    session.air = [fakes.Network("HomeNet", -40)]
    # Here, since other tests drop lib's modules.
    from provisioning.methods.protocomm.core import Service

    made = Service(session)
    made.gate = _Open()
    return made


def client_of(made):
    """A session of a service."""
    from provisioning.methods.protocomm.core import Client

    return Client(made)


async def told(client, endpoint, data):
    """The answer, None if it is refused. Nothing else may come, and it may not take long.

    Not longer than a second of this process: another one may have the machine for a while.
    """
    begin = time.process_time()
    try:
        return await asyncio.wait_for(client.handle(endpoint, data), 60)
    except Exception as error:
        if not refused(error):
            raise
        if client.is_open:
            pytest.fail("refused, and the session is open still")
        return None
    finally:
        if time.process_time() - begin > 1:
            pytest.fail(f"{endpoint} took longer than a second")


def mangled(data, changes):
    """data with bytes of it changed, left out or cut off, as `changes` [(place, byte or None)]."""
    data = bytearray(data)
    for place, byte in changes:
        if data:
            if byte is None:
                del data[place % len(data) :]
            else:
                data[place % len(data)] ^= byte
    return bytes(data)


changes = st.lists(
    st.tuples(st.integers(0, 200), st.one_of(st.none(), st.integers(1, 255))),
    min_size=1,
    max_size=3,
)


@given(st.binary(max_size=60))
@settings(max_examples=COUNT)
def test_protobuf_is_read_or_refused(data):
    try:
        fields = list(protobuf.fields(data))
    except ValueError:
        return
    for number, value in fields:
        assert number > 0 and (isinstance(value, bytes) or 0 <= value < 2**70)


@given(st.lists(st.tuples(st.integers(1, 500), values), max_size=6))
@settings(max_examples=COUNT)
def test_what_we_write_we_read(fields):
    written = b"".join(
        protobuf.data(*field) if isinstance(field[1], bytes) else protobuf.number(*field)
        for field in fields
    )
    assert list(protobuf.fields(written)) == [field for field in fields if field[1] != 0]


@pytest.mark.parametrize("security", [0, 1])
@given(st.lists(st.tuples(st.sampled_from(ENDPOINTS), bodies), max_size=6))
@settings(max_examples=COUNT)
def test_without_a_handshake_nothing_is_changed(security, requests):
    made = service(security)

    async def main():
        client = client_of(made)
        for endpoint, body in requests:
            if security or endpoint != "prov-session":
                await told(client, endpoint, body)
        return client.is_open

    assert not asyncio.run(main())
    assert not made.run.offers and not made.run.confirms and not made.run.deliveries


@given(st.integers(0, 1), changes)
@settings(max_examples=COUNT // 5, deadline=None)
def test_a_mangled_handshake_is_none(which, changes):
    made = service()

    async def main():
        client = client_of(made)
        count, changed = 0, False

        async def send(endpoint, data):
            nonlocal count, changed
            if count == which:
                changed = mangled(data, changes) != data  # changes may undo one another
                data = mangled(data, changes)
            count += 1
            return await told(client, endpoint, data)

        try:
            opened = await App(send).shake()
        except (KeyError, ValueError, TypeError, AssertionError):
            opened = False  # the app cannot read the answer to something else
        return opened, changed

    opened, changed = asyncio.run(main())
    assert opened is not changed


@pytest.mark.parametrize("security", [0, 1])
@given(st.lists(st.tuples(st.sampled_from(ENDPOINTS[2:]), bodies), max_size=6))
@settings(max_examples=COUNT // 5, deadline=None)
def test_an_open_session_takes_what_is_a_network_and_nothing_else(security, requests):
    made = service(security)

    async def main():
        client = client_of(made)
        if security:

            async def send(endpoint, data):
                return await told(client, endpoint, data)

            app = App(send)
            assert await app.shake()
            ask = app.ask
        else:
            await told(client, "prov-session", b"\x52\x00")

            async def ask(endpoint, data):
                return await told(client, endpoint, data)

        for endpoint, body in requests:
            await ask(endpoint, body)

    asyncio.run(main())
    for profile, _ in made.run.offers:
        assert 1 <= len(profile.ssid) <= 32 and (not profile.key or len(profile.key) >= 8)
