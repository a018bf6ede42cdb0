"""A dose rule as dosage instructions of FHIR R4 (https://hl7.org/fhir/R4/dosage.html).

What `Timing.repeat` can't say, a cycle of days on and off, is said by the times of its next doses and in words.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from medications.models import Medicine, Prescription
from medications.presentation.outcome_words import unit_word
from medications.rules import doses
from medications.rules.dose_kinds.as_needed import AsNeededRule
from medications.rules.dose_kinds.cycle import CycleRule
from medications.rules.dose_kinds.every_n_days import EveryNDaysRule
from medications.rules.dose_kinds.interval import IntervalRule
from medications.rules.dose_kinds.taper import TaperRule
from medications.rules.dose_kinds.times import TimesRule
from medications.rules.dose_rule import DoseRule, WallTimeRule
from medications.rules.errors import RuleError
from medications.rules.wall_time import slot_times

Json = dict[str, Any]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = 7
_UCUM = "http://unitsofmeasure.org"
_EVENTS_DAYS = 28
_ONE_DAY = timedelta(days=1)


def quantity(value: Decimal, medicine: Medicine) -> Json:
    """An amount in units of the medicine's form."""
    code = "mL" if medicine.form == Medicine.Form.ML else f"{{{medicine.form}}}"
    return {
        "value": number(value),
        "unit": unit_word(medicine),
        "system": _UCUM,
        "code": code,
    }


def number(value: Decimal) -> int | float:
    """As JSON writes it: 1, 0.5."""
    return int(value) if value == value.to_integral_value() else float(value)


def dosages(prescription: Prescription, lines: list[str], *, today: date) -> list[Json]:
    """One for each schedule, and of a taper one for each step; `lines` are the schedules in words, in their order.

    The patient and their clinic are joined, the schedules prefetched.
    """
    found = []
    for schedule, words in zip(prescription.schedules.all(), lines, strict=False):
        try:
            found += list(_of_rule(doses.parse(schedule.rule), prescription, words, today))
        except RuleError:  # the expansion of doses logs it
            found.append({"text": words})
    if not found:
        found = [{"text": line} for line in lines]
    return [{"sequence": place, **each} for place, each in enumerate(found, start=1)]


def _of_rule(rule: DoseRule, prescription: Prescription, words: str, today: date) -> Iterator[Json]:
    medicine = prescription.medicine
    bounds = _bounds(rule, prescription)
    if isinstance(rule, TaperRule):
        yield from _taper(rule, prescription, words)
        return
    if not isinstance(rule, TimesRule | EveryNDaysRule | CycleRule | IntervalRule | AsNeededRule):
        raise RuleError("kind", "kind: there are no words for this.")
    timing: Json = {"code": {"text": words}}
    if isinstance(rule, CycleRule):
        if events := _events(rule, prescription, today):
            timing["event"] = events
    else:
        timing["repeat"] = {**bounds, **_repeat(rule, prescription.patient.slots)}
    dosage: Json = {"text": words, "timing": timing, "doseAndRate": _dose(rule.quantity, medicine)}
    if isinstance(rule, AsNeededRule):
        dosage["asNeededBoolean"] = True
        dosage["maxDosePerPeriod"] = {
            "numerator": quantity(rule.quantity * rule.max_per_day, medicine),
            "denominator": {"value": 24, "unit": "h", "system": _UCUM, "code": "h"},
        }
    yield dosage


def _repeat(rule: TimesRule | EveryNDaysRule | IntervalRule | AsNeededRule, slots: Mapping[str, str]) -> Json:
    if isinstance(rule, IntervalRule):
        return {"frequency": 1, "period": _hours(rule.hours), "periodUnit": "h"}
    if isinstance(rule, AsNeededRule):
        return {"frequency": 1, "period": _hours(rule.min_hours), "periodUnit": "h"}
    if isinstance(rule, EveryNDaysRule):
        return _daily(rule, slots, every=rule.n)
    repeat = _daily(rule, slots)
    if len(rule.weekdays) < _EVERY_DAY:
        repeat["dayOfWeek"] = [_WEEKDAYS[day] for day in sorted(rule.weekdays)]
    return repeat


def _dose(amount: Decimal, medicine: Medicine) -> list[Json]:
    return [{"doseQuantity": quantity(amount, medicine)}]


def _taper(rule: TaperRule, prescription: Prescription, words: str) -> Iterator[Json]:
    first = rule.start_date
    ends = min(filter(None, (prescription.end_date, rule.end_date)), default=None)
    for step in rule.steps:
        last = first + timedelta(days=step.days - 1)
        until = min(last, ends) if ends else last
        if until >= first:
            bounds = {"boundsPeriod": {"start": first.isoformat(), "end": until.isoformat()}}
            yield {
                "text": words,
                "timing": {
                    "code": {"text": words},
                    "repeat": {**bounds, **_daily(rule, prescription.patient.slots)},
                },
                "doseAndRate": _dose(step.quantity, prescription.medicine),
            }
        first = last + _ONE_DAY


def _daily(rule: WallTimeRule, slots: Mapping[str, str], *, every: int = 1) -> Json:
    named = slot_times(slots)
    times = sorted(named[at] if at in named else time.fromisoformat(at) for at in rule.times)
    return {
        "frequency": len(times),
        "period": every,
        "periodUnit": "d",
        "timeOfDay": [f"{at:%H:%M:%S}" for at in times],
    }


def _events(rule: CycleRule, prescription: Prescription, today: date) -> list[str]:
    """The next doses of four weeks, or of one cycle if that is longer."""
    begins = max(today, prescription.start_date)
    ends = begins + timedelta(days=max(_EVENTS_DAYS, rule.on + rule.off))
    patient = prescription.patient
    if prescription.end_date:
        ends = min(ends, prescription.end_date)
    due = doses.expand(rule, start=begins, end=ends, timezone=patient.zone, slots=patient.slots)
    return [_instant(due_at) for due_at, _quantity in due]


def _bounds(rule: DoseRule, prescription: Prescription) -> Json:
    starts = max(prescription.start_date, rule.start_date or prescription.start_date)
    ends = min(filter(None, (prescription.end_date, rule.end_date)), default=None)
    period = {"start": starts.isoformat()}
    if isinstance(rule, IntervalRule):
        period["start"] = _instant(rule.first)
    if ends:
        period["end"] = max(ends, starts).isoformat()
    return {"boundsPeriod": period}


def _hours(span: timedelta) -> int | float:
    return number(Decimal(span // timedelta(seconds=1)) / 3600)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
