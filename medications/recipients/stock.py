"""Recipients of messages about stock that runs out or expires, and whether such a message is still relevant."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from home.carers import carer_data, while_carers_are_told
from home.models import Relation, in_care
from home.scope import about_patient
from home.selectors import managers_of, people_of
from medications.formats import SupplyValue
from medications.models import StockBatch
from medications.recipients.values import medicine_of
from medications.selectors.refills import Holder, holder_of, run_out_keys
from notifications.models import EventRecord
from notifications.types import About, Publication, Recipient


def low_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's carers, or the managers of the clinic whose shelf it is. Five queries."""
    days = {each.id: each.payload["days_left"] for each in publications}
    run_outs = dict(EventRecord.objects.filter(id__in=days).values_list("id", "dedupe_key"))
    for publication_id, batch, user_id, values, as_carer in _told(publications):
        run_out = run_outs.get(publication_id) or str(batch.id)
        yield Recipient(
            event_record_id=publication_id,
            user_id=user_id,
            params={**values, "when": days[publication_id]},
            dedupe_key=f"{run_out}:low_stock",
            path=_path(batch),
            data={"stock_batch_id": batch.id, "run_out": run_out, **as_carer},
            related_object_type="stockbatch",
            related_object_id=batch.id,
            about=_about(batch),
        )


def expiring_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The patient's carers, or the managers of the clinic whose shelf it is. Four queries."""
    for publication_id, batch, user_id, values, as_carer in _told(publications):
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
            data={"stock_batch_id": batch.id, **as_carer},
            related_object_type="stockbatch",
            related_object_id=batch.id,
            about=_about(batch),
        )


@while_carers_are_told
def low_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether no refill of any form has come since. Three queries."""
    batches = _batches([each["stock_batch_id"] for each in data])
    holders = {id_: _holder(batch) for id_, batch in batches.items()}
    current = run_out_keys(holders.values())
    return [
        each["stock_batch_id"] in holders
        and current.get(holders[each["stock_batch_id"]]) == each.get("run_out", str(each["stock_batch_id"]))
        for each in data
    ]


@while_carers_are_told
def expiring_still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Whether some of the batch is left. One query."""
    batches = _batches([each["stock_batch_id"] for each in data])
    left = {batch.id for batch in batches.values() if batch.quantity}
    return [each["stock_batch_id"] in left for each in data]


def _told(
    publications: Sequence[Publication],
) -> Iterator[tuple[int, StockBatch, int, dict[str, Any], dict[str, int]]]:
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
                yield publication.id, batch, user_id, {"medicine": medicine, "supply": supply}, {}
        elif batch.prescription:
            patient = batch.prescription.patient
            for carer in people[patient.id]:
                others = SupplyValue("patient", patient.get_full_name(), carer.born)
                supply = SupplyValue("self", "") if carer.relation == Relation.SELF else others
                values = {"medicine": medicine, "supply": supply}
                as_carer = carer_data(carer.relation, patient.id)
                yield publication.id, batch, carer.user_id, values, as_carer


def _batches(ids: Collection[int]) -> dict[int, StockBatch]:
    """Batches of a clinic, or of a prescription and patient that are still active."""
    batches = StockBatch.objects.filter(
        Q(clinic__isnull=False) | Q(prescription__ended_at__isnull=True) & in_care("prescription__patient"),
        id__in=ids,
    )
    return {
        batch.id: batch for batch in batches.select_related("medicine", "clinic", "prescription__patient")
    }


def _about(batch: StockBatch) -> About:
    """The patient who has it at home, or the clinic whose shelf it is on."""
    return about_patient(batch.prescription.patient) if batch.prescription else About(batch.clinic_id)


def _holder(batch: StockBatch) -> Holder:
    return holder_of(batch.prescription_id, batch.clinic_id, batch.medicine_id)


def _path(batch: StockBatch) -> str:
    return f"/medicines/{batch.prescription_id}/" if batch.prescription_id else ""
