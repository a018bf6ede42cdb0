"""The list of medicines, and one with its stock, its month and what was collected."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medications.models import Dose, Prescription, StockBatch, StockMovement
from medications.services.expansion import expand_doses
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_hand_out
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
    times,
)
from tests.medications.pages.conftest import HTMX, Family

State = Dose.State


@pytest.fixture
def metformin(family: Family) -> Prescription:
    """Thandi's, twice a day, its doses expanded."""
    prescription = PrescriptionFactory(patient=family.me)
    DoseScheduleFactory(prescription=prescription, rule=times("morning", "20:00"))
    expand_doses(now=NOW)
    return prescription


def page(reader: Client, prescription: Prescription | None = None, language: str = "en") -> str:
    response = reader.get(f"/{language}/medicines/{f'{prescription.pk}/' if prescription else ''}")
    assert response.status_code == 200
    return response.content.decode()


def collect(reader: Client, prescription: Prescription, language: str = "en", **fields: Any) -> Any:
    data = {"quantity": "28", "expiry_date": "2027-06-30", "batch_number": "B1", **fields}
    headers = data.pop("headers", {})
    return reader.post(f"/{language}/medicines/{prescription.pk}/collected/", data, headers=headers)


def test_the_list_says_how_and_when_and_how_long_it_lasts(reader: Client, metformin: Prescription) -> None:
    StockBatchFactory(prescription=metformin, quantity=Decimal(60))
    text = page(reader)
    assert "Metformin 500 mg" in text
    assert "1 tablet at 08:00 and 20:00, with food" in text
    assert "30 days left" in text
    assert "tag--go" in text


@pytest.mark.parametrize(
    ("quantity", "words", "kind"),
    [
        (10, "5 days left", "sun"),
        (2, "1 day left", "sun"),
        (0, "None left", "stop"),
        ("0.5", "Runs out today", "stop"),
    ],
)
def test_low_and_out_are_said_in_words(
    reader: Client, metformin: Prescription, quantity: Any, words: str, kind: str
) -> None:
    StockBatchFactory(prescription=metformin, quantity=Decimal(quantity))
    for text in (page(reader), page(reader, metformin)):
        assert words in text
        assert f"tag--{kind}" in text


def test_an_expired_batch_is_no_stock(reader: Client, metformin: Prescription) -> None:
    StockBatchFactory(prescription=metformin, quantity=Decimal(60), expiry_date=TODAY - timedelta(days=1))
    text = page(reader, metformin)
    assert "None left" in text
    assert "Expired" in text


def test_the_slots_are_the_patients_own(reader: Client, family: Family, metformin: Prescription) -> None:
    family.me.slot_times = {"morning": "06:30"}
    family.me.save()
    assert "1 tablet at 06:30 and 20:00" in page(reader, metformin)


def test_ended_prescriptions_are_folded_away(reader: Client, family: Family) -> None:
    PrescriptionFactory(patient=family.me, ended_at=NOW, medicine__name_en="Stopped")
    PrescriptionFactory(patient=family.me, end_date=TODAY - timedelta(days=1), medicine__name_en="Over")
    PrescriptionFactory(patient=family.me, end_date=TODAY, medicine__name_en="Lastday")
    text = page(reader)
    assert "2 that have ended" in text
    assert text.index("Lastday") < text.index("2 that have ended") < text.index("Stopped")
    assert "until 23 November 2026" in text


def test_the_list_is_that_of_the_chosen_person(reader: Client, family: Family) -> None:
    PrescriptionFactory(patient=family.lwazi, medicine__name_en="Syrup")
    assert "Syrup" not in page(reader)
    text = reader.get("/en/medicines/", {"who": family.lwazi.pk}, headers=HTMX).content.decode()
    assert "Syrup" in text
    assert "<html" not in text


def test_somebody_elses_medicine_says_for_whom(
    reader: Client, family: Family, metformin: Prescription
) -> None:
    assert "For " not in page(reader, metformin).split("</h1>")[1].split("</div>")[0]
    assert "For <bdi>Lwazi Nkosi</bdi>" in page(reader, PrescriptionFactory(patient=family.lwazi))


def test_a_plot_has_a_title_a_text_and_its_table(reader: Client, metformin: Prescription) -> None:
    StockBatchFactory(prescription=metformin, quantity=Decimal("29.5"))
    text = page(reader, metformin, "af")
    assert "<title" in text
    assert "<desc" in text
    assert "29,5 tablet" in text
    assert "Maandag 8 Desember" not in text
    points = text.split('<polyline class="plot__line" points="')[1].split('"')[0]
    assert all(len(point.split(",")) == 2 for point in points.split())
    assert "Dinsdag 24 November" in text.split('<table class="table">')[2]


def test_a_stock_that_nobody_counts_has_no_tag(reader: Client, metformin: Prescription) -> None:
    text = page(reader, metformin)
    assert "We are not counting your stock yet" in text
    assert "days left" not in page(reader)


def test_low_stock_and_expiry_are_shown_at_the_top(reader: Client, metformin: Prescription) -> None:
    StockBatchFactory(
        prescription=metformin,
        quantity=Decimal(90),
        expiry_date=TODAY + timedelta(days=2),
        batch_number="B77",
    )
    text = page(reader, metformin)
    assert "It runs out in 3 days" in text
    assert "Batch B77 expires after Thursday 26 November" in text


def test_doses_taken_without_stock_are_shown(reader: Client, metformin: Prescription) -> None:
    StockBatchFactory(prescription=metformin, quantity=Decimal(0))
    due = DoseFactory(schedule=metformin.schedules.get(), due_at=NOW)
    reader.post(f"/en/doses/{due.pk}/take/")
    text = page(reader, metformin)
    assert "Did you collect more?" in text
    assert "Taken since our count reached 0: 1 tablet." in text


def test_a_refill_is_noted(reader: Client, family: Family, metformin: Prescription) -> None:
    response = collect(reader, metformin, quantity="28,5")
    assert response.status_code == 302
    assert response["Location"] == f"/en/medicines/{metformin.pk}/"
    batch = StockBatch.objects.get()
    assert (batch.quantity, batch.expiry_date, batch.batch_number) == (
        Decimal("28.5"),
        date(2027, 6, 30),
        "B1",
    )
    assert batch.movements.get().by == family.thandi
    assert "Noted: you collected 28.5 tablets." in page(reader, metformin)


def seen(text: str) -> str:
    """What the form on this page knows of."""
    found = re.search(r'name="seen" value="(\d+)"', text)
    assert found
    return found[1]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_refill_that_is_sent_twice_is_noted_once(
    reader: Client, metformin: Prescription, headers: dict[str, str]
) -> None:
    form = seen(page(reader, metformin))
    first = collect(reader, metformin, seen=form, headers=headers)
    second = collect(reader, metformin, seen=form, headers=headers)
    assert first.status_code == second.status_code
    assert StockBatch.objects.get().quantity == 28
    if headers:
        assert "Noted: you collected 28 tablets." in second.content.decode()


def test_two_packs_that_are_alike_are_noted_one_after_the_other(
    reader: Client, metformin: Prescription
) -> None:
    for _pack in range(2):
        collect(reader, metformin, seen=seen(page(reader, metformin)))
    assert StockBatch.objects.count() == 2


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_was_noted_meanwhile_is_shown_before_anything_is_added(
    reader: Client, metformin: Prescription, headers: dict[str, str]
) -> None:
    form = seen(page(reader, metformin))
    stock_receive(
        medicine=metformin.medicine,
        prescription=metformin,
        quantity=Decimal(28),
        expiry_date=date(2027, 6, 30),
        now=NOW,
    )
    text = collect(reader, metformin, seen=form, headers=headers).content.decode()
    assert "Something was noted meanwhile. Save again only if you collected this as well." in text
    assert "Noted on Tuesday 24 November: 28 tablets. Save only what you collected besides." in text
    assert 'value="28"' in text
    assert StockBatch.objects.count() == 1

    collect(reader, metformin, seen=seen(text), headers=headers)
    assert StockBatch.objects.count() == 2


def test_what_the_clinic_handed_out_is_said_beside_the_form_for_a_week(
    reader: Client, family: Family, metformin: Prescription
) -> None:
    shelf = stock_receive(
        medicine=metformin.medicine,
        clinic=family.me.clinic,
        quantity=Decimal(100),
        expiry_date=date(2027, 6, 30),
        now=NOW,
    )
    handed_out = NOW - timedelta(days=6, hours=23)
    stock_hand_out(
        batch_id=shelf.pk,
        prescription_id=metformin.pk,
        quantity=Decimal(28),
        user=family.thandi,
        now=handed_out,
    )
    said = "Handed out by the clinic on Tuesday 17 November: 28 tablets."
    assert said in page(reader, metformin)
    assert "Deur die kliniek uitgereik op Dinsdag 17 November: 28 tablette." in page(reader, metformin, "af")
    StockMovement.objects.update(at=handed_out - timedelta(hours=1))
    assert said not in page(reader, metformin)


def test_a_refill_of_one_that_had_run_out_says_what_was_taken_since(
    reader: Client, metformin: Prescription
) -> None:
    stock_receive(
        medicine=metformin.medicine,
        prescription=metformin,
        quantity=Decimal(0),
        expiry_date=date(2027, 6, 30),
        now=NOW,
    )
    due = DoseFactory(schedule=metformin.schedules.get(), due_at=NOW)
    reader.post(f"/en/doses/{due.pk}/take/")
    assert "Did you collect more?" in page(reader, metformin)
    collect(reader, metformin, quantity="28½")
    assert StockBatch.objects.latest("id").quantity == Decimal("27.5")
    assert "Did you collect more?" not in page(reader, metformin)


def test_a_refill_with_htmx_brings_the_new_stock(reader: Client, metformin: Prescription) -> None:
    response = collect(reader, metformin, headers=HTMX)
    text = response.content.decode()
    assert '<div id="stock"' in text
    assert "14 days left" in text
    assert response["HX-Retarget"] == "#stock"
    assert '<div id="live" hx-swap-oob="innerHTML">Noted: you collected 28 tablets.</div>' in text


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"quantity": ""}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"quantity": "1,000"}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"quantity": "1e9"}, "quantity"),
        ({"quantity": "1e3"}, "quantity"),
        ({"quantity": "Infinity"}, "quantity"),
        ({"quantity": "0.0001"}, "quantity"),
        ({"expiry_date": ""}, "expiry_date"),
        ({"expiry_date": "06/30/2027"}, "expiry_date"),
        ({"expiry_date": "30/06/27"}, "expiry_date"),
        ({"expiry_date": "2026-11-23"}, "expiry_date"),
        ({"expiry_date": "20277-06-30"}, "expiry_date"),
        ({"expiry_date": "2077-06-30"}, "expiry_date"),
        ({"batch_number": "x" * 61}, "batch_number"),
        ({"batch_number": "a\0b"}, "batch_number"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_wrong_refill_shows_an_error_beside_its_field_and_changes_nothing(
    reader: Client, metformin: Prescription, fields: dict[str, str], about: str, headers: dict[str, str]
) -> None:
    response = collect(reader, metformin, headers=headers, **fields)
    assert response.status_code == 200
    text = response.content.decode()
    assert f'id="id_{about}_error"' in text
    assert 'aria-invalid="true"' in text
    assert ("<html" in text) == (not headers)
    assert not StockBatch.objects.exists()


def test_a_label_that_asks_ends_there(reader: Client, metformin: Prescription) -> None:
    text = collect(reader, metformin, quantity="").content.decode()
    assert "How many did you collect? Write how many.</a>" in text
    assert "Expiry date: " in collect(reader, metformin, expiry_date="").content.decode()


def test_today_is_the_first_date_that_has_not_expired(reader: Client, metformin: Prescription) -> None:
    assert collect(reader, metformin, expiry_date="2026-11-24").status_code == 302


def test_nothing_is_collected_for_what_has_ended(reader: Client, family: Family) -> None:
    ended = PrescriptionFactory(patient=family.me, ended_at=NOW)
    assert "/collected/" not in page(reader, ended)


def test_the_month_counts_each_outcome_by_itself(reader: Client, metformin: Prescription) -> None:
    schedule = metformin.schedules.get()
    outcomes = [State.TAKEN] * 4 + [State.SKIPPED] * 3 + [State.MISSED] * 2 + [State.UNANSWERED]
    for number, state in enumerate(outcomes, start=1):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=number), state=state)
    DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=24, hours=9), state=State.MISSED)  # in October
    facts = page(reader, metformin).split('<dl class="facts">')[1].split("</dl>")[0]
    assert [part.split("<")[0] for part in facts.split("<dd>")[1:]] == ["4", "3", "2", "1"]


def test_it_says_on_how_many_days_one_was_covered(reader: Client, family: Family) -> None:
    prescription = PrescriptionFactory(patient=family.me, start_date=TODAY - timedelta(days=200))
    schedule = DoseScheduleFactory(prescription=prescription)
    for number in range(121):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=number), quantity=2, state=State.TAKEN)
    for days_ago, quantity in ((120, 56), (50, 60), (40, 60)):
        stock_receive(
            medicine=prescription.medicine,
            prescription=prescription,
            quantity=Decimal(quantity),
            expiry_date=date(2027, 6, 30),
            now=NOW - timedelta(days=days_ago),
        )
    # Of the first fill the days 99 to 93 ago are in the period; the others follow each other from 50 ago to today.
    text = page(reader, prescription)
    assert "By our count, there was enough medicine on 58 of 100 days." in text
    assert "From 17 August to 24 November: 58% of the days." in text


def test_a_few_days_say_nothing_of_cover(reader: Client, metformin: Prescription) -> None:
    collect(reader, metformin)
    assert "By our count" not in page(reader, metformin)


def test_the_history_goes_back_two_weeks(reader: Client, family: Family, metformin: Prescription) -> None:
    schedule = metformin.schedules.get()
    for days, fields in (
        (1, {"state": State.SKIPPED, "skip_reason": "Felt sick"}),
        (2, {"state": State.TAKEN, "answered_by": family.pieter}),
        (15, {"state": State.SKIPPED, "skip_reason": "Long ago"}),
    ):
        DoseFactory(
            schedule=schedule,
            due_at=NOW - timedelta(days=days),
            answered_at=NOW - timedelta(days=days),
            **fields,
        )
    text = page(reader, metformin)
    assert "Felt sick" in text
    assert "08:00, <bdi>Pieter</bdi>" in text
    assert "Long ago" not in text


def test_a_medicine_makes_as_many_queries_however_long_its_history(
    reader: Client, metformin: Prescription
) -> None:
    schedule = metformin.schedules.get()
    counts = []
    for begins, ends in ((1, 11), (11, 101)):
        for number in range(begins, ends):
            DoseFactory(schedule=schedule, due_at=NOW - timedelta(hours=number), state=State.TAKEN)
            StockBatchFactory(prescription=metformin)
        with CaptureQueriesContext(connection) as queries:
            page(reader, metformin)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 28


def test_a_name_is_in_the_readers_language(reader: Client, family: Family) -> None:
    prescription = PrescriptionFactory(patient=family.me, medicine=MedicineFactory(form="ml"))
    DoseScheduleFactory(prescription=prescription, rule=times("08:00", quantity="2.5"))
    assert "Metformien 500 mg" in page(reader, language="af")
    assert "2,5 ml" in page(reader, prescription, "af")
    assert "saam met kos" in page(reader, prescription, "af")


def test_a_child_has_a_way_to_its_vaccinations(reader: Client, family: Family) -> None:
    assert "/vaccinations/" not in page(reader)
    VaccinationRecordFactory(patient=family.me, date_given=TODAY)
    assert "/vaccinations/" in page(reader)
