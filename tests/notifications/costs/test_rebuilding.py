"""The sums made anew from the deliveries are those that were added up as each was sent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import Clinic
from notifications import registry
from notifications.channels.receipts import Outcome, Receipt, note
from notifications.channels.voice.outcome import charged
from notifications.costs.rebuilding import sums_rebuild
from notifications.costs.sums import Paid, add
from notifications.models import Delivery, MessagePrice, Notification, Spending
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.types import Lane
from tests.factories import ClinicFactory
from tests.notifications.costs.conftest import PRICES, Counterparts, sms_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)


def sums() -> list[tuple[Any, ...]]:
    keys = ("scope_id", "month", "category", "channel")
    return list(Spending.objects.order_by(*keys).values_list(*keys, "messages", "parts", "unpriced", "cost"))


def send_all() -> None:
    for send in (deliver, deliver_held):
        while send("sms", now=timezone.now()).taken:
            pass


def spoil(random: Random) -> None:
    """Some are too high, some are missing, and one there never was."""
    for row in Spending.objects.exclude(category="reply"):
        if random.random() < 0.4:
            row.delete()
        else:
            Spending.objects.filter(pk=row.pk).update(messages=row.messages + 3, cost=row.cost + 1)
    Spending.objects.get_or_create(
        scope_id=77, month=date(2026, 11, 1), category="stock", channel="sms", defaults={"messages": 5}
    )


@pytest.mark.parametrize("seed", range(6))
def test_after_any_history(counterparts: Counterparts, clinic: Clinic, seed: int) -> None:
    """Messages and digests, with and without prices, sent again after they were lost, in two zones and three months."""
    random = Random(seed)
    clinics = [clinic, ClinicFactory(timezone="America/New_York"), None]
    with time_machine.travel(NOW - timedelta(days=80), tick=False) as clock:
        for step in range(40):
            clock.shift(timedelta(hours=random.choice([5, 47, 71])))
            if random.random() < 0.4:
                MessagePrice.objects.get_or_create(
                    provider=random.choice(list(PRICES)),
                    prefix="+27",
                    valid_from=timezone.localdate(),
                    defaults={"amount": Decimal(random.randint(1, 9999)) / 10000},
                )
            whose = random.choice(clinics)
            row = sms_for(
                whose,
                ends_in=random.randint(0, 9),
                body="a" * random.choice([20, 161, 400]),
                notification__category=random.choice(["medication", "system", "visit"]),
                lane=random.choice([Lane.NORMAL, Lane.HELD]),
            )
            if step % 3 == 0:
                sms_for(
                    whose,
                    lane=row.lane,
                    notification__recipient=row.notification.recipient,
                    notification__category="event",
                )
            send_all()
            there = list(Delivery.objects.filter(state="sent").order_by("pk"))
            if there and random.random() < 0.3:
                lost = random.choice(there)
                again = Receipt(lost.provider_id, Outcome.FAILED, "off", timedelta(minutes=15))
                note("sms", lost.provider, again, now=timezone.now())
                # Within the month: it counts in that of the last time.
                clock.shift(timedelta(minutes=16))
                send_all()
    add([Paid(clinic.pk, "reply", "sms", 1, Decimal("0.3"))], now=NOW)
    before = sums()
    assert len({row[1] for row in before}) >= 3
    spoil(random)
    assert sums() != before
    sums_rebuild(now=NOW)
    assert total(sums()) == total(before)
    assert sums() == before


def total(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [sum(row[column] for row in rows) for column in (4, 5, 6, 7)]


def test_minutes_of_a_call_are_in_them(clinic: Clinic) -> None:
    for unit, amount in (("call", "0.5"), ("minute", "0.8")):
        MessagePrice.objects.create(
            unit=unit, provider="twilio", prefix="+27", amount=Decimal(amount), valid_from=date(2020, 1, 1)
        )
    row = sms_for(clinic)
    placed = {"channel": "voice", "provider": "twilio", "provider_id": "CA1", "state": "sent", "sent_at": NOW}
    paid = {"sendings": 1, "parts": 1, "cost": Decimal("0.5")}
    Delivery.objects.filter(pk=row.pk).update(**placed, **paid)
    add([Paid(clinic.pk, "system", "voice", 1, Decimal("0.5"))], now=NOW)
    charged("twilio", "CA1", 90)
    before = sums()
    assert [row[4:] for row in before] == [(1, 1, 0, Decimal("2.1"))]
    Spending.objects.all().delete()
    sums_rebuild(now=NOW)
    assert sums() == before


def test_months_whose_messages_are_gone_stay_as_they_are(priced: Counterparts, clinic: Clinic) -> None:
    kept = min(each.retention for each in registry.event_types())
    old = NOW - kept - timedelta(days=1)
    with time_machine.travel(old, tick=False):
        sms_for(clinic)
        send_all()
    Notification.objects.all().delete()
    before = sums()
    first, count = sums_rebuild(now=NOW)
    assert sums() == before != []
    assert first > old.date() and count == 0


def test_it_is_a_command(priced: Counterparts, clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    sms_for(clinic)
    send_all()
    before = sums()
    Spending.objects.all().delete()
    call_command("rebuild_message_costs")
    assert sums() == before
    assert capsys.readouterr().out.startswith("1 sums of the months from ")


def test_it_asks_as_often_for_many_clinics_as_for_one(counterparts: Counterparts) -> None:
    counts = []
    for many in (1, 8):
        for _ in range(many):
            sms_for(ClinicFactory(timezone="Africa/Johannesburg"))
        send_all()
        with CaptureQueriesContext(connection) as asked:
            sums_rebuild(now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0
