"""The answers to the doses of the last month: mostly taken, now and then a part or skipped, once missed, and a gap."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from itertools import groupby

from home.selectors import people_of
from medications import options
from medications.demo.history import Past
from medications.models import Dose, DoseAnswer, Medicine, SkipCode
from notifications.selectors.people import language_of

State = Dose.State

_REASONS = {
    "en": ("I felt sick after supper", "We were at a funeral"),
    "af": ("Ek was naar ná aandete", "Ons was by 'n begrafnis"),
}
_ANSWERED_BEFORE = timedelta(minutes=12)
_ANSWERED_AFTER = timedelta(minutes=6)
_CODES = (SkipCode.AWAY, SkipCode.FORGOT, SkipCode.RAN_OUT)
_HALF = Decimal("0.5")


class _How(Enum):
    EARLY = auto()  # before a reminder went out
    REMINDED = auto()
    IN_PART = auto()
    CORRECTED = auto()  # first skipped by mistake
    SKIPPED = auto()
    MISSED = auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """The doses of one patient at one time."""

    doses: tuple[Dose, ...]
    how: _How
    reminded_at: tuple[datetime, ...]

    @property
    def due_at(self) -> datetime:
        return self.doses[0].due_at

    def reminders(self) -> list[Past]:
        """The first one and the repeats, in order."""
        ids = [dose.id for dose in self.doses]
        first = [Past({"dose_ids": ids}, at) for at in self.reminded_at[:1]]
        return [*first, *(Past({"dose_ids": ids, "repeats": ids}, at) for at in self.reminded_at[1:])]

    def missed(self) -> list[Past]:
        if self.how is not _How.MISSED:
            return []
        return [Past({"dose_ids": [dose.id for dose in self.doses]}, self.doses[0].missed_at)]


def past_moments(missed: Mapping[int, Collection[int]], *, now: datetime) -> list[Moment]:
    """The outcome of each moment up to now, newest first for each patient. Nothing is saved.

    By prescription, how many days ago nothing was taken of it.
    """
    rows = Dose.objects.filter(
        prescription_id__in=missed, due_at__lte=now, kind=Dose.Kind.PLANNED
    ).select_related("prescription__medicine")
    by_patient = groupby(rows.order_by("patient_id", "-due_at", "id"), key=lambda dose: dose.patient_id)
    moments = []
    for person, (_, doses) in enumerate(by_patient):
        for age, (due_at, together) in enumerate(groupby(doses, key=lambda dose: dose.due_at)):
            doses_then, days_ago = tuple(together), (now - due_at).days
            how = _how(age, days_ago, person)
            if any(days_ago in missed[dose.prescription_id] for dose in doses_then):
                how = _How.MISSED
            reminders = {_How.EARLY: 0, _How.MISSED: 1 + options.nag_repeats()}.get(how, 1)
            times = tuple(due_at + options.nag_interval() * number for number in range(reminders))
            moments.append(Moment(doses_then, how, times))
    return moments


def answer(moments: Sequence[Moment], *, now: datetime) -> list[Dose]:
    """Record the answers; the doses that were taken. No reminder is left waiting for any of them."""
    people = people_of({moment.doses[0].patient_id for moment in moments})
    answerers = {patient_id: carers[0].user_id for patient_id, carers in people.items()}
    languages = {user_id: language_of(user_id) for user_id in answerers.values()}
    answers: list[DoseAnswer] = []
    for moment in moments:
        for dose in moment.doses:
            dose.next_reminder_at = None
            dose.reminders_sent = len(moment.reminded_at)
            if moment.how is _How.MISSED:
                dose.state = State.MISSED
                continue
            dose.answered_by_id = answerers[dose.patient_id]
            _answer_one(dose, moment.how, _REASONS[languages[dose.answered_by_id]], now)
            answers += _log_of(dose, moment.how)
    doses = [dose for moment in moments for dose in moment.doses]
    # All rows are there. Django's bulk_update would take five times as long, most of a demo's loading.
    Dose.objects.bulk_create(
        doses, batch_size=100, update_conflicts=True, unique_fields=["id"], update_fields=_FIELDS
    )
    DoseAnswer.objects.bulk_create(answers)
    return [dose for dose in doses if dose.state == State.TAKEN]


_FIELDS = [
    "state",
    "answered_at",
    "answered_by",
    "taken_quantity",
    "skip_code",
    "skip_reason",
    "next_reminder_at",
    "reminders_sent",
]


def _answer_one(dose: Dose, how: _How, reasons: Sequence[str], now: datetime) -> None:
    """The columns of one answer; most of those who skip choose from the short list."""
    early = how is _How.EARLY
    dose.answered_at = dose.due_at - _ANSWERED_BEFORE if early else min(dose.due_at + _ANSWERED_AFTER, now)
    dose.state = State.TAKEN
    if how is _How.IN_PART and dose.prescription.medicine.form == Medicine.Form.TABLET:
        dose.taken_quantity = dose.quantity * _HALF
    if how is _How.SKIPPED:
        dose.state = State.SKIPPED
        day = dose.due_at.day
        if day % 3:
            dose.skip_code = _CODES[day % len(_CODES)]
        else:
            dose.skip_reason = reasons[day % len(reasons)]


def _log_of(dose: Dose, how: _How) -> list[DoseAnswer]:
    """All that was answered to it."""
    last = logged(dose)
    if how is not _How.CORRECTED or dose.answered_at is None:
        return [last]
    before = DoseAnswer(
        dose=dose,
        answer=DoseAnswer.Answer.SKIPPED,
        at=dose.answered_at - timedelta(minutes=2),
        by_id=dose.answered_by_id,
    )
    return [before, last]


def logged(dose: Dose) -> DoseAnswer:
    """The row of the log for the answer that a dose has, not saved."""
    taken = dose.state == State.TAKEN
    return DoseAnswer(
        dose=dose,
        answer=DoseAnswer.Answer.TAKEN if taken else DoseAnswer.Answer.SKIPPED,
        at=dose.answered_at or dose.due_at,
        by_id=dose.answered_by_id,
        taken_at=dose.was_taken_at,
        quantity=dose.amount if taken else None,
        skip_code=dose.skip_code,
        skip_reason=dose.skip_reason,
        over_limit=dose.over_limit,
    )


def _how(age: int, days_ago: int, person: int) -> _How:
    """`age` counts the moments from now back, `person` the patients; so not all of them miss the same."""
    if age == 6 + person or 17 + person % 4 <= days_ago < 19 + person % 4:
        return _How.MISSED
    if age % 11 == 5:
        return _How.SKIPPED
    if age % 13 == 3:
        return _How.IN_PART
    if age % 17 == 8:
        return _How.CORRECTED
    return _How.REMINDED if age % 3 == 0 else _How.EARLY
