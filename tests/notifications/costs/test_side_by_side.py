"""Ten thousand messages, three providers, two workers: summed to the part, and no budget is overstepped."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from home.models import Clinic
from notifications.channels.sms.channel import SmsChannel
from notifications.models import Delivery, Notification, Spending
from notifications.pipeline.deliver import deliver
from notifications.rules.prices import exact
from notifications.types import Reason
from tests.factories import ClinicFactory, UserFactory
from tests.notifications.costs.conftest import Counterparts

WORKERS = 2
MANY = 10_000 if settings.REDIS_URL else 1_000
"""Fewer where the database is SQLite, in which one worker waits for the other."""
BODIES = ("Hello", "a" * 161, "ê" * 141)
"""Of one, two and three parts."""


def _messages(clinics: list[Clinic], count: int) -> None:
    """By SMS, in turn of each clinic, category and length, and to each of the providers."""
    now = timezone.now()
    user = UserFactory()
    routing = [{"channel": "sms", "send": True, "send_at": None, "reason": "requested"}]
    made = Notification.objects.bulk_create(
        [
            Notification(
                recipient=user,
                event_type="system.announcement",
                category=("system", "event")[number % 2],
                language="en",
                title="Closed",
                body="On Friday",
                dedupe_key=f"{number:09}",
                routing=routing,
                scheduled_status="sent",
                scheduled_at=now,
                created_at=now,
                sent_at=now,
                delete_at=now,
                scope_id=clinics[number % len(clinics)].pk,
            )
            for number in range(count)
        ],
        batch_size=1000,
    )
    Delivery.objects.bulk_create(
        [
            Delivery(
                notification=each,
                scope_id=each.scope_id,
                channel="sms",
                address=f"+2782555{number:04}",
                body=BODIES[number % len(BODIES)],
                due_at=now,
            )
            for number, each in enumerate(made)
        ],
        batch_size=1000,
    )


def _work(together: Barrier) -> None:
    try:
        together.wait(30)
        while deliver("sms", now=timezone.now()).taken:
            pass
    finally:
        connection.close()


def _deliver_all() -> None:
    together = Barrier(WORKERS)
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(_work, together) for _ in range(WORKERS)]:
            done.result(600)


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_messages_over_three_providers_are_summed_to_the_part(priced: Counterparts) -> None:
    clinics = [ClinicFactory() for _ in range(3)]
    _messages(clinics, MANY)
    _deliver_all()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert min(len(parts) for parts in priced.parts.values()) == MANY * 3 // 10
    sums = Spending.objects.aggregate(
        messages=Sum("messages"), parts=Sum("parts"), cost=Sum("cost"), unpriced=Sum("unpriced")
    )
    parts = sum(sum(each) for each in priced.parts.values())
    assert {**sums, "cost": exact(sums["cost"])} == {
        "messages": MANY,
        "parts": parts,
        "cost": priced.cost,
        "unpriced": 0,
    }
    for clinic in clinics:
        theirs = Delivery.objects.filter(scope_id=clinic.pk).aggregate(parts=Sum("parts"), cost=Sum("cost"))
        summed = Spending.objects.filter(scope_id=clinic.pk).aggregate(parts=Sum("parts"), cost=Sum("cost"))
        assert (theirs["parts"], exact(theirs["cost"])) == (summed["parts"], exact(summed["cost"]))


@pytest.mark.django_db(transaction=True)
def test_a_budget_holds_with_two_workers(priced: Counterparts) -> None:
    budget = Decimal("100.00")
    clinic = ClinicFactory(message_budget=budget)
    _messages([clinic], 500)
    _deliver_all()
    spent = Spending.objects.aggregate(cost=Sum("cost"))["cost"]
    assert exact(spent) == priced.cost <= budget
    # What is in two workers' hands at once may be reserved by the dearest provider, and not be spent in the end.
    assert spent > budget - WORKERS * SmsChannel.batch_size * 3 * Decimal("0.4")
    withheld = Delivery.objects.filter(state="failed", reason=Reason.BUDGET).count()
    assert withheld == 500 - priced.messages > 0
