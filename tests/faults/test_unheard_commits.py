"""Whoever doesn't hear that their COMMIT was carried out does the same again, and it counts once
(docs/decisions/0157-a-provider-names-what-it-has.md).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from home.models import CareRole
from medications.models import Dose, DoseAnswer
from medications.selectors.ledger import newest_refill
from medications.services.reminders import send_dose_reminders
from medications.services.unplanned import dose_record
from notifications import bus
from notifications.models import (
    ChannelChoice,
    Delivery,
    EventRecord,
    InboundMessage,
    Notification,
    QuickReply,
    Spending,
)
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.quick_replies import token_for
from notifications.replies.sms_replies import interpret_next
from tests.factories import CareRoleFactory, UserFactory
from tests.faults import crash_storm
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory, StockBatchFactory
from tests.notifications.api.conftest import program_of
from tests.notifications.channels.sms.conftest import SECRET
from tests.notifications.channels.sms.conftest import server as server
from tests.notifications.channels.sms.gateways import Server
from tests.unheard import unheard_commit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("knows_crash_storms")]

NUMBER = "+27825550102"


@dataclass
class World:
    """Pieter, who is told by SMS of a dose that is due, and has a supply at home."""

    role: CareRole
    dose: Dose
    sms: Server
    after: timedelta = timedelta(0)
    """How long after the first try the same is done again."""

    @property
    def now(self) -> Any:
        return NOW + self.after

    @property
    def left(self) -> Decimal:
        [batch] = self.dose.prescription.batches.all()
        return Decimal(batch.quantity)

    def browser(self) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.role.user)
        return client

    def tell(self, *, until: str = "sent") -> Notification:
        """Tell him of the dose, as far as is said."""
        send_dose_reminders(now=NOW)
        if until != "published":
            fan_out(now=NOW)
        if until == "sent":
            deliver("sms", now=NOW)
        return Notification.objects.first()  # type: ignore[return-value]


@pytest.fixture
def world(server: Server, settings: Settings) -> Iterator[World]:
    settings.SMS_REPLIES = True
    with time_machine.travel(NOW, tick=False):
        role = CareRoleFactory(user=UserFactory(phone=NUMBER))
        ChannelChoice.objects.create(user=role.user, category="medication", channel="sms", on=True)
        schedule = DoseScheduleFactory(prescription__patient=role.patient)
        StockBatchFactory(prescription=schedule.prescription)
        dose = DoseFactory(schedule=schedule, due_at=NOW, state=Dose.State.SCHEDULED)
        yield World(role, dose, server)


@dataclass(frozen=True)
class Act:
    """What somebody does, after what was done before, and what there is of it once it was done."""

    before: Callable[[World], Any]
    do: Callable[[World, Any], Any]
    there_is: Callable[[World], Any]
    once: Any
    again_after: timedelta = timedelta(0)


def nothing(_world: World) -> None:
    """Nothing need be done before."""


def taken(world: World) -> Any:
    """The answers in the log, the dose's state, and what is left at home."""
    answers = list(DoseAnswer.objects.values_list("answer", flat=True))
    return answers, str(Dose.objects.get(pk=world.dose.pk).state), world.left


TAKEN = (["taken"], "taken", Decimal(27))


def a_message_came(world: World) -> None:
    world.tell()
    InboundMessage.objects.create(
        provider="africastalking", provider_id="b1f0", sender=NUMBER, text="1", received_at=NOW, due_at=NOW
    )


def by_webhook(_world: World, _before: Any) -> None:
    form = {
        "id": "b1f0",
        "from": NUMBER,
        "to": "22345",
        "text": "1",
        "date": "2026-11-24 08:00:00",
        "linkId": "",
    }
    Client(raise_request_exception=False).post(f"/sms/africastalking/inbound/?key={SECRET}", form)


A_MINUTE_LATER = timedelta(seconds=61)
"""By then the lease is over of what a worker held that didn't hear of its COMMIT."""
ACTS = {
    "a dose is answered on a page": Act(
        nothing, lambda world, _: world.browser().post(f"/en/doses/{world.dose.pk}/take/"), taken, TAKEN
    ),
    "a dose is answered by a link": Act(
        World.tell,
        lambda _world, told: Client(raise_request_exception=False).post(
            reverse("notifications:answer", args=[token_for(told.pk, "taken")])
        ),
        lambda world: (taken(world), QuickReply.objects.count()),
        (TAKEN, 1),
    ),
    "a dose besides the plan is recorded": Act(
        nothing,
        lambda world, _: dose_record(
            prescription_id=world.dose.prescription_id,
            user=world.role.user,
            now=world.now,
            taken_at=NOW,
            quantity=Decimal(1),
        ),
        lambda world: (Dose.objects.exclude(kind=Dose.Kind.PLANNED).count(), world.left),
        (1, Decimal(27)),
    ),
    "a refill is noted": Act(
        lambda world: newest_refill(world.dose.prescription),
        lambda world, seen: world.browser().post(
            f"/en/medicines/{world.dose.prescription_id}/collected/",
            {"quantity": "28", "expiry_date": "2027-06-30", "seen": seen.pk if seen else 0},
        ),
        lambda world: sum(world.dose.prescription.batches.values_list("quantity", flat=True)),
        Decimal(56),
    ),
    "a provider brings a message": Act(nothing, by_webhook, lambda _: InboundMessage.objects.count(), 1),
    "a message that came is dealt with": Act(
        a_message_came, lambda world, _: interpret_next(now=world.now), taken, TAKEN, A_MINUTE_LATER
    ),
    "a program schedules a message": Act(
        lambda world: program_of(world.role.user),
        lambda world, program: program.schedule(
            world.role.user, key="card-7", scheduled_at=(NOW + timedelta(days=1)).isoformat()
        ),
        lambda _: Notification.objects.count(),
        1,
    ),
    "a service publishes": Act(
        nothing,
        lambda world, _: bus.publish(
            crash_storm.NAME,
            {"user_id": world.role.user_id, "deadly_in": crash_storm.HARMLESS},
            dedupe_key="monday",
        ),
        lambda _: EventRecord.objects.count(),
        1,
    ),
    "doses are reminded of": Act(
        nothing,
        lambda world, _: send_dose_reminders(now=world.now),
        lambda world: (EventRecord.objects.count(), Dose.objects.get(pk=world.dose.pk).reminders_sent),
        (1, 1),
    ),
    "a publication becomes messages": Act(
        lambda world: world.tell(until="published"),
        lambda world, _: fan_out(now=world.now),
        lambda _: (Notification.objects.count(), Delivery.objects.count()),
        (1, 1),
        A_MINUTE_LATER,
    ),
    "a message that costs is sent": Act(
        lambda world: world.tell(until="told"),
        lambda world, _: deliver("sms", now=world.now),
        lambda world: (
            len(world.sms.africastalking.sent),
            list(Delivery.objects.values_list("state", "sendings")),
            list(Spending.objects.values_list("messages", "parts")),
        ),
        (1, [("sent", 1)], [(1, 1)]),
        A_MINUTE_LATER,
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("number", [1, 2], ids=["first commit", "second commit"])
def test_what_is_done_again_because_nobody_heard_of_it_counts_once(
    world: World, act: Act, number: int
) -> None:
    before = act.before(world)
    with unheard_commit(number=number) as commits, suppress(DatabaseError):
        act.do(world, before)
    assert commits

    world.after = act.again_after
    with time_machine.travel(world.now, tick=False):
        act.do(world, before)

    assert act.there_is(world) == act.once
