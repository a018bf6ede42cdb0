"""Whose stock a staff page is about: a patient's of one prescription, or a batch on a clinic's shelf."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from home.models import Clinic
from medications.formats import quantity
from medications.models import Medicine, Prescription, StockBatch, StockMovement
from medications.selectors.ledger import batch_ledger, home_ledger, newest_act, shelf_ledger, usable_shelf
from notifications.texts.formats import day as day_in_words


@dataclass(frozen=True, kw_only=True)
class StockHolder:
    """A stock with its batches, the soonest expiry first. `prescription` is None for a shelf."""

    name: str
    clinic: Clinic
    medicine: Medicine
    batches: list[StockBatch]
    prescription: Prescription | None = None

    def to_hand_out(self, now: datetime) -> list[StockBatch]:
        """What the clinic has of this medicine and may still give, the soonest expiry first."""
        if self.prescription is None or self.prescription.ended_at:
            return []
        return list(usable_shelf(self.prescription, now=now))

    def ledger(self, *, whole_shelf: bool = False) -> QuerySet[StockMovement]:
        """The movements, the latest first. Of a shelf those of this batch, or of all of the medicine."""
        if self.prescription is not None:
            return home_ledger(self.prescription)
        [batch] = self.batches
        return shelf_ledger(batch) if whole_shelf else batch_ledger(batch)

    def newest_act(self) -> StockMovement | None:
        """What somebody did last with this stock, besides taking doses."""
        if self.prescription is not None:
            return newest_act(StockMovement.objects.filter(prescription=self.prescription))
        return newest_act(StockMovement.objects.filter(batch__in=self.batches))

    def batch_words(self, batch: StockBatch) -> str:
        """As "B123, until 30 June 2027, 28 tablets"."""
        return f"{batch_name(batch)}, {self.left_words(batch)}"

    def left_words(self, batch: StockBatch) -> str:
        """As "28 tablets"."""
        return quantity(batch.quantity, self.medicine.form)


def batch_name(batch: StockBatch) -> str:
    """As "B123, until 30 June 2027"."""
    return _("%(batch)s, until %(day)s") % {
        "batch": batch.batch_number or _("no number"),
        "day": day_in_words(batch.expiry_date),
    }


def home_holder(prescription_id: int) -> StockHolder:
    prescription = get_object_or_404(
        Prescription.objects.select_related("patient__clinic", "medicine"), pk=prescription_id
    )
    return StockHolder(
        name=str(prescription),
        clinic=prescription.patient.clinic,
        medicine=prescription.medicine,
        batches=list(StockBatch.objects.filter(prescription=prescription).order_by("expiry_date", "id")),
        prescription=prescription,
    )


def shelf_holder(batch_id: int) -> StockHolder:
    batch = get_object_or_404(StockBatch.objects.select_related("clinic", "medicine"), pk=batch_id)
    if batch.clinic is None:
        raise Http404
    return StockHolder(
        name=f"{batch.medicine}: {batch.clinic}",
        clinic=batch.clinic,
        medicine=batch.medicine,
        batches=[batch],
    )
