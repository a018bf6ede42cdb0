"""20,000 schedules become the doses of two weeks, next to one INSERT of the very rows that this made.

The work is all of `expand_doses`: find the schedules that are behind, lock their prescriptions, lay out each plan on
its patient's wall, and insert the rows. The floor copies these rows from another table, in one statement. `peak_mib` is
the most memory that the process had, and `peak_mib_of_a_tenth` what it had when a tenth was done.
`again` is what a second run takes, which finds nothing to do.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from home.models import Clinic, Patient
from medications.models import Dose, DoseSchedule, Medicine, Prescription
from medications.services.expansion import expand_doses
from tests.bench._memory import peak_mib
from tests.bench._result import Result

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
    rounds: int = 3


SMALL = Size(schedules=100, rounds=1)


def run(size: Size) -> Result:
    """The medians of `size.rounds` rounds; rates are doses a second."""
    prescriptions = _prescriptions(size.schedules)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    expand_doses(now=now, prescriptions=prescriptions[: size.schedules // 10])
    peak_of_a_tenth = peak_mib()
    rates, floors, again = [], [], []
    for _ in range(size.rounds):
        _forget()
        rates.append(_rate(lambda: expand_doses(now=now)))
        start = time.perf_counter()
        assert expand_doses(now=now) == 0
        again.append(time.perf_counter() - start)
        peak = peak_mib()
        _put_aside()
        floors.append(_rate(_put_back))
    return Result(
        "expansion",
        rows=Dose.objects.count(),
        rate=statistics.median(rates),
        floor_rate=statistics.median(floors),
        more={
            "schedules": size.schedules,
            "again": round(statistics.median(again), 2),
            "peak_mib": round(peak),
            "peak_mib_of_a_tenth": round(peak_of_a_tenth),
        },
    )


def _rate(call: Callable[[], int]) -> float:
    start = time.perf_counter()
    made = call()
    return made / (time.perf_counter() - start)


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLE} CASCADE")
    DoseSchedule.objects.update(expanded_until=None)


def _put_aside() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS made")
        cursor.execute(f"CREATE TABLE made AS TABLE {_TABLE}")
        cursor.execute(f"TRUNCATE {_TABLE} CASCADE")


def _put_back() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_TABLE} TABLE made")
        return int(cursor.rowcount)


def _prescriptions(count: int) -> list[int]:
    """One for each patient, with one schedule each; their ids."""
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
    return [prescription.pk for prescription in prescriptions]
