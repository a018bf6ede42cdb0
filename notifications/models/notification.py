"""One message for one person, as the inbox shows it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from notifications.models.scoped import Scoped
from notifications.texts.direct import ANNOUNCEMENT
from notifications.types import Category, Priority


class PriorityChoices(models.IntegerChoices):
    LOW = Priority.LOW, _("low")
    NORMAL = Priority.NORMAL, _("normal")
    HIGH = Priority.HIGH, _("high")
    URGENT = Priority.URGENT, _("urgent")


class CategoryChoices(models.TextChoices):
    MEDICATION = Category.MEDICATION.value, _("Medicine")
    STOCK = Category.STOCK.value, _("Stock")
    VACCINATION = Category.VACCINATION.value, _("Vaccination")
    VISIT = Category.VISIT.value, _("Visits")
    EVENT = Category.EVENT.value, _("Events")
    SYSTEM = Category.SYSTEM.value, _("News")


class Notification(Scoped):
    """A message in a person's inbox, in the words it was sent in. One that is scheduled is simply still pending.

    The texts are kept as rendered: editing a template changes none of them. `routing` holds the decision for
    each channel and its reason. One that its reader doesn't want in the inbox (`in_inbox` is off) still carries
    its deliveries.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENT = "sent", _("sent")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")
        FAILED = "failed", _("failed")

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notifications",
        db_index=False,  # the inbox index begins with it
        verbose_name=_("person"),
    )
    event_record = models.ForeignKey(
        "notifications.EventRecord",
        on_delete=models.DO_NOTHING,  # docs/decisions/0004: records may go before their messages do
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    event_type = models.CharField(_("type"), max_length=64)
    category = models.CharField(_("category"), max_length=20, choices=CategoryChoices)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=PriorityChoices, default=Priority.NORMAL
    )
    language = models.CharField(max_length=5)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("message"))
    path = models.CharField(max_length=300, default="", blank=True)
    data = models.JSONField(default=dict, blank=True)
    related_object_type = models.CharField(max_length=64, default="", blank=True)
    related_object_id = models.BigIntegerField(null=True, blank=True)
    in_inbox = models.BooleanField(default=True)
    require_acknowledgment = models.BooleanField(default=False)
    dedupe_key = models.CharField(max_length=200)
    routing = models.JSONField(default=list, blank=True)
    scheduled_at = models.DateTimeField(_("scheduled for"))
    scheduled_status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    dismissed_at = models.DateTimeField(_("dismissed"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("failed attempts"), default=0, db_default=0)
    error = models.TextField(_("error"), default="", db_default="", blank=True)
    delete_at = models.DateTimeField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = [("schedule_notification", "Can schedule messages for others")]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "dedupe_key"], name="notification_once_per_key"),
        ]
        indexes = [
            models.Index(
                F("recipient"),
                F("sent_at").desc(),
                F("id").desc(),
                condition=Q(scheduled_status="sent", in_inbox=True),
                name="notification_inbox",
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(
                    scheduled_status="sent", in_inbox=True, read_at__isnull=True, dismissed_at__isnull=True
                ),
                name="notification_unread",
            ),
            models.Index(
                fields=["scheduled_at"], condition=Q(scheduled_status="pending"), name="notification_pending"
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(scheduled_status__in=["expired", "failed"]),
                name="notification_undelivered",
            ),
            models.Index(fields=["delete_at"], name="notification_delete_at"),
            # What staff of a scope see, newest first, and all that is about one person there.
            models.Index(F("scope_id"), F("id").desc(), name="notification_of_scope"),
            models.Index(fields=["scope_id", "subject_id"], name="notification_scope"),
            models.Index(
                fields=["event_record"],
                condition=Q(event_type=ANNOUNCEMENT),
                name="notification_announced",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def type(self) -> str:
        """Its event type, or the slug that its sender gave it: the name that other programs know it by."""
        return self.event_type

    @property
    def message(self) -> str:
        """What it says under its title: the name that other programs know it by."""
        return self.body

    @property
    def is_sent(self) -> bool:
        """Whether it has come to its reader."""
        return self.scheduled_status == self.Status.SENT

    @property
    def is_read(self) -> bool:
        """Whether its reader has read it."""
        return self.read_at is not None

    @property
    def is_seen(self) -> bool:
        """Whether its reader has read it, or done anything else with it."""
        return bool(self.read_at or self.acknowledged_at or self.dismissed_at)

    @property
    def came_at(self) -> datetime:
        """When it came to its reader (aware). ValueError for one that hasn't come."""
        if self.sent_at is None:
            raise ValueError(f"Message {self.pk} has not come yet.")
        return self.sent_at
