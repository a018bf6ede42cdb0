"""Reads: who somebody is to the engine, their language, their clock, and what they want."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from notifications.languages.listed import DEFAULT, PAGES, of_page
from notifications.models import ChannelChoice, NotificationPreferences
from notifications.models.lookups import Ids, Many, numbers
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
    """What the engine must know of somebody before it writes to them.

    `language` is that of their pages, `wanted` the one of their messages, empty where that is the same.
    """

    language: str
    wishes: Wishes
    wanted: str = ""


SWITCHES = {
    "email": "email_enabled",
    "sms": "sms_enabled",
    "push": "push_enabled",
    "whatsapp": "whatsapp_enabled",
    "voice": "voice_enabled",
}
"""The field of the preferences that turns a channel off altogether."""

_PREFERENCES = (
    "language",
    "message_language",
    "timezone",
    "quiet_hours_enabled",
    "quiet_hours_start",
    "quiet_hours_end",
    "email_time",
    "detail",
    "paused_until",
    "calls_at_night",
    *SWITCHES.values(),
)
_ZONE = _PREFERENCES.index("timezone")

_Choices = frozenset[tuple[str, str, bool]]


def people(user_ids: Collection[int]) -> dict[int, Person]:
    """The active ones of these people, with their wishes or the defaults. Three queries, which read once what many
    want, and those of `usual_zones` where somebody's time zone is unknown. Equal wishes are one and the same object.
    """
    ids = Many(user_ids)
    choices = _choices(ids)
    active = get_user_model()._default_manager.filter(id__any_of=ids, is_active=True).order_by()
    left = set(numbers(active.aggregate(ids=Ids("id"))["ids"]))
    found: dict[int, Person] = {}
    person = cache(_person)
    for row, theirs in (*_preferences(ids), (_default(), left)):
        # Most people chose the same: each wish is made once.
        made: dict[_Choices, Person] = {}
        for user_id in left.intersection(theirs).difference(found):
            wanted = choices.get(user_id, frozenset())
            if wanted not in made:
                try:
                    made[wanted] = person(row, wanted)
                except ValueError:
                    # A row that can't be read must not keep its person, or anybody else, from being told.
                    logger.exception("The preferences of user %(user)s can't be read.", {"user": user_id})
                    made[wanted] = person(_default(), wanted)
            found[user_id] = made[wanted]
    return found


def _preferences(user_ids: Many) -> Iterator[tuple[tuple[Any, ...], Sequence[int]]]:
    """What people chose, each once, with those who chose it. Who has a zone that nobody knows gets their usual one."""
    rows = NotificationPreferences.objects.filter(user_id__any_of=user_ids).order_by().values(*_PREFERENCES)
    lost: dict[int, list[Any]] = {}
    for *row, ids in rows.annotate(ids=Ids("user_id")).values_list(*_PREFERENCES, "ids"):
        if row[_ZONE] in timezone_names():
            yield tuple(row), numbers(ids)
        else:
            lost |= dict.fromkeys(numbers(ids), row)
    places = usual_zones(lost)
    for user_id, row in lost.items():
        zone = places.get(user_id, settings.TIME_ZONE)
        yield (*row[:_ZONE], zone, *row[_ZONE + 1 :]), [user_id]


def _choices(user_ids: Many) -> dict[int, _Choices]:
    alike = ("event_type", "category", "channel", "on")
    chosen = ChannelChoice.objects.filter(user_id__any_of=user_ids).order_by().values(*alike)
    choices: dict[int, _Choices] = {}
    both = cache(frozenset[tuple[str, str, bool]].union)
    for event_type, category, channel, on, ids in chosen.annotate(ids=Ids("user_id")).values_list(
        *alike, "ids"
    ):
        one: _Choices = frozenset([(event_type or category, channel, on)])
        for user_id in numbers(ids):
            choices[user_id] = both(choices[user_id], one) if user_id in choices else one
    return choices


def is_on_at_first(switch: str) -> bool:
    """Whether this one of SWITCHES' fields is on for whoever chose nothing: calls come to who asked for them."""
    return bool(getattr(NotificationPreferences(), switch))


def _default() -> tuple[Any, ...]:
    """The preferences, in the order of their columns, of whoever saved none."""
    return (
        DEFAULT,
        "",
        settings.TIME_ZONE,
        False,
        None,
        None,
        EmailTime.IMMEDIATE,
        Detail.DISCREET,
        None,
        False,
        *(is_on_at_first(switch) for switch in SWITCHES.values()),
    )


def _person(row: tuple[Any, ...], choices: _Choices) -> Person:
    language, wanted, zone, quiet, start, end, email_time, detail, paused_until, at_night, *switches = row
    return Person(
        of_page(language),
        Wishes(
            timezone=zone,
            quiet_hours=QuietHours(start, end) if quiet else None,
            email_time=EmailTime(email_time),
            detail=Detail(detail),
            choices=choices,
            paused_until=paused_until,
            calls_at_night=at_night,
            muted=frozenset(name for name, on in zip(SWITCHES, switches, strict=True) if not on),
        ),
        wanted=wanted if wanted != of_page(language) else "",
    )


def language_of(user_id: int) -> str:
    """The language of this person's pages, in which whatever is no message is written to them."""
    return chosen_language(user_id) or DEFAULT


def chosen_language(user_id: int) -> str | None:
    """The language that stands in this person's preferences; None where they have none. One query."""
    found = NotificationPreferences.objects.filter(user_id=user_id).values_list("language", flat=True).first()
    return found if found in PAGES else None


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
