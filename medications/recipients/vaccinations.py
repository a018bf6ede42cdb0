"""Recipients of the reminder of a vaccination that is due tomorrow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from home.models import Relation
from home.selectors import people_of
from medications.formats import PatientValue
from medications.models import VaccinationRecord
from medications.recipients.values import bilingual_of
from notifications.types import Publication, Recipient


def vaccination_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's carers. The message is valid until the day itself is over. Three queries."""
    records = _due([(each.payload["vaccination_record_id"], each.payload["due_on"]) for each in publications])
    people = people_of({record.patient_id for record in records.values()})
    for publication in publications:
        record = records.get((publication.payload["vaccination_record_id"], publication.payload["due_on"]))
        if record is None:
            continue
        patient = record.patient
        due_on = date.fromisoformat(publication.payload["due_on"])
        values = {
            "vaccine": bilingual_of(record.vaccine, "name"),
            "dose_number": record.dose_number,
            "due_on": due_on,
            "clinic": patient.clinic.name,
        }
        for carer in people[patient.id]:
            is_patient = carer.relation == Relation.SELF
            named = PatientValue(patient.get_full_name(), carer.born)
            yield Recipient(
                event_record_id=publication.id,
                user_id=carer.user_id,
                params={**values, "patient": named, "for_whom": "" if is_patient else named},
                dedupe_key=f"{record.id}:{due_on}:vaccination_due",
                path=f"/vaccinations/#patient-{patient.id}",
                data=dict(publication.payload),
                related_object_type="vaccinationrecord",
                related_object_id=record.id,
                valid_until=datetime.combine(due_on + timedelta(days=1), time.min, ZoneInfo(patient.zone)),
            )


def vaccination_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether each is still due on that day and not given. One query."""
    asked = [(each["vaccination_record_id"], each["due_on"]) for each in data]
    due = _due(asked)
    return [each in due for each in asked]


def _due(asked: Iterable[tuple[int, str]]) -> dict[tuple[int, str], VaccinationRecord]:
    records = VaccinationRecord.objects.filter(
        id__in={record_id for record_id, _ in asked},
        date_given__isnull=True,
        next_due_date__isnull=False,
        patient__deceased_on__isnull=True,
    ).select_related("vaccine", "patient__clinic")
    return {(record.id, f"{record.next_due_date}"): record for record in records}
