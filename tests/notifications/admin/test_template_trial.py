"""A test goes to whoever sends it, says that it is one, and costs what such a message costs."""

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Delivery, Notification
from notifications.pipeline.deliver import deliver
from notifications.preferences.settings import preferences_update
from notifications.types import EventType
from tests.notifications.admin.clinics import People, signed_in
from tests.notifications.admin.test_template_list import URLS, words

SEE = reverse(f"{URLS}:see", args=["stock.low"])


@pytest.fixture(autouse=True)
def _nothing_sent_before() -> None:
    cache.clear()


def send(client: Client, channel: str, language: str = "en", **fields: Any) -> str:
    answer = client.post(SEE, {"channel": channel, "language": language, **fields}, follow=True)
    page: str = answer.content.decode()
    return page


@pytest.mark.usefixtures("event_type")
@pytest.mark.parametrize(
    ("language", "mark", "said"), [("en", "[TEST]", "Metformin 500 mg"), ("af", "[TOETS]", "hou tot")]
)
def test_by_e_mail_in_the_language_that_was_chosen(
    wynberg: People, language: str, mark: str, said: str
) -> None:
    manager = signed_in(wynberg.manager)
    preferences_update(user_id=wynberg.manager.pk, changes={"detail": "detailed"}, now=timezone.now())
    assert "on its way to you alone" in send(manager, "email", language)
    deliver("email", now=timezone.now())
    [message] = mail.outbox
    assert message.to == [wynberg.manager.email]
    assert message.subject.startswith(mark)
    assert said in message.body
    assert Notification.objects.count() == 1


@pytest.mark.usefixtures("event_type")
def test_by_sms_with_what_it_costs_for_the_clinic(wynberg: People) -> None:
    manager_user = wynberg.manager
    manager_user.phone = "+27825550100"
    manager_user.phone_verified_at = timezone.now()
    manager_user.save()
    manager = signed_in(manager_user)
    assert "which costs money" in manager.get(SEE).content.decode()
    send(manager, "sms")
    row = Delivery.objects.get()
    assert (row.channel, row.address, row.scope_id) == ("sms", "+27825550100", wynberg.clinic.pk)
    assert row.body.startswith("[TEST] ")


@pytest.mark.usefixtures("event_type")
def test_in_the_inbox_alone(wynberg: People) -> None:
    send(signed_in(wynberg.manager), "in_app")
    row = Notification.objects.get()
    assert row.recipient_id == wynberg.manager.pk
    assert row.title.startswith("[TEST] ")
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("event_type")
def test_of_the_draft(wynberg: People) -> None:
    template = words(wynberg, "inbox", said="Ours")
    template.title_en = "Soon (en)"
    template.save_revision()
    manager = signed_in(wynberg.manager)
    send(manager, "in_app", which="draft")
    cache.clear()
    send(manager, "in_app", which="in_use")
    assert [row.title for row in Notification.objects.order_by("id")] == [
        "[TEST] Soon (en)",
        "[TEST] Ours (en)",
    ]


@pytest.mark.usefixtures("event_type")
def test_only_whoever_writes_these_words_and_only_by_ways_of_theirs(
    wynberg: People, worcester: People
) -> None:
    nurse = signed_in(wynberg.nurse)
    assert "Send a test" not in nurse.get(SEE).content.decode()
    nurse.post(SEE, {"channel": "in_app", "language": "en"})
    manager = signed_in(wynberg.manager)
    assert manager.post(f"{SEE}?place={worcester.clinic.pk}", {"channel": "in_app"}).status_code == 404
    for wrong in ({"channel": "sms"}, {"channel": "email", "language": "xx"}):
        page = manager.post(SEE, {"language": "en", **wrong})
        assert page.status_code == 200
        assert page.context["trial"].errors
    assert not Notification.objects.exists()


@pytest.mark.usefixtures("event_type")
def test_one_at_a_time(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    send(manager, "in_app")
    assert "You have just sent one" in send(manager, "in_app")
    assert Notification.objects.count() == 1


def test_publish_is_the_button_for_whoever_may(event_type: EventType, wynberg: People) -> None:
    """And saving a draft stands in the menu beside it."""
    manager = signed_in(wynberg.manager)
    asked = {"event_type": "stock.low", "scope_id": wynberg.clinic.pk}
    for page in (
        manager.get(reverse(f"{URLS}:add"), asked),
        manager.get(reverse(f"{URLS}:edit", args=[words(wynberg).pk])),
    ):
        footer = page.content.decode().split("<footer")[-1]
        assert 0 < footer.index("Publish") < footer.index("Save draft")
