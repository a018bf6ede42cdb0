"""All that a program wrote, in a short text that is the same on every database."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import ForeignKey, Model

from events.models import Attendance, ClinicEvent, Visit
from home.models import Clinic, Consent, Patient, User
from medications.models import Dose, DoseAnswer, DoseSchedule, Prescription, StockBatch, StockMovement
from notifications.models import (
    ChannelChoice,
    Delivery,
    EarlyReceipt,
    EventRecord,
    InboundMessage,
    Notification,
    NotificationPreferences,
    QuickReply,
)

TABLES: tuple[type[Model], ...] = (
    Clinic,
    User,
    Patient,
    Prescription,
    DoseSchedule,
    Dose,
    DoseAnswer,
    StockBatch,
    StockMovement,
    ClinicEvent,
    Attendance,
    Visit,
    EventRecord,
    Notification,
    Delivery,
    EarlyReceipt,
    InboundMessage,
    QuickReply,
    NotificationPreferences,
    ChannelChoice,
    Consent,
)
LEFT_OUT = {
    "address",
    "lease_owner",
    "dedupe_key",
    "provider_id",
    "data",
    "payload",
    "path",
    "related_object_id",
}
"""What is random by intent, or has ids in it, which databases give out differently: rows are named by their order. The
address of push is an id too.
"""

IDS: Mapping[str, type[Model]] = {"scope_id": Clinic, "subject_id": Patient, "digest": Delivery}
"""Ids that are no foreign keys."""


def number_from_one() -> None:
    """Let the next rows have the ids that SQLite, which takes them back with the rows, would give them. What is kept in
    sets is then in the same order on every database.
    """
    if connection.vendor == "postgresql":
        tables = [model._meta.db_table for model in TABLES]
        restarts = " UNION ALL ".join(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608 - our own tables
            f" (SELECT COALESCE(MAX(id), 0) FROM {table}) + 1, false)"
            for table in tables
        )
        with connection.cursor() as cursor:
            cursor.execute(restarts)


def digest() -> str:
    """Of all tables."""
    made = hashlib.sha256()
    for line in lines():
        made.update(line.encode())
    return made.hexdigest()[:16]


def lines() -> Iterator[str]:
    """A line for each row, table by table, in the order in which they were written."""
    places = {model: _places(model) for model in TABLES}
    for model in TABLES:
        for row in model._default_manager.order_by("pk"):
            yield json.dumps([model.__name__, places[model][row.pk], _columns(row, places)], sort_keys=True)


def _places(model: type[Model]) -> dict[Any, int]:
    ids = model._default_manager.order_by("pk").values_list("pk", flat=True)
    return {pk: place for place, pk in enumerate(ids)}


def _columns(row: Model, places: Mapping[type[Model], Mapping[Any, int]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name in LEFT_OUT:
            continue
        value = getattr(row, field.attname)
        if field.name in IDS:
            value = places[IDS[field.name]].get(value)
        if isinstance(field, ForeignKey):
            value = places.get(field.related_model, {}).get(value, value is not None)
        found[field.name] = _plain(value)
    return found


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Decimal():
            return str(value.normalize())
        case None | bool() | int() | str() | list() | dict():
            return value
    return str(value)
