"""Reads: a person's vaccinations, from the calendar of childhood and from their records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from medications.models import VaccinationRecord, Vaccine
from medications.rules.vaccinations import PlannedDose, State, calendar
from medications.selectors.people import Person


@dataclass(frozen=True, slots=True)
class Vaccination:
    """One dose of one vaccine. `name` is in the active language."""

    name: str
    dose_number: int
    due_on: date | None
    given_on: date | None
    state: State


def has_vaccinations(person: Person, *, now: datetime) -> bool:
    """Whether this person has vaccinations to show. At most one query."""
    return person.is_child(now) or VaccinationRecord.objects.filter(patient_id=person.patient.pk).exists()


def vaccinations_of(people: Sequence[Person], *, now: datetime) -> list[tuple[Person, list[Vaccination]]]:
    """The vaccinations of each person who has any, by date. Two queries."""
    records: dict[int, list[VaccinationRecord]] = {person.patient.pk: [] for person in people}
    for record in VaccinationRecord.objects.filter(patient_id__in=records).select_related("vaccine"):
        records[record.patient_id].append(record)
    names = {vaccine.code: vaccine.name for vaccine in Vaccine.objects.all()}
    found = []
    for person in people:
        theirs = _vaccinations(person, records[person.patient.pk], names, person.today(now), now)
        if theirs:
            found.append((person, theirs))
    return found


def _vaccinations(
    person: Person, records: Iterable[VaccinationRecord], names: dict[str, str], today: date, now: datetime
) -> list[Vaccination]:
    by_dose = {(record.vaccine.code, record.dose_number): record for record in records}
    born = person.patient.date_of_birth
    planned = []
    if born and person.is_child(now):
        given = {key: record.date_given for key, record in by_dose.items() if record.date_given}
        planned = calendar(born, given=given, today=today)
    rows = [
        _planned(each, by_dose.pop((each.vaccine, each.dose_number), None), names, today) for each in planned
    ]
    rows += [
        _recorded(record, today) for record in by_dose.values() if record.date_given or record.next_due_date
    ]
    return sorted(rows, key=lambda row: row.given_on or row.due_on or today)


def _planned(
    planned: PlannedDose, record: VaccinationRecord | None, names: dict[str, str], today: date
) -> Vaccination:
    """A dose of the calendar; the date that the clinic set takes precedence over the calendar's."""
    if record and record.date_given is None and record.next_due_date:
        return _recorded(record, today)
    return Vaccination(
        names.get(planned.vaccine, planned.vaccine.upper()),
        planned.dose_number,
        planned.due_on,
        planned.given_on,
        planned.state,
    )


def _recorded(record: VaccinationRecord, today: date) -> Vaccination:
    return Vaccination(
        record.vaccine.name,
        record.dose_number,
        record.next_due_date,
        record.date_given,
        _state(record, today),
    )


def _state(record: VaccinationRecord, today: date) -> State:
    if record.date_given or record.next_due_date is None:
        return State.GIVEN
    if record.next_due_date == today:
        return State.DUE
    return State.OVERDUE if record.next_due_date < today else State.UPCOMING
