"""When a month's budget is used up, only what is urgent or clinical costs money."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import Clinic
from notifications.inbox.why import explain
from notifications.models import Delivery, Spending
from notifications.pipeline.deliver import deliver
from notifications.pipeline.due import read
from notifications.pipeline.relevance import withheld
from notifications.scheduling.dead_letters import retry_deliveries
from notifications.types import Priority, Reason
from tests.factories import ClinicFactory
from tests.notifications.costs.conftest import Counterparts, sms_for
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

AT_MOST = Decimal("0.4")
"""What a part costs by the dearest of the providers."""
QUERIES = 14
URGENT = {"notification__priority": Priority.URGENT}
ANSWER = {"notification__event_type": "conversation.reply"}
CLINICAL = {"notification__event_type": "medication", "notification__category": "medication"}


def limited(clinic: Clinic, amount: str) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(message_budget=Decimal(amount))


def states() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "reason"))


def test_what_fits_is_sent_and_the_rest_is_a_row_with_a_reason(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "1.00")
    for _ in range(4):
        sms_for(clinic, ends_in=9)
    deliver("sms", now=timezone.now())
    assert states() == [("sent", "")] * 2 + [("failed", Reason.BUDGET)] * 2
    assert Spending.objects.get().cost == 2 * AT_MOST


def test_what_was_reserved_for_a_dearer_provider_is_free_again_once_it_is_sent(
    priced: Counterparts, clinic: Clinic
) -> None:
    limited(clinic, "0.90")
    for _ in range(3):
        sms_for(clinic)
        deliver("sms", now=timezone.now())
    assert states() == [("sent", "")] * 3
    assert Spending.objects.get().cost == 3 * Decimal("0.2365")


@pytest.mark.parametrize(
    "changes",
    [URGENT, ANSWER, CLINICAL],
    ids=["urgent", "a nurse's answer", "clinical"],
)
def test_what_is_urgent_or_clinical_goes_in_any_case_and_is_counted(
    priced: Counterparts, clinic: Clinic, changes: dict[str, object]
) -> None:
    limited(clinic, "0")
    row = sms_for(clinic, **changes)
    row.notification.recipient.phone = row.address
    row.notification.recipient.phone_verified_at = timezone.now()
    row.notification.recipient.save()
    sms_for(clinic)
    deliver("sms", now=timezone.now())
    assert states() == [("sent", ""), ("failed", Reason.BUDGET)]
    assert Spending.objects.get().cost > 0


def test_other_clinics_and_clinics_without_a_budget_go_on(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0")
    other, unlimited = ClinicFactory(message_budget=Decimal(100)), ClinicFactory()
    for each in (clinic, other, unlimited, None):
        sms_for(each)
    deliver("sms", now=timezone.now())
    assert states() == [("failed", Reason.BUDGET)] + [("sent", "")] * 3


def test_a_new_month_is_a_new_budget(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0.40")
    last = datetime(2026, 11, 30, 21, 30, tzinfo=UTC)
    for moment in (last, last + timedelta(minutes=10), last + timedelta(minutes=30)):
        with time_machine.travel(moment, tick=False):
            sms_for(clinic, ends_in=9)
            deliver("sms", now=timezone.now())
    assert [state for state, _reason in states()] == ["sent", "failed", "sent"]


def test_what_another_worker_is_about_to_send_is_spent_already(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0.40")
    sms_for(
        clinic,
        state="sending",
        lease_until=timezone.now() + timedelta(minutes=1),
        lease_owner="x",
        reserved=AT_MOST,
    )
    sms_for(clinic)
    deliver("sms", now=timezone.now())
    assert states() == [("sending", ""), ("failed", Reason.BUDGET)]


def test_what_was_given_up_holds_no_money_back(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0.40")
    sms_for(clinic, state="failed", error="refused", finished_at=timezone.now(), reserved=AT_MOST)
    sms_for(clinic)
    deliver("sms", now=timezone.now())
    assert states()[1] == ("sent", "")


def test_staff_can_send_it_once_there_is_money(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0")
    sms_for(clinic)
    deliver("sms", now=timezone.now())
    limited(clinic, "5")
    assert retry_deliveries(Delivery.objects.all(), now=timezone.now()) == 1
    deliver("sms", now=timezone.now())
    assert states() == [("sent", "")]


def test_what_is_tried_again_is_asked_for_again(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0")
    sms_for(clinic, state="failed", error="refused", finished_at=timezone.now(), reserved=AT_MOST)
    retry_deliveries(Delivery.objects.all(), now=timezone.now())
    deliver("sms", now=timezone.now())
    assert states() == [("failed", Reason.BUDGET)]


def test_its_reader_is_told_why(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0")
    row = sms_for(clinic)
    deliver("sms", now=timezone.now())
    row.refresh_from_db()
    [line] = explain(row.notification, [row], now=timezone.now())
    assert "budget" in line.outcome


def test_what_is_asked_about_again_is_reserved_once(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0.40")
    row = sms_for(clinic)
    for _ in range(2):
        assert withheld(read([row.pk]), now=timezone.now()) == {}
    row.refresh_from_db()
    assert row.reserved == AT_MOST


def test_the_next_step_of_its_plan_goes_at_once(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "0")
    row = sms_for(clinic, step=0)
    later = timezone.now() + timedelta(minutes=15)
    mail = DeliveryFactory(notification=row.notification, channel="email", step=1, due_at=later)
    deliver("sms", now=timezone.now())
    mail.refresh_from_db()
    assert states()[0] == ("failed", Reason.BUDGET)
    assert mail.due_at <= timezone.now()


def test_what_waits_for_its_turn_reserves_nothing(priced: Counterparts, clinic: Clinic) -> None:
    limited(clinic, "5")
    routing = [
        {"channel": channel, "send": True, "send_at": None, "reason": "default", "step": step, "minutes": 15}
        for step, channel in enumerate(["push", "sms"])
    ]
    row = sms_for(clinic, step=1, routing=routing)
    DeliveryFactory(
        notification=row.notification, channel="push", step=0, state="sent", sent_at=timezone.now()
    )
    assert withheld(read([row.pk]), now=timezone.now())[row.pk].state == "pending"
    row.refresh_from_db()
    assert row.reserved is None


@pytest.mark.parametrize("count", [1, 15])
def test_a_batch_asks_a_constant_number_of_queries(priced: Counterparts, clinic: Clinic, count: int) -> None:
    limited(clinic, "100")
    due = read([sms_for(clinic).pk for _ in range(count)])
    with CaptureQueriesContext(connection) as queries:
        assert withheld(due, now=timezone.now()) == {}
    assert len(queries) == QUERIES
