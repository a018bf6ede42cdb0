"""One dose of one patient at one moment, with its state."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medications.models.prescription import Prescription
from medications.models.schedule import DoseSchedule


class SkipCode(models.TextChoices):
    """Why a dose was skipped, where one of the short list was chosen."""

    UNWELL = "unwell", _("I felt unwell, or side effects")
    RAN_OUT = "ran_out", _("I had none left")
    FORGOT = "forgot", _("I forgot")
    AWAY = "away", _("I was away from home")
    TOLD = "told", _("my clinic told me to")
    OTHER = "other", _("another reason")


class Dose(models.Model):
    """A dose as a row. Open ones may still be answered; an answered one is history and never changes but by undo.

    `next_reminder_at` is when a reminder is to go out next, empty for none. No reminder is sent from `remind_until`
    on. At `missed_at` an open dose becomes a missed one. All instants are aware.

    `local_day` and `local_time` are what the patient's wall shows at the time for which the dose was planned, wherever
    the patient goes after that; they are filled in when the dose is made. `is_extra` marks a dose besides the plan,
    which staff decided on: a change of the plan leaves it alone.

    `kind` tells doses of the plan from those that somebody recorded besides it: an extra dose, and one of a medicine
    that is taken as needed. Those have no schedule and are due at the moment at which they were taken. They are never
    reminded of, never missed and never planned away; taken back, they are WITHDRAWN.

    `quantity` is the whole dose and `taken_quantity` what was taken of it, None for all of it. `taken_at` is when, None
    for the moment of the answer. `over_limit`: taken as needed although it was too early or too much. What was answered
    before is in `DoseAnswer`.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("to take")
        TAKEN = "taken", _("taken")
        SKIPPED = "skipped", _("skipped")
        UNANSWERED = "unanswered", _("unanswered")
        MISSED = "missed", _("missed")
        WITHDRAWN = "withdrawn", _("taken back")

    class Kind(models.TextChoices):
        PLANNED = "planned", _("planned")
        EXTRA = "extra", _("extra dose")
        AS_NEEDED = "as_needed", _("as needed")

    # The doses of a removed schedule stay, as history. The unique constraint is the index.
    schedule = models.ForeignKey(
        DoseSchedule, on_delete=models.SET_NULL, null=True, related_name="doses", db_index=False
    )
    prescription = models.ForeignKey(Prescription, on_delete=models.CASCADE, related_name="doses")
    patient = models.ForeignKey(
        "home.Patient", on_delete=models.CASCADE, related_name="doses", db_index=False
    )
    due_at = models.DateTimeField(pgettext_lazy("when a dose is to be taken", "due"))
    local_day = models.DateField(null=True, blank=True, editable=False)
    local_time = models.TimeField(null=True, blank=True, editable=False)
    is_extra = models.BooleanField(default=False, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PLANNED)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=3)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SCHEDULED)
    taken_quantity = models.DecimalField(
        _("quantity taken"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    skip_code = models.CharField(_("reason"), max_length=16, choices=SkipCode, default="", blank=True)
    skip_reason = models.CharField(_("reason in own words"), max_length=200, default="", blank=True)
    over_limit = models.BooleanField(_("taken all the same"), default=False)
    next_reminder_at = models.DateTimeField(null=True, blank=True)
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    remind_until = models.DateTimeField()
    missed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("dose")
        verbose_name_plural = _("doses")
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="dose_once_per_schedule_and_time"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="dose_quantity_positive"),
            models.CheckConstraint(
                condition=Q(taken_quantity__isnull=True) | Q(taken_quantity__gt=0),
                name="dose_taken_quantity_positive",
            ),
            # A form that is sent twice records one dose.
            models.UniqueConstraint(
                fields=["prescription", "kind", "due_at"],
                condition=Q(kind__in=["extra", "as_needed"], state="taken"),
                name="dose_without_plan_once",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "due_at"], name="dose_patient_due"),
            # What is due is one range of the first, what is late one of the second, each in the order in which it is
            # claimed, page by page.
            models.Index(
                fields=["next_reminder_at", "patient", "id"],
                condition=Q(next_reminder_at__isnull=False),
                name="dose_to_remind_of",
            ),
            models.Index(
                fields=["missed_at", "patient", "id"],
                condition=Q(state__in=["scheduled", "unanswered"]),
                name="dose_to_miss",
            ),
            # Who of a clinic missed doses lately: the columns that are read are all in it.
            models.Index(
                fields=["patient", "due_at", "local_day", "prescription"],
                condition=Q(state__in=["unanswered", "missed"]),
                name="dose_missed_lately",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prescription_id} @ {self.due_at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.local_day is None:
            self.local_day, self.local_time = self.wall(ZoneInfo(self.patient.zone))
        super().save(*args, **kwargs)

    def wall(self, zone: ZoneInfo) -> tuple[date, time]:
        """The local day and time for which the dose was planned; this zone is for rows that don't know theirs."""
        due_at = self.due_at.astimezone(zone)
        return self.local_day or due_at.date(), self.local_time or due_at.time()

    @property
    def is_planned(self) -> bool:
        return self.kind == Dose.Kind.PLANNED

    @property
    def was_taken_at(self) -> datetime | None:
        """When it was taken, None unless it was."""
        return (self.taken_at or self.answered_at) if self.state == Dose.State.TAKEN else None

    @property
    def amount(self) -> Decimal:
        """What was taken of it, or is to be."""
        return self.quantity if self.taken_quantity is None else self.taken_quantity

    @property
    def is_answered(self) -> bool:
        return self.state in (Dose.State.TAKEN, Dose.State.SKIPPED)


OPEN_STATES = (Dose.State.SCHEDULED, Dose.State.UNANSWERED, Dose.State.MISSED)
"""The states in which a dose can still be answered."""
