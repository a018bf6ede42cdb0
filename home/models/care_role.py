"""A care role: that a person cares for a patient."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from home.models.patient import Patient


class Relation(models.TextChoices):
    SELF = "self", _("self")
    GUARDIAN = "guardian", _("guardian")
    CARER = "carer", _("carer")


class CareRole(models.Model):
    """Lets a person see a patient and get that patient's reminders."""

    patient = ParentalKey(
        Patient,
        on_delete=models.CASCADE,
        related_name="care_roles",
        db_index=False,
        verbose_name=_("patient"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="care_roles",
        verbose_name=_("person"),
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)
    alert_missed = models.BooleanField(
        _("notify about missed doses"),
        default=False,
        help_text=_("Notify this person when a dose is missed."),
    )

    class Meta:
        verbose_name = _("care role")
        verbose_name_plural = _("care roles")
        ordering = ["patient", "id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "user"], name="care_role_once"),
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(relation=Relation.SELF), name="care_role_one_self"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.patient} ({self.get_relation_display()})"
