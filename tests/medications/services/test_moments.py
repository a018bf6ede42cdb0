"""A page of what is due is one range of an index, in its order."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from medications.models import Dose
from medications.services.moments import lock_page
from medications.services.reminders import _due, _late
from tests.medications.factories import NOW, DoseFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("by", "index"), [("next_reminder_at", "dose_to_remind_of"), ("missed_at", "dose_to_miss")]
)
def test_each_page_is_one_range_of_the_index_in_its_order(by: str, index: str) -> None:
    DoseFactory(missed_at=NOW)
    Dose.objects.update(reminders_sent=1)
    doses = _due(NOW) if by == "next_reminder_at" else _late(NOW)
    with transaction.atomic():
        page = lock_page(doses, by, None)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert lock_page(doses, by, page) is None
    (search,) = [each["sql"] for each in asked if "ORDER BY" in each["sql"]]

    plan = _plan(search)
    assert index in plan
    assert "Sort" not in plan and "B-TREE FOR ORDER BY" not in plan


def _plan(search: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # which is cheaper while a table is empty
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("EXPLAIN " + search)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + search)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
