"""A message in a program's own words that goes out when the program says so."""

from typing import ClassVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import QuerySet

from notifications.languages.listed import DEFAULT
from notifications.models.event_record import EventRecord

DRAFT = "notification.draft"
"""The event type under which drafts are logged."""


class _Drafts(models.Manager["NotificationDraft"]):
    def get_queryset(self) -> QuerySet["NotificationDraft"]:
        return super().get_queryset().filter(event_type=DRAFT)


class NotificationDraft(EventRecord):
    """A publication that nobody is told of until a program sends it to them.

    Its payload has title and message by language, as those of announcements, so that what mentions a person is found
    and wiped alike; here they are the same in each language.
    """

    objects: ClassVar[_Drafts] = _Drafts()

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def title(self) -> str:
        return str(self.payload["title"][DEFAULT])

    @property
    def message(self) -> str:
        return str(self.payload["message"][DEFAULT])

    @property
    def type(self) -> str:
        """A category, the name of an event type, or another slug."""
        return str(self.payload["type"])

    @property
    def require_acknowledgment(self) -> bool:
        return bool(self.payload["require_acknowledgment"])

    @property
    def is_sent(self) -> bool:
        """Whether it has come to anybody."""
        return self.recipients > 0

    @property
    def target_users(self) -> QuerySet[AbstractBaseUser]:
        """Whom it was written for, as far as they are still there."""
        return get_user_model()._default_manager.filter(id__any_of=self.payload["target_users"])
