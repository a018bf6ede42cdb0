"""The 08:00 job, from due doses to notifications and e-mail deliveries, next to the same rows by SQL alone.

The job is what consumers do at a full minute: claim the doses that are due and publish them, find their people with
their wishes, consents and addresses, route, render, seal, write, and finish the publications.

The floor is three statements of SQL that hold no rule: an UPDATE of the doses that are due, and an INSERT ... SELECT
into each of the two tables, which joins the same people, wishes and consents and writes rows as long as ours, though
nothing is sealed in them. Its processes have a range of patients each. `bulk_create` is the usual way: a join by the
ORM, a model instance a row, a thousand rows at a time; nothing is routed, and no consent is looked at.
`notifications_hq` is that with `notify.send` for each row (tests/bench/_notifications_hq.py), and without e-mail.

All rates are doses a second, by size and number of processes (the usual ways': by that number alone); those of the
result are of the most of both. `ratios` are those to the other ways, and `gain` is the rate of most processes over that
of one: where the floor gains no more from a second session, no second worker can. `processor_us` is what both sides of
the job took of the processors for a dose, the workers and their sessions: it says the same on a machine that has other
work to do. `peak_mib` is what a worker had of memory at most, `memory` the same by doses, up to `moments` times as many
as there are patients.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.pool import Pool

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from home.models import CareRole, Clinic, Consent, Patient, Relation, User
from home.privacy.consents import consents_for_all
from home.privacy.sentences import REMINDERS
from medications.models import Dose, DoseSchedule, Medicine, Prescription
from medications.services.reminders import send_dose_reminders
from notifications.models import (
    ChannelChoice,
    Delivery,
    EventRecord,
    Notification,
    NotificationPreferences,
)
from notifications.pipeline.fan_out import fan_out
from notifications.tasks import settle
from tests.bench import _notifications_hq
from tests.bench._copies import copies
from tests.bench._database import disconnect
from tests.bench._memory import peak_mib
from tests.bench._processor import seconds_of
from tests.bench._result import Goal, Result

GOALS = (
    Goal("of SQL alone, two processes", at_least=0.8),
    Goal(
        "of bulk_create, two processes", at_least=4, figure=lambda run: run.more["ratios"]["bulk_create"][-1]
    ),
    Goal(
        "of django-notifications-hq, two processes",
        at_least=15,
        figure=lambda run: run.more["ratios"]["notifications_hq"][-1],
    ),
    Goal("two workers, of one", at_least=1.6, figure=lambda run: run.more["gain"]["job"][-1]),
    Goal(
        "memory of a worker with 300,000 doses, of that with 10,000",
        at_most=1.1,
        figure=lambda run: run.more["memory"][1][1] / run.more["memory"][0][1],
    ),
)

TABLES = (
    Notification._meta.db_table,
    Delivery._meta.db_table,
    EventRecord._meta.db_table,
    _notifications_hq.Notification._meta.db_table,
)
LATER = timedelta(minutes=15)
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of doses, and of processes. The usual ways, whose rates don't depend on that, have `usual` doses."""

    doses: tuple[int, ...] = (10_000, 100_000)
    processes: tuple[int, ...] = (1, 2)
    usual: int = 4_000
    moments: int = 3
    """How many doses of each patient are due at once where memory is looked at."""


SMALL = Size(doses=(100,), processes=(2,), usual=50, moments=2)


def prepare(size: Size) -> None:
    settle()
    people_and_doses(max(size.doses))
    _notifications_hq.make_table()


@dataclass(frozen=True, slots=True)
class Measured:
    """One way at one size, by so many processes: `processor_us` are microseconds of the processors a dose, `peak` is
    the MiB of the worker that had most.
    """

    rate: int
    processor_us: int
    peak: int


def run(size: Size) -> Result:
    """The rates of each way, with each number of doses and processes."""
    settle()
    disconnect()
    found: dict[str, list[Measured]] = {name: [] for name in (*SETS, *USUAL)}
    for processes in size.processes:
        for name, work in USUAL.items():
            found[name].append(_measure(work, size.usual, processes, partial(_make_due, size.usual)))
    for doses in size.doses:
        for processes in size.processes:
            for name, work in SETS.items():
                found[name].append(_measure(work, doses, processes, partial(_make_due, doses)))
    rates = {name: [each.rate for each in measured] for name, measured in found.items()}
    steps = len(size.processes)
    many = max(size.doses) * size.moments
    memory = _measure(_job, many, 1, partial(_make_due_at_moments, size.moments)).peak
    return Result(
        "fan_out",
        rows=max(size.doses),
        rate=rates["job"][-1],
        floor_rate=rates["sql"][-1],
        more={
            "doses": size.doses,
            "processes": size.processes,
            **rates,
            "ratios": {name: _quotients(rates["job"], rates[name]) for name in ("sql", *USUAL)},
            "gain": {
                name: _quotients(rates[name][steps - 1 :: steps], rates[name][::steps])
                for name in ("job", "sql")
            },
            "processor_us": {name: [each.processor_us for each in found[name]] for name in ("job", "sql")},
            "peak_mib": [each.peak for each in found["job"]],
            "memory": [[size.doses[0], found["job"][0].peak], [many, memory]],
        },
    )


def _quotients(some: Sequence[int], others: Sequence[int]) -> list[float]:
    """Of what was measured once for all sizes, as often as there are some."""
    return [round(one / other, 2) for one, other in zip(some, cycle(others))]


def _measure(
    work: Callable[[int, int, int], None], doses: int, processes: int, make_due: Callable[[], None]
) -> Measured:
    """Do one dose a worker first, so that everybody has a connection and full caches; then what is made due."""
    with get_context("fork").Pool(processes, maxtasksperchild=None) as workers:
        _make_due(processes)  # only now is somebody connected here, which nobody may be who forks
        _everywhere(workers, processes, partial(work, processes, processes))
        _empty()
        make_due()
        start = time.perf_counter()
        took = _everywhere(workers, processes, partial(work, doses, processes))
        seconds = time.perf_counter() - start
        assert Notification.objects.count() + _notifications_hq.Notification.objects.count() == doses
        assert Delivery.objects.count() == Notification.objects.count()
        _empty()
        disconnect()
    processor = sum(of_worker for of_worker, _peak in took)
    return Measured(
        rate=round(doses / seconds),
        processor_us=round(1e6 * processor / doses),
        peak=round(max(peak for _processor, peak in took)),
    )


def _everywhere(workers: Pool, processes: int, work: Callable[[int], None]) -> list[tuple[float, float]]:
    return workers.map(partial(_work, work), range(processes), chunksize=1)


def _work(work: Callable[[int], None], worker: int) -> tuple[float, float]:
    """Seconds of the processors that this worker and its session with the database took, and its peak in MiB."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    before = time.process_time() + seconds_of(session)
    work(worker)
    return time.process_time() + seconds_of(session) - before, peak_mib()


def _job(doses: int, processes: int, worker: int) -> None:
    send_dose_reminders(now=timezone.now())
    while fan_out(now=timezone.now()).records:
        pass


def _sql(doses: int, processes: int, worker: int) -> None:
    now = timezone.now()
    first, last = _range(doses, processes, worker)
    with transaction.atomic(), connection.cursor() as cursor:
        params: dict[str, datetime | int] = {
            "now": now,
            "later": _later(now),
            "first": first,
            "last": last,
            "run": worker,
        }
        for statement in STATEMENTS:
            cursor.execute(statement, params)


STATEMENTS = (
    """
    UPDATE medications_dose SET reminders_sent = reminders_sent + 1, next_reminder_at = %(later)s
    WHERE state = 'scheduled' AND next_reminder_at <= %(now)s AND patient_id BETWEEN %(first)s AND %(last)s
    """,
    """
    INSERT INTO notifications_notification (
        recipient_id, event_record_id, dedupe_key, path, data, related_object_type, related_object_id, scope_id,
        subject_id, event_type, category, priority, language, title, body, in_inbox, require_acknowledgment, routing,
        scheduled_at, scheduled_status, valid_until, created_at, sent_at, delete_at
    )
    SELECT
        person.id, %(run)s, '1:' || patient.id || ':' || to_char(dose.due_at, 'YYYYMMDDHH24MI'), '/today/',
        jsonb_build_object('dose_ids', jsonb_build_array(dose.id), 'due_at', dose.due_at), 'dose', dose.id,
        patient.clinic_id, patient.id, 'medication.dose_due', 'medication', 2, wishes.language,
        to_char(dose.due_at, 'HH24:MI') || CASE wishes.language
            WHEN 'af' THEN ': tyd vir u medisyne' ELSE ': time for your medicine' END,
        CASE wishes.language
            WHEN 'af' THEN format(
                E'%%s %%s, %%s tablet\n\nKies asseblief “Geneem” sodra dit geneem is, of “Later” om weer te hoor.',
                medicine.name_af, medicine.strength, dose.quantity)
            ELSE format(
                E'%%s %%s, %%s tablet\n\nPlease choose “Taken” once it is done, or “Later” to be reminded again.',
                medicine.name_en, medicine.strength, dose.quantity) END,
        true, false,
        '[{"channel": "in_app", "send": true, "reason": "always", "send_at": null},
          {"channel": "email", "send": true, "reason": "chosen", "send_at": null},
          {"channel": "sms", "send": false, "reason": "off_by_default", "send_at": null},
          {"channel": "push", "send": false, "reason": "no_address", "send_at": null}]'::jsonb,
        %(now)s, 'sent', dose.remind_until, %(now)s, %(now)s, %(now)s + interval '365 days'
    FROM medications_dose dose
    JOIN medications_prescription prescription ON prescription.id = dose.prescription_id
    JOIN medications_medicine medicine ON medicine.id = prescription.medicine_id
    JOIN home_patient patient ON patient.id = dose.patient_id
    JOIN home_carerole role ON role.patient_id = patient.id
    JOIN home_user person ON person.id = role.user_id AND person.is_active
    LEFT JOIN notifications_notificationpreferences wishes ON wishes.user_id = person.id
    WHERE dose.next_reminder_at = %(later)s AND dose.patient_id BETWEEN %(first)s AND %(last)s
        AND prescription.ended_at IS NULL AND patient.deceased_on IS NULL
    ON CONFLICT (recipient_id, dedupe_key) DO NOTHING
    """,
    """
    INSERT INTO notifications_delivery (
        notification_id, scope_id, channel, lane, address, subject, body, due_at, state, attempts, failures, crashes,
        lease_owner, error, provider, provider_id
    )
    SELECT
        notification.id, notification.scope_id, 'email', 2, rpad(person.email, 80, '.'), repeat('.', 90),
        repeat('.', 230), %(now)s, 'pending', 0, 0, 0, '', '', '', ''
    FROM notifications_notification notification
    JOIN home_user person ON person.id = notification.recipient_id AND person.email_verified_at IS NOT NULL
    JOIN notifications_channelchoice choice
        ON choice.user_id = person.id AND choice.category = 'medication' AND choice.channel = 'email' AND choice.on
    JOIN home_consent email
        ON email.user_id = person.id AND email.purpose = 'email' AND email.withdrawn_at IS NULL
    JOIN home_consent reminders
        ON reminders.user_id = person.id AND reminders.purpose = 'reminders' AND reminders.withdrawn_at IS NULL
    WHERE notification.event_record_id = %(run)s AND notification.created_at = %(now)s
    """,
)


Write = Callable[[list[tuple[Dose, User]], datetime], None]


def _by_pages(write: Write, doses: int, processes: int, worker: int) -> None:
    """As it is usually written: doses with their people, a page at a time, each in one transaction."""
    now = timezone.now()
    first, last = _range(doses, processes, worker)
    due = Dose.objects.filter(
        state=Dose.State.SCHEDULED, next_reminder_at__lte=now, patient_id__gte=first, patient_id__lte=last
    ).select_related("patient__clinic", "prescription__medicine")
    while page := list(due.order_by("patient_id")[:BATCH]):
        with transaction.atomic():
            roles = CareRole.objects.filter(patient__in=[dose.patient_id for dose in page])
            people = {
                role.patient_id: role.user for role in roles.select_related("user__notification_preferences")
            }
            write([(dose, people[dose.patient_id]) for dose in page], now)
            Dose.objects.filter(pk__in=[dose.pk for dose in page]).update(
                reminders_sent=F("reminders_sent") + 1, next_reminder_at=_later(now)
            )


def _bulk_create(told: list[tuple[Dose, User]], now: datetime) -> None:
    notifications = Notification.objects.bulk_create(_notification(dose, user, now) for dose, user in told)
    Delivery.objects.bulk_create(
        Delivery(
            notification=each,
            channel="email",
            lane=2,
            address=each.recipient.email or "",
            subject=each.title,
            body=each.body,
            due_at=now,
        )
        for each in notifications
    )


def _notify(told: list[tuple[Dose, User]], now: datetime) -> None:
    for dose, user in told:
        _notifications_hq.notify.send(
            dose.patient.clinic,
            recipient=user,
            verb=_title(dose),
            description=_body(dose),
            target=dose.patient,
            action_object=dose,
            timestamp=now,
            path="/today/",
        )


def _title(dose: Dose) -> str:
    return f"{dose.due_at:%H:%M}: time for your medicine"


def _body(dose: Dose) -> str:
    medicine = dose.prescription.medicine
    return (
        f"{medicine.name_en} {medicine.strength}, {dose.quantity} tablet\n\nPlease choose “Taken” or “Later”."
    )


def _notification(dose: Dose, user: User, now: datetime) -> Notification:
    return Notification(
        recipient=user,
        event_type="medication.dose_due",
        category="medication",
        priority=2,
        language=user.notification_preferences.language,
        title=_title(dose),
        body=_body(dose),
        path="/today/",
        data={"dose_ids": [dose.pk], "due_at": dose.due_at.isoformat()},
        related_object_type="dose",
        related_object_id=dose.pk,
        dedupe_key=f"{dose.patient_id}:{dose.due_at:%Y%m%d%H%M}",
        scheduled_at=now,
        scheduled_status=Notification.Status.SENT,
        valid_until=dose.remind_until,
        created_at=now,
        sent_at=now,
        delete_at=now + timedelta(days=365),
        scope_id=dose.patient.clinic_id,
        subject_id=dose.patient_id,
    )


USUAL: dict[str, Callable[[int, int, int], None]] = {
    "bulk_create": partial(_by_pages, _bulk_create),
    "notifications_hq": partial(_by_pages, _notify),
}
SETS: dict[str, Callable[[int, int, int], None]] = {"job": _job, "sql": _sql}


def _later(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + LATER


def _first_patients(doses: int) -> QuerySet[Patient, int]:
    return Patient.objects.order_by("pk").values_list("pk", flat=True)[:doses]


def _range(doses: int, processes: int, worker: int) -> tuple[int, int]:
    """The first and the last patient of this worker."""
    patients = _first_patients(doses)
    return patients[doses * worker // processes], patients[doses * (worker + 1) // processes - 1]


def _make_due(doses: int) -> None:
    """The doses of so many patients, in a table as after a night's vacuum."""
    now = timezone.now()
    Dose.objects.filter(next_reminder_at__lt=now + timedelta(hours=12)).update(
        state=Dose.State.SCHEDULED, reminders_sent=0, next_reminder_at=now + timedelta(days=1)
    )
    last = _first_patients(doses)[doses - 1]
    Dose.objects.filter(patient_id__lte=last).update(
        next_reminder_at=now, due_at=now.replace(second=0, microsecond=0)
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _make_due_at_moments(moments: int) -> None:
    """All doses, and as many of each at as many earlier minutes as to make so many moments of each patient."""
    copies(Dose, moments - 1, {"due_at": "due_at - n * interval '1 minute'"})
    Dose.objects.update(state=Dose.State.SCHEDULED, reminders_sent=0, next_reminder_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


def people_and_doses(doses: int) -> None:
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
