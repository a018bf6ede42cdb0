"""Clinics with their patients, in any number: some are made as the site makes them, the others are copies by SQL.

A copy has another name and other numbers, and all else as long as its original. What is encrypted is copied as it is:
read, it is the original's. One in ten is found by the ends of its original's numbers too, as numbers end alike in life.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from events.models import ClinicEvent, Visit
from home.models import (
    AccessRecord,
    CareRole,
    Clinic,
    Consent,
    Patient,
    Relation,
    SearchKey,
    StaffRole,
    User,
)
from home.privacy.consents import consents_for_all
from home.privacy.sentences import REMINDERS
from home.search_keys import keys_of_users_write, keys_write
from medications.models import Dose, DoseSchedule, Medicine, Prescription, StockBatch, StockMovement
from medications.options import horizon_days
from notifications.encryption.cipher import INDEX, seal
from notifications.models import Delivery, Notification
from tests.bench._database import without_indexes

CLINICS = 20
DAYS = 25
"""With two doses a day; as many of them are ahead as the site plans."""
MESSAGES = 20
"""To each patient, of their latest doses, each with an SMS; one SMS in a hundred didn't get through."""
LOOKS = 5
"""Of staff at each patient's record."""
STRIDE = 1_000_000
"""What a copy's id is more than that of its original, for each copy before it."""
FIRST_NAMES = (
    "Nomsa",
    "Sipho",
    "Fatima",
    "Johannes",
    "Zanele",
    "Bongani",
    "Sarah",
    "Ruan",
    "Thandi",
    "Pieter",
    "Anna",
)
LAST_NAMES = (
    "Dlamini",
    "Nkosi",
    "Botha",
    "Adams",
    "Khumalo",
    "van Wyk",
    "Mokoena",
    "Naidoo",
    "Jacobs",
    "Sithole",
)


def places(now: datetime) -> tuple[list[Clinic], list[Medicine]]:
    """Twenty clinics, and the shelf and the events of each."""
    clinics = Clinic.objects.bulk_create(Clinic(name=f"Langa Clinic {number}") for number in range(CLINICS))
    medicines = Medicine.objects.bulk_create(
        Medicine(name_en=f"Medicine {number}", name_af=f"Medisyne {number}", strength="500 mg")
        for number in range(CLINICS)
    )
    StockBatch.objects.bulk_create(
        StockBatch(clinic=clinic, medicine=medicine, quantity=9_000, expiry_date=date.max)
        for clinic in clinics
        for medicine in medicines
    )
    weeks = [now + timedelta(weeks=week) for week in range(-100, 10)]
    ClinicEvent.objects.bulk_create(
        ClinicEvent(
            clinic=clinic, title_en="Club", title_af="Klub", starts_at=at, ends_at=at + timedelta(hours=2)
        )
        for at in weeks
        for clinic in clinics
    )
    return clinics, medicines


def member(clinic: Clinic, role: StaffRole.Role) -> User:
    """One of the clinic's staff."""
    user = User.objects.create_user(f"{role}@clinic.example.org", is_staff=True)
    StaffRole.objects.create(user=user, clinic=clinic, role=role)
    return user


def settle(clinics: Sequence[Clinic], medicines: Sequence[Medicine], number: int, now: datetime) -> None:
    """So many patients in all clinics, each with a phone that gets SMS, a visit, and a tablet twice a day. One in ten
    forgets it for days, and one in ten has few left.
    """
    _people(clinics, medicines, range(number), now)
    _one_message(now)
    _what_comes_daily(after=0, now=now)


def multiply(times: int, now: datetime) -> None:
    """So many copies of each patient who was settled, in the same clinics."""
    with connection.cursor() as cursor, without_indexes(Patient, User, SearchKey):
        for model, others in COPIED.items():
            cursor.execute(_copies(model, others), {"times": times})
            table = model._meta.db_table
            last = f"SELECT max(id) FROM {table}"  # noqa: S608 - here and below all is constant
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ({last}))")
    _what_comes_daily(after=STRIDE, now=now)


def _people(
    clinics: Sequence[Clinic], medicines: Sequence[Medicine], numbers: Sequence[int], now: datetime
) -> None:
    day = now.date()
    names = [
        (FIRST_NAMES[each % len(FIRST_NAMES)], f"{LAST_NAMES[each % len(LAST_NAMES)]} {each // 110}")
        for each in numbers
    ]
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinics[each % CLINICS],
            first_name=first_name,
            last_name=last_name,
            phone=f"+2782{each:07d}",
            folder_number=f"LAN-{each:06d}",
        )
        for each, (first_name, last_name) in zip(numbers, names, strict=True)
    )
    keys_write(patients)
    people = User.objects.bulk_create(
        User(
            first_name=each.first_name,
            last_name=each.last_name,
            phone=each.phone,
            phone_verified_at=now,
        )
        for each in patients
    )
    keys_of_users_write(people)
    CareRole.objects.bulk_create(
        CareRole(patient=patient, user=user, relation=Relation.SELF)
        for patient, user in zip(patients, people, strict=True)
    )
    consents_for_all(
        user_ids=[user.pk for user in people], purposes=(REMINDERS, "sms"), how=Consent.How.SPOKEN, now=now
    )
    prescriptions = Prescription.objects.bulk_create(
        Prescription(
            patient=patient,
            medicine=medicines[each % len(medicines)],
            start_date=day - timedelta(days=DAYS - horizon_days()),
        )
        for each, patient in zip(numbers, patients, strict=True)
    )
    rule = {"kind": "times", "times": ["08:00", "20:00"], "quantity": "1"}
    DoseSchedule.objects.bulk_create(
        DoseSchedule(prescription=each, rule=rule, expanded_until=day + timedelta(days=horizon_days() - 1))
        for each in prescriptions
    )
    batches = StockBatch.objects.bulk_create(
        StockBatch(
            prescription=prescription,
            medicine=prescription.medicine,
            quantity=2 if each % 10 == 3 else 60,
            expiry_date=day + timedelta(days=300),
        )
        for each, prescription in zip(numbers, prescriptions, strict=True)
    )
    StockMovement.objects.bulk_create(
        StockMovement(batch=each, kind="received", quantity=each.quantity, at=now) for each in batches
    )
    Visit.objects.bulk_create(
        Visit(
            patient=patient,
            clinic=patient.clinic,
            day=day + timedelta(days=each % 28 - 28 * before),
            state=Visit.State.ATTENDED if before else Visit.State.PLANNED,
            planned_at=now,
        )
        for before in range(5, -1, -1)
        for each, patient in zip(numbers, patients, strict=True)
    )


def _one_message(now: datetime) -> None:
    """From which the others are copied: what is encrypted is as long as in life."""
    message = Notification.objects.create(
        recipient=User.objects.order_by("pk")[0],
        event_type="medication.dose_due",
        category="medication",
        language="en",
        title="Time for your medicine",
        body="Take one tablet now.",
        dedupe_key="first",
        path="/today/",
        related_object_type="dose",
        scheduled_at=now,
        scheduled_status=Notification.Status.SENT,
        created_at=now,
        sent_at=now,
        delete_at=now + timedelta(days=300),
    )
    Delivery.objects.create(
        notification=message,
        channel="sms",
        address="+27820000000",
        state=Delivery.State.DELIVERED,
        sent_at=now,
        delivered_at=now,
        due_at=now,
        finished_at=now,
    )


def _what_comes_daily(*, after: int, now: datetime) -> None:
    """The doses, the messages and the looks of staff of those whose ids come after this one."""
    about: dict[str, Any] = {
        "after": after,
        "now": now,
        "start": now.date() - timedelta(days=DAYS - horizon_days()),
        "why": seal("The phone can’t be reached."),
    }
    tables = (Dose, Notification, Delivery, AccessRecord)
    with connection.cursor() as cursor:
        with without_indexes(*tables):
            for statement in (DOSES, MESSAGES_SENT, DELIVERIES, LOOKED):
                cursor.execute(statement, about)
        cursor.execute("VACUUM (ANALYZE)")


def _insert(model: type[Model], values: dict[str, str], source: str) -> str:
    into = f"INSERT INTO {model._meta.db_table} ({', '.join(values)})"
    return f"{into} SELECT {', '.join(values.values())} FROM {source}"  # noqa: S608


def _columns(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {str(field.column): field for field in model._meta.concrete_fields}


def _copies(model: type[Model], others: dict[str, str]) -> str:
    """Each original once for each copy, with the ids of the copies of what it belongs to."""
    values = {
        column: f"original.{column}"
        + (f" + copy * {STRIDE}" if field.primary_key or field.related_model in COPIED else "")
        for column, field in _columns(model).items()
    }
    which = {User: "phone", StockBatch: "prescription_id"}.get(model, "id")
    source = f"""{model._meta.db_table} AS original, generate_series(1, %(times)s) AS copy
    WHERE original.{which} IS NOT NULL
    ORDER BY copy, original.id"""
    return _insert(model, values | others, source)


def _another(column: str) -> str:
    """Sealed as the original, but looked up by another digest of the same length."""
    kept = f"original.{column}"
    return f"left({kept}, {INDEX - 22}) || left(md5({kept} || copy), 22) || substr({kept}, {INDEX + 1})"


COPIED: dict[type[Model], dict[str, str]] = {
    Patient: {
        "last_name": "original.last_name || ' ' || copy",
        "name_searched": "original.name_searched || ' ' || copy",
        "phone": _another("phone"),
        "folder_number": _another("folder_number"),
    },
    User: {"last_name": "original.last_name || ' ' || copy", "phone": _another("phone")},
    CareRole: {},
    Consent: {},
    SearchKey: {
        "digest": f"CASE copy %% 10 WHEN 0 THEN original.digest ELSE {_another('digest')} END",
    },
    Prescription: {},
    DoseSchedule: {},
    StockBatch: {},
    StockMovement: {},
    Visit: {},
}
"""What is copied, each after what it points at; and what a copy has of its own."""


def _like_the_first(model: type[Model], source: str, **others: str) -> str:
    """Rows like the first of this table but for these columns, one for each row of `source`."""
    values = {
        column: others.get(column, f"first.{column}")
        for column, field in _columns(model).items()
        if not field.primary_key
    }
    first = f"(SELECT * FROM {model._meta.db_table} ORDER BY id LIMIT 1) AS first"  # noqa: S608
    return _insert(model, values, f"{first}, {source}")


MESSAGES_SENT = _like_the_first(
    Notification,
    f"""{Dose._meta.db_table} AS dose
    JOIN {Patient._meta.db_table} AS patient ON patient.id = dose.patient_id
    JOIN {CareRole._meta.db_table} AS role ON role.patient_id = patient.id
    WHERE patient.id > %(after)s AND dose.due_at <= %(now)s AND dose.due_at > %(now)s - interval '{MESSAGES // 2} days'
    ORDER BY dose.due_at, patient.id""",
    recipient_id="role.user_id",
    scope_id="patient.clinic_id",
    subject_id="patient.id",
    dedupe_key="patient.id || ':' || to_char(dose.due_at, 'YYYYMMDDHH24MI')",
    data="jsonb_build_object('dose_ids', jsonb_build_array(dose.id), 'due_at', dose.due_at)",
    related_object_id="dose.id",
    created_at="dose.due_at",
    scheduled_at="dose.due_at",
    sent_at="dose.due_at",
    delete_at="dose.due_at + interval '365 days'",
    read_at="CASE WHEN dose.due_at < %(now)s - interval '2 days' THEN dose.due_at END",
)
_FAILED = "message.id %% 100 = 0"
DELIVERIES = _like_the_first(
    Delivery,
    f"{Notification._meta.db_table} AS message WHERE message.subject_id > %(after)s ORDER BY message.id",
    notification_id="message.id",
    scope_id="message.scope_id",
    due_at="message.sent_at",
    finished_at="message.sent_at",
    sent_at=f"CASE WHEN {_FAILED} THEN NULL ELSE message.sent_at END",
    delivered_at=f"CASE WHEN {_FAILED} THEN NULL ELSE message.sent_at END",
    state=f"CASE WHEN {_FAILED} THEN 'failed' ELSE first.state END",
    error=f"CASE WHEN {_FAILED} THEN %(why)s ELSE '' END",
)
LOOKED = f"""
INSERT INTO {AccessRecord._meta.db_table} (user_id, patient_id, kind, page, path, request_id, slot, at, last_at)
SELECT
    staff.id, patient.id, 'looked', 'patients:record', '/admin/patients/' || patient.id || '/',
    md5(patient.id::text || number), moment.at, moment.at, moment.at
FROM
    (SELECT * FROM {User._meta.db_table} WHERE is_staff ORDER BY id LIMIT 1) AS staff,
    {Patient._meta.db_table} AS patient,
    generate_series(1, {LOOKS}) AS number,
    LATERAL (SELECT %(now)s - number * interval '7 days' - patient.id %% 9973 * interval '1 minute' AS at) AS moment
WHERE patient.id > %(after)s
ORDER BY number DESC, patient.id
"""  # noqa: S608
DOSES = f"""
INSERT INTO {Dose._meta.db_table} (
    schedule_id, prescription_id, patient_id, due_at, local_day, local_time, is_extra, kind, quantity, state,
    answered_at, skip_code, skip_reason, over_limit, next_reminder_at, reminders_sent, remind_until, missed_at
)
SELECT
    schedule.id, prescription.id, prescription.patient_id, at.due, at.due::date, at.due::time, false, 'planned', 1,
    CASE
        WHEN at.due > %(now)s THEN 'scheduled'
        WHEN prescription.patient_id / 20 %% 10 = 0 AND at.due > %(now)s - interval '4 days' THEN 'missed'
        ELSE 'taken'
    END,
    CASE WHEN at.due <= %(now)s THEN at.due END,
    '', '', false,
    CASE WHEN at.due > %(now)s THEN at.due END,
    0, at.due + interval '4 hours', at.due + interval '2 hours'
FROM
    {DoseSchedule._meta.db_table} AS schedule
    JOIN {Prescription._meta.db_table} AS prescription ON prescription.id = schedule.prescription_id,
    generate_series(0, {2 * DAYS - 1}) AS number,
    LATERAL (SELECT %(start)s::timestamptz + interval '6 hours' + number * interval '12 hours' AS due) AS at
WHERE prescription.patient_id > %(after)s
ORDER BY number, schedule.id
"""  # noqa: S608
