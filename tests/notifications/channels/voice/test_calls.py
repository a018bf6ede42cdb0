"""A call through the pipeline: placed, picked up, answered by a key; or busy, a machine, and called again."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from home.contact_verification.contacts import address_confirm
from home.models import CareRole, Clinic, Consent
from medications.models import Dose
from medications.services.reminders import send_dose_reminders
from notifications.channels.sms.channel import SmsChannel
from notifications.channels.voice import outcome
from notifications.channels.voice.channel import VoiceChannel
from notifications.channels.voice.gateways.registry import GATEWAYS
from notifications.channels.voice.outcome import settle_silent
from notifications.inbox.why import explain
from notifications.models import (
    Delivery,
    EarlyReceipt,
    MessagePrice,
    Notification,
    NotificationPreferences,
    QuickReply,
    RoutingPlan,
    Spending,
    VoiceClip,
)
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.pipeline.fan_out import fan_out
from notifications.preferences.settings import preferences_update
from notifications.types import Detail, Reason
from tests.factories import CareRoleFactory, UserFactory
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.voice.providers import SITE, AfricasTalkingLine, Server, TwilioLine, says
from tests.notifications.channels.voice.recordings import record
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

State = Delivery.State
NUMBER = "+27825550101"
GREETING = "Hello. This is a message from your clinic. To hear it, press 1. To get no more calls, press 0."
REMINDER = "You have a reminder from your clinic"
ANSWERS = "For “Taken”, press 1. For “Skip”, press 2. For “Later”, press 3."
KEYS = "To hear this again, press 9. To get no more calls, press 0."


@pytest.fixture(autouse=True)
def clock(server: Server) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def pieter(server: Server) -> CareRole:
    """Somebody who agreed to calls, and turned them on."""
    return called()


def called(number: str = NUMBER, **wishes: Any) -> CareRole:
    role = CareRoleFactory(user=UserFactory(phone=number, email=None))
    preferences_update(user_id=role.user_id, changes={"voice_enabled": True, **wishes}, now=timezone.now())
    return role


def prescribe(role: CareRole, *, at: datetime = NOW) -> Dose:
    schedule = DoseScheduleFactory(prescription__patient=role.patient)
    return DoseFactory(schedule=schedule, due_at=at, state=Dose.State.SCHEDULED)


def run() -> None:
    """What the minute does."""
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    for send in (deliver, deliver_held):
        while send("voice", now=timezone.now()).taken:
            pass


def only(**which: Any) -> Delivery:
    return Delivery.objects.get(channel="voice", **which)


def state(dose: Dose) -> str:
    return Dose.objects.get(pk=dose.pk).state


def test_a_call_that_a_key_answers_gives_the_doses_answer(server: Server, pieter: CareRole) -> None:
    dose = prescribe(pieter)
    run()
    row = only()
    assert (row.state, row.provider, row.parts) == (State.SENT, "twilio", 1)
    call = TwilioLine.of(server)
    assert call.pick_up() == [GREETING]
    assert state(dose) == Dose.State.SCHEDULED and only().state == State.SENT
    assert call.press("1") == [REMINDER, ANSWERS, KEYS]
    assert only().state == State.DELIVERED
    assert call.press("1") == ["Noted: taken. Thank you.", "Goodbye."]
    assert call.is_over and call.end() == 204
    assert state(dose) == Dose.State.TAKEN
    row = only()
    assert (row.state, row.delivered_at, row.read_at) == (State.DELIVERED, NOW, NOW)
    assert Notification.objects.get().read_at == NOW


@pytest.mark.parametrize(
    ("key", "becomes"), [("1", Dose.State.TAKEN), ("2", Dose.State.SKIPPED), ("3", Dose.State.SCHEDULED)]
)
def test_each_key_is_the_answer_that_it_is_by_sms(
    server: Server, settings: Settings, pieter: CareRole, key: str, becomes: str
) -> None:
    settings.VOICE_PROVIDERS = ["africastalking"]
    dose = prescribe(pieter)
    run()
    call = AfricasTalkingLine.of(server)
    assert call.pick_up() == [GREETING]
    assert call.press("1") == [REMINDER, ANSWERS, KEYS]
    call.press(key)
    assert call.is_over and call.end() == 204
    assert state(dose) == becomes
    assert QuickReply.objects.count() == 1
    assert only().state == State.DELIVERED


def test_who_picks_up_hears_no_message_without_asking_for_it(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    assert call.pick_up() == [GREETING]
    assert call.wait() == [GREETING]
    assert call.wait() == ["Goodbye."]
    assert call.is_over and call.end() == 204
    assert only().state == State.RETRY


def test_a_key_that_means_nothing_is_said_and_asked_again_once(server: Server, pieter: CareRole) -> None:
    dose = prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    call.press("1")
    assert call.press("7") == ["That key means nothing here.", REMINDER, ANSWERS, KEYS]
    assert call.press("8") == ["Goodbye."]
    assert call.is_over
    assert state(dose) == Dose.State.SCHEDULED


def test_nine_repeats_the_message(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    said = call.press("1")
    assert call.press("9") == call.press("9") == said


def test_zero_turns_calls_off_and_ends_the_consent(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    assert call.press("0") == [
        "You will get no more calls. You can turn them on again at your clinic.",
        "Goodbye.",
    ]
    assert call.is_over
    assert not NotificationPreferences.objects.get(user=pieter.user).voice_enabled
    consent = Consent.objects.get(user=pieter.user, purpose="voice")
    assert (consent.withdrawn_how, consent.withdrawn_by) == ("voice", pieter.user)
    call.end()
    run()
    row = only()
    assert row.state == State.RETRY
    with time_machine.travel(row.due_at, tick=False):
        run()
    assert len(server.twilio.calls) == 1
    assert (only().state, only().reason) == (State.CANCELLED, Reason.OFF_BY_CHOICE)


def test_a_machine_hears_nothing_and_counts_as_nobody(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    call.answered_by = "machine_start"
    assert call.pick_up() == []
    assert call.is_over and call.end() == 204
    assert only().state == State.RETRY


@pytest.mark.parametrize("status", ["busy", "no-answer", "canceled", "failed"])
def test_who_does_not_answer_is_called_again_and_then_answers(
    server: Server, clock: time_machine.Traveller, pieter: CareRole, status: str
) -> None:
    dose = prescribe(pieter)
    run()
    assert TwilioLine.of(server).end(status) == 204
    row = only()
    assert (row.state, row.due_at, row.failures) == (State.RETRY, NOW + timedelta(minutes=15), 1)
    run()
    assert len(server.twilio.calls) == 1
    clock.move_to(NOW + timedelta(minutes=15))
    run()
    assert len(server.twilio.calls) == 2
    assert server.twilio.calls[0] == server.twilio.calls[1], "the same key at each attempt"
    call = TwilioLine.of(server)
    call.pick_up()
    call.press("1")
    call.press("1")
    assert state(dose) == Dose.State.TAKEN and only().state == State.DELIVERED


def test_after_three_calls_it_has_failed_with_the_reason(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    prescribe(pieter)
    run()
    for calls in (1, 2, 3):
        assert len(server.twilio.calls) == calls
        assert TwilioLine.of(server).end("no-answer") == 204
        clock.shift(timedelta(minutes=15))
        while deliver("voice", now=timezone.now()).taken:
            pass
    assert len(server.twilio.calls) == 3
    row = only()
    assert (row.state, row.reason) == (State.FAILED, Reason.NOT_ANSWERED)
    assert row.error == "Nobody heard it: no-answer"


def call_before_sms() -> None:
    RoutingPlan.objects.create(category="medication", steps=[["voice", 0], ["sms", 120]])


def test_when_nobody_has_answered_the_next_step_goes_at_once(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    call_before_sms()
    prescribe(pieter)
    run()
    for _ in range(3):
        next_step = Delivery.objects.get(channel="sms")
        assert next_step.state == State.PENDING and next_step.due_at >= NOW + timedelta(minutes=60)
        TwilioLine.of(server).end("no-answer")
        ended = timezone.now()
        clock.shift(timedelta(minutes=15))
        while deliver("voice", now=timezone.now()).taken:
            pass
    assert only().state == State.FAILED
    assert Delivery.objects.get(channel="sms").due_at == ended


def test_who_heard_the_call_gets_no_further_step(server: Server, pieter: CareRole) -> None:
    call_before_sms()
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    call.press("1")
    next_step = Delivery.objects.get(channel="sms")
    assert (next_step.state, next_step.reason) == (State.CANCELLED, Reason.REACHED)


def test_a_clinic_that_asks_weekly_instead_of_by_sms_still_calls_who_asked_for_that(
    server: Server, settings: Settings, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    settings.SMS_REPLIES = True
    Clinic.objects.filter(pk=pieter.patient.clinic_id).update(dose_sms=Clinic.DoseSms.WEEKLY)
    prescribe(pieter)
    run()
    assert len(server.twilio.calls) == 1
    clock.move_to(NOW + timedelta(minutes=15))
    run()
    assert Notification.objects.count() == 2 and len(server.twilio.calls) == 1


def test_nobody_is_called_again_when_it_would_be_too_late(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    prescribe(pieter)
    run()
    Notification.objects.update(valid_until=NOW + timedelta(minutes=10))
    assert TwilioLine.of(server).end("busy") == 204
    assert (only().state, only().reason) == (State.FAILED, Reason.NOT_ANSWERED)


def test_an_end_that_is_told_again_changes_nothing(
    server: Server, pieter: CareRole, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    for _ in range(3):
        assert call.end("busy") == 204
    assert only().failures == 1
    assert caplog.messages.count("The end of a call by twilio is no news.") == 2


def test_the_end_of_an_earlier_call_says_nothing_of_the_one_under_way(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    prescribe(pieter)
    run()
    TwilioLine.of(server).end("busy")
    clock.move_to(NOW + timedelta(minutes=15))
    run()
    assert TwilioLine.of(server, 0).end("busy") == 204
    assert (only().state, only().failures) == (State.SENT, 1)


def test_a_key_that_is_told_again_counts_once(server: Server, pieter: CareRole) -> None:
    dose = prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    call.press("1")
    url = call.url
    assert call.press("1")[0] == "Noted: taken. Thank you."
    for _ in range(2):
        call.url, call.is_over = url, False
        assert call.press("1")[0] == "This has already been answered. Nothing was changed."
    assert state(dose) == Dose.State.TAKEN
    assert QuickReply.objects.count() == 1


def test_a_call_about_which_nothing_is_said_is_settled_after_ten_minutes(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    prescribe(pieter)
    run()
    assert settle_silent(now=NOW + timedelta(minutes=9)) == 0
    assert settle_silent(now=NOW + timedelta(minutes=11)) == 1
    assert (only().state, only().error) == (State.RETRY, "Nobody heard it: nothing was said of it")
    assert settle_silent(now=NOW + timedelta(minutes=11)) == 0


def test_one_that_cannot_be_settled_leaves_the_others(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        DeliveryFactory(
            channel="voice", provider="twilio", provider_id=f"CA{n}", state=State.SENT, finished_at=NOW
        )
        for n in range(3)
    ]
    settle = outcome._not_heard

    def poisoned(row: Delivery, reason: str, *, now: datetime) -> bool:
        if row.pk == rows[0].pk:
            raise ValueError("poison")
        return settle(row, reason, now=now)

    monkeypatch.setattr(outcome, "_not_heard", poisoned)
    assert settle_silent(now=NOW + timedelta(hours=1)) == 2
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.SENT, State.RETRY, State.RETRY]
    assert f"The call of delivery {rows[0].pk} can't be settled." in caplog.messages


def test_what_is_written_to_a_file_is_never_called_again(
    server: Server, settings: Settings, pieter: CareRole, tmp_path: Any
) -> None:
    settings.VOICE_PROVIDERS, settings.VOICE_FILE_PATH = ["file"], tmp_path / "voice"
    prescribe(pieter)
    run()
    [file] = settings.VOICE_FILE_PATH.iterdir()
    assert file.read_text() == f"To: {NUMBER}\n\n{REMINDER}\n"
    assert settle_silent(now=NOW + timedelta(hours=1)) == 0
    assert only().state == State.SENT


LATE = NOW.replace(hour=19)
"""21:00 in Johannesburg."""
MORNING = datetime(2026, 11, 25, 6, tzinfo=NOW.tzinfo)


def test_nobody_is_called_at_night_and_why_says_so(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    clock.move_to(LATE)
    dose = prescribe(pieter, at=LATE)
    Dose.objects.filter(pk=dose.pk).update(
        remind_until=MORNING + timedelta(hours=2), missed_at=MORNING + timedelta(hours=2)
    )
    run()
    row = only()
    assert server.twilio.asked == 0
    assert (row.state, row.due_at) == (State.PENDING, MORNING)
    lines = {line.channel: line for line in explain(row.notification, [row], now=LATE)}
    assert str(lines["Phone call"].reason).startswith("We do not call at night. Held until the morning: ")
    clock.move_to(MORNING)
    run()
    assert server.twilio.asked == 1


@pytest.mark.parametrize("provider", ["twilio", "africastalking"])
@pytest.mark.parametrize(
    ("keys", "heard", "taken"), [("1", ["delivered", "sent"], 0), ("11", ["delivered", "delivered"], 1)]
)
def test_what_is_heard_before_the_call_is_written_down_counts(
    server: Server,
    settings: Settings,
    clock: time_machine.Traveller,
    pieter: CareRole,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    keys: str,
    heard: list[str],
    taken: int,
) -> None:
    """They pick up at once, hear one of two messages and hang up, or answer it and hear the other, while the provider's
    yes is under way.
    """
    settings.VOICE_PROVIDERS = [provider]
    gateway, line = GATEWAYS[provider], TwilioLine if provider == "twilio" else AfricasTalkingLine
    doses = []
    for minute in range(2):
        clock.move_to(LATE + timedelta(minutes=minute))
        doses.append(prescribe(pieter, at=timezone.now()))
        late = MORNING + timedelta(hours=2)
        Dose.objects.filter(pk=doses[-1].pk).update(remind_until=late, missed_at=late)
        run()
    place, calls = gateway.place, []

    def place_and_talk(self: Any, http: Any, call: Any) -> str:
        provider_id = place(self, http, call)
        if not calls:
            calls.append(line.of(server))
            calls[0].pick_up()
            for key in keys:
                calls[0].press(key)
            calls[0].end()
        return provider_id

    monkeypatch.setattr(gateway, "place", place_and_talk)
    clock.move_to(MORNING)
    assert {row.state for row in Delivery.objects.all()} == {State.PENDING}
    run()
    assert sum(state(dose) == Dose.State.TAKEN for dose in doses) == taken
    rows = Delivery.objects.order_by("state")
    assert [row.state for row in rows] == heard
    assert rows[0].read_at == timezone.now()
    assert not EarlyReceipt.objects.exists()
    settle_silent(now=timezone.now() + timedelta(minutes=11))
    assert [row.state for row in rows.all()] == [State.DELIVERED, heard[1].replace("sent", State.RETRY)]


def test_what_would_be_too_late_by_the_morning_has_expired(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    clock.move_to(LATE)
    prescribe(pieter, at=LATE)
    run()
    assert (only().state, only().reason) == (State.EXPIRED, Reason.EXPIRED)


def test_who_wants_to_be_called_at_night_is_for_what_cannot_wait(
    server: Server, clock: time_machine.Traveller
) -> None:
    clock.move_to(LATE)
    role = called(calls_at_night=True)
    prescribe(role, at=LATE)
    run()
    assert only().state == State.SENT
    DeliveryFactory(
        channel="voice",
        address=NUMBER,
        notification__recipient=role.user,
        notification__event_type="system.announcement",
        notification__category="system",
    )
    run()
    assert only(notification__event_type="system.announcement").due_at == MORNING


def test_a_second_call_that_comes_due_at_night_waits_for_the_morning(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    evening = NOW.replace(hour=17, minute=50)
    clock.move_to(evening)
    dose = prescribe(pieter, at=evening)
    Dose.objects.filter(pk=dose.pk).update(
        remind_until=MORNING + timedelta(hours=2), missed_at=MORNING + timedelta(hours=2)
    )
    run()
    TwilioLine.of(server).end("busy")
    clock.move_to(evening + timedelta(minutes=15))
    run()
    assert server.twilio.asked == 1 and only().due_at == MORNING
    clock.move_to(MORNING)
    run()
    assert server.twilio.asked == 2


def test_what_waited_for_the_morning_is_one_call_with_each_message_in_turn(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    clock.move_to(LATE)
    dose = prescribe(pieter, at=LATE)
    Dose.objects.filter(pk=dose.pk).update(
        remind_until=MORNING + timedelta(hours=2), missed_at=MORNING + timedelta(hours=2)
    )
    run()
    other = DeliveryFactory(
        channel="voice",
        address=NUMBER,
        body="The clinic is closed.",
        notification__recipient=pieter.user,
        notification__event_type="system.announcement",
        notification__category="system",
    )
    run()
    clock.move_to(MORNING)
    run()
    assert len(server.twilio.calls) == 1
    call = TwilioLine.of(server)
    call.pick_up()
    assert call.press("1") == [REMINDER, ANSWERS, KEYS]
    other.refresh_from_db()
    assert other.state == State.SENT, "it wasn't heard yet"
    assert call.press("2") == ["Noted: skipped.", "The clinic is closed.", KEYS]
    assert call.wait() == ["Goodbye."]
    assert state(dose) == Dose.State.SKIPPED
    call.end()
    assert set(Delivery.objects.filter(channel="voice").values_list("state", flat=True)) == {State.DELIVERED}


def one_call(role: CareRole, *states: str) -> list[Delivery]:
    """Announcements in these states that were held together: "Message 0", "Message 1" and so on."""
    rows = [
        DeliveryFactory(
            channel="voice",
            address=NUMBER,
            body=f"Message {n}",
            lane=4,
            state=state,
            notification__recipient=role.user,
            notification__event_type="system.announcement",
            notification__category="system",
        )
        for n, state in enumerate(states)
    ]
    Delivery.objects.update(digest=rows[0].pk)
    return rows


def test_of_several_messages_only_those_are_said_again_that_nobody_heard(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    rows = one_call(pieter, State.PENDING, State.PENDING)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    assert call.press("1") == ["Message 0", KEYS]
    call.end()
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == [State.DELIVERED, State.RETRY]
    clock.move_to(NOW + timedelta(minutes=15))
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    assert call.press("1") == ["Message 1", KEYS]


def test_who_picks_up_before_the_call_is_noted_hears_it_all_the_same(
    server: Server, pieter: CareRole
) -> None:
    prescribe(pieter)
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    Delivery.objects.filter(channel="voice").update(state=State.SENDING)
    call = TwilioLine(f"{SITE}/voice/twilio/?call=medguard-{only().pk}", call_sid=f"CA{1:032}")
    assert call.pick_up() == [GREETING]


def test_of_a_call_that_lost_the_message_it_is_named_after_the_rest_is_heard(
    server: Server, pieter: CareRole
) -> None:
    """It expired while the call was tried again, by its old name."""
    rows = one_call(pieter, State.EXPIRED, State.SENDING)
    call = TwilioLine(f"{SITE}/voice/twilio/?call=medguard-{rows[0].pk}", call_sid=f"CA{1:032}")
    assert call.pick_up() == [GREETING]
    assert call.press("1") == ["Message 1", KEYS]


def test_a_repeated_reminder_is_no_other_call(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    prescribe(pieter)
    run()
    TwilioLine.of(server).end("busy")
    clock.move_to(NOW + timedelta(minutes=15))
    run()
    assert len(server.twilio.calls) == 2
    decided = {each["channel"]: each["reason"] for each in Notification.objects.latest("pk").routing}
    assert Notification.objects.count() == 2 and decided["voice"] == Reason.REPEATED


def test_nobody_is_called_who_did_not_ask_for_it(server: Server) -> None:
    role = CareRoleFactory(user=UserFactory(phone=NUMBER))
    prescribe(role)
    run()
    assert server.twilio.asked == 0
    decided = {each["channel"]: each["reason"] for each in Notification.objects.get().routing}
    assert decided["voice"] == Reason.CHANNEL_OFF


def test_nobody_is_called_who_has_not_agreed_or_confirmed_the_number(server: Server) -> None:
    for number, spoil in ((NUMBER, "consent"), ("+27825550102", "number")):
        role = called(number)
        if spoil == "consent":
            Consent.objects.filter(user=role.user, purpose="voice").delete()
        else:
            type(role.user).objects.filter(pk=role.user_id).update(phone_verified_at=None)
        prescribe(role)
    run()
    assert server.twilio.asked == 0
    reasons = {
        decision["reason"]
        for row in Notification.objects.all()
        for decision in row.routing
        if decision["channel"] == "voice"
    }
    assert reasons == {Reason.NO_CONSENT, Reason.UNVERIFIED}


def test_who_turned_calls_on_needs_no_sms_to_be_reached(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    run()
    decided = {each["channel"]: each["send"] for each in Notification.objects.get().routing}
    assert decided["voice"] and not decided["sms"]


def test_a_recording_is_played_instead_of_a_computers_voice(server: Server, pieter: CareRole) -> None:
    greeting, message, answers = record("greeting", "medication.dose_due", "medication.dose_due answers")
    prescribe(pieter)
    run()
    call = TwilioLine.of(server)
    assert call.pick_up() == [f"https://clinic.example/voice/recordings/{greeting.key}/"]
    assert call.press("1") == [
        f"https://clinic.example/voice/recordings/{message.key}/",
        f"https://clinic.example/voice/recordings/{answers.key}/",
        KEYS,
    ]


def test_without_details_a_call_names_no_medicine_and_with_them_it_does(server: Server) -> None:
    role = called(detail=Detail.DETAILED.value)
    record("medication.dose_due")
    prescribe(role)
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    assert "Metformin" in call.press("1")[0]
    preferences_update(user_id=role.user_id, changes={"detail": Detail.DISCREET.value}, now=timezone.now())
    again = TwilioLine.of(server)
    again.pick_up()
    assert "Metformin" not in " ".join(again.press("1"))


def test_a_call_is_in_the_persons_language(server: Server) -> None:
    role = called(language="af")
    prescribe(role)
    run()
    call = TwilioLine.of(server)
    assert call.pick_up() == [
        "Hallo. Dit is ’n boodskap van u kliniek. Druk 1 om dit te hoor. Druk 0 om geen oproepe meer te kry nie."
    ]
    assert call.press("1")[1].startswith("Druk 1 vir “Geneem”.")


def test_a_provider_without_a_voice_for_the_language_gives_way_to_one_that_has(
    server: Server, settings: Settings
) -> None:
    settings.VOICE_PROVIDERS = ["africastalking", "twilio"]
    prescribe(called(language="af"))
    run()
    assert (server.africastalking.asked, server.twilio.asked) == (0, 1)


def test_where_nothing_can_be_played_or_said_nobody_is_called_and_why_says_so_beforehand(
    server: Server, settings: Settings
) -> None:
    settings.VOICE_PROVIDERS = ["africastalking"]
    call_before_sms()
    prescribe(called(language="af"))
    run()
    assert server.africastalking.asked == 0 and not Delivery.objects.filter(channel="voice").exists()
    message = Notification.objects.get()
    assert Delivery.objects.get(channel="sms").due_at == NOW, "the next way goes first"
    lines = {line.channel: line for line in explain(message, message.deliveries.all(), now=NOW)}
    assert lines["Phone call"].outcome == "Not sent."
    assert lines["Phone call"].reason == "Your clinic cannot say this in a call in your language yet."


def test_what_is_recorded_in_the_meantime_is_played_and_what_is_deleted_fails_with_its_name(
    server: Server, settings: Settings, clock: time_machine.Traveller
) -> None:
    settings.VOICE_PROVIDERS = ["africastalking"]
    record("greeting", "medication.dose_due", language="af")
    clock.move_to(LATE)
    dose = prescribe(called("+27825550103", language="af"), at=LATE)
    late = MORNING + timedelta(hours=2)
    Dose.objects.filter(pk=dose.pk).update(remind_until=late, missed_at=late)
    run()
    VoiceClip.objects.filter(text="greeting").delete()
    clock.move_to(MORNING)
    run()
    row = only()
    assert (server.africastalking.asked, row.state) == (0, State.FAILED)
    assert row.error == "Not recorded in “af”, and no provider has a voice for it: greeting."


def test_a_recording_is_played(server: Server, settings: Settings) -> None:
    settings.VOICE_PROVIDERS = ["africastalking"]
    record("greeting", "medication.dose_due", language="af")
    prescribe(called("+27825550102", language="af"))
    run()
    assert server.africastalking.asked == 1
    call = AfricasTalkingLine.of(server)
    [greeting] = call.pick_up()
    assert greeting.startswith("https://clinic.example/voice/recordings/")
    assert len(call.press("1")) == 1, "what can be neither played nor said is left out"


def test_a_provider_in_trouble_is_passed_over(server: Server, pieter: CareRole) -> None:
    server.twilio.fault = says(Answer(503))
    prescribe(pieter)
    prescribe(called("+27825550102"))
    run()
    assert (server.twilio.asked, len(server.africastalking.calls)) == (1, 2)


def test_a_number_that_cannot_be_called_is_not_tried_again(server: Server, pieter: CareRole) -> None:
    server.twilio.fault = says(twilio_refuses(400, 21211, "Invalid 'To' Phone Number"))
    prescribe(pieter)
    run()
    assert (only().state, only().attempts, server.africastalking.asked) == (State.FAILED, 1, 0)


def test_addresses_are_confirmed_numbers_and_take_one_query(
    server: Server, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    users = [UserFactory(phone=f"+2782555{number:04}") for number in range(30)]
    with django_assert_num_queries(1):
        assert len(VoiceChannel().addresses({user.pk for user in users})) == 30
    with django_assert_num_queries(1):
        assert len(VoiceChannel().look_up([f"+2782555{number:04}" for number in range(30)])) == 30


def test_calls_and_sms_cost_money() -> None:
    assert VoiceChannel.costs and SmsChannel.costs


def prices(**amounts: str) -> None:
    for unit, amount in amounts.items():
        for provider in ("twilio", "africastalking"):
            MessagePrice.objects.create(
                unit=unit, provider=provider, prefix="+27", amount=Decimal(amount), valid_from=NOW.date()
            )


@pytest.mark.parametrize("provider", ["twilio", "africastalking"])
@pytest.mark.parametrize(
    ("amounts", "placed", "seconds", "cost"),
    [
        ({"call": "0.5"}, "0.5", 61, "0.5"),
        ({"minute": "0.8"}, "0", 61, "1.6"),
        ({"minute": "0.8"}, "0", 0, "0"),
        ({"call": "0.5", "minute": "0.8"}, "0.5", 300, "4.5"),
        ({}, None, 61, None),
    ],
    ids=str,
)
def test_a_call_costs_what_it_costs_to_place_and_each_minute_that_began(
    server: Server,
    settings: Settings,
    pieter: CareRole,
    provider: str,
    amounts: dict[str, str],
    placed: str | None,
    seconds: int,
    cost: str | None,
) -> None:
    settings.VOICE_PROVIDERS = [provider]
    prices(**amounts)
    prescribe(pieter)
    run()
    assert only().cost == (None if placed is None else Decimal(placed))
    call = TwilioLine.of(server) if provider == "twilio" else AfricasTalkingLine.of(server)
    call.pick_up()
    call.press("1")
    for _ in range(2):
        call.end(seconds=seconds)
    row, total = only(), Spending.objects.get()
    assert row.cost == (None if cost is None else Decimal(cost))
    assert (row.sendings, row.seconds) == (1, seconds or None)
    assert (total.messages, total.unpriced, total.cost) == (1, int(cost is None), Decimal(cost or 0))


def test_each_call_for_the_same_message_is_paid_for(
    server: Server, clock: time_machine.Traveller, pieter: CareRole
) -> None:
    prices(call="0.5", minute="0.8")
    prescribe(pieter)
    run()
    TwilioLine.of(server).end("no-answer")
    clock.shift(timedelta(minutes=15))
    run()
    call = TwilioLine.of(server)
    call.pick_up()
    call.press("1")
    call.end(seconds=70)
    row, total = only(), Spending.objects.get()
    assert (row.sendings, row.cost, row.state) == (2, Decimal("2.6"), State.DELIVERED)
    assert (total.messages, total.cost) == (2, Decimal("2.6"))


def test_a_budget_keeps_what_the_longest_call_costs(server: Server) -> None:
    prices(call="0.5", minute="0.8")
    assert VoiceChannel().most([(NUMBER, "")], now=NOW) == [Decimal("4.5")]


def test_settling_reads_as_often_for_many_as_for_one(
    server: Server, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        settle_silent(now=NOW)


def test_a_changed_number_is_called_at_the_new_one(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    address_confirm(user_id=pieter.user_id, kind="phone", address="+27825550199", now=timezone.now())
    run()
    assert [call["To"] for call in server.twilio.calls] == ["+27825550199"]


def placed_and_unheard(server: Server) -> None:
    """Twilio places the next call, and its answer gets lost."""

    def hangs_up(form: dict[str, str]) -> None:
        server.twilio.calls.append(form)
        raise ConnectionAbortedError

    server.twilio.fault = hangs_up


def test_a_call_that_may_ring_already_is_placed_by_nobody_until_its_provider_had_time_to_tell(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    prescribe(pieter)
    placed_and_unheard(server)
    run()
    row = only()
    assert (row.state, row.provider, row.provider_id) == (State.RETRY, "twilio", "")
    assert row.due_at - NOW >= timedelta(minutes=2)
    assert server.africastalking.asked == 0

    clock.shift(timedelta(minutes=3))
    run()
    assert (only().state, only().provider) == (State.SENT, "africastalking")


def test_a_call_whose_provider_asks_what_to_say_was_placed_and_is_placed_no_more(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    dose = prescribe(pieter)
    placed_and_unheard(server)
    run()
    call = TwilioLine.of(server)
    assert call.pick_up() == [GREETING]
    assert (only().state, only().provider_id, only().sendings) == (State.SENT, call.call_sid, 1)
    call.press("1")
    call.press("1")
    assert state(dose) == Dose.State.TAKEN

    clock.shift(timedelta(minutes=5))
    run()
    assert (only().state, server.africastalking.asked, server.twilio.asked) == (State.DELIVERED, 0, 1)


def test_a_call_of_which_only_the_end_is_told_was_one_of_the_three(server: Server, pieter: CareRole) -> None:
    prescribe(pieter)
    placed_and_unheard(server)
    run()
    assert TwilioLine.of(server).end("no-answer") == 204
    row = only()
    assert (row.state, row.failures, row.sendings) == (State.RETRY, 2, 1)
    assert row.due_at - NOW == timedelta(minutes=15)
    for _ in range(2):
        TwilioLine.of(server).end("no-answer")
    assert only().failures == 2


def test_the_end_of_an_earlier_call_is_not_taken_for_that_of_one_in_doubt(
    server: Server, pieter: CareRole, clock: time_machine.Traveller
) -> None:
    prescribe(pieter)
    run()
    earlier = TwilioLine.of(server)
    earlier.end("busy")
    placed_and_unheard(server)
    clock.shift(timedelta(minutes=15))
    run()
    assert only().state == State.RETRY
    earlier.end("busy")
    assert (only().state, only().provider_id, only().sendings) == (State.RETRY, earlier.call_sid, 1)
