"""Recipients of the message about a new prescription."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from home.carers import carer_data, while_carers_are_told
from home.models import Relation, in_care
from home.scope import about_patient
from home.selectors import managers_of, people_of
from medications.formats import PatientValue
from medications.models import Prescription
from medications.recipients.values import bilingual_of, medicine_of
from notifications.types import Publication, Recipient


def prescribed_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's carers and the managers of the patient's clinic, each person once. Four queries."""
    rows = Prescription.objects.filter(
        in_care("patient"),
        id__in=[each.payload["prescription_id"] for each in publications],
        ended_at__isnull=True,
    )
    prescriptions = {row.id: row for row in rows.select_related("medicine", "patient")}
    people = people_of({row.patient_id for row in prescriptions.values()})
    managers = managers_of({row.patient.clinic_id for row in prescriptions.values()})
    for publication in publications:
        prescription = prescriptions.get(publication.payload["prescription_id"])
        if prescription is None:
            continue
        patient = prescription.patient
        name = patient.get_full_name()
        somebody = PatientValue(name)
        told: dict[int, tuple[PatientValue, PatientValue, str, dict[str, int]]] = dict.fromkeys(
            managers[patient.clinic_id], (somebody, somebody, "", {})
        )
        for carer in people[patient.id]:
            named = PatientValue(name, carer.born)
            told[carer.user_id] = (
                named,
                PatientValue("") if carer.relation == Relation.SELF else named,
                f"/medicines/{prescription.id}/",
                # A manager who is also a carer is told because of her work.
                {} if carer.user_id in told else carer_data(carer.relation, patient.id),
            )
        for user_id, (named, for_whom, path, as_carer) in told.items():
            yield Recipient(
                event_record_id=publication.id,
                user_id=user_id,
                params=_values(prescription, named, for_whom),
                dedupe_key=f"{prescription.id}:prescribed",
                path=path,
                data={"prescription_id": prescription.id, **as_carer},
                related_object_type="prescription",
                related_object_id=prescription.id,
                about=about_patient(patient),
            )


@while_carers_are_told
def prescribed_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether the prescription has not been stopped. One query."""
    active = set(
        Prescription.objects.filter(
            in_care("patient"),
            id__in=[each["prescription_id"] for each in data],
            ended_at__isnull=True,
        ).values_list("id", flat=True)
    )
    return [each["prescription_id"] in active for each in data]


def _values(prescription: Prescription, patient: PatientValue, for_whom: PatientValue) -> dict[str, Any]:
    medicine = medicine_of(prescription.medicine)
    return {
        "medicine": medicine,
        "prescribed": (medicine, bilingual_of(prescription, "instructions")),
        "first_day": prescription.start_date,
        "patient": patient,
        "for_whom": for_whom,
    }
