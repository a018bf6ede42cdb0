"""Each reminder is published once, however many workers run, and each dose gets a final state."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError, Thread

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from home.clocks.marks import clocks_mark
from home.clocks.moving import clocks_move_next
from home.models import ClockChange, Patient
from medications import tasks
from medications.models import Dose
from medications.services import moments, reminders
from medications.services.expansion import expand_doses
from medications.services.reminders import Reminded, send_dose_reminders
from notifications.models import EventRecord
from tests.factories import PatientFactory
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory, PrescriptionFactory, times

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def published(name: str = "medication.dose_due") -> list[list[int]]:
    return [
        payload["dose_ids"]
        for payload in EventRecord.objects.filter(event_type=name)
        .order_by("id")
        .values_list("payload", flat=True)
    ]


def test_a_dose_is_published_at_its_minute_and_not_before() -> None:
    dose = DoseFactory()
    assert send_dose_reminders(now=NOW - MINUTE).reminded == 0
    assert send_dose_reminders(now=NOW).reminded == 1
    assert published() == [[dose.id]]


def test_a_second_run_in_the_same_minute_publishes_nothing() -> None:
    DoseFactory()
    send_dose_reminders(now=NOW)
    assert send_dose_reminders(now=NOW) == Reminded(reminded=0, unanswered=0, missed=0)
    assert len(published()) == 1


def test_it_nags_twice_then_the_dose_is_unanswered_then_missed() -> None:
    dose = DoseFactory()
    seen = []
    for minutes in range(130):
        send_dose_reminders(now=NOW + minutes * MINUTE)
        dose.refresh_from_db()
        if not seen or seen[-1][1:] != (dose.reminders_sent, dose.state):
            seen.append((minutes, dose.reminders_sent, dose.state))
    assert seen == [
        (0, 1, "scheduled"),
        (15, 2, "scheduled"),
        (30, 3, "scheduled"),
        (45, 3, "unanswered"),
        (120, 3, "missed"),
    ]
    assert published() == [[dose.id]] * 3
    assert published("medication.dose_missed") == [[dose.id]]
    assert dose.next_reminder_at is None


def test_a_nag_comes_on_the_minute_though_a_run_was_late() -> None:
    dose = DoseFactory()
    send_dose_reminders(now=NOW + timedelta(seconds=7))
    dose.refresh_from_db()
    assert dose.next_reminder_at == NOW + 15 * MINUTE


@pytest.mark.parametrize("state", [Dose.State.TAKEN, Dose.State.SKIPPED])
def test_an_answered_dose_is_neither_published_nor_missed(state: str) -> None:
    DoseFactory(state=state, next_reminder_at=None)
    assert send_dose_reminders(now=NOW + timedelta(hours=3)) == Reminded(reminded=0, unanswered=0, missed=0)


def test_after_an_outage_an_expired_reminder_is_published_once_and_not_repeated() -> None:
    dose = DoseFactory()
    late = NOW + timedelta(hours=5)
    assert send_dose_reminders(now=late) == Reminded(reminded=1, unanswered=0, missed=1)
    assert send_dose_reminders(now=late + 20 * MINUTE) == Reminded(reminded=0, unanswered=0, missed=0)
    assert published() == [[dose.id]]


def test_it_does_not_repeat_a_reminder_that_ran_out_between() -> None:
    dose = DoseFactory(remind_until=NOW + 10 * MINUTE)
    send_dose_reminders(now=NOW)
    assert send_dose_reminders(now=NOW + 15 * MINUTE).unanswered == 1
    assert published() == [[dose.id]]


def test_a_dose_without_reminders_is_missed_all_the_same() -> None:
    DoseFactory(next_reminder_at=None)
    assert send_dose_reminders(now=NOW + timedelta(hours=2)) == Reminded(reminded=0, unanswered=0, missed=1)


def test_no_moment_is_parted_between_two_publications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOMENTS", 2)
    monkeypatch.setattr(moments, "ROWS", 5)
    ids = [[DoseFactory(schedule=schedule).id for schedule in _schedules_of_one_patient(3)] for _ in range(4)]
    assert send_dose_reminders(now=NOW).reminded == 12
    # 5 rows are one whole moment and a part of the next, which is claimed whole by whoever has its first dose.
    assert [[ids.index(moment) for moment in _thirds(each)] for each in published()] == [[0, 1], [2, 3]]


def test_doses_of_one_moment_go_together_though_they_were_put_off_for_different_times() -> None:
    one, other, third = [DoseFactory(schedule=schedule) for schedule in _schedules_of_one_patient(3)]
    Dose.objects.filter(pk=other.pk).update(next_reminder_at=NOW + 5 * MINUTE)
    Dose.objects.filter(pk=third.pk).update(next_reminder_at=NOW + 25 * MINUTE)
    assert send_dose_reminders(now=NOW + 10 * MINUTE).reminded == 2
    assert published() == [[one.id, other.id]]


def test_missed_doses_of_one_moment_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "ROWS", 2)
    ids = [
        [
            DoseFactory(schedule=schedule, next_reminder_at=None).id
            for schedule in _schedules_of_one_patient(3)
        ]
        for _ in range(2)
    ]
    assert send_dose_reminders(now=NOW + timedelta(hours=2)).missed == 6
    assert published("medication.dose_missed") == ids


def test_a_publication_has_at_most_so_many_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOMENTS", 2)
    for _ in range(5):
        DoseFactory()
    send_dose_reminders(now=NOW)
    assert [len(each) for each in published()] == [2, 2, 1]


def test_where_there_is_more_than_a_page_one_other_worker_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(reminders, "wake", woken.append)
    monkeypatch.setattr(moments, "ROWS", 2)
    DoseFactory()
    send_dose_reminders(now=NOW)
    assert woken == []
    for _ in range(5):
        DoseFactory()
    send_dose_reminders(now=NOW)
    assert woken == ["claim_doses"]


def test_the_other_worker_claims_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "ROWS", 1)
    ids = [DoseFactory().id for _ in range(3)]
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW)
    tasks.claim_doses.call_local()
    assert published() == [[id_] for id_ in ids]


def test_a_publication_that_fails_leaves_its_doses_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    dose = DoseFactory()

    def fail(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(reminders.bus, "publish", fail)
    with pytest.raises(ConnectionError):
        send_dose_reminders(now=NOW)
    monkeypatch.undo()
    dose.refresh_from_db()
    assert (dose.reminders_sent, dose.next_reminder_at) == (0, NOW)
    assert send_dose_reminders(now=NOW).reminded == 1


def test_the_number_of_queries_does_not_grow_with_the_doses() -> None:
    def count(doses: int) -> int:
        for _ in range(doses):
            DoseFactory()
        with CaptureQueriesContext(connection) as captured:
            assert send_dose_reminders(now=NOW).reminded == doses
        return len(captured)

    assert count(1) == count(30)


@pytest.mark.django_db(transaction=True)
def test_two_that_run_at_once_publish_each_dose_once_and_part_no_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = [[DoseFactory(schedule=schedule).id for schedule in _schedules_of_one_patient(3)] for _ in range(9)]
    monkeypatch.setattr(moments, "ROWS", 5)
    both_have_locked = Barrier(2)
    remind = reminders._remind

    def wait_for_the_other(page: moments.Page, *, now: datetime) -> None:
        # On SQLite in vain: there the other can't look until this one is done.
        with suppress(BrokenBarrierError):
            both_have_locked.wait(timeout=1)
        remind(page, now=now)

    monkeypatch.setattr(reminders, "_remind", wait_for_the_other)
    _at_once(lambda: send_dose_reminders(now=NOW), times=2)
    assert sorted(moment for each in published() for moment in _thirds(each)) == ids


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_moment_waits_whole_while_somebody_answers_its_first_dose() -> None:
    first, second = [DoseFactory(schedule=schedule) for schedule in _schedules_of_one_patient(2)]
    other = DoseFactory()
    with transaction.atomic():
        Dose.objects.select_for_update().get(pk=first.pk)
        _at_once(lambda: send_dose_reminders(now=NOW), times=1)
    assert published() == [[other.id]]
    send_dose_reminders(now=NOW + MINUTE)
    assert published() == [[other.id], [first.id, second.id]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_what_another_worker_has_in_hand_is_stepped_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "ROWS", 2)
    doses = [DoseFactory() for _ in range(5)]
    with transaction.atomic():
        list(Dose.objects.select_for_update().filter(pk__in=[dose.pk for dose in doses[:3]]))
        _at_once(lambda: send_dose_reminders(now=NOW), times=1)
    # One page, which begins behind what is locked: none of it was read as a part of another.
    assert published() == [[dose.pk for dose in doses[3:]]]
    with transaction.atomic():
        list(Dose.objects.select_for_update())
        _at_once(lambda: send_dose_reminders(now=NOW), times=1)
    assert len(published()) == 1
    send_dose_reminders(now=NOW + MINUTE)
    assert sorted(dose_id for each in published() for dose_id in each) == [dose.pk for dose in doses]


def _at_once(call: Callable[[], object], *, times: int) -> None:
    def run() -> None:
        try:
            call()
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _thirds(ids: list[int]) -> list[list[int]]:
    """Moments of three doses."""
    return [ids[first : first + 3] for first in range(0, len(ids), 3)]


def _schedules_of_one_patient(number: int) -> Iterator[object]:
    patient = PatientFactory()
    for _ in range(number):
        yield DoseScheduleFactory(prescription=PrescriptionFactory(patient=patient))


# By hand --------------------------------------------------------------------------------------------------


def test_a_schedule_is_reminded_of_by_hand_once_and_no_other_is() -> None:
    dose, other = DoseFactory(), DoseFactory()
    assert reminders.remind_of_schedule(dose.schedule_id, now=NOW - MINUTE) == 0
    assert reminders.remind_of_schedule(dose.schedule_id, now=NOW) == 1
    assert reminders.remind_of_schedule(dose.schedule_id, now=NOW) == 0
    assert published() == [[dose.id]]
    assert send_dose_reminders(now=NOW).reminded == 1
    assert published() == [[dose.id], [other.id]]


def test_by_hand_the_doses_that_were_answered_are_left_alone() -> None:
    dose = DoseFactory(state=Dose.State.TAKEN, next_reminder_at=None)
    assert reminders.remind_of_schedule(dose.schedule_id, now=NOW) == 0
    assert published() == []


class TestAChangedClock:
    """Nobody is reminded at an hour at which the dose no longer is."""

    @pytest.fixture
    def dose(self) -> Dose:
        """Of a patient whose clock changed a minute before; it was to be moved, and wasn't yet."""
        dose = DoseFactory()
        clocks_mark([dose.patient_id], now=NOW - MINUTE)
        return dose

    def test_a_dose_that_is_not_moved_yet_is_not_reminded_of(self, dose: Dose) -> None:
        other = DoseFactory()
        assert send_dose_reminders(now=NOW).reminded == 1
        assert published() == [[other.id]]
        ClockChange.objects.update(finished_at=NOW)
        assert send_dose_reminders(now=NOW).reminded == 1
        assert published() == [[other.id], [dose.id]]

    def test_nor_is_it_missed_by_its_old_hour(self, dose: Dose) -> None:
        Dose.objects.update(state=Dose.State.UNANSWERED, next_reminder_at=None, missed_at=NOW)
        assert send_dose_reminders(now=NOW).missed == 0
        assert send_dose_reminders(now=NOW + ClockChange.HOLDS_BACK).missed == 1

    def test_one_that_cannot_be_moved_is_reminded_of_a_quarter_of_an_hour_later_rather_than_never(
        self, dose: Dose
    ) -> None:
        assert send_dose_reminders(now=NOW + ClockChange.HOLDS_BACK - 2 * MINUTE).reminded == 0
        assert send_dose_reminders(now=NOW + ClockChange.HOLDS_BACK).reminded == 1

    def test_moved_it_is_reminded_of_at_its_new_hour_alone(self) -> None:
        # At 08:00 in Johannesburg; an hour later by the clock of Lagos.
        schedule = DoseScheduleFactory(rule=times("08:00"))
        expand_doses(now=NOW - timedelta(days=1))
        Patient.objects.update(timezone="Africa/Lagos")
        clocks_mark([schedule.prescription.patient_id], now=NOW - MINUTE)
        assert send_dose_reminders(now=NOW).reminded == 0
        with time_machine.travel(NOW, tick=False):
            assert clocks_move_next(now=NOW)
        assert send_dose_reminders(now=NOW).reminded == 0
        assert send_dose_reminders(now=NOW + timedelta(hours=1)).reminded == 1
