"""20,000 due doses become notifications and e-mail deliveries, next to a bare COPY of as many finished rows.

The work is what a consumer does between the publication and the last commit: find the doses and their people, their
wishes and addresses, route, render, write, and finish the publications. Two consumer processes share it.
The floor is one COPY into each of the same two tables, of the very rows that the work wrote, with nothing else.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.pool import Pool

from django.db import connection, transaction
from django.utils import timezone

from home.models import CareRole, Clinic, Consent, Patient, Relation, User
from home.privacy.consents import consents_for_all
from home.privacy.sentences import REMINDERS
from medications.models import Dose, DoseSchedule, Medicine, Prescription
from medications.services.reminders import send_dose_reminders
from notifications.models import ChannelChoice, Delivery, Notification, NotificationPreferences
from notifications.pipeline.fan_out import fan_out
from notifications.tasks import settle
from tests.bench._database import disconnect
from tests.bench._result import Result

WORKERS = 2
TABLES = (Notification._meta.db_table, Delivery._meta.db_table)


@dataclass(frozen=True, slots=True)
class Size:
    doses: int = 20_000
    rounds: int = 3


SMALL = Size(doses=100, rounds=1)


def run(size: Size) -> Result:
    """The round whose ratio is the median; rates are doses a second."""
    _people_and_doses(size.doses)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    settle()
    disconnect()
    with get_context("fork").Pool(WORKERS) as workers:
        _round(workers, size.doses)  # opens the connections and fills the caches
        rounds = sorted((_round(workers, size.doses) for _ in range(size.rounds)), key=_ratio)
    work, floor = rounds[(len(rounds) - 1) // 2]
    return Result(
        "fan_out",
        rows=size.doses,
        rate=size.doses / work,
        floor_rate=size.doses / floor,
        more={"workers": WORKERS, "rounds": [round(_ratio(each), 2) for each in rounds]},
    )


def _ratio(seconds: tuple[float, float]) -> float:
    work, floor = seconds
    return floor / work


def _round(workers: Pool, doses: int) -> tuple[float, float]:
    """Seconds of the work and of the floor."""
    Dose.objects.update(state=Dose.State.SCHEDULED, reminders_sent=0, next_reminder_at=timezone.now())
    send_dose_reminders(now=timezone.now())
    work = _timed(lambda: workers.map(_work, range(WORKERS), chunksize=1))
    assert (Notification.objects.count(), Delivery.objects.count()) == (doses, doses)
    rows = {table: _copied_out(table) for table in TABLES}
    _empty()
    floor = _timed(lambda: _copy_in(rows))
    assert (Notification.objects.count(), Delivery.objects.count()) == (doses, doses)
    _empty()
    return work, floor


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _work(worker: int) -> None:
    while fan_out(now=timezone.now()).records:
        pass


def _copied_out(table: str) -> list[bytes]:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return [bytes(block) for block in copy]


def _copy_in(rows: dict[str, list[bytes]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, blocks in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(b"".join(blocks))


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


def _people_and_doses(doses: int) -> None:
    """One patient a dose, half of them in Afrikaans, each with e-mail for medicines on, and agreed to."""
    clinic = Clinic.objects.create(name="Langa Clinic")
    medicines = [
        Medicine.objects.create(name_en=f"Medicine {n}", name_af=f"Medisyne {n}", strength=f"{n} mg")
        for n in range(1, 9)
    ]
    people = User.objects.bulk_create(
        [
            User(
                email=f"patient{n}@example.org",
                email_verified_at=timezone.now(),
                first_name="Thandi",
                last_name=f"Mokoena {n}",
            )
            for n in range(doses)
        ],
        2000,
    )
    NotificationPreferences.objects.bulk_create(
        [NotificationPreferences(user=user, language=("en", "af")[n % 2]) for n, user in enumerate(people)],
        2000,
    )
    ChannelChoice.objects.bulk_create(
        [ChannelChoice(user=user, category="medication", channel="email", on=True) for user in people], 2000
    )
    patients = Patient.objects.bulk_create(
        [
            Patient(
                clinic=clinic,
                first_name=user.first_name,
                last_name=user.last_name,
                date_of_birth=date(1970, 1, 1),
            )
            for user in people
        ],
        2000,
    )
    roles = CareRole.objects.bulk_create(
        [
            CareRole(patient=patient, user=user, relation=Relation.SELF)
            for patient, user in zip(patients, people, strict=True)
        ],
        2000,
    )
    consents_for_all(
        user_ids=[role.user_id for role in roles],
        purposes=[REMINDERS, "email"],
        how=Consent.How.PAPER,
        now=timezone.now(),
    )
    prescriptions = Prescription.objects.bulk_create(
        [
            Prescription(patient=patient, medicine=medicines[n % 8], start_date=date(2026, 1, 1))
            for n, patient in enumerate(patients)
        ],
        2000,
    )
    rule = {"kind": "times", "times": ["08:00"], "quantity": "1"}
    schedules = DoseSchedule.objects.bulk_create(
        [DoseSchedule(prescription=prescription, rule=rule) for prescription in prescriptions], 2000
    )
    now = timezone.now().replace(second=0, microsecond=0)
    Dose.objects.bulk_create(
        [
            Dose(
                schedule=schedule,
                prescription=schedule.prescription,
                patient=schedule.prescription.patient,
                due_at=now,
                quantity=Decimal(1),
                next_reminder_at=now,
                remind_until=now + timedelta(hours=4),
                missed_at=now + timedelta(hours=2),
            )
            for schedule in schedules
        ],
        2000,
    )
