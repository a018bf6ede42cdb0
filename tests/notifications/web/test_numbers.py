"""Numbers in addresses: whatever somebody writes there, it is never a fault of ours."""

from typing import Any

import pytest
from django.test import Client

from home.models import Relation
from notifications.web.numbers import whole_number
from tests.factories import CareRoleFactory

pytestmark = pytest.mark.django_db

TOO_LONG_TO_READ = "9" * 5000


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("0012", 12), ("", None), ("-1", None), ("1.5", None), ("²", None), (TOO_LONG_TO_READ, None)],
)
def test_digits_are_read_and_nothing_else(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/en/events/?shown=", 404),
        ("/en/events/?clinic=", 404),
        ("/en/events/?month=", 404),
        ("/en/events/?fresh=", 200),
        ("/en/events/?at=", 200),
        ("/en/today/?who=", 404),
        ("/en/today/?skip=", 200),
        ("/en/today/?due=", 200),
        ("/en/medicines/?who=", 404),
        ("/en/inbox/?undo=", 200),
    ],
)
def test_a_number_of_thousands_of_digits_is_none(client: Client, address: str, status: int) -> None:
    reader: Any = CareRoleFactory(relation=Relation.SELF).user
    client.force_login(reader)
    assert client.get(f"{address}{TOO_LONG_TO_READ}").status_code == status
