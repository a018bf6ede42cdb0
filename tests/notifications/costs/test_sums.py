"""What was sent is summed as it is acknowledged, and stays."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import Clinic
from home.transactional.message import TransactionalMessage, send
from notifications.costs.sums import Paid, add
from notifications.models import InboundMessage, MessagePrice, Notification, Spending
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.replies.sms_replies import reply_next
from notifications.types import Lane
from tests.notifications.costs.conftest import Counterparts, sms_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)


def sums() -> list[tuple[object, ...]]:
    rows = Spending.objects.order_by("scope_id", "month", "category", "channel")
    return list(
        rows.values_list("scope_id", "month", "category", "channel", "messages", "parts", "unpriced", "cost")
    )


def test_a_message_is_priced_by_who_took_it_and_summed_with_its_parts(
    priced: Counterparts, clinic: Clinic
) -> None:
    first, second = sms_for(clinic), sms_for(clinic, ends_in=5, body="a" * 161)
    deliver("sms", now=timezone.now())
    for row in (first, second):
        row.refresh_from_db()
    assert (first.provider, first.parts, first.cost) == ("north", 1, Decimal("0.2365"))
    assert (second.provider, second.parts, second.cost) == ("south", 2, Decimal("0.62"))
    month = date(2026, 11, 1)
    assert sums() == [(clinic.pk, month, "system", "sms", 2, 3, 0, Decimal("0.8565"))]


def test_where_no_price_is_known_the_message_is_counted_and_costs_nothing(
    counterparts: Counterparts, clinic: Clinic
) -> None:
    row = sms_for(clinic)
    deliver("sms", now=timezone.now())
    row.refresh_from_db()
    assert (row.parts, row.cost) == (1, None)
    assert Spending.objects.get().unpriced == 1


def test_a_price_counts_from_its_day_on_and_changes_nothing_that_was_sent(
    counterparts: Counterparts, clinic: Clinic
) -> None:
    for day, each in ((date(2026, 11, 1), "0.2"), (date(2026, 11, 25), "0.5")):
        MessagePrice.objects.create(provider="north", prefix="+27", amount=Decimal(each), valid_from=day)
    costs = []
    for day in (24, 25):
        with time_machine.travel(datetime(2026, 11, day, 6, tzinfo=UTC), tick=False):
            row = sms_for(clinic)
            deliver("sms", now=timezone.now())
        row.refresh_from_db()
        costs.append(row.cost)
    assert costs == [Decimal("0.2"), Decimal("0.5")]


def test_the_month_is_that_of_the_clinic(priced: Counterparts, clinic: Clinic) -> None:
    for moment in (datetime(2026, 11, 30, 21, 59, tzinfo=UTC), datetime(2026, 11, 30, 22, 0, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            sms_for(clinic)
            deliver("sms", now=timezone.now())
    assert [row[1] for row in sums()] == [date(2026, 11, 1), date(2026, 12, 1)]


def test_a_digest_is_one_message(priced: Counterparts, clinic: Clinic) -> None:
    first = sms_for(clinic, lane=Lane.HELD)
    second = sms_for(clinic, lane=Lane.HELD, notification__recipient=first.notification.recipient)
    deliver_held("sms", now=timezone.now())
    for row in (first, second):
        row.refresh_from_db()
    assert priced.messages == 1
    assert {first.state, second.state} == {"sent"}
    assert sorted((row.parts, row.cost) for row in (first, second) if row.parts) == [(1, Decimal("0.2365"))]
    assert [row[4:] for row in sums()] == [(1, 1, 0, Decimal("0.2365"))]


def test_what_belongs_to_no_clinic_is_head_offices(priced: Counterparts, db: None) -> None:
    sms_for(None)
    deliver("sms", now=timezone.now())
    assert Spending.objects.get().scope_id == 0


def test_replies_and_codes_cost_too(priced: Counterparts, clinic: Clinic) -> None:
    now = timezone.now()
    InboundMessage.objects.create(
        provider="north",
        provider_id="1",
        sender="+27825550100",
        text="HELP",
        received_at=now,
        due_at=now,
        interpretation="help",
        reply="This number answers automatically.",
        scope_id=clinic.pk,
    )
    assert reply_next(now=now)
    code = TransactionalMessage(
        "sms", "+27825550100", "", "123456 is your code.", "en", "", scope_id=clinic.pk
    )
    send(code)
    send(TransactionalMessage("email", "thandi@example.org", "Code", "123456", "en", ""))
    assert {(row[0], row[2], row[4]) for row in sums()} == {
        (clinic.pk, "reply", 1),
        (clinic.pk, "account", 1),
    }


def test_a_refused_message_costs_nothing(priced: Counterparts, clinic: Clinic) -> None:
    row = sms_for(clinic)
    Notification.objects.filter(pk=row.notification_id).update(valid_until=timezone.now())
    deliver("sms", now=timezone.now())
    row.refresh_from_db()
    assert row.state == "expired" and row.cost is None
    assert not sums()


def test_many_are_added_by_one_statement() -> None:
    paid = [Paid(None, "system", "sms", 2, Decimal("0.1")), Paid(None, "visit", "sms", 1, None)] * 300
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            add(paid, now=NOW)
        assert len(queries) == 1
    assert [row[4:] for row in sums()] == [(600, 1200, 0, Decimal("60.0")), (600, 600, 600, Decimal(0))]


def test_the_sums_stay_when_the_messages_go(priced: Counterparts, clinic: Clinic) -> None:
    sms_for(clinic)
    deliver("sms", now=timezone.now())
    before = sums()
    Notification.objects.all().delete()
    assert sums() == before != []
