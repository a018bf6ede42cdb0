"""Recipients of the weekly question, and whether it still wants an answer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from home.carers import carer_data, while_carers_are_told
from home.models import Relation, is_here
from home.scope import about_patient
from home.selectors import people_of
from medications.formats import PatientValue
from medications.models import WeeklyCheck
from medications.selectors.weekly_checks import asked_by_sms
from notifications.types import Publication, Recipient

VALID_FOR = timedelta(hours=24)


def weekly_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Those of a patient's people whom nothing but SMS reaches. A constant number of queries."""
    asked = _unanswered([each.payload for each in publications])
    people = people_of({patient_id for patient_id, _week in asked})
    by_sms = asked_by_sms({each.user_id for those in people.values() for each in those}, now=now)
    for publication in publications:
        key = _key(publication.payload)
        check = asked.get(key)
        if check is None:
            continue
        name = check.patient.get_full_name()
        for carer in people[check.patient_id]:
            if carer.user_id not in by_sms:
                continue
            is_self = carer.relation == Relation.SELF
            patient = PatientValue(name, carer.born)
            yield Recipient(
                event_record_id=publication.id,
                user_id=carer.user_id,
                params={"patient": patient, "whose": PatientValue("") if is_self else patient},
                dedupe_key=f"{check.week:%Y%m%d}:{check.patient_id}",
                path="/today/" if is_self else f"/today/?who={check.patient_id}",
                data={**publication.payload, **carer_data(carer.relation, check.patient_id)},
                related_object_type="patient",
                related_object_id=check.patient_id,
                valid_until=check.asked_at + VALID_FOR,
                about=about_patient(check.patient),
            )


@while_carers_are_told
def weekly_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether nobody has answered yet, and the patient is still treated here. One query."""
    asked = _unanswered(data)
    return [_key(each) in asked for each in data]


def _key(payload: Mapping[str, Any]) -> tuple[int, date]:
    return payload["patient_id"], date.fromisoformat(payload["week"])


def _unanswered(payloads: Sequence[Mapping[str, Any]]) -> dict[tuple[int, date], WeeklyCheck]:
    keys = {_key(each) for each in payloads}
    rows = WeeklyCheck.objects.filter(
        is_here("patient"),
        patient_id__any_of={patient_id for patient_id, _week in keys},
        week__in={week for _patient_id, week in keys},
        answer="",
    )
    return {(row.patient_id, row.week): row for row in rows.select_related("patient")}
