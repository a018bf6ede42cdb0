"""Staff's pages among 100,000 patients and five million doses, next to the same pages among a hundredth of both.

They must not take longer among more: the ratio should be near 1. A nurse of one clinic of twenty opens the clinic's
page, the list of who needs a call, the list of patients, finds one by the last digits of a phone number or by a part
of a name, and opens patients' pages, each as a whole request with session, rights, access log and template. `rate` and
`floor_rate` are pages a minute at the 99th percentile, of all kinds of pages alike, among many and among few. `p99_ms`
has each kind of page among many, `queries` how many each takes. `background_s` is what tasks work out every quarter of
an hour, so that no page does: the lists and the figures of all clinics, in seconds, among many.
"""

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Max, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from events.models import Visit
from home.dashboard.counts import count_all
from home.models import CareRole, Clinic, Consent, Patient, Relation, StaffRole, User
from home.privacy.consents import consents_for_all
from home.privacy.sentences import REMINDERS
from home.search_keys import keys_of_users_write, keys_write
from home.worklist.refresh import worklist_refresh
from medications.models import Dose, DoseSchedule, Medicine, Prescription, StockBatch, StockMovement
from medications.options import horizon_days
from notifications.models import Delivery, Notification
from tests.bench._result import Goal, Result
from tests.home.sign_in.steps import passed, second_step

GOALS = (Goal("five million doses, of a hundredth: p99 within 1.5 times", at_least=0.67),)

CLINICS = 20
DAYS = 25
"""With two doses a day; as many of them are ahead as the site plans."""
MESSAGES = 5
"""About each patient, each with an SMS."""
AT_ONCE = 5_000
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


@dataclass(frozen=True, slots=True)
class Size:
    patients: int = 100_000
    repetitions: int = 200


SMALL = Size(patients=400, repetitions=3)


def run(size: Size) -> Result:
    """The 99th percentiles among a hundredth of the patients, and among all."""
    now = timezone.now()
    few = size.patients // 100
    clinics, medicines = places()
    nurse = nurse_of(clinics[0])
    fill(clinics, medicines, few, now)
    _background(clinics, now)
    among_few = _measure(nurse, clinics[0], size.repetitions)
    fill(clinics, medicines, size.patients - few, now)
    background_s = _background(clinics, now)
    among_many = _measure(nurse, clinics[0], size.repetitions)
    return Result(
        "desk",
        rows=Dose.objects.count(),
        rate=60 / _p99(among_many.values()),
        floor_rate=60 / _p99(among_few.values()),
        more={
            "p99_ms": {page: round(1000 * _p99([seconds])) for page, seconds in among_many.items()},
            "queries": _queries(nurse, clinics[0]),
            "background_s": background_s,
        },
    )


def places() -> tuple[list[Clinic], list[Medicine]]:
    """Twenty clinics, and the shelf of each."""
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
    return clinics, medicines


def nurse_of(clinic: Clinic) -> User:
    nurse = User.objects.create_user("sister@clinic.example.org", is_staff=True)
    StaffRole.objects.create(user=nurse, clinic=clinic, role=StaffRole.Role.NURSE)
    return nurse


def _background(clinics: Sequence[Clinic], now: datetime) -> dict[str, float]:
    """What tasks work out, so that pages needn't: the seconds of each."""
    start = time.perf_counter()
    worklist_refresh([clinic.pk for clinic in clinics], now=now)
    between = time.perf_counter()
    count_all(now=now)
    return {"lists": round(between - start, 2), "figures": round(time.perf_counter() - between, 2)}


def _measure(nurse: User, clinic: Clinic, repetitions: int) -> Mapping[str, Sequence[float]]:
    """Seconds a page, of each kind of page. The first of each kind warms what is kept, and isn't counted."""
    client = signed_in(nurse)
    seconds: dict[str, list[float]] = {}
    for page, addresses in pages(clinic, repetitions + 1).items():
        get(client, addresses[0])
        seconds[page] = [get(client, address) for address in addresses[1:]]
    return seconds


def pages(clinic: Clinic, number: int) -> dict[str, list[str]]:
    """The addresses of each kind of page, of patients drawn at random."""
    mine = list(Patient.objects.filter(clinic=clinic).only("phone", "first_name", "last_name"))
    drawn = random.Random(13).choices(mine, k=number)
    return {
        "home": [reverse("wagtailadmin_home")] * number,
        "worklist": [reverse("worklist:index")] * number,
        "patients": [reverse("patients:index")] * number,
        "by_number": [_search(str(each.phone)[-4:]) for each in drawn],
        "by_name": [_search(f"{each.first_name[1:5]} {each.last_name[:3]}") for each in drawn],
        "patient": [reverse("patients:record", args=[each.pk]) for each in drawn],
    }


def _search(q: str) -> str:
    return f"{reverse('patients:index')}?{urlencode({'q': q})}"


def signed_in(nurse: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(nurse)
    step = Authenticator.objects.filter(user=nurse).first() or second_step(nurse)[0]
    return passed(client, nurse, step)


def get(client: Client, address: str) -> float:
    start = time.perf_counter()
    answer = client.get(address)
    taken = time.perf_counter() - start
    assert answer.status_code == 200, (address, answer.status_code)
    return taken


def _queries(nurse: User, clinic: Clinic) -> dict[str, int]:
    client = signed_in(nurse)
    counts = {}
    for page, [address] in pages(clinic, 1).items():
        get(client, address)
        with CaptureQueriesContext(connection) as queries:
            get(client, address)
        counts[page] = len(queries)
    return counts


def _p99(measured: Iterable[Sequence[float]]) -> float:
    seconds = [each for page in measured for each in page]
    return quantiles(seconds, n=100)[98]


def fill(clinics: Sequence[Clinic], medicines: Sequence[Medicine], number: int, now: datetime) -> None:
    """Patients of all clinics, each with a phone that gets SMS, a visit, and a tablet twice a day. One in ten forgets
    it for days, and one in ten has few left.
    """
    first = Patient.objects.count()
    after = Patient.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(first, first + number, AT_ONCE):
        _people(clinics, medicines, range(start, min(start + AT_ONCE, first + number)), now)
    about = {"after": after, "now": now, "start": now.date() - timedelta(days=DAYS - horizon_days())}
    _one_message(now)
    with connection.cursor() as cursor:
        for statement in (DOSES, MESSAGES_SENT, DELIVERIES):
            cursor.execute(statement, about)
        cursor.execute("VACUUM (ANALYZE)")


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
        Visit(patient=patient, clinic=patient.clinic, day=day + timedelta(days=each % 28), planned_at=now)
        for each, patient in zip(numbers, patients, strict=True)
    )


def _one_message(now: datetime) -> None:
    """From which the others are copied: what is encrypted is as long as in life."""
    if Notification.objects.exists():
        return
    message = Notification.objects.create(
        recipient=User.objects.get(email="sister@clinic.example.org"),
        event_type="medications.dose_due",
        category="medication",
        language="en",
        title="Time for your medicine",
        body="Take one tablet now.",
        dedupe_key="first",
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
        body="Take one tablet now.",
        state=Delivery.State.DELIVERED,
        sent_at=now,
        delivered_at=now,
        due_at=now,
        finished_at=now,
    )


def _copies(model: type[Model], source: str, **others: str) -> str:
    """An INSERT of rows like the first of this table but for these columns, one for each row of `source`."""
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    values = [others.get(column, f"first.{column}") for column in columns]
    table = model._meta.db_table
    first = f"(SELECT * FROM {table} ORDER BY id LIMIT 1) AS first"  # noqa: S608 - here and below all is constant
    into = f"INSERT INTO {table} ({', '.join(columns)})"
    return f"{into} SELECT {', '.join(values)} FROM {first}, {source}"  # noqa: S608


MESSAGES_SENT = _copies(
    Notification,
    f"""{Patient._meta.db_table} AS patient
    JOIN {CareRole._meta.db_table} AS role ON role.patient_id = patient.id,
    generate_series(1, {MESSAGES}) AS number
    WHERE patient.id > %(after)s
    ORDER BY number DESC, patient.id""",
    recipient_id="role.user_id",
    scope_id="patient.clinic_id",
    subject_id="patient.id",
    dedupe_key="'of ' || patient.id || ' ' || number",
    sent_at="first.sent_at - number * interval '12 hours'",
)
DELIVERIES = _copies(
    Delivery,
    f"{Notification._meta.db_table} AS message WHERE message.subject_id > %(after)s",
    notification_id="message.id",
    sent_at="message.sent_at",
    delivered_at="message.sent_at",
    finished_at="message.sent_at",
)
DOSES = f"""
INSERT INTO {Dose._meta.db_table} (
    schedule_id, prescription_id, patient_id, due_at, local_day, local_time, is_extra, kind, quantity, state,
    answered_at, skip_code, skip_reason, over_limit, reminders_sent, remind_until, missed_at
)
SELECT
    schedule.id, prescription.id, prescription.patient_id, at.due, at.due::date, at.due::time, false, 'planned', 1,
    CASE
        WHEN at.due > %(now)s THEN 'scheduled'
        WHEN prescription.patient_id / 20 %% 10 = 0 AND at.due > %(now)s - interval '4 days' THEN 'missed'
        ELSE 'taken'
    END,
    CASE WHEN at.due <= %(now)s THEN at.due END,
    '', '', false, 0, at.due + interval '4 hours', at.due + interval '2 hours'
FROM
    {DoseSchedule._meta.db_table} AS schedule
    JOIN {Prescription._meta.db_table} AS prescription ON prescription.id = schedule.prescription_id,
    generate_series(0, {2 * DAYS - 1}) AS number,
    LATERAL (SELECT %(start)s::timestamptz + interval '6 hours' + number * interval '12 hours' AS due) AS at
WHERE prescription.patient_id > %(after)s
ORDER BY number, schedule.id
"""  # noqa: S608
