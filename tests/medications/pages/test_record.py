"""Recording a dose besides the plan: paracetamol as needed, and an extra dose."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from home.models import StaffRole
from medications.models import Dose, Prescription
from tests.factories import StaffRoleFactory
from tests.medications.factories import NOW, TODAY, DoseScheduleFactory, StockBatchFactory, times
from tests.medications.pages.conftest import HTMX, Family, hours

PARACETAMOL = {"kind": "as_needed", "min_hours": 6, "max_per_day": 4, "quantity": "2"}


@pytest.fixture
def paracetamol(family: Family) -> Prescription:
    schedule = DoseScheduleFactory(
        rule=PARACETAMOL, prescription__patient=family.me, prescription__medicine__name_en="Paracetamol"
    )
    return schedule.prescription


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def record(reader: Client, prescription: Prescription, language: str = "en", **fields: str) -> Any:
    data = {"day": TODAY.isoformat(), "time": "08:00", "quantity": "2", "seen": "0", **fields}
    return reader.post(f"/{language}/medicines/{prescription.pk}/record/", data)


def test_today_says_when_the_next_may_be_and_one_tap_records_it(
    reader: Client, family: Family, paracetamol: Prescription
) -> None:
    batch = StockBatchFactory(prescription=paracetamol)
    text = text_of(reader.get("/en/today/"))
    assert "You may take it now." in text
    assert "0 of at most 4 doses in 24 hours." in text
    response = reader.post(f"/en/medicines/{paracetamol.pk}/record/", {"now": "1"})
    assert response["Location"] == f"/en/today/?who={family.me.pk}#as-needed-{paracetamol.pk}"
    text = text_of(reader.get("/en/today/"))
    assert "The next may be at 14:00." in text
    assert "Last taken at 08:00. 1 of at most 4 doses in 24 hours." in text
    assert f'id="record-{paracetamol.pk}"' not in text
    assert "no doses today" in text  # it counts in no plan
    batch.refresh_from_db()
    assert batch.quantity == 26


def test_too_early_nothing_is_recorded_unless_it_was_taken_all_the_same(
    reader: Client, paracetamol: Prescription
) -> None:
    batch = StockBatchFactory(prescription=paracetamol)
    record(reader, paracetamol)
    with time_machine.travel(NOW + hours(2), tick=False):
        text = text_of(record(reader, paracetamol, time="10:00"))
        assert "Do not take it now" in text
        assert "There must be at least 6 hours between two doses." in text
        assert "The next may be at 14:00." in text
        assert "Nothing has been recorded." in text
        assert Dose.objects.count() == 1
        assert "Moenie dit nou neem nie" in text_of(record(reader, paracetamol, "af", time="10:00"))
        response = record(reader, paracetamol, time="10:00", all_the_same="1")
        assert response.status_code == 302
    dose = Dose.objects.latest("id")
    assert dose.over_limit
    assert "Too early or too much" in text_of(reader.get(f"/en/medicines/{paracetamol.pk}/history/"))
    batch.refresh_from_db()
    assert batch.quantity == 24


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"time": "08:01"}, "This time is still to come."),
        ({"day": (TODAY - timedelta(days=8)).isoformat()}, "Choose one of these days."),
        ({"day": ""}, "This field is required."),
        ({"quantity": ""}, "Write how many."),
        ({"quantity": "-2"}, "Write a number"),
        ({"quantity": "4"}, "At one time you may take at most 2 tablets."),
    ],
)
def test_what_cannot_be_is_said(
    reader: Client, paracetamol: Prescription, fields: dict[str, str], said: str
) -> None:
    text = text_of(record(reader, paracetamol, **fields))
    if fields.get("quantity") == "-2":
        assert "This must be more than 0." in text or said in text
    elif fields.get("day") == "":
        assert "nhsuk-error-message" in text
    else:
        assert said in text
    assert not Dose.objects.exists()


def test_before_it_was_prescribed_is_refused(reader: Client, paracetamol: Prescription) -> None:
    paracetamol.start_date = TODAY
    paracetamol.save()
    day = (TODAY - timedelta(days=1)).isoformat()
    text = text_of(record(reader, paracetamol, day=day))
    assert "This medicine was not prescribed at that time." in text


def test_an_extra_dose_of_a_scheduled_medicine(reader: Client, family: Family) -> None:
    prescription = DoseScheduleFactory(rule=times("08:00"), prescription__patient=family.me).prescription
    medicine = text_of(reader.get(f"/en/medicines/{prescription.pk}/"))
    assert f"/en/medicines/{prescription.pk}/record/" in medicine
    text = text_of(reader.get(f"/en/medicines/{prescription.pk}/record/"))
    assert "Record an extra dose" in text
    record(reader, prescription, quantity="1,5", time="07:30")
    dose = Dose.objects.get()
    assert (dose.kind, dose.quantity) == ("extra", Decimal("1.5"))
    assert "extra dose" in text_of(reader.get(f"/en/medicines/{prescription.pk}/history/"))
    today = text_of(reader.get("/en/today/"))
    assert "1 dose done" in today
    assert "no doses today" in today


def test_it_can_be_changed_and_taken_back(reader: Client, paracetamol: Prescription) -> None:
    record(reader, paracetamol)
    dose = Dose.objects.get()
    url = f"/en/doses/{dose.pk}/answer/"
    assert "Change what was recorded" in text_of(reader.get(url))
    seen = str(dose.answers.get().pk)
    data = {"day": TODAY.isoformat(), "time": "07:00", "quantity": "1", "seen": seen}
    assert reader.post(url, data).status_code == 302
    dose.refresh_from_db()
    assert (dose.due_at, dose.amount) == (NOW - hours(1), 1)
    stale = reader.post(url, {**data, "time": "06:00"}, follow=True)
    assert "Somebody changed it meanwhile." in text_of(stale)
    assert "taken back" in text_of(reader.post(f"/en/doses/{dose.pk}/undo/", follow=True))
    assert reader.post(f"/en/doses/{dose.pk}/undo/", headers=HTMX).status_code == 404
    history = text_of(reader.get(f"/en/medicines/{paracetamol.pk}/history/"))
    assert "2 tablets taken on 24 Nov, 08:00" in history
    assert "Answer taken back" in history
    assert "1 of at most" not in text_of(reader.get("/en/today/"))


def test_staff_see_what_was_taken_all_the_same_and_others_do_not(
    reader: Client, client: Client, family: Family, paracetamol: Prescription
) -> None:
    record(reader, paracetamol, time="07:00")
    record(reader, paracetamol, all_the_same="1")
    own = StaffRoleFactory(clinic=family.me.clinic, role=StaffRole.Role.NURSE).user
    other = StaffRoleFactory(role=StaffRole.Role.NURSE).user
    assert Group.objects.exists()
    client.force_login(own)
    page = text_of(client.get(f"/admin/prescriptions/{paracetamol.pk}/doses/"))
    for text in (page, text_of(client.get(f"/admin/prescriptions/edit/{paracetamol.pk}/"))):
        assert "1 dose of the last 30 days was taken too early or too much." in text
        assert "2 tablets taken on 24 Nov, 08:00" in text
        assert family.thandi.get_short_name() in text
    client.force_login(other)
    assert client.get(f"/admin/prescriptions/{paracetamol.pk}/doses/").status_code == 404


def test_of_a_medicine_that_was_stopped_it_says_too_why_nothing_was_recorded(
    reader: Client, paracetamol: Prescription
) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    Prescription.objects.filter(pk=paracetamol.pk).update(
        start_date=TODAY - timedelta(days=3), ended_at=NOW - timedelta(hours=1)
    )
    record(reader, paracetamol, day=yesterday, time="10:00")
    text = text_of(record(reader, paracetamol, day=yesterday, time="11:00"))
    assert "There must be at least 6 hours between two doses." in text
    assert paracetamol.doses.count() == 1
    record(reader, paracetamol, day=yesterday, time="11:00", all_the_same="1")
    assert paracetamol.doses.filter(over_limit=True).count() == 1
