"""Bringing the list to what is found."""

import logging
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import Clinic, Patient, WorklistEntry, WorklistRefresh
from home.worklist import refresh
from home.worklist.reasons import Finding, WorklistReason, register_worklist_reason
from home.worklist.refresh import STALE, refresh_all, refresh_stale, refreshed_at, worklist_refresh
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.worklist.conftest import NOW, Finder

pytestmark = pytest.mark.django_db
SINCE = date(2026, 11, 17)


def entries() -> list[tuple[int, str, date, dict[str, int]]]:
    rows = WorklistEntry.objects.order_by("patient_id", "reason")
    return list(rows.values_list("patient_id", "reason", "since", "facts"))


def test_what_is_found_comes_changes_and_goes(cast: Cast, finder: Finder) -> None:
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE, {"days": 7})]
    assert worklist_refresh([cast.clinic.pk], now=NOW) == 1
    assert worklist_refresh([cast.clinic.pk], now=NOW) == 0

    later = NOW + timedelta(days=1)
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE, {"days": 8})]
    assert worklist_refresh([cast.clinic.pk], now=later) == 1
    assert entries() == [(cast.pieter.pk, "visit_missed", SINCE, {"days": 8})]
    assert WorklistEntry.objects.get().found_at == NOW

    finder.found["visit_missed"] = []
    assert worklist_refresh([cast.clinic.pk], now=later) == 1
    assert entries() == []


def test_the_first_day_stays_where_nobody_knows_another(cast: Cast, finder: Finder) -> None:
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, None)]
    worklist_refresh([cast.clinic.pk], now=NOW)
    worklist_refresh([cast.clinic.pk], now=NOW + timedelta(days=3))

    assert WorklistEntry.objects.get().since == date(2026, 11, 24)


@pytest.mark.parametrize(
    "gone",
    [{"deceased_on": SINCE}, {"left_on": SINCE, "left_why": "moved"}, {"erased_at": NOW}],
    ids=["died", "left", "erased"],
)
def test_who_is_treated_no_more_is_not_on_it(cast: Cast, finder: Finder, gone: dict[str, object]) -> None:
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE)]
    worklist_refresh([cast.clinic.pk], now=NOW)
    Patient.objects.filter(pk=cast.pieter.pk).update(**gone)

    worklist_refresh([cast.clinic.pk], now=NOW)

    assert entries() == []


def test_a_patient_of_another_clinic_is_not_found_for_this_one(cast: Cast, finder: Finder) -> None:
    finder.found["visit_missed"] = [Finding(cast.zanele.pk, SINCE)]

    worklist_refresh([cast.clinic.pk], now=NOW)

    assert entries() == []


def test_an_entry_goes_along_with_a_patient_who_moves(cast: Cast, finder: Finder) -> None:
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE)]
    refresh_all(now=NOW)
    Patient.objects.filter(pk=cast.pieter.pk).update(clinic=cast.other_clinic)

    refresh_all(now=NOW)
    assert WorklistEntry.objects.get().clinic == cast.other_clinic
    worklist_refresh([cast.other_clinic.pk], now=NOW)
    worklist_refresh([cast.clinic.pk], now=NOW)
    assert WorklistEntry.objects.get().clinic == cast.other_clinic


def test_a_reason_that_fails_takes_no_other_with_it(
    cast: Cast, finder: Finder, caplog: pytest.LogCaptureFixture
) -> None:
    finder.reason("ran_out", pressing=90)
    finder.found["ran_out"] = [Finding(cast.pieter.pk, SINCE)]
    worklist_refresh([cast.clinic.pk], now=NOW)
    finder.breaks.add("ran_out")
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE)]

    with caplog.at_level(logging.ERROR):
        worklist_refresh([cast.clinic.pk], now=NOW)

    assert [reason for _patient, reason, _since, _facts in entries()] == ["ran_out", "visit_missed"]
    assert "ran_out" in caplog.text


def test_what_nobody_registers_any_more_goes(cast: Cast, finder: Finder) -> None:
    WorklistEntry.objects.create(
        patient=cast.pieter, clinic=cast.clinic, reason="of_long_ago", since=SINCE, pressing=50, found_at=NOW
    )

    worklist_refresh([cast.clinic.pk], now=NOW)

    assert entries() == []


def test_it_asks_as_much_for_many_as_for_few(cast: Cast, finder: Finder) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            worklist_refresh([cast.clinic.pk], now=NOW)
        return len(asked)

    more = [cast.pieter, *PatientFactory.create_batch(201, clinic=cast.clinic)]
    asked = []
    for some in (more[:1], more[1:2], more[2:102], more[102:202]):
        finder.found["visit_missed"] = [Finding(patient.pk, SINCE) for patient in some]
        asked.append(queries())

    # From the second on some come and others go.
    assert len(set(asked[1:])) == 1
    assert WorklistEntry.objects.count() == 100


def test_only_a_stale_list_is_looked_for_again(cast: Cast, finder: Finder) -> None:
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE)]
    refresh_stale([cast.clinic.pk], now=NOW)
    assert len(entries()) == 1

    finder.found["visit_missed"] = []
    refresh_stale([cast.clinic.pk], now=NOW + STALE - timedelta(seconds=1))
    assert len(entries()) == 1
    refresh_stale([cast.clinic.pk], now=NOW + STALE)
    assert entries() == []


def test_who_looks_at_a_stale_list_wakes_a_worker_and_waits_for_nothing(
    cast: Cast, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[Any, ...]] = []
    monkeypatch.setattr("home.worklist.refresh.wake", lambda *args: woken.append(args))
    finder.found["visit_missed"] = [Finding(cast.pieter.pk, SINCE)]
    ids = [cast.clinic.pk, cast.other_clinic.pk]

    worklist_refresh(ids[:1], now=NOW)
    assert refreshed_at(ids[:1], now=NOW) == NOW
    assert woken == []

    assert refreshed_at(ids, now=NOW) is None
    assert refreshed_at(ids[:1], now=NOW + STALE) == NOW
    assert woken == [("refresh_lists", sorted(ids)), ("refresh_lists", ids[:1])]


def test_a_list_is_not_made_while_it_is_being_made_nor_after_a_reason_failed(
    cast: Cast, finder: Finder
) -> None:
    ids = [cast.clinic.pk]
    ages = []

    def select(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
        ages.append(refreshed_at(ids, now=now))
        return []

    register_worklist_reason(WorklistReason("looks", "Looks", 10, select, words=lambda facts: ""))
    finder.breaks.add("visit_missed")
    refresh_stale(ids, now=NOW)
    assert refreshed_at(ids, now=NOW) is None

    finder.breaks.clear()
    refresh_stale(ids, now=NOW + STALE)
    assert refreshed_at(ids, now=NOW + STALE) == NOW + STALE
    finder.breaks.add("visit_missed")
    worklist_refresh(ids, now=NOW + 2 * STALE)
    assert refreshed_at(ids, now=NOW + 2 * STALE) == NOW + STALE
    assert ages == [None, None, NOW + STALE]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_reads_of_a_refresh(cast: Cast, finder: Finder) -> None:
    inside = []

    def select(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
        inside.append(connection.in_atomic_block)
        yield Finding(cast.pieter.pk, SINCE)

    register_worklist_reason(WorklistReason("slow", "Slow", 10, select, words=lambda facts: ""))
    worklist_refresh([cast.clinic.pk], now=NOW)

    assert inside == [False]
    assert len(entries()) == 1


def test_many_stale_lists_are_made_some_at_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []
    monkeypatch.setattr(refresh, "CLINICS", 1)
    monkeypatch.setattr(refresh, "worklist_refresh", lambda ids, now: asked.append(ids))

    refresh_stale([cast.clinic.pk, cast.other_clinic.pk], now=NOW)

    assert asked == [[cast.clinic.pk], [cast.other_clinic.pk]]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_find_the_same(cast: Cast, finder: Finder) -> None:
    patients = PatientFactory.create_batch(20, clinic=cast.clinic)
    finder.found["visit_missed"] = [Finding(patient.pk, SINCE) for patient in patients]
    start, failed = Barrier(2), []

    def both() -> None:
        try:
            start.wait(timeout=10)
            worklist_refresh([cast.clinic.pk], now=NOW)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=both) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert WorklistEntry.objects.count() == 20
    assert WorklistRefresh.objects.filter(clinic=Clinic.objects.get(pk=cast.clinic.pk)).count() == 1
