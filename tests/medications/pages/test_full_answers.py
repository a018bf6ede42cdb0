"""The page on which a dose is answered in full, past days, what is later and by how much, and the history."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medications.models import Dose
from tests.medications.factories import NOW, TODAY, DoseFactory, StockBatchFactory
from tests.medications.pages.conftest import HTMX, Family, MakeDose, hours

State = Dose.State
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def form(dose: Dose, **fields: Any) -> dict[str, Any]:
    return {"answer": "taken", "day": YESTERDAY, "time": "20:15", "quantity": "0.5", "seen": "0", **fields}


@pytest.fixture
def late(dose: MakeDose) -> Dose:
    """Yesterday's evening dose, which nobody answered."""
    return dose(due_at=NOW - hours(12), state=State.MISSED)


def test_yesterdays_half_tablet(reader: Client, family: Family, late: Dose) -> None:
    batch = StockBatchFactory(prescription=late.prescription)
    text = text_of(reader.get(f"/en/doses/{late.pk}/answer/"))
    assert "For yesterday at 20:00" in text
    assert "The whole dose is 1 tablet. Half a tablet is 0.5." in text
    response = reader.post(f"/en/doses/{late.pk}/answer/", form(late))
    assert response.status_code == 302
    late.refresh_from_db()
    assert (late.state, late.taken_quantity) == (State.TAKEN, Decimal("0.5"))
    assert late.taken_at == datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
    batch.refresh_from_db()
    assert batch.quantity == Decimal("27.5")
    day = text_of(reader.get("/en/today/", {"day": YESTERDAY, "who": family.me.pk}))
    assert "Taken at 20:15: 0.5 tablet" in day


@pytest.mark.parametrize(
    ("language", "fields", "said"),
    [
        ("en", {"day": TODAY.isoformat(), "time": "08:01"}, "This time is still to come."),
        ("en", {"day": YESTERDAY, "time": "07:59"}, "more than 12 hours before the dose was due"),
        ("en", {"day": "2026-01-01"}, "Choose one of these days."),
        ("en", {"time": "half past"}, "Write the time as hours and minutes: 14:30."),
        ("en", {"time": ""}, "Write at what time."),
        (
            "en",
            {"quantity": "1.5"},
            "The whole dose is 1 tablet. Record what was taken besides as an extra dose.",
        ),
        ("en", {"quantity": "0"}, "This must be more than 0."),
        ("en", {"quantity": "1e3"}, "Write a number, such as 28 or 0.5."),
        ("af", {"quantity": "1,5"}, "Die hele dosis is 1 tablet."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    reader: Client, late: Dose, language: str, fields: dict[str, str], said: str
) -> None:
    text = text_of(reader.post(f"/{language}/doses/{late.pk}/answer/", form(late, **fields)))
    assert said in text
    assert 'class="nhsuk-error-message"' in text
    late.refresh_from_db()
    assert late.state == State.MISSED


def test_a_decimal_comma_and_a_half_sign_are_numbers(reader: Client, late: Dose) -> None:
    for typed in ("0,5", "½"):
        seen = late.answers.order_by("-id").values_list("id", flat=True).first() or 0
        reader.post(f"/en/doses/{late.pk}/answer/", form(late, quantity=typed, seen=seen))
        late.refresh_from_db()
        assert late.taken_quantity == Decimal("0.5")


def test_a_reason_of_the_short_list_is_kept_as_a_code_and_read_in_each_language(
    reader: Client, late: Dose
) -> None:
    reader.post(
        f"/en/doses/{late.pk}/answer/", {"answer": "skipped", "code": "ran_out", "reason": "till Friday"}
    )
    late.refresh_from_db()
    assert (late.state, late.skip_code, late.skip_reason) == (State.SKIPPED, "ran_out", "till Friday")
    assert "I had none left: till Friday" in text_of(reader.get("/en/today/", {"day": YESTERDAY}))
    assert "Ek het niks oorgehad nie: till Friday" in text_of(reader.get("/af/today/", {"day": YESTERDAY}))
    assert "code" in text_of(
        reader.post(f"/en/doses/{late.pk}/answer/", {"answer": "skipped", "code": "x", "seen": "0"})
    )


def test_a_card_offers_the_short_list_too(reader: Client, dose: MakeDose) -> None:
    due = dose()
    text = text_of(reader.get(f"/en/doses/{due.pk}/", {"skip": 1}, headers=HTMX))
    assert 'value="unwell"' in text
    reader.post(f"/en/doses/{due.pk}/skip/", {"code": "unwell"})
    due.refresh_from_db()
    assert due.skip_code == "unwell"
    again = dose(name="Other")
    reader.post(f"/en/doses/{again.pk}/skip/", {"code": "nonsense"})
    again.refresh_from_db()
    assert (again.state, again.skip_code) == (State.SKIPPED, "")


def test_a_correction_keeps_what_stood_and_a_stale_form_changes_nothing(reader: Client, late: Dose) -> None:
    reader.post(f"/en/doses/{late.pk}/answer/", form(late))
    answer = late.answers.get()
    page = text_of(reader.get(f"/en/doses/{late.pk}/answer/"))
    assert f'name="seen" value="{answer.pk}"' in page
    assert "0.5 tablet taken on 23 Nov, 20:15" in page
    stale = reader.post(f"/en/doses/{late.pk}/answer/", {"answer": "skipped", "seen": "0"}, follow=True)
    assert "Somebody answered meanwhile." in text_of(stale)
    reader.post(f"/en/doses/{late.pk}/answer/", {"answer": "skipped", "code": "forgot", "seen": answer.pk})
    late.refresh_from_db()
    assert late.state == State.SKIPPED
    history = text_of(reader.get(f"/en/medicines/{late.prescription_id}/history/"))
    assert history.index("0.5 tablet taken on 23 Nov, 20:15") < history.index("Not taken: I forgot")


class TestPastDays:
    def test_yesterday_is_a_link_away_and_is_answered_at_its_time(
        self, reader: Client, family: Family, late: Dose
    ) -> None:
        with time_machine.travel(NOW + hours(13), tick=False):
            today = text_of(reader.get("/en/today/"))
            assert "1 dose of the last week has no answer." in today
            assert f"/en/today/?who={family.me.pk}&amp;day={YESTERDAY}" in today
            page = text_of(reader.get("/en/today/", {"day": YESTERDAY}))
            assert "Yesterday" in page
            assert "0 of 1 dose taken" in page
            assert "I took it at 20:00" in page
            data = {"at_its_time": "1", "day": YESTERDAY}
            response = reader.post(f"/en/doses/{late.pk}/take/", data)
        who = f"who={family.me.pk}&day={YESTERDAY}&answered={late.pk}"
        assert response["Location"] == f"/en/today/?{who}#dose-{late.pk}"
        late.refresh_from_db()
        assert (late.taken_at, late.state) == (late.due_at, State.TAKEN)

    def test_with_htmx_the_counts_are_those_of_the_day(self, reader: Client, late: Dose) -> None:
        response = reader.post(f"/en/doses/{late.pk}/take/", {"day": YESTERDAY}, headers=HTMX)
        text = text_of(response)
        assert "Monday 23 November · 1 of 1 dose taken" in text
        assert f'name="day" value="{YESTERDAY}"' in text

    @pytest.mark.parametrize(("days", "shown"), [(1, True), (7, True), (8, False), (0, False), (-1, False)])
    def test_it_goes_back_seven_days(self, reader: Client, family: Family, days: int, shown: bool) -> None:
        day = (TODAY - timedelta(days=days)).isoformat()
        assert reader.get("/en/today/", {"day": day}).status_code == (200 if shown else 302)

    def test_nonsense_leads_to_today(self, reader: Client, family: Family) -> None:
        assert reader.get("/en/today/", {"day": "yesterday"})["Location"].startswith("/en/today/")

    def test_what_is_older_is_only_read(self, reader: Client, dose: MakeDose) -> None:
        old = dose(due_at=NOW - timedelta(days=9), state=State.MISSED)
        text = text_of(reader.get(f"/en/doses/{old.pk}/answer/"))
        assert "This dose is more than a week old." in text
        assert text_of(reader.post(f"/en/doses/{old.pk}/answer/", form(old)))
        old.refresh_from_db()
        assert old.state == State.MISSED

    def test_a_stopped_prescription_asks_for_nothing(
        self, reader: Client, family: Family, late: Dose
    ) -> None:
        late.prescription.ended_at = NOW
        late.prescription.save()
        with time_machine.travel(NOW + hours(13), tick=False):
            assert "has no answer" not in text_of(reader.get("/en/today/"))


class TestLater:
    def test_one_says_by_how_much(self, reader: Client, dose: MakeDose) -> None:
        due = dose()
        text = text_of(reader.get(f"/en/doses/{due.pk}/", {"later": 1}, headers=HTMX))
        for minutes in (15, 30, 60, 120):
            assert f'name="minutes" value="{minutes}"' in text
        assert f"/en/doses/{due.pk}/snooze/" in text_of(reader.get("/en/today/", {"later": due.pk}))
        text = text_of(reader.post(f"/en/doses/{due.pk}/snooze/", {"minutes": "60"}, headers=HTMX))
        assert "We will remind you again at 09:00" in text

    def test_never_beyond_reminding(self, reader: Client, dose: MakeDose) -> None:
        due = dose(remind_until=NOW + timedelta(minutes=40))
        text = text_of(reader.get(f"/en/doses/{due.pk}/", {"later": 1}, headers=HTMX))
        assert 'value="30"' in text
        assert 'value="60"' not in text
        text = text_of(reader.post(f"/en/doses/{due.pk}/snooze/", {"minutes": "120"}, headers=HTMX))
        assert "We will remind you again at 08:39" in text

    def test_little_is_what_is_left(self, reader: Client, dose: MakeDose) -> None:
        due = dose(remind_until=NOW + timedelta(minutes=8))
        text = text_of(reader.get(f"/en/doses/{due.pk}/", {"later": 1}, headers=HTMX))
        assert "7 minutes" in text

    @pytest.mark.parametrize("minutes", ["x", "-5", "0", "99999999999999999999"])
    def test_nonsense_is_the_usual_while(self, reader: Client, dose: MakeDose, minutes: str) -> None:
        due = dose()
        text = text_of(reader.post(f"/en/doses/{due.pk}/snooze/", {"minutes": minutes}, headers=HTMX))
        assert "We will remind you again at 08:15" in text


def test_what_is_due_comes_first_then_what_was_missed_then_the_rest_and_what_is_done_is_folded(
    reader: Client, dose: MakeDose
) -> None:
    dose(name="Done", due_at=NOW - hours(1), state=State.TAKEN, answered_at=NOW - hours(1))
    dose(name="Missed", due_at=NOW - hours(5), state=State.MISSED)
    dose(name="Ahead", due_at=NOW + hours(5))
    dose(name="Due")
    text = text_of(reader.get("/en/today/"))
    places = [text.index(f"{name} 500 mg</h3>") for name in ("Due", "Missed", "Ahead", "Done")]
    assert places == sorted(places)
    assert places[3] > text.index('<details class="disclosure done" id="done">')
    assert "1 dose done" in text
    assert 'href="#due">Skip to the main content' in text


def test_what_was_answered_a_moment_ago_stays_where_it_was(reader: Client, dose: MakeDose) -> None:
    due = dose()
    where = reader.post(f"/en/doses/{due.pk}/take/")["Location"]
    text = text_of(reader.get(where))
    assert 'id="done"' not in text
    assert 'class="undo"' in text
    refreshed = text_of(reader.get("/en/today/", {"fresh": due.pk}, headers=HTMX))
    assert 'id="done"' not in refreshed


def test_the_history_is_whole_in_constant_queries(reader: Client, dose: MakeDose) -> None:
    first = dose(due_at=NOW - timedelta(days=60), state=State.MISSED)
    url = f"/en/medicines/{first.prescription_id}/history/"

    def more(number: int, after: int) -> None:
        for count in range(number):
            each = DoseFactory(schedule=first.schedule, due_at=NOW - hours(1 + count + after))
            reader.post(f"/en/doses/{each.pk}/take/")
            reader.post(f"/en/doses/{each.pk}/undo/")

    more(2, 0)
    with CaptureQueriesContext(connection) as few:
        text_of(reader.get(url))
    more(20, 5)
    with CaptureQueriesContext(connection) as many:
        text = text_of(reader.get(url))
    assert len(many) <= len(few)
    assert text.count("Answer taken back") == 22
    assert f'id="dose-{first.pk}"' in text
