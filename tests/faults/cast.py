"""People with doses, by the hundred, and what they were told."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from django.utils import timezone

from home.models import CareRole, Patient, Relation, User
from medications.models import Dose, DoseSchedule, Prescription
from notifications.models import (
    ChannelChoice,
    Delivery,
    EventRecord,
    ListenerCall,
    Notification,
    PeriodicTask,
    PushSubscription,
)
from notifications.work import periodic
from tests.factories import ClinicFactory, agree
from tests.medications.factories import MedicineFactory, times
from tests.notifications.channels.push.push_service import PushService


def people(count: int, *, by_email: bool = True) -> list[User]:
    """So many people who want what is about medicines by e-mail too, or in their inbox only."""
    users = User.objects.bulk_create(
        [
            User(
                email=f"{uuid4().hex}@example.org",
                email_verified_at=timezone.now(),
                first_name="Thandi",
                password="!",
            )
            for _ in range(count)
        ]
    )
    if by_email:
        ChannelChoice.objects.bulk_create(
            [ChannelChoice(user=user, category="medication", channel="email", on=True) for user in users]
        )
    return users


def people_of_all_channels(count: int, service: PushService) -> list[User]:
    """So many people who want the same also by SMS, and have notices on in a browser each."""
    users = people(count)
    for number, user in enumerate(users):
        user.phone, user.phone_verified_at = f"+2782555{number:04}", timezone.now()
        user.save()
    ChannelChoice.objects.bulk_create(
        [ChannelChoice(user=user, category="medication", channel="sms", on=True) for user in users]
    )
    for user in users:
        browser = service.browser(f"of{user.pk}")
        PushSubscription.objects.create(
            user=user, endpoint=browser.endpoint, created_at=timezone.now(), **browser.keys
        )
    return users


def with_a_dose(
    users: Sequence[User], *, ago: timedelta, remind_for: timedelta = timedelta(hours=4)
) -> list[Dose]:
    """A dose for each, in their order: due so long ago, to be reminded of for so long from then on."""
    due_at = timezone.now().replace(microsecond=0) - ago
    clinic, medicine = ClinicFactory.create(), MedicineFactory.create()
    patients = Patient.objects.bulk_create(
        [Patient(clinic=clinic, first_name="Thandi", last_name="Nkosi") for _ in users]
    )
    roles = CareRole.objects.bulk_create(
        [
            CareRole(patient=patient, user=user, relation=Relation.SELF)
            for patient, user in zip(patients, users, strict=True)
        ]
    )
    agree(*roles)
    prescriptions = Prescription.objects.bulk_create(
        [
            Prescription(patient=patient, medicine=medicine, start_date=date(2026, 1, 1))
            for patient in patients
        ]
    )
    schedules = DoseSchedule.objects.bulk_create(
        [
            # Expanded for ever: these doses are all that there are.
            DoseSchedule(prescription=prescription, rule=times("08:00"), expanded_until=date(9999, 1, 1))
            for prescription in prescriptions
        ]
    )
    return Dose.objects.bulk_create(
        [
            Dose(
                schedule=schedule,
                prescription=schedule.prescription,
                patient=schedule.prescription.patient,
                due_at=due_at,
                quantity=Decimal(1),
                next_reminder_at=due_at,
                remind_until=due_at + remind_for,
                missed_at=due_at + timedelta(hours=2),
            )
            for schedule in schedules
        ]
    )


def the_minute_comes(
    *, of: Iterable[str] = ("Dose reminders",), since: timedelta = timedelta(minutes=2)
) -> None:
    """The next consumer that looks finds a slot of these periodic tasks waiting, and of no other."""
    periodic.make_rows(now=timezone.now())
    now = timezone.now()
    PeriodicTask.objects.update(last_slot=now)
    PeriodicTask.objects.filter(name__in=of).update(last_slot=now - since)


def told(**filters: object) -> Counter[int]:
    """How many messages each person has in the inbox, by the person's id."""
    rows = Notification.objects.filter(scheduled_status=Notification.Status.SENT, in_inbox=True, **filters)
    return Counter(rows.values_list("recipient_id", flat=True))


def ids(users: Iterable[User]) -> Counter[int]:
    """Each of these people's ids once, as `told` counts."""
    return Counter(user.pk for user in users)


def mail_is_sent(count: int) -> bool:
    """Whether so many deliveries are there, and all of them are sent."""
    # In this order: while none is there, none is unsent.
    return (
        Delivery.objects.count() == count and not Delivery.objects.exclude(state=Delivery.State.SENT).exists()
    )


def mail_is_dealt_with(count: int) -> bool:
    """Whether so many deliveries are there, and nothing of them is left to do."""
    return (
        Delivery.objects.count() == count and not Delivery.objects.filter(finished_at__isnull=True).exists()
    )


def all_dealt_with() -> bool:
    """Whether something was published, and nothing of it is left to do."""
    left = (model.objects.filter(finished_at__isnull=True) for model in (EventRecord, ListenerCall, Delivery))
    return EventRecord.objects.exists() and not any(rows.exists() for rows in left)
