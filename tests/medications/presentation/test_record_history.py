"""What was done with medicines and stock, in a patient's history: in words, capped, and by index."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.log_actions import log

from home.models import Patient, User
from home.record.history import HistoryLine, history
from home.record.sections import Reading
from medications.models import Prescription, StockBatch, StopReason
from medications.presentation.record_history import prescriptions, stock_at_home
from medications.services.answers import dose_take
from medications.services.prescriptions import Stop, prescription_stop
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_correct, stock_count, stock_hand_out, stock_waste
from tests.factories import CareRoleFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, DoseScheduleFactory, MedicineFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def nurse() -> User:
    return StaffRoleFactory(user__first_name="Sister", user__last_name="Dlamini").user


@pytest.fixture
def prescription(nurse: User) -> Prescription:
    clinic = nurse.staff_roles.get().clinic
    patient = CareRoleFactory(patient__clinic=clinic).patient
    medicine = MedicineFactory(name_en="Metformin", name_af="Metformien", strength="500 mg")
    schedule = DoseScheduleFactory(prescription__patient=patient, prescription__medicine=medicine)
    Prescription.objects.filter(pk=schedule.prescription_id).update(prescriber=nurse, created_at=NOW)
    return Prescription.objects.get(pk=schedule.prescription_id)


def reading(patient: Patient, nurse: User) -> Reading:
    return Reading(patient=patient, user=nurse, now=LATER)


def words(lines: Any) -> list[str]:
    return [f"{line.who}: {line.words}" for line in lines]


def handed_out(prescription: Prescription, nurse: User) -> StockBatch:
    shelf = stock_receive(
        medicine=prescription.medicine,
        clinic=prescription.patient.clinic,
        quantity=Decimal(100),
        expiry_date=TODAY + timedelta(days=365),
        now=NOW,
    )
    return stock_hand_out(
        batch_id=shelf.pk,
        prescription_id=prescription.pk,
        quantity=Decimal(28),
        user=nurse,
        now=NOW + MINUTE,
    )


def test_what_staff_did_with_the_stock_at_home(prescription: Prescription, nurse: User) -> None:
    batch = handed_out(prescription, nurse)
    dose = DoseFactory(schedule=prescription.schedules.get())
    dose_take(dose_id=dose.pk, user=prescription.patient.care_roles.get().user, now=NOW + 2 * MINUTE)
    stock_count(counts={batch.pk: Decimal(5)}, user=nurse, now=NOW + 3 * MINUTE)
    stock_correct(
        batch_id=batch.pk, difference=Decimal("2.5"), user=nurse, now=NOW + 4 * MINUTE, why="Miscounted"
    )
    stock_waste(batch_id=batch.pk, quantity=Decimal(1), user=nurse, now=NOW + 5 * MINUTE, why="Wet")

    lines = words(stock_at_home(reading(prescription.patient, nurse), LATER, 9))

    assert lines == [
        "Sister Dlamini: written off: Metformin 500 mg, 1 tablet (Wet)",
        "Sister Dlamini: corrected: Metformin 500 mg, 5 → 7.5 (Miscounted)",
        "Sister Dlamini: counted: Metformin 500 mg, 27 → 5",
        "Sister Dlamini: handed out: Metformin 500 mg, 28 tablets",
    ]


def test_what_was_prescribed_changed_and_stopped(prescription: Prescription, nurse: User) -> None:
    log(instance=prescription, action="wagtail.edit", user=nurse, timestamp=NOW + MINUTE)
    stop = Stop(last_day=TODAY, reason=StopReason.SIDE_EFFECT, words="Nausea", by=nurse)
    prescription_stop(prescription_id=prescription.pk, stop=stop, now=NOW + 2 * MINUTE)

    lines = sorted(prescriptions(reading(prescription.patient, nurse), LATER, 9), key=lambda line: line.at)

    assert words(lines) == [
        "Sister Dlamini: prescribed Metformin 500 mg",
        "Sister Dlamini: changed the prescription of Metformin 500 mg",
        "Sister Dlamini: stopped Metformin 500 mg (Side effects)",
    ]


def test_what_was_stopped_is_told_when_it_was_done_with_its_last_day(
    prescription: Prescription, nurse: User
) -> None:
    done = NOW + MINUTE
    stop = Stop(last_day=TODAY - timedelta(days=3), reason=StopReason.SIDE_EFFECT, by=nurse)
    prescription_stop(prescription_id=prescription.pk, stop=stop, now=done)
    log(instance=prescription, action="medications.stop", user=nurse, timestamp=done)
    by_nurse = reading(prescription.patient, nurse)

    [line] = [line for line in prescriptions(by_nurse, LATER, 9) if line.words.startswith("stopped")]

    assert line == HistoryLine(
        done, "Sister Dlamini", "stopped Metformin 500 mg (Side effects), last day 21 November 2026"
    )
    assert not [line for line in prescriptions(by_nurse, done, 9) if line.words.startswith("stopped")]


def test_what_was_stopped_today_is_told_without_its_day(prescription: Prescription, nurse: User) -> None:
    stop = Stop(last_day=TODAY, reason=StopReason.SIDE_EFFECT, by=nurse)
    prescription_stop(prescription_id=prescription.pk, stop=stop, now=NOW)
    log(instance=prescription, action="medications.stop", user=nurse, timestamp=NOW + MINUTE)
    lines = prescriptions(reading(prescription.patient, nurse), LATER, 9)
    assert (NOW + MINUTE, "stopped Metformin 500 mg (Side effects)") in [
        (line.at, line.words) for line in lines
    ]


def test_only_the_latest_before_a_moment_and_for_whoever_may_see_medicines(
    prescription: Prescription, nurse: User
) -> None:
    batch = handed_out(prescription, nurse)
    for number in range(1, 6):
        stock_count(counts={batch.pk: Decimal(number)}, user=nurse, now=NOW + number * 5 * MINUTE)
    by_nurse = reading(prescription.patient, nurse)

    assert nurse.has_perm("medications.view_prescription")  # read once a request
    with CaptureQueriesContext(connection) as captured:
        lines = list(stock_at_home(by_nurse, NOW + 20 * MINUTE, 2))

    assert [line.words[-5:] for line in lines] == ["2 → 3", "1 → 2"]
    assert len(captured) == 1
    stranger = reading(prescription.patient, CareRoleFactory().user)
    assert [*stock_at_home(stranger, LATER, 9), *prescriptions(stranger, LATER, 9)] == []


def test_they_are_among_all_lines(prescription: Prescription, nurse: User) -> None:
    handed_out(prescription, nurse)
    every = history(reading(prescription.patient, nurse), before=LATER, limit=50)
    assert HistoryLine(NOW, "Sister Dlamini", "prescribed Metformin 500 mg") in every
    assert any(line.words.startswith("handed out: ") for line in every)
