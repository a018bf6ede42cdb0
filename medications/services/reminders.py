"""Claims the doses that are due and publishes them on the bus, a page of moments in one transaction.

A publication and the claim of its doses commit together: a dose is never published twice for one reminder, and
never claimed without being published.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from home.clocks.marks import unmoved
from medications import options
from medications.models import Dose, DoseAnswer
from medications.services.moments import ROWS, Page, lock_page
from notifications import bus
from notifications.work.wakeups import wake

CLAIM_DOSES = "claim_doses"
"""What wakes another worker that claims too."""

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
    reminded = sum(remind_by_pages(now=now, helped=True))
    unanswered = sum(iter(partial(_give_up, now), 0))
    missed = sum(len(page.dose_ids) for page in _by_pages(_late(now), "missed_at", partial(_miss, now=now)))
    return Reminded(reminded=reminded, unanswered=unanswered, missed=missed)


def remind_by_pages(*, now: datetime, helped: bool = False) -> Iterator[int]:
    """Publish the reminders that are due, and give how many doses each page had; each is committed by then.

    If there is more than a page and it is to be `helped`, another worker is woken, which begins behind this one.
    """
    for page in _by_pages(_due(now), "next_reminder_at", partial(_remind, now=now)):
        if helped and page.is_full:
            wake(CLAIM_DOSES)
            helped = False
        yield len(page.dose_ids)


def remind_of_schedule(schedule_id: int, *, now: datetime) -> int:
    """Publish the reminders that are due of this schedule's doses; how many doses. What isn't due, or was reminded of
    just now, is left for its time.
    """
    doses = _due(now).filter(schedule_id=schedule_id)
    return sum(len(page.dose_ids) for page in _by_pages(doses, "next_reminder_at", partial(_remind, now=now)))


def _by_pages(doses: QuerySet[Dose], by: str, settle: Callable[[Page], None]) -> Iterator[Page]:
    """Lock and settle a page after the other, each in a transaction of its own."""
    page: Page | None = None
    while True:
        with transaction.atomic():
            page = lock_page(doses, by, page)
            if page is None:
                return
            if page.moments:
                settle(page)
        yield page


def _in_place(now: datetime) -> QuerySet[Dose]:
    """The doses that stand where their patients' clocks say, or whose move is given no more time."""
    return Dose.objects.filter(~Exists(unmoved(now=now).filter(patient=OuterRef("patient_id"))))


def _due(now: datetime) -> QuerySet[Dose]:
    return _in_place(now).filter(~_without_answer(now), state=Dose.State.SCHEDULED, next_reminder_at__lte=now)


def _without_answer(now: datetime) -> Q:
    """The doses whose last reminder went unanswered."""
    return Q(reminders_sent__gt=options.nag_repeats()) | Q(reminders_sent__gte=1, remind_until__lte=now)


def _late(now: datetime) -> QuerySet[Dose]:
    """What is missed by now. After an outage a dose is reminded of first."""
    reminded = Q(reminders_sent__gte=1) | Q(next_reminder_at__isnull=True)
    return _in_place(now).filter(reminded, state__in=_NOT_YET_MISSED, missed_at__lte=now)


def _remind(page: Page, *, now: datetime) -> None:
    claimed = page.dose_ids
    repeats = _repeats(claimed)
    Dose.objects.filter(id__any_of=claimed).update(
        reminders_sent=F("reminders_sent") + 1,
        next_reminder_at=now.replace(second=0, microsecond=0) + options.nag_interval(),
    )
    for dose_ids in page.publications():
        again = [dose_id for dose_id in dose_ids if dose_id in repeats]
        told = {"dose_ids": dose_ids, "repeats": again} if again else {"dose_ids": dose_ids}
        bus.publish("medication.dose_due", told, now=now)


def _repeats(dose_ids: Collection[int]) -> set[int]:
    """Those of these doses of which somebody was reminded at their time already, and who asked for no more. A dose that
    was moved since, or whose answer was taken back, is reminded of anew.
    """
    asked_for = DoseAnswer.objects.filter(
        dose_id=OuterRef("id"),
        answer__in=(DoseAnswer.Answer.LATER, DoseAnswer.Answer.UNDONE),
        remind_at=OuterRef("next_reminder_at"),
    )
    again = Dose.objects.filter(~Exists(asked_for), id__any_of=dose_ids, reminders_sent__gt=0)
    return set(again.exclude(next_reminder_at=F("due_at")).values_list("id", flat=True))


def _give_up(now: datetime) -> int:
    """Mark some of the doses whose last reminder went unanswered; how many."""
    with transaction.atomic():
        over = Dose.objects.filter(
            _without_answer(now), state=Dose.State.SCHEDULED, next_reminder_at__lte=now
        )
        locked = over.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True)[:ROWS]
        return Dose.objects.filter(id__any_of=set(locked)).update(
            state=Dose.State.UNANSWERED, next_reminder_at=None
        )


def _miss(page: Page, *, now: datetime) -> None:
    Dose.objects.filter(id__any_of=page.dose_ids).update(state=Dose.State.MISSED, next_reminder_at=None)
    for dose_ids in page.publications():
        bus.publish("medication.dose_missed", {"dose_ids": dose_ids}, now=now)
