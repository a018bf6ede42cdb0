"""The answers to a planned dose: take, skip, snooze, undo, correct.

Each raises Dose.DoesNotExist when the person doesn't care for the dose's patient. The first answer wins: another
one changes nothing until it is undone or corrected. Each returns the dose as it is then, and notes in the log what
was answered (DoseAnswer). More than a week after a dose was due its answer stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from home.models import User
from home.selectors import patients_of
from medications import options
from medications.models import OPEN_STATES, Dose
from medications.rules import answers as rules
from medications.services.answer_log import Answer, last_answer, log
from medications.services.dose_stock import take_for
from medications.services.ledger import hold_home
from medications.services.stock import stock_give_back
from medications.services.stock_looks import look_again

_ANSWERS = (Dose.State.TAKEN, Dose.State.SKIPPED)
_LAST_CALL = timedelta(minutes=1)
_NO_ANSWER: Mapping[str, object] = {
    "taken_at": None,
    "taken_quantity": None,
    "skip_code": "",
    "skip_reason": "",
    "over_limit": False,
}


class AnsweredMeanwhileError(Exception):
    """Somebody gave another answer since the person saw the dose. Nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """It was taken: when (None for now), and how much of it (None for all)."""

    at: datetime | None = None
    quantity: Decimal | None = None

    def values(self, dose: Dose, now: datetime) -> dict[str, object]:
        """The columns of the dose. RuleError for an impossible time or quantity."""
        if self.at is not None:
            rules.check_taken_at(self.at, due_at=dose.due_at, now=now)
        if self.quantity is not None:
            rules.check_part(self.quantity, whole=dose.quantity)
        part = None if self.quantity == dose.quantity else self.quantity
        return {**_NO_ANSWER, "state": Dose.State.TAKEN, "taken_at": self.at, "taken_quantity": part}


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """It was not taken: why, as a code (SkipCode) and in own words, which are cut at 200 characters."""

    code: str = ""
    reason: str = ""

    def values(self, dose: Dose, now: datetime) -> dict[str, object]:
        """The columns of the dose."""
        return {
            **_NO_ANSWER,
            "state": Dose.State.SKIPPED,
            "skip_code": self.code,
            "skip_reason": self.reason.strip()[:200],
        }


def dose_take(
    *,
    dose_id: int,
    user: User,
    now: datetime,
    taken_at: datetime | None = None,
    quantity: Decimal | None = None,
) -> Dose:
    """Record the dose as taken, and take from the stock what was taken of it.

    `taken_at` is when, if not now; `quantity` how much of it, if not all. RuleError for what can't be.
    """
    return _answer(dose_id, Taken(at=taken_at, quantity=quantity), user, now)


def dose_skip(*, dose_id: int, user: User, now: datetime, reason: str = "", code: str = "") -> Dose:
    """Record the dose as skipped on purpose, with a reason of the short list, in own words, or none."""
    return _answer(dose_id, Skipped(code=code, reason=reason), user, now)


def dose_snooze(*, dose_id: int, user: User, now: datetime, minutes: int | None = None) -> Dose:
    """Remind again after so many minutes (by default the nag interval), at the latest a minute before
    `remind_until`.

    Nothing changes when a dose has been answered, was missed, or is past reminding; `next_reminder_at` says when
    the reminder comes. A dose isn't missed while its reminder is still to come.
    """
    wait = options.nag_interval() if minutes is None else timedelta(minutes=minutes)
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        remind_at = min(now + wait, dose.remind_until - _LAST_CALL)
        waiting = Dose.objects.filter(
            id=dose_id, due_at__lte=now, state__in=(Dose.State.SCHEDULED, Dose.State.UNANSWERED)
        )
        if remind_at > now and waiting.update(
            state=Dose.State.SCHEDULED,
            next_reminder_at=remind_at,
            # A person who asks for a reminder gets one, however many were sent before.
            reminders_sent=Least(F("reminders_sent"), options.nag_repeats()),
            missed_at=Greatest(F("missed_at"), remind_at + options.nag_interval()),
        ):
            log(dose, Answer.LATER, user=user, now=now, remind_at=remind_at)
        dose.refresh_from_db()
    return dose


def dose_undo(*, dose_id: int, user: User, now: datetime) -> Dose:
    """Take back an answer: the stock gets back what was taken, and the dose is to be taken again.

    It is reminded of at its time, or after a nag interval if that has passed, and not as of something that people were
    reminded of before: there was an answer. A dose without a plan is withdrawn.
    """
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        hold_home(dose.prescription_id)
        if not rules.is_over(dose.due_at, now=now):
            answered = Dose.objects.filter(id=dose_id, state__in=_ANSWERS)
            if answered.update(**_undone(dose, now)):
                stock_give_back(dose=dose, user=user, now=now)
                dose.refresh_from_db()
                log(dose, Answer.UNDONE, user=user, now=now, remind_at=dose.next_reminder_at)
                look_again([dose.prescription_id])  # it is asked of the stock again
        dose.refresh_from_db()
    return dose


def dose_correct(*, dose_id: int, user: User, now: datetime, given: Taken | Skipped, seen: int) -> Dose:
    """Answer a planned dose in full, whatever was answered before; that stays in the log.

    `seen` is the id of the last answer that the person saw, 0 for none: if there is another by now, nothing is changed
    and AnsweredMeanwhileError is raised; unless it is the same one, since a form may be sent twice. RuleError for what
    can't be.
    """
    with transaction.atomic():
        hold_home(_dose_of(dose_id, user).prescription_id)
        dose = _dose_of(dose_id, user, for_update=True)
        values = given.values(dose, now)
        if all(getattr(dose, name) == value for name, value in values.items()):
            return dose
        if last_answer(dose_id) != seen or not dose.is_planned:
            raise AnsweredMeanwhileError
        if rules.is_over(dose.due_at, now=now):
            return dose
        stays = (
            values["state"] == dose.state == Dose.State.TAKEN
            and values["taken_quantity"] == dose.taken_quantity
        )
        if dose.state == Dose.State.TAKEN and not stays:
            stock_give_back(dose=dose, user=user, now=now)
        Dose.objects.filter(id=dose_id).update(
            next_reminder_at=None, answered_at=now, answered_by=user, **values
        )
        dose.refresh_from_db()
        if dose.state == Dose.State.TAKEN and not stays:
            take_for(dose, user=user, now=now)
        log(dose, str(dose.state), user=user, now=now)
        look_again([dose.prescription_id])  # what was skipped wasn't counted on
    return dose


def _dose_of(dose_id: int, user: User, *, for_update: bool = False) -> Dose:
    theirs = Dose.objects.filter(patient__in=patients_of(user).order_by().values("pk"))
    if for_update:
        theirs = theirs.select_for_update(of=("self",))
    return theirs.select_related("patient__clinic", "prescription").get(id=dose_id)


def _answer(dose_id: int, given: Taken | Skipped, user: User, now: datetime) -> Dose:
    """Give the answer if it is the first: a conditional update, since two people may answer at once."""
    with transaction.atomic():
        dose = _dose_of(dose_id, user)
        hold_home(dose.prescription_id)
        values = given.values(dose, now)
        is_open = Dose.objects.filter(id=dose_id, state__in=OPEN_STATES)
        if not rules.is_over(dose.due_at, now=now) and is_open.update(
            next_reminder_at=None, answered_at=now, answered_by=user, **values
        ):
            dose.refresh_from_db()
            if dose.state == Dose.State.TAKEN:
                take_for(dose, user=user, now=now)
            log(dose, str(dose.state), user=user, now=now)
        dose.refresh_from_db()
    return dose


def _undone(dose: Dose, now: datetime) -> dict[str, object]:
    """The columns of a dose whose answer was taken back."""
    values = {**_NO_ANSWER, "answered_at": None, "answered_by": None, "next_reminder_at": None}
    if not dose.is_planned:
        # What was recorded stays to be read: it was taken back, not rubbed out.
        return {"state": Dose.State.WITHDRAWN}
    ahead = dose.due_at > now
    next_at = dose.due_at if ahead else now + options.nag_interval()
    reminds = dose.prescription.reminders_enabled and not dose.prescription.ended_at
    if reminds and next_at < dose.remind_until:
        return {**values, "state": Dose.State.SCHEDULED, "next_reminder_at": next_at}
    return {**values, "state": Dose.State.SCHEDULED if ahead else Dose.State.UNANSWERED}
