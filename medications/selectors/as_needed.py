"""Reads: the medicines that are taken as needed, and what was taken of them lately."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models.functions import Coalesce

from medications.models import Dose, Prescription
from medications.rules import as_needed, doses
from medications.rules.as_needed import Taken
from medications.rules.dose_kinds.as_needed import AsNeededRule
from medications.rules.errors import RuleError
from medications.selectors.people import Person


@dataclass(frozen=True, kw_only=True)
class AsNeeded:
    """A medicine that may be taken as needed: how many doses of it were taken in the last 24 hours, when the last,
    and from when on the next is possible (`now` when it is possible now).
    """

    prescription: Prescription
    rule: AsNeededRule
    count: int
    last_at: datetime | None
    next_at: datetime
    now: datetime

    @property
    def is_possible(self) -> bool:
        return self.next_at <= self.now


def rule_of(prescription: Prescription, day: date) -> AsNeededRule | None:
    """The rule by which it is taken as needed on that local day, if there is one. Its schedules are prefetched."""
    for schedule in prescription.schedules.all():
        try:
            rule = doses.parse(schedule.rule)
        except RuleError:
            continue
        if isinstance(rule, AsNeededRule) and _holds(rule, day):
            return rule
    return None


def as_needed_of(prescriptions: Sequence[Prescription], *, now: datetime) -> list[AsNeeded]:
    """Those of these prescriptions that may be taken as needed today. Schedules, patient and clinic are joined.

    One query, none where there are none.
    """
    rules = []
    for each in prescriptions:
        day = now.astimezone(ZoneInfo(each.patient.zone)).date()
        begun = each.start_date <= day and (each.end_date is None or each.end_date >= day)
        if begun and not each.ended_at and (rule := rule_of(each, day)):
            rules.append((each, rule))
    if not rules:
        return []
    span = max(as_needed.DAY, *(rule.min_hours for _, rule in rules))
    taken = taken_between([each for each, _ in rules], now - span, now)
    return [_outlook(each, rule, taken[each.patient_id, each.medicine_id], now) for each, rule in rules]


def as_needed_today(person: Person, *, now: datetime) -> list[AsNeeded]:
    """What this person may take as needed today. Three queries at most."""
    found = (
        Prescription.objects.filter(
            patient_id=person.patient.pk, ended_at__isnull=True, schedules__rule__kind=AsNeededRule.kind
        )
        .select_related("medicine", "patient__clinic")
        .prefetch_related("schedules")
        .order_by("start_date", "id")
        .distinct()
    )
    return as_needed_of(list(found), now=now)


def taken_between(
    prescriptions: Iterable[Prescription], begins: datetime, ends: datetime, *, without: int = 0
) -> defaultdict[tuple[int, int], list[Taken]]:
    """What these patients took of these medicines, planned or not, by patient and medicine. One query.

    `without` is the id of a dose that is left out.
    """
    rows = (
        Dose.objects.filter(
            state=Dose.State.TAKEN,
            patient_id__in={each.patient_id for each in prescriptions},
            prescription__medicine_id__in={each.medicine_id for each in prescriptions},
            due_at__gt=begins - timedelta(days=9),  # of planned ones, which are taken up to so long after
        )
        .annotate(when=Coalesce("taken_at", "answered_at"), how_much=Coalesce("taken_quantity", "quantity"))
        .filter(when__gt=begins, when__lte=ends)
        .exclude(id=without)
        .order_by("when")
    )
    found: defaultdict[tuple[int, int], list[Taken]] = defaultdict(list)
    for patient_id, medicine_id, when, quantity in rows.values_list(
        "patient_id", "prescription__medicine_id", "when", "how_much"
    ):
        found[patient_id, medicine_id].append((when, quantity))
    return found


def _outlook(prescription: Prescription, rule: AsNeededRule, taken: list[Taken], now: datetime) -> AsNeeded:
    return AsNeeded(
        prescription=prescription,
        rule=rule,
        count=as_needed.count(rule, taken, now),
        last_at=max((when for when, _ in taken), default=None),
        next_at=as_needed.next_at(rule, taken, now),
        now=now,
    )


def _holds(rule: AsNeededRule, day: date) -> bool:
    return (rule.start_date or day) <= day <= (rule.end_date or day)
