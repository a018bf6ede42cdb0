"""What people write: STOP and START, HELP, and whatever no computer understands."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from notifications import tasks
from notifications.channels.sms import providers
from notifications.channels.sms.gateway import Sms
from notifications.exceptions import EventTypeError
from notifications.models import ChannelChoice, InboundMessage, NotificationPreferences
from notifications.quick_replies import (
    Outcome,
    Question,
    QuickReplyType,
    quick_replies_to,
    register,
    unregister,
)
from notifications.replies import sms_replies
from notifications.replies.sms_replies import REPLY_WITHIN, interpret_next, reply_next
from notifications.types import Reason, SendResult
from notifications.work.sweep import sweep
from notifications.work.wakeups import Wakeup
from tests.factories import UserFactory
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.sms.gateways import Server, says
from tests.notifications.conftest import NOW
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = pytest.mark.django_db

NUMBER = "+27825550101"
_ids = count()


@pytest.fixture
def thandi() -> Any:
    return UserFactory(phone=NUMBER)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def arrive(text: str, *, sender: str = NUMBER, at: datetime | None = None) -> InboundMessage:
    at = at or timezone.now()
    return InboundMessage.objects.create(
        provider="twilio", provider_id=f"SM{next(_ids)}", sender=sender, text=text, received_at=at, due_at=at
    )


def deal(row: InboundMessage) -> InboundMessage:
    dealt_with, answered = interpret_next(now=timezone.now()), reply_next(now=timezone.now())
    assert dealt_with or answered
    row.refresh_from_db()
    return row


def write(text: str, **changes: Any) -> InboundMessage:
    return deal(arrive(text, **changes))


def answers(server: Server) -> list[str]:
    return [text for _number, text in server.africastalking.sent]


def wants_sms(user: Any) -> bool:
    return NotificationPreferences.objects.get(user=user).sms_enabled


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "Unsubscribe", "STOPALL", "“Stop!”"])
def test_stop_ends_sms_and_is_answered_once(server: Server, thandi: Any, text: str) -> None:
    assert write(text).interpretation == "stop"
    assert not wants_sms(thandi)
    assert server.africastalking.sent == [
        (NUMBER, "You will get no more SMS from MedGuard. Send START to get them again.")
    ]
    assert write(text).interpretation == "stop"
    assert len(answers(server)) == 1


@pytest.mark.parametrize("text", ["START", "begin", "Unstop"])
def test_start_brings_them_back_as_they_were(server: Server, thandi: Any, text: str) -> None:
    NotificationPreferencesFactory(user=thandi, sms_enabled=False)
    ChannelChoice.objects.create(user=thandi, category="medication", channel="sms", on=True)
    assert write(text).interpretation == "start"
    assert wants_sms(thandi)
    assert answers(server) == ["You will get SMS from MedGuard again. Send STOP to end them."]
    assert ChannelChoice.objects.filter(user=thandi, channel="sms", on=True).exists()


def test_answers_are_in_the_persons_language(server: Server, thandi: Any) -> None:
    NotificationPreferencesFactory(user=thandi, language="af")
    write("STOP")
    assert answers(server) == ["U sal geen SMS'e meer van MedGuard kry nie. Stuur START om dit weer te kry."]


@pytest.mark.parametrize("text", ["Please Call Me. Thank you", "Please call 0825550101", "bel my asb"])
def test_who_asks_to_be_called_is_answered_once(
    server: Server, thandi: Any, clock: time_machine.Traveller, text: str
) -> None:
    assert write("hello?").interpretation == "unknown_words"
    for _ in range(3):
        assert write(text).interpretation == "please_call"
    assert answers(server)[1:] == [
        "Noted. Your clinic sees that you want a call. In an emergency phone 112 or 10177."
    ]


def test_who_stopped_sms_may_ask_to_be_called(server: Server, thandi: Any) -> None:
    write("STOP")
    row = write("Please Call Me")
    assert (row.interpretation, row.user) == ("please_call", thandi)
    assert len(answers(server)) == 2 and not wants_sms(thandi)


@pytest.mark.parametrize(
    ("text", "interpretation"),
    [
        ("Please Call Thandi 27825550101\nWin a car! SMS CAR to 31000", "please_call"),
        ("Please Call 0825550199", "stranger"),
        ("Please call me", "stranger"),
        ("Is 0825550101 your number?", "stranger"),
    ],
)
def test_a_network_asks_for_whoever_has_the_number_and_is_not_answered(
    server: Server, thandi: Any, text: str, interpretation: str
) -> None:
    row = write(text, sender="+27820001111")
    assert (row.interpretation, row.reply) == (interpretation, "")
    assert row.user == (thandi if interpretation == "please_call" else None)
    assert answers(server) == []


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("text", ["STOP", "START", "HELP", "hello?", "1", "Please call me"])
def test_every_answer_is_one_part_and_names_nothing(
    server: Server, thandi: Any, text: str, language: str
) -> None:
    NotificationPreferencesFactory(user=thandi, language=language, sms_enabled=text != "START")
    assert len(write(text).reply) <= 160
    assert all(
        word not in answers(server)[0].lower() for word in ("dose", "dosis", "medi-", "medicine", "medisyne")
    )
    assert answers(server)[0].isascii()


@pytest.mark.parametrize("text", ["I feel sick", "", "I want to stop taking my tablets", "not 1", "💊", "7"])
def test_what_nobody_understands_is_for_people_and_answered_once(
    server: Server, thandi: Any, clock: time_machine.Traveller, text: str
) -> None:
    for minute in (0, 10, 59, 61, 70):
        clock.move_to(NOW + timedelta(minutes=minute))
        assert write(text).interpretation == "unknown_words"
    assert answers(server) == [
        "Thank you. A nurse reads this in opening hours. In an emergency do not wait: call 10177 or 112, or go to the"
        " nearest clinic or hospital."
    ]


def test_where_nobody_reads_it_how_this_number_works_is_said_once_an_hour(
    server: Server, thandi: Any, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.free_text._listeners", [])
    for minute in (0, 10, 59, 61, 70):
        clock.move_to(NOW + timedelta(minutes=minute))
        assert write("I feel sick").interpretation == "unknown_words"
    assert [answer[:37] for answer in answers(server)] == ["This number answers automatically. An"] * 2


def test_two_computers_that_answer_each_other_come_to_an_end(server: Server, thandi: Any) -> None:
    text = "I am away. STOP"
    for _ in range(50):
        text = write(text).reply or "I am away until Monday"
    assert len(answers(server)) == 1


def test_help_is_given_to_those_who_stopped_too_and_nothing_else(server: Server, thandi: Any) -> None:
    NotificationPreferencesFactory(user=thandi, sms_enabled=False)
    assert write("1").reply == write("what?").reply == ""
    assert write("HULP").reply.startswith("This number answers automatically.")


@pytest.mark.parametrize("text", ["Stop asb", "STOP 😡", "Hou op", "Please stop", "opt out"])
def test_a_stop_in_any_words_stops_and_is_answered(server: Server, thandi: Any, text: str) -> None:
    assert write(text).interpretation == "stop"
    assert not wants_sms(thandi)
    assert answers(server) == ["You will get no more SMS from MedGuard. Send START to get them again."]


def test_who_stopped_already_and_says_so_again_is_answered_once_an_hour(
    server: Server, thandi: Any, clock: time_machine.Traveller
) -> None:
    NotificationPreferencesFactory(user=thandi, sms_enabled=False)
    assert write("HULP").reply
    for minute in (1, 10, 62):
        clock.move_to(NOW + timedelta(minutes=minute))
        write("Stop asb")
    assert len(answers(server)) == 3, "the help, and the stop of minutes 1 and 62"


def test_strangers_are_not_answered_but_what_they_wrote_is_kept(server: Server, thandi: Any) -> None:
    row = write("STOP", sender="+27825550999")
    assert (row.interpretation, row.state, row.user, row.text) == ("stranger", "done", None, "STOP")
    assert write("STOP", sender="Vodacom").interpretation == "stranger"
    thandi.is_active = False
    thandi.save()
    assert write("STOP").interpretation == "stranger"
    assert not answers(server)


def test_an_answer_that_finds_nothing_asked_says_so(server: Server, thandi: Any) -> None:
    assert write("1").interpretation == "nothing_asked"
    assert answers(server) == ["There is nothing for you to answer at the moment."]


def test_an_answer_waits_for_a_provider_and_what_it_did_is_done_once(
    server: Server, thandi: Any, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = server.twilio.fault = says(Answer(500))
    row = write("STOP")
    assert (row.state, row.failures, row.interpretation) == ("pending", 1, "stop")
    thandi.notification_preferences.refresh_from_db()
    NotificationPreferences.objects.filter(user=thandi).update(sms_enabled=True)
    server.twilio.heal()
    clock.move_to(row.due_at)
    assert deal(row).state == "done"
    assert wants_sms(thandi), "its second try sent the answer, and stopped nothing again"
    assert len(server.twilio.sent) == 1


def test_an_answer_that_comes_too_late_stays_at_home(
    server: Server, thandi: Any, clock: time_machine.Traveller
) -> None:
    row = arrive("STOP")
    clock.move_to(NOW + REPLY_WITHIN + timedelta(minutes=1))
    row = deal(row)
    assert (row.state, row.interpretation) == ("done", "stop")
    assert row.reason == Reason.REPLY_TOO_LATE and not answers(server)


def test_where_the_provider_has_stopped_it_already_stop_is_stop(
    server: Server, thandi: Any, settings: Settings
) -> None:
    settings.SMS_PROVIDERS = ["twilio"]
    server.twilio.fault = says(twilio_refuses(400, 21610, "Attempt to send to unsubscribed recipient"))
    row = write("STOP")
    assert (row.state, row.failures) == ("done", 0)
    assert "21610" in row.error
    assert not wants_sms(thandi)


def test_a_fault_of_ours_is_tried_again_and_stands_in_the_row(
    server: Server, thandi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(row: InboundMessage) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(sms_replies, "carry_out", stumble)
    row = write("STOP")
    assert (row.state, row.failures, row.interpretation) == ("pending", 1, "")
    assert "no such thing" in row.error


def test_all_that_came_in_is_dealt_with_before_the_first_of_it_is_answered(
    server: Server, thandi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(sms: Sms) -> SendResult:
        waiting.append(InboundMessage.objects.filter(interpretation="").count())
        return SendResult("twilio", parts=1)

    waiting: list[int] = []
    monkeypatch.setattr(providers, "send_sms", send)
    arrive("STOP")
    arrive("START")
    tasks.answer_sms.call_local()
    assert waiting == [0, 0]
    assert set(InboundMessage.objects.values_list("state", "attempts")) == {("done", 1)}


def test_while_a_worker_answers_no_other_of_its_process_does(
    server: Server, thandi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(sms: Sms) -> SendResult:
        others.append(len(sending))
        sending.append(sms)
        arrive("START")
        tasks.answer_sms.call_local()
        made.append(InboundMessage.objects.latest("pk").interpretation)
        sending.pop()
        return SendResult("twilio", parts=1)

    sending: list[Sms] = []
    others: list[int] = []
    made: list[str] = []
    monkeypatch.setattr(providers, "send_sms", send)
    arrive("STOP")
    tasks.answer_sms.call_local()
    # What came meanwhile was dealt with at once and answered afterwards. The second START changes nothing any more.
    assert made == ["start", "start"]
    assert others == [0, 0]
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"done"}


def test_what_a_worker_dropped_is_found_and_what_kills_workers_given_up(server: Server, thandi: Any) -> None:
    now = timezone.now()
    row = arrive("STOP", at=now - timedelta(minutes=5))
    assert (Wakeup.ANSWER_SMS, ()) in sweep(now=now).woken
    InboundMessage.objects.filter(pk=row.pk).update(
        crashes=2, lease_owner="x", lease_until=now - timedelta(minutes=1)
    )
    sweep(now=now)
    row.refresh_from_db()
    assert row.state == "failed"
    assert row.reason == Reason.CRASHED
    assert (Wakeup.ANSWER_SMS, ()) not in sweep(now=now).woken


@pytest.mark.parametrize("words", [{"STOP"}, {"stop"}, {"Yes"}, {"help"}])
def test_a_word_that_means_something_else_is_refused_at_the_start(words: set[str]) -> None:
    def nothing(*args: Any) -> Outcome:
        return Outcome.OVER

    def no_question(*args: Any) -> Question:
        return Question("Wet?", "Yes")

    with pytest.raises(EventTypeError):
        register("weather.rain", QuickReplyType("wet", "Wet", "Wet.", nothing, no_question, frozenset(words)))
    with pytest.raises(EventTypeError):
        register(
            "weather.rain",
            QuickReplyType("wet", "Wet", "Wet.", nothing, no_question, frozenset({"yes"})),
            QuickReplyType("dry", "Dry", "Dry.", nothing, no_question, frozenset({"yes"})),
        )


def test_a_digit_of_another_category_is_refused_at_the_start() -> None:
    def nothing(*args: Any) -> Outcome:
        return Outcome.OVER

    def no_question(*args: Any) -> Question:
        return Question("Well?", "Yes")

    def answer(word: str) -> QuickReplyType:
        return QuickReplyType("well", "Well", "Well.", nothing, no_question, frozenset({word}))

    for taken in ("2", "5"):  # by doses and by visits
        with pytest.raises(EventTypeError, match="already"):
            register("event.ended", answer(taken))
        assert quick_replies_to("event.ended") == ()
    register("event.ended", answer("6"))
    unregister("event.ended")
