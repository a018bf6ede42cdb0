"""What a nurse reads of medicines on a patient's page."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import Patient, User
from home.record import next_visits
from home.record.next_visits import Calendar, EarlierDate, NextVisit
from medications.models import Dose, Prescription, StopReason
from medications.services.expansion import expand_doses
from medications.services.prescriptions import Stop, prescription_stop
from medications.services.stock import stock_receive
from tests.factories import PatientFactory, StaffRoleFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    VaccinationRecordFactory,
    times,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse = StaffRoleFactory().user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def patient(nurse: User) -> Patient:
    return PatientFactory(clinic=nurse.staff_roles.get().clinic, sex="f", date_of_birth=date(1992, 5, 27))


def takes(patient: Patient, tablets: int | None = None, name: str = "Metformin", **more: Any) -> Prescription:
    medicine = MedicineFactory(name_en=name, name_af=name, **more)
    schedule = DoseScheduleFactory(
        prescription__patient=patient, prescription__medicine=medicine, rule=times("20:00")
    )
    expand_doses(now=NOW, prescriptions=[schedule.prescription_id])
    if tablets is not None:
        stock_receive(
            medicine=medicine,
            prescription=schedule.prescription,
            quantity=Decimal(tablets),
            expiry_date=TODAY + timedelta(days=300),
            now=NOW - timedelta(days=27),
        )
    prescription: Prescription = schedule.prescription
    return prescription


def calendar(
    monkeypatch: pytest.MonkeyPatch, visits: Mapping[int, NextVisit], dates: list[EarlierDate]
) -> None:
    monkeypatch.setattr(next_visits, "_calendar", Calendar(lambda ids, today: visits, lambda *asked: dates))


def page(client: Client, patient: Patient) -> str:
    answer = client.get(f"/admin/patients/{patient.pk}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_each_medicine_is_there_with_its_stock_and_what_can_be_done(client: Client, patient: Patient) -> None:
    soon = takes(patient, 3)
    lasting = takes(patient, 31, "Amlodipine")
    takes(patient, 0, "Simvastatin")
    takes(patient, None, "Warfarin")
    said = page(client, patient)
    assert "1 tablet at 20:00, with food" in said
    assert "runs out Fri 27 Nov" in said and "3 tablets · collected 28 Oct" in said
    assert "31 days left" in said and ">out<" in said and "nothing counted yet" in said
    for each in (soon, lasting):
        assert f"/admin/prescriptions/edit/{each.pk}/" in said
        assert f"/admin/prescriptions/{each.pk}/stop/" in said
    assert f"/admin/prescriptions/new/?patient={patient.pk}" in said
    assert f"/admin/patients/{patient.pk}/hand-out/" in said


@pytest.mark.parametrize(
    ("sex", "form", "sentence"),
    [
        ("f", "tablet", "Her tablets end 7 days before her next visit."),
        ("m", "tablet", "His tablets end 7 days before his next visit."),
        ("", "tablet", "The tablets end 7 days before the next visit."),
        ("f", "injection", "Her medicine ends 7 days before her next visit."),
    ],
)
def test_a_supply_that_ends_before_the_next_visit_is_said_with_an_earlier_date(
    client: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch, sex: str, form: str, sentence: str
) -> None:
    Patient.objects.update(sex=sex)
    takes(patient, 2, form=form)
    takes(patient, 20, "Amlodipine")
    dates = [EarlierDate(TODAY + timedelta(days=1), "club, 3 places", "/admin/visits/new/?x=1")]
    calendar(monkeypatch, {patient.pk: NextVisit(TODAY + timedelta(days=9), "collection")}, dates)
    said = page(client, patient)
    assert sentence in said
    assert "club, 3 places" in said and 'href="/admin/visits/new/?x=1"' in said


def test_a_supply_that_lasts_until_the_visit_needs_no_warning(
    client: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes(patient, 9)
    calendar(monkeypatch, {patient.pk: NextVisit(TODAY + timedelta(days=9), "collection")}, [])
    assert "next visit" not in page(client, patient)


def test_a_supply_that_ends_soon_without_any_visit_is_said(client: Client, patient: Patient) -> None:
    takes(patient, 2)
    assert "Her tablets end on Thursday 26 November" in page(client, patient)


def test_what_was_stopped_is_there_with_why_and_by_whom(
    client: Client, nurse: User, patient: Patient
) -> None:
    stop = Stop(last_day=TODAY, reason=StopReason.SIDE_EFFECT, words="dizzy", by=nurse)
    prescription_stop(prescription_id=takes(patient).pk, stop=stop, now=NOW)
    said = page(client, patient)
    assert f"stopped on 24 Nov · Side effects: dizzy · {nurse.get_full_name()}" in said
    assert "hand-out" not in said
    assert "No longer taken" in said


def test_today_and_the_month_are_there(client: Client, patient: Patient) -> None:
    prescription = takes(patient, 10)
    schedule = prescription.schedules.get()
    for days, state in enumerate(["taken", "missed", "skipped", "taken"], start=1):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=days), state=state)
    said = page(client, patient)
    assert "20:00 Metformin 500 mg, 1 tablet" in said
    assert "November: 2 taken, 1 skipped, 1 missed, 1 still to come" in said
    assert said.count("heat__cell--missed") == 1 and said.count("heat__cell--taken") == 2
    assert f"/admin/patients/{patient.pk}/adherence/" in said


def test_a_day_shows_its_most_pressing_dose(client: Client, patient: Patient) -> None:
    schedule = takes(patient).schedules.get()
    yesterday = NOW - timedelta(days=1)
    DoseFactory(schedule=schedule, due_at=yesterday, state=Dose.State.TAKEN)
    DoseFactory(schedule=schedule, due_at=yesterday + timedelta(hours=1), state=Dose.State.MISSED)
    said = page(client, patient)
    assert said.count("heat__cell--missed") == 1 and "heat__cell--taken" not in said


def test_a_childs_vaccinations_come_first_and_what_is_overdue_before_all(
    client: Client, patient: Patient
) -> None:
    Patient.objects.update(date_of_birth=TODAY - timedelta(days=200))
    takes(patient)
    record = VaccinationRecordFactory(
        patient=patient, vaccine__code="mr", dose_number=1, next_due_date=TODAY - timedelta(days=9)
    )
    said = page(client, patient)
    assert said.index("section-child_vaccinations") < said.index("section-medicines")
    assert record.vaccine.name in said and "overdue for" in said
    assert f"/admin/vaccinations/card/{patient.pk}/" in said


def test_somebody_without_any_has_no_vaccinations(client: Client, patient: Patient) -> None:
    said = page(client, patient)
    assert "section-vaccinations" not in said and "section-month" not in said
    assert "No medicine is prescribed now." in said


@pytest.mark.parametrize("gone", [{"deceased_on": TODAY}, {"left_on": TODAY, "left_why": "moved"}])
def test_for_somebody_who_died_or_moved_away_nothing_is_prescribed(
    client: Client, patient: Patient, gone: Mapping[str, Any]
) -> None:
    takes(patient)
    Patient.objects.update(**gone)
    said = page(client, patient)
    assert "prescriptions/new/?patient=" not in said and "hand-out" not in said


def test_what_the_reader_may_not_do_is_not_offered(client: Client, nurse: User, patient: Patient) -> None:
    takes(patient)
    nurse.groups.get().permissions.filter(
        codename__in=["add_prescription", "change_prescription", "change_stockbatch"]
    ).delete()
    said = page(client, patient)
    assert "prescriptions/new/?patient=" not in said and "hand-out" not in said and "/stop/" not in said
    assert "Metformin" in said


def test_the_page_has_a_constant_number_of_queries(client: Client, patient: Patient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(client, patient)
        return len(found)

    takes(patient, 10)
    queries()
    first = queries()
    for number in range(4):
        takes(patient, 10, f"Medicine {number}")
    assert queries() == first


def test_one_broken_rule_leaves_the_others(client: Client, patient: Patient) -> None:
    takes(patient, 10, "Amlodipine")
    broken = takes(patient, 10)
    broken.schedules.update(rule={"kind": "moonlight"})
    said = page(client, patient)
    assert "Amlodipine" in said and "Metformin" in said
