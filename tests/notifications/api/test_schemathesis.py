"""Whatever is sent, no call breaks and none gives an answer that the document doesn't know."""

import copy
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from notifications.api.openapi import document
from site_config.wsgi import application
from tests.notifications.api.conftest import Program
from tests.notifications.inbox.conftest import make_message

EVERY_ANSWER = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
thorough = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _as_often_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"call": None, "sign_in": None, "schedule": None, "import": None}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client has it: a request must not end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


calls = schemathesis.openapi.from_dict(copy.deepcopy(document()))
calls.app, calls.location = application, "/api/schema/"


@calls.parametrize()
@thorough
@pytest.mark.django_db
def test_nobody_without_a_token_finds_a_fault(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=EVERY_ANSWER)


@calls.parametrize()
@thorough
def test_nobody_with_a_token_finds_a_fault(case: schemathesis.Case, head_office: Program) -> None:
    """In the name of somebody who may do everything, half of the time with one of their own messages."""
    case.call_and_validate(
        checks=EVERY_ANSWER,
        headers={"Authorization": f"Token {head_office.token}", "Accept-Encoding": "identity"},
    )
    if "notification_id" in case.path_parameters:
        case.path_parameters["notification_id"] = make_message(head_office.user).pk
        case.call_and_validate(
            checks=EVERY_ANSWER,
            headers={"Authorization": f"Token {head_office.token}", "Accept-Encoding": "identity"},
        )
