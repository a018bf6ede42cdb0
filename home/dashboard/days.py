"""What happened at clinics day by day: counted in the background, and kept by clinic and local day.

A day isn't over when it ends. Doses are answered late, receipts come days after a message, a visit is put right, and
whoever was called today comes next week. So days are counted anew: each hour the last three, in which nearly all of
that happens, and two of the six weeks before, so that within a day each of those has had its turn. What is older stays
as it was counted last (docs/decisions/0134).

Each app registers what it counts in its module `dashboard_figures`.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from home.dashboard.counts import Numbers, keep, some_at_a_time, total
from home.models import Clinic, ClinicCount
from notifications import registry

logger = logging.getLogger(__name__)

RECENT = 3
"""Days, with today, that are counted each hour."""
_OLDER_AT_ONCE, _HOURS = 2, 24
COUNTED_AGAIN = RECENT + _OLDER_AT_ONCE * _HOURS
"""Days, with today, of which each is counted at least once a day."""
_A_DAY = timedelta(days=1)
_A_MONTH = 28
"""Days that are rebuilt together."""


@dataclass(frozen=True, slots=True)
class Days:
    """Local days in one time zone, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment after them."""
        return datetime.combine(self.last + _A_DAY, time(), self.zone)


DayCount = Callable[[Sequence[Clinic], Days], Mapping[tuple[int, date], Numbers]]
"""The numbers of each of these clinics on each of these days, by both; none where nothing happened. The clinics are all
in that zone. In a constant number of queries.
"""
_day_counts: dict[str, DayCount] = {}


def register_day_count(name: str, count: DayCount) -> None:
    """Have this counted; ValueError when there is one of its name."""
    if name in _day_counts:
        raise ValueError(f"“{name}” is counted by day already.")
    _day_counts[name] = count


def count_hour(*, now: datetime) -> int:
    """Count the days whose turn it is in this hour; how many numbers are kept."""
    older = RECENT + _OLDER_AT_ONCE * now.hour
    return count_days(now=now, days=RECENT) + count_days(now=now, days=_OLDER_AT_ONCE, ago=older)


def count_days(*, now: datetime, days: int, ago: int = 0) -> int:
    """Count so many days of every clinic anew, the last of them so many days `ago`; how many numbers are kept.

    What fails is logged, and stays as it was counted before; the rest is counted all the same. Safe to repeat, in any
    order, and twice at once.
    """
    kept = 0
    for zone, clinics in _by_zone():
        last = now.astimezone(zone).date() - ago * _A_DAY
        span = Days(last - (days - 1) * _A_DAY, last, zone)
        for some in some_at_a_time(clinics):
            for name, count in _day_counts.items():
                try:
                    kept += _count(name, count, some, span, now)
                except Exception:
                    logger.exception("“%(name)s” can't be counted by day.", {"name": name})
    return kept


def days_rebuild(*, now: datetime) -> tuple[date, int]:
    """Count all days anew of which no message has been deleted yet; since when, and how many numbers are kept."""
    whole = min(each.retention for each in registry.event_types()).days - 2  # in whichever zone
    months = whole // _A_MONTH
    kept = sum(count_days(now=now, days=_A_MONTH, ago=month * _A_MONTH) for month in range(months))
    return (now - (months * _A_MONTH - 1) * _A_DAY).date(), kept


def counted_on(name: str, clinics: Sequence[Clinic], day: date, *, since: datetime) -> Numbers:
    """What these clinics have together of this day, of what was counted since then. One query."""
    rows = ClinicCount.objects.filter(clinic__in=clinics, name=name, day=day, at__gte=since)
    return total(rows.values_list("numbers", flat=True))


def _by_zone() -> Iterator[tuple[ZoneInfo, list[Clinic]]]:
    zones: dict[str, list[Clinic]] = defaultdict(list)
    for clinic in Clinic.objects.order_by("id"):
        zones[clinic.zone].append(clinic)
    for name, clinics in zones.items():
        yield ZoneInfo(name), clinics


def _count(name: str, count: DayCount, clinics: Sequence[Clinic], span: Days, now: datetime) -> int:
    # Outside: a transaction of SQLite keeps everybody else from writing, and a count takes seconds.
    found = count(clinics, span)
    before = ClinicCount.objects.filter(
        clinic__in=clinics, name=name, day__gte=span.first, day__lte=span.last
    )
    with transaction.atomic():
        gone = [id_ for id_, *key in before.values_list("id", "clinic_id", "day") if tuple(key) not in found]
        if gone:
            ClinicCount.objects.filter(pk__in=gone).delete()
        return keep(name, found, now)
