"""What was answered by a link from outside the site."""

from django.db import models

from notifications.models.notification import Notification


class AnsweredFromOutside(models.Model):
    """One answer to one message; this row is what makes the link that gave it good for one time."""

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="answers_from_outside", db_index=False
    )
    answer = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "answer"], name="answered_once_by_link"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id}: {self.answer}"
