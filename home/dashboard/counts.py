"""Numbers that are too many to count while somebody waits for a page: counted in the background, and kept by clinic.

Each app registers its own, in its module `dashboard_figures`, beside the figure that shows them.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

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
    clinics = list(Clinic.objects.order_by("id"))
    kept = 0
    for start in range(0, len(clinics), CLINICS):
        some = clinics[start : start + CLINICS]
        for name, count in _counts.items():
            try:
                # Outside: a transaction of SQLite keeps everybody else from writing, and a count takes seconds.
                found = count(some, now)
                with transaction.atomic():
                    kept += _keep(name, found, now)
            except Exception:
                logger.exception("“%(name)s” can't be counted.", {"name": name})
    return kept


def counted(name: str, clinics: Sequence[Clinic], *, since: datetime) -> Numbers:
    """What these clinics have together, of what was counted since then; empty where nothing was. One query."""
    rows = ClinicCount.objects.filter(clinic__in=clinics, name=name, at__gte=since)
    total: Counter[str] = Counter()
    for numbers in rows.values_list("numbers", flat=True):
        total.update(numbers)
    return total


def _keep(name: str, found: Mapping[int, Numbers], now: datetime) -> int:
    rows = [
        ClinicCount(clinic_id=clinic_id, name=name, numbers=dict(numbers), at=now)
        for clinic_id, numbers in found.items()
    ]
    ClinicCount.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["clinic", "name"], update_fields=["numbers", "at"]
    )
    return len(rows)
