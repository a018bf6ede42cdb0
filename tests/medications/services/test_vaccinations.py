"""A vaccination that is due has one reminder, wherever its date goes."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from medications.models import VaccinationRecord
from notifications.models import EventRecord
from tests.factories import PatientFactory
from tests.medications.factories import NOW, TODAY, VaccinationRecordFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]

DUE = date(2026, 12, 10)


@pytest.fixture
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def waiting() -> list[tuple[str, datetime]]:
    records = EventRecord.objects.filter(event_type="vaccination.due", state=EventRecord.State.PENDING)
    return list(records.order_by("id").values_list("payload__due_on", "due_at"))


def test_the_reminder_is_at_nine_on_the_day_before() -> None:
    record = VaccinationRecordFactory(next_due_date=DUE)
    assert waiting() == [("2026-12-10", datetime(2026, 12, 9, 7, tzinfo=UTC))]
    assert EventRecord.objects.get().dedupe_key == f"{record.id}:2026-12-10"


def test_nine_is_local_to_the_patient() -> None:
    VaccinationRecordFactory(next_due_date=DUE, patient__timezone="Europe/London")
    assert waiting() == [("2026-12-10", datetime(2026, 12, 9, 9, tzinfo=UTC))]


def test_another_date_moves_it() -> None:
    record = VaccinationRecordFactory(next_due_date=DUE)
    record.next_due_date = DUE + timedelta(days=7)
    record.save()
    assert waiting() == [("2026-12-17", datetime(2026, 12, 16, 7, tzinfo=UTC))]


def test_moved_away_and_back_it_is_one() -> None:
    record = VaccinationRecordFactory(next_due_date=DUE)
    for next_due_date in (DUE + timedelta(days=7), DUE):
        record.next_due_date = next_due_date
        record.save()
    assert [due_on for due_on, _ in waiting()] == ["2026-12-10"]


@pytest.mark.parametrize("change", [{"next_due_date": None}, {"date_given": TODAY}])
def test_a_cleared_date_or_a_given_dose_withdraws_it(change: dict[str, date | None]) -> None:
    record = VaccinationRecordFactory(next_due_date=DUE)
    for name, value in change.items():
        setattr(record, name, value)
    record.save()
    assert waiting() == []


def test_saving_it_again_changes_nothing() -> None:
    record = VaccinationRecordFactory(next_due_date=DUE)
    record.save()
    VaccinationRecord.objects.get().save()
    assert EventRecord.objects.count() == 1


def test_a_date_that_is_over_has_no_reminder() -> None:
    VaccinationRecordFactory(next_due_date=TODAY - timedelta(days=1))
    assert waiting() == []


def test_due_today_it_is_said_at_once() -> None:
    VaccinationRecordFactory(next_due_date=TODAY)
    [(due_on, at)] = waiting()
    assert due_on == f"{TODAY}"
    assert at < NOW


def test_it_moves_with_the_patients_clock(django_capture_on_commit_callbacks) -> None:
    patient = PatientFactory()
    VaccinationRecordFactory(next_due_date=DUE, patient=patient)
    patient.timezone = "Europe/London"
    with django_capture_on_commit_callbacks(execute=True):
        patient.save()
    assert waiting() == [("2026-12-10", datetime(2026, 12, 9, 9, tzinfo=UTC))]


class TestAnyEdits(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.none() | st.sampled_from([TODAY, DUE, date(2027, 1, 4)]), st.booleans()), max_size=6
        )
    )
    def test_it_is_always_what_the_record_says(self, edits: list[tuple[date | None, bool]]) -> None:
        with time_machine.travel(NOW, tick=False):
            record = VaccinationRecordFactory()
            for next_due_date, given_ in edits:
                record.next_due_date, record.date_given = next_due_date, TODAY if given_ else None
                record.save()
                expected = [f"{next_due_date}"] if next_due_date and not given_ else []
                assert [due_on for due_on, _ in waiting()] == expected
