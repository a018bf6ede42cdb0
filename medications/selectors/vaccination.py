"""Reads: a person's vaccinations, from the calendar of childhood and from their records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from medications.models import VaccinationRecord, Vaccine
from medications.rules.vaccinations import OPEN, Given, PlannedDose, State, calendar, due_state
from medications.rules.vaccine_table import DOSE_NUMBERS
from medications.selectors.people import Person


@dataclass(frozen=True, slots=True)
class Vaccination:
    """One dose of one vaccine. `name` is in the active language.

    `counts_from` is the first day on which something that was given too early would have counted.
    """

    name: str
    dose_number: int
    due_on: date | None
    given_on: date | None
    state: State
    counts_from: date | None = None


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
        theirs = _vaccinations(person, records[person.patient.pk], names, now)
        if theirs:
            found.append((person, theirs))
    return found


def _vaccinations(
    person: Person, records: Sequence[VaccinationRecord], names: dict[str, str], now: datetime
) -> list[Vaccination]:
    """The whole calendar of a child; of others, what the clinic has recorded."""
    today = person.today(now)
    born = person.patient.date_of_birth
    ruled = [record for record in records if born and record.vaccine.code in DOSE_NUMBERS]
    rows = []
    if born:
        due = {
            (record.vaccine.code, record.dose_number): record.next_due_date
            for record in ruled
            if record.date_given is None
        }
        for dose in calendar(born, given=_given(ruled), today=today):
            if person.is_child(now) or dose.given_on or due.get((dose.vaccine, dose.dose_number)):
                rows.append(_planned(dose, due.get((dose.vaccine, dose.dose_number)), names, today))
    rows += [
        _recorded(record, today)
        for record in records
        if record not in ruled and (record.date_given or record.next_due_date)
    ]
    return sorted(rows, key=lambda row: row.given_on or row.due_on or today)


def _given(records: Iterable[VaccinationRecord]) -> list[Given]:
    return [
        Given(vaccine=record.vaccine.code, dose_number=record.dose_number, on=record.date_given)
        for record in records
        if record.date_given
    ]


def _planned(
    planned: PlannedDose, clinics_date: date | None, names: dict[str, str], today: date
) -> Vaccination:
    """A dose of the calendar; a date that the clinic set takes precedence over the calendar's."""
    due_on, state = planned.due_on, planned.state
    if state in OPEN and clinics_date:
        due_on, state = clinics_date, due_state(clinics_date, today)
    return Vaccination(
        names.get(planned.vaccine, planned.vaccine.upper()),
        planned.dose_number,
        due_on,
        planned.given_on,
        state,
        planned.counts_from,
    )


def _recorded(record: VaccinationRecord, today: date) -> Vaccination:
    state = State.GIVEN
    if record.date_given is None and record.next_due_date:
        state = due_state(record.next_due_date, today)
    return Vaccination(
        record.vaccine.name, record.dose_number, record.next_due_date, record.date_given, state
    )
