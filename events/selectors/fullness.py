"""How full events were: places, who joined, waited, came and did not come; by series, or by month."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Count, F, Q, QuerySet, Sum
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.functions import TruncMonth

from events.models import HAS_PLACE, Attendance, ClinicEvent
from events.rules.months import bounds, month_after

_CANCELLED = Q(state=ClinicEvent.State.CANCELLED)
_JOINED, _WAITING = Attendance.State.JOINED, Attendance.State.WAITING
_CAME, _NO_SHOW = Attendance.State.ATTENDED, Attendance.State.NO_SHOW


@dataclass(frozen=True, kw_only=True)
class Fullness:
    """The numbers of some events.

    `cancelled` ones aren't among the `events`, nor is whoever had joined them. `places` are those of the events that
    have a limit, None without any, and `taken` how many of those are. `joined` counts whoever has or had a place:
    those who `came`, those who did not, and the rest, of whom `unmarked` were at an event that is over, and nobody has
    noted whether they came.
    """

    events: int = 0
    cancelled: int = 0
    places: int | None = None
    taken: int = 0
    joined: int = 0
    waiting: int = 0
    came: int = 0
    no_shows: int = 0
    unmarked: int = 0

    @property
    def percent(self) -> int | None:
        """How many of a hundred places are taken; None where nothing has a limit."""
        return round(100 * self.taken / self.places) if self.places else None


def by_series(series_ids: Collection[int], within: Q, *, now: datetime) -> dict[int, Fullness]:
    """The numbers of each of these series, of their events `within` a time. Two queries."""
    events = ClinicEvent.objects.filter(within, series_id__any_of=series_ids)
    return _counted(events, F("series_id"), F("event__series_id"), now)


def by_month(
    events: QuerySet[ClinicEvent], *, last: date, months: int, zone: str, now: datetime
) -> dict[date, Fullness]:
    """The numbers of these events for each of the months up to the last, the oldest first, in that zone. Two queries.

    A month is its first day.
    """
    wanted = [month_after(last, -number) for number in range(months - 1, -1, -1)]
    within = events.filter(starts_at__gte=bounds(wanted[0], zone)[0], starts_at__lt=bounds(last, zone)[1])
    tz = ZoneInfo(zone)
    found = _counted(
        within, TruncMonth("starts_at", tzinfo=tz), TruncMonth("event__starts_at", tzinfo=tz), now
    )
    by_day = {month.date(): numbers for month, numbers in found.items()}
    return {month: by_day.get(month, Fullness()) for month in wanted}


def _counted(
    events: QuerySet[ClinicEvent], group: Combinable, group_of_people: Combinable, now: datetime
) -> dict[Any, Fullness]:
    rows = (
        events.order_by()
        .annotate(group=group)
        .values("group")
        .annotate(
            held=Count("pk", filter=~_CANCELLED),
            cancelled=Count("pk", filter=_CANCELLED),
            places=Sum("capacity", filter=~_CANCELLED),
        )
    )
    people = (
        Attendance.objects.filter(event__in=events.exclude(_CANCELLED).order_by())
        .order_by()
        .values(
            "state",
            group=group_of_people,
            limited=_is(Q(event__capacity__isnull=False)),
            over=_is(Q(event__ends_at__lte=now)),
        )
        .annotate(number=Count("*"))
    )
    listed: dict[Any, list[Mapping[str, Any]]] = {}
    for each in people:
        listed.setdefault(each["group"], []).append(each)
    return {
        row["group"]: Fullness(
            events=row["held"],
            cancelled=row["cancelled"],
            places=row["places"],
            taken=_sum(listed.get(row["group"], ()), HAS_PLACE, limited=True),
            joined=_sum(listed.get(row["group"], ()), HAS_PLACE),
            waiting=_sum(listed.get(row["group"], ()), (_WAITING,)),
            came=_sum(listed.get(row["group"], ()), (_CAME,)),
            no_shows=_sum(listed.get(row["group"], ()), (_NO_SHOW,)),
            unmarked=_sum(listed.get(row["group"], ()), (_JOINED,), over=True),
        )
        for row in rows
    }


def _is(condition: Q) -> Combinable:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _sum(rows: Collection[Mapping[str, Any]], states: Collection[str], **more: bool) -> int:
    return sum(
        row["number"]
        for row in rows
        if row["state"] in states and all(row[name] is value for name, value in more.items())
    )
