# ruff: noqa: F811 - fixtures
"""Zanele gets her doses by WhatsApp and taps a button, as the providers themselves call and are called."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from home.invitation.services import Agreed, invitation_create
from home.models import CareRole, Consent, Invitation, Relation
from home.privacy.consents import consents_of, consents_withdraw
from medications.models import Dose
from medications.services.reminders import send_dose_reminders
from notifications import gate
from notifications.models import Delivery, InboundMessage, Notification, NotificationPreferences, Spending
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.pipeline.fan_out import fan_out
from notifications.preferences.settings import preferences_update
from notifications.replies.sms_replies import interpret_next, reply_next
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory
from tests.notifications.channels.whatsapp.conftest import approve, by_twilio, whatsapp  # noqa: F401 - fixtures
from tests.notifications.channels.whatsapp.provider import (
    SENDER,
    Server,
    call_of,
    meta_refuses,
    says,
    tap_from,
    text_from,
)
from tests.notifications.channels.whatsapp.test_webhooks import call, call_twilio

pytestmark = pytest.mark.django_db

NUMBER = "+27825550142"
WORDS = "You have a reminder from your clinic."


@pytest.fixture(autouse=True)
def clock(whatsapp: Server) -> Iterator[time_machine.Traveller]:
    cache.clear()
    approve(whatsapp, "medication.dose_due", WORDS, buttons=3)
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def zanele(clock: time_machine.Traveller) -> CareRole:
    """She has a confirmed number and nothing else, and agreed to all there is."""
    role: CareRole = CareRoleFactory(user=UserFactory(email=None, phone=NUMBER, phone_verified_at=NOW))
    assert {"sms", "whatsapp"} <= set(consents_of(user_id=role.user_id).values_list("purpose", flat=True))
    return role


@pytest.fixture
def dose(zanele: CareRole) -> Dose:
    made: Dose = DoseFactory(schedule=DoseScheduleFactory(prescription__patient=zanele.patient))
    return made


def run() -> None:
    """What the minute does."""
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    for send in (deliver, deliver_held):
        while send("whatsapp", now=timezone.now()).taken:
            pass


def deal(server: Server) -> InboundMessage:
    """What came in last is dealt with and answered; she wrote, so she may be answered."""
    server.provider.windows.add(NUMBER)
    assert interpret_next(now=timezone.now())
    reply_next(now=timezone.now())
    row = InboundMessage.objects.latest("pk")
    assert row.state == "done", row.error
    return row


def write(server: Server, text: str, id_: str = "wamid.in1") -> InboundMessage:
    assert call(call_of(messages=[text_from(NUMBER, text, id_=id_)])) == 200
    return deal(server)


def payloads(server: Server) -> dict[str, str]:
    """What the buttons of the last template carry, by their index."""
    parts = server.provider.sent[-1]["template"]["components"]
    return {part["index"]: part["parameters"][0]["payload"] for part in parts if part["type"] == "button"}


def test_a_dose_comes_by_whatsapp_and_a_tap_takes_it(whatsapp: Server, dose: Dose) -> None:
    run()
    [sent] = whatsapp.provider.sent
    assert (sent["to"], sent["template"]["name"]) == (NUMBER, "medguard_medication_dose_due")
    assert sorted(payloads(whatsapp)) == ["0", "1", "2"]
    row = Delivery.objects.get(channel="whatsapp")
    assert (row.state, row.body) == ("sent", WORDS)
    tap = tap_from(NUMBER, "Taken", payloads(whatsapp)["0"], answers=row.provider_id)
    assert call(call_of(messages=[tap])) == 200
    answered = deal(whatsapp)
    assert (answered.interpretation, answered.user_id) == ("answer", row.notification.recipient_id)
    dose.refresh_from_db()
    assert dose.state == Dose.State.TAKEN
    assert whatsapp.provider.texts == ["Noted: taken. Thank you."]
    assert Notification.objects.get().read_at
    # Both cost something, which nobody has told us.
    spent = set(Spending.objects.values_list("category", "channel", "messages", "unpriced"))
    assert spent == {("medication", "whatsapp", 1, 1), ("reply", "whatsapp", 1, 1)}


def test_a_second_tap_changes_nothing(whatsapp: Server, dose: Dose) -> None:
    run()
    tokens = payloads(whatsapp)
    for number, index in enumerate(("0", "0", "2")):
        tap = tap_from(NUMBER, "x", tokens[index], answers="wamid.0001", id_=f"wamid.tap{number}")
        call(call_of(messages=[tap]))
        deal(whatsapp)
    dose.refresh_from_db()
    assert dose.state == Dose.State.TAKEN
    assert list(InboundMessage.objects.order_by("pk").values_list("interpretation", flat=True)) == [
        "answer",
        "late",
        "late",
    ]


def test_a_button_of_somebody_elses_message_answers_nothing(whatsapp: Server, dose: Dose) -> None:
    run()
    token = payloads(whatsapp)["0"]
    thief = "+27825550199"
    CareRoleFactory(user=UserFactory(email=None, phone=thief, phone_verified_at=NOW))
    whatsapp.provider.windows.add(thief)
    call(call_of(messages=[tap_from(thief, "Taken", token, answers="wamid.0001")]))
    assert deal(whatsapp).interpretation == "nothing_asked"
    dose.refresh_from_db()
    assert dose.state != Dose.State.TAKEN


def test_by_twilio_the_button_has_the_answers_name(by_twilio: Server, dose: Dose) -> None:
    run()
    row = Delivery.objects.get(channel="whatsapp")
    assert (row.provider, by_twilio.provider.sent[0]["ContentSid"]) == (
        "twilio",
        "medguard_medication_dose_due",
    )
    tap = {
        "MessageSid": "SM9", "From": f"whatsapp:{NUMBER}", "To": f"whatsapp:{SENDER}", "Body": "Reeds gedoen",
        "ButtonText": "Reeds gedoen", "ButtonPayload": "taken", "OriginalRepliedMessageSid": row.provider_id,
    }  # fmt: skip
    assert call_twilio(tap) == 200
    assert deal(by_twilio).interpretation == "answer"
    dose.refresh_from_db()
    assert dose.state == Dose.State.TAKEN
    assert by_twilio.provider.sent[-1]["Body"] == "Noted: taken. Thank you."


def test_a_number_answers_too(whatsapp: Server, dose: Dose) -> None:
    run()
    assert write(whatsapp, "1 enkosi").interpretation == "answer"
    dose.refresh_from_db()
    assert dose.state == Dose.State.TAKEN


def test_it_is_no_answer_to_what_came_by_sms(whatsapp: Server, dose: Dose) -> None:
    run()
    Delivery.objects.filter(channel="sms").delete()
    Delivery.objects.filter(channel="whatsapp").update(channel="sms")
    assert write(whatsapp, "1").interpretation == "nothing_asked"


def test_stop_stops_whatsapp_and_says_how_sms_is_stopped(whatsapp: Server, zanele: CareRole) -> None:
    assert write(whatsapp, "Stop asb").interpretation == "stop"
    row = NotificationPreferences.objects.get(user=zanele.user)
    assert (row.whatsapp_enabled, row.sms_enabled) == (False, True)
    standing = set(consents_of(user_id=zanele.user_id).values_list("purpose", flat=True))
    assert "whatsapp" not in standing and "sms" in standing
    ended = Consent.objects.get(user=zanele.user, purpose="whatsapp")
    assert ended.withdrawn_how == "whatsapp"
    assert whatsapp.provider.texts == [
        "You will get no more messages from MedGuard by WhatsApp. Send START to get them again. You still get SMS; to "
        "end those, send STOP by SMS."
    ]


def test_who_stopped_sms_already_is_not_told_of_it(whatsapp: Server, zanele: CareRole) -> None:
    NotificationPreferences.objects.create(user=zanele.user, sms_enabled=False)
    write(whatsapp, "STOP")
    assert whatsapp.provider.texts == [
        "You will get no more messages from MedGuard by WhatsApp. Send START to get them again."
    ]


def test_start_brings_them_back(whatsapp: Server, dose: Dose, zanele: CareRole) -> None:
    write(whatsapp, "STOP")
    assert write(whatsapp, "START", "wamid.in2").interpretation == "start"
    assert Consent.objects.get(user=zanele.user, purpose="whatsapp", withdrawn_at=None).how == "whatsapp"
    run()
    assert whatsapp.provider.sent[-1]["type"] == "template"


def test_each_answer_is_in_her_language(whatsapp: Server, zanele: CareRole) -> None:
    NotificationPreferences.objects.create(user=zanele.user, language="af")
    write(whatsapp, "STOP")
    write(whatsapp, "START", "wamid.in2")
    first, second = whatsapp.provider.texts
    assert "WhatsApp" in first and "Stuur START" in first
    assert "WhatsApp" in second and "Stuur STOP" in second


def test_a_voice_message_is_filed_as_such_and_she_is_asked_to_write(
    whatsapp: Server,
    zanele: CareRole,
) -> None:
    voice = {"from": NUMBER[1:], "id": "wamid.v", "timestamp": "1", "type": "audio", "audio": {"id": "1"}}
    call(call_of(messages=[voice]))
    assert deal(whatsapp).interpretation == "not_text"
    assert whatsapp.provider.texts == [
        "We can only read text here. Please write to us, or phone your clinic."
    ]


def test_a_yes_by_whatsapp_confirms_no_number_that_was_asked_by_sms(
    whatsapp: Server,
    zanele: CareRole,
) -> None:
    made = invitation_create(
        patient=PatientFactory(),
        relation=Relation.CARER,
        phone=NUMBER,
        invited_by=None,
        now=NOW,
        agreed=Agreed(("reminders", "sms"), "en", NOW),
    )
    Invitation.objects.filter(pk=made.pk).update(sent_at=NOW)
    write(whatsapp, "yes")
    made.refresh_from_db()
    assert made.accepted_at is None


def test_a_reply_waits_for_no_window_that_is_closed(whatsapp: Server, zanele: CareRole) -> None:
    call(call_of(messages=[text_from(NUMBER, "HELP")]))
    interpret_next(now=timezone.now())
    reply_next(now=timezone.now())
    row = InboundMessage.objects.get()
    assert (row.state, row.failures) == ("done", 0)
    assert "131047" in row.error


def test_her_number_is_not_on_whatsapp_so_the_next_comes_by_sms(
    whatsapp: Server,
    dose: Dose,
    clock: time_machine.Traveller,
) -> None:
    whatsapp.provider.fault = says(meta_refuses(400, 131026, "Message undeliverable"))
    run()
    assert Delivery.objects.get(channel="whatsapp").state == "failed"
    DoseFactory(schedule=dose.schedule, due_at=dose.due_at + timedelta(hours=12))
    clock.shift(timedelta(hours=12))
    run()
    message = Notification.objects.latest("pk")
    reasons = {each["channel"]: (each["send"], each["reason"]) for each in message.routing}
    assert reasons["whatsapp"] == (False, "not_on_whatsapp")
    assert reasons["sms"] == (True, "only_way")


def test_without_a_consent_nothing_comes_by_whatsapp(whatsapp: Server, dose: Dose, zanele: CareRole) -> None:
    consents_withdraw(user_id=zanele.user_id, purposes=["whatsapp"], how="site", now=NOW)
    run()
    reasons = {each["channel"]: each["reason"] for each in Notification.objects.get().routing}
    assert (reasons["whatsapp"], reasons["sms"]) == ("no_consent", "only_way")
    assert not whatsapp.provider.asked


def test_staff_are_written_to_only_once_they_agreed(whatsapp: Server) -> None:
    nurse: Any = UserFactory(phone="+27825550150", phone_verified_at=NOW)
    assert gate.not_agreed(nurse.pk, ["email", "sms", "whatsapp"]) == {"whatsapp"}
    preferences_update(user_id=nurse.pk, changes={"whatsapp_enabled": True}, now=NOW)
    assert not gate.not_agreed(nurse.pk, ["email", "sms", "whatsapp"])
    preferences_update(user_id=nurse.pk, changes={"whatsapp_enabled": False}, now=NOW)
    assert gate.not_agreed(nurse.pk, ["email", "sms", "whatsapp"]) == {"whatsapp"}
