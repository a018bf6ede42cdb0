"""How often, and after which waits, whatever leaves the site is tried again."""

from datetime import timedelta

from django.conf import settings

from notifications.rules.retries import RetryPolicy


def site_policy() -> RetryPolicy:
    """The waits of settings.NOTIFICATION_RETRY_SECONDS."""
    return RetryPolicy(tuple(timedelta(seconds=seconds) for seconds in settings.NOTIFICATION_RETRY_SECONDS))
