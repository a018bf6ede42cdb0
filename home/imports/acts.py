"""What staff do with an import. Each is one statement that fails if something happened since they looked; what is to be
done then is work, for which a worker is woken after the commit.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from home.imports.importable import Importable
from home.imports.sheets import Line, no_rows, read_sheet
from home.models import Clinic, Import, ImportRow, User
from notifications.texts.formats import day
from notifications.work.wakeups import wake_on_commit

State = Import.State
CARRY_ON = "carry_on_imports"
_AT_ONCE = 500
_CHUNK = 64 * 1024
_STOPPED_AS = (
    (State.RUNNING, State.STOPPED),
    (State.STARTING, State.STOPPED),
    (State.CHECKING, State.MATCHING),
)
_TITLES = 9
"""Rows that a title above the headings may take."""


def file_digest(file: File[Any]) -> str:
    """By which the same file is known again, and from which nobody gets to what is in it."""
    plain = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        plain.update(chunk)
    return digest_of(plain.hexdigest())


def digest_of(text: str) -> str:
    return salted_hmac("home.imports", text, algorithm="sha256").hexdigest()


def import_upload(
    *, kind: Importable, clinic: Clinic, by: User, file: File[Any], language: str, now: datetime
) -> Import:
    """Keep the rows of a file, to be matched and tried. ValidationError, with nothing kept, where it can't be taken or
    is here already.
    """
    return import_take(
        kind=kind,
        clinic=clinic,
        by=by,
        lines=read_sheet(file),
        digest=file_digest(file),
        name=file.name or "",
        language=language,
        now=now,
    )


def import_take(
    *,
    kind: Importable,
    clinic: Clinic,
    by: User,
    lines: Iterator[Line],
    digest: str,
    name: str,
    language: str,
    now: datetime,
    key: str = "",
    carries_out: bool = False,
) -> Import:
    """The same of lines, the headings first. They are written bit by bit, and count once all are there."""
    run = Import.objects.create(
        kind=kind.name,
        clinic=clinic,
        by=by,
        language=language,
        file_name=name[:200],
        digest=digest,
        key=key,
        carries_out=carries_out,
        uploaded_at=now,
        due_at=now,
        finished_at=now,
    )
    try:
        headings, rows = _headings(kind, lines)
        widest = _write_rows(run, rows)
        if not widest:
            raise no_rows()
        headings += [""] * (widest - len(headings))
        with transaction.atomic():
            Import.objects.filter(pk=run.pk).update(
                state=State.MATCHING, headings=json.dumps(headings), matched=kind.match(headings)
            )
    except IntegrityError:
        run.delete()
        raise _here_already(kind, clinic, digest) from None
    except BaseException:
        run.delete()
        raise
    run.refresh_from_db()
    return run


def _headings(kind: Importable, lines: Iterator[Line]) -> tuple[list[str], Iterator[Line]]:
    """The first row, and the rest; where it knows no column, but one below it knows two, what is above is a title."""
    first = next(lines)
    if kind.match(first.cells):
        return list(first.cells), lines
    below = []
    for line in islice(lines, _TITLES):
        if len(kind.match(line.cells)) > 1:
            return list(line.cells), lines
        below.append(line)
    return list(first.cells), chain(below, lines)


def _write_rows(run: Import, lines: Iterable[Line]) -> int:
    """How many cells the longest of them has; 0 for no rows."""
    widest, rest = 0, iter(lines)
    while some := list(islice(rest, _AT_ONCE)):
        ImportRow.objects.bulk_create(
            ImportRow(of=run, number=line.number, cells=json.dumps(line.cells, ensure_ascii=False))
            for line in some
        )
        widest = max(widest, *(len(line.cells) for line in some))
    return widest


def _here_already(kind: Importable, clinic: Clinic, digest: str) -> ValidationError:
    rows = Import.objects.filter(clinic=clinic, kind=kind.name, digest=digest)
    other = rows.exclude(state__in=[State.READING, State.UNDONE]).select_related("by").first()
    words = _("This file is here already: %(name)s uploaded it on %(day)s. It isn’t taken a second time.")
    return ValidationError(
        words
        % {
            "name": other.by if other and other.by else _("somebody"),
            "day": day(other.uploaded_at.date()) if other else "–",
        },
        code="same_file",
    )


def import_check(*, import_id: int, matched: Mapping[str, int], now: datetime) -> bool:
    """Try all rows with the columns as they are matched now; what was said of them before is forgotten."""
    with transaction.atomic():
        asked = _ask(
            import_id,
            State.CHECKING,
            (State.MATCHING, State.CHECKED, State.FAILED),
            now,
            Q(carried_out_at__isnull=True),
            matched=dict(matched),
        )
        if asked:
            ImportRow.objects.filter(of=import_id).update(
                state=ImportRow.State.READ,
                said="",
                marks={},
                patient=None,
                shares_number=False,
                is_somebody_else=False,
                tries=0,
            )
    return asked


def import_run(*, import_id: int, now: datetime) -> bool:
    """Carry out what was tried, or go on with what was stopped or failed while it was carried out."""
    states = (State.CHECKED, State.STOPPED, State.FAILED)
    was_tried = Q(state=State.CHECKED) | Q(carried_out_at__isnull=False)
    only = Q(was_tried, started_at__isnull=True)
    return _ask(import_id, State.RUNNING, states, now, only, carried_out_at=now)


def import_stop(*, import_id: int, now: datetime) -> bool:
    """Once it has answered, no row is carried out any more, and nobody else is written to. What is done stays, and may
    be undone unless somebody was written to.
    """
    rows = Import.objects.filter(pk=import_id)
    for before, after in _STOPPED_AS:
        if rows.filter(state=before).update(state=after, finished_at=now, lease_owner="", lease_until=None):
            return True
    return False


def import_undo(*, import_id: int, now: datetime) -> bool:
    """Take away again what it made; possible for a day, and until somebody was written to about it."""
    since = now - Import.UNDONE_WITHIN
    return _ask(
        import_id,
        State.UNDOING,
        (State.DONE, State.STOPPED, State.FAILED),
        now,
        Q(carried_out_at__gt=since, started_at__isnull=True),
    )


def import_start(*, import_id: int, now: datetime) -> bool:
    """Write to those whom it concerns, or go on with that where it was stopped or failed. It can't be undone from here
    on; rows that were left are not taken up again.
    """
    states = (State.DONE, State.STOPPED, State.FAILED)
    anew = Q(state__in=[State.DONE, State.STOPPED], started_at__isnull=True)
    further = Q(state__in=[State.STOPPED, State.FAILED], started_at__isnull=False)
    return _ask(import_id, State.STARTING, states, now, anew | further, started_at=now)


def import_discard(*, import_id: int) -> bool:
    """Forget a file of which nothing was carried out."""
    states = [State.MATCHING, State.CHECKED, State.READING, State.FAILED]
    found = Import.objects.filter(pk=import_id, state__in=states, carried_out_at__isnull=True)
    return bool(found.delete()[0])


def rows_are_others(*, import_id: int, numbers: Iterable[int]) -> int:
    """Staff say of these rows that they are nobody who is here already; how many that settles."""
    rows = ImportRow.objects.filter(of=import_id, of__state=State.CHECKED, number__in=list(numbers))
    return rows.filter(state=ImportRow.State.ASKED).update(
        is_somebody_else=True, state=ImportRow.State.NEW, patient=None
    )


def _ask(
    import_id: int,
    to: str,
    of: Iterable[str],
    now: datetime,
    only: Q | None = None,
    **fields: Any,
) -> bool:
    with transaction.atomic():
        rests = Q(pk=import_id, state__in=of, finished_at__isnull=False)
        rows = Import.objects.filter(rests & only if only else rests)
        asked = rows.update(
            state=to, due_at=now, finished_at=None, attempts=0, failures=0, crashes=0, error="", **fields
        )
        if asked:
            wake_on_commit(CARRY_ON)
    return bool(asked)
