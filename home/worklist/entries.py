"""Reads: who is on the list now, why, and what was tried."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from home.models import Clinic, FollowUp, Patient, WorklistEntry, is_here
from home.worklist.numbers import Number, numbers_of
from home.worklist.reasons import HOURS, WorklistReason, worklist_reason, worklist_reasons
from home.worklist.results import TRIES

Result = FollowUp.Result
UNREACHED = "unreached"
"""The reason that a wrong number leaves on the list."""
_TRIED = timedelta(days=90)
_NOBODY_SPOKEN_TO = {Result.NO_ANSWER, Result.CALL_LATER, Result.WRONG_NUMBER}


@dataclass(frozen=True, slots=True)
class Listed:
    """A clinic's list at one moment: its patients in their order, and how many there are."""

    patient_ids: Sequence[int]
    number: int
    new_today: int
    by_reason: Mapping[str, int]
    """How many patients have each reason, whichever is chosen."""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for a call, in the reader's language. `quote` is what the person wrote."""

    name: str
    label: str
    words: str
    detail: str
    quote: str
    since: date
    is_urgent: bool
    is_perhaps_lost: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """The calls of the last months: the latest, and on how many days nobody answered since somebody did."""

    last: FollowUp
    days_in_vain: int

    @property
    def is_perhaps_lost(self) -> bool:
        return self.days_in_vain >= TRIES


@dataclass(frozen=True, slots=True)
class Line:
    """One patient on the list."""

    patient: Patient
    today: date
    why: Sequence[Why]
    number: Number | None
    tried: Tried | None

    @property
    def is_perhaps_lost(self) -> bool:
        return any(why.is_perhaps_lost for why in self.why) or bool(self.tried and self.tried.is_perhaps_lost)


def days_of(clinics: Collection[Clinic], now: datetime) -> dict[int, date]:
    """What day it is at each of these clinics."""
    return {clinic.pk: now.astimezone(ZoneInfo(clinic.zone)).date() for clinic in clinics}


def on_the_list(clinics: Collection[Clinic], now: datetime) -> QuerySet[WorklistEntry]:
    """The entries that are shown now: of patients who are treated here, and whom no call has settled for today."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for clinic_id, today in days_of(clinics, now).items():
        by_day[today].append(clinic_id)
    if not by_day:
        return WorklistEntry.objects.none()
    shown = [Q(clinic__in=clinic_ids) & ~Q(Exists(_settled(today))) for today, clinic_ids in by_day.items()]
    return WorklistEntry.objects.filter(
        reduce(or_, shown),
        is_here("patient"),
        reason__in=[reason.name for reason in worklist_reasons()],
        patient__clinic=F("clinic"),
    )


def _settled(today: date) -> QuerySet[FollowUp]:
    """The call because of which an entry isn't shown: the last word on its patient, on nothing less pressing.

    What can't wait and happened after the call isn't settled by it. A wrong number doesn't settle that nobody is
    reached.
    """
    reason = ExpressionWrapper(OuterRef("reason"), output_field=CharField())
    return FollowUp.objects.alias(reason=reason).filter(
        ~Q(result=Result.WRONG_NUMBER, reason=UNREACHED),
        patient=OuterRef("patient"),
        stands=True,
        back_on__gt=today,
        pressing__gte=OuterRef("pressing"),
        at__gte=Coalesce(OuterRef("happened_at"), F("at")),
    )


def listed(clinics: Collection[Clinic], now: datetime, *, reason: str = "") -> Listed:
    """The list of these clinics, of those with this reason if one is given. One query.

    The most pressing come first, then whoever waits longest.
    """
    order: dict[int, tuple[int, date]] = {}
    having: dict[str, set[int]] = defaultdict(set)
    known_before = set()
    rows = on_the_list(clinics, now).annotate(known_before=_known_before_today(clinics, now))
    for patient_id, name, pressing, since, known in rows.values_list(
        "patient_id", "reason", "pressing", "since", "known_before"
    ):
        before = order.get(patient_id)
        mine = (-pressing, since)
        order[patient_id] = (min(before[0], mine[0]), min(before[1], mine[1])) if before else mine
        having[name].add(patient_id)
        if known:
            known_before.add(patient_id)
    chosen = having.get(reason, set()) if reason else order.keys()
    return Listed(
        patient_ids=sorted(chosen, key=lambda patient_id: (order[patient_id], patient_id)),
        number=len(order),
        new_today=len(order.keys() - known_before),
        by_reason={name: len(patients) for name, patients in having.items()},
    )


def _known_before_today(clinics: Collection[Clinic], now: datetime) -> ExpressionWrapper[Any]:
    """Whether an entry was found on an earlier day of its clinic; the database says so quicker than we read times."""
    by_midnight: dict[datetime, list[int]] = defaultdict(list)
    for clinic in clinics:
        local = now.astimezone(ZoneInfo(clinic.zone))
        by_midnight[local.replace(hour=0, minute=0, second=0, microsecond=0)].append(clinic.pk)
    before = [Q(clinic__in=ids, found_at__lt=midnight) for midnight, ids in by_midnight.items()]
    return ExpressionWrapper(reduce(or_, before, Q(pk=None)), output_field=BooleanField())


def lines(
    patient_ids: Sequence[int], clinics: Collection[Clinic], now: datetime, *, with_all: bool = False
) -> list[Line]:
    """What is shown of these patients of the clinics, in the order given; a constant number of queries.

    Whoever isn't on the list is left out, unless `with_all`.
    """
    ids = set(patient_ids)
    entries: dict[int, list[WorklistEntry]] = defaultdict(list)
    for entry in (
        on_the_list(clinics, now).filter(patient__any_of=ids).order_by("-pressing", "since", "reason")
    ):
        entries[entry.patient_id].append(entry)
    shown = ids if with_all else entries.keys()
    patients = Patient.objects.filter(pk__any_of=shown, clinic__in=[clinic.pk for clinic in clinics])
    found = {patient.pk: patient for patient in patients.select_related("clinic")}
    quotes = _quotes([entry for some in entries.values() for entry in some])
    numbers, tried, days = numbers_of(found), _tried(found, now), days_of(clinics, now)
    return [
        Line(
            patient=found[patient_id],
            today=days[found[patient_id].clinic_id],
            why=[_why(entry, quotes) for entry in entries[patient_id]],
            number=numbers.get(patient_id),
            tried=tried.get(patient_id),
        )
        for patient_id in patient_ids
        if patient_id in found
    ]


def reasons_of(patient: Patient, now: datetime) -> list[Why]:
    """Why this patient is on the list now, the most pressing first. Join the clinic. A constant number of queries."""
    return [why for line in lines([patient.pk], [patient.clinic], now) for why in line.why]


def tries_of(patient_id: int) -> QuerySet[FollowUp]:
    """All calls to this patient with who called, the latest first."""
    return FollowUp.objects.filter(patient=patient_id).select_related("by").order_by("-at", "-id")


def _quotes(entries: Collection[WorklistEntry]) -> dict[tuple[str, int], str]:
    facts: dict[str, dict[int, Any]] = defaultdict(dict)
    for entry in entries:
        facts[entry.reason][entry.patient_id] = entry.facts
    return {
        (name, patient_id): quote
        for name, facts_of in facts.items()
        for patient_id, quote in _reason(name).quotes(facts_of).items()
    }


def _why(entry: WorklistEntry, quotes: Mapping[tuple[str, int], str]) -> Why:
    reason = _reason(entry.reason)
    return Why(
        name=reason.name,
        label=str(reason.label),
        words=reason.words(entry.facts),
        detail=reason.detail(entry.facts),
        quote=quotes.get((entry.reason, entry.patient_id), ""),
        since=entry.since,
        is_urgent=entry.pressing >= HOURS,
        is_perhaps_lost=reason.is_perhaps_lost(entry.facts),
    )


def _reason(name: str) -> WorklistReason:
    reason = worklist_reason(name)
    if reason is None:
        raise LookupError(name)
    return reason


def _tried(patients: Mapping[int, Patient], now: datetime) -> dict[int, Tried]:
    calls: dict[int, list[FollowUp]] = defaultdict(list)
    rows = FollowUp.objects.filter(patient_id__any_of=patients, at__gt=now - _TRIED).defer("note", "number")
    for call in rows.select_related("by").order_by("-at", "-id"):
        calls[call.patient_id].append(call)
    return {
        patient_id: Tried(some[0], _days_in_vain(some, ZoneInfo(patients[patient_id].clinic.zone)))
        for patient_id, some in calls.items()
    }


def _days_in_vain(calls: Sequence[FollowUp], zone: ZoneInfo) -> int:
    """On how many days nobody answered, since somebody was spoken to; the latest call first."""
    days = set()
    for call in calls:
        if call.result not in _NOBODY_SPOKEN_TO:
            break
        if call.result == Result.NO_ANSWER:
            days.add(call.at.astimezone(zone).date())
    return len(days)
