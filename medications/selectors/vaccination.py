"""Reads: a person's vaccinations, from the calendar of childhood and from their records."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from medications.models import VaccinationRecord, Vaccine
from medications.rules.vaccinations import (
    OPEN,
    Given,
    PlannedDose,
    State,
    calendar,
    due_state,
    judged,
    still_to_give,
)
from medications.rules.vaccine_table import CHILDHOOD, DOSE_NUMBERS, has_dose
from medications.selectors.people import Person


@dataclass(frozen=True, slots=True)
class Vaccination:
    """One dose of the vaccine of that code. `name` is in the active language.

    `counts_from` is the first day on which something that was given too early would have counted.
    """

    vaccine: str
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


def not_counted(records: Collection[VaccinationRecord]) -> set[int]:
    """The ids of those of these records that were given too early in childhood. One query; patients are joined."""
    born: dict[int, date] = {
        record.patient_id: record.patient.date_of_birth for record in records if record.patient.date_of_birth
    }
    given = VaccinationRecord.objects.given_to(born)
    wasted = {
        (patient_id, vaccine, each.given.dose_number, each.given.on)
        for patient_id, theirs in given.items()
        for vaccine in {each.vaccine for each in theirs} & DOSE_NUMBERS.keys()
        for each in judged(vaccine, born[patient_id], [one for one in theirs if one.vaccine == vaccine])
        if not each.counts and each.given.on < CHILDHOOD.after(born[patient_id])
    }
    return {
        record.pk
        for record in records
        if (record.patient_id, record.vaccine.code, record.dose_number, record.date_given) in wasted
    }


def _vaccinations(
    person: Person, records: Sequence[VaccinationRecord], names: dict[str, str], now: datetime
) -> list[Vaccination]:
    """The whole calendar of a child, and what the clinic has recorded beside it; of others, the records alone."""
    today, born = person.today(now), person.patient.date_of_birth
    given = _given(records)
    rows: list[Vaccination] = []
    if born and person.is_child(now):
        due = {
            (each.vaccine.code, each.dose_number): each.next_due_date for each in records if each.open_dose
        }
        rows += [
            _planned(dose, due.get((dose.vaccine, dose.dose_number)), names, today)
            for dose in calendar(born, given=given, today=today)
        ]
        records = [each for each in records if not _is_ruled(each)]
    rows += [_recorded(each, born, given, today) for each in records if each.date_given or each.next_due_date]
    return sorted(rows, key=lambda row: row.given_on or row.due_on or today)


def _is_ruled(record: VaccinationRecord) -> bool:
    """Whether the calendar speaks for it."""
    code = record.vaccine.code
    return code in DOSE_NUMBERS and (bool(record.date_given) or has_dose(code, record.dose_number))


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
        # Nobody is asked to come on a day on which it wouldn't count.
        due_on = max(clinics_date, planned.counts_from or clinics_date)
        state = due_state(due_on, today)
    return Vaccination(
        planned.vaccine,
        names.get(planned.vaccine, planned.vaccine.upper()),
        planned.dose_number,
        due_on,
        planned.given_on,
        state,
        planned.counts_from,
    )


def _recorded(
    record: VaccinationRecord, born: date | None, given: Sequence[Given], today: date
) -> Vaccination:
    state, due_on = State.GIVEN, record.next_due_date
    if dose := record.open_dose:
        asked = still_to_give(dose, born=born, given=given, on=today)
        state = due_state(dose.due_on, today) if asked else State.NO_LONGER
    return Vaccination(
        record.vaccine.code, record.vaccine.name, record.dose_number, due_on, record.date_given, state
    )
