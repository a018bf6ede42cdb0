"""One event, of a series or by itself."""

from datetime import datetime, timedelta

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.series import EventSeries, default_reminders, validate_reminders


class ClinicEvent(models.Model):
    """An event at a clinic that people may join. Past ones are kept.

    An occurrence of a series is identified by its `original_start`, the start that the pattern gives it, even after it
    was moved or cancelled: so it isn't made again. `original_start` goes along when the whole pattern is moved;
    `first_start` never changes: by it calendars know the occurrence. It is empty where another occurrence of the series
    had that start before. `own_time` says that it was moved by itself and no longer follows
    the pattern. `sequence` counts the changes of time and place (RFC 5545 3.8.7.4). `next_notice_at` is when the next
    notification about it is due.
    All instants are aware.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        CANCELLED = "cancelled", _("cancelled")
        COMPLETED = "completed", _("completed")

    # No index of its own: the unique constraint begins with it.
    series = models.ForeignKey(
        EventSeries,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="events",
        db_index=False,
        verbose_name=_("series"),
    )
    # No index of its own: that of clinic and start begins with it.
    clinic = models.ForeignKey(
        "home.Clinic",
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
        verbose_name=_("clinic"),
    )
    original_start = models.DateTimeField(null=True, blank=True, editable=False)
    first_start = models.DateTimeField(null=True, blank=True, editable=False)
    own_time = models.BooleanField(default=False, editable=False)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), default="", blank=True)
    place = models.CharField(_("venue"), max_length=200, default="", blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    reminders = models.JSONField(_("reminders, minutes before"), default=default_reminders, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED, editable=False)
    cancel_reason = models.CharField(
        _("why it was cancelled"), max_length=200, default="", blank=True, editable=False
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)
    next_notice_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "original_start"], name="event_once_per_series_and_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_ends_after_start",
                violation_error_message=_("The end must be after the start."),
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "starts_at"], name="event_clinic_start"),
            models.Index(
                fields=["next_notice_at"],
                condition=Q(next_notice_at__isnull=False),
                name="event_next_notice",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuses reminders that are no valid list."""
        validate_reminders(self.reminders)

    def is_open(self, now: datetime) -> bool:
        """Whether people may still join and leave."""
        return self.state == self.State.PLANNED and self.ends_at > now

    def moves_up(self, now: datetime) -> bool:
        """Whether a free place goes to the waiting list: not so late that nobody could come. Join the clinic."""
        return self.is_open(now) and now < self.starts_at - timedelta(minutes=self.clinic.move_up_minutes)
