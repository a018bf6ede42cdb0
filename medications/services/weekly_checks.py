"""Asks patients how their week went, where their clinic wants that instead of an SMS a dose; takes the answers."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from home.models import CareRole, Patient, User
from home.selectors import people_of
from medications.models import WeeklyCheck
from medications.rules.weekly_question import week_to_ask
from medications.selectors.weekly_checks import TYPE, asked_by_sms, with_weekly_question
from notifications import bus

CHUNK = 1_000
"""Patients looked at together."""

Answer = WeeklyCheck.Answer


def ask_about_the_week(*, now: datetime) -> int:
    """Ask whose clinic's hour has come, on the patient's wall; how many are asked now.

    Each patient once a week, however often and on however many machines it runs, and only where there is somebody who
    gets nothing but SMS. A row and its publication are made together. A constant number of queries a chunk.
    """
    asked = 0
    for patients in _chunks(now):
        weeks = _weeks(patients, now)
        people = people_of(weeks)
        by_sms = asked_by_sms({each.user_id for those in people.values() for each in those}, now=now)
        found = [
            (patient_id, week)
            for patient_id, week in weeks.items()
            if any(each.user_id in by_sms for each in people[patient_id])
        ]
        if found:
            asked += _ask(found, now)
    return asked


def check_answer(*, patient_id: int, week: date, answer: str, user: User, now: datetime) -> bool | None:
    """Record what somebody who cares for the patient answered; whether that is a change. The latest counts, but nobody
    takes back the wish of somebody else to be called. None when there is nothing to answer, or it isn't for them to
    answer any more.
    """
    if not CareRole.objects.filter(patient_id=patient_id, user=user).exists():
        return None
    with transaction.atomic():
        rows = WeeklyCheck.objects.select_for_update().filter(patient_id=patient_id, week=week)
        check = rows.first()
        if check is None:
            return None
        before = _call_wanted_by(check)
        wanted = before - {user.pk} | ({user.pk} if answer == Answer.CALL else set())
        if wanted == before and (wanted or check.answer == answer):
            return False
        check.call_wanted_by = sorted(wanted)
        if answer == Answer.CALL or not wanted:
            check.answer, check.answered_at, check.answered_by = answer, now, user
        check.save(update_fields=["call_wanted_by", "answer", "answered_at", "answered_by"])
    return True


def _call_wanted_by(check: WeeklyCheck) -> set[int]:
    """The ids of whoever wants a call; 0 is somebody who has no account any more."""
    if check.answer != Answer.CALL:
        return set()
    return set(check.call_wanted_by) or {check.answered_by_id or 0}


def _chunks(now: datetime) -> Iterator[list[Patient]]:
    last = 0
    while chunk := list(with_weekly_question(now=now).filter(id__gt=last).order_by("id")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _weeks(patients: list[Patient], now: datetime) -> dict[int, date]:
    """The week of each patient who is to be asked now and wasn't yet."""
    weeks = {}
    for patient in patients:
        clinic = patient.clinic
        week = week_to_ask(
            weekday=clinic.weekly_check_day, at=clinic.weekly_check_time, timezone=patient.zone, now=now
        )
        if week is not None:
            weeks[patient.pk] = week
    asked = WeeklyCheck.objects.filter(patient_id__any_of=weeks.keys(), week__in=set(weeks.values()))
    before = set(asked.values_list("patient_id", "week"))
    return {id_: week for id_, week in weeks.items() if (id_, week) not in before}


def _ask(found: list[tuple[int, date]], now: datetime) -> int:
    rows = [WeeklyCheck(patient_id=patient_id, week=week, asked_at=now) for patient_id, week in found]
    publications = [
        ({"patient_id": patient_id, "week": week.isoformat()}, f"{week:%Y%m%d}:{patient_id}")
        for patient_id, week in found
    ]
    with transaction.atomic():
        WeeklyCheck.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        return bus.publish_many(TYPE, publications, now=now)
