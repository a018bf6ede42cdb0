"""When what failed is tried again, by the site's own policy."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from notifications.exceptions import ChannelError
from notifications.rules.retries import RetryPolicy


def next_attempt(
    *, failures: int, error: ChannelError, valid_until: datetime | None = None
) -> datetime | None:
    """Aware, in UTC; None is to give up. `failures` counts this one too. See RetryPolicy."""
    delays = tuple(timedelta(seconds=seconds) for seconds in settings.NOTIFICATION_RETRY_SECONDS)
    return RetryPolicy(delays=delays).next_attempt(
        failures=failures,
        error=error,
        now=timezone.now(),
        valid_until=valid_until,
        random=random.random(),
    )
