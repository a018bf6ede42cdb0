"""A page that fails: for a reason that passes it says so, and else that it is our mistake."""

from typing import Any

import psycopg.errors
import pytest
from asgiref.sync import async_to_sync
from django.db import InternalError, OperationalError
from django.test import AsyncClient, Client

from site_config.unavailable import RETRY_AFTER

pytestmark = pytest.mark.django_db
PATH = "/health/ready/"


def cut_off() -> Exception:
    error = InternalError("terminating connection due to transaction timeout")
    error.__cause__ = psycopg.errors.TransactionTimeout()
    return error


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page of PATH fails with an error."""

    def fail_with(error: Exception) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise error

        monkeypatch.setattr("notifications.health.views.findings", fail)

    return fail_with


@pytest.mark.parametrize("error", [OperationalError("the server closed the connection"), cut_off()], ids=str)
@pytest.mark.parametrize("server", ["WSGI", "ASGI"])
def test_what_passes_is_503_and_says_when_to_come_again(failing: Any, error: Exception, server: str) -> None:
    failing(error)
    answer: Any
    if server == "WSGI":
        answer = Client(raise_request_exception=False).get(PATH)
    else:
        answer = async_to_sync(AsyncClient(raise_request_exception=False).get)(PATH)
    assert (answer.status_code, answer["Retry-After"]) == (503, str(RETRY_AFTER))
    page = answer.content.decode()
    assert "Please try again soon" in page and 'lang="af"' in page


def test_it_asks_the_database_nothing(failing: Any, django_assert_num_queries: Any) -> None:
    failing(OperationalError("the server closed the connection"))
    with django_assert_num_queries(0):
        assert Client(raise_request_exception=False).get(PATH).status_code == 503


def test_what_does_not_pass_is_our_mistake(failing: Any) -> None:
    failing(ValueError("no number"))
    answer = Client(raise_request_exception=False).get(PATH)
    assert answer.status_code == 500
    assert "We made a mistake" in answer.content.decode()
    assert "Retry-After" not in answer.headers
