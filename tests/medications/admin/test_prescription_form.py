"""A nurse prescribes without a line of JSON, and all that must follow follows."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from home.models import Patient, User
from medications.admin.schedules import KINDS
from medications.models import Dose, DoseSchedule, Prescription, StockBatch, StockMovement
from medications.services.answers import dose_take
from notifications.models import EventRecord
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
    times,
)

pytestmark = pytest.mark.django_db

NEW = "/admin/prescriptions/new/"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse = StaffRoleFactory().user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def patient(nurse: User) -> Patient:
    return PatientFactory(clinic=nurse.staff_roles.get().clinic)


def formset(prefix: str, forms: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": initial}
    data |= {f"{prefix}-MIN_NUM_FORMS": 0, f"{prefix}-MAX_NUM_FORMS": 1000}
    for number, form in enumerate(forms):
        data |= {f"{prefix}-{number}-{name}": value for name, value in form.items()}
    return data


def filled_in(
    patient: Patient, schedules: list[dict[str, Any]], batches: Any = (), **more: Any
) -> dict[str, Any]:
    return {
        "patient": patient.pk,
        "medicine": MedicineFactory().pk,
        "instructions_en": "with food",
        "instructions_af": "saam met kos",
        "start_date": f"{TODAY}",
        "reminders_enabled": "on",
        **formset("schedules", schedules),
        **formset("batches", list(batches)),
        **more,
    }


DAILY = {"kind": "times", "quantity": "1", "slots": ["morning"]}


def test_a_new_prescription_has_its_doses_and_stock_and_tells_the_carers(
    client: Client, nurse: User, patient: Patient
) -> None:
    batch = {"quantity": "28", "expiry_date": "2027-06-30", "batch_number": "B1"}
    answer = client.post(NEW, filled_in(patient, [DAILY], [batch]))
    assert answer.status_code == 302, answer.context["form"].errors
    prescription = Prescription.objects.get()
    assert (prescription.patient, prescription.prescriber) == (patient, nurse)
    assert (prescription.instructions_en, prescription.instructions_af) == ("with food", "saam met kos")
    assert prescription.doses.count() == 14
    assert EventRecord.objects.get().payload == {"prescription_id": prescription.id}
    assert StockBatch.objects.get().medicine == prescription.medicine
    assert StockMovement.objects.get().quantity == 28


@pytest.mark.parametrize("gone", [{"deceased_on": TODAY}, {"left_on": TODAY, "left_why": "moved"}])
def test_for_somebody_who_died_or_moved_away_nothing_is_prescribed(
    client: Client, patient: Patient, gone: dict[str, Any]
) -> None:
    prescription = PrescriptionFactory(patient=patient)
    Patient.objects.update(**gone)
    answer = client.post(NEW, filled_in(patient, [DAILY]))
    assert answer.context["form"].errors == {
        "patient": ["This patient has died or moved away. Say first that they are back."]
    }
    assert list(Prescription.objects.all()) == [prescription]
    assert client.get(f"/admin/prescriptions/edit/{prescription.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (
            {**DAILY, "quantity": "0.5", "other_times": "07:30, 13:00", "weekdays": ["0", "4"]},
            times("morning", "07:30", "13:00", quantity="0.5", weekdays=[0, 4]),
        ),
        (
            {**DAILY, "kind": "every_n_days", "n": "3", "start_date": "2026-11-24"},
            {
                "kind": "every_n_days",
                "times": ["morning"],
                "quantity": "1",
                "n": 3,
                "start_date": "2026-11-24",
            },
        ),
        (
            {**DAILY, "kind": "cycle", "on": "21", "off": "7", "start_date": "2026-11-24"},
            {
                "kind": "cycle",
                "times": ["morning"],
                "quantity": "1",
                "on": 21,
                "off": 7,
                "start_date": "2026-11-24",
            },
        ),
        (
            {**DAILY, "kind": "taper", "steps": "2 × 5\n0,5 x 5", "start_date": "2026-11-24"},
            {
                "kind": "taper",
                "times": ["morning"],
                "steps": [{"quantity": "2", "days": 5}, {"quantity": "0.5", "days": 5}],
                "start_date": "2026-11-24",
            },
        ),
        (
            {"kind": "interval", "quantity": "0,5", "hours": "1,5", "first": "2026-11-24 10:00"},
            {"kind": "interval", "quantity": "0.5", "hours": 1.5, "first": "2026-11-24T10:00:00+02:00"},
        ),
        (
            {"kind": "interval", "quantity": "1", "hours": "8", "first": "2026-11-24 10:00"},
            {"kind": "interval", "quantity": "1", "hours": 8.0, "first": "2026-11-24T10:00:00+02:00"},
        ),
        (
            {"kind": "as_needed", "quantity": "2", "min_hours": "4", "max_per_day": "4"},
            {"kind": "as_needed", "quantity": "2", "min_hours": 4.0, "max_per_day": 4},
        ),
    ],
)
def test_each_kind_is_filled_in_and_shown_again(
    client: Client, patient: Patient, form: dict[str, Any], rule: dict[str, Any]
) -> None:
    answer = client.post(NEW, filled_in(patient, [form]))
    assert answer.status_code == 302, [each.errors for each in answer.context["form"].formsets["schedules"]]
    schedule = DoseSchedule.objects.get()
    assert schedule.rule == rule
    page = client.get(f"/admin/prescriptions/edit/{schedule.prescription_id}/")
    shown = page.context["form"].formsets["schedules"].forms[0]
    again = {name: shown[name].value() for name in shown.fields if shown[name].value() not in (None, "", [])}
    data = filled_in(patient, [], **formset("schedules", [again], initial=1))
    answer = client.post(f"/admin/prescriptions/edit/{schedule.prescription_id}/", data)
    assert answer.status_code == 302
    schedule.refresh_from_db()
    assert schedule.rule == rule


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "times", "quantity": "1"}, "slots"),
        ({**DAILY, "other_times": "25:00"}, "other_times"),
        ({**DAILY, "quantity": "0"}, "quantity"),
        ({**DAILY, "quantity": ""}, "quantity"),
        ({**DAILY, "kind": "every_n_days", "n": "2"}, "start_date"),
        ({**DAILY, "kind": "every_n_days", "start_date": "2026-11-24"}, "n"),
        ({**DAILY, "kind": "taper", "steps": "two for five", "start_date": "2026-11-24"}, "steps"),
        ({"kind": "interval", "quantity": "1", "hours": "8"}, "first"),
        ({"kind": "as_needed", "quantity": "1", "min_hours": "4"}, "max_per_day"),
        ({**DAILY, "start_date": "2026-11-24", "end_date": "2026-11-23"}, "end_date"),
    ],
)
def test_an_error_is_shown_beside_its_field(
    client: Client, patient: Patient, form: dict[str, Any], field: str
) -> None:
    answer = client.post(NEW, filled_in(patient, [form]))
    assert answer.status_code == 200
    assert list(answer.context["form"].formsets["schedules"].forms[0].errors) == [field]
    assert not Prescription.objects.exists()


def test_a_prescription_without_a_schedule_is_refused(client: Client, patient: Patient) -> None:
    assert client.post(NEW, filled_in(patient, [])).status_code == 200
    assert not Prescription.objects.exists()


@pytest.mark.parametrize("last_day", ["23/11/2026", "23 Nov 2026", "20261123"])
def test_a_last_day_before_the_first_is_refused_beside_it(
    client: Client, patient: Patient, last_day: str
) -> None:
    answer = client.post(NEW, filled_in(patient, [DAILY], start_date="24 November 2026", end_date=last_day))
    assert answer.context["form"].errors == {"end_date": ["The last day must not be before the first."]}
    assert f'value="{last_day}"' in answer.content.decode()
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("30/06/2077", "Please check the year: medicine is not kept so long."),
        ("30/06/1927", "Please check the year: medicine is not kept so long."),
        ("30/06/27", "Please write the year in full, such as 1961."),
        ("31/06/2027", "There is no such day. Write the day first, then the month: 12/03/1961 is 12 March."),
        ("June", "This is not a date. Write it like 12/03/1961 or 12 March 1961."),
        ("", "Please give a date."),
    ],
)
def test_an_expiry_date_that_is_none_is_refused_beside_it(
    client: Client, patient: Patient, written: str, said: str
) -> None:
    answer = client.post(NEW, filled_in(patient, [DAILY], [{"quantity": "28", "expiry_date": written}]))
    assert answer.context["form"].formsets["batches"].forms[0].errors == {"expiry_date": [said]}
    assert not Prescription.objects.exists()


def test_dates_are_read_day_first(client: Client, patient: Patient) -> None:
    dates = {"start_date": "01.12.2026", "end_date": "5 Des 2026"}
    batch = {"quantity": "28", "expiry_date": "02/03/2027"}
    assert client.post(NEW, filled_in(patient, [DAILY], [batch], **dates)).status_code == 302
    prescription = Prescription.objects.get()
    assert (prescription.start_date, prescription.end_date) == (date(2026, 12, 1), date(2026, 12, 5))
    assert StockBatch.objects.get().expiry_date == date(2027, 3, 2)


def test_a_new_prescription_starts_today(client: Client, nurse: User) -> None:
    assert client.get(NEW).context["form"]["start_date"].value() == TODAY


def test_each_kind_of_schedule_marks_the_fields_that_are_its_own(client: Client, nurse: User) -> None:
    page = client.get(NEW)
    assert set(KINDS) <= set(re.findall(r'data-kinds="([^"]*)"', page.content.decode()))
    assert "js/schedule-kind.js" in str(page.context["media"])


def test_another_clinics_patient_is_refused(client: Client, nurse: User) -> None:
    answer = client.post(NEW, filled_in(PatientFactory(), [DAILY]))
    assert answer.status_code == 200
    assert "patient" in answer.context["form"].errors


class TestEdit:
    @pytest.fixture
    def schedule(self, patient: Patient) -> DoseSchedule:
        return DoseScheduleFactory(prescription__patient=patient)

    def edit(self, client: Client, schedule: DoseSchedule, **changes: Any) -> None:
        shown = {"id": schedule.pk, "kind": "times", "quantity": "1", "other_times": "08:00"}
        data = filled_in(schedule.prescription.patient, [])
        data |= {"start_date": "2026-11-01", **formset("schedules", [shown], initial=1), **changes}
        answer = client.post(f"/admin/prescriptions/edit/{schedule.prescription_id}/", data)
        assert answer.status_code == 302, answer.context["form"].errors

    def test_another_time_replaces_the_doses_ahead(self, client: Client, schedule: DoseSchedule) -> None:
        taken = DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=1), state=Dose.State.TAKEN)
        changed = {"id": schedule.pk, "kind": "times", "quantity": "1", "other_times": "09:00"}
        self.edit(client, schedule, **formset("schedules", [changed], initial=1), confirm="1")
        due = list(Dose.objects.order_by("due_at").values_list("due_at", flat=True))
        assert due[:2] == [taken.due_at, NOW + timedelta(hours=1)]
        assert not EventRecord.objects.exists()

    def test_the_patient_and_the_medicine_stay(self, client: Client, schedule: DoseSchedule) -> None:
        medicine = schedule.prescription.medicine
        self.edit(client, schedule)
        assert Prescription.objects.get().medicine == medicine

    def test_it_leads_to_where_it_is_stopped(self, client: Client, schedule: DoseSchedule) -> None:
        stop = f"/admin/prescriptions/{schedule.prescription_id}/stop/"
        address = f"/admin/prescriptions/edit/{schedule.prescription_id}/"
        assert stop in client.get(address).content.decode()
        Prescription.objects.update(ended_at=NOW)
        assert stop not in client.get(address).content.decode()

    def test_a_refill_makes_good_what_was_short(self, client: Client, schedule: DoseSchedule) -> None:
        empty = StockBatchFactory(prescription=schedule.prescription, quantity=Decimal(0), received_at=NOW)
        StockMovement.objects.create(batch=empty, quantity=0, kind="received", at=NOW)
        user = CareRoleFactory(patient=schedule.prescription.patient).user
        dose_take(dose_id=DoseFactory(schedule=schedule).id, user=user, now=NOW)
        shown = {"id": empty.pk, "quantity": "0", "shown_quantity": "0.000", "expiry_date": "2027-06-30"}
        refill = {"quantity": "28", "expiry_date": "2027-09-30"}
        self.edit(client, schedule, **formset("batches", [shown, refill], initial=1))
        assert list(StockBatch.objects.order_by("id").values_list("quantity", flat=True)) == [0, 27]

    def test_doses_taken_while_the_form_was_open_are_not_overwritten(
        self, client: Client, schedule: DoseSchedule
    ) -> None:
        batch = StockBatchFactory(prescription=schedule.prescription)
        StockMovement.objects.create(batch=batch, quantity=28, kind="received", at=NOW)
        shown = {
            "id": batch.pk,
            "quantity": "28.000",
            "shown_quantity": "28.000",
            "expiry_date": "2027-06-30",
        }
        user = CareRoleFactory(patient=schedule.prescription.patient).user
        dose_take(dose_id=DoseFactory(schedule=schedule).id, user=user, now=NOW)
        self.edit(client, schedule, **formset("batches", [shown], initial=1))
        batch.refresh_from_db()
        assert batch.quantity == 27
        assert StockMovement.objects.filter(kind="counted").count() == 0
