"""A time zone for calendar apps that don't know its name (RFC 5545 3.6.5). Pure.

icalendar makes one too, but gives the onset by the clock after the change, where the RFC wants the one before it; an
app that believes it is an hour out for the hour after the clocks were put forward.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY = timedelta(days=1)
_NEAR = timedelta(seconds=1)


class _Onset(NamedTuple):
    at: datetime
    before: timedelta
    after: timedelta


@lru_cache(maxsize=128)
def vtimezone(zone: ZoneInfo, first_year: int, last_year: int) -> Timezone:
    """The zone as it is in these years, both included."""
    component = Timezone()
    component.add("TZID", zone.key)
    for onset in _onsets(zone, first_year, last_year):
        local = onset.at.astimezone(zone)
        part = TimezoneDaylight() if local.dst() else TimezoneStandard()
        part.DTSTART = (onset.at + onset.before).replace(tzinfo=None)
        part.TZOFFSETFROM = onset.before
        part.TZOFFSETTO = onset.after
        part.add("TZNAME", local.tzname())
        component.add_component(part)
    return component


def _onsets(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[_Onset]:
    """The offset when the first year begins, and each change of it after that. In UTC, exact to a second."""
    # A day more on either side: the years are the zone's own.
    moment = datetime(first_year, 1, 1, tzinfo=UTC) - _DAY
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC) + _DAY
    offset = _offset(moment, zone)
    yield _Onset(moment, offset, offset)
    while moment < end:
        later = moment + _DAY
        if (after := _offset(later, zone)) != offset:
            yield _Onset(_change(moment, later, zone), offset, after)
            offset = after
        moment = later


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = _offset(before, zone)
    while after - before > _NEAR:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
