"""What is published of visits. Call each in the transaction that changes the rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from events.models import Visit
from events.rules.visit_times import Step, missed_told_at
from notifications import bus

_MISSED = "visit.missed"


def publish_reminders(due: Iterable[tuple[Visit, Step]], *, now: datetime) -> int:
    """Each reminder once for a visit and its day, however often it is published; how many are new."""
    publications = [
        ({"visit_id": visit.pk, "day": visit.day.isoformat(), "step": step.value}, f"{visit.pk}:{step.value}")
        for visit, step in due
    ]
    return bus.publish_many("visit.reminder", publications, now=now) if publications else 0


def publish_missed(visits: Iterable[Visit], *, now: datetime) -> None:
    """People are told on the day after, each visit once. Join the clinics."""
    by_moment: dict[datetime, list[tuple[dict[str, int], str]]] = defaultdict(list)
    for visit in visits:
        at = max(missed_told_at(visit.day, visit.clinic.zone), now)
        by_moment[at].append(({"visit_id": visit.pk}, f"{visit.pk}"))
    for at, publications in by_moment.items():
        bus.publish_many(_MISSED, publications, at=at, now=now)


def withdraw_missed(visit: Visit, *, now: datetime) -> None:
    """They came after all."""
    bus.withdraw(_MISSED, f"{visit.pk}", now=now)


def publish_moved(visit: Visit, change: str, *, now: datetime) -> None:
    """The clinic moved or cancelled this visit, or it goes ahead after all; `change` is moved, cancelled, restored."""
    payload = {"visit_id": visit.pk, "change": change}
    bus.publish("visit.moved", payload, dedupe_key=f"{visit.pk}:{change}:{now.isoformat()}", now=now)
