"""Doses besides the plan: extra ones, and those of medicines that are taken as needed.

Each raises DoesNotExist when the person doesn't care for the patient, RuleError for a time or a quantity that can't
be, and LimitReachedError when a medicine that is taken as needed is taken too early or too much.
"""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from home.models import User
from home.selectors import patients_of
from medications.models import Dose, Prescription
from medications.rules import as_needed
from medications.rules.answers import is_over
from medications.rules.as_needed import Limit
from medications.rules.dose_kinds.as_needed import AsNeededRule
from medications.rules.errors import RuleError
from medications.selectors.as_needed import rule_of, taken_between
from medications.services.answer_log import Answer, last_answer, log
from medications.services.answers import AnsweredMeanwhileError
from medications.services.dose_stock import take_for
from medications.services.stock import stock_give_back


class LimitReachedError(Exception):
    """A dose that would break a limit. Nothing was recorded."""

    def __init__(self, limit: Limit, rule: AsNeededRule, next_at: datetime) -> None:
        self.limit = limit
        self.rule = rule
        self.next_at = next_at
        super().__init__(str(limit))


def dose_record(
    *,
    prescription_id: int,
    user: User,
    now: datetime,
    taken_at: datetime,
    quantity: Decimal,
    all_the_same: bool = False,
) -> Dose:
    """Record a dose that isn't in the plan and was taken at that minute, and take it from the stock.

    `all_the_same`: it was taken although it was too early or too much; it is recorded and marked. What was recorded for
    the same minute already isn't recorded again.
    """
    taken_at = taken_at.replace(second=0, microsecond=0)
    with transaction.atomic():
        prescription = _locked(prescription_id, user)
        rule, limit = _judged(prescription, taken_at, quantity, now)
        kind, whole = _kind_of(rule)
        same = Dose.objects.filter(
            prescription=prescription, kind=kind, due_at=taken_at, state=Dose.State.TAKEN
        )
        if found := same.first():
            return found
        if rule and limit.is_broken and not all_the_same:
            raise LimitReachedError(limit, rule, _next_at(prescription, rule, now))
        dose = Dose.objects.create(
            prescription=prescription,
            patient=prescription.patient,
            kind=kind,
            quantity=whole or quantity,
            answered_at=now,
            answered_by=user,
            state=Dose.State.TAKEN,
            over_limit=limit.is_broken,
            **_at(taken_at, whole, quantity),
        )
        take_for(dose, user=user, now=now)
        log(dose, Answer.TAKEN, user=user, now=now)
    return dose


def record_correct(
    *,
    dose_id: int,
    user: User,
    now: datetime,
    seen: int,
    taken_at: datetime,
    quantity: Decimal,
    all_the_same: bool = False,
) -> Dose:
    """Give a dose that was recorded besides the plan another time or amount; what stood before stays in the log.

    `seen` as in `answers.dose_correct`. AnsweredMeanwhileError when it was changed or taken back since.
    """
    taken_at = taken_at.replace(second=0, microsecond=0)
    with transaction.atomic():
        prescription = _locked(Dose.objects.values_list("prescription_id", flat=True).get(id=dose_id), user)
        dose = Dose.objects.select_for_update(of=("self",)).select_related("patient__clinic").get(id=dose_id)
        if (dose.state, dose.due_at, dose.amount) == (Dose.State.TAKEN, taken_at, quantity):
            return dose
        if dose.state != Dose.State.TAKEN or dose.is_planned or last_answer(dose_id) != seen:
            raise AnsweredMeanwhileError
        if is_over(dose.due_at, now=now):
            return dose
        rule, limit = _judged(prescription, taken_at, quantity, now, without=dose_id)
        kind, whole = _kind_of(rule)
        if rule and limit.is_broken and not all_the_same:
            raise LimitReachedError(limit, rule, _next_at(prescription, rule, now, without=dose_id))
        _refuse_twice(prescription, kind, taken_at, without=dose_id)
        stock_give_back(dose=dose, user=user, now=now)
        for name, value in _at(taken_at, whole, quantity).items():
            setattr(dose, name, value)
        dose.local_day, dose.local_time = None, None
        dose.local_day, dose.local_time = dose.wall(ZoneInfo(dose.patient.zone))
        dose.quantity = whole or quantity
        dose.kind, dose.over_limit = kind, limit.is_broken
        dose.answered_at, dose.answered_by = now, user
        dose.save()
        take_for(dose, user=user, now=now)
        log(dose, Answer.TAKEN, user=user, now=now)
    return dose


def _locked(prescription_id: int, user: User) -> Prescription:
    """The prescription, with all of this patient for the same medicine locked: their doses count together."""
    theirs: QuerySet[Prescription] = Prescription.objects.filter(
        patient__in=patients_of(user).order_by().values("pk")
    )
    found = theirs.select_related("patient__clinic", "medicine").prefetch_related("schedules")
    prescription = found.get(id=prescription_id)
    same = Prescription.objects.filter(
        patient_id=prescription.patient_id, medicine_id=prescription.medicine_id
    )
    # As `ledger.hold_home` does, which holds the home supply too.
    list(same.select_for_update(no_key=True).order_by("id").values_list("id", flat=True))
    return prescription


def _judged(
    prescription: Prescription, taken_at: datetime, quantity: Decimal, now: datetime, without: int = 0
) -> tuple[AsNeededRule | None, Limit]:
    """The rule by which it is taken as needed on that day, if there is one, and the limits that it breaks."""
    day = taken_at.astimezone(ZoneInfo(prescription.patient.zone)).date()
    if taken_at > now:
        raise RuleError("taken_at", "taken_at: this time is still to come.")
    if is_over(taken_at, now=now):
        raise RuleError("taken_at", "taken_at: this is more than a week ago.")
    ended = prescription.ended_at and taken_at > prescription.ended_at
    if ended or not prescription.start_date <= day <= (prescription.end_date or day):
        raise RuleError("taken_at", "taken_at: this medicine was not prescribed at that time.")
    if quantity <= 0:
        raise RuleError("quantity", "quantity: this must be more than 0.")
    rule = rule_of(prescription, day)
    if rule is None:
        return None, Limit()
    span = max(as_needed.DAY, rule.min_hours)
    taken = taken_between([prescription], taken_at - span, taken_at + span, without=without)
    together = taken[prescription.patient_id, prescription.medicine_id]
    return rule, as_needed.limit(rule, together, taken_at, quantity)


def _kind_of(rule: AsNeededRule | None) -> tuple[str, Decimal | None]:
    """The kind of a dose by this rule, and the quantity of a whole one if the rule says it."""
    return (Dose.Kind.AS_NEEDED, rule.quantity) if rule else (Dose.Kind.EXTRA, None)


def _next_at(prescription: Prescription, rule: AsNeededRule, now: datetime, without: int = 0) -> datetime:
    span = max(as_needed.DAY, rule.min_hours)
    taken = taken_between([prescription], now - span, now, without=without)
    return as_needed.next_at(rule, taken[prescription.patient_id, prescription.medicine_id], now)


def _refuse_twice(prescription: Prescription, kind: str, taken_at: datetime, *, without: int) -> None:
    same = Dose.objects.filter(prescription=prescription, kind=kind, due_at=taken_at, state=Dose.State.TAKEN)
    if same.exclude(id=without).exists():
        raise RuleError("taken_at", "taken_at: a dose of this time is recorded already.")


def _at(taken_at: datetime, whole: Decimal | None, quantity: Decimal) -> dict[str, object]:
    """The columns that say when and how much. It was due when it was taken, and nothing waits for it."""
    return {
        "due_at": taken_at,
        "taken_at": taken_at,
        "remind_until": taken_at,
        "missed_at": taken_at,
        "taken_quantity": None if quantity == (whole or quantity) else quantity,
    }
