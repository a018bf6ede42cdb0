"""What came of a call, written down: once, and taken back when it was a slip of the finger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from home.models import FollowUp, Patient, User, WorklistEntry
from home.worklist.entries import UNREACHED, on_the_list
from home.worklist.numbers import numbers_of
from home.worklist.reasons import worklist_reason
from home.worklist.results import back_on

Result = FollowUp.Result
Plan = Callable[[Patient, date, User, datetime], int | None]
Unplan = Callable[[int, User, datetime], None]
UNDONE_WITHIN = timedelta(minutes=15)
"""Later a call is put right by logging another."""
_DAYS = 50
"""A call to somebody who isn't on the list settles whatever is a matter of days."""


class AlreadyLoggedError(Exception):
    """Somebody logged another call meanwhile: `last`, with who did."""

    def __init__(self, last: FollowUp) -> None:
        self.last = last
        super().__init__(last.pk)


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be logged. `seen` is the id of the last call that whoever logs this one was shown; 0 for none, None
    where nothing was shown.
    """

    result: str
    until: date | None = None
    note: str = ""
    seen: int | None = None


def last_call(patient_id: int) -> FollowUp | None:
    """The last word on this patient."""
    return FollowUp.objects.filter(patient=patient_id, stands=True).select_related("by").first()


def call_log(*, patient: Patient, call: Call, by: User, now: datetime, plan: Plan | None = None) -> FollowUp:
    """Log a call, so that the patient is off the list for as long as its result says.

    AlreadyLoggedError where somebody else logged one that isn't known to whoever logs this. `plan` plans the visit of
    who will come; its ValidationError is raised, and nothing logged.
    """
    today = now.astimezone(ZoneInfo(patient.clinic.zone)).date()
    until = call.until if call.result in (Result.WILL_COME, Result.CALL_LATER) else None
    with transaction.atomic():
        # Two at once wait for each other here.
        Patient.objects.select_for_update().filter(pk=patient.pk).first()
        last = last_call(patient.pk)
        if last and _is_news(last, call, by, today, now):
            raise AlreadyLoggedError(last)
        if (
            last
            and last.by_id == by.pk
            and (last.result, last.until, last.note) == (call.result, until, call.note)
            and now - last.at < timedelta(seconds=10)
        ):
            return last  # a second tap
        entries = on_the_list([patient.clinic], now).filter(patient=patient.pk)
        reached = numbers_of([patient.pk]).get(patient.pk)
        visit_id = (
            plan(patient, call.until, by, now)
            if plan and call.until and call.result == Result.WILL_COME
            else None
        )
        FollowUp.objects.filter(patient=patient.pk, stands=True).update(stands=False)
        row = FollowUp.objects.create(
            patient=patient,
            clinic=patient.clinic,
            by=by,
            at=now,
            result=call.result,
            until=until,
            back_on=back_on(call.result, until=call.until, today=today),
            note=call.note,
            reasons=sorted(entries.values_list("reason", flat=True)),
            pressing=entries.aggregate(most=Max("pressing"))["most"] or _DAYS,
            number=reached.number if reached else None,
            visit_id=visit_id,
        )
        if call.result == Result.WRONG_NUMBER:
            _unreached(patient, today, now)
    return row


def call_undo(*, follow_up_id: int, by: User, now: datetime, unplan: Unplan | None = None) -> FollowUp | None:
    """Take back a call that this person logged just now; None where it is too late, or not the last word any more."""
    with transaction.atomic():
        # The patient first, as whoever logs a call does: they wait for each other here.
        called = FollowUp.objects.filter(pk=follow_up_id).values("patient_id")
        Patient.objects.select_for_update().filter(pk__in=called).first()
        mine = FollowUp.objects.filter(pk=follow_up_id, by=by, stands=True, at__gt=now - UNDONE_WITHIN)
        row = mine.first()
        if row is None:
            return None
        before = (
            FollowUp.objects.filter(patient=row.patient_id).exclude(pk=row.pk).order_by("-at", "-id").first()
        )
        if unplan and row.visit_id:
            unplan(row.visit_id, by, now)
        mine.delete()
        if before:
            FollowUp.objects.filter(pk=before.pk).update(stands=True)
        if row.result == Result.WRONG_NUMBER:
            WorklistEntry.objects.filter(patient=row.patient_id, reason=UNREACHED, found_at=row.at).delete()
    return row


def _is_news(last: FollowUp, call: Call, by: User, today: date, now: datetime) -> bool:
    """Whether somebody else's call is one that whoever logs this one doesn't know of."""
    if last.by_id == by.pk:
        return False
    return (
        last.back_on > today and last.at > now - timedelta(days=1)
        if call.seen is None
        else last.pk != call.seen
    )


def _unreached(patient: Patient, today: date, now: datetime) -> None:
    """At once, as the next refresh finds it too."""
    reason = worklist_reason(UNREACHED)
    if reason is None:
        return
    WorklistEntry.objects.bulk_create(
        [
            WorklistEntry(
                patient=patient,
                clinic=patient.clinic,
                reason=UNREACHED,
                since=today,
                facts={"why": "wrong_number"},
                pressing=reason.pressing,
                found_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["patient", "reason"],
        update_fields=["facts", "pressing"],
    )
