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

    `expiry_date` is the last local date on which it may be used. `quantity` is what is left, in units.
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

    def __str__(self) -> str:
        return f"{self.medicine_id} {self.batch_number}".strip()


class StockMovement(models.Model):
    """One change of stock, signed: what came in is positive.

    A dose that was taken while there was no stock has a movement without a batch: the shortfall, which the next
    refill settles.
    """

    class Reason(models.TextChoices):
        REFILL = "refill", _("refill")
        TAKEN = "taken", _("taken")
        UNDONE = "undone", _("undone")
        COUNT = "count", _("counted")

    batch = models.ForeignKey(
        StockBatch, on_delete=models.CASCADE, null=True, blank=True, related_name="movements"
    )
    prescription = models.ForeignKey(
        Prescription, on_delete=models.CASCADE, null=True, blank=True, related_name="movements"
    )
    dose = models.ForeignKey(Dose, on_delete=models.SET_NULL, null=True, blank=True, related_name="movements")
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=3)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")

    def __str__(self) -> str:
        return f"{self.quantity:+} {self.reason}"
