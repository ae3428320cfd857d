# The JSON API does what docs/openapi.yaml says: schemathesis asks, the portal answers.
# MIT licence

import os
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi

import fakes
from pc.served import served

SCHEMA = schemathesis.openapi.from_path(Path(__file__).parents[2] / "docs/openapi.yaml")
# Schemathesis would take what is too long for accepted.
SCHEMA.config.checks.negative_data_rejection.expected_statuses += ["413", "431"]
EXAMPLES = 400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 25
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
    openapi.negative_data_rejection,
    openapi.unsupported_method,
]


def _session():
    session = fakes.FakeSession()
    session.air = [
        fakes.Network("HomeNet", -45),
        fakes.Network(b"\xff\x00", -60, 0),
        fakes.Network("SchoolNet", -80, 5),
        fakes.Network("", -85, 12),
    ]
    return session


@pytest.fixture(scope="module", params=["waiting", "full", "failed", "connected"])
def portal(request):
    """A portal in a thread of its own, in each of the situations that a client meets."""
    fakes.forget()
    session = _session()
    if request.param == "full":
        session.fill()
    elif request.param == "failed":
        session.fail(3, b"\xff\x00")
    elif request.param == "connected":
        session.succeed()
    with served(fakes.Portal(session)) as serving:
        yield serving


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_the_api_is_as_described(portal, case):
    case.call_and_validate(base_url=f"http://{fakes.HOST}:{portal.port}", checks=CHECKS)


TOO_LONG = [
    ("POST", "/v1/scan", {"body": {"x": "y" * 5000}}),
    ("POST", "/v1/profiles", {"body": {"ssid": "HomeNet", "custom_data": "c" * 5000}}),
    ("DELETE", "/v1/profiles/{index}", {"path_parameters": {"index": "1" * 3000}}),
    ("POST", "/v1/confirm", {"body": {"x": "y" * 5000}}),
    ("PUT", "/v1/device", {"body": {"name": "n" * 5000}}),
]


@pytest.mark.parametrize(("method", "path", "words"), TOO_LONG)
def test_what_is_too_long_is_refused_as_described(portal, method, path, words):
    if "body" in words:
        words = {"media_type": "application/json", **words}
    case = SCHEMA[path][method].Case(**words)
    answer = case.call_and_validate(base_url=f"http://{fakes.HOST}:{portal.port}", checks=CHECKS)
    assert answer.status_code == (413 if "body" in words else 431)
