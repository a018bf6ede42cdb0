"""10,000 series of many clinics, generated four weeks ahead, next to `exists()` and `create()` per date.

The work is all of `generate`: read the series, expand their patterns, look for what is there, and insert the gaps. The
floor does it as it is usually written, a query and an insert for each date, on a sample of the series, in the same
run. `rate` and `floor_rate` are occurrences a second. `again` is what a second run of everything takes, which finds
nothing to do; `queries` is the number of statements of the first.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import ClinicEvent, EventSeries, SeriesDate
from events.rules.notice_times import next_at
from events.rules.recurrence import expand
from events.services.generation import WEEKS, generate
from home.models import Clinic
from tests.bench._result import Result

CLINICS = 50

_TIMES = {"start_time": "10:00", "end_time": "12:00"}
_PATTERNS = (
    {"type": "weekly", "weekday": 1, **_TIMES},
    {"type": "weekly", "weekdays": [0, 2, 4], "interval": 2, "start_date": "2020-01-06", **_TIMES},
    {"type": "monthly", "month_day": 15, "clamp": True, **_TIMES},
    {"type": "monthly", "nth": -1, "weekday": 4, "skip_public_holidays": True, **_TIMES},
    {"type": "weekly", "weekday": 3, "start_time": "22:00", "end_time": "02:00"},
)


@dataclass(frozen=True, slots=True)
class Size:
    series: int = 10_000
    sample: int = 150


SMALL = Size(series=100, sample=10)


def prepare(size: Size) -> None:
    _series(size.series)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def run(size: Size) -> Result:
    now = timezone.now()
    with CaptureQueriesContext(connection) as captured:
        rows = generate(now=now).made  # also fills the caches
    _empty()
    floor_rate = _rate(lambda: _one_by_one(now, size.sample))
    _empty()
    rate = _rate(lambda: generate(now=now).made)
    start = time.perf_counter()
    assert generate(now=now).made == 0
    again = time.perf_counter() - start
    return Result(
        "recurrence",
        rows=rows,
        rate=rate,
        floor_rate=floor_rate,
        more={
            "series": size.series,
            "again": round(again, 2),
            "queries": len(captured),
            "floor_series": size.sample,
        },
    )


def _rate(call: Callable[[], int]) -> float:
    start = time.perf_counter()
    made = call()
    return made / (time.perf_counter() - start)


def _one_by_one(now: datetime, sample: int) -> int:
    """As it is usually written; the rules are ours, so that only the way to the database differs."""
    made = 0
    # Any: the types of the models don't know what modeltranslation adds to them.
    chosen: Iterable[Any] = islice(EventSeries.objects.select_related("clinic").order_by("id"), sample)
    for series in chosen:
        with transaction.atomic():
            zone = series.clinic.timezone
            today = now.astimezone(ZoneInfo(zone)).date()
            for starts_at, ends_at in expand(series.config, today, today + timedelta(weeks=WEEKS), zone):
                if (
                    starts_at <= now
                    or ClinicEvent.objects.filter(series=series, original_start=starts_at).exists()
                ):
                    continue
                ClinicEvent.objects.create(
                    series=series,
                    clinic=series.clinic,
                    title_en=series.title_en,
                    title_af=series.title_af,
                    place=series.place,
                    original_start=starts_at,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    reminders=series.reminders,
                    next_notice_at=next_at(starts_at, ends_at, series.reminders, now=now),
                )
                made += 1
    return made


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {ClinicEvent._meta.db_table}, {SeriesDate._meta.db_table} CASCADE")


def _series(count: int) -> None:
    clinics = [Clinic(name=f"Langa Clinic {number}") for number in range(CLINICS)]
    Clinic.objects.bulk_create(clinics)
    EventSeries.objects.bulk_create(
        (
            EventSeries(
                clinic=clinics[number % CLINICS],
                title_en=f"Club {number}",
                title_af=f"Klub {number}",
                place="Hall",
                config=_PATTERNS[number % len(_PATTERNS)],
            )
            for number in range(count)
        ),
        batch_size=1000,
    )
