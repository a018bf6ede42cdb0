"""A changed clock is written down with the change, and followed by whoever comes, however often somebody dies of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.errors import AdminShutdown, LockNotAvailable
from pytest_django import DjangoCaptureOnCommitCallbacks

from home.clocks.marks import clocks_mark
from home.clocks.moving import AT_ONCE, MOVE_CLOCKS, clocks_move_next
from home.models import Clinic, ClockChange, Patient, Relation
from home.signals import patient_clock_changed
from notifications.models.work import MAX_CRASHES
from notifications.preferences.settings import preferences_update
from notifications.types import Reason
from notifications.work.sweep import sweep
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Listen = Callable[[list[int]], object]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@contextmanager
def listening(listen: Listen) -> Iterator[None]:
    def receiver(patient_ids: list[int], **kwargs: object) -> object:
        return listen(patient_ids)

    patient_clock_changed.connect(receiver)
    try:
        yield
    finally:
        patient_clock_changed.disconnect(receiver)


def open_ones() -> list[int]:
    """The patients whose clocks are still to be followed."""
    unfinished = ClockChange.objects.filter(finished_at__isnull=True)
    return list(unfinished.order_by("patient_id").values_list("patient_id", flat=True))


def their_own_zone(patient: Patient) -> None:
    patient.timezone = "Europe/London"
    patient.save()


def their_own_times(patient: Patient) -> None:
    patient.slot_times = {"morning": "06:00"}
    patient.save(update_fields=["slot_times"])


def another_clinic(patient: Patient) -> None:
    patient.clinic = ClinicFactory.create(timezone="Africa/Windhoek")
    patient.save()


def the_clinics_zone(patient: Patient) -> None:
    clinic = Clinic.objects.get(pk=patient.clinic_id)
    clinic.timezone = "Africa/Windhoek"
    clinic.save()


def the_clinics_times(patient: Patient) -> None:
    clinic = Clinic.objects.get(pk=patient.clinic_id)
    clinic.slot_times = {"evening": "19:00"}
    clinic.save()


def their_settings(patient: Patient) -> None:
    user = CareRoleFactory.create(patient=patient, relation=Relation.SELF).user
    preferences_update(user_id=user.pk, changes={"timezone": "Europe/London"}, now=NOW)


CHANGES = [
    their_own_zone,
    their_own_times,
    another_clinic,
    the_clinics_zone,
    the_clinics_times,
    their_settings,
]


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_what_follows_a_change_whose_process_died_after_the_commit_is_done_by_the_sweep(
    change: Callable[[Patient], None],
) -> None:
    patient = PatientFactory.create()
    # What waits for a commit is never called here, as in a process that dies of it.
    change(patient)
    assert open_ones() == [patient.pk]
    told: list[list[int]] = []
    with listening(told.append):
        assert (MOVE_CLOCKS, ()) in sweep(now=NOW).woken
        assert clocks_move_next(now=NOW)
        assert open_ones() == []
        assert (MOVE_CLOCKS, ()) not in sweep(now=NOW + MINUTE).woken
        assert not clocks_move_next(now=NOW + MINUTE)
    assert told == [[patient.pk]]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_leaves_no_mark() -> None:
    patient, same = PatientFactory.create(), PatientFactory.create(folder_number="1")
    Patient.objects.update(clinic=same.clinic)
    patient.clinic, patient.folder_number, patient.timezone = same.clinic, "1", "Europe/London"
    with pytest.raises(IntegrityError):
        patient.save()
    clinic, other = same.clinic, ClinicFactory.create()
    clinic.name, clinic.timezone = other.name, "Africa/Windhoek"
    with pytest.raises(IntegrityError):
        clinic.save()
    assert not ClockChange.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_change_is_saved_whose_mark_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OperationalError("disk full")

    patient = PatientFactory.create()
    monkeypatch.setattr("home.receivers.clocks_mark", full)
    for change in (their_own_zone, the_clinics_zone):
        with pytest.raises(OperationalError):
            change(Patient.objects.get())
    patient.refresh_from_db()
    assert (patient.timezone, patient.clinic.timezone) == ("", "Africa/Johannesburg")


@pytest.mark.django_db
def test_a_few_are_followed_as_soon_as_the_change_is_committed_and_thousands_by_a_worker(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    woken: list[str] = []
    monkeypatch.setattr("home.receivers.wake_on_commit", woken.append)
    few, many = ClinicFactory.create(), ClinicFactory.create()
    for clinic, count in ((few, AT_ONCE), (many, AT_ONCE + 1)):
        Patient.objects.bulk_create(Patient(clinic=clinic, first_name="Thandi") for _ in range(count))
    for clinic in (few, many):
        with django_capture_on_commit_callbacks(execute=True):
            clinic.slot_times = {"morning": "07:00"}
            clinic.save()
    assert open_ones() == list(many.patients.order_by("pk").values_list("pk", flat=True))
    assert woken == [MOVE_CLOCKS]
    assert clocks_move_next(now=NOW)
    assert len(open_ones()) == 1
    assert clocks_move_next(now=NOW)
    assert not clocks_move_next(now=NOW)
    assert open_ones() == []


@pytest.mark.django_db
class TestOneWhoseDosesCannotBeMoved:
    @pytest.fixture
    def marked(self) -> list[int]:
        """Three patients of one clinic, of whom the first is bad."""
        clinic = ClinicFactory.create()
        marked = sorted(PatientFactory.create(clinic=clinic).pk for _ in range(3))
        clocks_mark(marked, now=NOW)
        return marked

    def test_keeps_nobody_else_from_it(self, marked: list[int], caplog: pytest.LogCaptureFixture) -> None:
        moved: list[int] = []

        def listen(patient_ids: list[int]) -> None:
            if marked[0] in patient_ids:
                raise ValueError(f"somebody's name: {patient_ids}")
            moved.extend(patient_ids)

        with listening(listen):
            assert clocks_move_next(now=NOW)
        assert open_ones() == marked[:1]
        assert moved == marked[1:]
        change = ClockChange.objects.get(patient=marked[0])
        assert (change.failures, change.crashes) == (1, 0)
        assert f"the clock of change [{change.pk}] can't be moved" in caplog.text

    def test_nor_one_of_whom_only_some_cannot(self, marked: list[int]) -> None:
        with listening(lambda patient_ids: {marked[0]}):
            assert clocks_move_next(now=NOW)
        assert open_ones() == marked[:1]
        assert ClockChange.objects.get(patient=marked[0]).error == "UnmovedError: Not all could be moved."

    def test_comes_again_later_each_time_and_is_never_given_up(self, marked: list[int]) -> None:
        now, waits = NOW, []
        with listening(lambda patient_ids: {marked[0]}):
            for _ in range(6):
                assert clocks_move_next(now=now)
                assert not clocks_move_next(now=now)
                due_at = ClockChange.objects.get(patient=marked[0]).due_at
                waits.append(round((due_at - now) / MINUTE))
                now = due_at
        assert waits == [1, 10, 60, 360, 360, 360]
        assert clocks_move_next(now=now)
        assert open_ones() == []

    def test_nor_one_whose_rows_somebody_has_locked_for_long(self, marked: list[int]) -> None:
        def wait(patient_ids: list[int]) -> None:
            if marked[0] in patient_ids:
                raise OperationalError from LockNotAvailable("canceling statement due to lock timeout")

        with listening(wait):
            assert clocks_move_next(now=NOW)
        assert open_ones() == marked[:1]

    def test_nobody_is_to_blame_when_the_connection_is_lost(
        self, marked: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lose(patient_ids: list[int]) -> None:
            told.append(patient_ids)
            raise OperationalError from AdminShutdown("terminating connection")

        told: list[list[int]] = []
        # The test's own transaction hangs on this connection.
        monkeypatch.setattr(connection, "close", lambda: None)
        with listening(lose), pytest.raises(OperationalError):
            clocks_move_next(now=NOW)
        assert told == [marked]
        assert set(ClockChange.objects.values_list("failures", "crashes", "lease_owner")) == {(0, 0, "")}
        assert clocks_move_next(now=NOW)
        assert open_ones() == []


@pytest.mark.django_db
def test_one_that_killed_its_workers_is_given_up() -> None:
    clocks_mark([PatientFactory.create().pk], now=NOW)
    ClockChange.objects.update(crashes=MAX_CRASHES - 1, lease_owner="dead", lease_until=NOW - MINUTE)
    sweep(now=NOW)
    assert ClockChange.objects.get().reason == Reason.CRASHED


@pytest.mark.django_db
def test_another_change_while_the_first_is_followed_is_followed_too() -> None:
    patient = PatientFactory.create()
    clocks_mark([patient.pk], now=NOW)
    told: list[int] = []

    def listen(patient_ids: list[int]) -> None:
        told.append(len(told))
        if len(told) == 1:
            clocks_mark(patient_ids, now=NOW)

    with listening(listen):
        assert clocks_move_next(now=NOW)
        assert open_ones() == [patient.pk]
        assert clocks_move_next(now=NOW)
    assert open_ones() == []
    assert len(told) == 2


@pytest.mark.django_db(transaction=True)
def test_another_process_that_changes_the_clock_meanwhile_loses_nothing() -> None:
    patient = PatientFactory.create()
    clocks_mark([patient.pk], now=NOW)
    seen: list[str] = []
    begun = Event()

    def change() -> None:
        try:
            mine = Patient.objects.get(pk=patient.pk)
            mine.timezone = "Europe/London"
            begun.set()
            mine.save()
        finally:
            connection.close()

    beside = Thread(target=change)

    def listen(patient_ids: list[int]) -> None:
        seen.extend(Patient.objects.filter(pk__in=patient_ids).values_list("timezone", flat=True))
        if not beside.ident:
            beside.start()
            begun.wait(30)

    with listening(listen):
        assert clocks_move_next(now=NOW)
        beside.join()
        while clocks_move_next(now=NOW):
            pass
    assert seen[-1] == "Europe/London"
    assert open_ones() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_whom_somebody_is_just_changing_comes_again_in_a_moment() -> None:
    held, free = sorted(PatientFactory.create().pk for _ in range(2))
    clocks_mark([held, free], now=NOW)
    ready, over = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Patient.objects.select_for_update().get(pk=held)
            ready.set()
            over.wait(30)
        connection.close()

    beside = Thread(target=hold)
    beside.start()
    ready.wait(30)
    try:
        assert clocks_move_next(now=NOW)
        assert open_ones() == [held]
    finally:
        over.set()
        beside.join()
    assert clocks_move_next(now=NOW + MINUTE)
    assert open_ones() == []


@pytest.mark.django_db
def test_the_number_of_queries_is_the_same_for_two_patients_and_for_a_batch() -> None:
    def count(number: int) -> int:
        clocks_mark([PatientFactory.create().pk for _ in range(number)], now=NOW)
        with CaptureQueriesContext(connection) as captured:
            assert clocks_move_next(now=NOW)
        assert open_ones() == []
        return len(captured)

    assert count(2) == count(AT_ONCE)


@pytest.mark.django_db
def test_a_change_of_thousands_is_written_down_in_some_statements_a_thousand() -> None:
    clinic = ClinicFactory.create()

    def count(number: int) -> int:
        Patient.objects.bulk_create(Patient(clinic=clinic, first_name="Thandi") for _ in range(number))
        clinic.slot_times = {"morning": f"07:{number:02}"}
        with CaptureQueriesContext(connection) as captured:
            clinic.save()
        return len(captured)

    assert count(50) == count(1)
