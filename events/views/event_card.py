"""An event as the patients' lists show it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import CONCERNED, Attendance
from events.views import moments
from events.views.place_words import Tag, free_places, own_tag, places


@dataclass(frozen=True, slots=True)
class EventCard:
    """`event` is one of `visible_to`. Days and times are local to the clinic; `zone` is its name if the reader's
    clock differs.

    `is_open`: people may join and leave. `can_join`, `has_place` and `waits` are about the reader, while it is open.
    `moves_up`: a place that becomes free goes to the waiting list.
    `refused`: why joining or leaving was just refused. `is_fresh`: joined while the page was open, so it can be undone.
    """

    event: Any
    local_date: date
    day: str
    time: str
    zone: str
    where: str
    places: str
    tag: Tag | None
    is_open: bool
    is_full: bool
    can_join: bool
    has_place: bool
    waits: bool
    moves_up: bool
    turn: int | None
    refused: str = ""
    is_fresh: bool = False

    @property
    def is_cancelled(self) -> bool:
        return bool(self.event.state == self.event.State.CANCELLED)

    @property
    def when(self) -> str:
        """As "Tuesday 8 December, 10:00 to 12:00"."""
        return _("%(day)s, %(time)s") % {"day": self.day, "time": self.time}


def card(
    event: Any, turn: int | None, *, now: datetime, refused: str = "", is_fresh: bool = False
) -> EventCard:
    """`turn`: the reader's place on the waiting list, if they wait. Texts are in the active language."""
    zone = ZoneInfo(event.clinic.zone)
    local_date = event.starts_at.astimezone(zone).date()
    is_open = event.is_open(now)
    return EventCard(
        event=event,
        local_date=local_date,
        day=moments.day(local_date, today=now.astimezone(zone).date()),
        time=moments.span(event.starts_at, event.ends_at, zone),
        zone=moments.zone_to_name(event.starts_at, zone, ZoneInfo(timezone.get_current_timezone_name())),
        where=", ".join(filter(None, (event.place, event.clinic.name))),
        places=places(event) if is_open else "",
        tag=own_tag(event, turn, is_over=event.ends_at <= now),
        is_open=is_open,
        is_full=free_places(event) == 0,
        can_join=is_open and event.mine in (None, Attendance.State.LEFT),
        has_place=is_open and event.mine == Attendance.State.JOINED,
        waits=is_open and event.mine == Attendance.State.WAITING,
        moves_up=event.moves_up(now),
        turn=turn,
        refused=refused,
        is_fresh=is_fresh and is_open and event.mine in CONCERNED,
    )


def cards(
    events: Iterable[Any], turns: Mapping[int, int], *, now: datetime, fresh: Container[int] = ()
) -> list[EventCard]:
    """`fresh` are the ids of events that were joined while the page was open."""
    return [card(event, turns.get(event.pk), now=now, is_fresh=event.pk in fresh) for event in events]


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    cards: list[EventCard]


def groups(found: Sequence[EventCard], *, now: datetime) -> list[Group]:
    """By local day of the clinic; first those that have begun already."""
    begun = [each for each in found if each.is_open and each.event.starts_at <= now]
    ahead = sorted(
        (each for each in found if each not in begun),
        key=lambda each: (each.local_date, each.event.starts_at),
    )
    days = [Group(day, list(theirs)) for day, theirs in groupby(ahead, key=lambda each: each.day)]
    return [Group(_("On now"), begun), *days] if begun else days
