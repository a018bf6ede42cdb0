"""Everything that was ever published, and whether it has been dealt with."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from notifications.models.work import POISON, Work
from notifications.types import Priority


class EventRecord(Work):
    """One publication. Each is logged here before anything else happens.

    `due_at` is when its people are to be told: at once, unless it was published for later.
    """

    LANES = tuple({"priority": priority} for priority in sorted(Priority, reverse=True))
    ORDER = ("-priority", "due_at")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        PROCESSED = "processed", _("processed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    event_type = models.CharField(_("event type"), max_length=64)
    payload = models.JSONField(_("payload"))
    dedupe_key = models.CharField(max_length=200, default="", blank=True)
    priority = models.PositiveSmallIntegerField(default=Priority.NORMAL)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    recipients = models.PositiveIntegerField(_("people told"), default=0)
    not_told = models.PositiveIntegerField(_("people not told"), default=0, db_default=0)
    """How many of its people had no account in use."""
    created_at = models.DateTimeField(_("published"))
    delete_at = models.DateTimeField()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.UniqueConstraint(
                fields=["event_type", "dedupe_key"],
                condition=~Q(dedupe_key=""),
                name="event_record_once_per_key",
            ),
            models.CheckConstraint(
                condition=Q(priority__lte=Priority.URGENT.value), name="event_record_priority_known"
            ),
        ]
        indexes = [
            models.Index(
                F("priority").desc(),
                F("due_at"),
                condition=Q(finished_at__isnull=True),
                name="event_record_unfinished",
            ),
            models.Index(fields=["due_at"], condition=POISON, name="event_record_poison"),
            models.Index(fields=["delete_at"], name="event_record_delete_at"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk}"


class ListenerCall(Work):
    """One call of one listener for one publication, so that a listener's work is not lost either."""

    GIVEN_UP = {}

    event_record = models.ForeignKey(
        EventRecord,
        on_delete=models.CASCADE,
        related_name="listener_calls",
        db_index=False,  # what is unique about it begins with it
    )
    listener = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_record", "listener"], name="listener_call_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(finished_at__isnull=True), name="listener_call_unfinished"
            ),
            models.Index(fields=["due_at"], condition=POISON, name="listener_call_poison"),
        ]

    def __str__(self) -> str:
        return f"{self.listener} ← {self.event_record_id}"
