"""Claims the events with a notice that is due, and publishes it, in one transaction for each chunk.

A publication and the claim of its event commit together: no notice is published twice, and none is forgotten.
"""

import logging
from collections import Counter, defaultdict
from datetime import datetime

from django.db import transaction

from events.models import Attendance, ClinicEvent
from events.rules.notice_times import Notice, next_at, notices, of_use
from events.services.attendance import fill_free_places
from notifications import bus

logger = logging.getLogger(__name__)

EVENTS = 300
"""At most so many events in one transaction."""


def send_event_notices(*, now: datetime) -> str:
    """Publish the reminders, starts and ends that are due, and complete past events; a line on what was done.

    Places that became free without a withdrawal go to the waiting list, and those people are notified too.
    Of what was missed while nothing ran, only the latest reminder that is still of use is sent: none after the start,
    and no end a day later. Safe to repeat and to run twice at once.
    """
    done: Counter[str] = Counter()
    moved_up = fill_free_places(now=now)
    while claimed := _claim(now):
        done += claimed
    said = ("event.reminder", "event.starting", "event.ended")
    published = ", ".join(f"{done[kind]} {kind}" for kind in said)
    return (
        f"{done['claimed']} events were due: {published}; {done['completed']} completed; {moved_up} moved up"
    )


def _claim(now: datetime) -> Counter[str]:
    done: Counter[str] = Counter()
    with transaction.atomic():
        # Locked in one order, waiting for each other: skipping an event that somebody joins right now would make its
        # reminder a minute late.
        due = ClinicEvent.objects.select_for_update(of=("self",)).filter(next_notice_at__lte=now)
        events = list(due.order_by("id")[:EVENTS])
        if not events:
            return done
        joined = set(
            Attendance.objects.filter(
                event_id__in={event.pk for event in events}, state__in=_ATTENDING
            ).values_list("event_id", flat=True)
        )
        by_kind: dict[str, list[tuple[ClinicEvent, Notice]]] = defaultdict(list)
        for event in events:
            notice = _notice(event, now)
            if notice and event.pk in joined:
                by_kind[notice.kind].append((event, notice))
            if event.ends_at <= now:
                event.state = ClinicEvent.State.COMPLETED
                done["completed"] += 1
        for kind, pairs in by_kind.items():
            publications = [_publication(event, notice) for event, notice in pairs]
            done[kind] += bus.publish_many(kind, publications, now=now)
        ClinicEvent.objects.bulk_update(events, ["state", "next_notice_at"])
        done["claimed"] += len(events)
    return done


_ATTENDING = (Attendance.State.JOINED, Attendance.State.ATTENDED)


def _notice(event: ClinicEvent, now: datetime) -> Notice | None:
    """The notice to publish now, if any; the event gets the time of the one after it."""
    try:
        return _take_notice(event, event.reminders, now)
    except Exception:
        # Reminders that can't be read must not take those of other events with them; this one still starts and ends.
        logger.exception("The reminders of event %(event)s can't be read.", {"event": event.pk})
        return _take_notice(event, [], now)


def _take_notice(event: ClinicEvent, reminders: list[int], now: datetime) -> Notice | None:
    """The last notice that is due, in place of those before it."""
    due = [notice for notice in notices(event.starts_at, event.ends_at, reminders) if notice.at <= now]
    event.next_notice_at = next_at(event.starts_at, event.ends_at, reminders, now=now)
    return of_use(due, starts_at=event.starts_at, ends_at=event.ends_at, now=now)


def _publication(event: ClinicEvent, notice: Notice) -> tuple[dict[str, object], str]:
    starts_at = event.starts_at.isoformat()
    payload: dict[str, object] = {"event_id": event.pk, "starts_at": starts_at}
    if notice.kind == "event.reminder":
        payload["minutes"] = notice.minutes
    return payload, f"{event.pk}:{notice.minutes}:{starts_at}"
