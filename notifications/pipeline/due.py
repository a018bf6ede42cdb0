"""Deliveries that a worker took, with all that it takes to decide about them and to send them.

They are plain values: to make two models of each row took a good part of all the time that a message takes
(docs/decisions/0102).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from notifications.models import Delivery
from notifications.models.lookups import Many


class DueNotification(NamedTuple):
    """What is read of a `Notification`: `title` and `body` for digests alone, which say what stands in the inbox."""

    pk: int
    recipient_id: int
    event_type: str
    category: str
    priority: int
    language: str
    path: str
    data: dict[str, Any]
    related_object_type: str
    related_object_id: int | None
    in_inbox: bool
    routing: list[dict[str, Any]]
    scheduled_status: str
    valid_until: datetime | None
    title: str = ""
    body: str = ""


class DueDelivery(NamedTuple):
    """What is read of a `Delivery`."""

    pk: int
    channel: str
    digest: int | None
    address: str
    subject: str
    body: str
    failures: int
    scope_id: int | None
    step: int | None
    due_at: datetime
    notification: DueNotification

    @property
    def notification_id(self) -> int:
        return self.notification.pk


_OWN = DueDelivery._fields[:-1]
_OF_INBOX = ("title", "body")
_COLUMNS = (*_OWN, *(f"notification__{name}" for name in DueNotification._fields if name not in _OF_INBOX))
_COLUMNS_OF_DIGESTS = (*_COLUMNS, *(f"notification__{name}" for name in _OF_INBOX))


def read(ids: Iterable[int], *, as_digests: bool = False) -> list[DueDelivery]:
    """These deliveries, first things first. One query."""
    rows = Delivery.objects.filter(id__any_of=Many(ids)).order_by(*Delivery.ORDER)
    return [
        DueDelivery._make((*row[: len(_OWN)], DueNotification(*row[len(_OWN) :])))
        for row in rows.values_list(*(_COLUMNS_OF_DIGESTS if as_digests else _COLUMNS))
    ]
