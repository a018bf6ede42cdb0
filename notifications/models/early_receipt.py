"""What a provider said of a message before we had written down what it calls that message."""

from django.db import models

from notifications.encryption.fields import EncryptedTextField

ALL = 0
"""The `delivery_id` of what is about the whole message. To a database two empty ones wouldn't be the same."""


class EarlyReceipt(models.Model):
    """A receipt (`notifications.channels.receipts.Receipt`) of something that we don't know yet, or never will.

    It is kept for a day, until the sending is written down. Codes and replies have no delivery: theirs just go. Of what
    may yet get lost on its way to us, that the provider has it is kept too (`receipts.TAKEN`).
    """

    channel = models.CharField(max_length=20)
    provider = models.CharField(max_length=40)
    provider_id = models.CharField(max_length=200)
    outcome = models.CharField(max_length=10)
    # What a provider says may name the number.
    reason = EncryptedTextField(default="", blank=True)
    again_after = models.DurationField(null=True, blank=True)
    delivery_id = models.BigIntegerField(default=ALL, db_default=ALL)
    """Of several deliveries that are one message, as in a call, the one that it is about."""
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider_id", "channel", "provider", "outcome", "delivery_id"],
                name="early_receipt_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.provider}: {self.outcome}"
