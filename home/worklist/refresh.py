"""Bringing the list to what the apps find, in sets: a few statements a reason, however many patients there are.

What came of calls isn't written here: whether an entry is shown is decided when the list is read. So a refresh that
began before a call was logged can't undo its result.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from home.models import Clinic, FollowUp, Patient, WorklistEntry, WorklistRefresh, is_here
from home.worklist.numbers import numbers_of
from home.worklist.reasons import HOURS, Finding, WorklistReason, worklist_reasons
from home.worklist.results import AS_LONG_AS_IT_HOLDS
from notifications.work.wakeups import wake

logger = logging.getLogger(__name__)

STALE = timedelta(minutes=2)
"""From then on whoever looks at a list has it brought up to date: an urgent SMS can't wait for the periodic task."""
OLD = timedelta(minutes=30)
"""From then on whoever looks at a list is told how old it is: the periodic task should have been there twice."""
REFRESH_LISTS = "refresh_lists"
CLINICS = 50
"""Clinics that are looked at together."""
_ROWS = 1000
_FIELDS = ("clinic_id", "since", "facts", "pressing", "happened_at")


def refresh_all(*, now: datetime) -> int:
    """Every clinic's list, some clinics at a time; how many entries came, changed or went."""
    ids = list(Clinic.objects.order_by("id").values_list("id", flat=True))
    return sum(
        worklist_refresh(ids[first : first + CLINICS], now=now) for first in range(0, len(ids), CLINICS)
    )


def refreshed_at(clinic_ids: Collection[int], *, now: datetime) -> datetime | None:
    """Of when the oldest of these clinics' lists is, None where one was never made. Has a worker bring up to date what
    is older than `STALE`: nobody waits for it.
    """
    rows = WorklistRefresh.objects.filter(clinic__in=clinic_ids).values_list("clinic_id", "at")
    at = {clinic_id: done for clinic_id, done in rows if done is not None}
    if any(clinic_id not in at or at[clinic_id] <= now - STALE for clinic_id in clinic_ids):
        wake(REFRESH_LISTS, sorted(clinic_ids))
    return min(at.values()) if len(at) == len(clinic_ids) and at else None


def refresh_stale(clinic_ids: Collection[int], *, now: datetime) -> None:
    """Bring those lists of these clinics up to date that are older than `STALE`, unless somebody is at it already; some
    clinics at a time.
    """
    fresh = WorklistRefresh.objects.filter(clinic__in=clinic_ids, begun_at__gt=now - STALE)
    stale = sorted(set(clinic_ids).difference(fresh.values_list("clinic_id", flat=True)))
    for first in range(0, len(stale), CLINICS):
        claimed = _claim(stale[first : first + CLINICS], now)
        if claimed:
            worklist_refresh(claimed, now=now)


def _claim(clinic_ids: Collection[int], now: datetime) -> list[int]:
    """Those of these clinics whose lists nobody else is making."""
    rows = [WorklistRefresh(clinic_id=clinic_id) for clinic_id in clinic_ids]
    WorklistRefresh.objects.bulk_create(rows, ignore_conflicts=True)
    not_begun = Q(begun_at__isnull=True) | Q(begun_at__lte=now - STALE)
    return [
        clinic_id
        for clinic_id in clinic_ids
        if WorklistRefresh.objects.filter(not_begun, clinic=clinic_id).update(begun_at=now)
    ]


def worklist_refresh(clinic_ids: Collection[int], now: datetime) -> int:
    """Ask each reason for these clinics, and bring their entries to what it finds; how many came, changed or went.

    A reason that fails is logged, and its entries stay as they are; the others are asked all the same. The lists are
    then as old as they were.
    """
    days = {
        clinic.pk: now.astimezone(ZoneInfo(clinic.zone)).date()
        for clinic in Clinic.objects.filter(pk__in=clinic_ids)
    }
    WorklistRefresh.objects.bulk_create(
        [WorklistRefresh(clinic_id=clinic_id, begun_at=now) for clinic_id in days],
        update_conflicts=True,
        unique_fields=["clinic"],
        update_fields=["begun_at"],
    )
    _forget_wrong_numbers(days)
    reasons = worklist_reasons()
    changed = _remove(
        WorklistEntry.objects.filter(clinic__in=days).exclude(reason__in=[reason.name for reason in reasons])
    )
    failed = False
    for reason in reasons:
        try:
            changed += _bring(reason, days, now)
        except Exception:
            failed = True
            logger.exception(
                "Who needs a call because of “%(reason)s” can't be found.", {"reason": reason.name}
            )
    if not failed:
        WorklistRefresh.objects.filter(clinic__in=days).update(at=now)
    return changed


def _bring(reason: WorklistReason, days: Mapping[int, date], now: datetime) -> int:
    """Read first, then write: a transaction of SQLite keeps everybody else from writing, and the reads take seconds."""
    found = {finding.patient_id: finding for finding in reason.select(list(days), now)}
    clinics = dict(Patient.objects.filter(is_here(), pk__any_of=found).values_list("pk", "clinic_id"))
    there = {row.patient_id: row for row in WorklistEntry.objects.filter(reason=reason.name, clinic__in=days)}
    wanted = {
        patient_id: _entry(reason, found[patient_id], clinic_id, there.get(patient_id), days, now)
        for patient_id, clinic_id in clinics.items()
        if clinic_id in days
    }
    new = [row for patient_id, row in wanted.items() if not _same(row, there.get(patient_id))]
    gone = {row.pk for patient_id, row in there.items() if patient_id not in wanted}
    with transaction.atomic():
        WorklistEntry.objects.bulk_create(
            new,
            batch_size=_ROWS,
            update_conflicts=True,
            unique_fields=["patient", "reason"],
            update_fields=list(_FIELDS),
        )
        # One that another clinic took over meanwhile is that clinic's to settle.
        return len(new) + _remove(WorklistEntry.objects.filter(pk__any_of=gone, clinic__in=days))


def _remove(rows: QuerySet[WorklistEntry]) -> int:
    """In one statement: nothing hangs on these rows, so nobody has to be told of each."""
    return int(rows._raw_delete(rows.db) or 0)  # Django says None where nothing was asked


def _entry(
    reason: WorklistReason,
    finding: Finding,
    clinic_id: int,
    there: WorklistEntry | None,
    days: Mapping[int, date],
    now: datetime,
) -> WorklistEntry:
    pressing = reason.pressing if finding.pressing is None else finding.pressing
    return WorklistEntry(
        patient_id=finding.patient_id,
        clinic_id=clinic_id,
        reason=reason.name,
        since=finding.since or (there.since if there else days[clinic_id]),
        facts=dict(finding.facts),
        pressing=pressing,
        found_at=now,
        happened_at=finding.at if pressing >= HOURS else None,
    )


def _same(row: WorklistEntry, there: WorklistEntry | None) -> bool:
    return there is not None and all(getattr(row, field) == getattr(there, field) for field in _FIELDS)


def _forget_wrong_numbers(days: Mapping[int, date]) -> None:
    """Whoever has another number than the wrong one, or none any more, is to be called again."""
    wrong = FollowUp.objects.filter(stands=True, back_on=AS_LONG_AS_IT_HOLDS, patient__clinic__in=days)
    called = dict(wrong.values_list("patient_id", "number"))
    now_there = numbers_of(called)
    again = {
        patient_id
        for patient_id, number in called.items()
        if patient_id not in now_there or now_there[patient_id].number != number
    }
    if again:
        wrong.filter(patient__any_of=again).update(back_on=min(days.values()))
