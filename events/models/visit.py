"""A visit: the day on which a patient comes next, and what became of it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from home.models import Clinic, Patient
from notifications.encryption.fields import EncryptedTextField


class Visit(models.Model):
    """One patient's collection, check-up or vaccination on a local day of the clinic, the patient's at that time.

    A visit that was moved stays, and leads to the one in its place. `next_step_at` is when something is next to be done
    about it (`events.rules.visit_times`), none once it is decided. All instants are aware.
    """

    class Kind(models.TextChoices):
        COLLECTION = "collection", _("Collect medicine")
        CHECK_UP = "check_up", _("Check-up")
        VACCINATION = "vaccination", _("Vaccination")
        OTHER = "other", _("Other visit")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        ATTENDED = "attended", _("came")
        MISSED = "missed", _("missed")
        MOVED = "moved", _("moved")
        CANCELLED = "cancelled", _("cancelled")

    class Side(models.TextChoices):
        CLINIC = "clinic", _("the clinic")
        PATIENT = "patient", _("the patient")

    # No index of its own: that of patient and day begins with it.
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="visits", db_index=False, verbose_name=_("patient")
    )
    # No index of its own: that of clinic and day begins with it.
    clinic = models.ForeignKey(
        Clinic,
        on_delete=models.PROTECT,
        related_name="visits",
        db_index=False,
        editable=False,
        verbose_name=_("clinic"),
    )
    kind = models.CharField(_("what for"), max_length=12, choices=Kind, default=Kind.COLLECTION)
    day = models.DateField(_("day"))
    at = models.TimeField(_("time"), null=True, blank=True)
    note = EncryptedTextField(_("note for the clinic"), blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED, editable=False)
    planned_at = models.DateTimeField(_("planned at"), editable=False)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("planned by"),
    )
    confirmed_at = models.DateTimeField(_("said that they come"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_side = models.CharField(
        _("whose decision"), max_length=8, choices=Side, blank=True, default="", editable=False
    )
    """Who moved or cancelled it; empty where nobody did, as when the patient died."""
    reason = EncryptedTextField(_("why it was cancelled"), blank=True, default="", editable=False)
    moved_to = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="moved_from",
        verbose_name=_("moved to"),
    )
    next_step_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind", "day"],
                condition=Q(state="planned"),
                name="visit_planned_once",
                violation_error_message=_("This patient has such a visit on that day already."),
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "day"], name="visit_patient_day"),
            models.Index(fields=["clinic", "day"], name="visit_clinic_day"),
            models.Index(fields=["clinic", "day"], condition=Q(state="planned"), name="visit_planned_day"),
            models.Index(
                fields=["day"], condition=Q(state__in=["missed", "cancelled"]), name="visit_not_there_day"
            ),
            models.Index(
                fields=["next_step_at"], condition=Q(next_step_at__isnull=False), name="visit_next_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.patient}"

    @property
    def is_planned(self) -> bool:
        return self.state == self.State.PLANNED

    def is_confirmed(self) -> bool:
        """Whether the patient said that they come."""
        return self.confirmed_at is not None

    def decide(self, state: str, *, by: object, side: str, now: datetime) -> None:
        """Set what became of it; nothing more is to be done then. Not saved."""
        self.state = state
        self.decided_at = now
        self.decided_by_id = getattr(by, "pk", None)
        self.decided_side = side
        self.next_step_at = None
