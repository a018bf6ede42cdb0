"""Taken, later, skipped and undone, from the page, with HTMX and without."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from medications.models import Dose, StockBatch
from tests.medications.factories import NOW, StockBatchFactory
from tests.medications.pages.conftest import HTMX, Family, MakeDose, hours

State = Dose.State


def test_taken_takes_stock_and_comes_back_to_the_dose(reader: Client, family: Family, dose: MakeDose) -> None:
    due = dose()
    batch = StockBatchFactory(prescription=due.prescription)
    response = reader.post(f"/en/doses/{due.pk}/take/")
    assert response.status_code == 302
    assert response["Location"] == f"/en/today/?who={family.me.pk}&answered={due.pk}#dose-{due.pk}"
    assert [str(each) for each in get_messages(response.wsgi_request)] == [
        "Metformin 500 mg: taken at 08:00."
    ]
    due.refresh_from_db()
    assert due.state == State.TAKEN
    assert StockBatch.objects.get(pk=batch.pk).quantity == 27


def test_with_htmx_the_card_is_swapped_and_the_counts_beside_it(reader: Client, dose: MakeDose) -> None:
    due = dose()
    dose(name="Simvastatin")
    response = reader.post(f"/en/doses/{due.pk}/take/", headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count("<article") == 1
    assert f'id="dose-{due.pk}"' in text
    assert "Taken at 08:00" in text
    assert '<p id="day-summary" hx-swap-oob="true">Tuesday 24 November · 1 of 2 doses taken</p>' in text
    assert '<div id="people" hx-swap-oob="true">' in text
    assert 'Me <span class="numbers">1 due</span>' in text
    assert '<div id="live" hx-swap-oob="innerHTML">Metformin 500 mg: taken at 08:00.</div>' in text


def test_undo_stands_out_for_ten_seconds_and_stays(reader: Client, dose: MakeDose) -> None:
    due = dose()
    text = reader.post(f"/en/doses/{due.pk}/take/", headers=HTMX).content.decode()
    assert 'class="undo"' in text
    assert 'hx-trigger="load delay:10s"' in text
    quiet = reader.get(f"/en/doses/{due.pk}/", headers=HTMX).content.decode()
    assert 'class="undo"' not in quiet
    assert "delay:10s" not in quiet
    assert f"/en/doses/{due.pk}/undo/" in quiet


def test_undo_asks_again_and_gives_the_stock_back(reader: Client, dose: MakeDose) -> None:
    due = dose()
    batch = StockBatchFactory(prescription=due.prescription)
    reader.post(f"/en/doses/{due.pk}/take/")
    text = reader.post(f"/en/doses/{due.pk}/undo/", headers=HTMX).content.decode()
    assert "dose--due" in text
    assert StockBatch.objects.get(pk=batch.pk).quantity == 28


def test_later_says_when_the_reminder_comes(reader: Client, dose: MakeDose) -> None:
    text = reader.post(f"/en/doses/{dose().pk}/snooze/", headers=HTMX).content.decode()
    assert "We will remind you again at 08:15" in text
    assert "dose--due" in text


def test_later_is_not_offered_past_reminding(reader: Client, dose: MakeDose) -> None:
    over = dose(due_at=NOW - hours(1), remind_until=NOW)
    text = reader.get(f"/en/doses/{over.pk}/", headers=HTMX).content.decode()
    assert f"/en/doses/{over.pk}/take/" in text
    assert "snooze" not in text


def test_skip_asks_for_a_reason_that_may_be_left_out(reader: Client, dose: MakeDose) -> None:
    due = dose()
    for text in (
        reader.get("/en/today/", {"skip": due.pk}).content.decode(),
        reader.get(f"/en/doses/{due.pk}/", {"skip": 1}, headers=HTMX).content.decode(),
    ):
        assert f'action="/en/doses/{due.pk}/skip/"' in text
        assert 'name="reason"' in text
    reader.post(f"/en/doses/{due.pk}/skip/", {"reason": ""})
    due.refresh_from_db()
    assert due.state == State.SKIPPED


def test_a_reason_is_kept_and_shown(reader: Client, dose: MakeDose) -> None:
    due = dose()
    reader.post(f"/en/doses/{due.pk}/skip/", {"reason": "I felt \0sick <b>"})
    due.refresh_from_db()
    assert due.skip_reason == "I felt sick <b>"
    assert "Skipped at 08:00: <bdi>I felt sick &lt;b&gt;</bdi>" in reader.get("/en/today/").content.decode()


def test_a_missed_dose_can_still_be_answered(reader: Client, dose: MakeDose) -> None:
    missed = dose(due_at=NOW - hours(5), state=State.MISSED)
    reader.post(f"/en/doses/{missed.pk}/take/")
    missed.refresh_from_db()
    assert missed.state == State.TAKEN


def test_answering_twice_changes_nothing(reader: Client, dose: MakeDose) -> None:
    due = dose()
    batch = StockBatchFactory(prescription=due.prescription)
    reader.post(f"/en/doses/{due.pk}/take/", headers=HTMX)
    assert "Taken at 08:00" in reader.post(f"/en/doses/{due.pk}/take/", headers=HTMX).content.decode()
    text = reader.post(f"/en/doses/{due.pk}/skip/", {"reason": "no"}, headers=HTMX).content.decode()
    assert "Taken at 08:00" in text
    assert StockBatch.objects.get(pk=batch.pk).quantity == 27


def test_a_childs_dose_is_answered_by_its_guardian(reader: Client, family: Family, dose: MakeDose) -> None:
    syrup = dose(patient=family.lwazi, name="Syrup")
    text = reader.post(f"/en/doses/{syrup.pk}/take/", headers=HTMX).content.decode()
    assert "1 of 1 dose taken" in text
    assert f'who={family.lwazi.pk}" aria-current="true"' in text
    syrup.refresh_from_db()
    assert syrup.answered_by == family.thandi


def test_an_answer_without_sign_in_leads_to_the_day(client: Client, dose: MakeDose) -> None:
    due = dose()
    response = client.post(f"/en/doses/{due.pk}/take/")
    assert response.status_code == 302
    assert response["Location"].endswith("?next=/en/today/")
    assert client.post(f"/en/doses/{due.pk}/take/", headers=HTMX).status_code == 401
    due.refresh_from_db()
    assert due.state == State.SCHEDULED


def test_a_dose_by_its_address_is_found_on_its_day(reader: Client, family: Family, dose: MakeDose) -> None:
    syrup = dose(patient=family.lwazi)
    assert (
        reader.get(f"/en/doses/{syrup.pk}/")["Location"]
        == f"/en/today/?who={family.lwazi.pk}#dose-{syrup.pk}"
    )


@pytest.mark.parametrize("action", ["take", "skip", "snooze", "undo"])
def test_an_answer_needs_a_token(family: Family, dose: MakeDose, action: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(family.thandi)
    assert strict.post(f"/en/doses/{dose().pk}/{action}/").status_code == 403
