"""Who comes to an event, or would like to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.clinic_event import ClinicEvent


class Attendance(models.Model):
    """One person at one event. Those who wait do so in the order of `asked_at`, and of the row where that is equal."""

    class State(models.TextChoices):
        JOINED = "joined", _("joined")
        WAITING = "waiting", _("on the waiting list")
        LEFT = "left", _("withdrew")
        ATTENDED = "attended", _("was there")
        NO_SHOW = "no_show", _("did not come")

    # The unique constraint begins with it.
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
        related_name="attendances",
        verbose_name=_("person"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    asked_at = models.DateTimeField(_("requested"))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="attendance_once")]
        indexes = [
            models.Index(
                fields=["event", "asked_at", "id"], condition=Q(state="waiting"), name="attendance_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.event_id}: {self.state}"


HAS_PLACE = (Attendance.State.JOINED, Attendance.State.ATTENDED, Attendance.State.NO_SHOW)
"""The states that take one of an event's places."""
CONCERNED = (Attendance.State.JOINED, Attendance.State.WAITING)
"""Those who are told when an event is moved or cancelled."""
