"""A dose from its reminder by SMS to the answer by SMS, through a provider and back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from home.models import CareRole, Relation
from medications.models import Dose
from medications.services.reminders import send_dose_reminders
from notifications.models import ChannelChoice, Delivery, InboundMessage, NotificationPreferences
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.tasks import answer_sms
from tests.factories import CareRoleFactory, UserFactory
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory
from tests.notifications.channels.sms.conftest import SECRET
from tests.notifications.channels.sms.conftest import server as server
from tests.notifications.channels.sms.gateways import Server

pytestmark = pytest.mark.django_db

PIETER, ANNA = "+27825550102", "+27825550103"
REMINDER = "You have a reminder from your clinic. Reply 1 done, 2 skip, 3 later."
State = Dose.State
_ids = count()


@pytest.fixture(autouse=True)
def clock(server: Server, settings: Settings) -> Iterator[time_machine.Traveller]:
    settings.SMS_REPLIES = True
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def by_sms(number: str) -> Any:
    user = UserFactory(phone=number)
    ChannelChoice.objects.create(user=user, category="medication", channel="sms", on=True)
    return user


@pytest.fixture
def pieter() -> CareRole:
    return CareRoleFactory(user=by_sms(PIETER))


@pytest.fixture
def anna(pieter: CareRole) -> Any:
    return CareRoleFactory(patient=pieter.patient, user=by_sms(ANNA), relation=Relation.CARER).user


def prescribe(role: CareRole, *, at: datetime = NOW) -> Dose:
    schedule = DoseScheduleFactory(prescription__patient=role.patient)
    return DoseFactory(schedule=schedule, due_at=at, state=State.SCHEDULED)


def remind() -> None:
    """What the minute does."""
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    while deliver("sms", now=timezone.now()).taken:
        pass


def reply(text: str, number: str = PIETER) -> InboundMessage:
    """Write back, and have it dealt with."""
    form = {"id": f"in-{next(_ids)}", "from": number, "to": "22345", "text": text}
    assert Client().post(f"/sms/africastalking/inbound/?key={SECRET}", form).status_code == 204
    answer_sms.call_local()
    return InboundMessage.objects.latest("pk")


def state(dose: Dose) -> str:
    return Dose.objects.get(pk=dose.pk).state


def sent(server: Server, number: str = PIETER) -> list[str]:
    return [text for to, text in server.africastalking.sent if to == number]


@pytest.mark.parametrize(
    ("text", "becomes", "said"),
    [
        ("TAKEN", State.TAKEN, "Noted: taken. Thank you."),
        ("1", State.TAKEN, "Noted: taken. Thank you."),
        ("Geneem.", State.TAKEN, "Noted: taken. Thank you."),
        ("SKIP", State.SKIPPED, "Noted: skipped."),
        ("slaan oor", State.SKIPPED, "Noted: skipped."),
        ("Slaan  Oor!", State.SKIPPED, "Noted: skipped."),
        ("2", State.SKIPPED, "Noted: skipped."),
        ("1 👍", State.TAKEN, "Noted: taken. Thank you."),
        ("１ asb", State.TAKEN, "Noted: taken. Thank you."),
        ("1 done", State.TAKEN, "Noted: taken. Thank you."),
        ("Geneem dankie suster", State.TAKEN, "Noted: taken. Thank you."),
        ("LATER", State.SCHEDULED, "We will remind you again in a while."),
        ("3", State.SCHEDULED, "We will remind you again in a while."),
    ],
)
def test_an_answer_finds_the_dose_of_the_last_reminder(
    server: Server, pieter: CareRole, text: str, becomes: str, said: str
) -> None:
    dose = prescribe(pieter)
    remind()
    assert sent(server) == [REMINDER]
    row = reply(text)
    assert (row.interpretation, row.user) == ("answer", pieter.user)
    assert state(dose) == becomes
    assert sent(server)[1:] == [said]


def test_all_doses_of_one_message_are_answered_together(server: Server, pieter: CareRole) -> None:
    doses = [prescribe(pieter) for _ in range(3)]
    remind()
    assert sent(server) == [REMINDER]
    reply("1")
    assert [state(dose) for dose in doses] == [State.TAKEN] * 3


def test_an_answer_is_to_the_last_message_not_to_the_next_dose_or_an_older_one(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    first = prescribe(pieter)
    remind()
    clock.move_to(NOW + timedelta(hours=6))
    second, third = prescribe(pieter, at=timezone.now()), prescribe(pieter, at=NOW + timedelta(hours=12))
    remind()
    reply("1")
    assert [state(dose) for dose in (first, second, third)][1:] == [State.TAKEN, State.SCHEDULED]
    assert state(first) != State.TAKEN
    assert reply("1").interpretation == "late"
    assert state(first) != State.TAKEN, "pressed twice is not the dose before"


def test_an_answer_after_midnight_is_to_the_dose_before_it(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    evening = NOW + timedelta(hours=15, minutes=45)  # 23:45
    dose, tomorrow = prescribe(pieter, at=evening), prescribe(pieter, at=evening + timedelta(days=1))
    clock.move_to(evening)
    remind()
    clock.move_to(evening + timedelta(hours=1))
    reply("1")
    assert (state(dose), state(tomorrow)) == (State.TAKEN, State.SCHEDULED)


def test_an_answer_long_after_the_reminder_still_counts_within_a_day(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    dose = prescribe(pieter)
    remind()
    clock.move_to(NOW + timedelta(hours=9))
    reply("1")
    assert state(dose) == State.TAKEN
    other = prescribe(pieter, at=timezone.now())
    remind()
    clock.move_to(NOW + timedelta(hours=34))
    assert reply("1").interpretation == "nothing_asked"
    assert state(other) != State.TAKEN


def test_an_answer_that_waited_is_to_what_had_been_asked_when_it_was_written(
    server: Server, pieter: CareRole, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning = prescribe(pieter)
    remind()
    clock.move_to(NOW + timedelta(minutes=5))
    form = {"id": "in-late", "from": PIETER, "to": "22345", "text": "1"}
    Client().post(f"/sms/africastalking/inbound/?key={SECRET}", form)
    clock.move_to(NOW + timedelta(hours=6))
    noon = prescribe(pieter, at=timezone.now())
    remind()
    answer_sms.call_local()
    assert (state(morning), state(noon)) == (State.TAKEN, State.SCHEDULED)
    assert Dose.objects.get(pk=morning.pk).answered_at == NOW + timedelta(minutes=5)


def test_the_second_answer_changes_nothing(server: Server, pieter: CareRole) -> None:
    dose = prescribe(pieter)
    remind()
    reply("1")
    row = reply("2")
    assert (row.interpretation, state(dose)) == ("late", State.TAKEN)
    assert sent(server)[-1] == "This has already been answered. Nothing was changed."


def test_a_carers_answer_is_the_carers(server: Server, pieter: CareRole, anna: Any) -> None:
    dose = prescribe(pieter)
    remind()
    assert sent(server, ANNA) == [REMINDER]
    reply("1", ANNA)
    assert Dose.objects.get(pk=dose.pk).answered_by == anna
    assert reply("1").interpretation == "late"


def test_a_former_carer_cannot_answer(server: Server, pieter: CareRole, anna: Any) -> None:
    dose = prescribe(pieter)
    remind()
    CareRole.objects.filter(user=anna).delete()
    assert reply("1", ANNA).interpretation == "late"
    assert state(dose) == State.SCHEDULED


def test_an_answer_from_another_number_is_ignored(server: Server, pieter: CareRole) -> None:
    dose = prescribe(pieter)
    remind()
    assert reply("1", "+27825550999").interpretation == "stranger"
    assert state(dose) == State.SCHEDULED


def test_a_message_that_was_not_sent_by_sms_is_not_answered_by_sms(server: Server, pieter: CareRole) -> None:
    dose = prescribe(pieter)
    ChannelChoice.objects.all().delete()
    remind()
    assert not sent(server)
    assert reply("1").interpretation == "nothing_asked"
    assert state(dose) == State.SCHEDULED


def test_after_stop_no_reminder_comes_and_after_start_the_next_one_does(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    prescribe(pieter)
    reply("STOP")
    remind()
    assert [text for text in sent(server) if text == REMINDER] == []
    assert Delivery.objects.filter(channel="sms").count() == 0
    reply("BEGIN")
    clock.move_to(NOW + timedelta(minutes=15))
    remind()
    assert [text for text in sent(server) if text == REMINDER] == [REMINDER]


def test_stop_also_withholds_messages_that_are_already_waiting(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    reply("STOP")
    deliver("sms", now=timezone.now())
    assert Delivery.objects.get(channel="sms").state == "cancelled"
    assert REMINDER not in sent(server)


@pytest.mark.parametrize(
    ("language", "detail", "text"),
    [
        ("en", "discreet", REMINDER),
        (
            "af",
            "discreet",
            "U het 'n herinnering van u kliniek. Antwoord 1 gedoen, 2 slaan oor, 3 later.",
        ),
        (
            "en",
            "detailed",
            "08:00: time for your medicine: Metformin 500 mg. Reply 1 done, 2 skip, 3 later.",
        ),
    ],
)
def test_a_reminder_says_how_to_answer_and_no_more_than_the_person_wants(
    server: Server, pieter: CareRole, language: str, detail: str, text: str
) -> None:
    NotificationPreferences.objects.create(user=pieter.user, language=language, detail=detail)
    prescribe(pieter)
    remind()
    assert sent(server) == [text]


def test_where_nobody_can_answer_it_does_not_say_how(
    server: Server, pieter: CareRole, settings: Settings
) -> None:
    settings.SMS_REPLIES = False
    prescribe(pieter)
    remind()
    assert sent(server) == ["You have a reminder from your clinic"]
