"""Fields whose values are sealed in the database, however they are written: by `save`, `update` or in bulk.

They can't be sorted, and are compared with nothing but the empty text, unless they are `indexed`: then an equal value
finds them (`exact`), and a `UniqueConstraint(IndexOf("phone"), …)` keeps them apart.
"""

import re
from typing import Any, ClassVar

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Lookup
from django.db.models.lookups import IsNull
from django.db.models.sql.compiler import SQLCompiler
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from notifications.encryption.cipher import (
    INDEX,
    INDEXED,
    Unreadable,
    index_of,
    is_unreadable,
    seal,
    seal_indexed,
    unseal,
)

_E164 = re.compile(r"[+][1-9][0-9]{6,14}")


class IndexOf(Func):
    """The index of an indexed field, as the database finds it at the beginning of the value."""

    # What was written before there was encryption is its own index.
    template = (
        f"CASE WHEN SUBSTR(%(expressions)s, 1, {len(INDEXED)}) = '{INDEXED}'"
        f" THEN SUBSTR(%(expressions)s, 1, {INDEX}) ELSE %(expressions)s END"
    )
    arity = 1
    output_field: ClassVar[models.Field[Any, Any]] = models.TextField()

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(*args, **kwargs)
        # The expression stands in the template three times.
        return sql, (*params, *params, *params)


class _Equal(Lookup[Any]):
    """An indexed field by its index; any other only by whether it is empty."""

    lookup_name = "exact"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        field: Any = self.lhs.output_field
        if hasattr(self.rhs, "resolve_expression"):
            raise FieldError(f"{field} is encrypted: it can't be compared with another column.")
        text = field.as_text(self.rhs)
        column, params = self.process_lhs(compiler, connection)
        if not text:
            return f"{column} = ''", tuple(params)
        if not field.indexed:
            raise FieldError(f"{field} is encrypted and has no index: it can't be looked up.")
        by_index, params = compiler.compile(IndexOf(self.lhs))
        return f"{by_index} IN (%s, %s)", (*params, index_of(text), text)


class EncryptedField(models.Field[Any, Any]):
    """What all encrypted fields do."""

    indexed: bool

    def __init__(self, *args: Any, indexed: bool = False, **kwargs: Any) -> None:
        self.indexed = indexed
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, **({"indexed": True} if self.indexed else {})}

    def get_internal_type(self) -> str:
        return "TextField"

    def get_lookup(self, lookup_name: str) -> Any:
        return {"exact": _Equal, "isnull": IsNull}.get(lookup_name)

    def as_text(self, value: Any) -> Any:
        """What is sealed: a text, or None."""
        return super().get_prep_value(value)

    def get_prep_value(self, value: Any) -> Any:
        if is_unreadable(value):
            return value.sealed
        text = self.as_text(value)
        if not text:
            return text
        return seal_indexed(text) if self.indexed else seal(text)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value if value is None else unseal(value)


class EncryptedTextField(EncryptedField, models.TextField[Any, Any]):
    """A text of any length, in one line or many."""


class EncryptedEmailField(EncryptedField, models.EmailField[Any, Any]):
    """An e-mail address."""


class EncryptedPhoneField(EncryptedField, PhoneNumberField):
    """A phone number, kept in E.164. ValueError for anything else, as no constraint can look into what is sealed."""

    def get_prep_value(self, value: Any) -> Any:
        text = None if is_unreadable(value) else self.as_text(value)
        if text and not _E164.fullmatch(text):
            raise ValueError(f"{text} is not a phone number.")
        return super().get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        if isinstance(text, Unreadable):
            return UnreadablePhone(text)
        return self.to_python(text)


class UnreadablePhone(PhoneNumber):
    """As `Unreadable`, where a phone number is expected: no valid one, in whatever format."""

    def __init__(self, text: Unreadable) -> None:
        super().__init__(raw_input=text)
        self.sealed = text.sealed

    def format_as(self, format: Any) -> str:  # noqa: A002 - as the library calls it
        return str(self)

    def __str__(self) -> str:
        words: str = self.raw_input
        return words
