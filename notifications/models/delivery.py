"""One message on its way out by one outside channel."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from notifications.encryption.fields import EncryptedTextField
from notifications.models.notification import Notification
from notifications.models.work import POISON, Work
from notifications.types import Lane, Reason

SAYS_WHY = Q(finished_at__isnull=False) & ~Q(error="", reason="") & ~Q(reason=Reason.REACHED.value)
"""Finished with words why: whatever failed or expired, and what was withheld, but for what was needed no more because
the message had reached its reader. Rare, and so lists of them have small indexes of their own. Their condition is not
the state, which each claim writes (docs/decisions/0010, 0105).
"""

GETS_RECEIPTS = Q(channel="sms") | Q(channel="whatsapp") | Q(channel="voice")
"""Whose providers say later what became of a message, naming it by `provider_id`. No other channel pays for that index.
One by one, not as a list: only so does SQLite see that a query of one of them may use it.
"""

SAYS_NOTHING = GETS_RECEIPTS & Q(finished_at__isnull=False, delivered_at__isnull=True, error="", reason="")
"""Sent, and no word since of what became of it. Rare after a day, and so the list of them has indexes of its own."""


class Delivery(Work):
    """What one outside channel has to send for one notification, and how far it has got.

    `lane` is where it waits to be claimed: the lane of its message's priority, or `Lane.HELD`, which no claim of single
    rows asks for. What was held and tried together is one digest from then on: `digest` is the id of one of them, whose
    name the one message bears at each attempt.
    """

    LANES = tuple({"lane": lane} for lane in sorted(Lane, reverse=True) if lane is not Lane.HELD)
    HELD: ClassVar[dict[str, int]] = {"lane": Lane.HELD}
    ORDER = ("-lane", "due_at")
    CLAIMED = {"state": "sending"}
    TRIED_AGAIN = {"state": "retry"}

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        RETRY = "retry", _("trying again")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    scope_id = models.BigIntegerField(null=True, blank=True)
    """Its message's, by which staff find what is theirs without looking at the messages of all others."""
    channel = models.CharField(_("channel"), max_length=20)
    lane = models.PositiveSmallIntegerField(default=Lane.NORMAL)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    """Its place in the plan of its message (`rules.plans`), from 0; None goes beside the plan."""
    digest = models.BigIntegerField(null=True, blank=True)
    address = EncryptedTextField(_("address"))
    subject = EncryptedTextField(_("subject"), default="", blank=True)
    body = EncryptedTextField(_("text"), default="", blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    provider = models.CharField(_("provider"), max_length=40, default="", blank=True)
    provider_id = models.CharField(max_length=200, default="", blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    """When its reader opened it, where the provider says that."""
    # What a provider answered may name the number or the address.
    error = EncryptedTextField(_("error"), default="", blank=True)
    parts = models.PositiveSmallIntegerField(_("parts"), default=0, db_default=0)
    cost = models.DecimalField(_("cost"), max_digits=8, decimal_places=4, null=True, blank=True)
    """In rand, once it is sent; empty where nobody knows the price. A digest has it, as its parts, on its first row. Of
    what was sent more than once both are what all of that cost.
    """
    sendings = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often a provider took it where that costs money, and how many of those at a price that nobody knew. 0 for the
    others of a digest.
    """
    unpriced = models.PositiveSmallIntegerField(default=0, db_default=0)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    """How long the call was, once its provider has said so."""
    reserved = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    """What is kept free of a month's budget until it is finished (notifications/costs/reserving.py)."""

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(condition=Q(lane__lte=Lane.HELD.value), name="delivery_lane_known"),
        ]
        indexes = [
            models.Index(
                F("channel"),
                F("lane").desc(),
                F("due_at"),
                condition=Q(finished_at__isnull=True),
                name="delivery_unfinished",
            ),
            models.Index(fields=["due_at"], condition=POISON, name="delivery_poison"),
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False) & ~Q(body=""),
                name="delivery_to_wipe",
            ),
            models.Index(
                F("finished_at").desc(), F("id").desc(), condition=SAYS_WHY, name="delivery_says_why"
            ),
            models.Index(
                F("scope_id"),
                F("finished_at").desc(),
                F("id").desc(),
                condition=SAYS_WHY,
                name="delivery_scope_says_why",
            ),
            models.Index(fields=["provider_id"], condition=GETS_RECEIPTS, name="delivery_receipt"),
            models.Index(
                F("finished_at").desc(), F("id").desc(), condition=SAYS_NOTHING, name="delivery_says_nothing"
            ),
            models.Index(
                F("scope_id"),
                F("finished_at").desc(),
                F("id").desc(),
                condition=SAYS_NOTHING,
                name="delivery_scope_says_nothing",
            ),
            models.Index(fields=["finished_at"], condition=Q(channel="voice"), name="delivery_voice_placed"),
            models.Index(
                fields=["scope_id"],
                condition=Q(finished_at__isnull=True, reserved__isnull=False),
                name="delivery_reserved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} → {self.notification_id}"
