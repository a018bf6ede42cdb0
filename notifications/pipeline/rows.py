"""Finished rows into the tables, a thousand at a time: the one place that speaks SQL for speed.

A row that breaks the once-per-key constraint is left out, with its deliveries; the rest goes in. On PostgreSQL the
notifications are copied into a temporary table and moved over with ON CONFLICT DO NOTHING, and the deliveries of
those that got in are copied straight into their table. On SQLite the write lock makes plain INSERTs do.

Ids are drawn beforehand, so that deliveries can name their notification before it is there.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from notifications.models import Delivery, Notification


class NotificationRow(NamedTuple):
    """The columns of a notification that is new; `data` and `routing` are JSON texts."""

    recipient_id: int
    event_record_id: int | None
    event_type: str
    category: str
    priority: int
    language: str
    title: str
    body: str
    path: str
    data: str
    related_object_type: str
    related_object_id: int | None
    in_inbox: bool
    require_acknowledgment: bool
    dedupe_key: str
    routing: str
    scheduled_at: datetime
    scheduled_status: str
    valid_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    delete_at: datetime


class DeliveryRow(NamedTuple):
    """The columns of a delivery that is new, but for its notification."""

    channel: str
    priority: int
    address: str
    subject: str
    body: str
    due_at: datetime


class NewMessage(NamedTuple):
    """A notification and what leaves the house for it."""

    notification: NotificationRow
    deliveries: tuple[DeliveryRow, ...]


# What a new delivery starts with, in the order in which it follows a DeliveryRow.
_DELIVERY_START = {
    "state": Delivery.State.PENDING.value,
    "attempts": 0,
    "failures": 0,
    "crashes": 0,
    "lease_owner": "",
    "error": "",
    "provider": "",
    "provider_id": "",
}
_NOTIFICATIONS = Notification._meta.db_table
_DELIVERIES = Delivery._meta.db_table
_NOTIFICATION_COLUMNS = ("id", *NotificationRow._fields)
_DELIVERY_COLUMNS = ("notification_id", *DeliveryRow._fields, *_DELIVERY_START)


def insert(messages: Sequence[NewMessage]) -> list[int]:
    """Insert what isn't there yet, in one transaction; the ids of the notifications that went in, in order."""
    if not messages:
        return []
    write = _copy if connection.vendor == "postgresql" else _executemany
    with transaction.atomic(), connection.cursor() as cursor:
        return write(cursor, messages)


def _deliveries(
    ids: Sequence[int], messages: Sequence[NewMessage], inserted: Collection[int]
) -> list[tuple[Any, ...]]:
    start = tuple(_DELIVERY_START.values())
    return [
        (id_, *delivery, *start)
        for id_, message in zip(ids, messages, strict=True)
        if id_ in inserted
        for delivery in message.deliveries
    ]


def _copy(cursor: CursorWrapper, messages: Sequence[NewMessage]) -> list[int]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [_NOTIFICATIONS, len(messages)]
    )
    ids = [row[0] for row in cursor.fetchall()]
    columns = ", ".join(_NOTIFICATION_COLUMNS)
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS new_notification (LIKE {_NOTIFICATIONS}) ON COMMIT DELETE ROWS"
    )
    cursor.execute("TRUNCATE new_notification")
    with cursor.copy(f"COPY new_notification ({columns}) FROM STDIN") as copy:
        for id_, message in zip(ids, messages, strict=True):
            copy.write_row((id_, *message.notification))
    cursor.execute(
        f"INSERT INTO {_NOTIFICATIONS} ({columns}) SELECT {columns} FROM new_notification"
        " ON CONFLICT (recipient_id, dedupe_key) DO NOTHING RETURNING id"
    )
    inserted = {row[0] for row in cursor.fetchall()}
    with cursor.copy(f"COPY {_DELIVERIES} ({', '.join(_DELIVERY_COLUMNS)}) FROM STDIN") as copy:
        for delivery in _deliveries(ids, messages, inserted):
            copy.write_row(delivery)
    return [id_ for id_ in ids if id_ in inserted]


def _executemany(cursor: CursorWrapper, messages: Sequence[NewMessage]) -> list[int]:
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [_NOTIFICATIONS])
    last = (cursor.fetchone() or (0,))[0]
    ids = range(last + 1, last + 1 + len(messages))
    cursor.executemany(
        f"INSERT INTO {_NOTIFICATIONS} ({', '.join(_NOTIFICATION_COLUMNS)})"
        f" VALUES ({', '.join(['%s'] * len(_NOTIFICATION_COLUMNS))})"
        " ON CONFLICT (recipient_id, dedupe_key) DO NOTHING",
        [(id_, *message.notification) for id_, message in zip(ids, messages, strict=True)],
    )
    cursor.execute(f"SELECT id FROM {_NOTIFICATIONS} WHERE id > %s", [last])
    inserted = {row[0] for row in cursor.fetchall()}
    cursor.executemany(
        f"INSERT INTO {_DELIVERIES} ({', '.join(_DELIVERY_COLUMNS)})"
        f" VALUES ({', '.join(['%s'] * len(_DELIVERY_COLUMNS))})",
        _deliveries(ids, messages, inserted),
    )
    return [id_ for id_ in ids if id_ in inserted]
