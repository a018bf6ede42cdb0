"""Claims the doses that are due and publishes them on the bus, in one transaction per chunk.

A publication and the claim of its doses commit together: a dose is never published twice for one reminder, and
never claimed without being published.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from medications import options
from medications.models import Dose, DoseAnswer
from notifications import bus

MOMENTS = 1_000
"""Patient-moments per publication, at most; the doses of one are never split."""

ROWS = 5_000
"""Doses looked at for one chunk."""

_REMINDED = ("next_reminder_at", "reminders_sent")
_Due = tuple[int, int, datetime, datetime, int]
"""A dose, its patient, its time, when it is to be reminded of, and how often it was."""

_NOT_YET_MISSED = (Dose.State.SCHEDULED, Dose.State.UNANSWERED)


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """What one run did, in doses."""

    reminded: int
    unanswered: int
    missed: int


def send_dose_reminders(*, now: datetime) -> Reminded:
    """Publish a reminder of every dose whose time has come, and settle those that nobody answered.

    A dose is reminded of at its time and again after each nag interval; after the last one it is unanswered, and when
    its window ends it is missed. Each dose is published at least once, even when its reminder is out of date by
    then, so that none is lost; it isn't repeated after `remind_until`. Safe to repeat and to run twice at once.
    """
    unanswered = _give_up(now)
    reminded = 0
    while claimed := _claim(now):
        reminded += claimed
    missed = 0
    while marked := _mark_missed(now):
        missed += marked
    return Reminded(reminded=reminded, unanswered=unanswered, missed=missed)


def _give_up(now: datetime) -> int:
    """Mark the doses whose last reminder went unanswered."""
    done = Q(reminders_sent__gt=options.nag_repeats()) | Q(reminders_sent__gte=1, remind_until__lte=now)
    return Dose.objects.filter(done, state=Dose.State.SCHEDULED, next_reminder_at__lte=now).update(
        state=Dose.State.UNANSWERED, next_reminder_at=None
    )


def _claim(now: datetime) -> int:
    # All workers lock in this order and wait, so that the one with the first dose of a moment claims all of it.
    # Skipping locked rows would let two workers share a moment, and the person would get two messages.
    with transaction.atomic():
        due = Dose.objects.select_for_update().filter(state=Dose.State.SCHEDULED, next_reminder_at__lte=now)
        rows = list(
            due.order_by("due_at", "patient_id", "id").values_list("id", "patient_id", "due_at", *_REMINDED)[
                :ROWS
            ]
        )
        dose_ids = _whole_moments(rows)
        repeats = _repeats(rows)
        if dose_ids:
            Dose.objects.filter(id__in=dose_ids).update(
                reminders_sent=F("reminders_sent") + 1,
                next_reminder_at=now.replace(second=0, microsecond=0) + options.nag_interval(),
            )
            again = [dose_id for dose_id in dose_ids if dose_id in repeats]
            told = {"dose_ids": dose_ids, "repeats": again} if again else {"dose_ids": dose_ids}
            bus.publish("medication.dose_due", told, now=now)
    return len(dose_ids)


def _repeats(rows: list[_Due]) -> set[int]:
    """Those of these doses of which somebody was reminded at their time already, and who asked for no more. A dose that
    was moved since is reminded of anew.
    """
    again = {id_: at for id_, _patient, due_at, at, sent in rows if sent and at != due_at}
    if not again:
        return set()
    asked = DoseAnswer.objects.filter(dose_id__any_of=again.keys(), answer=DoseAnswer.Answer.LATER)
    asked_for = set(asked.values_list("dose_id", "remind_at"))
    return {id_ for id_, at in again.items() if (id_, at) not in asked_for}


def _whole_moments(rows: list[_Due]) -> list[int]:
    """The doses of the first moments, none of them in part. `rows` are in order."""
    moments: dict[tuple[int, datetime], list[int]] = {}
    for dose_id, patient_id, due_at, _at, _sent in rows:
        moments.setdefault((patient_id, due_at), []).append(dose_id)
    if len(rows) == ROWS and len(moments) > 1:
        moments.popitem()
    return [dose_id for group in list(moments.values())[:MOMENTS] for dose_id in group]


def _mark_missed(now: datetime) -> int:
    """Mark doses as missed. After an outage a dose is reminded of first."""
    with transaction.atomic():
        late = Dose.objects.select_for_update().filter(
            Q(reminders_sent__gte=1) | Q(next_reminder_at__isnull=True),
            state__in=_NOT_YET_MISSED,
            missed_at__lte=now,
        )
        dose_ids = list(late.order_by("due_at", "patient_id", "id").values_list("id", flat=True)[:ROWS])
        if dose_ids:
            Dose.objects.filter(id__in=dose_ids).update(state=Dose.State.MISSED, next_reminder_at=None)
            bus.publish("medication.dose_missed", {"dose_ids": dose_ids}, now=now)
    return len(dose_ids)
