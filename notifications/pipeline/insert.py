"""Finished rows into the tables, thousands at a time: the one place that speaks SQL for speed.

A row that breaks the once-per-key constraint is left out, with its deliveries; the rest goes in. On PostgreSQL all is
copied straight into the tables. When a key is there already, which is rare (a worker died between two chunks), the
notifications go through a temporary table and ON CONFLICT DO NOTHING instead. On SQLite plain INSERTs are fast enough.

Ids are drawn beforehand, so that deliveries can name their notification before it is there. What equal messages have
in common is turned into text once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from notifications.encryption.cipher import seal_many
from notifications.models import Delivery, Notification
from notifications.models.lookups import numbers


class Own(NamedTuple):
    """The columns of a new notification that are its own; `data` is a JSON text."""

    recipient_id: int
    event_record_id: int | None
    dedupe_key: str
    path: str
    data: str
    related_object_id: int | None
    scope_id: int | None
    subject_id: int | None


class Common(NamedTuple):
    """The columns of a new notification that equal messages share; `routing` is a JSON text."""

    event_type: str
    category: str
    priority: int
    language: str
    title: str
    body: str
    related_object_type: str
    in_inbox: bool
    require_acknowledgment: bool
    routing: str
    scheduled_at: datetime
    scheduled_status: str
    valid_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    delete_at: datetime


class CommonDelivery(NamedTuple):
    """The columns of a new delivery that equal messages share."""

    channel: str
    lane: int
    subject: str
    body: str
    due_at: datetime
    step: int | None = None
    state: str = Delivery.State.PENDING.value
    attempts: int = 0
    failures: int = 0
    crashes: int = 0
    lease_owner: str = ""
    error: str = ""
    provider: str = ""
    provider_id: str = ""


class NewMessage(NamedTuple):
    """A notification and its deliveries: as many addresses as deliveries."""

    own: Own
    common: Common
    addresses: tuple[str, ...]
    deliveries: tuple[CommonDelivery, ...]


_NOTIFICATIONS = Notification._meta.db_table
_DELIVERIES = Delivery._meta.db_table
BLOCK = 250
"""Rows that are handed over at a time."""
_NOTIFICATION_COLUMNS = ("id", *Own._fields, *Common._fields)
_DELIVERY_COLUMNS = ("notification_id", "scope_id", "address", *CommonDelivery._fields)

_Shared = TypeVar("_Shared")
_Made = TypeVar("_Made")
_Row = tuple[tuple[Any, ...], tuple[Any, ...]]
"""A row in two parts: its own columns, and those that others share."""


def insert(messages: Sequence[NewMessage]) -> list[int]:
    """Insert what isn't there yet, in one transaction; the ids of the notifications that went in, in order."""
    if not messages:
        return []
    write = _copy if connection.vendor == "postgresql" else _insert
    with transaction.atomic(), connection.cursor() as cursor:
        return write(cursor, messages)


def add_deliveries(messages: Mapping[int, NewMessage]) -> None:
    """Insert the deliveries of notifications that are there already, by their ids."""
    rows = _deliveries(list(messages), list(messages.values()), messages.keys())
    write = _copy_in if connection.vendor == "postgresql" else _insert_in
    with connection.cursor() as cursor:
        write(cursor, _DELIVERIES, _DELIVERY_COLUMNS, rows)


def _notifications(ids: Sequence[int], messages: Sequence[NewMessage]) -> list[_Row]:
    return [((id_, *message.own), message.common) for id_, message in zip(ids, messages, strict=True)]


def _deliveries(ids: Sequence[int], messages: Sequence[NewMessage], inserted: Collection[int]) -> list[_Row]:
    """Sealed, as the model's own fields would be."""
    rows = [
        (id_, message.own.scope_id, address, delivery)
        for id_, message in zip(ids, messages, strict=True)
        if id_ in inserted
        for address, delivery in zip(message.addresses, message.deliveries, strict=True)
    ]
    addresses = seal_many([address for _id, _scope_id, address, _delivery in rows])
    sealed = _once(_sealed, [delivery for _id, _scope_id, _address, delivery in rows])
    return [
        ((id_, scope_id, address), sealed[id(delivery)])
        for (id_, scope_id, _address, delivery), address in zip(rows, addresses, strict=True)
    ]


def _once(convert: Callable[[_Shared], _Made], shared: Iterable[_Shared]) -> dict[int, _Made]:
    """What is made of each, once for all that share it, by its `id()`: to compare these long texts takes longer."""
    return {id_: convert(each) for id_, each in {id(each): each for each in shared}.items()}


def _sealed(delivery: CommonDelivery) -> CommonDelivery:
    subject, body = seal_many((delivery.subject, delivery.body))
    return delivery._replace(subject=subject, body=body)


def _copy(cursor: CursorWrapper, messages: Sequence[NewMessage]) -> list[int]:
    cursor.execute(
        "SELECT string_agg(nextval(sequence)::text, ',')"
        " FROM CAST(pg_get_serial_sequence(%s, 'id') AS regclass) AS sequence, generate_series(1, %s)",
        [_NOTIFICATIONS, len(messages)],
    )
    ids = numbers(cursor.fetchone()[0])
    rows = _notifications(ids, messages)
    inserted: Collection[int] = set(ids)
    try:
        with transaction.atomic():
            _copy_in(cursor, _NOTIFICATIONS, _NOTIFICATION_COLUMNS, rows)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        inserted = _copy_what_is_new(cursor, rows)
    _copy_in(cursor, _DELIVERIES, _DELIVERY_COLUMNS, _deliveries(ids, messages, inserted))
    return [id_ for id_ in ids if id_ in inserted]


def _copy_what_is_new(cursor: CursorWrapper, rows: Sequence[_Row]) -> set[int]:
    columns = ", ".join(_NOTIFICATION_COLUMNS)
    cursor.execute(
        f"CREATE TEMPORARY TABLE new_notification (LIKE {_NOTIFICATIONS} INCLUDING DEFAULTS) ON COMMIT DROP"
    )
    _copy_in(cursor, "new_notification", _NOTIFICATION_COLUMNS, rows)
    cursor.execute(
        f"INSERT INTO {_NOTIFICATIONS} ({columns}) SELECT {columns} FROM new_notification"
        " ON CONFLICT (recipient_id, dedupe_key) DO NOTHING RETURNING id"
    )
    inserted = {row[0] for row in cursor.fetchall()}
    cursor.execute("DROP TABLE new_notification")
    return inserted


def _copy_in(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Sequence[_Row]) -> None:
    common = _once(_text, [shared for _own, shared in rows])
    # Its errors are Django's, as those of all that is executed are: whether the database is away is told by that.
    with (
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        # Block by block: the database reads one while the next is written, and neither holds them all.
        for first in range(0, len(rows), BLOCK):
            block = rows[first : first + BLOCK]
            copy.write("".join([f"{_text(own)}\t{common[id(shared)]}\n" for own, shared in block]))


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _escaped(text: str) -> str:
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _text(values: tuple[Any, ...]) -> str:
    """Columns in COPY's text format. str() of a number, a truth value or an aware datetime is what PostgreSQL reads."""
    return "\t".join(
        [
            _escaped(value) if type(value) is str else "\\N" if value is None else str(value)
            for value in values
        ]
    )


def _insert(cursor: CursorWrapper, messages: Sequence[NewMessage]) -> list[int]:
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [_NOTIFICATIONS])
    last = (cursor.fetchone() or (0,))[0]
    ids = range(last + 1, last + 1 + len(messages))
    rows = _notifications(ids, messages)
    _insert_in(
        cursor,
        _NOTIFICATIONS,
        _NOTIFICATION_COLUMNS,
        rows,
        "ON CONFLICT (recipient_id, dedupe_key) DO NOTHING",
    )
    cursor.execute(f"SELECT id FROM {_NOTIFICATIONS} WHERE id > %s", [last])
    inserted = {row[0] for row in cursor.fetchall()}
    _insert_in(cursor, _DELIVERIES, _DELIVERY_COLUMNS, _deliveries(ids, messages, inserted))
    return [id_ for id_ in ids if id_ in inserted]


def _insert_in(
    cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Sequence[_Row], otherwise: str = ""
) -> None:
    places = ", ".join(["%s"] * len(columns))
    common = _once(_stored, [shared for _own, shared in rows])
    cursor.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) {otherwise}",
        [(*own, *common[id(shared)]) for own, shared in rows],
    )


def _stored(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Moments as the ORM writes them: SQLite compares texts, and another spelling of a moment is another text."""
    return tuple(
        [
            connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
            for value in values
        ]
    )
