"""A person's calendar address: made when first asked for, renewed, switched off; and when its content changed."""

from datetime import datetime

from events.models import CalendarFeed
from events.models.calendar_feed import new_key
from home.models import User


def feed_make(*, user: User, now: datetime) -> CalendarFeed:
    """The person's calendar address, a new one if they have none. Harmless twice, and twice at once."""
    return CalendarFeed.objects.get_or_create(user=user, defaults={"created_at": now})[0]


def feed_renew(*, user: User, now: datetime) -> CalendarFeed:
    """Replace the address. The old one no longer works."""
    values = {"key": new_key(), "created_at": now, "digest": "", "changed_at": None}
    return CalendarFeed.objects.update_or_create(user=user, defaults=values)[0]


def feed_remove(*, user: User) -> None:
    """Switch the address off. Harmless when there was none."""
    CalendarFeed.objects.filter(user=user).delete()


def feed_given(*, feed: CalendarFeed, digest: str, now: datetime) -> datetime:
    """Note the digest of the content; since when it has been the same (aware). A query only when it is new."""
    if feed.digest != digest or feed.changed_at is None:
        feed.digest, feed.changed_at = digest, now
        CalendarFeed.objects.filter(pk=feed.pk, key=feed.key).update(digest=digest, changed_at=now)
    return feed.changed_at
