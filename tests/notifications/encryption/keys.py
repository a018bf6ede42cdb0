"""Keys for tests, and what the database really has."""

from typing import Any

from cryptography.fernet import Fernet
from django.db import connection, models

FIRST, SECOND, THIRD = (Fernet.generate_key().decode() for _ in range(3))


def kept(model: type[models.Model], column: str, pk: Any) -> str:
    """One value, as it is in the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE id = %s", [pk])  # noqa: S608
        (value,) = cursor.fetchone()
    return str(value)
