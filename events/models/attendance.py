"""Attendance: the people who come to an event, or wait for a place."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.clinic_event import ClinicEvent
from home.models import Patient, User


class Attendance(models.Model):
    """One person at one event. The waiting list is in the order of `asked_at`, and of the id if that is equal.

    It is a patient, an account, or both: a patient without an account is put on the list by staff, and whoever joins
    for themselves need not be a patient.
    """

    class State(models.TextChoices):
        JOINED = "joined", _("joined")
        WAITING = "waiting", _("on the waiting list")
        LEFT = "left", _("withdrew")
        ATTENDED = "attended", _("was there")
        NO_SHOW = "no_show", _("did not come")

    # No index of its own: the unique constraint begins with it.
    event = models.ForeignKey(
        ClinicEvent,
        on_delete=models.CASCADE,
        related_name="attendances",
        db_index=False,
        verbose_name=_("event"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attendances",
        verbose_name=_("person"),
    )
    patient = models.ForeignKey(
        Patient,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attendances",
        verbose_name=_("patient"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    asked_at = models.DateTimeField(_("requested"))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="attendance_once"),
            models.UniqueConstraint(fields=["event", "patient"], name="attendance_once_per_patient"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(patient__isnull=False), name="attendance_of_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["event", "asked_at", "id"], condition=Q(state="waiting"), name="attendance_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}/{self.patient_id} @ {self.event_id}: {self.state}"

    @property
    def person(self) -> Patient | User:
        """Whose place it is, as the list names them. Join both."""
        found = self.patient or self.user
        if found is None:
            raise ValueError(f"Nobody has the place {self.pk}.")
        return found


HAS_PLACE = (Attendance.State.JOINED, Attendance.State.ATTENDED, Attendance.State.NO_SHOW)
"""The states that count towards an event's capacity."""
CONCERNED = (Attendance.State.JOINED, Attendance.State.WAITING)
"""The states in which people are notified when an event is moved or cancelled."""
