"""Claims the events whose people are to be told now, and says so on the bus, in one transaction a chunk.

A publication and the claim of its event commit together: no notice is published twice, and none is forgotten.
"""

from collections import Counter, defaultdict
from datetime import datetime

from django.db import transaction

from events.models import Attendance, ClinicEvent
from events.rules.notice_times import Notice, next_at, notices, of_use
from events.services.attendance import fill_free_places
from notifications import bus

EVENTS = 300
"""Events a transaction, at most."""


def send_event_notices(*, now: datetime) -> str:
    """Publish the reminders, starts and ends that have come, and complete what is over; a line on what was done.

    Places that came free without anybody giving them back go to those who wait, who are told of it too.
    Of what was missed while nothing ran, only the latest reminder that is still of use is sent: none after the start,
    and no end a day later. Safe to repeat and to run twice at once.
    """
    done: Counter[str] = Counter()
    moved_up = fill_free_places(now=now)
    while claimed := _claim(now):
        done += claimed
    said = ("event.reminder", "event.starting", "event.ended")
    told = ", ".join(f"{done[kind]} {kind}" for kind in said)
    return f"{done['claimed']} events were due: {told}; {done['completed']} completed; {moved_up} moved up"


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
                event_id__in={event.pk for event in events}, state__in=_TOLD
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
            event.next_notice_at = next_at(event.starts_at, event.ends_at, event.reminders, now=now)
        for kind, pairs in by_kind.items():
            publications = [_publication(event, notice) for event, notice in pairs]
            done[kind] += bus.publish_many(kind, publications, now=now)
        ClinicEvent.objects.bulk_update(events, ["state", "next_notice_at"])
        done["claimed"] += len(events)
    return done


_TOLD = (Attendance.State.JOINED, Attendance.State.ATTENDED)


def _notice(event: ClinicEvent, now: datetime) -> Notice | None:
    """What its people are to be told, if anything: the last notice that has come stands for those before it."""
    due = [notice for notice in notices(event.starts_at, event.ends_at, event.reminders) if notice.at <= now]
    return of_use(due, starts_at=event.starts_at, ends_at=event.ends_at, now=now)


def _publication(event: ClinicEvent, notice: Notice) -> tuple[dict[str, object], str]:
    starts_at = event.starts_at.isoformat()
    payload: dict[str, object] = {"event_id": event.pk, "starts_at": starts_at}
    if notice.kind == "event.reminder":
        payload["minutes"] = notice.minutes
    return payload, f"{event.pk}:{notice.minutes}:{starts_at}"
