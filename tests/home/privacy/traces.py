"""Looks for somebody in everything that is kept: each column of each table, as it is stored and as the site reads it,
and each file of the data folder.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection


def found_in_database(texts: Iterable[str]) -> set[str]:
    """The columns ("table.column") in which one of these texts stands."""
    wanted = [text.lower() for text in texts]
    return {
        place
        for place, value in (*_stored(), *_as_read(), *_sessions())
        if any(text in value for text in wanted)
    }


def _stored() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table's own name
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    yield f"{table}.{column}", _text(value)


def _as_read() -> Iterator[tuple[str, str]]:
    """What is encrypted in the database is read here as the site reads it."""
    for model in apps.get_models():
        for row in model._base_manager.values():
            for column, value in row.items():
                yield f"{model._meta.db_table}.{column}", _text(value)


def _sessions() -> Iterator[tuple[str, str]]:
    for session in Session.objects.all():
        yield "django_session.session_data", json.dumps(session.get_decoded(), default=str).lower()


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace").lower()
    return str(value).lower()


def found_in_files(texts: Iterable[str]) -> set[str]:
    """The files of the data folder in which one of these texts stands: the queue too, but not the database."""
    wanted = [text.lower().encode() for text in texts]
    own = str(connection.settings_dict["NAME"])
    return {
        str(path)
        for path in Path(settings.DATA_DIR).rglob("*")
        if path.is_file() and not str(path).startswith(own)
        if any(text in path.read_bytes().lower() for text in wanted)
    }
