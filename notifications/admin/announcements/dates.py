"""The dates of a recurring announcement, as its page lists them: what became of each, and which are still to come."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.admin.announcements.announcement import state
from notifications.admin.announcements.pattern import pages
from notifications.announcements.recurring import ahead, so_far, zone_of
from notifications.models import Announcement
from notifications.recurrence import PlannedDate
from notifications.web.moments import shown_moment, zone_note

SHOWN = 5
"""Of those to come."""
LATELY = timedelta(days=92)
"""Of those that were; earlier ones are in the list of announcements."""


class ShownDate(NamedTuple):
    """`id` is that of the announcement of this date, with its report; None where nobody was told."""

    when: str
    state: str
    id: int | None = None


def shown(announcement: Announcement, *, now: datetime) -> dict[str, Any]:
    """What the page shows of its dates, the latest first, at the times of its clinic; and, for a reader of another
    zone, whose times they are. Two queries.
    """
    zone = zone_of(announcement)
    note = zone_note(zone)
    with timezone.override(ZoneInfo(zone)):
        return {"dates": _dates(announcement, now, zone), "zone_note": note}


def _dates(announcement: Announcement, now: datetime, zone: str) -> list[ShownDate]:
    since = now - LATELY
    made = {
        each.day: each
        for each in announcement.dates.filter(day__gte=timezone.localdate(since)).select_related(
            "event_record"
        )
    }
    following = [] if announcement.stopped_at else list(islice(ahead(announcement, now, zone), SHOWN))
    told = so_far(announcement, announcement.stopped_at or now, since, zone)
    return [_shown(announcement, each, made.get(each.day), now, zone) for each in (*following[::-1], *told)]


def _shown(
    announcement: Announcement, planned: PlannedDate, made: Announcement | None, now: datetime, zone: str
) -> ShownDate:
    when = shown_moment(planned.at, now=now)
    if made is not None:
        return ShownDate(when, state(made, None, zone), made.pk)
    if planned.left_out:
        pattern: Any = announcement.pattern
        return ShownDate(when, pages().left_out(pattern, planned.day))
    if planned.day >= timezone.localdate(now):
        return ShownDate(when, _("to come"))
    return ShownDate(when, _("missed: nobody was told, since the site was not running"))
