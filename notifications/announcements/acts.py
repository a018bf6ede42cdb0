"""What staff do with an announcement: write it, ask for approval, approve it, send it back, send it, stop it.

Each act locks the row and looks at it as it is by then. What it refuses, it says in words for whoever asked.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from notifications.announcements import approval, recurring
from notifications.announcements.approval import RefusedError
from notifications.announcements.publication import announcement_publish
from notifications.event_types import ALONE, ANNOUNCEMENT, payload_of, people_of
from notifications.models import Announcement, Delivery, EventRecord, Notification
from notifications.types import Priority, Reason

DRAFTS_KEPT = timedelta(days=365)
"""Since they were written last."""
LONGEST_STOP = 10.0
"""Seconds for which whoever stops it waits until nothing of it is in a worker's hands any more."""


def announcement_write(
    *, announcement: Announcement, by: Any, seen: int | None, now: datetime
) -> Announcement:
    """Keep a draft: a new one, or what was changed of one of which its writer saw the revision `seen`.

    Raises RefusedError where it was changed, asked about or sent meanwhile.
    """
    announcement.delete_at = now + DRAFTS_KEPT
    with transaction.atomic():
        approval.write(announcement, by, seen)
    return announcement


def announcement_of_program(
    *,
    title: Mapping[str, str],
    message: Mapping[str, str],
    audiences: Sequence[str],
    within: Mapping[str, Any],
    priority: Priority,
    at: datetime | None,
    by: Any,
    now: datetime,
) -> EventRecord:
    """Hand over what a program says, which needs no approval; its publication."""
    with transaction.atomic():
        announcement = Announcement.objects.create(
            title=dict(title),
            message=dict(message),
            audiences=list(audiences),
            within=dict(within),
            priority=priority,
            at=at,
            author=by,
            created_at=now,
            delete_at=now,
        )
        return announcement_publish(_locked(announcement.pk), approved=True, now=now)


def announcement_send(*, pk: int, by: Any, seen: int | None, now: datetime) -> Announcement:
    """Hand it over to be sent, or ask for a second person's approval where it reaches more than `ALONE` people.

    Raises RefusedError where it can't be sent, or isn't any more what was seen.
    """
    with transaction.atomic():
        announcement = _locked(pk)
        approval.check_is_draft(announcement)
        approval.check_is_seen(announcement, seen)
        if announcement.is_template:
            raise RefusedError(_("A template is not sent. Begin an announcement with it."))
        _check_time(announcement, now)
        people = len(people_of(payload_of(announcement, approved=False), now))
        if not people:
            raise RefusedError(_("There is nobody in these groups."))
        if people > ALONE:
            approval.ask(announcement, by)
        else:
            revision = announcement.latest_revision
            revision.publish(user=by, skip_permission_checks=True)
            announcement = _hand_over(pk, approved=False, now=now)
    return announcement


def announcement_approve(*, pk: int, by: Any, seen: int | None, now: datetime) -> Announcement:
    """Approve of the revision `seen`, which is sent then. Raises as `announcement_send`, PermissionDenied for who may
    not.
    """
    with transaction.atomic():
        announcement = _locked(pk)
        _check_time(announcement, now)
        approval.decide(announcement, by, "approve", seen)
        return _hand_over(pk, approved=True, now=now)


def announcement_send_back(*, pk: int, by: Any, seen: int | None, comment: str) -> None:
    """Say what is to be changed. Raises as `announcement_approve`."""
    with transaction.atomic():
        approval.decide(_locked(pk), by, "reject", seen, comment=comment)


def announcement_withdraw(*, pk: int, by: Any) -> None:
    """Take the question for approval back, so that it is a draft again. RefusedError when it was answered."""
    with transaction.atomic():
        approval.withdraw(_locked(pk), by)


def announcement_delete(*, pk: int) -> None:
    """Throw a draft or a template away. RefusedError for what was sent or is being looked at."""
    with transaction.atomic():
        announcement = _locked(pk)
        approval.check_is_draft(announcement)
        announcement.delete()


def announcement_stop(*, pk: int, by: Any, now: datetime) -> list[Announcement]:
    """Have nothing more of it sent, and call it off where nobody was told yet. For what this gives back, `settle` waits
    until that is so: it, or of a recurring one, which has no date any more, those that were under way.

    RefusedError for what isn't sent at all. Twice is once.
    """
    with transaction.atomic():
        announcement = _locked(pk)
        if announcement.begun_at is not None:
            stopped = [_locked(date) for date in recurring.under_way(announcement)]
        elif announcement.event_record_id is not None:
            stopped = [announcement]
        else:
            raise RefusedError(_("It isn't sent yet, so there is nothing to stop."))
        for each in {row.pk: row for row in (announcement, *stopped)}.values():
            if each.stopped_at is None:
                each.stopped_at, each.stopped_by = now, by
                each.save(update_fields=["stopped_at", "stopped_by"])
        for each in stopped:
            _call_off(each, now)
    return stopped


def settle(
    announcement: Announcement, *, clock: Callable[[], datetime], seconds: float = LONGEST_STOP
) -> int:
    """Wait until nothing of a stopped announcement is in a worker's hands; how much is, after so many seconds.

    A worker asks anew every half a second whether what it holds still goes, and ends what it is just sending. So when
    this gives back 0, nothing more of it leaves the house. Call it outside of a transaction.
    """
    over = time.monotonic() + seconds
    while left := in_hand(announcement, now=clock()):
        if time.monotonic() >= over:
            return left
        time.sleep(0.05)
    # What was being written when it was stopped.
    _call_off(announcement, clock())
    return 0


def in_hand(announcement: Announcement, *, now: datetime) -> int:
    """How much of it workers hold: deliveries, and the publication while its people are being told."""
    held = Q(finished_at__isnull=True, lease_until__gte=now)
    records = EventRecord.objects.filter(held, pk__in=_record(announcement))
    deliveries: int = deliveries_of(announcement).filter(held).count()
    return deliveries + records.count()


def messages_of(announcement: Announcement) -> Any:
    """The messages that it became."""
    return Notification.objects.filter(
        event_type=ANNOUNCEMENT, event_record_id=announcement.event_record_id
    ).order_by()


def deliveries_of(announcement: Announcement) -> Any:
    """The deliveries of these messages."""
    return Delivery.objects.filter(notification__in=messages_of(announcement)).order_by()


def _record(announcement: Announcement) -> list[int]:
    """The id of its publication, if it has one."""
    return [announcement.event_record_id] if announcement.event_record_id is not None else []


def _call_off(announcement: Announcement, now: datetime) -> None:
    nobodys = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    over = {"finished_at": now, "lease_owner": "", "lease_until": None}
    EventRecord.objects.filter(nobodys, pk__in=_record(announcement), state=EventRecord.State.PENDING).update(
        state=EventRecord.State.CANCELLED, **over
    )
    deliveries_of(announcement).filter(nobodys, finished_at__isnull=True).update(
        state=Delivery.State.CANCELLED, reason=Reason.STOPPED, **over
    )


def _hand_over(pk: int, *, approved: bool, now: datetime) -> Announcement:
    """Publish what its revision has put into the row, or begin to tell it on its dates."""
    announcement = _locked(pk)
    if announcement.pattern:
        recurring.begin(announcement, now=now)
    else:
        announcement_publish(announcement, approved=approved, now=now)
    return announcement


def _locked(pk: int) -> Announcement:
    return approval.locked(Announcement, pk)


def _check_time(announcement: Announcement, now: datetime) -> None:
    if announcement.at is not None and announcement.at <= now:
        raise RefusedError(_("The time that was chosen for it has passed. Choose another one."))
    if not announcement.pattern:
        return
    if recurring.next_date(announcement, now, recurring.zone_of(announcement)) is None:
        raise RefusedError(_("All dates that were chosen for it have passed. Choose others."))
