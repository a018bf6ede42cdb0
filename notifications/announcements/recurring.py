"""Announcements that are told again and again: begun, told on each of their dates, and what their dates are.

A date is an announcement of its own, made on its day, with its own publication: so its people are looked up then, and
it is followed and stopped as any other one. Days and hours are those of the clinic that it is for
(docs/decisions/0148), whoever looks at them from wherever.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from wagtail.models import WorkflowState

from notifications import audiences, recurrence
from notifications.announcements import approval
from notifications.announcements.publication import announcement_publish
from notifications.event_types import ANNOUNCEMENT
from notifications.models import Announcement, Delivery, EventRecord
from notifications.recurrence import PlannedDate

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=10 * 366)
"""So far ahead it is looked whether there is another date."""
KEPT = timedelta(days=2 * 366)
"""After its next date as it was known last."""


def zone_of(announcement: Announcement) -> str:
    """The time zone (IANA) of its days and hours. One query at most."""
    [zone] = audiences.zones([announcement.within])
    return zone


def today(zone: str, now: datetime) -> date:
    """The day that it is there."""
    return timezone.localdate(now, ZoneInfo(zone))


def ahead(announcement: Announcement, now: datetime, zone: str) -> Iterator[PlannedDate]:
    """Its dates after this moment, in order; those that are left out too."""
    start, end = today(zone, now), today(zone, now + AHEAD)
    return (each for each in _dates(announcement, start, end, zone) if each.at > now)


def next_date(announcement: Announcement, now: datetime, zone: str) -> PlannedDate | None:
    """The next one on which it will be told."""
    return next((each for each in ahead(announcement, now, zone) if not each.left_out), None)


def so_far(announcement: Announcement, now: datetime, since: datetime, zone: str) -> list[PlannedDate]:
    """Its dates from when it began, or since then if that is later, until this moment, the latest first."""
    begun = max(announcement.begun_at or now, since)
    dates = _dates(announcement, today(zone, begun), today(zone, now), zone)
    return [each for each in dates if begun <= each.at <= now][::-1]


def begin(announcement: Announcement, *, now: datetime) -> None:
    """Let it be told from now on, today too if its time is still to come. The caller has the row."""
    announcement.begun_at = now
    following = next_date(announcement, now, zone_of(announcement))
    announcement.delete_at = (following.at if following else now) + KEPT
    announcement.save(update_fields=["begun_at", "delete_at"])
    _tell(announcement, now)


def publish_due(*, now: datetime) -> tuple[int, int]:
    """Publish what is for today, once each, at its time, or at once if that has passed; how many, and how many failed.

    What was for another day, while nobody was there, is told no more. One that fails stops no other.
    """
    published = failed = 0
    for pk in _not_made(now):
        try:
            with transaction.atomic():
                announcement = approval.locked(Announcement, pk)
                if announcement.stopped_at is None:
                    published += _tell(announcement, now)
        except Exception:
            failed += 1
            logger.exception("The announcement %(announcement)s could not be told.", {"announcement": pk})
    return published, failed


def under_way(announcement: Announcement) -> list[int]:
    """The ids of its dates of which something is still to be sent."""
    waits = Delivery.objects.filter(
        notification__event_type=ANNOUNCEMENT,
        notification__event_record_id=OuterRef("event_record_id"),
        finished_at__isnull=True,
    )
    unfinished = Q(event_record__state=EventRecord.State.PENDING) | Exists(waits)
    found = announcement.dates.filter(unfinished, event_record__isnull=False, stopped_at__isnull=True)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _not_made(now: datetime) -> list[int]:
    """The ids of those that recur and have no date of today, wherever it is today for them. Three queries."""
    recurring = Announcement.objects.filter(begun_at__isnull=False, stopped_at__isnull=True).order_by("pk")
    within = dict(recurring.values_list("pk", "within"))
    days = {
        pk: today(zone, now) for pk, zone in zip(within, audiences.zones(list(within.values())), strict=True)
    }
    made = Announcement.objects.filter(of__in=days, day__in=set(days.values()))
    are_made = set(made.values_list("of_id", "day"))
    return [pk for pk, day in days.items() if (pk, day) not in are_made]


def _dates(announcement: Announcement, start: date, end: date, zone: str) -> Iterator[PlannedDate]:
    pattern: Any = announcement.pattern
    return recurrence.dates(pattern, start, end, zone)


def _tell(announcement: Announcement, now: datetime) -> int:
    """Make and publish the date of today, if it has one that isn't made yet; how many were."""
    zone = zone_of(announcement)
    day = today(zone, now)
    for planned in _dates(announcement, day, day, zone):
        if planned.left_out or announcement.begun_at is None or planned.at < announcement.begun_at:
            continue
        told, is_new = Announcement.objects.get_or_create(
            of=announcement,
            day=planned.day,
            defaults={
                "title": announcement.title,
                "message": announcement.message,
                "audiences": announcement.audiences,
                "filters": announcement.filters,
                "within": announcement.within,
                "priority": announcement.priority,
                "author_id": announcement.author_id,
                "at": planned.at,
                "created_at": now,
                "delete_at": now,
            },
        )
        if is_new:
            announcement_publish(told, approved=_is_approved(announcement), now=now)
            following = next_date(announcement, planned.at, zone)
            announcement.delete_at = (following.at if following else now) + KEPT
            announcement.save(update_fields=["delete_at"])
            return 1
    return 0


def _is_approved(announcement: Announcement) -> bool:
    """Whether a second person has approved of it; if not, each date is told to as many as one person may tell alone."""
    return bool(announcement.workflow_states.filter(status=WorkflowState.STATUS_APPROVED).exists())
