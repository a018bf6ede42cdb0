"""A nurse hands out all of a patient's medicines in one form."""

import re
from collections.abc import Collection, Mapping
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
from home.record.next_visits import Calendar, NextVisit
from medications.models import Prescription, StockBatch, StockMovement
from medications.services.hand_out import Handed, HandOutError, hand_out
from medications.services.stock import stock_receive
from tests.factories import PatientFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, DoseScheduleFactory, MedicineFactory, times

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
    return PatientFactory(clinic=nurse.staff_roles.get().clinic)


@pytest.fixture
def metformin(patient: Patient) -> Prescription:
    return takes(patient, "Metformin", times("08:00", "20:00"))


@pytest.fixture
def insulin(patient: Patient) -> Prescription:
    return takes(patient, "Insulin", times("08:00"), form="injection")


def takes(patient: Patient, name: str, rule: dict[str, Any], **more: Any) -> Prescription:
    medicine = MedicineFactory(name_en=name, name_af=name, **more)
    schedule = DoseScheduleFactory(prescription__patient=patient, prescription__medicine=medicine, rule=rule)
    prescription: Prescription = schedule.prescription
    return prescription


def on_shelf(prescription: Prescription, quantity: str, days: int = 200, number: str = "") -> StockBatch:
    return stock_receive(
        medicine=prescription.medicine,
        clinic=prescription.patient.clinic,
        quantity=Decimal(quantity),
        expiry_date=TODAY + timedelta(days=days),
        batch_number=number,
        now=NOW,
    )


def address(patient: Patient) -> str:
    return f"/admin/patients/{patient.pk}/hand-out/"


def filled(prescription: Prescription, quantity: str, **more: str) -> dict[str, str]:
    values = {"quantity": quantity, "source": "soonest", "expiry_date": "", "why": "", **more}
    return {"seen": "0", **{f"row-{prescription.pk}-{name}": value for name, value in values.items()}}


def errors(answer: Any) -> dict[str, list[str]]:
    return {name: list(form.errors[name]) for form in answer.context["rows"].forms for name in form.errors}


def visits_on(monkeypatch: pytest.MonkeyPatch, patient: Patient, days: int) -> None:
    visit = NextVisit(TODAY + timedelta(days=days), "collection")
    calendar = Calendar(lambda ids, today: {patient.pk: visit}, lambda *asked: [])
    monkeypatch.setattr(next_visits, "_calendar", calendar)


def test_what_is_needed_for_28_days_stands_there(
    client: Client, patient: Patient, metformin: Prescription, insulin: Prescription
) -> None:
    on_shelf(metformin, "100")
    on_shelf(insulin, "20")
    rows = client.get(address(patient)).context["rows"]
    assert [form["quantity"].value() for form in rows.forms] == ["56", None]


def test_it_is_what_is_needed_until_the_next_visit(
    client: Client, patient: Patient, metformin: Prescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_shelf(metformin, "100")
    visits_on(monkeypatch, patient, 9)
    page = client.get(address(patient))
    assert page.context["rows"].forms[0]["quantity"].value() == "18"
    assert "Filled in for 9 days, until the next visit on Thursday 3 December" in page.content.decode()


def test_on_the_day_of_a_visit_it_is_what_is_needed_until_the_one_after(
    client: Client, patient: Patient, metformin: Prescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_shelf(metformin, "200")
    visits = [NextVisit(TODAY + timedelta(days=days), "collection") for days in (0, 56)]

    def next_of(ids: Collection[int], today: date) -> Mapping[int, NextVisit]:
        return {patient.pk: next(visit for visit in visits if visit.day >= today)}

    monkeypatch.setattr(next_visits, "_calendar", Calendar(next_of, lambda *asked: []))
    page = client.get(address(patient))
    assert page.context["rows"].forms[0]["quantity"].value() == "112"
    assert "until the next visit on Tuesday 19 January" in page.content.decode()


@pytest.mark.parametrize("there", [100, 28])
def test_a_form_that_is_sent_twice_hands_out_once(
    client: Client, patient: Patient, metformin: Prescription, there: int
) -> None:
    on_shelf(metformin, f"{there}")
    sent = {**filled(metformin, "28"), "seen": client.get(address(patient)).context["seen"]}
    first, second = (client.post(address(patient), sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 200)
    said = second.content.decode()
    assert "This was handed out already. Look at the patient’s page." in said
    assert f'name="seen" value="{sent["seen"]}"' in said, "once more is refused as well"
    assert [batch.quantity for batch in StockBatch.objects.order_by("id")] == [there - 28, 28]
    on_shelf(metformin, "28")
    later = {**sent, "seen": client.get(address(patient)).context["seen"]}
    assert client.post(address(patient), later).status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999999999"])
def test_a_form_without_what_was_seen_hands_out_nothing(
    client: Client, patient: Patient, metformin: Prescription, seen: str
) -> None:
    on_shelf(metformin, "100")
    assert client.post(address(patient), {**filled(metformin, "28"), "seen": seen}).status_code == 200
    assert StockBatch.objects.get().quantity == 100


def test_homes_are_held_in_the_order_of_everybody_else(
    client: Client, patient: Patient, metformin: Prescription, insulin: Prescription
) -> None:
    takes_later = DoseScheduleFactory(
        prescription__patient=patient, prescription__medicine=metformin.medicine
    ).prescription
    prescriptions = [metformin, insulin, takes_later]
    for each in prescriptions[:2]:
        on_shelf(each, "100")
    sent = {key: value for each in prescriptions for key, value in filled(each, "10").items()}
    with CaptureQueriesContext(connection) as found:
        assert client.post(address(patient), sent).status_code == 302
    held = re.compile(
        r'SELECT "medications_prescription"\."id".* WHERE "medications_prescription"\."id" = (\d+)'
    )
    order = [int(match[1]) for query in found if (match := held.match(query["sql"]))]
    assert list(dict.fromkeys(order)) == sorted(each.pk for each in prescriptions)


def test_all_are_handed_out_the_soonest_expiry_first(
    client: Client, nurse: User, patient: Patient, metformin: Prescription, insulin: Prescription
) -> None:
    late, soon = on_shelf(metformin, "100"), on_shelf(metformin, "20", days=30)
    on_shelf(insulin, "28")
    answer = client.post(address(patient), {**filled(metformin, "56"), **filled(insulin, "28")})
    assert answer["Location"] == f"/admin/patients/{patient.pk}/"
    left = dict(StockBatch.objects.values_list("id", "quantity"))
    assert (left[soon.pk], left[late.pk]) == (0, 64)
    assert sum(metformin.batches.values_list("quantity", flat=True)) == 56
    assert sum(insulin.batches.values_list("quantity", flat=True)) == 28
    assert StockMovement.objects.filter(by=nurse, kind="handed_out").count() == 6


def test_another_pack_can_be_chosen(client: Client, patient: Patient, metformin: Prescription) -> None:
    late, soon = on_shelf(metformin, "100"), on_shelf(metformin, "20", days=30)
    client.post(address(patient), filled(metformin, "28", source=str(late.pk)))
    left = dict(StockBatch.objects.values_list("id", "quantity"))
    assert (left[soon.pk], left[late.pk]) == (20, 72)


def test_what_is_from_elsewhere_leaves_the_shelf_alone(
    client: Client, patient: Patient, metformin: Prescription
) -> None:
    shelf = on_shelf(metformin, "100")
    more = {"source": "elsewhere", "expiry_date": "30 June 2027", "why": "another pharmacy"}
    assert client.post(address(patient), filled(metformin, "30", **more)).status_code == 302
    shelf.refresh_from_db()
    movement = StockMovement.objects.get(batch__prescription=metformin)
    assert (shelf.quantity, movement.quantity, movement.kind) == (100, 30, "received")
    assert movement.why == "another pharmacy"


@pytest.mark.parametrize(
    ("quantity", "more", "field"),
    [
        ("121", {}, "quantity"),
        ("0", {}, "quantity"),
        ("-28", {}, "quantity"),
        ("1e3", {}, "quantity"),
        ("28.1", {}, "quantity"),
        ("28", {"source": "0"}, "source"),
        ("28", {"source": "elsewhere"}, "expiry_date"),
        ("28", {"source": "elsewhere", "expiry_date": "June"}, "expiry_date"),
        ("28", {"source": "elsewhere", "expiry_date": "23 November 2026"}, "expiry_date"),
        ("28", {"source": "elsewhere", "expiry_date": "30 June 2020"}, "expiry_date"),
        ("28", {"source": "elsewhere", "expiry_date": "30 June 2150"}, "expiry_date"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_is_handed_out(
    client: Client,
    patient: Patient,
    metformin: Prescription,
    insulin: Prescription,
    quantity: str,
    more: dict[str, str],
    field: str,
) -> None:
    on_shelf(metformin, "100")
    on_shelf(metformin, "20")
    on_shelf(insulin, "28")
    answer = client.post(address(patient), {**filled(metformin, quantity, **more), **filled(insulin, "28")})
    assert answer.status_code == 200 and list(errors(answer)) == [field]
    assert not StockBatch.objects.filter(prescription__isnull=False).exists()


def test_it_says_what_the_shelf_has(client: Client, patient: Patient, metformin: Prescription) -> None:
    on_shelf(metformin, "20")
    on_shelf(metformin, "500", days=-1)
    answer = client.post(address(patient), filled(metformin, "28"))
    assert errors(answer) == {"quantity": ["The clinic’s shelf has only 20 tablets."]}


def test_two_prescriptions_of_one_medicine_share_the_shelf(
    client: Client, patient: Patient, metformin: Prescription
) -> None:
    twice = DoseScheduleFactory(prescription__patient=patient, prescription__medicine=metformin.medicine)
    on_shelf(metformin, "30")
    answer = client.post(address(patient), {**filled(metformin, "20"), **filled(twice.prescription, "20")})
    assert list(errors(answer)) == ["quantity"]
    assert StockBatch.objects.get().quantity == 30


def test_a_shelf_that_was_emptied_meanwhile_undoes_everything(
    client: Client,
    patient: Patient,
    metformin: Prescription,
    insulin: Prescription,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("medications.admin.hand_out_form.HandOutRows._check_shelf", lambda rows: None)
    on_shelf(metformin, "100")
    answer = client.post(address(patient), {**filled(metformin, "28"), **filled(insulin, "28")})
    assert errors(answer) == {"quantity": ["The clinic’s shelf has none of this medicine."]}
    assert StockBatch.objects.get().quantity == 100


def test_half_tablets_can_be_handed_out_and_half_injections_cannot(
    client: Client, patient: Patient, metformin: Prescription, insulin: Prescription
) -> None:
    on_shelf(metformin, "100")
    on_shelf(insulin, "100")
    answer = client.post(address(patient), {**filled(metformin, "10,5"), **filled(insulin, "10.5")})
    assert [list(form.errors) for form in answer.context["rows"].forms] == [[], ["quantity"]]
    assert client.post(address(patient), filled(metformin, "10,5")).status_code == 302


def test_nothing_filled_in_is_said(client: Client, patient: Patient, metformin: Prescription) -> None:
    page = client.post(address(patient), filled(metformin, "")).content.decode()
    assert "Write how many are handed out of at least one medicine." in page


def test_what_was_stopped_is_not_offered(client: Client, patient: Patient, metformin: Prescription) -> None:
    Prescription.objects.update(ended_at=NOW)
    page = client.get(address(patient))
    assert "nothing to hand out" in page.content.decode()
    assert client.post(address(patient), filled(metformin, "28")).status_code == 200


@pytest.mark.parametrize("gone", [{"deceased_on": TODAY}, {"left_on": TODAY, "left_why": "moved"}])
@pytest.mark.parametrize("source", ["soonest", "elsewhere"])
def test_to_somebody_who_died_or_moved_away_nothing_is_handed_out(
    client: Client, patient: Patient, metformin: Prescription, gone: dict[str, Any], source: str
) -> None:
    on_shelf(metformin, "100")
    Patient.objects.update(**gone)
    sent = filled(metformin, "28", source=source, expiry_date="30 June 2027")
    for answer in (client.get(address(patient)), client.post(address(patient), sent)):
        assert answer["Location"] == f"/admin/patients/{patient.pk}/"
    page = client.get("/admin/prescriptions/").content.decode()
    assert "died or moved away. Say first that they are back." in page
    assert not StockBatch.objects.filter(prescription__isnull=False).exists()


@pytest.mark.parametrize("more", [{}, {"expiry_date": TODAY}])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ended_at": NOW}, "This prescription has ended."),
        (
            {"patient__left_why": "moved"},
            "This patient has died or moved away. Say first that they are back.",
        ),
    ],
)
def test_what_ended_meanwhile_is_not_handed_out_wherever_it_is_from(
    nurse: User, metformin: Prescription, change: dict[str, Any], said: str, more: dict[str, Any]
) -> None:
    on_shelf(metformin, "100")
    Prescription.objects.update(ended_at=change.get("ended_at"))
    Patient.objects.update(left_why=change.get("patient__left_why", ""))
    handed = [Handed(prescription=metformin, quantity=Decimal(28), **more)]
    with pytest.raises(HandOutError) as refused:
        hand_out(patient_id=metformin.patient_id, handed=handed, seen=0, user=nurse, now=NOW)
    assert refused.value.error.message_dict == {"quantity": [said]}
    assert not StockBatch.objects.filter(prescription__isnull=False).exists()


def test_another_clinics_patient_is_not_found(client: Client, nurse: User) -> None:
    assert client.get(address(PatientFactory())).status_code == 404
    assert client.post(address(PatientFactory())).status_code == 404


def test_it_has_a_constant_number_of_queries(
    client: Client, patient: Patient, metformin: Prescription
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(address(patient))
        return len(found)

    queries()
    first = queries()
    for number in range(4):
        on_shelf(takes(patient, f"Medicine {number}", times("08:00")), "100")
    assert queries() == first
