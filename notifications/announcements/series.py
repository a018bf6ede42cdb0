"""Series of messages: written, approved, ended; who is taken out of one; and what of them is due each day."""

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from notifications import audiences
from notifications.announcements import approval
from notifications.event_types import ANNOUNCEMENT, due_on, series_key, series_payload
from notifications.models import MessageSeries, SeriesLeaver
from notifications.pipeline.bus import publish

logger = logging.getLogger(__name__)


def series_write(*, series: MessageSeries, by: Any, seen: int | None) -> MessageSeries:
    """Keep a draft, as `approval.write`."""
    with transaction.atomic():
        approval.write(series, by, seen)
    return series


def series_ask(*, pk: int, by: Any, seen: int | None) -> None:
    """Ask for approval of the revision `seen`. Each series needs it: it speaks to people whom nobody knows yet."""
    with transaction.atomic():
        series = approval.locked(MessageSeries, pk)
        approval.check_is_draft(series)
        approval.check_is_seen(series, seen)
        approval.ask(series, by)


def series_approve(*, pk: int, by: Any, seen: int | None, now: datetime) -> None:
    """Approve of the revision `seen`, which runs from today on. PermissionDenied for who may not."""
    with transaction.atomic():
        approval.decide(approval.locked(MessageSeries, pk), by, "approve", seen)
        MessageSeries.objects.filter(pk=pk).update(begun_at=now)


def series_send_back(*, pk: int, by: Any, seen: int | None, comment: str) -> None:
    """Say what is to be changed. PermissionDenied for who may not."""
    with transaction.atomic():
        approval.decide(approval.locked(MessageSeries, pk), by, "reject", seen, comment=comment)


def series_withdraw(*, pk: int, by: Any) -> None:
    """Take the question back."""
    with transaction.atomic():
        approval.withdraw(approval.locked(MessageSeries, pk), by)


def series_end(*, pk: int, now: datetime) -> None:
    """Nobody is told anything of it any more, also of what waits to be sent. Twice is once."""
    MessageSeries.objects.filter(pk=pk, live=True, ended_at__isnull=True).update(ended_at=now)


def series_leave(*, pk: int, subject_id: int, by: Any, now: datetime) -> None:
    """Take somebody out of it. Twice is once."""
    SeriesLeaver.objects.get_or_create(
        series_id=pk, subject_id=subject_id, defaults={"left_at": now, "taken_out_by": by}
    )


def publish_due(*, now: datetime) -> tuple[int, int]:
    """Publish what is due of each series today on its clinic's calendar, once a day; how many, and how many failed.

    One that fails stops no other.
    """
    published = failed = 0
    running = list(MessageSeries.objects.filter(live=True, ended_at__isnull=True).order_by("pk"))
    zones = audiences.zones([series.within for series in running])
    for series, zone in zip(running, zones, strict=True):
        today = timezone.localdate(now, ZoneInfo(zone))
        try:
            with transaction.atomic():
                if due_on(series, today, zone):
                    key = f"{series_key(series)}{today}"
                    publish(ANNOUNCEMENT, series_payload(series, today), dedupe_key=key, now=now)
                    published += 1
        except Exception:
            failed += 1
            logger.exception("The series of messages %(series)s could not be told of.", {"series": series.pk})
    return published, failed
