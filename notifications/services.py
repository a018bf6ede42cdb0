"""The few calls that other apps make without an event type of their own."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from notifications import reading, registry, selectors, tasks
from notifications.channels import registry as channel_registry
from notifications.exceptions import NotificationError
from notifications.models import Notification
from notifications.pipeline.fan_out import FanOut, tell
from notifications.types import Category, EventType, Param, Priority, Recipient, Texts

_TITLE, _MESSAGE = "{{ title }}", "{{ message }}"
_DISCREET = {
    "en": "You have a message from your clinic",
    "af": "U het 'n boodskap van u kliniek",
}


class NotificationService:
    """Messages in words that the caller brings. What happens in a domain goes through the bus instead."""

    @staticmethod
    def send(
        *,
        users: Iterable[AbstractBaseUser],
        title: str,
        message: str,
        notif_type: str = "system",
        priority: str = "normal",
        channels: Iterable[str] | None = None,
        require_acknowledgment: bool = False,
        path: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> list[int]:
        """Tell these people at once, in these words; the ids of the notifications, which whoever is gone has none of.

        `notif_type` is a category or the name of an event type. `channels` limits the ways; what a person turned off
        stays off. Raises NotificationError naming what is malformed, and then tells nobody.
        """
        event_type = _direct_type(notif_type, _priority(priority), require_acknowledgment)
        requested = None if channels is None else _channels(channels)
        if not title.strip() or len(title) > 200:
            raise NotificationError("title: 1 to 200 characters are needed.")
        if not message.strip():
            raise NotificationError("message: it is empty.")
        now = timezone.now()
        recipients = [
            Recipient(
                event_record_id=None,
                user_id=user.pk,
                params={"title": title, "message": message},
                dedupe_key=f"{now:%Y%m%d%H%M%S%f}",
                path=path,
                data=data or {},
            )
            for user in users
        ]
        done = FanOut()
        with transaction.atomic():
            ids = [
                id_
                for chunk in tell(event_type, recipients, now=now, done=done, requested=requested)
                for id_ in chunk
            ]
            transaction.on_commit(lambda: tasks.spread(done))
        return ids

    @staticmethod
    def get_unread_notifications(user: AbstractBaseUser) -> QuerySet[Notification]:
        """What this person hasn't read yet, newest first."""
        return selectors.inbox(user.pk, status="unread")

    @staticmethod
    def mark_notification_as_read(*, notification_id: int, user: AbstractBaseUser) -> bool:
        """Mark one of this person's own messages as read; False when they have no such message."""
        reading.message_read(message_id=notification_id, user_id=user.pk)
        return selectors.received(user.pk).filter(pk=notification_id).exists()


def _direct_type(name: str, priority: Priority, require_acknowledgment: bool) -> EventType:
    known = registry.find(name)
    category = known.category if known else Category(name) if name in set(Category) else Category.SYSTEM
    return EventType(
        name=name,
        label=gettext_noop("Message"),
        category=category,
        payload={},
        params=(Param("title", "", ""), Param("message", "", "")),
        texts={
            language: Texts(
                title=_TITLE,
                body=_MESSAGE,
                email_subject=_TITLE,
                email_body=_MESSAGE,
                short_text=_TITLE,
                email_subject_discreet=discreet,
                short_text_discreet=discreet,
            )
            for language, discreet in _DISCREET.items()
        },
        recipients=lambda publications: (),
        channels=dict.fromkeys(channel_registry.names(), True),
        priority=priority,
        clinical=known.clinical if known else category in {Category.MEDICATION, Category.VACCINATION},
        require_acknowledgment=require_acknowledgment,
    )


def _priority(name: str) -> Priority:
    try:
        return Priority[name.upper()]
    except KeyError:
        raise NotificationError(f"priority: “{name}” is none of low, normal, high, urgent.") from None


def _channels(names: Iterable[str]) -> frozenset[str]:
    known = channel_registry.names()
    for name in names:
        if name not in known:
            raise NotificationError(f"channels: “{name}” is none of {', '.join(known)}.")
    return frozenset(names)
