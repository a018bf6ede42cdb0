"""Carrying imports on, batch by batch: try, carry out, undo, start. Whichever worker dies, no row is lost or doubled.

Each batch is one transaction that begins by holding its import. Whoever stops one has therefore stopped it once the
answer is there, and the rows of a batch are done together with what says so.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.imports.acts import import_run
from home.imports.importable import Importable, Problem, Reading, Row, State, Verdict, importable
from home.imports.verdicts import keep, made_by, row_of, said_of, say
from home.models import Clinic, Import, ImportRow
from home.selectors import clinics_of_staff
from notifications.database_errors import AWAY
from notifications.rules.retries import RetryPolicy
from notifications.work.leases import Claim, claim

logger = logging.getLogger(__name__)

AT_ONCE = {"checking": 200, "running": 50, "undoing": 50, "starting": 10}
"""Rows of a batch."""
_RETRIES = RetryPolicy((timedelta(minutes=1), timedelta(minutes=10)), jitter=0)
_NOT_STARTED = gettext_lazy(
    "The site could not start this row. Start it by hand; whoever runs the site finds the reason in its log."
)
_BY_WHO_UPLOADED = (Import.State.CHECKING, Import.State.RUNNING)
"""What is done in their name. What was done may be undone and started by others when they have left."""
_RESTS_AS = {
    Import.State.CHECKING: Import.State.CHECKED,
    Import.State.RUNNING: Import.State.DONE,
    Import.State.UNDOING: Import.State.UNDONE,
    Import.State.STARTING: Import.State.DONE,
}


def carry_on_next(*, now: datetime) -> bool:
    """Do a batch of the next import; False when none waits. One that fails is tried three times."""
    taken = claim(Import, now=now, limit=1)
    if not taken:
        return False
    run = Import.objects.select_related("clinic", "by").get(pk=taken.ids[0])
    kind = importable(run.kind)
    if kind is None or (run.state in _BY_WHO_UPLOADED and not may_import(run, kind)):
        taken.finish(state=Import.State.FAILED, error="Whoever uploaded it may not import this any more.")
        return True
    reading = Reading(run.clinic, run.by, taken.clock())
    try:
        with translation.override(run.language), timezone.override(ZoneInfo(run.clinic.zone)):
            is_more = _STEPS[run.state](run, kind, reading, taken)
    except Exception as error:
        logger.exception("Import %(import)s could not be carried on.", {"import": run.pk})
        taken.fail(error, _RETRIES, failures=run.failures)
        return True
    if is_more:
        taken.release(taken.ids, crashes=0)
    else:
        _rest(run, taken)
    return True


def _rest(run: Import, taken: Claim) -> None:
    """What was asked for is done. A program may have asked for the next step along with the first."""
    with transaction.atomic():
        is_ours = taken.finish(state=_RESTS_AS[Import.State(run.state)])
        if is_ours and run.state == Import.State.CHECKING and run.carries_out:
            import_run(import_id=run.pk, now=taken.clock())


def may_import(run: Import, kind: Importable) -> bool:
    """Whether whoever uploaded it still may bring this in there."""
    by: Any = run.by
    return (
        by is not None
        and by.is_active
        and by.has_perm(kind.permission)
        and clinics_of_staff(by).filter(pk=run.clinic_id).exists()
    )


def _is_ours(run: Import, taken: Claim) -> bool:
    """Whether nobody stopped it or took it over; from here on nobody can until the transaction ends."""
    rows = Import.objects.select_for_update().filter(pk=run.pk, lease_owner=taken.owner, state=run.state)
    return rows.values_list("pk", flat=True).first() is not None


def _next_rows(run: Import, states: Sequence[str], **only: Any) -> list[ImportRow]:
    """The rows of the next batch; one alone after a worker died, so that whichever did it takes no other with it."""
    size = 1 if run.crashes else AT_ONCE[run.state]
    return list(ImportRow.objects.filter(of=run, state__in=states, **only).order_by("number")[:size])


def _check(run: Import, kind: Importable, reading: Reading, taken: Claim) -> bool:
    rows = _next_rows(run, [ImportRow.State.READ])
    if not rows:
        return False
    if _is_deadly(run, rows):
        return True
    checked = _tried(run, kind, rows, reading)
    with transaction.atomic():
        if not _is_ours(run, taken):
            return True
        _look_beside(run, rows, [verdict for verdict, _what in checked])
        for row, (verdict, _what) in zip(rows, checked, strict=True):
            row.marks = verdict.marks
            say(row, verdict)
        ImportRow.objects.bulk_update(rows, ["state", "said", "marks", "patient", "shares_number"])
    return True


def _look_beside(run: Import, rows: Sequence[ImportRow], verdicts: Sequence[Verdict]) -> None:
    """Say of each row with which earlier one of the file it is the same. One query, and one where a phone is shared."""
    seen: dict[tuple[str, str], int] = {}
    shared: set[int] = set()
    earlier = ImportRow.objects.filter(of=run, number__lt=rows[0].number).exclude(marks={})
    for number, marks in earlier.order_by("number").values_list("number", "marks").iterator():
        for mark in marks.items():
            seen.setdefault(mark, number)
    for row, verdict in zip(rows, verdicts, strict=True):
        for name, digest in verdict.marks.items():
            first = seen.setdefault((name, digest), row.number)
            if first == row.number:
                continue
            if name == "shared":
                shared.update((first, row.number))
            elif name == "who":
                _asks(verdict, first)
            else:
                verdict.state = State.REFUSED
                verdict.problems.append(
                    Problem(name, _("Row %(row)s of the file has the same.") % {"row": first})
                )
    for row, verdict in zip(rows, verdicts, strict=True):
        if row.number in shared:
            row.shares_number = True
            verdict.notes.append(_("Other rows have this phone number too, so nothing is sent to it."))
    ImportRow.objects.filter(of=run, number__in=shared - {row.number for row in rows}).update(
        shares_number=True
    )


def _asks(verdict: Verdict, first: int) -> None:
    if verdict.state in ImportRow.TO_DO:
        verdict.state = State.ASKED
    verdict.notes.append(_("Row %(row)s of the file has the same name and date of birth.") % {"row": first})


def _run(run: Import, kind: Importable, reading: Reading, taken: Claim) -> bool:
    rows = _next_rows(run, ImportRow.TO_DO)
    if not rows:
        return False
    if _is_deadly(run, rows):
        return True
    with transaction.atomic():
        if not _is_ours(run, taken):
            return True
        # Two imports of one clinic look for the same people one after the other.
        Clinic.objects.select_for_update(no_key=True).get(pk=run.clinic_id)
        for row, (verdict, what) in zip(rows, _tried(run, kind, rows, reading), strict=True):
            _carry_out(kind, row, verdict, what, reading)
        ImportRow.objects.bulk_update(rows, ["state", "said", "cells", "made", "patient", "sends", "done_at"])
    return True


def _carry_out(kind: Importable, row: ImportRow, verdict: Verdict, what: Any, reading: Reading) -> None:
    """A row, whole or not at all."""
    if verdict.state in ImportRow.TO_DO:
        try:
            with transaction.atomic():
                made = kind.carry_out(what, reading)
        except ValidationError as error:
            verdict.state = State.REFUSED
            verdict.problems.extend(Problem("", words) for words in error.messages)
        except AWAY:
            raise
        except Exception:
            logger.exception(
                "Row %(row)s of import %(import)s failed.", {"row": row.number, "import": row.of_id}
            )
            verdict.state = State.REFUSED
            verdict.problems.append(_unable())
        else:
            verdict.patient_id = made.patient_id
            say(row, verdict)
            keep(row, made)
            row.state, row.done_at = State.DONE, reading.now
            return
    say(row, verdict)


def _tried(
    run: Import, kind: Importable, rows: Sequence[ImportRow], reading: Reading
) -> list[tuple[Verdict, Any]]:
    """What is said of each row. One that breaks the batch is found by trying each alone."""
    read = [row_of(row, run.matched) for row in rows]
    sound = [row for row, problems in read if not problems]
    found = iter(_each(kind, sound, reading))
    return [
        (Verdict(State.REFUSED, name=_named(kind, row), problems=problems), None) if problems else next(found)
        for row, problems in read
    ]


def _each(kind: Importable, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
    try:
        with transaction.atomic():
            return kind.check(rows, reading)
    except AWAY:
        raise
    except Exception:
        if len(rows) > 1:
            return [said for row in rows for said in _each(kind, [row], reading)]
        logger.exception("Row %(row)s can't be tried.", {"row": rows[0].number})
        return [(Verdict(State.REFUSED, name=_named(kind, rows[0]), problems=[_unable()]), None)]


def _named(kind: Importable, row: Row) -> str:
    """What a row that can't be read may be called: its first two cells."""
    return " ".join(filter(None, (row.values.get(column.name, "") for column in kind.columns[:2])))


def _unable() -> Problem:
    return Problem("", _("The site can’t take this row. Whoever runs the site finds the reason in its log."))


def _is_deadly(run: Import, rows: Sequence[ImportRow]) -> bool:
    """After a worker died, rows are taken up alone and counted first: at the second try one is refused instead."""
    if not run.crashes:
        return False
    [row] = rows
    if row.tries:
        say(row, Verdict(State.REFUSED, name=said_of(row).name, problems=[_unable()]))
        row.save(update_fields=["state", "said", "patient"])
        return True
    ImportRow.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    return False


def _undo(run: Import, kind: Importable, reading: Reading, taken: Claim) -> bool:
    """The last first, so that what hangs on earlier rows goes before them."""
    with transaction.atomic():
        if not _is_ours(run, taken):
            return True
        rows = ImportRow.objects.filter(of=run, state=State.DONE).order_by("-number")[: AT_ONCE[run.state]]
        done = list(rows)
        if not done:
            return False
        for row, why in zip(done, kind.undo([made_by(row) for row in done], reading), strict=True):
            if why:
                verdict = said_of(row)
                verdict.problems.append(Problem("", why))
                say(row, verdict)
                row.state = State.KEPT
            else:
                row.state, row.said, row.made, row.patient_id, row.sends = State.UNDONE, "", "", None, False
        ImportRow.objects.bulk_update(done, ["state", "said", "made", "patient", "sends"])
    return True


def _start(run: Import, kind: Importable, reading: Reading, taken: Claim) -> bool:
    """With no transaction open: the provider is waited for."""
    rows = _next_rows(run, [State.DONE], sends=True)
    for row in rows:
        if not taken.renew(taken.ids):
            return True
        try:
            kind.start(made_by(row), taken.clock())
        except AWAY:
            raise
        except Exception:
            logger.exception(
                "Row %(row)s of import %(import)s can't start.", {"row": row.number, "import": run.pk}
            )
            verdict = said_of(row)
            verdict.problems.append(Problem("", str(_NOT_STARTED)))
            say(row, verdict)
        ImportRow.objects.filter(pk=row.pk).update(sends=False, said=row.said)
    return bool(rows)


_STEPS: dict[str, Callable[[Import, Importable, Reading, Claim], bool]] = {
    Import.State.CHECKING: _check,
    Import.State.RUNNING: _run,
    Import.State.UNDOING: _undo,
    Import.State.STARTING: _start,
}
