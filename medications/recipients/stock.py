"""Recipients of messages about stock that runs out or expires, and whether such a message is still relevant."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from home.models import Relation
from home.selectors import managers_of, people_of
from medications.formats import SupplyValue
from medications.models import StockBatch
from medications.recipients.values import medicine_of
from notifications.types import Publication, Recipient


def low_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's carers, or the managers of the clinic whose shelf it is. Four queries."""
    days = {each.payload["stock_batch_id"]: each.payload["days_left"] for each in publications}
    for publication_id, batch, user_id, values in _told(publications):
        yield Recipient(
            event_record_id=publication_id,
            user_id=user_id,
            params={**values, "when": days[batch.id]},
            dedupe_key=f"{batch.id}:low_stock",
            path=_path(batch),
            data={"stock_batch_id": batch.id},
            related_object_type="stockbatch",
            related_object_id=batch.id,
        )


def expiring_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's carers, or the managers of the clinic whose shelf it is. Four queries."""
    for publication_id, batch, user_id, values in _told(publications):
        yield Recipient(
            event_record_id=publication_id,
            user_id=user_id,
            params={
                **values,
                "batch": batch.batch_number or "–",
                "last_day": batch.expiry_date,
                "left": (batch.quantity, batch.medicine.form),
            },
            dedupe_key=f"{batch.id}:expiring:{batch.expiry_date}",
            path=_path(batch),
            data={"stock_batch_id": batch.id},
            related_object_type="stockbatch",
            related_object_id=batch.id,
        )


def low_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether no refill has come since. Two queries."""
    batches = _batches([each["stock_batch_id"] for each in data])
    holders = list(batches.values())
    later = StockBatch.objects.filter(
        Q(prescription__in=[each.prescription_id for each in holders if each.prescription_id])
        | Q(clinic__in=[each.clinic_id for each in holders if each.clinic_id])
    ).order_by("id")
    latest = {
        _holder(*row): row[0]
        for row in later.values_list("id", "prescription_id", "clinic_id", "medicine_id")
    }
    current = {
        each.id
        for each in holders
        if latest[_holder(each.id, each.prescription_id, each.clinic_id, each.medicine_id)] == each.id
    }
    return [each["stock_batch_id"] in current for each in data]


def expiring_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether some of the batch is left. One query."""
    batches = _batches([each["stock_batch_id"] for each in data])
    left = {batch.id for batch in batches.values() if batch.quantity}
    return [each["stock_batch_id"] in left for each in data]


def _told(
    publications: Sequence[Publication],
) -> Iterator[tuple[int, StockBatch, int, dict[str, Any]]]:
    batches = _batches([each.payload["stock_batch_id"] for each in publications])
    people = people_of({batch.prescription.patient_id for batch in batches.values() if batch.prescription})
    managers = managers_of({batch.clinic_id for batch in batches.values() if batch.clinic_id})
    for publication in publications:
        batch = batches.get(publication.payload["stock_batch_id"])
        if batch is None:
            continue
        medicine = medicine_of(batch.medicine)
        if batch.clinic:
            supply = SupplyValue("clinic", batch.clinic.name)
            for user_id in managers[batch.clinic.id]:
                yield publication.id, batch, user_id, {"medicine": medicine, "supply": supply}
        elif batch.prescription:
            patient = batch.prescription.patient
            for carer in people[patient.id]:
                others = SupplyValue("patient", patient.get_full_name(), carer.born)
                supply = SupplyValue("self", "") if carer.relation == Relation.SELF else others
                yield publication.id, batch, carer.user_id, {"medicine": medicine, "supply": supply}


def _batches(ids: Collection[int]) -> dict[int, StockBatch]:
    """Batches of a clinic, or of a prescription and patient that are still active."""
    batches = StockBatch.objects.filter(
        Q(clinic__isnull=False)
        | Q(prescription__ended_at__isnull=True, prescription__patient__deceased_on__isnull=True),
        id__in=ids,
    )
    return {
        batch.id: batch for batch in batches.select_related("medicine", "clinic", "prescription__patient")
    }


def _holder(
    batch_id: int, prescription_id: int | None, clinic_id: int | None, medicine_id: int
) -> tuple[Any, ...]:
    return (prescription_id,) if prescription_id else (clinic_id, medicine_id)


def _path(batch: StockBatch) -> str:
    return f"/medicines/{batch.prescription_id}/" if batch.prescription_id else ""
