"""Reads: what left the house day by day, and what should have. In sets; for the background."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta, tzinfo

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import TruncDate

from notifications import registry
from notifications.models import Delivery

_State = Delivery.State
THROUGH = (_State.SENT, _State.DELIVERED)
"""What a provider took, or said that it arrived."""
WAITING = "waiting"
"""What isn't decided yet, whatever it waits for."""
_UNDECIDED = (_State.PENDING, _State.SENDING, _State.RETRY)
_OVERDUE = timedelta(minutes=2)


def sent_between(begins: datetime, ends: datetime, message: str = "") -> Q:
    """The messages that came to their readers from the first moment on and before the second. `message` is the path to
    the message, empty for messages themselves.

    None is deleted sooner or later than this after it came, and by that day there is an index.
    """
    kept = [each.retention for each in registry.event_types()]
    path = f"{message}__" if message else ""
    return Q(
        **{
            f"{path}sent_at__gte": begins,
            f"{path}sent_at__lt": ends,
            f"{path}delete_at__gte": begins + min(kept, default=timedelta()),
            f"{path}delete_at__lt": ends + max(kept, default=timedelta()) + timedelta(days=1),
        }
    )


def went_through() -> Q:
    """Of messages those that left the house, or were read in the inbox."""
    out = Delivery.objects.filter(notification=OuterRef("pk"), state__in=THROUGH)
    return Q(read_at__isnull=False) | Q(Exists(out))


def deliveries_by_day(
    scope_ids: Collection[int], *, begins: datetime, ends: datetime, zone: tzinfo
) -> Mapping[tuple[int, date], Mapping[str, int]]:
    """Of the messages that came in this time, how their deliveries stand: by scope and local day, "sms.failed". One
    query.
    """
    rows = (
        Delivery.objects.filter(sent_between(begins, ends, "notification"), scope_id__in=scope_ids)
        .annotate(day=TruncDate("notification__sent_at", tzinfo=zone))
        .order_by()
        .values_list("scope_id", "day", "channel", "state")
        .annotate(number=Count("pk"))
    )
    found: dict[tuple[int, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for scope_id, day, channel, state, number in rows:
        said = WAITING if state in _UNDECIDED else state
        found[scope_id, day][f"{channel}.{said}"] += number
    return {key: dict(numbers) for key, numbers in found.items()}


def overdue(scope_ids: Collection[int], *, now: datetime) -> Mapping[int, tuple[int, timedelta]]:
    """How many deliveries of each of these scopes should be out by now, and for how long the oldest should; those
    without any are missing. One query.
    """
    rows = Delivery.objects.filter(
        finished_at__isnull=True, due_at__lt=now - _OVERDUE, scope_id__in=scope_ids
    )
    found = rows.order_by().values_list("scope_id").annotate(number=Count("pk"), oldest=Min("due_at"))
    return {scope_id: (number, now - oldest) for scope_id, number, oldest in found}
