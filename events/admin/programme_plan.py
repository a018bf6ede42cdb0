"""What a programme will be at each clinic, in words, for the page that managers see before it is made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from events.admin.clinic_time import clinic_span
from events.admin.pattern_words import pattern_words
from events.admin.preview import NextDates, next_dates
from events.models import ClinicEvent, EventSeries, read_config
from events.rules.recurrence import expand
from events.services.generation import WEEKS
from events.services.programme import AtClinic
from notifications.web.moments import zone_note

_SURELY_SHORTER = timedelta(days=2)
"""Than any event of a pattern is."""
MOST_CLASHES = 5
"""At most so many are listed of a clinic; the first ones."""


@dataclass(frozen=True, kw_only=True)
class ClinicPlan:
    """One clinic of the page. `warnings` are sentences about what may not be meant; they forbid nothing."""

    name: str
    place: str
    capacity: int | None
    words: str
    zone_note: str
    dates: NextDates
    warnings: list[str]


class _Event(NamedTuple):
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime


def clinic_plans(clinics: Sequence[AtClinic], *, title: str, now: datetime) -> list[ClinicPlan]:
    """The clinics in their order. Two queries, however many there are."""
    ids = [each.clinic.pk for each in clinics]
    planned = _planned(ids, now)
    known = set(
        EventSeries.objects.filter(clinic__in=ids, title_en__iexact=title).values_list("clinic_id", flat=True)
    )
    return [
        _clinic_plan(each, planned.get(each.clinic.pk, []), each.clinic.pk in known, now) for each in clinics
    ]


def _clinic_plan(at: AtClinic, planned: Sequence[_Event], has_namesake: bool, now: datetime) -> ClinicPlan:
    config, zone = read_config(at.recurring_config), at.clinic.zone
    warnings = [_("This clinic has a series with this title already.")] if has_namesake else []
    today = now.astimezone(ZoneInfo(zone)).date()
    soon = [times for times in expand(config, today, today + timedelta(weeks=WEEKS), zone) if times[0] > now]
    warnings += _clash_words(soon, at.place, planned, zone, now)
    return ClinicPlan(
        name=at.clinic.name,
        place=at.place,
        capacity=at.capacity,
        words=pattern_words(config),
        zone_note=zone_note(zone),
        dates=next_dates(config, zone=zone, now=now),
        warnings=warnings,
    )


def _planned(clinic_ids: Sequence[int], now: datetime) -> dict[int, list[_Event]]:
    """The events of these clinics in the weeks for which events are made, by clinic."""
    events = ClinicEvent.objects.filter(
        clinic__in=clinic_ids,
        state=ClinicEvent.State.PLANNED,
        ends_at__gt=now,
        starts_at__lt=now + timedelta(weeks=WEEKS) + _SURELY_SHORTER,
    ).order_by("starts_at", "id")
    found: dict[int, list[_Event]] = {}
    for event in events.only("clinic", "title_en", "title_af", "place", "starts_at", "ends_at"):
        row = _Event(event.title, event.place, event.starts_at, event.ends_at)
        found.setdefault(event.clinic_id, []).append(row)
    return found


def _clash_words(
    soon: Iterable[tuple[datetime, datetime]], place: str, planned: Sequence[_Event], zone: str, now: datetime
) -> list[str]:
    """Of each event that is at the same time in the same venue; where a venue isn't known, it may be the same."""
    clashes = {
        event
        for start, end in soon
        for event in planned
        if event.starts_at < end and start < event.ends_at and _may_be_the_same(event.place, place)
    }
    return [
        _("At the same time in the same place: “%(title)s”, %(when)s.")
        % {"title": event.title, "when": clinic_span(event.starts_at, event.ends_at, zone, now=now)}
        for event in sorted(clashes, key=lambda event: (event.starts_at, event.title))[:MOST_CLASHES]
    ]


def _may_be_the_same(one: str, other: str) -> bool:
    one, other = one.strip().casefold(), other.strip().casefold()
    return not one or not other or one == other
