"""Reads: who was reached lately. In sets, whatever their number."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from notifications import registry
from notifications.models import Delivery

_THROUGH = Q(state__in=[Delivery.State.SENT, Delivery.State.DELIVERED]) | Q(
    notification__read_at__isnull=False
)
_ENDED = [Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.FAILED, Delivery.State.EXPIRED]


@dataclass(frozen=True, slots=True)
class Reached:
    """Of the messages that went out, how many arrived or were read, and of the people whom at least one reached."""

    messages: int
    arrived: int
    people: int
    people_reached: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 is said only when all arrived. ValueError where there was no message."""
        if not self.messages:
            raise ValueError("Of no messages there is no share.")
        return self.arrived * 100 // self.messages


def reached(scope_ids: Collection[int], *, since: datetime) -> Mapping[int, Reached]:
    """Of the messages that these scopes wrote since then, by scope; those without any are missing. One query."""
    # None is deleted sooner than this after it was written, and by that day there is an index.
    shortest = min((each.retention for each in registry.event_types()), default=timedelta())
    rows = Delivery.objects.filter(
        notification__delete_at__gte=since + shortest,
        notification__created_at__gte=since,
        scope_id__in=scope_ids,
        state__in=_ENDED,
    )
    person = "notification__recipient"
    found = (
        rows.order_by()
        .values_list("scope_id")
        .annotate(
            messages=Count("pk"),
            arrived=Count("pk", filter=_THROUGH),
            people=Count(person, distinct=True),
            people_reached=Count(person, distinct=True, filter=_THROUGH),
        )
    )
    return {scope_id: Reached(*numbers) for scope_id, *numbers in found}
