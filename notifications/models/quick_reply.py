"""What was answered by a link from outside the site."""

from django.db import models

from notifications.models.notification import Notification


class QuickReply(models.Model):
    """One reply to one message; this row is what makes a link good for one time."""

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="quick_replies", db_index=False
    )
    reply = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "reply"], name="quick_reply_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id}: {self.reply}"
