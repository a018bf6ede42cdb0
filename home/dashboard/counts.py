"""How things stand at clinics, in numbers that are too many to count while somebody waits for a page: counted in the
background, and kept by clinic. What was counted last on a day stays that day's.

Each app registers its own, in its module `dashboard_figures`, beside the figure that shows them.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from home.models import Clinic, ClinicCount

logger = logging.getLogger(__name__)

Numbers = Mapping[str, int]
Count = Callable[[Sequence[Clinic], datetime], Mapping[int, Numbers]]
"""The numbers of each of these clinics, by its id, in a constant number of queries for each zone."""

CLINICS = 50
"""Clinics that are counted together."""
_counts: dict[str, Count] = {}


def register_count(name: str, count: Count) -> None:
    """Have this counted; ValueError when there is one of its name."""
    if name in _counts:
        raise ValueError(f"“{name}” is counted already.")
    _counts[name] = count


def count_all(*, now: datetime) -> int:
    """Count everything of every clinic anew, some clinics at a time; how many numbers of clinics are kept.

    What fails is logged, and stays as it was counted before; the rest is counted all the same.
    """
    kept = 0
    for some in some_at_a_time(Clinic.objects.order_by("id")):
        today = {clinic.pk: now.astimezone(ZoneInfo(clinic.zone)).date() for clinic in some}
        for name, count in _counts.items():
            try:
                # Outside: a transaction of SQLite keeps everybody else from writing, and a count takes seconds.
                found = count(some, now)
                with transaction.atomic():
                    kept += keep(name, {(id_, today[id_]): numbers for id_, numbers in found.items()}, now)
            except Exception:
                logger.exception("“%(name)s” can't be counted.", {"name": name})
    return kept


def counted(name: str, clinics: Sequence[Clinic], *, since: datetime) -> Numbers:
    """What these clinics have together, of what was counted since then, of each its last day; empty where nothing was.
    One query.
    """
    rows = ClinicCount.objects.filter(clinic__in=clinics, name=name, at__gte=since).order_by("day")
    newest: dict[int, Numbers] = dict(rows.values_list("clinic_id", "numbers"))
    return total(newest.values())


def total(each: Iterable[Numbers]) -> Counter[str]:
    """All of them together."""
    found: Counter[str] = Counter()
    for numbers in each:
        found.update(numbers)
    return found


def some_at_a_time(clinics: Iterable[Clinic]) -> Iterator[list[Clinic]]:
    every = list(clinics)
    for start in range(0, len(every), CLINICS):
        yield every[start : start + CLINICS]


def keep(name: str, found: Mapping[tuple[int, date], Numbers], now: datetime) -> int:
    """Keep what was counted of each clinic and day; how many."""
    rows = [
        ClinicCount(clinic_id=clinic_id, day=day, name=name, numbers=dict(numbers), at=now)
        for (clinic_id, day), numbers in found.items()
    ]
    ClinicCount.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["clinic", "name", "day"],
        update_fields=["numbers", "at"],
        batch_size=1000,
    )
    return len(rows)
