"""Stock batches, and the movements that change them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from medications.models.dose import Dose
from medications.models.medicine import Medicine
from medications.models.prescription import Prescription


class StockBatch(models.Model):
    """Units of one medicine that expire together, of a prescription (at home) or of a clinic (its shelf).

    `expiry_date` is the last local date on which it may be used. `quantity` is what is left, in units: the sum of its
    movements, written together with each of them (services/ledger.py) and compared with it every night. Staff aren't
    warned of what is `is_silent`: it came onto a shelf from a file, and nobody has said yet that they should be.
    """

    medicine = models.ForeignKey(
        Medicine, on_delete=models.PROTECT, related_name="batches", verbose_name=_("medicine")
    )
    prescription = ParentalKey(
        Prescription,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="batches",
        verbose_name=_("prescription"),
    )
    clinic = models.ForeignKey(
        "home.Clinic",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="batches",
        verbose_name=_("clinic"),
    )
    batch_number = models.CharField(_("batch number"), max_length=60, default="", blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=3)
    expiry_date = models.DateField(_("expiry date"), help_text=_("The last day on which it may be used."))
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    is_silent = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = _("stock batch")
        verbose_name_plural = _("stock batches")
        constraints = [
            models.CheckConstraint(
                condition=Q(prescription__isnull=False, clinic__isnull=True)
                | Q(prescription__isnull=True, clinic__isnull=False),
                name="stock_batch_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0),
                name="stock_batch_not_negative",
                violation_error_message=_("The quantity must not be negative."),
            ),
        ]
        indexes = [
            # Not of those alone that have something left: each dose that is taken would write it anew.
            models.Index(fields=["expiry_date"], name="stock_batch_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.medicine}, {self.batch_number}" if self.batch_number else str(self.medicine)


class StockMovement(models.Model):
    """One change of stock, signed: what came in is positive. Movements are added and never changed.

    A batch's quantity is the sum of its movements. Those of a prescription without a batch are what was taken while
    nothing was there: their sum, where it is negative, is what the next refill owes. `taken_on` is the local day for
    which it was taken. What was handed out has two movements: that of the home names the shelf's as `from_shelf`.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")
        HANDED_OUT = "handed_out", _("handed out")
        TAKEN = "taken", _("taken")
        UNDONE = "undone", _("undone")
        COUNTED = "counted", _("counted")
        CORRECTED = "corrected", _("corrected")
        WASTED = "wasted", _("wasted")

    # RESTRICT: a batch with a past is not deleted by itself. It may go with its prescription, which no page deletes.
    batch = models.ForeignKey(
        StockBatch, on_delete=models.RESTRICT, null=True, blank=True, related_name="movements"
    )
    prescription = models.ForeignKey(
        Prescription, on_delete=models.CASCADE, null=True, blank=True, related_name="movements"
    )
    dose = models.ForeignKey(Dose, on_delete=models.SET_NULL, null=True, blank=True, related_name="movements")
    from_shelf = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="to_home"
    )
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=3)
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    why = models.CharField(_("why"), max_length=200, default="", blank=True)
    taken_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [
            models.Index(
                fields=["prescription", "id"],
                condition=Q(batch__isnull=True),
                name="movement_owed",
            ),
            models.Index(
                fields=["batch", "id"],
                condition=Q(quantity__gt=0, kind__in=["received", "handed_out", "counted", "corrected"]),
                name="movement_refill",
            ),
            models.Index(
                fields=["prescription", "at"],
                condition=Q(kind__in=["received", "handed_out", "counted", "corrected", "wasted"]),
                name="movement_noted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+} {self.kind}"


REFILLS = (
    StockMovement.Kind.RECEIVED,
    StockMovement.Kind.HANDED_OUT,
    StockMovement.Kind.COUNTED,
    StockMovement.Kind.CORRECTED,
)
"""The kinds that end a run-out, if they add something."""
NOTED = (*REFILLS, StockMovement.Kind.WASTED)
"""The kinds that are somebody's act with a pack; the others follow from doses."""
