"""What staff see of SMS: what came in, and which provider is down."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from home.models import User
from home.scope import about_person
from notifications.channels.breaker import mark_down
from notifications.channels.gateways import REST
from notifications.models import InboundMessage
from tests.factories import UserFactory
from tests.notifications.admin.clinics import People, people, signed_in

pytestmark = pytest.mark.django_db

REPORT = "notification_inbound_sms:index"


@pytest.fixture
def wynberg() -> People:
    return people("Wynberg")


def came(text: str, user: User | None, **changes: object) -> InboundMessage:
    now = timezone.now()
    return InboundMessage.objects.create(
        provider="twilio",
        provider_id=text,
        sender="+27825550101",
        user=user,
        text=text,
        received_at=now,
        due_at=now,
        scope_id=about_person(user.pk).scope_id if user else None,
        **{"state": "done", "finished_at": now, "interpretation": "unknown_words"} | changes,
    )


def test_staff_see_what_their_own_people_wrote_and_what_it_was_taken_for(wynberg: People) -> None:
    came("I feel sick <b>", wynberg.patient, reply="This number answers automatically.")
    came("Where is my card?", people("Worcester").patient)
    came("Win a car", None, interpretation="stranger")
    page = signed_in(wynberg.nurse).get(reverse(REPORT)).content.decode()
    assert "I feel sick &lt;b&gt;" in page
    assert "words we don’t know" in page and "This number answers automatically." in page
    assert "Where is my card?" not in page and "Win a car" not in page
    everything = signed_in(UserFactory(is_superuser=True)).get(reverse(REPORT)).content.decode()
    assert "Where is my card?" in everything and "Win a car" in everything


def test_it_is_filtered_by_what_it_was_taken_for(wynberg: People) -> None:
    came("I feel sick", wynberg.patient)
    came("1", wynberg.patient, interpretation="answer", reply="Noted: taken. Thank you.")
    page = signed_in(wynberg.nurse).get(reverse(REPORT), {"interpretation": "answer"}).content.decode()
    assert "Noted: taken." in page and "I feel sick" not in page


def test_patients_are_kept_out(wynberg: People) -> None:
    assert signed_in(wynberg.patient).get(reverse(REPORT)).status_code in (302, 403)
    assert Client().get(reverse(REPORT)).status_code == 302


def test_the_first_page_names_a_provider_that_is_down_and_since_when(
    wynberg: People, settings: Settings
) -> None:
    settings.SMS_PROVIDERS = ["africastalking", "twilio"]
    home = reverse("wagtailadmin_home")
    assert "has been down" not in signed_in(wynberg.nurse).get(home).content.decode()
    mark_down("africastalking", reason="405, no credit", rest=REST, now=timezone.now() - timedelta(hours=2))
    page = signed_in(wynberg.nurse).get(home).content.decode()
    assert "SMS provider Africa’s Talking has been down for 2\xa0hours: 405, no credit" in page


def test_it_also_names_whoever_places_no_calls(wynberg: People, settings: Settings) -> None:
    """A company's SMS may work while its calls don't."""
    settings.SMS_PROVIDERS = settings.VOICE_PROVIDERS = ["twilio"]
    since = timezone.now() - timedelta(hours=2)
    mark_down("voice-twilio", reason="It answered 401, error 20003.", rest=REST, now=since)
    page = signed_in(wynberg.nurse).get(reverse("wagtailadmin_home")).content.decode()
    assert "Calls by Twilio have been down for 2\xa0hours: It answered 401, error 20003." in page
    assert "SMS provider" not in page
