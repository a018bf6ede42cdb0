"""Who reads a page, with what every page asks about them: the query that finds them brings it along.

A page must not ask four times before it has begun. Only what answers a request that changes nothing may be taken from
here: what was brought along is as old as the request.
"""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from notifications.models import NotificationPreferences
from notifications.selectors.inbox import unread_count, unread_counts
from notifications.selectors.people import known_timezone, timezone_of


def with_reading(users: QuerySet[Any]) -> QuerySet[Any]:
    """These users, each with the zone of their wall and the number of their unread messages. No further query."""
    preferences = NotificationPreferences.objects.filter(user_id=OuterRef("pk"))
    found: QuerySet[Any] = users.annotate(
        reader_zone=Subquery(preferences.values("timezone")[:1]), reader_unread=unread_counts(OuterRef("pk"))
    )
    return found


def zone_of(user: Any) -> str:
    """As `timezone_of` says it."""
    if hasattr(user, "reader_zone"):
        return known_timezone(user.pk, user.reader_zone)
    return timezone_of(user.pk)


def unread_of(user: Any, *, may_be_as_old_as_the_request: bool) -> int:
    """As `unread_count` says it."""
    if may_be_as_old_as_the_request and hasattr(user, "reader_unread"):
        return int(user.reader_unread)
    return unread_count(user.pk)
