"""Reads: who wants what, and what stands in an inbox."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from notifications import registry
from notifications.models import ChannelChoice, Notification, NotificationPreferences, NotificationTemplate
from notifications.timezones import timezone_names
from notifications.types import (
    LANGUAGES,
    TEXT_FIELDS,
    Detail,
    EmailTime,
    EventType,
    QuietHours,
    Texts,
    Wishes,
)

logger = logging.getLogger(__name__)

BADGE_LIMIT = 100
"""The badge counts no further: beyond it a person doesn't care, and the database needn't."""


@dataclass(frozen=True, slots=True)
class Person:
    """What the engine must know of somebody before it writes to them."""

    language: str
    wishes: Wishes


SWITCHES = {"email": "email_enabled", "sms": "sms_enabled", "push": "push_enabled"}
"""The field of the preferences that turns a channel off altogether."""

_PREFERENCES = (
    "user_id",
    "language",
    "timezone",
    "quiet_hours_enabled",
    "quiet_hours_start",
    "quiet_hours_end",
    "email_time",
    "detail",
    "paused_until",
    *SWITCHES.values(),
)


def people(user_ids: Collection[int]) -> dict[int, Person]:
    """The active ones of these people, with their wishes or the defaults. Three queries."""
    choices: dict[int, set[tuple[str, str, bool]]] = defaultdict(set)
    chosen = ChannelChoice.objects.filter(user_id__any_of=user_ids)
    for user_id, category, channel, on in chosen.values_list("user_id", "category", "channel", "on"):
        choices[user_id].add((category, channel, on))
    rows = NotificationPreferences.objects.filter(user_id__any_of=user_ids).values_list(*_PREFERENCES)
    preferences = {user_id: row for user_id, *row in rows}
    active = (
        get_user_model()
        ._default_manager.filter(id__any_of=user_ids, is_active=True)
        .values_list("id", flat=True)
    )

    default = (
        settings.LANGUAGE_CODE,
        settings.TIME_ZONE,
        False,
        None,
        None,
        EmailTime.IMMEDIATE,
        Detail.DISCREET,
        None,
        *(True for _switch in SWITCHES),
    )
    zones = timezone_names()
    known: dict[tuple[object, ...], Person] = {}
    found = {}
    for user_id in active:
        row = tuple(preferences.get(user_id, default))
        key = (row, frozenset(choices[user_id]) if user_id in choices else frozenset())
        person = known.get(key)
        if person is None:
            language, zone, quiet, start, end, email_time, detail, paused_until, *switches = row
            person = known[key] = Person(
                language,
                Wishes(
                    timezone=zone if zone in zones else settings.TIME_ZONE,
                    quiet_hours=QuietHours(start, end) if quiet else None,
                    email_time=EmailTime(email_time),
                    detail=Detail(detail),
                    choices=key[1],
                    paused_until=paused_until,
                    muted=frozenset(name for name, on in zip(SWITCHES, switches, strict=True) if not on),
                ),
            )
        found[user_id] = person
    return found


def texts_of(event_type: EventType) -> Mapping[str, Texts]:
    """The live template's texts by language, or the built-in ones when there is none.

    A text that a template lacks in one language is taken from its other one; both misses are logged. What isn't
    declared, as a message in somebody's own words, has no template.
    """
    if registry.find(event_type.name) is None:
        return event_type.texts
    template = NotificationTemplate.objects.filter(event_type=event_type.name, live=True).first()
    if template is None:
        logger.info("%s has no live template; its built-in texts are used.", event_type.name)
        return event_type.texts
    return {language: _template_texts(template, language) for language in LANGUAGES}


def _template_texts(template: NotificationTemplate, language: str) -> Texts:
    other = next(code for code in LANGUAGES if code != language)
    texts = {}
    for field in TEXT_FIELDS:
        text = getattr(template, f"{field}_{language}")
        if not text:
            logger.warning("The template of %s has no %s in “%s”.", template.event_type, field, language)
            text = getattr(template, f"{field}_{other}")
        texts[field] = text or ""
    return Texts(**texts)


def language_of(user_id: int) -> str:
    """The language in which this person is written to."""
    found = NotificationPreferences.objects.filter(user_id=user_id).values_list("language", flat=True).first()
    return found or settings.LANGUAGE_CODE


def timezone_of(user_id: int) -> str:
    """The IANA name of the zone by whose wall clock this person lives."""
    found = NotificationPreferences.objects.filter(user_id=user_id).values_list("timezone", flat=True).first()
    return found or settings.TIME_ZONE


STATUSES = {
    "all": Q(dismissed_at__isnull=True),
    "unread": Q(read_at__isnull=True, dismissed_at__isnull=True),
    "read": Q(read_at__isnull=False, dismissed_at__isnull=True),
    "acknowledged": Q(acknowledged_at__isnull=False),
    "dismissed": Q(dismissed_at__isnull=False),
}


def received(user_id: int) -> QuerySet[Notification]:
    """Everything that has reached this person's inbox, dismissed or not, newest first."""
    return Notification.objects.filter(
        recipient_id=user_id, scheduled_status=Notification.Status.SENT, in_inbox=True
    ).order_by("-sent_at", "-id")


def inbox(user_id: int, *, status: str = "all", category: str = "") -> QuerySet[Notification]:
    """This person's messages of a status ("all" is all but the dismissed) and a category, newest first."""
    messages = received(user_id).filter(STATUSES[status])
    return messages.filter(category=category) if category else messages


def unread_count(user_id: int) -> int:
    """How many messages wait to be read, counted up to `BADGE_LIMIT`."""
    return inbox(user_id, status="unread").order_by()[:BADGE_LIMIT].count()
