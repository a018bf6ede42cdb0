"""Reads: who somebody is to the engine, their language, their clock, and what they want."""

import logging
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from notifications.models import ChannelChoice, NotificationPreferences
from notifications.timezones import known_zone, timezone_names, usual_zones
from notifications.types import (
    Detail,
    EmailTime,
    QuietHours,
    Wishes,
)

logger = logging.getLogger(__name__)


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

_ZONE = _PREFERENCES.index("timezone") - 1
"""Where the zone is in a row without its user."""


def people(user_ids: Collection[int]) -> dict[int, Person]:
    """The active ones of these people, with their wishes or the defaults. Three queries, and those of
    `usual_zones` where somebody's time zone is unknown.
    """
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
    default = _default()
    lost = [user_id for user_id, row in preferences.items() if row[_ZONE] not in timezone_names()]
    places = usual_zones(lost)
    for user_id in lost:
        preferences[user_id][_ZONE] = places.get(user_id, settings.TIME_ZONE)
    # Most people want the same: each wish is made once.
    person = cache(_person)
    found: dict[int, Person] = {}
    for user_id in active:
        wanted = frozenset(choices.get(user_id, ()))
        try:
            found[user_id] = person(tuple(preferences.get(user_id, default)), wanted)
        except ValueError:
            # A row that can't be read must not keep its person, or anybody else, from being told.
            logger.exception("The preferences of user %(user)s can't be read.", {"user": user_id})
            found[user_id] = person(default, wanted)
    return found


def _default() -> tuple[Any, ...]:
    """The preferences, in the order of their columns, of whoever saved none."""
    return (
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


def _person(row: tuple[Any, ...], choices: frozenset[tuple[str, str, bool]]) -> Person:
    language, zone, quiet, start, end, email_time, detail, paused_until, *switches = row
    return Person(
        language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        Wishes(
            timezone=zone,
            quiet_hours=QuietHours(start, end) if quiet else None,
            email_time=EmailTime(email_time),
            detail=Detail(detail),
            choices=choices,
            paused_until=paused_until,
            muted=frozenset(name for name, on in zip(SWITCHES, switches, strict=True) if not on),
        ),
    )


def language_of(user_id: int) -> str:
    """The language in which this person is written to."""
    return chosen_language(user_id) or settings.LANGUAGE_CODE


def chosen_language(user_id: int) -> str | None:
    """The language that stands in this person's preferences; None where they have none. One query."""
    found = NotificationPreferences.objects.filter(user_id=user_id).values_list("language", flat=True).first()
    return found if found in dict(settings.LANGUAGES) else None


def timezone_of(user_id: int) -> str:
    """The IANA name of the zone by whose wall clock this person lives. One query, if it is known."""
    found = NotificationPreferences.objects.filter(user_id=user_id).values_list("timezone", flat=True).first()
    return known_timezone(user_id, found)


def known_timezone(user_id: int, stored: str | None) -> str:
    """The same, from what stands in this person's preferences, if they have any.

    What is stored and unknown is that of their clinic, else the site's.
    """
    if not stored or stored in timezone_names():
        return stored or settings.TIME_ZONE
    return known_zone(usual_zones([user_id]).get(user_id, ""))
