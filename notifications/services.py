"""The few calls that other apps make without an event type of their own."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from notifications import audiences as groups
from notifications import registry
from notifications.announcements.acts import announcement_of_program
from notifications.channels import registry as channel_registry
from notifications.exceptions import MessageError
from notifications.languages.listed import PAGES
from notifications.models import DRAFT, Delivery, EventRecord, InboundMessage, Notification, NotificationDraft
from notifications.pipeline.fan_out import FanOut, spread, tell
from notifications.replies import reading
from notifications.scheduling.request import (
    MAX_TITLE,
    MAX_TYPE,
    is_id,
    is_slug,
    json_of,
    text_of,
    usual_priority,
)
from notifications.selectors import inbox as selectors
from notifications.texts.direct import direct_type, rendered_type
from notifications.types import ABOUT_NOBODY, About, EventType, Priority, Reason, Recipient, Rendered


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
        about: About = ABOUT_NOBODY,
    ) -> list[int]:
        """Tell these people at once, in these words; the ids of the notifications, which whoever is gone has none of.

        `notif_type` is a category, the name of an event type, or another slug. `channels` limits the ways; what a
        person turned off stays off, and whom none of them reaches has the message as failed, with why, for staff.
        `about` decides which staff see the messages. Raises MessageError (a ValueError) naming what is malformed, and
        then tells nobody.
        """
        event_type = _direct_type(notif_type, priority, require_acknowledgment)
        requested = None if channels is None else _channels(channels)
        _check_words(title=title, message=message)
        _check("data", json_of, data)
        now = timezone.now()
        recipients = [
            Recipient(
                event_record_id=None,
                user_id=user_id,
                params={"title": title, "message": message},
                dedupe_key=f"{now:%Y%m%d%H%M%S%f}",
                path=path,
                data=data or {},
                about=about,
            )
            for user_id in _ids(users)
        ]
        with transaction.atomic():
            return _tell(event_type, recipients, requested, now)

    @staticmethod
    def send_rendered(
        *, user: AbstractBaseUser, rendered: Rendered, channel: str, about: About = ABOUT_NOBODY
    ) -> list[int]:
        """Tell one person at once by this channel alone, in words that are finished; as `send` does, with the same
        limits. It costs what such a message costs.
        """
        now = timezone.now()
        values = {param.name: getattr(rendered, param.name) for param in rendered_type().params}
        recipient = Recipient(
            event_record_id=None,
            user_id=user.pk,
            params=values,
            dedupe_key=f"{now:%Y%m%d%H%M%S%f}",
            about=about,
        )
        with transaction.atomic():
            return _tell(rendered_type(), [recipient], _channels([channel]), now)

    @staticmethod
    def create_notification(
        title: str,
        content: str,
        notification_type: str = "system",
        priority: str = "normal",
        target_users: Iterable[AbstractBaseUser] = (),
        require_acknowledgment: bool = False,
    ) -> NotificationDraft:
        """Write a message that is kept as a draft: nobody is told before it is sent to them.

        `target_users` are kept with it, for whoever sends it. The rest is as for `send`. Raises MessageError (a
        ValueError) naming what is malformed, and then keeps nothing.
        """
        event_type = _direct_type(notification_type, priority, require_acknowledgment)
        _check_words(title=title, content=content)
        now = timezone.now()
        return NotificationDraft.objects.create(
            event_type=DRAFT,
            payload={
                "title": dict.fromkeys(PAGES, title),
                "message": dict.fromkeys(PAGES, content),
                "type": notification_type,
                "target_users": _ids(target_users, "target_users"),
                "require_acknowledgment": require_acknowledgment,
            },
            priority=event_type.priority,
            state=EventRecord.State.PROCESSED,
            due_at=now,
            created_at=now,
            finished_at=now,
            delete_at=now + event_type.retention,
        )

    @staticmethod
    def send_notification_to_user(
        user: AbstractBaseUser, notification: NotificationDraft, channels: Iterable[str] | None = None
    ) -> int | None:
        """Send a draft to this person at once; the id of the notification, None for who has it or is gone.

        `channels` as for `send`. Raises MessageError (a ValueError) for one that there isn't.
        """
        return next(
            iter(NotificationService.send_notification_to_users([user], notification, channels)), None
        )

    @staticmethod
    def send_notification_to_users(
        users: Iterable[AbstractBaseUser],
        notification: NotificationDraft,
        channels: Iterable[str] | None = None,
    ) -> list[int]:
        """Send a draft to these people at once; the ids of the notifications. Who has it already gets no second one.

        `channels` as for `send`. Raises MessageError (a ValueError) for one that there isn't, and then tells nobody.
        """
        requested = None if channels is None else _channels(channels)
        event_type = direct_type(
            notification.type,
            Priority(notification.priority),
            require_acknowledgment=notification.require_acknowledgment,
        )
        recipients = [
            Recipient(
                event_record_id=notification.pk,
                user_id=user_id,
                params={"title": notification.title, "message": notification.message},
                dedupe_key=f"draft:{notification.pk:012d}",
            )
            for user_id in _ids(users)
        ]
        with transaction.atomic():
            ids = _tell(event_type, recipients, requested, timezone.now())
            sent = Notification.objects.filter(id__any_of=ids, scheduled_status=Notification.Status.SENT)
            draft = NotificationDraft.objects.filter(pk=notification.pk)
            draft.update(recipients=F("recipients") + sent.count())
            notification.refresh_from_db(fields=["recipients"])
        return ids

    @staticmethod
    def send_system_notification(
        *,
        title: str,
        content: str,
        priority: str = "normal",
        target_user_types: Sequence[str] = ("patients", "carers", "staff", "managers"),
    ) -> EventRecord:
        """Announce something to everybody of these audiences at all clinics, in the same words in each language.

        Raises MessageError (a ValueError) naming what is malformed, and then tells nobody.
        """
        return NotificationService.announce(
            title=dict.fromkeys(PAGES, title),
            message=dict.fromkeys(PAGES, content),
            audiences=target_user_types,
            priority=priority,
        )

    @staticmethod
    def announce(
        *,
        title: Mapping[str, str],
        message: Mapping[str, str],
        audiences: Sequence[str],
        within: Mapping[str, Any] | None = None,
        priority: str = "normal",
        at: datetime | None = None,
        announced_by: AbstractBaseUser | None = None,
    ) -> EventRecord:
        """Announce something, given by language, to audiences by name; at once, or at a later time (aware).

        Who is in an audience is looked up when the time comes, and nobody is told twice. `within` limits it
        (`audiences.scopes_for`). Until then `bus.withdraw` with the publication's dedupe key calls it off. Raises
        NotificationError naming what is malformed, and then tells nobody.
        """
        for language in PAGES:
            _check_words(title=title.get(language, ""), message=message.get(language, ""))
        groups.check(audiences)
        return announcement_of_program(
            title=title,
            message=message,
            audiences=audiences,
            within=within or {},
            priority=_priority(priority),
            at=at,
            by=announced_by,
            now=timezone.now(),
        )

    @staticmethod
    def subject_moved(*, subject_id: int, before: int, now_in: int) -> None:
        """Let what is about this person follow them from one scope to another, the old messages too."""
        for model in (Notification, InboundMessage):
            rows: QuerySet[Any] = model._default_manager.filter(scope_id=before, subject_id=subject_id)
            rows.update(scope_id=now_in)

    @staticmethod
    def subject_silenced(*, subject_id: int, scope_id: int, now: datetime) -> int:
        """Call off what waits of the messages about this person, scheduled ones too; how many messages it was.

        What a worker has in its hands at this moment may still leave the house. `now` is aware.
        """
        return _called_off(Notification.objects.filter(scope_id=scope_id, subject_id=subject_id), now)

    @staticmethod
    def reader_left(*, user_id: int, scope_id: int, keeps: Collection[int], now: datetime) -> int:
        """Call off what waits for this person of the messages of a scope to which they belong no longer; how many
        messages it was. Those about the subjects that they may still hear of (`keeps`) go on, and with them those about
        nobody.
        """
        theirs = Notification.objects.filter(recipient_id=user_id, scope_id=scope_id)
        if keeps:
            theirs = theirs.filter(subject_id__isnull=False).exclude(subject_id__in=keeps)
        return _called_off(theirs, now)

    @staticmethod
    def get_unread_notifications(user: AbstractBaseUser) -> QuerySet[Notification]:
        """What this person hasn't read yet, newest first."""
        return selectors.inbox(user.pk, status="unread")

    @staticmethod
    def mark_notification_as_read(*, notification_id: int, user: AbstractBaseUser) -> bool:
        """Mark one of this person's own messages as read; False when they have no such message."""
        reading.message_read(message_id=notification_id, user_id=user.pk, now=timezone.now())
        return selectors.received(user.pk).filter(pk=notification_id).exists()


def _called_off(rows: QuerySet[Notification], now: datetime) -> int:
    waiting = Q(notification__in=rows, state__in=(Delivery.State.PENDING, Delivery.State.RETRY))
    leaving = Delivery.objects.filter(waiting, finished_at__isnull=True)
    scheduled = rows.filter(scheduled_status=Notification.Status.PENDING)
    ids = {*leaving.values_list("notification_id", flat=True), *scheduled.values_list("pk", flat=True)}
    leaving.update(state=Delivery.State.CANCELLED, reason=Reason.NO_LONGER_RELEVANT, finished_at=now)
    scheduled.update(scheduled_status=Notification.Status.CANCELLED)
    return len(ids)


def _tell(
    event_type: EventType, recipients: Iterable[Recipient], requested: frozenset[str] | None, now: datetime
) -> list[int]:
    """Tell all of them or nobody, in a transaction that is open; the ids of the notifications that this added."""
    done = FanOut()
    chunks = list(tell(event_type, recipients, now=now, done=done, requested=requested))
    for error in done.failed.values():
        raise error
    transaction.on_commit(lambda: spread(done))
    return [id_ for chunk in chunks for id_ in chunk]


def _ids(users: Iterable[AbstractBaseUser], field: str = "users") -> list[int]:
    try:
        ids = [user.pk for user in users]
    except (AttributeError, TypeError) as error:
        raise MessageError(f"{field}: give a list of people.") from error
    if not all(is_id(each) for each in ids):
        raise MessageError(f"{field}: somebody among them has no account.")
    return ids


def _check(field: str, rule: Callable[[Any], Any], value: Any) -> None:
    try:
        rule(value)
    except ValueError as error:
        raise MessageError(f"{field}: {error}") from None


def _check_words(*, title: str, **text: str) -> None:
    for field, words in {"title": title, **text}.items():
        _check(field, text_of, words)
    if len(title) > MAX_TITLE:
        raise MessageError(f"title: {MAX_TITLE} characters at most are possible.")


def _direct_type(name: str, priority: str, require_acknowledgment: bool) -> EventType:
    _check_type(name)
    if not isinstance(require_acknowledgment, bool):
        raise MessageError("require_acknowledgment: it is True or False.")
    return direct_type(name, _priority(priority), require_acknowledgment=require_acknowledgment)


def _check_type(name: str) -> None:
    if not isinstance(name, str) or (registry.find(name) is None and not is_slug(name)):
        raise MessageError(
            f"notif_type: “{name}” is no event type, nor {MAX_TYPE} letters, digits, hyphens and underscores at most."
        )


def _priority(name: str) -> Priority:
    try:
        return Priority[usual_priority(name).upper()]
    except (KeyError, AttributeError):
        raise MessageError(f"priority: “{name}” is none of low, normal, high, urgent.") from None


def _channels(names: Iterable[str]) -> frozenset[str]:
    known = channel_registry.names()
    if isinstance(names, str):
        raise MessageError("channels: give a list of names.")
    for name in names:
        if name not in known:
            raise MessageError(f"channels: “{name}” is none of {', '.join(known)}.")
    return frozenset(names)
