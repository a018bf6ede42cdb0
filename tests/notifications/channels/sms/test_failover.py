"""A provider that is down is passed over at once, by everybody, and tried again until it is back."""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from pytest_django import Settings

from notifications.channels import breaker
from notifications.channels.rate_limit import LONGEST_WAIT, wait_for_slot
from notifications.channels.sms import providers
from notifications.channels.sms.gateway import Sms
from notifications.exceptions import ChannelError
from notifications.models import SmsProvider
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.sms.gateways import Fault, Server, africastalking_says, hangs, says
from tests.notifications.conftest import NOW

pytestmark = pytest.mark.django_db

IN_TROUBLE: dict[str, Fault] = {
    "500": says(Answer(500)),
    "no credit": says(africastalking_says(405, "InsufficientBalance")),
    "wrong key": says(Answer(401, "The supplied authentication is invalid")),
    "rate limit": says(Answer(429)),
    "hang": hangs,
}
BAD_NUMBER = says(africastalking_says(403, "InvalidPhoneNumber"))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


def send(number: int = 0) -> str:
    """Which provider took it."""
    return providers.send_sms(Sms(f"medguard-{number}", f"+2782555{number:04}", "Hello")).provider


@pytest.mark.parametrize("fault", IN_TROUBLE.values(), ids=IN_TROUBLE.keys())
def test_the_very_message_that_finds_a_provider_down_goes_by_the_next(
    server: Server, clock: time_machine.Traveller, fault: Fault
) -> None:
    server.africastalking.fault = fault
    assert send(1) == "twilio"
    assert server.twilio.sent == [("+27825550001", "Hello")]


@pytest.mark.parametrize("fault", IN_TROUBLE.values(), ids=IN_TROUBLE.keys())
def test_one_that_is_down_holds_up_no_other_message(
    server: Server, clock: time_machine.Traveller, fault: Fault
) -> None:
    server.africastalking.fault = fault
    assert [send(number) for number in range(5)] == ["twilio"] * 5
    assert server.africastalking.asked == 1, "the others didn't wait for it"


def test_within_five_minutes_of_its_recovery_a_provider_is_back(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = says(Answer(500))
    used = {}
    for minute in range(30):
        clock.move_to(NOW + timedelta(minutes=minute))
        if minute == 12:
            server.africastalking.heal()
        used[minute] = send(minute)
    assert all(used[minute] == "twilio" for minute in range(12))
    assert all(used[minute] == "africastalking" for minute in range(17, 30))
    assert len(server.africastalking.sent) + len(server.twilio.sent) == 30, "each once"
    assert not SmsProvider.objects.filter(down_since__isnull=False).exists()


def test_one_that_asked_for_a_breather_is_back_after_it(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = says(Answer(429, "", {"Retry-After": "40"}))
    assert send() == "twilio"
    server.africastalking.heal()
    clock.move_to(NOW + timedelta(seconds=39))
    assert send() == "twilio"
    clock.move_to(NOW + timedelta(seconds=45))
    assert send() == "africastalking"


def test_of_those_who_come_when_it_may_be_tried_again_one_tries(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = says(Answer(500))
    send()
    clock.move_to(NOW + timedelta(minutes=6))
    row = SmsProvider.objects.get(name="africastalking")
    assert [breaker.in_order(["africastalking", "twilio"], {row.name: row}, now=later()) for _ in "ab"] == [
        ["africastalking", "twilio"],
        ["twilio", "africastalking"],
    ]


def later() -> datetime:
    return NOW + timedelta(minutes=6)


def test_a_number_that_takes_no_sms_is_nobodys_fault_and_tried_nowhere_else(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = BAD_NUMBER
    with pytest.raises(ChannelError) as caught:
        send()
    assert caught.value.permanent
    assert server.twilio.asked == 0
    server.africastalking.heal()
    assert send() == "africastalking"


def test_what_one_cannot_carry_another_may_and_neither_is_down(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = says(africastalking_says(407, "CouldNotRoute"))
    assert [send(), send()] == ["twilio", "twilio"]
    assert server.africastalking.asked == 2
    assert not SmsProvider.objects.filter(down_since__isnull=False).exists()


def test_where_all_are_down_all_are_tried_and_nothing_is_given_up(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = says(Answer(500))
    server.twilio.fault = says(twilio_refuses(500, 20500, "Internal Server Error"))
    for _ in range(2):
        with pytest.raises(ChannelError) as caught:
            send()
        assert not caught.value.permanent and caught.value.retry_after is None
    assert server.africastalking.asked == server.twilio.asked == 2
    server.twilio.heal()
    assert send() == "twilio", "at once, not when its rest is over"
    assert send() == "twilio"
    assert server.africastalking.asked == 2 + 1


def test_where_all_ask_for_time_they_get_it(server: Server, clock: time_machine.Traveller) -> None:
    server.africastalking.fault = says(Answer(429, "", {"Retry-After": "40"}))
    server.twilio.fault = says(Answer(429, "", {"Retry-After": "20"}))
    with pytest.raises(ChannelError) as caught:
        send()
    assert caught.value.retry_after == timedelta(seconds=20)


def test_what_may_have_been_sent_is_sent_all_the_same_by_the_next(
    server: Server, clock: time_machine.Traveller
) -> None:
    server.africastalking.fault = hangs
    send(1)
    server.africastalking.heal()
    deadline = time.monotonic() + 5
    while not server.africastalking.sent and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.africastalking.sent == server.twilio.sent == [("+27825550001", "Hello")]


def test_staff_are_told_once_that_a_provider_is_down_and_that_it_is_back(
    server: Server, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="notifications.channels.sms")
    server.africastalking.fault = says(africastalking_says(405, "InsufficientBalance"))
    for number in range(3):
        send(number)
    row = SmsProvider.objects.get(name="africastalking")
    assert row.reason == "Africa’s Talking: 405, no credit"
    server.africastalking.heal()
    clock.move_to(later())
    send()
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == [
        "Provider africastalking is down: Africa’s Talking: 405, no credit",
        "Provider africastalking is back.",
    ]
    assert not any(
        "2782555" in record.getMessage() or "Hello" in record.getMessage() for record in caplog.records
    )


def test_parts_are_counted_as_they_are_charged(server: Server) -> None:
    result = providers.send_sms(Sms("medguard-1", "+27825550001", "ê" * 71))
    assert (result.provider, result.provider_id, result.parts) == ("africastalking", "ATXid_1", 2)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds each message would have waited for its turn, if it had: they all come at one moment."""
    waits: list[float] = []
    standing = SimpleNamespace(time=NOW.timestamp, sleep=waits.append)
    monkeypatch.setattr("notifications.channels.rate_limit.time", standing)
    return waits


def test_a_provider_gets_no_more_a_second_than_it_takes(
    server: Server, waits: list[float], settings: Settings
) -> None:
    settings.SMS_PER_SECOND = {"africastalking": 20}
    for number in range(7):
        send(number)
    assert waits == pytest.approx([number / 20 for number in range(7)], abs=0.001)


@pytest.mark.django_db(transaction=True)
def test_its_rate_holds_for_all_workers_together() -> None:
    SmsProvider.objects.create(name="twilio")

    def work() -> None:
        for _ in range(4):
            wait_for_slot("twilio", 20)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert time.monotonic() - began >= 11 / 20


def test_a_clock_that_was_put_back_stops_nothing(waits: list[float]) -> None:
    SmsProvider.objects.create(name="twilio", next_slot=NOW.timestamp() + 3600)
    wait_for_slot("twilio", 1)
    assert waits == pytest.approx([LONGEST_WAIT], abs=0.001)
