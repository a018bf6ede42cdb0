from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone, translation

from notifications.inbox.why import REASONS, explain
from notifications.models import Delivery, Notification
from notifications.types import NEVER_ROUTED, Reason
from notifications.web.moments import said, said_shortly
from tests.notifications.inbox.conftest import make_message

JOBURG = ZoneInfo("Africa/Johannesburg")
NOW = datetime(2026, 11, 24, 0, 30, tzinfo=JOBURG)


def decision(channel: str, reason: Reason, *, send: bool = True) -> dict[str, Any]:
    return {"channel": channel, "send": send, "reason": reason.value, "send_at": None}


def delivery(message: Notification, **fields: Any) -> Delivery:
    values = {"channel": "email", "address": "thandi@demo.medguard.test", "due_at": timezone.now(), **fields}
    return Delivery.objects.create(notification=message, **values)


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(Reason) - NEVER_ROUTED
    assert len({str(words) for words in REASONS.values()}) == len(REASONS)


@pytest.mark.parametrize(
    ("state", "late", "words"),
    [
        ("pending", 0, "On its way to thandi@"),
        ("pending", 3600, "To be sent to thandi@"),
        ("sending", 0, "On its way to thandi@"),
        ("retry", 3600, "We will try again"),
        ("sent", 0, "Sent to thandi@"),
        ("delivered", 0, "It arrived at thandi@"),
        ("failed", 0, "could not be sent"),
        ("expired", 0, "its time had passed"),
        ("cancelled", 0, "no longer needed"),
    ],
)
def test_it_says_what_became_of_each_delivery(thandi: Any, state: str, late: int, words: str) -> None:
    now = timezone.now()
    message = make_message(
        thandi, routing=[decision("in_app", Reason.ALWAYS), decision("email", Reason.CHOSEN)]
    )
    delivery(message, state=state, due_at=now + timedelta(seconds=late))
    inbox, email = explain(message, message.deliveries.all(), now=now)
    assert str(inbox.channel) == "Inbox"
    assert "today at" in inbox.outcome
    assert words in email.outcome
    assert str(email.reason) == "You turned this on in your settings."


def test_every_state_of_a_delivery_has_its_words(thandi: Any) -> None:
    message = make_message(thandi, routing=[decision("email", Reason.DEFAULT)])
    row = delivery(message)
    for state in Delivery.State:
        row.state = state
        assert explain(message, [row], now=timezone.now())[0].outcome


def test_the_page_says_why_in_the_readers_language(reader: Client, thandi: Any) -> None:
    message = make_message(
        thandi,
        routing=[decision("in_app", Reason.ALWAYS), decision("email", Reason.OFF_BY_CHOICE, send=False)],
    )
    page = reader.get(f"/en/inbox/{message.pk}/").content.decode()
    assert "Why did I get this?" in page
    assert "Not sent." in page
    assert "You turned this off in your settings." in page
    afrikaans = reader.get(f"/af/inbox/{message.pk}/").content.decode()
    with translation.override("af"):
        assert str(REASONS[Reason.OFF_BY_CHOICE]) in afrikaans


def test_a_channel_that_is_gone_keeps_its_name(thandi: Any) -> None:
    message = make_message(thandi, routing=[decision("pigeon", Reason.DEFAULT)])
    assert explain(message, [], now=timezone.now())[0].channel == "pigeon"


@pytest.mark.parametrize(
    ("moment", "short", "long"),
    [
        (NOW - timedelta(minutes=30), "00:00", "today at 00:00"),
        (NOW - timedelta(minutes=31), "Yesterday", "yesterday at 23:59"),
        (NOW + timedelta(days=1), "25 Nov", "tomorrow at 00:30"),
        (datetime(2026, 11, 20, 8, tzinfo=JOBURG), "20 Nov", "on Friday 20 November at 08:00"),
        (
            datetime(2025, 12, 31, 23, 30, tzinfo=JOBURG),
            "31 Dec 2025",
            "on Wednesday 31 December 2025 at 23:30",
        ),
        # Still the year before in UTC, already this year on the wall.
        (datetime(2025, 12, 31, 22, 30, tzinfo=ZoneInfo("UTC")), "1 Jan", "on Thursday 1 January at 00:30"),
    ],
)
def test_it_says_times_as_people_do(moment: datetime, short: str, long: str) -> None:
    with timezone.override(JOBURG), translation.override("en"):
        assert said_shortly(moment, now=NOW) == short
        assert said(moment, now=NOW) == long


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.QUIET_HOURS, "Held until your quiet hours ended: today at 06:00."),
        (Reason.EMAIL_TIME, "Held until the time of day at which you want e-mail: today at 06:00."),
    ],
)
def test_it_says_until_when_a_message_was_held(thandi: Any, reason: Reason, words: str) -> None:
    until = NOW.replace(hour=6, minute=0)
    held = {**decision("email", reason), "send_at": until.isoformat()}
    with timezone.override(JOBURG):
        [line] = explain(make_message(thandi, routing=[held]), [], now=NOW)
    assert line.reason == words


@pytest.mark.parametrize(
    ("withheld", "words"),
    [
        (Reason.PAUSED, "because you had paused"),
        (Reason.OFF_BY_CHOICE, "because you had turned this channel off"),
        (Reason.NO_LONGER_RELEVANT, "no longer needed"),
        ("", "no longer needed"),
    ],
)
def test_it_says_why_what_was_held_did_not_go_out(thandi: Any, withheld: str, words: str) -> None:
    message = make_message(thandi, routing=[decision("email", Reason.QUIET_HOURS)])
    row = delivery(message, state=Delivery.State.CANCELLED, reason=withheld)
    [line] = explain(message, [row], now=timezone.now())
    assert words in line.outcome


def test_it_says_after_what_a_step_comes_and_why_it_was_not_needed(thandi: Any) -> None:
    now = timezone.now()
    first = {**decision("push", Reason.DEFAULT), "step": 0, "minutes": 0}
    second = {**decision("sms", Reason.PLANNED), "step": 1, "minutes": 30}
    message = make_message(thandi, routing=[first, second])
    row = delivery(message, channel="sms", address="+27821234567", due_at=now + timedelta(minutes=30))
    push, sms = explain(message, [row], now=now)
    assert push.reason == "This is on for everybody who doesn't turn it off."
    assert "30 minutes after the way before it, but only if you have not read this by then" in sms.reason
    row.state, row.reason = "cancelled", Reason.REACHED
    assert explain(message, [row], now=now)[1].outcome == (
        "Not sent, because it had reached your phone another way by then."
    )
    message.read_at = now
    assert explain(message, [row], now=now)[1].outcome == "Not sent, because you had read it by then."


def test_an_address_that_was_wiped_leaves_a_whole_sentence(thandi: Any) -> None:
    message = make_message(thandi, routing=[decision("email", Reason.DEFAULT)])
    row = delivery(message, state=Delivery.State.SENT, address="", sent_at=timezone.now())
    [line] = explain(message, [row], now=timezone.now())
    assert line.outcome.startswith("Sent to your address ")
