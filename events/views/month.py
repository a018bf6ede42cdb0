"""A month of events as a calendar, Monday first."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.selectors.events import between
from events.selectors.lists import at, turns
from events.views import moments
from events.views.event_card import EventCard, cards
from events.views.listing_query import Wanted
from notifications.web.access import PersonalRequest

PAGE = "events/month.html"
_TITLES = 3
"""Of a day, in the table; the day's own list has them all."""
_FURTHEST_CLOCKS = timedelta(hours=15)
"""No clock on a wall is further from UTC."""
_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month, on the wall of each event's clinic; multi-day events stand on the day they begin."""

    date: date
    is_today: bool
    words: str
    cards: list[EventCard]

    @property
    def active(self) -> list[EventCard]:
        """Without the cancelled."""
        return [each for each in self.cards if not each.is_cancelled]

    @property
    def own(self) -> str:
        """What is the reader's on this day: "place", "waiting" or nothing."""
        if any(each.has_place for each in self.cards):
            return "place"
        return "waiting" if any(each.waits for each in self.cards) else ""

    @property
    def first(self) -> list[EventCard]:
        return self.cards if len(self.cards) <= _TITLES else self.cards[: _TITLES - 1]

    @property
    def others(self) -> int:
        return len(self.cards) - len(self.first)

    @property
    def counted(self) -> str:
        """As "2 events, 1 cancelled, you have a place"."""
        cancelled = len(self.cards) - len(self.active)
        words = [
            ngettext("%(count)d event", "%(count)d events", len(self.cards)) % {"count": len(self.cards)}
        ]
        if cancelled:
            words.append(_("%(count)d cancelled") % {"count": cancelled})
        if self.own:
            words.append(_("you have a place") if self.own == "place" else _("you are waiting for a place"))
        return ", ".join(words)


def month_page(
    request: PersonalRequest, context: dict[str, Any], wanted: Wanted, *, now: datetime
) -> HttpResponse:
    """The page of the month that is wanted; for HTMX the calendar alone."""
    first: date = context["month"]
    after = (first + timedelta(days=31)).replace(day=1)
    days = _days(request, wanted, first, after, now=now)
    busy, today = [day for day in days if day.cards], timezone.localdate(now)
    is_this_month = first == today.replace(day=1)
    context |= {
        "month_name": moments.month(first),
        "weekdays": [_weekday(number) for number in range(7)],
        "weeks": _weeks(first, days),
        "busy": [day for day in busy if not (is_this_month and day.date < today)],
        "earlier": [day for day in busy if is_this_month and day.date < today],
        "previous": _link(wanted, (first - timedelta(days=1)).replace(day=1)),
        "following": _link(wanted, after),
        "is_this_month": is_this_month,
    }
    return render(request, f"{PAGE}#month_answer" if request.htmx else PAGE, context)


def _days(request: PersonalRequest, wanted: Wanted, first: date, after: date, *, now: datetime) -> list[Day]:
    start, end = (datetime.combine(each, time.min, ZoneInfo("UTC")) for each in (first, after))
    found = between(request.user, start=start - _FURTHEST_CLOCKS, end=end + _FURTHEST_CLOCKS)
    events = list(at(found, wanted.clinic))
    by_day: dict[date, list[EventCard]] = defaultdict(list)
    for each in cards(events, turns(request.user, [event.pk for event in events]), now=now):
        by_day[each.local_date].append(each)
    today = timezone.localdate(now)
    numbers = range((after - first).days)
    return [
        Day(each, each == today, moments.day(each, today=today), by_day[each])
        for each in (first + timedelta(days=number) for number in numbers)
    ]


def _weeks(first: date, days: Sequence[Day]) -> list[list[Day | None]]:
    """Seven days each; None for those of another month."""
    return [
        [days[number - 1] if number else None for number in week]
        for week in Calendar().monthdayscalendar(first.year, first.month)
    ]


def _weekday(number: int) -> tuple[str, str]:
    """Short and in full, 0 is Monday."""
    each = _MONDAY + timedelta(days=number)
    return dateformat.format(each, "D"), dateformat.format(each, "l")


def _link(wanted: Wanted, month: date) -> tuple[str, str] | None:
    there = wanted.in_month(month)
    return (there.url(), moments.month(month)) if there else None
