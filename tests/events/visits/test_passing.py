"""What is due about visits is done once, however many processes run, and one that can't be read holds up no other."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from events import periodic_tasks
from events.exceptions import EventRefusedError
from events.models import Visit
from events.services.attendance import patient_join
from events.visits import passing
from events.visits.decide import visit_attend, visit_cancel, visit_confirm, visit_move, visit_undo
from events.visits.passing import pass_visits
from events.visits.plan import visit_edit, visit_plan
from notifications.models import EventRecord
from tests.events.factories import NOW, ClinicEventFactory, VisitFactory
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

DAY_BEFORE = datetime(2026, 11, 25, 7, tzinfo=UTC)  # nine in Johannesburg; the visits are on Thursday
AFTER = datetime(2026, 11, 26, 22, tzinfo=UTC)


def published() -> Counter[str]:
    return Counter(EventRecord.objects.values_list("event_type", flat=True))


def test_it_sums_up_its_work_in_a_line() -> None:
    VisitFactory()
    assert pass_visits(now=DAY_BEFORE) == "1 reminders of visits, 0 missed, 0 cancelled"
    assert pass_visits(now=AFTER) == "0 reminders of visits, 1 missed, 0 cancelled"
    assert pass_visits(now=AFTER) == "0 reminders of visits, 0 missed, 0 cancelled"


def test_a_visit_that_cannot_be_read_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, poisoned, last = (VisitFactory() for _ in range(3))
    step = passing._step

    def read(visit: Visit, now: datetime) -> Any:
        if visit.pk == poisoned.pk:
            raise ValueError("unreadable")
        return step(visit, now)

    monkeypatch.setattr(passing, "_step", read)
    pass_visits(now=AFTER)
    states = dict(Visit.objects.values_list("pk", "state"))
    assert states == {first.pk: "missed", poisoned.pk: "planned", last.pk: "missed"}
    assert f"visit {poisoned.pk}" in caplog.text
    monkeypatch.undo()
    pass_visits(now=AFTER + timedelta(days=1))
    assert not Visit.objects.filter(state="planned").exists()


def test_as_many_queries_for_fifty_as_for_one() -> None:
    def queries(number: int, now: datetime) -> int:
        for _ in range(number):
            VisitFactory()
        with CaptureQueriesContext(connection) as captured:
            pass_visits(now=now)
        return len(captured)

    assert queries(1, DAY_BEFORE) == queries(50, DAY_BEFORE)
    Visit.objects.all().delete()
    assert queries(1, AFTER) == queries(50, AFTER)


def test_the_task_looks_after_them() -> None:
    VisitFactory()
    with time_machine.travel(AFTER, tick=False):
        assert "1 missed" in periodic_tasks.look_after_visits(AFTER)


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_publish_each_once() -> None:
    for _ in range(20):
        VisitFactory()
    for now in (DAY_BEFORE, AFTER):
        _both(now)
    assert published() == {"visit.reminder": 20, "visit.missed": 20}
    assert Visit.objects.filter(state="missed").count() == 20


def _both(now: datetime) -> None:
    barrier = Barrier(2)

    def work() -> None:
        try:
            with suppress(BrokenBarrierError):
                barrier.wait(5)
            pass_visits(now=now)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_who_plan_the_same_at_once_plan_it_once() -> None:
    patient = PatientFactory()
    barrier = Barrier(2)

    def work() -> None:
        try:
            barrier.wait(5)
            with suppress(ValueError):
                visit_plan(patient_id=patient.pk, kind="collection", day=date(2026, 12, 3), now=NOW)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_plans_and_who_moves_to_one_day_at_once_do_not_meet_at_the_constraint() -> None:
    patient = PatientFactory()
    visit = VisitFactory(patient=patient, day=date(2026, 12, 2))
    barrier = Barrier(2)
    failed: list[Exception] = []

    def work(act: Callable[[], object]) -> None:
        try:
            barrier.wait(5)
            with suppress(EventRefusedError):
                act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    asked: dict[str, Any] = {"day": date(2026, 12, 3), "now": NOW}
    acts = (
        lambda: visit_plan(patient_id=patient.pk, kind="collection", **asked),
        lambda: visit_move(visit_id=visit.pk, side="clinic", by=None, **asked),
    )
    threads = [Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Visit.objects.filter(day=date(2026, 12, 3), state="planned").count() == 1


def test_the_patient_is_locked_before_the_visit_and_before_the_event() -> None:
    """As by whoever departs or is transferred: in another order they would wait for each other for ever."""
    visit, event = VisitFactory(), ClinicEventFactory()
    known: dict[str, Any] = {"visit_id": visit.pk, "now": NOW}
    acts: list[Callable[[], object]] = [
        lambda: visit_confirm(**known),
        lambda: visit_cancel(side="clinic", by=None, **known),
        lambda: visit_undo(by=None, **known),
        lambda: visit_attend(by=None, **known),
        lambda: visit_undo(by=None, **known),
        lambda: visit_edit(visit_id=visit.pk, kind="check_up", note=""),
        lambda: visit_move(day=date(2026, 12, 3), side="clinic", by=None, **known),
        lambda: patient_join(event_id=event.pk, patient_id=visit.patient_id, now=NOW),
    ]
    for number, act in enumerate(acts):
        with CaptureQueriesContext(connection) as captured:
            act()
        whole = [
            each["sql"] for each in captured if '."state"' in each["sql"] or '."first_name"' in each["sql"]
        ]
        assert 'FROM "home_patient"' in whole[0], number


def test_the_database_has_the_last_word() -> None:
    visit = VisitFactory()
    with pytest.raises(IntegrityError):
        VisitFactory(patient=visit.patient)
