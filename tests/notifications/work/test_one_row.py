"""One row is changed by its worker as the ORM changes many."""

from typing import Any

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.utils import timezone

from notifications.models import Delivery
from notifications.work.leases import claim
from notifications.work.one_row import update_held
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db
NOT_THEIRS = ("id", "notification", "address", "due_at", "finished_at")


def test_what_one_ends_in_is_what_two_end_in() -> None:
    one, *two = DeliveryFactory.create_batch(3)
    now = timezone.now()
    taken = claim(Delivery, now=now, limit=3, channel=one.channel)
    ends = {"state": Delivery.State.FAILED, "error": "0 82 123 4567 was refused", "sent_at": now, "parts": 2}
    assert taken.finish([one.pk], **ends) == 1
    assert taken.finish([row.pk for row in two], **ends) == 2
    found = [Delivery.objects.get(pk=row.pk) for row in (one, two[0])]
    first, second = (model_to_dict(row, exclude=NOT_THEIRS) for row in found)
    assert first == second
    assert first["error"] == "0 82 123 4567 was refused"
    assert found[0].finished_at is not None


def test_what_is_sealed_is_sealed_here_too() -> None:
    row = DeliveryFactory()
    taken = claim(Delivery, now=timezone.now(), limit=1, channel=row.channel)
    taken.finish(error="0 82 123 4567 was refused")
    assert "4567" not in _column("error", row.pk)


def test_another_owners_row_is_left_alone_and_costs_one_query(django_assert_num_queries: Any) -> None:
    row = DeliveryFactory(lease_owner="somebody else")
    with django_assert_num_queries(1):
        assert update_held(Delivery, row.pk, "me", {"state": Delivery.State.SENT}) == 0
    row.refresh_from_db()
    assert row.state == "pending"


def _column(name: str, pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {Delivery._meta.db_table} WHERE id = %s", [pk])  # noqa: S608
        return str(cursor.fetchone()[0])
