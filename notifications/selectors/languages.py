"""Reads: in which language somebody is answered who wrote to us, and what a message should have been in."""

from collections.abc import Mapping, Sequence
from typing import Any

from notifications import scope
from notifications.languages.listed import DEFAULT, PAGES
from notifications.languages.switches import switched_on
from notifications.models import NotificationPreferences
from notifications.rules.message_language import language_for
from notifications.types import WANTED_LANGUAGE


def wanted_language(routing: Sequence[Mapping[str, Any]]) -> str:
    """In which language a message should have been that is in its reader's second choice; empty for any other."""
    return next((each[WANTED_LANGUAGE] for each in routing if WANTED_LANGUAGE in each), "")


def language_to_answer_in(user_id: int) -> str:
    """That of this person's messages, where it is switched on for the scope that they belong to; else that of their
    pages. One query, and two more for who chose a language that pages aren't in.
    """
    found = NotificationPreferences.objects.filter(user_id=user_id).values_list(
        "message_language", "language"
    )
    wanted, second = found.first() or ("", DEFAULT)
    second = second if second in PAGES else DEFAULT
    if not wanted or wanted in PAGES:
        return wanted or second
    scope_id = scope.of_person(user_id).scope_id
    return language_for(wanted, second, switched_on([scope_id]).get(scope_id, frozenset()))
