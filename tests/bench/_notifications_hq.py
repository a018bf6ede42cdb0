"""django-notifications-hq, the field's best known package for an inbox, as far as it writes rows.

A counterpart and not the package: that one is called `notifications` as our engine is, so the two can't be installed
together, and its models have `index_together`, which Django no longer takes since 5.1. What stands here is version
1.8.3 of https://github.com/django-notifications/django-notifications: the table of its `AbstractNotification`
(notifications/base/models.py) with each column, foreign key and index, and its `notify_handler`, which `notify.send`
calls: an instance for each recipient, saved by itself. Its `data` is a text there; here it is Django's JSONField.
"""

from typing import Any

from django.apps.registry import Apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.dispatch import Signal
from django.utils import timezone

from home.models import User

notify = Signal()


class Notification(models.Model):
    objects: models.Manager["Notification"]

    level = models.CharField(default="info", max_length=20)
    recipient = models.ForeignKey(User, models.CASCADE, related_name="+")
    unread = models.BooleanField(default=True, db_index=True)
    actor_content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    actor_object_id = models.CharField(max_length=255)
    verb = models.CharField(max_length=255)
    description = models.TextField(blank=True, null=True)
    target_content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+", null=True)
    target_object_id = models.CharField(max_length=255, null=True)
    action_object_content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+", null=True)
    action_object_object_id = models.CharField(max_length=255, null=True)
    timestamp = models.DateTimeField(default=timezone.now, db_index=True)
    public = models.BooleanField(default=True, db_index=True)
    deleted = models.BooleanField(default=False, db_index=True)
    emailed = models.BooleanField(default=False, db_index=True)
    data = models.JSONField(null=True)

    class Meta:
        app_label = "notifications_hq"
        apps = Apps()  # of its own: no other model knows of it
        indexes = [models.Index(fields=["recipient", "unread"], name="notifications_hq_unread")]

    def __str__(self) -> str:
        return self.verb


def make_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Notification)


def notify_handler(
    sender: models.Model, *, recipient: User, verb: str, description: str, timestamp: Any, **given: Any
) -> None:
    """For one recipient, with a target and an action object; what else is given becomes the data."""
    notification = Notification(
        recipient=recipient,
        actor_content_type=ContentType.objects.get_for_model(sender),
        actor_object_id=sender.pk,
        verb=verb,
        public=True,
        description=description,
        timestamp=timestamp,
        level="info",
    )
    for name in ("target", "action_object"):
        of_it = given.pop(name)
        setattr(notification, f"{name}_object_id", of_it.pk)
        setattr(notification, f"{name}_content_type", ContentType.objects.get_for_model(of_it))
    given.pop("signal")
    notification.data = given
    notification.save()


notify.connect(notify_handler)
