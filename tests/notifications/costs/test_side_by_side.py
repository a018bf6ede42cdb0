"""Many messages, three providers, two workers: summed to the part, and no budget is overstepped."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from home.models import Clinic
from notifications.channels.sms.channel import SmsChannel
from notifications.costs.prices import Prices
from notifications.costs.sums import Paid, add
from notifications.models import Delivery, Notification, Spending
from notifications.pipeline.deliver import deliver
from notifications.rules.prices import Unit, exact
from notifications.types import Reason
from tests.factories import ClinicFactory, UserFactory
from tests.notifications.costs.conftest import PRICES, Counterparts

WORKERS = 2
DELIVERED = 1_000
"""By the pipeline, which takes a hundredth of a second for each."""
MANY = 10_000
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


def _side_by_side(work: Callable[[int], None]) -> None:
    """Have each worker do this, from the same moment on."""
    together = Barrier(WORKERS)

    def begin(worker: int) -> None:
        try:
            together.wait(30)
            work(worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(begin, worker) for worker in range(WORKERS)]:
            done.result(600)


def _deliver_all(_worker: int) -> None:
    while deliver("sms", now=timezone.now()).taken:
        pass


@pytest.mark.django_db(transaction=True)
def test_messages_over_three_providers_are_summed_as_they_are_delivered(priced: Counterparts) -> None:
    clinics = [ClinicFactory() for _ in range(3)]
    _messages(clinics, DELIVERED)
    _side_by_side(_deliver_all)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert min(len(parts) for parts in priced.parts.values()) == DELIVERED * 3 // 10
    sums = Spending.objects.aggregate(
        messages=Sum("messages"), parts=Sum("parts"), cost=Sum("cost"), unpriced=Sum("unpriced")
    )
    parts = sum(sum(each) for each in priced.parts.values())
    assert {**sums, "cost": exact(sums["cost"])} == {
        "messages": DELIVERED,
        "parts": parts,
        "cost": priced.cost,
        "unpriced": 0,
    }
    for clinic in clinics:
        theirs = Delivery.objects.filter(scope_id=clinic.pk).aggregate(parts=Sum("parts"), cost=Sum("cost"))
        summed = Spending.objects.filter(scope_id=clinic.pk).aggregate(parts=Sum("parts"), cost=Sum("cost"))
        assert (theirs["parts"], exact(theirs["cost"])) == (summed["parts"], exact(summed["cost"]))


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_that_two_workers_add_at_once_are_summed_to_the_part(priced: Counterparts) -> None:
    clinics = [ClinicFactory().pk for _ in range(3)]
    now = timezone.now()
    prices = Prices.read(now.date())
    expected: dict[str, Counter[tuple[int, str]]] = {
        name: Counter() for name in ("messages", "parts", "ten_thousandths")
    }
    paid = []
    for number in range(MANY):
        scope, category = clinics[number % 3], ("system", "event")[number % 2]
        provider, parts = [*PRICES][number // 7 % 3], 1 + number // 11 % 3
        cost = prices.cost(Unit.SMS_PART, provider, f"+2782{number:07}", parts)
        paid.append(Paid(scope, category, "sms", parts, cost))
        key = scope, category
        expected["messages"][key] += 1
        expected["parts"][key] += parts
        expected["ten_thousandths"][key] += parts * int(Decimal(PRICES[provider]) * 10_000)

    def add_every_second(worker: int) -> None:
        size = SmsChannel.batch_size
        for first in range(worker * size, MANY, WORKERS * size):
            add(paid[first : first + size], now=now)

    _side_by_side(add_every_second)

    rows = Spending.objects.all()
    found = {(row.scope_id, row.category): row for row in rows}
    assert len(found) == len(rows) == 6
    assert {key: row.messages for key, row in found.items()} == expected["messages"]
    assert {key: row.parts for key, row in found.items()} == expected["parts"]
    costs = {key: int(exact(row.cost) * 10_000) for key, row in found.items()}
    assert costs == expected["ten_thousandths"]
    assert {row.unpriced for row in rows} == {0}


@pytest.mark.django_db(transaction=True)
def test_a_budget_holds_with_two_workers(priced: Counterparts) -> None:
    budget = Decimal("100.00")
    clinic = ClinicFactory(message_budget=budget)
    _messages([clinic], 500)
    _side_by_side(_deliver_all)
    spent = Spending.objects.aggregate(cost=Sum("cost"))["cost"]
    assert exact(spent) == priced.cost <= budget
    # What is in two workers' hands at once may be reserved by the dearest provider, and not be spent in the end.
    assert spent > budget - WORKERS * SmsChannel.batch_size * 3 * Decimal("0.4")
    withheld = Delivery.objects.filter(state="failed", reason=Reason.BUDGET).count()
    assert withheld == 500 - priced.messages > 0
