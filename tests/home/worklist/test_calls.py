"""What came of a call, and who is on the list after it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import FollowUp, Patient, User, WorklistEntry
from home.worklist.calls import UNDONE_WITHIN, AlreadyLoggedError, Call, call_log, call_undo
from home.worklist.entries import lines, listed, reasons_of, tries_of
from home.worklist.numbers import numbers_of
from home.worklist.reasons import Finding
from home.worklist.refresh import worklist_refresh
from tests.factories import PatientFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.worklist.conftest import NOW, Finder

pytestmark = pytest.mark.django_db
Result = FollowUp.Result
SINCE = date(2026, 11, 17)
DAY = timedelta(days=1)


@pytest.fixture
def on_list(cast: Cast, finder: Finder) -> Patient:
    finder.reason("unreached", pressing=20)
    finder.reason("wrote", pressing=60)
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE, {"days": 7})]
    worklist_refresh([cast.clinic.pk], now=NOW)
    Patient.objects.filter(pk=cast.pieter.pk).update(phone="+27725550163")
    return Patient.objects.select_related("clinic").get(pk=cast.pieter.pk)


def log(patient: Patient, by: User, result: str, now: datetime = NOW, **call: Any) -> FollowUp:
    plan = call.pop("plan", None)
    return call_log(patient=patient, call=Call(result, **call), by=by, now=now, plan=plan)


def called(cast: Cast, now: datetime = NOW) -> list[int]:
    return list(listed([cast.clinic], now).patient_ids)


def test_who_will_come_is_off_the_list_until_the_day_after(cast: Cast, on_list: Patient) -> None:
    row = log(on_list, cast.nurse, Result.WILL_COME, until=date(2026, 11, 26))

    assert row.reasons == ["visit_missed"]
    assert called(cast) == []
    assert called(cast, NOW + 2 * DAY) == []
    # Just before and just after midnight at the clinic.
    midnight = datetime.fromisoformat("2026-11-27T00:00:00+02:00")
    assert called(cast, midnight - timedelta(seconds=1)) == []
    assert called(cast, midnight) == [on_list.pk]


def test_a_refresh_keeps_off_the_list_whom_a_call_took_off(cast: Cast, on_list: Patient) -> None:
    log(on_list, cast.nurse, Result.NO_ANSWER)

    worklist_refresh([cast.clinic.pk], now=NOW)

    assert called(cast) == []
    assert called(cast, NOW + DAY) == [on_list.pk]


def test_something_more_pressing_brings_somebody_back(cast: Cast, on_list: Patient, finder: Finder) -> None:
    log(on_list, cast.nurse, Result.WILL_COME, until=date(2026, 11, 26))
    finder.reason("ran_out", pressing=50)
    finder.found["ran_out"] = [Finding(on_list.pk, SINCE)]
    worklist_refresh([cast.clinic.pk], now=NOW)
    assert called(cast) == []

    finder.found["wrote"] = [Finding(on_list.pk, SINCE, {}, 100, NOW + timedelta(hours=1))]
    worklist_refresh([cast.clinic.pk], now=NOW)
    assert called(cast) == [on_list.pk]
    assert [why.name for why in reasons_of(on_list, NOW)] == ["wrote"]


def test_what_cannot_wait_and_came_after_the_call_is_not_settled_by_it(
    cast: Cast, on_list: Patient, finder: Finder
) -> None:
    finder.found["wrote"] = [Finding(on_list.pk, SINCE, {}, 100, NOW - timedelta(hours=1))]
    worklist_refresh([cast.clinic.pk], now=NOW)
    log(on_list, cast.nurse, Result.NO_ANSWER)
    assert called(cast) == []

    finder.found["wrote"] = [Finding(on_list.pk, SINCE, {}, 100, NOW + timedelta(hours=1))]
    worklist_refresh([cast.clinic.pk], now=NOW)
    assert called(cast) == [on_list.pk]


def test_the_last_word_counts(cast: Cast, on_list: Patient) -> None:
    first = log(on_list, cast.nurse, Result.WILL_COME, until=date(2026, 12, 10))
    log(on_list, cast.nurse, Result.CALL_LATER, NOW + timedelta(hours=1), until=date(2026, 11, 25))

    assert called(cast, NOW + DAY) == [on_list.pk]
    assert list(FollowUp.objects.filter(stands=True).values_list("result", flat=True)) == ["call_later"]
    assert tries_of(on_list.pk).last() == first


def test_a_wrong_number_stays_until_there_is_another(cast: Cast, on_list: Patient, finder: Finder) -> None:
    log(on_list, cast.nurse, Result.WRONG_NUMBER)

    [line] = lines(called(cast), [cast.clinic], NOW)
    assert [why.name for why in line.why] == ["unreached"]
    assert line.number is not None and line.number.is_wrong

    Patient.objects.filter(pk=on_list.pk).update(phone="+27725550164")
    worklist_refresh([cast.clinic.pk], now=NOW + DAY)
    [line] = lines(called(cast, NOW + DAY), [cast.clinic], NOW + DAY)
    assert [why.name for why in line.why] == ["visit_missed"]
    assert line.number is not None and not line.number.is_wrong
    assert str(line.number.number) == "+27725550164"


def test_who_has_no_number_any_more_is_on_the_list_again(cast: Cast, on_list: Patient) -> None:
    log(on_list, cast.nurse, Result.WRONG_NUMBER)
    Patient.objects.filter(pk=on_list.pk).update(phone=None)

    worklist_refresh([cast.clinic.pk], now=NOW + DAY)

    [line] = lines(called(cast, NOW + DAY), [cast.clinic], NOW + DAY)
    assert [why.name for why in line.why] == ["visit_missed"]
    assert line.number is None


def test_who_is_reached_by_the_number_after_all_has_no_wrong_one(cast: Cast, on_list: Patient) -> None:
    log(on_list, cast.nurse, Result.WRONG_NUMBER)
    log(on_list, cast.nurse, Result.WILL_COME, NOW + DAY, until=date(2026, 11, 26))

    assert not numbers_of([on_list.pk])[on_list.pk].is_wrong


def test_a_carer_is_called_where_the_patient_has_no_number(cast: Cast) -> None:
    User.objects.filter(pk=cast.anna.pk).update(phone="+27825550142", last_name="Botha")

    number = numbers_of([cast.pieter.pk])[cast.pieter.pk]

    assert (str(number.number), number.whose) == ("+27825550142", "Anna Botha")


def test_three_days_in_vain_are_told_from_three_calls_on_one(cast: Cast, on_list: Patient) -> None:
    for minutes in (0, 60, 120):
        log(on_list, cast.nurse, Result.NO_ANSWER, NOW + timedelta(minutes=minutes))
    [line] = lines([on_list.pk], [cast.clinic], NOW + DAY)
    assert line.tried is not None and line.tried.days_in_vain == 1

    for days in (1, 2):
        log(on_list, cast.nurse, Result.NO_ANSWER, NOW + days * DAY)
    [line] = lines([on_list.pk], [cast.clinic], NOW + 3 * DAY)
    assert line.tried is not None and line.tried.is_perhaps_lost

    log(on_list, cast.nurse, Result.WILL_COME, NOW + 3 * DAY, until=date(2026, 11, 28))
    [line] = lines([on_list.pk], [cast.clinic], NOW + 8 * DAY)
    assert line.tried is not None and line.tried.days_in_vain == 0


def test_the_second_nurse_is_told_what_the_first_logged(cast: Cast, on_list: Patient) -> None:
    other = StaffRoleFactory(clinic=cast.clinic, user=UserFactory(first_name="Lerato")).user
    first = log(on_list, cast.nurse, Result.NO_ANSWER, seen=0)

    with pytest.raises(AlreadyLoggedError) as raised:
        log(on_list, other, Result.DIED, seen=0)
    assert raised.value.last == first
    # A program that was shown nothing is stopped too.
    with pytest.raises(AlreadyLoggedError):
        log(on_list, other, Result.WILL_COME, until=date(2026, 11, 26))
    assert FollowUp.objects.count() == 1

    log(on_list, other, Result.OTHER, note="spoke to the son", seen=first.pk)
    assert FollowUp.objects.count() == 2


def test_a_second_tap_logs_nothing_more(cast: Cast, on_list: Patient) -> None:
    first = log(on_list, cast.nurse, Result.NO_ANSWER, seen=0)

    assert log(on_list, cast.nurse, Result.NO_ANSWER, NOW + timedelta(seconds=1), seen=0) == first


@pytest.mark.parametrize(
    "other", [{"until": date(2026, 11, 27)}, {"note": "after work"}], ids=["day", "note"]
)
def test_what_is_said_otherwise_a_moment_later_is_no_second_tap(
    cast: Cast, on_list: Patient, other: dict[str, Any]
) -> None:
    said: dict[str, Any] = {"until": date(2026, 11, 26), "note": ""}
    log(on_list, cast.nurse, Result.CALL_LATER, **said)
    log(on_list, cast.nurse, Result.CALL_LATER, NOW + timedelta(seconds=5), **{**said, **other})

    last = FollowUp.objects.get(stands=True)
    assert {"until": last.until, "note": last.note} == {**said, **other}


def test_who_takes_a_call_back_waits_for_whoever_logs_another(cast: Cast, on_list: Patient) -> None:
    """Both lock the patient, before anything is read of their calls."""
    row = log(on_list, cast.nurse, Result.NO_ANSWER)
    with CaptureQueriesContext(connection) as asked:
        call_undo(follow_up_id=row.pk, by=cast.nurse, now=NOW)

    first = next(each["sql"] for each in asked.captured_queries if each["sql"].startswith("SELECT"))
    assert 'FROM "home_patient"' in first
    assert ("FOR UPDATE" in first) == connection.features.has_select_for_update


def test_a_call_is_taken_back_with_its_visit(cast: Cast, on_list: Patient) -> None:
    before = log(on_list, cast.nurse, Result.NO_ANSWER, NOW - DAY)
    planned: list[date] = []
    taken_back: list[int] = []

    def plan(patient: Patient, day: date, by: User, now: datetime) -> int:
        planned.append(day)
        return 17

    row = log(on_list, cast.nurse, Result.WILL_COME, until=date(2026, 11, 26), plan=plan)
    assert (planned, row.visit_id) == ([date(2026, 11, 26)], 17)

    undone = call_undo(
        follow_up_id=row.pk,
        by=cast.nurse,
        now=NOW + timedelta(seconds=10),
        unplan=lambda visit_id, by, now: taken_back.append(visit_id),
    )

    assert undone is not None
    assert taken_back == [17]
    assert called(cast) == [on_list.pk]
    assert FollowUp.objects.get(stands=True) == before


@pytest.mark.parametrize("way", ["too late", "somebody else", "not the last word"])
def test_what_may_not_be_taken_back(cast: Cast, on_list: Patient, way: str) -> None:
    row = log(on_list, cast.nurse, Result.NO_ANSWER)
    if way == "not the last word":
        log(on_list, cast.nurse, Result.DIED, NOW + timedelta(minutes=1))
    by = cast.manager if way == "somebody else" else cast.nurse
    now = NOW + (UNDONE_WITHIN if way == "too late" else timedelta(minutes=2))

    assert call_undo(follow_up_id=row.pk, by=by, now=now) is None
    assert FollowUp.objects.filter(pk=row.pk).exists()


def test_a_wrong_number_taken_back_leaves_nothing(cast: Cast, on_list: Patient) -> None:
    row = log(on_list, cast.nurse, Result.WRONG_NUMBER)

    call_undo(follow_up_id=row.pk, by=cast.nurse, now=NOW)

    assert [why.name for why in reasons_of(on_list, NOW)] == ["visit_missed"]
    assert WorklistEntry.objects.count() == 1


def test_a_day_on_which_nobody_can_come_logs_nothing(cast: Cast, on_list: Patient) -> None:
    def closed(*args: object) -> int:
        raise ValidationError("The clinic is closed.")

    with pytest.raises(ValidationError):
        log(on_list, cast.nurse, Result.WILL_COME, until=date(2026, 11, 26), plan=closed)

    assert not FollowUp.objects.exists()
    assert called(cast) == [on_list.pk]


def test_the_most_pressing_come_first_then_whoever_waits_longest(cast: Cast, finder: Finder) -> None:
    finder.reason("ran_out", pressing=90)
    longest, urgent, newest = (PatientFactory(clinic=cast.clinic) for _ in range(3))
    finder.found["visit_missed"] = [
        Finding(newest.pk, SINCE + DAY),
        Finding(longest.pk, SINCE - 30 * DAY),
        Finding(urgent.pk, SINCE - DAY),
    ]
    finder.found["ran_out"] = [Finding(urgent.pk, SINCE + DAY)]
    worklist_refresh([cast.clinic.pk], now=NOW)

    found = listed([cast.clinic], NOW)
    assert found.patient_ids == [urgent.pk, longest.pk, newest.pk]
    assert (found.number, found.by_reason) == (3, {"visit_missed": 3, "ran_out": 1})
    assert listed([cast.clinic], NOW, reason="ran_out").patient_ids == [urgent.pk]
    assert (found.new_today, listed([cast.clinic], NOW + DAY).new_today) == (3, 0)


def test_who_died_since_is_not_shown_until_the_next_refresh_either(cast: Cast, on_list: Patient) -> None:
    Patient.objects.filter(pk=on_list.pk).update(deceased_on=date(2026, 11, 23))

    assert called(cast) == []
