"""A medicine, which is prescribed and kept in stock."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from home.models import Clinic


class Medicine(models.Model):
    """A medicine of one strength and one form: head office's for all clinics, or one that a clinic added for itself.

    The strength ("500 mg") is text, for one unit; how many units make a dose is the schedule's
    quantity. The name is translated (medications/translation.py).
    """

    class Form(models.TextChoices):
        TABLET = "tablet", _("tablet")
        CAPSULE = "capsule", _("capsule")
        ML = "ml", _("millilitre")
        PUFF = "puff", _("puff")
        INJECTION = "injection", _("injection")
        DROP = "drop", _("drop")
        PATCH = "patch", _("patch")

    clinic = models.ForeignKey(
        Clinic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="medicines",
        verbose_name=_("clinic"),
    )
    name = models.CharField(_("name"), max_length=120)
    strength = models.CharField(
        _("strength"),
        max_length=40,
        default="",
        blank=True,
        help_text=_("How much is in one unit, such as 500 mg."),
    )
    form = models.CharField(_("form"), max_length=10, choices=Form, default=Form.TABLET)

    class Meta:
        verbose_name = _("medicine")
        verbose_name_plural = _("medicines")
        constraints = [
            # Of what all clinics share the form asks: a site of before may have the same medicine there twice.
            models.UniqueConstraint(
                "clinic", Lower("name_en"), Lower("strength"), "form", name="medicine_once_per_clinic"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.strength}".strip()
