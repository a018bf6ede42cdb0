"""20,000 schedules become the doses of two weeks, next to one INSERT of the very rows that this made.

The work is all of `expand_doses`: find the schedules that are behind, lock their prescriptions, lay out each plan on
its patient's wall, and insert the rows. The floor copies these rows from another table, in one statement. `peak_mib` is
the most memory that the process had, and `peak_mib_of_a_tenth` what it had when a tenth was done.
`seconds` are those of the first run, `again` those of a second one, which finds nothing to do.
"""

import time
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from home.models import Clinic, Patient
from medications.models import Dose, DoseSchedule, Medicine, Prescription
from medications.services.expansion import expand_doses
from tests.bench._memory import peak_mib
from tests.bench._result import Goal, Result

GOALS = (Goal("seconds for 20,000 schedules", at_most=10, figure=lambda run: run.more["seconds"]),)

_RULES = (
    {"kind": "times", "times": ["08:00"], "quantity": "1"},
    {"kind": "times", "times": ["08:00", "20:00"], "quantity": "0.5"},
    {"kind": "times", "times": ["08:00"], "weekdays": [0], "quantity": "4"},
    {"kind": "every_n_days", "n": 2, "start_date": "2026-01-01", "times": ["21:00"], "quantity": "1"},
    {"kind": "times", "times": ["evening"], "quantity": "2"},
)
_TABLE = Dose._meta.db_table


@dataclass(frozen=True, slots=True)
class Size:
    schedules: int = 20_000


SMALL = Size(schedules=100)


def prepare(size: Size) -> None:
    _prescriptions(size.schedules)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def run(size: Size) -> Result:
    """Rates are doses a second."""
    now = timezone.now()
    prescriptions = list(Prescription.objects.order_by("pk").values_list("pk", flat=True))
    expand_doses(now=now, prescriptions=prescriptions[: size.schedules // 10])
    peak_of_a_tenth = peak_mib()
    _forget()
    start = time.perf_counter()
    made = expand_doses(now=now)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    assert expand_doses(now=now) == 0
    again = time.perf_counter() - start
    peak = peak_mib()
    _put_aside()
    start = time.perf_counter()
    assert _put_back() == made
    floor_seconds = time.perf_counter() - start
    return Result(
        "expansion",
        rows=made,
        rate=made / seconds,
        floor_rate=made / floor_seconds,
        more={
            "schedules": size.schedules,
            "seconds": round(seconds, 2),
            "again": round(again, 2),
            "peak_mib": round(peak),
            "peak_mib_of_a_tenth": round(peak_of_a_tenth),
        },
    )


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLE} CASCADE")
    DoseSchedule.objects.update(expanded_until=None)


def _put_aside() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE made AS TABLE {_TABLE}")
        cursor.execute(f"TRUNCATE {_TABLE} CASCADE")


def _put_back() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_TABLE} TABLE made")
        return int(cursor.rowcount)


def _prescriptions(count: int) -> None:
    """One for each patient, with one schedule each."""
    clinic = Clinic.objects.create(name="Langa Clinic")
    medicine = Medicine.objects.create(name_en="Metformin", name_af="Metformien", strength="500 mg")
    patients = Patient.objects.bulk_create(
        [Patient(clinic=clinic, first_name="Thandi", last_name=f"Nkosi {n}") for n in range(count)],
        batch_size=1000,
    )
    prescriptions = Prescription.objects.bulk_create(
        [
            Prescription(patient=patient, medicine=medicine, start_date=date(2026, 1, 1))
            for patient in patients
        ],
        batch_size=1000,
    )
    DoseSchedule.objects.bulk_create(
        [
            DoseSchedule(prescription=prescription, rule=_RULES[number % len(_RULES)])
            for number, prescription in enumerate(prescriptions)
        ],
        batch_size=1000,
    )
