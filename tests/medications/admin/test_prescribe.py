"""A nurse prescribes for a known patient without a manual, and hands out on the same page."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import AccessRecord, Patient, User
from medications.models import Dose, Medicine, Prescription, StockBatch
from medications.services.stock import stock_receive
from notifications.models import EventRecord
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, MedicineFactory, PrescriptionFactory, times

pytestmark = pytest.mark.django_db

LATER = TODAY + timedelta(days=200)


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
    return PatientFactory(clinic=nurse.staff_roles.get().clinic, first_name="Fatima", last_name="Jacobs")


@pytest.fixture
def metformin() -> Medicine:
    return MedicineFactory()


@pytest.fixture
def amlodipine() -> Medicine:
    return MedicineFactory(name_en="Amlodipine", name_af="Amlodipien", strength="5 mg")


def address(patient: Patient) -> str:
    return f"/admin/prescriptions/new/?patient={patient.pk}"


def filled(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a browser sends: all six rows, with what stands in them from the start."""
    data: dict[str, Any] = {"rows-TOTAL_FORMS": 6, "rows-INITIAL_FORMS": 0}
    for number in range(6):
        own = rows[number] if number < len(rows) else {}
        prefilled = {"pattern": "morning", "quantity": "1", "start_date": f"{TODAY}", "weekday": "1"}
        data |= {f"rows-{number}-{name}": value for name, value in {**prefilled, **own}.items()}
    return {**data, **more}


def saved(client: Client, patient: Patient, *rows: dict[str, Any]) -> Any:
    """As the nurse does: see what comes of it, then save it."""
    seen = client.post(address(patient), filled(*rows))
    assert seen.status_code == 200 and not Prescription.objects.exists()
    return client.post(address(patient), filled(*rows, shown=seen.context["shown"]))


def on_shelf(patient: Patient, medicine: Medicine, quantity: str, **more: Any) -> StockBatch:
    return stock_receive(
        medicine=medicine,
        clinic=patient.clinic,
        quantity=Decimal(quantity),
        now=NOW,
        **{"expiry_date": LATER, **more},
    )


def test_the_patient_is_shown_and_not_asked_for(client: Client, patient: Patient) -> None:
    page = client.get(address(patient))
    assert page.status_code == 200
    assert "Fatima Jacobs" in page.content.decode()
    assert 'name="patient"' not in page.content.decode()
    assert AccessRecord.objects.get().patient == patient


def test_three_medicines_are_prescribed_and_handed_out_together(
    client: Client, nurse: User, patient: Patient, metformin: Medicine, amlodipine: Medicine
) -> None:
    third = MedicineFactory(name_en="Paracetamol", name_af="Parasetamol")
    on_shelf(patient, metformin, "100")
    answer = saved(
        client,
        patient,
        {"medicine": "metf 500", "pattern": "twice", "phrase": "with_food", "handed_out": "56"},
        {"medicine": "Amlodipine 5 mg, tablet"},
        {"medicine": "PARASETAMOL", "pattern": "as_needed", "min_hours": "6", "max_per_day": "4"},
    )
    assert answer.status_code == 302 and answer["Location"] == f"/admin/patients/{patient.pk}/"
    made = list(Prescription.objects.order_by("id"))
    assert [each.medicine for each in made] == [metformin, amlodipine, third]
    assert {each.prescriber for each in made} == {nurse} and {each.patient for each in made} == {patient}
    assert made[0].schedules.get().rule == times("morning", "evening")
    assert (made[0].instructions_en, made[0].instructions_af) == ("with food", "saam met kos")
    assert [batch.quantity for batch in StockBatch.objects.order_by("id")] == [44, 56]
    assert EventRecord.objects.filter(event_type="medication.prescribed").count() == 3
    assert Dose.objects.filter(prescription=made[0], due_at__lte=NOW).count() == 0
    page = client.get("/admin/prescriptions/")
    said = re.sub(r"\s+", " ", page.content.decode())
    assert "Prescribed for Fatima Jacobs: Metformin 500 mg, Amlodipine 5 mg and Paracetamol 500 mg." in said
    assert "Handed out: 56 tablets of Metformin 500 mg." in said


def test_the_next_14_days_are_said_before_anything_is_saved(
    client: Client, patient: Patient, metformin: Medicine
) -> None:
    page = client.post(address(patient), filled({"medicine": "metformin", "pattern": "twice"}))
    said = page.content.decode()
    assert "Nothing is saved yet." in said
    assert "Wednesday 25 November to Tuesday 8 December" in said
    assert "1 tablet at 20:00" in said
    assert not Prescription.objects.exists()


def test_what_was_changed_after_it_was_shown_is_shown_again(
    client: Client, patient: Patient, metformin: Medicine
) -> None:
    seen = client.post(address(patient), filled({"medicine": "metformin"})).context["shown"]
    page = client.post(address(patient), filled({"medicine": "metformin", "quantity": "2"}, shown=seen))
    assert page.status_code == 200 and page.context["shown"] != seen
    assert not Prescription.objects.exists()


@pytest.mark.parametrize("there", [100, 28])
def test_a_form_that_is_sent_twice_prescribes_once(
    client: Client, patient: Patient, metformin: Medicine, there: int
) -> None:
    on_shelf(patient, metformin, f"{there}")
    row = {"medicine": "metformin", "handed_out": "28"}
    shown = client.post(address(patient), filled(row))
    assert "since this page was shown" not in shown.content.decode()
    seen = shown.context["shown"]
    first, second = (client.post(address(patient), filled(row, shown=seen)) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 200)
    said = second.content.decode()
    assert "Something was prescribed or stopped since this page was shown." in said
    assert "Nothing is saved yet. Look" not in said
    assert second.context["shown"] != seen
    assert ("This patient takes it already." in said) is (there == 100), "else its words wait for the shelf"
    assert Prescription.objects.count() == 1
    assert [batch.quantity for batch in StockBatch.objects.order_by("id")] == [there - 28, 28]


def test_htmx_is_given_the_words_alone(client: Client, patient: Patient, metformin: Medicine) -> None:
    part = client.post(
        address(patient), filled({"medicine": "metformin"}, shown=""), headers={"HX-Request": "true"}
    ).content.decode()
    assert "<form" not in part and "What comes of it" in part


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"pattern": "evening", "quantity": "0,5"}, times("evening", quantity="0.5")),
        ({"pattern": "thrice"}, times("morning", "afternoon", "evening")),
        ({"pattern": "weekly", "weekday": "4"}, times("morning", weekdays=[4])),
        ({"pattern": "times", "other_times": "07:30"}, times("07:30")),
        (
            {"pattern": "taper", "steps": "2 x 5\n1 x 5"},
            {
                "kind": "taper",
                "times": ["morning"],
                "steps": [{"quantity": "2", "days": 5}, {"quantity": "1", "days": 5}],
                "start_date": f"{TODAY}",
            },
        ),
        (
            {"pattern": "every_n_days", "n": "3", "slots": ["evening"]},
            {"kind": "every_n_days", "n": 3, "times": ["evening"], "quantity": "1", "start_date": f"{TODAY}"},
        ),
        (
            {"pattern": "interval", "hours": "8", "first": "24/11/2026 10:00"},
            {"kind": "interval", "hours": 8.0, "quantity": "1", "first": "2026-11-24T10:00:00+02:00"},
        ),
    ],
)
def test_a_pattern_is_one_choice(
    client: Client, patient: Patient, metformin: Medicine, row: dict[str, Any], rule: dict[str, Any]
) -> None:
    assert saved(client, patient, {"medicine": "metformin", **row}).status_code == 302
    assert Prescription.objects.get().schedules.get().rule == rule


def test_what_another_pattern_left_behind_does_not_count(
    client: Client, patient: Patient, metformin: Medicine
) -> None:
    row = {"medicine": "metformin", "pattern": "morning", "other_times": "23:00", "weekdays": ["2"]}
    saved(client, patient, row)
    assert Prescription.objects.get().schedules.get().rule == times("morning")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"medicine": ""}, "medicine"),
        ({"medicine": "aspirin"}, "medicine"),
        ({"medicine": "metformin 50"}, "medicine"),
        ({"quantity": "1e3"}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "0.3"}, "quantity"),
        ({"handed_out": "0"}, "handed_out"),
        ({"handed_out": "-28"}, "handed_out"),
        ({"handed_out": "1e3"}, "handed_out"),
        ({"handed_out": "29"}, "handed_out"),
        ({"pattern": "as_needed"}, "min_hours"),
        ({"pattern": "taper"}, "steps"),
        ({"pattern": "times"}, "slots"),
        ({"pattern": "yearly"}, "pattern"),
        ({"phrase": "with_beer"}, "phrase"),
        ({"start_date": "31/02/2027"}, "start_date"),
        ({"end_date": "23/11/2026"}, "end_date"),
        ({"instructions_en": "with juice"}, "instructions_af"),
        ({"instructions_af": "saam met sap"}, "instructions_en"),
        ({"phrase": "with_food", "instructions_en": "x" * 195, "instructions_af": "y"}, "instructions_en"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_is_saved(
    client: Client,
    patient: Patient,
    metformin: Medicine,
    amlodipine: Medicine,
    row: dict[str, Any],
    field: str,
) -> None:
    on_shelf(patient, metformin, "28")
    rows = [{"medicine": "amlodipine"}, {"medicine": "metformin", "handed_out": "1", **row}]
    answer = client.post(address(patient), filled(*rows))
    assert answer.status_code == 200
    assert list(answer.context["rows"].forms[1].errors) == [field]
    said = str(answer.context["rows"].forms[1].errors[field][0])
    assert said.replace("’", "&#x27;") in answer.content.decode().replace("’", "&#x27;")
    shown = answer.context["shown"]
    assert client.post(address(patient), filled(*rows, shown=shown)).status_code == 200
    assert not Prescription.objects.exists() and StockBatch.objects.get().quantity == 28


def test_an_empty_form_asks_for_a_medicine(client: Client, patient: Patient) -> None:
    answer = client.post(address(patient), filled())
    assert list(answer.context["rows"].forms[0].errors) == ["medicine"]


def test_what_fits_several_is_asked_about(client: Client, patient: Patient, metformin: Medicine) -> None:
    MedicineFactory(strength="850 mg")
    answer = client.post(address(patient), filled({"medicine": "metformin"}))
    said = answer.context["rows"].forms[0].errors["medicine"][0]
    assert "Metformin 500 mg" in said and "Metformin 850 mg" in said


def test_two_rows_cannot_hand_out_more_than_there_is_together(
    client: Client, patient: Patient, metformin: Medicine
) -> None:
    on_shelf(patient, metformin, "28")
    rows = [{"medicine": "metformin", "handed_out": "20"}, {"medicine": "metformin", "handed_out": "20"}]
    answer = client.post(address(patient), filled(*rows))
    assert "only 28 tablets" in answer.context["rows"].forms[1].errors["handed_out"][0]


def test_the_shelf_that_was_emptied_meanwhile_undoes_everything(
    client: Client, patient: Patient, metformin: Medicine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medications.admin.prescribe_form.PrescribeRows._check_shelf", lambda rows: None)
    row = {"medicine": "metformin", "handed_out": "28"}
    answer = saved(client, patient, row)
    assert answer.status_code == 200
    assert answer.context["rows"].forms[0].errors["handed_out"] == [
        "The clinic’s shelf has none of this medicine."
    ]
    assert not Prescription.objects.exists() and not EventRecord.objects.exists()


def test_packs_are_emptied_by_their_expiry(client: Client, patient: Patient, metformin: Medicine) -> None:
    late = on_shelf(patient, metformin, "100")
    soon = on_shelf(patient, metformin, "20", expiry_date=TODAY + timedelta(days=60))
    expired = on_shelf(patient, metformin, "50", expiry_date=TODAY - timedelta(days=1))
    assert saved(client, patient, {"medicine": "metformin", "handed_out": "28"}).status_code == 302
    left = dict(StockBatch.objects.values_list("id", "quantity"))
    assert (left[soon.pk], left[late.pk], left[expired.pk]) == (0, 92, 50)


def test_what_the_patient_takes_already_is_pointed_out(
    client: Client, patient: Patient, metformin: Medicine
) -> None:
    PrescriptionFactory(patient=patient, medicine=metformin)
    page = client.post(address(patient), filled({"medicine": "metformin"}))
    assert "This patient takes it already." in page.content.decode()


@pytest.mark.parametrize("form", ["capsule", "injection"])
def test_what_cannot_be_divided_is_given_whole(client: Client, patient: Patient, form: str) -> None:
    MedicineFactory(name_en="Amoxicillin", name_af="Amoksisillien", form=form)
    answer = client.post(address(patient), filled({"medicine": "amox", "quantity": "0.5"}))
    assert list(answer.context["rows"].forms[0].errors) == ["quantity"]


def test_another_clinics_own_medicine_is_not_found(client: Client, patient: Patient) -> None:
    MedicineFactory(name_en="Cough mixture", clinic=ClinicFactory())
    page = client.get(address(patient))
    assert "Cough mixture" not in page.content.decode()
    answer = client.post(address(patient), filled({"medicine": "cough"}))
    assert list(answer.context["rows"].forms[0].errors) == ["medicine"]


@pytest.mark.parametrize("asked", ["0", "x", "999999999999999999999", "", "1 or 1"])
def test_a_patient_who_is_none_is_not_found(client: Client, nurse: User, asked: str) -> None:
    assert client.get("/admin/prescriptions/new/", {"patient": asked}).status_code == 404


def test_another_clinics_patient_is_not_found(client: Client, nurse: User, metformin: Medicine) -> None:
    other = PatientFactory()
    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), filled({"medicine": "metformin"})).status_code == 404


@pytest.mark.parametrize("gone", [{"deceased_on": TODAY}, {"left_on": TODAY, "left_why": "moved"}])
def test_for_somebody_who_died_or_moved_away_nothing_is_prescribed(
    client: Client, patient: Patient, gone: dict[str, Any]
) -> None:
    Patient.objects.update(**gone)
    assert client.get(address(patient))["Location"] == f"/admin/patients/{patient.pk}/"
    assert client.post(address(patient), filled()).status_code == 302


def test_who_is_lost_to_follow_up_can_be_prescribed_to(client: Client, patient: Patient) -> None:
    Patient.objects.update(left_on=TODAY, left_why="lost")
    assert client.get(address(patient)).status_code == 200


@pytest.mark.parametrize(("quantity", "said"), [("1", False), ("2", True)])
def test_what_is_not_enough_for_the_first_day_lasts_until_none(
    client: Client, patient: Patient, metformin: Medicine, quantity: str, said: bool
) -> None:
    on_shelf(patient, metformin, "100")
    row = {
        "medicine": "metformin",
        "quantity": "2",
        "handed_out": quantity,
        "start_date": f"{TODAY + timedelta(days=3)}",
    }
    page = client.post(address(patient), filled(row)).content.decode()
    assert "Handed out now" in page
    assert ("enough until Friday 27 November" in page) is said and ("enough until" in page) is said


def test_the_page_has_a_constant_number_of_queries(client: Client, patient: Patient) -> None:
    PrescriptionFactory(patient=patient)
    client.get(address(patient))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(address(patient))
        return len(found)

    first = queries()
    for number in range(5):
        medicine = MedicineFactory(name_en=f"Medicine {number}")
        PrescriptionFactory(patient=patient, medicine=medicine)
    assert queries() == first
