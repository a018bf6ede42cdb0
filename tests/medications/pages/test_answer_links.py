"""A dose answered by a link in a mail: a page asks, a button answers, once; nobody need be signed in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.signing import Signer
from django.test import Client
from pytest_django import Settings

from medications.models import Dose
from medications.services.answers import dose_take, dose_undo
from notifications.models import Notification, NotificationPreferences
from notifications.quick_replies import token_for
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory
from tests.medications.pages.conftest import Family
from tests.notifications.factories import NotificationFactory

State = Dose.State


@pytest.fixture
def dose(family: Family) -> Dose:
    return DoseFactory(schedule=DoseScheduleFactory(prescription__patient=family.me), state=State.SCHEDULED)


@pytest.fixture
def message(family: Family, dose: Dose) -> Notification:
    return message_to(family.thandi, dose)


def message_to(user: Any, dose: Dose) -> Notification:
    return NotificationFactory(
        recipient=user,
        event_type="medication.dose_due",
        category="medication",
        data={"dose_ids": [dose.pk]},
        path="/today/",
        valid_until=NOW + timedelta(hours=4),
        created_at=NOW,
    )


def link(message: Notification, name: str = "taken", language: str = "en") -> str:
    return f"/{language}/answer/{token_for(message.pk, name)}/"


def state(dose: Dose) -> str:
    return Dose.objects.get(pk=dose.pk).state


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_it_asks_and_changes_nothing(
    client: Client, message: Notification, dose: Dose, method: str
) -> None:
    for name in ("taken", "later", "skipped"):
        assert getattr(client, method)(link(message, name)).status_code == 200
    asked = text(client.get(link(message)))
    assert "Did you take your 08:00 medicine?" in asked
    assert "Yes, taken" in asked
    assert state(dose) == State.SCHEDULED
    message.refresh_from_db()
    assert message.read_at is None


def test_it_names_no_medicine_unless_its_reader_wants_details(client: Client, message: Notification) -> None:
    assert "Metformin" not in text(client.get(link(message)))
    NotificationPreferences.objects.create(user=message.recipient, detail="detailed")
    assert "Metformin 500 mg" in text(client.get(link(message)))


def test_it_asks_in_the_language_of_the_message_and_by_the_clock_of_its_reader(
    client: Client, message: Notification
) -> None:
    NotificationPreferences.objects.create(user=message.recipient, timezone="Europe/London")
    asked = text(client.get(link(message, language="af")))
    assert "Het u u medisyne vir 06:00 geneem?" in asked
    assert "Ja, geneem" in asked


def test_a_carers_link_names_the_patient(client: Client, family: Family) -> None:
    dose = DoseFactory(schedule=DoseScheduleFactory(prescription__patient=family.sipho))
    asked = text(client.get(link(message_to(family.thandi, dose))))
    assert "Did Sipho take the 08:00 medicine?" in asked


def test_the_button_answers_in_the_readers_name(
    client: Client, message: Notification, dose: Dose, family: Family
) -> None:
    answered = text(client.post(link(message)))
    assert "Noted: taken. Thank you." in answered
    assert "/en/accounts/login/?next=/en/today/" in answered
    dose.refresh_from_db()
    assert (dose.state, dose.answered_by) == (State.TAKEN, family.thandi)


def test_it_answers_once_also_when_the_answer_was_taken_back(
    client: Client, message: Notification, dose: Dose, family: Family
) -> None:
    client.post(link(message))
    dose_undo(dose_id=dose.pk, user=family.thandi, now=NOW)
    assert "This link has already been used." in text(client.get(link(message)))
    assert "This has already been answered. Nothing was changed." in text(client.post(link(message)))
    assert state(dose) == State.SCHEDULED
    assert "Reeds" not in text(client.get(link(message, language="af")))
    assert "Hierdie skakel is reeds gebruik." in text(client.get(link(message, language="af")))


def test_after_later_it_can_still_be_taken(client: Client, message: Notification, dose: Dose) -> None:
    client.post(link(message, "later"))
    client.post(link(message, "taken"))
    assert state(dose) == State.TAKEN


def test_after_its_time_it_says_so(client: Client, message: Notification, dose: Dose) -> None:
    with time_machine.travel(NOW + timedelta(hours=4), tick=False):
        assert "It is too late to answer with this link." in text(client.get(link(message)))
        assert "can no longer be answered" in text(client.post(link(message)))
    assert state(dose) == State.SCHEDULED


def _answer_on_the_site(dose: Dose, user: Any) -> None:
    dose_take(dose_id=dose.pk, user=user, now=NOW)


def _end_prescription(dose: Dose, user: Any) -> None:
    dose.prescription.ended_at = NOW
    dose.prescription.save()


@pytest.mark.parametrize("change", [_answer_on_the_site, _end_prescription])
def test_a_link_to_a_dose_that_needs_no_answer_says_so(
    client: Client, message: Notification, dose: Dose, family: Family, change: Callable[[Dose, Any], None]
) -> None:
    change(dose, family.thandi)
    before = Dose.objects.values().get(pk=dose.pk)
    assert "there is nothing left to answer" in text(client.get(link(message, "skipped")))
    client.post(link(message, "skipped"))
    assert Dose.objects.values().get(pk=dose.pk) == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_else_who_is_signed_in_is_told_so(
    client: Client, message: Notification, dose: Dose, family: Family, method: str
) -> None:
    client.force_login(family.pieter)
    response = getattr(client, method)(link(message))
    assert response.status_code == 403
    assert "This link is for somebody else" in text(response)
    assert "/en/accounts/logout/" in text(response)
    assert state(dose) == State.SCHEDULED


def test_its_reader_who_is_signed_in_answers_too(
    client: Client, message: Notification, dose: Dose, family: Family
) -> None:
    client.force_login(family.thandi)
    client.post(link(message))
    assert state(dose) == State.TAKEN


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_one_is_refused(client: Client, message: Notification, dose: Dose, method: str) -> None:
    good = token_for(message.pk, "taken")
    forged = [
        "x",
        good[:-1],
        good.replace("taken", "skipped"),
        Signer(salt="notifications.unsubscribe").sign(f"{message.pk}:taken"),
        token_for(message.pk + 1, "taken"),
    ]
    for token in forged:
        response = getattr(client, method)(f"/en/answer/{token}/")
        assert response.status_code == 400
        assert "This link is not complete." in text(response)
    assert state(dose) == State.SCHEDULED


def test_the_form_is_safe_from_other_sites(message: Notification, dose: Dose) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(message)).status_code == 403
    assert state(dose) == State.SCHEDULED
    strict.get(link(message))
    token = strict.cookies["csrftoken"].value
    assert strict.post(link(message), {"csrfmiddlewaretoken": token}).status_code == 200
    assert state(dose) == State.TAKEN


def test_its_address_stays_between_the_reader_and_us(client: Client, message: Notification) -> None:
    for response in (client.get(link(message)), client.post(link(message))):
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert 'name="robots" content="noindex' in text(response)


def test_nobody_may_try_many(client: Client, message: Notification, settings: Settings) -> None:
    cache.clear()
    answers = [client.get("/en/answer/x/").status_code for _ in range(121)]
    assert set(answers[:120]) == {400}
    assert answers[120] == 429
    cache.clear()


def test_other_verbs_are_refused(client: Client, message: Notification) -> None:
    assert client.put(link(message)).status_code == 405


def offered(client: Client, message: Notification) -> list[str]:
    """The answers for which the message's page in the inbox has a button."""
    page = text(client.get(f"/en/inbox/{message.pk}/"))
    return [name for name in ("taken", "later", "skipped") if f'action="{link(message, name)}"' in page]


def test_its_page_in_the_inbox_has_the_buttons_while_they_count(
    client: Client, message: Notification, dose: Dose, family: Family
) -> None:
    client.force_login(family.thandi)
    assert offered(client, message) == ["taken", "later", "skipped"]
    with time_machine.travel(NOW + timedelta(hours=4), tick=False):
        assert offered(client, message) == []
    client.post(link(message))
    assert state(dose) == State.TAKEN
    assert offered(client, message) == []
    dose_undo(dose_id=dose.pk, user=family.thandi, now=NOW)
    assert offered(client, message) == ["later", "skipped"]


def test_a_message_that_asks_nothing_has_no_buttons(client: Client, family: Family) -> None:
    client.force_login(family.thandi)
    assert offered(client, NotificationFactory(recipient=family.thandi)) == []
