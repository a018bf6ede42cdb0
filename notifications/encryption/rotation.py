"""Bringing all that is encrypted to the newest key, and encrypting what was written before there was encryption.

A value names its key, so what is done is known from the rows themselves: a run that was stopped goes on where it was,
two at once do each row once, and the site goes on meanwhile. Rows that others hold are passed over, and are found by
the next look.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from notifications.encryption import cipher
from notifications.encryption.fields import EncryptedField

BATCH = 500
PAUSE = 0.005
"""Seconds after each batch, in which others may write: SQLite lets one write at a time."""
LOOKS = 10
WAIT = 0.2
"""Seconds after a look that found rows which others hold; more with each."""
MOST_NAMED = 20


@dataclass(slots=True)
class Rotated:
    """What a run did: rows that it changed, and the values that it had to leave, as “table id column”."""

    rows: int = 0
    encrypted: int = 0
    """Of the values, how many were written before there was encryption."""
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = f"{self.rows} rows brought to the newest key, {self.encrypted} values encrypted for the first time"
        if not self.left:
            return f"{said}; nothing is left under an older key."
        more = f" and {len(self.left) - MOST_NAMED} more" if len(self.left) > MOST_NAMED else ""
        return f"{said}; {len(self.left)} can't be brought to it: {', '.join(self.left[:MOST_NAMED])}{more}."


Rotation = Callable[[Rotated], None]
_others: dict[str, Rotation] = {}


def also(name: str, rotate_them: Rotation) -> None:
    """Have `rotate` rotate what is encrypted elsewhere than in a field of ours too."""
    _others[name] = rotate_them


def rotate() -> Rotated:
    """Bring everything to the newest key; what can't be read, or would be there twice, is named and left as it is."""
    done = Rotated()
    for model in apps.get_models(include_auto_created=True):
        columns = _columns(model)
        if columns and model._meta.managed:
            _rotate_table(model, columns, done)
    for rotate_them in _others.values():
        rotate_them(done)
    if done.encrypted:
        _forget_free_pages()
    return done


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Each column that is encrypted, with its model."""
    for model in apps.get_models(include_auto_created=True):
        for each in _columns(model):
            yield model, str(each.column)


def _columns(model: type[models.Model]) -> list[EncryptedField]:
    return [each for each in model._meta.local_concrete_fields if isinstance(each, EncryptedField)]


def _rotate_table(model: type[models.Model], columns: Sequence[EncryptedField], done: Rotated) -> None:
    """Look again until nothing is found but what can't be changed: others may have held some."""
    for look in range(LOOKS):
        left: dict[Any, list[str]] = {}
        last = 0
        while rows := _rotate_batch(model, columns, last, done, left):
            last = rows[-1][0]
            if connection.vendor == "sqlite":
                time.sleep(PAUSE)
        held = _held(model, columns, left)
        if not held:
            break
        time.sleep(WAIT * look)
    done.left += [*chain.from_iterable(left.values()), *held]


def _rotate_batch(
    model: type[models.Model],
    columns: Sequence[EncryptedField],
    after: int,
    done: Rotated,
    left: dict[Any, list[str]],
) -> list[tuple[Any, ...]]:
    with transaction.atomic():
        rows = _stale(model, columns, after=after, lock=True)
        _rotate_rows(model, columns, rows, done, left)
    return rows


def _held(
    model: type[models.Model], columns: Sequence[EncryptedField], left: dict[Any, list[str]]
) -> list[str]:
    """What others held all the time, or have written with an older key since: rows, and not those of `left`."""
    last, held = 0, []
    while rows := _stale(model, columns, after=last, lock=False):
        last = rows[-1][0]
        held += [f"{model._meta.db_table} {pk} (is in use)" for pk, *_kept in rows if pk not in left]
    return held


def _stale(
    model: type[models.Model], columns: Sequence[EncryptedField], *, after: int, lock: bool
) -> list[tuple[Any, ...]]:
    """The next rows of which a value isn't as the newest key writes it; those that nobody holds, and locked."""
    quote = connection.ops.quote_name
    pk = quote(str(model._meta.pk.column))
    names = [quote(str(each.column)) for each in columns]
    params: list[Any] = [after]
    conditions = []
    for name, each in zip(names, columns, strict=True):
        for start, text in cipher.current(indexed=each.indexed):
            conditions.append(f"({name} <> '' AND SUBSTR({name}, {start}, {len(text)}) <> %s)")
            params.append(text)
    skip = " FOR UPDATE SKIP LOCKED" if lock and connection.features.has_select_for_update_skip_locked else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {pk}, {', '.join(names)} FROM {quote(model._meta.db_table)}"
            f" WHERE {pk} > %s AND ({' OR '.join(conditions)}) ORDER BY {pk} LIMIT {BATCH}{skip}",
            params,
        )
        return list(cursor.fetchall())


def _rotate_rows(
    model: type[models.Model],
    columns: Sequence[EncryptedField],
    rows: Sequence[tuple[Any, ...]],
    done: Rotated,
    left: dict[Any, list[str]],
) -> None:
    changed = []
    for pk, *kept in rows:
        fresh = [_fresh(value, each) for value, each in zip(kept, columns, strict=True)]
        unreadable = [
            f"{model._meta.db_table} {pk} {each.column}"
            for value, each in zip(fresh, columns, strict=True)
            if cipher.is_unreadable(value)
        ]
        if unreadable:
            left[pk] = unreadable
        now = [old if cipher.is_unreadable(new) else new for old, new in zip(kept, fresh, strict=True)]
        if now != kept:
            changed.append((pk, now))
            done.encrypted += sum(
                bool(old) and not old.startswith((cipher.SEALED, cipher.INDEXED)) for old in kept
            )
    try:
        with transaction.atomic():
            _update(model, columns, changed)
        done.rows += len(changed)
    except IntegrityError:
        # One of them is there already, as what was written before there was encryption may be: each by itself, so that
        # it takes no other with it.
        for row in changed:
            _update_one(model, columns, row, done, left)


def _fresh(kept: str | None, each: EncryptedField) -> str | None:
    """The value as the newest key writes it, or what stands for one that can't be read."""
    if not kept:
        return kept
    prefix = cipher.current(indexed=each.indexed)
    if all(kept[start - 1 : start - 1 + len(text)] == text for start, text in prefix):
        return kept
    text = cipher.unseal(kept)
    if cipher.is_unreadable(text):
        return text
    return cipher.seal_indexed(text) if each.indexed else cipher.seal(text)


def _update_one(
    model: type[models.Model],
    columns: Sequence[EncryptedField],
    row: tuple[Any, list[Any]],
    done: Rotated,
    left: dict[Any, list[str]],
) -> None:
    try:
        with transaction.atomic():
            _update(model, columns, [row])
        done.rows += 1
    except IntegrityError:
        left[row[0]] = [f"{model._meta.db_table} {row[0]} (there is another one with the same value)"]


def _update(
    model: type[models.Model], columns: Sequence[EncryptedField], rows: Sequence[tuple[Any, list[Any]]]
) -> None:
    quote = connection.ops.quote_name
    values = ", ".join(f"{quote(str(each.column))} = %s" for each in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {values} WHERE {quote(str(model._meta.pk.column))} = %s",
            [(*now, pk) for pk, now in rows],
        )


def _forget_free_pages() -> None:
    """SQLite keeps what was overwritten in pages that it doesn't use: write the file anew, without them."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
