"""Low stock and expiry of 20,000 prescriptions, next to one SQL statement that adds up the same rows.

The work is all of `send_low_stock_warnings` and `send_expiry_warnings`, with what they publish: look at the supplies
that were never looked at, and at the batches that expire soon, use each batch up to its last day, and find the first
dose that can't be met. The floor lets PostgreSQL add up the open doses of each prescription, as a running total, and
compare it with the sum of its batches; it knows no expiry, no zones and no settings, and publishes nothing. `rate` and
`floor_rate` are prescriptions a second; the floor looks twice, since there are two checks. A tenth runs low, a tenth
expires. `low_stock` and `expiry` are the seconds of each, of the first run and of one that has nothing to do; `peak_mb`
is the most memory that Python held at once in a run, for a tenth of the prescriptions and for all of them.
"""

import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from home.models import Clinic, Patient
from medications.models import DoseSchedule, Medicine, Prescription, StockBatch, StockMovement
from medications.services.stock_warnings import send_expiry_warnings, send_low_stock_warnings
from notifications.models import EventRecord
from tests.bench._result import Goal, Result

GOALS = (
    Goal("seconds of both checks for 20,000 prescriptions", at_most=3, figure=lambda run: 20_000 / run.rate),
)

CLINICS = 50
DAYS = 14


@dataclass(frozen=True, slots=True)
class Size:
    prescriptions: int = 20_000
    rounds: int = 3


SMALL = Size(prescriptions=200, rounds=1)


def run(size: Size) -> Result:
    """The medians of `size.rounds` rounds."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    tenth = size.prescriptions // 10
    _fill(tenth, now)
    few = _peak(lambda: _check(now))
    _fill(size.prescriptions - tenth, now)
    _forget()
    all_of_them = _peak(lambda: _check(now))
    floors, low, expiry, low_again, expiry_again = [], [], [], [], []
    for _ in range(size.rounds):
        floors.append(size.prescriptions / _seconds(lambda: (_floor(now), _floor(now))))
        _forget()
        low.append(_seconds(lambda: send_low_stock_warnings(now=now)))
        expiry.append(_seconds(lambda: send_expiry_warnings(now=now)))
        low_again.append(_seconds(lambda: send_low_stock_warnings(now=now)))
        expiry_again.append(_seconds(lambda: send_expiry_warnings(now=now)))
    return Result(
        "stock",
        rows=size.prescriptions,
        rate=size.prescriptions / (statistics.median(low) + statistics.median(expiry)),
        floor_rate=statistics.median(floors),
        more={
            "low_stock": [round(statistics.median(each), 2) for each in (low, low_again)],
            "expiry": [round(statistics.median(each), 2) for each in (expiry, expiry_again)],
            "peak_mb": [round(few, 1), round(all_of_them, 1)],
        },
    )


def _check(now: datetime) -> tuple[int, int]:
    return send_low_stock_warnings(now=now), send_expiry_warnings(now=now)


def _floor(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(FLOOR, {"now": now, "today": now.date()})
        return len(cursor.fetchall())


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _peak(call: Callable[[], Any]) -> float:
    """The most memory, in MB, that Python held at once during the call, above what it held before."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {EventRecord._meta.db_table} CASCADE")
    Prescription.objects.update(stock_due_at=None)


def _fill(count: int, now: datetime) -> None:
    """Prescriptions of one tablet twice a day, with a fortnight of doses and two batches."""
    number = Clinic.objects.count()
    clinics = Clinic.objects.bulk_create(
        Clinic(name=f"Langa Clinic {number + each}") for each in range(CLINICS)
    )
    medicine = Medicine.objects.create(name_en="Metformin", name_af="Metformien")
    patients = Patient.objects.bulk_create(
        (
            Patient(clinic=clinics[each % CLINICS], first_name="Thandi", last_name=f"Nkosi {each}")
            for each in range(count)
        ),
        batch_size=5000,
    )
    today = now.date()
    prescriptions = Prescription.objects.bulk_create(
        (
            Prescription(patient=patient, medicine=medicine, start_date=today - timedelta(days=30))
            for patient in patients
        ),
        batch_size=5000,
    )
    DoseSchedule.objects.bulk_create(
        (
            DoseSchedule(
                prescription=each,
                rule={"kind": "times", "times": ["08:00", "20:00"], "quantity": "1"},
                expanded_until=today + timedelta(days=DAYS),
            )
            for each in prescriptions
        ),
        batch_size=5000,
    )
    first = prescriptions[0].pk
    with connection.cursor() as cursor:
        cursor.execute(DOSES, {"first": first, "now": now, "doses": 2 * DAYS})
        cursor.execute(BATCHES, {"first": first, "now": now, "today": today})
        cursor.execute(MOVEMENTS, {"first": first})
        cursor.execute("ANALYZE")
    assert StockMovement.objects.count() == StockBatch.objects.count()


DOSES = """
INSERT INTO medications_dose
    (schedule_id, prescription_id, patient_id, kind, due_at, is_extra, quantity, state, skip_code, skip_reason,
     over_limit, reminders_sent, remind_until, missed_at)
SELECT s.id, p.id, p.patient_id, 'planned', %(now)s + n * interval '12 hours', false, 1, 'scheduled', '', '', false, 0,
    %(now)s + n * interval '12 hours' + interval '4 hours', %(now)s + n * interval '12 hours' + interval '2 hours'
FROM medications_prescription AS p
JOIN medications_doseschedule AS s ON s.prescription_id = p.id
CROSS JOIN generate_series(1, %(doses)s) AS n
WHERE p.id >= %(first)s
"""

BATCHES = """
INSERT INTO medications_stockbatch
    (medicine_id, prescription_id, batch_number, quantity, expiry_date, received_at)
SELECT p.medicine_id, p.id, 'B' || n,
    CASE WHEN p.id %% 10 = 0 THEN 4 WHEN p.id %% 10 = 1 AND n = 1 THEN 28 ELSE 56 END,
    CASE WHEN p.id %% 10 = 1 AND n = 1 THEN %(today)s + 4 ELSE %(today)s + 400 END,
    %(now)s - interval '20 days'
FROM medications_prescription AS p CROSS JOIN generate_series(1, 2) AS n
WHERE p.id >= %(first)s
"""

MOVEMENTS = """
INSERT INTO medications_stockmovement (batch_id, prescription_id, quantity, kind, at, why)
SELECT id, prescription_id, quantity, 'received', received_at, ''
FROM medications_stockbatch WHERE prescription_id >= %(first)s
"""

FLOOR = """
SELECT prescription_id, min(due_at) FROM (
    SELECT d.prescription_id, d.due_at, held.quantity,
        sum(d.quantity) OVER (PARTITION BY d.prescription_id ORDER BY d.due_at, d.id) AS needed
    FROM medications_dose AS d
    JOIN (
        SELECT prescription_id, sum(quantity) AS quantity FROM medications_stockbatch
        WHERE expiry_date >= %(today)s AND prescription_id IS NOT NULL GROUP BY prescription_id
    ) AS held ON held.prescription_id = d.prescription_id
    WHERE d.due_at > %(now)s - interval '24 hours' AND d.state IN ('scheduled', 'unanswered', 'missed')
) AS running
WHERE needed > quantity
GROUP BY prescription_id
"""
