"""The answers to the doses of the last two weeks: mostly taken, now and then skipped, once missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import groupby

from home.selectors import people_of
from medications import options
from medications.demo.history import Past
from medications.models import Dose
from notifications.selectors.people import language_of

State = Dose.State

_REASONS = {
    "en": ("I felt sick", "I was not at home"),
    "af": ("Ek het naar gevoel", "Ek was nie by die huis nie"),
}
_ANSWERED_BEFORE = timedelta(minutes=12)
_ANSWERED_AFTER = timedelta(minutes=6)


class _How(Enum):
    EARLY = auto()  # before a reminder went out
    REMINDED = auto()
    SKIPPED = auto()
    MISSED = auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """The doses of one patient at one time."""

    doses: tuple[Dose, ...]
    how: _How
    reminded_at: tuple[datetime, ...]

    def reminders(self) -> list[Past]:
        """The first one and the repeats, in order."""
        ids = [dose.id for dose in self.doses]
        return [Past({"dose_ids": ids}, at) for at in self.reminded_at]

    def missed(self) -> list[Past]:
        if self.how is not _How.MISSED:
            return []
        return [Past({"dose_ids": [dose.id for dose in self.doses]}, self.doses[0].missed_at)]


def past_moments(prescription_ids: Sequence[int], *, now: datetime) -> list[Moment]:
    """The outcome of each moment up to now, newest first for each patient. Nothing is saved."""
    rows = Dose.objects.filter(prescription_id__in=prescription_ids, due_at__lte=now)
    by_patient = groupby(rows.order_by("patient_id", "-due_at", "id"), key=lambda dose: dose.patient_id)
    moments = []
    for person, (_, doses) in enumerate(by_patient):
        for age, (due_at, together) in enumerate(groupby(doses, key=lambda dose: dose.due_at)):
            how = _how(age, person)
            reminders = {_How.EARLY: 0, _How.MISSED: 1 + options.nag_repeats()}.get(how, 1)
            times = tuple(due_at + options.nag_interval() * number for number in range(reminders))
            moments.append(Moment(tuple(together), how, times))
    return moments


def answer(moments: Sequence[Moment], *, now: datetime) -> list[Dose]:
    """Record the answers; the doses that were taken. No reminder is left waiting for any of them."""
    people = people_of({moment.doses[0].patient_id for moment in moments})
    answerers = {patient_id: carers[0].user_id for patient_id, carers in people.items()}
    languages = {user_id: language_of(user_id) for user_id in answerers.values()}
    for moment in moments:
        for dose in moment.doses:
            dose.next_reminder_at = None
            dose.reminders_sent = len(moment.reminded_at)
            if moment.how is _How.MISSED:
                dose.state = State.MISSED
                continue
            dose.answered_by_id = answerers[dose.patient_id]
            if moment.how is _How.EARLY:
                dose.answered_at = dose.due_at - _ANSWERED_BEFORE
            else:
                dose.answered_at = min(dose.due_at + _ANSWERED_AFTER, now)
            dose.state = State.TAKEN
            if moment.how is _How.SKIPPED:
                dose.state = State.SKIPPED
                reasons = _REASONS[languages[dose.answered_by_id]]
                dose.skip_reason = reasons[dose.due_at.day % len(reasons)]
    doses = [dose for moment in moments for dose in moment.doses]
    fields = ["state", "answered_at", "answered_by", "skip_reason", "next_reminder_at", "reminders_sent"]
    Dose.objects.bulk_update(doses, fields, batch_size=100)
    return [dose for dose in doses if dose.state == State.TAKEN]


def _how(age: int, person: int) -> _How:
    """`age` counts the moments from now back, `person` the patients; so not all of them miss the same."""
    if age == 6 + person:
        return _How.MISSED
    if age % 11 == 5:
        return _How.SKIPPED
    return _How.REMINDED if age % 3 == 0 else _How.EARLY
