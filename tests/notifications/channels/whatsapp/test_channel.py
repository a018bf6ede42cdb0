"""WhatsApp in the pipeline: which words a message goes out in, who isn't reached, and what an error does to others."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from notifications import bus, registry
from notifications.channels import registry as channels
from notifications.channels.whatsapp.channel import WhatsAppChannel
from notifications.channels.whatsapp.suggestions import missing
from notifications.channels.whatsapp.templates import Chosen
from notifications.inbox.why import explain
from notifications.languages.listed import PAGES
from notifications.models import (
    Delivery,
    InboundMessage,
    MessagePrice,
    Notification,
    NotificationPreferences,
    SmsProvider,
    Spending,
    WhatsAppRefusal,
    WhatsAppTemplate,
)
from notifications.pipeline.compose import compose
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.pipeline.fan_out import fan_out
from notifications.pipeline.retention import wipe_texts
from notifications.services import NotificationService
from notifications.types import IN_APP, Category, Detail, EventType, Param, Publication, Reason, Recipient
from tests.factories import UserFactory
from tests.notifications.channels.whatsapp.conftest import approve
from tests.notifications.channels.whatsapp.provider import (
    Server,
    call_of,
    hangs_up,
    meta_refuses,
    says,
    signed,
    status_of,
    twilio_signed,
)
from tests.notifications.conftest import NOW, texts

pytestmark = pytest.mark.django_db

NUMBER = "+27825550101"
State = Delivery.State


def _recipients(publications: Any, now: Any) -> Iterator[Recipient]:
    publication: Publication
    for publication in publications:
        for user_id in publication.payload["user_ids"]:
            yield Recipient(
                publication.id,
                user_id,
                {"name": "Thandi", "what": "metformin", "day": "Friday"},
                dedupe_key=f"{publication.id:09d}",
            )


SNOW = EventType(
    name="weather.snow",
    label="Snow",
    category=Category.EVENT,
    payload={"user_ids": list},
    params=(
        Param("name", "Name", "Anna"),
        Param("what", "What", "it snows"),
        Param("day", "Day", "Monday", discreet=True),
    ),
    texts={language: texts(language) for language in PAGES},
    recipients=_recipients,
    channels={IN_APP: True, "email": True, "push": True, "voice": True},
    stands_in=frozenset({"sms"}),
)


@pytest.fixture(autouse=True)
def snow() -> Iterator[None]:
    registry.register(SNOW)
    yield
    registry.unregister(SNOW.name)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def zanele(whatsapp: Server) -> Any:
    """Somebody with a confirmed number and no e-mail, whom nobody asks for a consent."""
    return with_number()


@pytest.fixture(autouse=True)
def _everybody_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.gate._gates", [])


def with_number(number: int = 101, **fields: Any) -> Any:
    return UserFactory(email=None, phone=f"+2782555{number:04}", phone_verified_at=NOW, **fields)


def snows(*users: Any) -> list[Notification]:
    """It snows; what it says, as soon as it is out."""
    bus.publish("weather.snow", {"user_ids": [user.pk for user in users]})
    fan_out(now=timezone.now())
    send()
    return list(Notification.objects.filter(recipient__in=users).order_by("-pk")[: len(users)])


def send() -> None:
    for each in (deliver, deliver_held):
        while each("whatsapp", now=timezone.now()).taken:
            pass


def delivery(message: Notification) -> Delivery:
    row: Delivery = message.deliveries.get(channel="whatsapp")
    return row


def decision(message: Notification, channel: str = "whatsapp") -> tuple[bool, str]:
    found = next(each for each in message.routing if each["channel"] == channel)
    return found["send"], found["reason"]


def templates(server: Server) -> list[tuple[str, list[str]]]:
    """The name and the values of each template that went out."""
    sent = [each["template"] for each in server.provider.sent if each["type"] == "template"]
    return [(each["name"], [value["text"] for value in _values(each)]) for each in sent]


def _values(template: dict[str, Any]) -> list[dict[str, str]]:
    return [
        value for part in template["components"] if part["type"] == "body" for value in part["parameters"]
    ]


def test_a_message_goes_by_the_template_of_its_type_and_is_kept_as_it_is_read(
    whatsapp: Server, zanele: Any
) -> None:
    approve(whatsapp, "weather.snow", "Your clinic: it snows on {{ day }}. Stay warm.")
    [message] = snows(zanele)
    row = delivery(message)
    assert (row.state, row.provider, row.provider_id) == (State.SENT, "meta", "wamid.0001")
    assert row.body == "Your clinic: it snows on Friday. Stay warm."
    assert templates(whatsapp) == [("medguard_weather_snow", ["Friday"])]


def test_a_template_and_free_text_have_prices_of_their_own(whatsapp: Server, zanele: Any) -> None:
    for unit, amount in (("template", "0.15"), ("free_text", "0.02")):
        MessagePrice.objects.create(
            unit=unit, provider="meta", prefix="+27", amount=Decimal(amount), valid_from=NOW.date()
        )
    approved = approve(whatsapp, "weather.snow", "It snows.")
    costs = [delivery(snows(zanele)[0]).cost]
    approved.delete()
    wrote(zanele, ago=timedelta(hours=1))
    whatsapp.provider.windows.add(NUMBER)
    costs.append(delivery(snows(zanele)[0]).cost)
    assert costs == [Decimal("0.15"), Decimal("0.02")]
    assert WhatsAppChannel().most([(NUMBER, "It snows.")], now=NOW) == [Decimal("0.15")]
    total = Spending.objects.get()
    assert (total.messages, total.parts, total.unpriced, total.cost) == (2, 2, 0, Decimal("0.17"))


def test_each_is_written_to_in_their_language(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    approve(whatsapp, "weather.snow", "Dit sneeu.", language="af")
    pieter = with_number(102)
    NotificationPreferences.objects.create(user=pieter, language="af")
    snows(zanele, pieter)
    codes = {each["to"]: each["template"]["language"]["code"] for each in whatsapp.provider.sent}
    assert codes == {NUMBER: "en", "+27825550102": "af"}


def test_without_an_approved_text_they_are_reached_another_way_and_told_why(
    whatsapp: Server, zanele: Any
) -> None:
    approve(whatsapp, "weather.snow", "Dit sneeu.", language="af")
    [message] = snows(zanele)
    assert decision(message) == (False, "no_template")
    assert decision(message, "sms") == (True, "only_way")
    words = {str(line.channel): str(line.reason) for line in explain(message, [], now=NOW)}
    assert words["WhatsApp"] == "Your clinic cannot write this to you this way yet."


@pytest.mark.parametrize("state", ["pending", "paused", "rejected"])
def test_only_approved_ones_are_used(whatsapp: Server, zanele: Any, state: str) -> None:
    row = approve(whatsapp, "weather.snow", "It snows.")
    WhatsAppTemplate.objects.filter(pk=row.pk).update(state=state)
    assert decision(snows(zanele)[0]) == (False, "no_template")


def test_the_one_for_all_messages_stands_in(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "", "You have a message from your clinic.")
    assert delivery(snows(zanele)[0]).body == "You have a message from your clinic."
    NotificationService.send(
        users=[zanele], title="Closed", message="Closed on Friday.", channels=["whatsapp"]
    )
    send()
    assert templates(whatsapp) == [("medguard_message", [])] * 2


def test_of_two_the_newer_is_used(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    approve(whatsapp, "weather.snow", "It snows, again.", name="snow_2")
    snows(zanele)
    assert templates(whatsapp) == [("snow_2", [])]


def test_details_go_only_to_who_chose_them(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    approve(whatsapp, "weather.snow", "Take {{ what }} now.", name="snow_detailed", detail="detailed")
    curious = with_number(102)
    NotificationPreferences.objects.create(user=curious, detail=Detail.DETAILED)
    snows(zanele, curious)
    assert sorted(templates(whatsapp)) == [("medguard_weather_snow", []), ("snow_detailed", ["metformin"])]


def test_a_discreet_one_has_no_value_that_names_anything(whatsapp: Server) -> None:
    with pytest.raises(ValidationError, match="can't be used in a discreet text"):
        approve(whatsapp, "weather.snow", "Take {{ what }} now.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ day }} it snows.", "begins or ends with a value"),
        ("It snows on {{ day }}", "begins or ends with a value"),
        ("It snows on {{ day }} {{ day }} again.", "words between two values"),
        ("It snows {{ when }}.", "can't be used in a discreet text"),
        ("It snows {% now %}.", "can't be used in a discreet text"),
    ],
)
def test_what_whatsapp_would_refuse_is_refused_here(whatsapp: Server, body: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        approve(whatsapp, "weather.snow", body)


def test_by_default_nothing_that_is_suggested_has_a_value_that_names_anything() -> None:
    for each in missing():
        each.full_clean()
        declared = registry.find(each.event_type)
        discreet = {param.name for param in declared.params if param.discreet} if declared else set()
        assert set(each.parameters) <= discreet, each
    types = {each.name for each in registry.event_types()} | {""}
    assert {(each.event_type, each.language) for each in missing()} == {
        (name, language) for name in types for language in PAGES
    }


def test_values_are_sent_as_whatsapp_takes_them(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "weather.snow", "It snows on {{ day }}. Stay warm.")
    recipient = Recipient(
        None, zanele.pk, {"name": "a", "what": "b", "day": "Fri\n\tday    x"}, dedupe_key="1"
    )
    [made] = compose(SNOW, [recipient], now=NOW)
    subjects = [each.subject for each in made.deliveries if each.channel == "whatsapp"]
    assert [Chosen.read(each) for each in subjects] == [Chosen("medguard_weather_snow", "en", ("Fri day x",))]


def wrote(user: Any, *, ago: timedelta) -> None:
    at = timezone.now() - ago
    InboundMessage.objects.create(
        channel="whatsapp", provider="meta", provider_id="wamid.in", sender=NUMBER, user=user, text="hi",
        interpretation="help", state="done", received_at=at, due_at=at, finished_at=at,
    )  # fmt: skip


def test_within_a_day_after_they_wrote_free_text_stands_in(whatsapp: Server, zanele: Any) -> None:
    wrote(zanele, ago=timedelta(hours=23, minutes=59))
    whatsapp.provider.windows.add(NUMBER)
    snows(zanele)
    assert whatsapp.provider.texts == ["Hello, a message"]


def test_afterwards_it_does_not(whatsapp: Server, zanele: Any) -> None:
    wrote(zanele, ago=timedelta(hours=24))
    assert decision(snows(zanele)[0]) == (False, "no_template")


def test_a_window_that_closed_meanwhile_ends_it(whatsapp: Server, zanele: Any) -> None:
    wrote(zanele, ago=timedelta(hours=1))
    row = delivery(snows(zanele)[0])
    assert (row.state, row.failures) == (State.FAILED, 1)
    assert "131047" in row.error


def test_a_template_that_was_taken_back_before_the_sending_isnt_used(whatsapp: Server, zanele: Any) -> None:
    row = approve(whatsapp, "weather.snow", "It snows.")
    bus.publish("weather.snow", {"user_ids": [zanele.pk]})
    fan_out(now=timezone.now())
    WhatsAppTemplate.objects.filter(pk=row.pk).update(state="paused")
    send()
    sent = Delivery.objects.get(channel="whatsapp")
    assert (sent.state, sent.error) == (
        State.FAILED,
        "The template medguard_weather_snow is not approved any more.",
    )
    assert not whatsapp.provider.asked


def test_several_that_were_held_go_by_the_template_for_all(
    whatsapp: Server, zanele: Any, clock: time_machine.Traveller
) -> None:
    NotificationPreferences.objects.create(
        user=zanele, quiet_hours_enabled=True, quiet_hours_start="06:00", quiet_hours_end="09:00"
    )
    approve(whatsapp, "weather.snow", "It snows on {{ day }}. Stay warm.")
    approve(whatsapp, "", "You have a message from your clinic.")
    snows(zanele)
    snows(zanele)
    assert not whatsapp.provider.sent
    clock.shift(timedelta(hours=4))
    send()
    assert templates(whatsapp) == [("medguard_message", [])]
    assert set(Delivery.objects.filter(channel="whatsapp").values_list("state", flat=True)) == {State.SENT}


def test_without_one_for_all_the_first_one_stands_for_them(
    whatsapp: Server, zanele: Any, clock: time_machine.Traveller
) -> None:
    NotificationPreferences.objects.create(
        user=zanele, quiet_hours_enabled=True, quiet_hours_start="06:00", quiet_hours_end="09:00"
    )
    approve(whatsapp, "weather.snow", "It snows on {{ day }}. Stay warm.")
    snows(zanele)
    snows(zanele)
    clock.shift(timedelta(hours=4))
    send()
    assert templates(whatsapp) == [("medguard_weather_snow", ["Friday"])]


def test_a_number_that_is_not_on_whatsapp_is_left_alone_for_a_month(
    whatsapp: Server, zanele: Any, clock: time_machine.Traveller
) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    whatsapp.provider.fault = says(meta_refuses(400, 131026, "Message undeliverable"))
    row = delivery(snows(zanele)[0])
    assert (row.state, row.failures) == (State.FAILED, 1)
    again = snows(zanele)[0]
    assert decision(again) == (False, "not_on_whatsapp")
    assert decision(again, "sms") == (True, "only_way")
    assert whatsapp.provider.asked == 1
    clock.shift(timedelta(days=30))
    wipe_texts(now=timezone.now())
    whatsapp.provider.heal()
    assert delivery(snows(zanele)[0]).state == State.SENT


def test_it_counts_for_the_number_that_they_had(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    WhatsAppRefusal.objects.create(user=zanele, number="+27825559999", until=NOW + timedelta(days=1))
    assert delivery(snows(zanele)[0]).state == State.SENT


def test_what_was_on_its_way_there_is_withheld(whatsapp: Server, zanele: Any) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    bus.publish("weather.snow", {"user_ids": [zanele.pk]})
    fan_out(now=timezone.now())
    WhatsAppRefusal.objects.create(user=zanele, number=NUMBER, until=NOW + timedelta(days=1))
    send()
    row = Delivery.objects.get(channel="whatsapp")
    assert (row.state, row.reason) == (State.CANCELLED, Reason.NOT_ON_WHATSAPP)


def test_a_number_that_was_not_confirmed_gets_nothing_clinical(whatsapp: Server) -> None:
    confirmed = with_number()
    unconfirmed = UserFactory(email=None, phone="+27825550102", phone_verified_at=None)
    found = channels.outside()["whatsapp"].obstacles([confirmed.pk, unconfirmed.pk])
    assert found == {unconfirmed.pk: Reason.UNVERIFIED}


@pytest.mark.parametrize(
    ("code", "state"), [(132000, "paused"), (132001, "rejected"), (132015, "paused"), (132016, "rejected")]
)
def test_a_template_that_cant_be_used_says_so_to_staff_and_is_used_no_more(
    whatsapp: Server, zanele: Any, code: int, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    row = approve(whatsapp, "weather.snow", "It snows.")
    whatsapp.provider.fault = says(meta_refuses(400, code, "Template is paused"))
    assert delivery(snows(zanele)[0]).state == State.FAILED
    row.refresh_from_db()
    assert (row.state, row.problem) == (state, f"It answered 400, error {code}.")
    assert f"The WhatsApp template medguard_weather_snow (en) is {state}" in caplog.text
    assert decision(snows(zanele)[0]) == (False, "no_template")
    assert whatsapp.provider.asked == 1


def test_a_limit_is_waited_out_and_the_provider_left_alone_meanwhile(
    whatsapp: Server, clock: time_machine.Traveller
) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    whatsapp.provider.fault = says(meta_refuses(400, 130429, "Rate limit hit"))
    snows(with_number(101), with_number(102))
    assert whatsapp.provider.asked == 1
    assert set(Delivery.objects.filter(channel="whatsapp").values_list("state", flat=True)) == {State.RETRY}
    whatsapp.provider.heal()
    clock.shift(timedelta(minutes=2))
    send()
    assert len(whatsapp.provider.sent) == 2
    assert not SmsProvider.objects.filter(down_since__isnull=False).exists()


def test_a_token_that_ended_is_ours_to_mend_and_loses_nothing(
    whatsapp: Server, zanele: Any, settings: Settings, clock: time_machine.Traveller
) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    settings.WHATSAPP_ACCESS_TOKEN = "old"
    row = delivery(snows(zanele)[0])
    assert row.state == State.RETRY
    provider = SmsProvider.objects.get(name="whatsapp-meta")
    assert (provider.reason, provider.down_since) == ("It answered 401, error 190.", NOW)
    settings.WHATSAPP_ACCESS_TOKEN = "EAAJB-a-token"
    clock.shift(timedelta(minutes=6))
    send()
    row.refresh_from_db()
    assert row.state == State.SENT


def test_one_bad_template_takes_no_message_with_it(whatsapp: Server, zanele: Any) -> None:
    row = approve(whatsapp, "weather.snow", "It snows.")
    approve(whatsapp, "", "You have a message from your clinic.")
    WhatsAppTemplate.objects.filter(pk=row.pk).update(body="It snows {{ nowhere }}, {% now %}.")
    snows(zanele)
    assert templates(whatsapp) == [("medguard_message", [])]


def test_one_bad_row_takes_no_other_with_it(whatsapp: Server) -> None:
    approve(whatsapp, "weather.snow", "It snows.")
    users = [with_number(101 + number) for number in range(3)]
    bus.publish("weather.snow", {"user_ids": [user.pk for user in users]})
    fan_out(now=timezone.now())
    bad = Delivery.objects.filter(channel="whatsapp")[1]
    Delivery.objects.filter(pk=bad.pk).update(subject="{nothing")
    send()
    bad.refresh_from_db()
    assert bad.state == State.RETRY and "JSONDecodeError" in bad.error
    assert len(whatsapp.provider.sent) == 2


def test_composing_takes_as_many_queries_for_many_as_for_few(whatsapp: Server) -> None:
    approve(whatsapp, "weather.snow", "It snows on {{ day }}. Stay warm.")

    def queries(users: list[Any]) -> int:
        recipients = [
            Recipient(None, user.pk, {"name": "a", "what": "b", "day": f"{user.pk}"}, dedupe_key="1")
            for user in users
        ]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            compose(SNOW, recipients, now=NOW)
        return len(captured)

    few = queries([with_number(200 + number) for number in range(2)])
    assert queries([with_number(300 + number) for number in range(30)]) == few


@pytest.mark.parametrize("provider", ["meta", "twilio"])
def test_a_message_whose_answer_got_lost_is_not_sent_again_once_the_provider_names_it(
    whatsapp: Server, zanele: Any, settings: Settings, clock: time_machine.Traveller, provider: str
) -> None:
    settings.WHATSAPP_PROVIDER = provider
    approve(whatsapp, "weather.snow", "It snows.")
    whatsapp.provider.fault = hangs_up
    row = delivery(snows(zanele)[0])
    assert (row.state, row.provider, row.provider_id) == (State.RETRY, provider, "")
    whatsapp.provider.heal()

    assert names(provider, f"medguard-{row.pk}") == 200

    row.refresh_from_db()
    assert (row.state, row.provider_id, row.sendings) == (State.SENT, "id-7", 1)
    clock.shift(timedelta(minutes=6))
    send()
    assert whatsapp.provider.sent == []


def names(provider: str, key: str) -> int:
    """The provider tells our webhook that it has sent the message of that key; the status of our answer."""
    client = Client(enforce_csrf_checks=True)
    if provider == "meta":
        raw = json.dumps(
            call_of(statuses=[{**status_of("id-7", "sent"), "biz_opaque_callback_data": key}])
        ).encode()
        headers = {"X-Hub-Signature-256": signed(raw)}
        return client.post(
            "/whatsapp/meta/", raw, content_type="application/json", headers=headers
        ).status_code
    path, form = f"/whatsapp/twilio/?key={key}", {"MessageSid": "id-7", "MessageStatus": "sent"}
    headers = {"X-Twilio-Signature": twilio_signed(f"https://clinic.example{path}", form)}
    return client.post(path, form, headers=headers).status_code
