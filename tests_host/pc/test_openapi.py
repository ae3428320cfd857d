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
