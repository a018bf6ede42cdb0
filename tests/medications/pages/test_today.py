"""Today's page: its content and its order."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from home.models import CareRole
from medications.models import Dose
from tests.factories import UserFactory
from tests.medications.factories import NOW, DoseFactory, StockBatchFactory, VaccinationRecordFactory
from tests.medications.pages.conftest import HTMX, Family, MakeDose, hours

State = Dose.State


def page(reader: Client, who: Any = None, **extra: Any) -> str:
    response = reader.get("/en/today/", {"who": who.pk} if who else {}, **extra)
    assert response.status_code == 200
    return response.content.decode()


def test_it_greets_by_name_and_says_how_many_are_taken(reader: Client, dose: MakeDose) -> None:
    dose()
    dose(state=State.TAKEN, answered_at=NOW)
    text = page(reader)
    assert "Good morning, Thandi" in text
    assert "Tuesday 24 November · 1 of 2 doses taken" in text


@pytest.mark.parametrize(
    ("hour", "words"),
    [(3, "Good evening"), (6, "Good morning"), (13, "Good afternoon"), (19, "Good evening")],
)
def test_it_greets_by_the_time_of_day(reader: Client, hour: int, words: str) -> None:
    with time_machine.travel(datetime(2026, 11, 24, hour - 2, tzinfo=UTC)):
        assert f"{words}, Thandi" in page(reader)


def test_a_dose_that_is_due_can_be_taken_put_off_or_skipped(reader: Client, dose: MakeDose) -> None:
    due = dose()
    text = page(reader)
    assert "Metformin 500 mg" in text
    assert "1 tablet, with food" in text
    assert "dose--due" in text
    assert "Due now" in text
    assert f'action="/en/doses/{due.pk}/take/"' in text
    assert f"later={due.pk}" in text
    assert f"skip={due.pk}" in text


def test_a_later_dose_says_in_how_long_and_can_be_answered_early(reader: Client, dose: MakeDose) -> None:
    dose(due_at=NOW + hours(12))
    text = page(reader)
    assert "in 12 h" in text
    assert "this evening" in text
    assert "Answer now" in text
    assert "dose--due" not in text


@pytest.mark.parametrize("state", [State.MISSED, State.SCHEDULED, State.UNANSWERED])
def test_doses_that_were_not_answered_in_time_come_first(reader: Client, dose: MakeDose, state: str) -> None:
    dose(name="Taken", due_at=NOW - hours(6), state=State.TAKEN, answered_at=NOW - hours(6))
    dose(name="Forgotten", due_at=NOW - hours(3), state=state)
    text = page(reader)
    assert text.index("Forgotten") < text.index("Taken 500 mg")
    assert "Not answered" in text
    assert "dose--missed" in text


def test_after_midnight_yesterdays_open_dose_is_still_asked_for(reader: Client, dose: MakeDose) -> None:
    late = dose(due_at=datetime(2026, 11, 24, 20, tzinfo=UTC))  # 22:00
    with time_machine.travel(datetime(2026, 11, 24, 22, 30, tzinfo=UTC)):  # 00:30
        text = page(reader)
        assert "22:00" in text
        assert "yesterday" in text
        assert "no doses today" in text
        reader.post(f"/en/doses/{late.pk}/take/")
        late.refresh_from_db()
        assert late.state == State.TAKEN
        text = page(reader)
        assert "Taken at 00:30" in text
        assert f"/en/doses/{late.pk}/undo/" in text


def test_yesterdays_answered_and_older_open_doses_are_gone(reader: Client, dose: MakeDose) -> None:
    dose(name="Answered", due_at=NOW - hours(12), state=State.TAKEN, answered_at=NOW - hours(12))
    dose(name="Older", due_at=NOW - hours(25), state=State.MISSED)
    text = page(reader)
    assert "Answered" not in text
    assert "Older" not in text
    assert "Nothing to take today" in text


def test_the_day_is_local_to_the_patient(reader: Client, family: Family, dose: MakeDose) -> None:
    family.me.timezone = "Pacific/Auckland"
    family.me.save()
    dose(name="Tonight", due_at=datetime(2026, 11, 25, 10, 30, tzinfo=UTC))  # 23:30 there
    dose(name="Tomorrow", due_at=datetime(2026, 11, 25, 11, 30, tzinfo=UTC))  # 00:30 there
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC)):  # 01:00 of the 25th there
        text = page(reader)
    assert "Wednesday 25 November" in text
    assert "Tonight" in text
    assert "23:30" in text
    assert "Tomorrow" not in text
    assert "Pacific/Auckland" in text


def test_a_day_of_25_hours_is_shown_whole(reader: Client, family: Family, dose: MakeDose) -> None:
    family.me.timezone = "Europe/London"
    family.me.save()
    dose(name="First", due_at=datetime(2026, 10, 24, 23, 30, tzinfo=UTC))  # 00:30 BST
    dose(name="Last", due_at=datetime(2026, 10, 25, 23, 30, tzinfo=UTC))  # 23:30 GMT
    dose(name="Next", due_at=datetime(2026, 10, 26, 0, 30, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 10, 25, 0, 0, tzinfo=UTC)):
        text = page(reader)
    assert "First" in text
    assert "Last" in text
    assert "Next 500 mg" not in text
    assert "0 of 2 doses taken" in text


def test_open_doses_of_a_stopped_prescription_are_not_shown(reader: Client, dose: MakeDose) -> None:
    stopped = dose(due_at=NOW - hours(3), state=State.MISSED)
    stopped.prescription.ended_at = NOW - hours(1)
    stopped.prescription.save()
    text = page(reader)
    assert "Metformin" not in text


def test_an_answer_says_when_and_who_gave_it(reader: Client, family: Family, dose: MakeDose) -> None:
    dose(state=State.TAKEN, answered_at=NOW - hours(0.1), answered_by=family.pieter)
    assert "Taken at 07:54, says <bdi>Pieter</bdi>" in page(reader)


def test_the_chips_name_all_whom_one_cares_for_and_what_waits(
    reader: Client, family: Family, dose: MakeDose
) -> None:
    dose(patient=family.lwazi, name="Syrup")
    dose(patient=family.lwazi, name="Drops", due_at=NOW - hours(5), state=State.MISSED)
    dose(patient=family.sipho, name="Later", due_at=NOW + hours(5))
    text = page(reader, family.me)
    me = f'<a class="chip" id="chip-1" href="/en/today/?who={family.me.pk}" aria-current="true">Me</a>'
    assert me in text
    assert me.replace(' aria-current="true"', "") in page(
        reader, family.lwazi
    )  # the id keeps the keyboard's focus
    assert '<bdi>Lwazi</bdi>, 14 months <span class="numbers">2 due</span>' in text
    assert "><bdi>Sipho</bdi></a>" in text
    assert "Syrup" not in text
    assert "Syrup" in page(reader, family.lwazi)


def test_the_page_opens_with_the_person_who_has_a_dose_to_answer(
    reader: Client, family: Family, dose: MakeDose
) -> None:
    dose(name="Metformin", due_at=NOW + hours(5))
    assert "Metformin" in page(reader)
    dose(patient=family.lwazi, name="Syrup")
    assert "Syrup" in page(reader)
    dose(name="Amlodipine")
    assert "Syrup" not in page(reader)


def test_two_of_one_first_name_have_their_full_names(reader: Client, family: Family) -> None:
    family.sipho.first_name = "Thandi"
    family.sipho.last_name = "Mbeki"
    family.sipho.save()
    assert "><bdi>Thandi Mbeki</bdi></a>" in page(reader)


def test_a_carer_who_is_no_patient_begins_with_the_first_patient(
    client: Client, family: Family, dose: MakeDose
) -> None:
    nurse = UserFactory(first_name="Anna")
    CareRole.objects.create(user=nurse, patient=family.sipho, relation="carer")
    dose(patient=family.sipho)
    client.force_login(nurse)
    text = page(client)
    assert "Metformin" in text
    assert "><bdi>Sipho</bdi> " in text


def test_the_chips_are_missing_where_there_is_only_oneself(client: Client, family: Family) -> None:
    client.force_login(family.pieter)
    assert 'class="chips"' not in page(client)


def test_a_person_who_cares_for_nobody_has_a_page_that_says_so(client: Client, family: Family) -> None:
    client.force_login(UserFactory(first_name="Sister"))
    for path in ("today", "medicines", "vaccinations"):
        response = client.get(f"/en/{path}/")
        assert response.status_code == 200
        assert 'class="empty"' in response.content.decode()


@pytest.mark.parametrize("who", ["0", "x", "-1", "99999999999999999999999"])
def test_somebody_elses_patient_is_not_found(reader: Client, who: str) -> None:
    for path in ("today", "medicines"):
        assert reader.get(f"/en/{path}/", {"who": who}).status_code == 404


def test_a_medicine_is_named_in_the_readers_language(reader: Client, dose: MakeDose) -> None:
    dose(name="Insulin")
    text = reader.get("/af/today/").content.decode()
    assert '<html lang="af">' in text
    assert "Insulin-af 500 mg" in text
    assert "saam met kos" in text
    assert "Dinsdag 24 November" in text


def test_markup_in_a_name_is_inert(reader: Client, family: Family, dose: MakeDose) -> None:
    script = "<script>alert(1)</script>"
    family.lwazi.first_name = family.thandi.first_name = script
    family.lwazi.save()
    family.thandi.save()
    prescribed = dose(patient=family.lwazi, name=script).prescription
    prescribed.instructions_en = script
    prescribed.save()
    VaccinationRecordFactory(patient=family.lwazi, date_given=NOW.date(), vaccine__name_en=script)
    who = {"who": family.lwazi.pk}
    for path in ("/today/", "/medicines/", f"/medicines/{prescribed.pk}/", "/vaccinations/"):
        text = reader.get(f"/en{path}", who).content.decode()
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert(1)" not in text


def test_a_dose_taken_from_an_empty_stock_asks_whether_more_was_collected(
    reader: Client, dose: MakeDose
) -> None:
    taken = dose()
    StockBatchFactory(prescription=taken.prescription, quantity=0)
    reader.post(f"/en/doses/{taken.pk}/take/")
    text = page(reader)
    assert "Your stock count shows none left" in text
    assert f"/en/medicines/{taken.prescription_id}/" in text


def test_nothing_is_said_of_a_stock_that_nobody_counts(reader: Client, dose: MakeDose) -> None:
    reader.post(f"/en/doses/{dose().pk}/take/")
    assert "Your stock count" not in page(reader)


def test_a_child_has_a_way_to_its_vaccinations(reader: Client, family: Family) -> None:
    assert "/en/vaccinations/" not in page(reader)
    assert "/en/vaccinations/" in page(reader, family.lwazi)


def test_for_htmx_it_is_the_day_alone_with_its_summary(reader: Client, dose: MakeDose) -> None:
    dose()
    response = reader.get("/en/today/", headers=HTMX)
    text = response.content.decode()
    assert "<html" not in text
    assert '<div id="day"' in text
    assert '<p id="day-summary" hx-swap-oob="true">' in text
    assert "HX-Request" in response["Vary"]


def test_a_dose_that_fell_due_meanwhile_is_announced_once(reader: Client, dose: MakeDose) -> None:
    dose()
    assert (
        "Due now: Metformin 500 mg" in reader.get("/en/today/", {"due": "0"}, headers=HTMX).content.decode()
    )
    assert "Due now: Metformin" not in reader.get("/en/today/", {"due": "1"}, headers=HTMX).content.decode()


def test_a_form_that_is_open_survives_the_refresh(reader: Client, dose: MakeDose) -> None:
    open_form = dose()
    text = reader.get("/en/today/", {"due": "1", "skip": open_form.pk}, headers=HTMX).content.decode()
    assert f'id="skip-form-{open_form.pk}" hx-preserve="true"' in text
    assert "#day input[name='skip']" in text


@pytest.mark.parametrize("path", ["/en/today/", "/en/medicines/"])
def test_the_number_of_queries_does_not_grow(
    reader: Client,
    family: Family,
    dose: MakeDose,
    path: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def add(number: int) -> None:
        for count in range(number):
            each = dose(due_at=NOW + hours(count / 60))
            StockBatchFactory(prescription=each.prescription)
            DoseFactory(schedule=each.schedule, due_at=NOW - hours(1 + count / 60), state=State.MISSED)

    add(10)
    with CaptureQueriesContext(connection) as few:
        reader.get(path)
    add(90)
    with django_assert_num_queries(len(few)):
        reader.get(path)
    assert len(few) < 25


def test_the_page_asks_to_be_kept_for_when_there_is_no_connection(reader: Client, dose: MakeDose) -> None:
    due = dose()
    assert reader.get("/en/today/")["Offline-Copy"] == "keep"
    for answer in (
        reader.get("/en/today/", HTTP_HX_REQUEST="true"),
        reader.post(f"/en/doses/{due.pk}/take/", HTTP_HX_REQUEST="true"),
        reader.post(f"/en/doses/{due.pk}/undo/", HTTP_HX_REQUEST="true"),
    ):
        assert answer["Offline-Copy"] == "renew"
    assert "Offline-Copy" not in reader.get("/en/medicines/")
