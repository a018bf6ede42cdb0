"""Recipients of the reminder of a vaccination that is due tomorrow, and of the asks about one that is overdue.

Of either, nothing is said that the table no longer asks for by the last day of the message.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from home.carers import carer_data, while_carers_are_told
from home.models import Relation, in_care
from home.scope import about_patient
from home.selectors import people_of
from medications.formats import PatientValue
from medications.models import VaccinationRecord
from medications.recipients.values import bilingual_of
from medications.rules.vaccinations import still_to_give
from notifications.types import Publication, Recipient

_ONE_DAY = timedelta(days=1)
_Said = Mapping[str, Any]
"""The payload of a publication, which is also the data of its messages."""


def _day_itself(said: _Said) -> date:
    return date.fromisoformat(said["due_on"])


def _day_after_the_ask(said: _Said) -> date:
    return date.fromisoformat(said["asked_on"]) + _ONE_DAY


def vaccination_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's people. The message is valid until the day itself is over. Four queries."""
    return _recipients(publications, _day_itself, "vaccination_due")


def overdue_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's people. The message is valid until the end of the day after the ask. Four queries."""
    return _recipients(publications, _day_after_the_ask, "vaccination_overdue")


@while_carers_are_told
def vaccination_still_relevant(data: Sequence[_Said]) -> Sequence[bool]:
    """Whether each is still due on that day, not given, and still to be given. Two queries."""
    due = _due(data, _day_itself)
    return [_key(each) in due for each in data]


@while_carers_are_told
def overdue_still_relevant(data: Sequence[_Said]) -> Sequence[bool]:
    """Whether each is still due since that day, not given, and still to be given. Two queries."""
    due = _due(data, _day_after_the_ask)
    return [_key(each) in due for each in data]


def _recipients(
    publications: Sequence[Publication], last_day: Callable[[_Said], date], name: str
) -> Iterable[Recipient]:
    records = _due([each.payload for each in publications], last_day)
    people = people_of({record.patient_id for record in records.values()})
    for publication in publications:
        record = records.get(_key(publication.payload))
        if record is None:
            continue
        patient = record.patient
        said = publication.payload
        due_on = date.fromisoformat(said["due_on"])
        values = {
            "vaccine": bilingual_of(record.vaccine, "name"),
            "dose_number": record.dose_number,
            "due_on": due_on,
            "clinic": patient.clinic.name,
        }
        ends = last_day(said) + _ONE_DAY
        asked = f":{said['asked_on']}" if "asked_on" in said else ""
        for carer in people[patient.id]:
            is_patient = carer.relation == Relation.SELF
            named = PatientValue(patient.get_full_name(), carer.born)
            yield Recipient(
                event_record_id=publication.id,
                user_id=carer.user_id,
                params={**values, "patient": named, "for_whom": "" if is_patient else named},
                dedupe_key=f"{record.id}:{due_on}:{name}{asked}",
                path=f"/vaccinations/#patient-{patient.id}",
                data={**said, **carer_data(carer.relation, patient.id)},
                related_object_type="vaccinationrecord",
                related_object_id=record.id,
                valid_until=datetime.combine(ends, time.min, ZoneInfo(patient.zone)),
                about=about_patient(patient),
            )


def _key(said: _Said) -> tuple[int, str]:
    return said["vaccination_record_id"], said["due_on"]


def _due(
    asked: Sequence[_Said], last_day: Callable[[_Said], date]
) -> dict[tuple[int, str], VaccinationRecord]:
    last_days = {_key(each): last_day(each) for each in asked}
    records = VaccinationRecord.objects.filter(
        in_care("patient"),
        id__any_of={record_id for record_id, _due_on in last_days},
        date_given__isnull=True,
        next_due_date__isnull=False,
    ).select_related("vaccine", "patient__clinic")
    found = {(record.id, f"{record.next_due_date}"): record for record in records}
    given = VaccinationRecord.objects.given_to({record.patient_id for record in found.values()})
    return {
        key: record
        for key, record in found.items()
        if key in last_days
        and (dose := record.open_dose)
        and still_to_give(
            dose, born=record.patient.date_of_birth, given=given[record.patient_id], on=last_days[key]
        )
    }
