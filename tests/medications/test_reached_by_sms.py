"""Somebody with a plain phone: invited, confirmed, reminded by SMS without choosing it, and answering by SMS."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from home.invitation.services import invitation_create, invitation_send
from home.models import CareRole, Consent, Patient, Relation, User
from home.privacy.consents import consents_withdraw
from medications.models import Dose
from medications.services.answers import dose_take, dose_undo
from medications.services.prescriptions import prescription_announce
from medications.services.reminders import send_dose_reminders
from notifications.inbox.why import explain
from notifications.models import ChannelChoice, Delivery, InboundMessage, Notification
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.pipeline.fan_out import fan_out
from notifications.preferences.choices import choice_set, choices
from notifications.preferences.settings import preferences_update
from notifications.replies.sms_replies import interpret_next
from notifications.services import NotificationService
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.transactional import queued  # noqa: F401 - a fixture
from tests.medications.factories import NOW, DoseFactory, DoseScheduleFactory, PrescriptionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queued")]

NUMBER = "+27825550142"
REMINDER = "You have a reminder from your clinic."
_ids = count()


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    cache.clear()
    settings.SMS_PROVIDERS = ["file"]
    settings.SMS_FILE_PATH = tmp_path
    settings.SMS_REPLIES = True
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def outbox(folder: Path) -> list[str]:
    """The texts of all SMS."""
    return [path.read_text().partition("\n\n")[2].strip() for path in sorted(folder.glob("*.txt"))]


def run() -> None:
    """What the minute does."""
    send_dose_reminders(now=timezone.now())
    fan_out(now=timezone.now())
    for send in (deliver, deliver_held):
        while send("sms", now=timezone.now()).taken:
            pass


def write(text: str) -> InboundMessage:
    row = InboundMessage.objects.create(
        sender=NUMBER,
        text=text,
        provider="file",
        provider_id=f"in-{next(_ids)}",
        received_at=timezone.now(),
        due_at=timezone.now(),
    )
    assert interpret_next(now=timezone.now())
    row.refresh_from_db()
    return row


def with_plain_phone(**fields: Any) -> CareRole:
    """Somebody who has only a confirmed number, and agreed."""
    user = UserFactory(email=None, phone=NUMBER, phone_verified_at=NOW)
    return CareRoleFactory(user=user, **fields)


def dose_of(patient: Patient) -> Dose:
    return DoseFactory(schedule=DoseScheduleFactory(prescription__patient=patient))


def sms_decision() -> dict[str, Any]:
    message = Notification.objects.latest("pk")
    return next(each for each in message.routing if each["channel"] == "sms")


def test_invited_by_phone_reminded_and_answered(client: Client, tmp_path: Path) -> None:
    patient = PatientFactory()
    made = invitation_create(
        patient=patient, relation=Relation.SELF, phone=NUMBER, invited_by=None, now=timezone.now()
    )
    invitation_send(invitation_id=made.pk, now=timezone.now())
    [invited] = outbox(tmp_path)
    [path] = re.findall(r"http://[^/]+(/\S+)", invited)
    client.post(path, {"first_name": "Pieter", "last_name": "Botha", "language": "en", "password": ""})
    dose = dose_of(patient)
    run()
    assert set(outbox(tmp_path)) == {invited, f"{REMINDER} Reply 1 done, 2 skip, 3 later."}
    assert write("1").interpretation == "answer"
    dose.refresh_from_db()
    assert dose.state == Dose.State.TAKEN
    assert not ChannelChoice.objects.exists()


def test_start_by_sms_leads_to_the_same(tmp_path: Path) -> None:
    role = with_plain_phone()
    User.objects.update(phone_verified_at=None)
    Consent.objects.all().delete()
    preferences_update(user_id=role.user_id, changes={"sms_enabled": False}, now=timezone.now())
    dose_of(role.patient)
    assert write("START").reply == "You will get SMS from MedGuard again. Send STOP to end them."
    run()
    assert len(outbox(tmp_path)) == 1


def test_start_promises_no_reminders_to_who_withdrew_them(tmp_path: Path) -> None:
    role = with_plain_phone()
    consents_withdraw(user_id=role.user_id, purposes=["reminders", "sms"], how="site", now=timezone.now())
    dose_of(role.patient)
    assert "no reminders of treatment" in write("START").reply
    run()
    assert outbox(tmp_path) == []


def test_stop_stops(tmp_path: Path) -> None:
    role = with_plain_phone()
    dose_of(role.patient)
    write("STOP")
    run()
    assert outbox(tmp_path) == []
    assert sms_decision()["reason"] == "channel_off"


def test_a_dose_is_reminded_of_once_by_sms_and_why_says_so(
    tmp_path: Path, clock: time_machine.Traveller
) -> None:
    role = with_plain_phone()
    dose_of(role.patient)
    for minutes in (0, 15, 30):
        clock.move_to(NOW + timedelta(minutes=minutes))
        run()
    assert len(outbox(tmp_path)) == 1
    assert Notification.objects.count() == 3
    first, *repeats = Notification.objects.order_by("pk")
    said = [str(line.reason) for line in explain(first, first.deliveries.all(), now=timezone.now())]
    assert (
        "Your number is the only way to reach you outside your inbox. You can turn this off in your settings."
        in said
    )
    for message in repeats:
        said = [str(line.reason) for line in explain(message, [], now=timezone.now())]
        assert "We remind you once this way. Repeats are in your inbox." in said


def test_what_an_outage_made_one_message_of_goes_by_sms_though_its_last_publication_repeats(
    tmp_path: Path, clock: time_machine.Traveller
) -> None:
    role = with_plain_phone()
    dose_of(role.patient)
    for minutes in (0, 15):
        clock.move_to(NOW + timedelta(minutes=minutes))
        send_dose_reminders(now=timezone.now())
    # Half of what waits is dealt with at once, so there is as much again of what can wait.
    for prescription in PrescriptionFactory.create_batch(2):
        prescription_announce(prescription_id=prescription.pk, now=timezone.now())
    assert fan_out(now=timezone.now()).records == 2
    assert sms_decision()["send"] is True
    run()
    assert len(outbox(tmp_path)) == 1


def test_who_asks_for_it_later_is_reminded_later(tmp_path: Path, clock: time_machine.Traveller) -> None:
    role = with_plain_phone()
    dose_of(role.patient)
    run()
    clock.move_to(NOW + timedelta(minutes=5))
    assert write("3").reply == "We will remind you again in a while."
    clock.move_to(NOW + timedelta(minutes=20))
    run()
    assert len(outbox(tmp_path)) == 2
    clock.move_to(NOW + timedelta(minutes=35))
    run()
    assert len(outbox(tmp_path)) == 2


def test_a_dose_whose_answer_is_taken_back_is_reminded_of_by_sms(
    tmp_path: Path, clock: time_machine.Traveller
) -> None:
    """Somebody answered before anybody was told, and takes that back: the reminder is the first that the phone gets."""
    role = with_plain_phone()
    dose = dose_of(role.patient)
    send_dose_reminders(now=timezone.now())
    dose_take(dose_id=dose.pk, user=role.user, now=timezone.now())
    run()
    assert outbox(tmp_path) == []
    clock.move_to(NOW + timedelta(minutes=5))
    dose_undo(dose_id=dose.pk, user=role.user, now=timezone.now())
    for minutes in (20, 35):
        clock.move_to(NOW + timedelta(minutes=minutes))
        run()
        assert len(outbox(tmp_path)) == 1


def test_a_dose_that_was_moved_is_reminded_of_at_its_new_time(
    tmp_path: Path, clock: time_machine.Traveller
) -> None:
    dose = dose_of(with_plain_phone().patient)
    run()
    at = NOW + timedelta(hours=3)
    Dose.objects.filter(pk=dose.pk).update(
        due_at=at,
        next_reminder_at=at,
        remind_until=at + timedelta(hours=2),
        missed_at=at + timedelta(hours=2),
    )
    clock.move_to(at)
    run()
    assert len(outbox(tmp_path)) == 2


def test_a_carer_with_a_plain_phone_hears_of_missed_doses(
    tmp_path: Path, clock: time_machine.Traveller
) -> None:
    role = with_plain_phone(relation=Relation.CARER, alert_missed=True)
    dose_of(role.patient)
    for minutes in (0, 15, 30, 45, 120):
        clock.move_to(NOW + timedelta(minutes=minutes))
        run()
    assert len(outbox(tmp_path)) == 2
    assert Notification.objects.latest("pk").event_type == "medication.dose_missed"


def test_held_in_quiet_hours_it_comes_when_they_end(tmp_path: Path, clock: time_machine.Traveller) -> None:
    role = with_plain_phone(relation=Relation.CARER, alert_missed=True)
    hours = {"quiet_hours_enabled": True, "quiet_hours_start": "09:30", "quiet_hours_end": "11:00"}
    preferences_update(user_id=role.user_id, changes=hours, now=timezone.now())
    dose_of(role.patient)
    for minutes in (0, 15, 30, 45, 120):
        clock.move_to(NOW + timedelta(minutes=minutes))
        run()
    assert len(outbox(tmp_path)) == 1
    clock.move_to(NOW + timedelta(hours=3))
    run()
    assert len(outbox(tmp_path)) == 2


def test_who_has_an_e_mail_address_too_gets_no_sms(tmp_path: Path) -> None:
    role = with_plain_phone()
    User.objects.filter(pk=role.user_id).update(email="pieter@example.org", email_verified_at=NOW)
    dose_of(role.patient)
    run()
    assert outbox(tmp_path) == []
    User.objects.filter(pk=role.user_id).update(email_verified_at=None)
    dose_of(role.patient)
    run()
    assert len(outbox(tmp_path)) == 1


def test_announcements_cost_no_sms(tmp_path: Path) -> None:
    with_plain_phone()
    NotificationService.send_system_notification(
        title="Closed on Friday", content="We are open on Monday.", target_user_types=["patients"]
    )
    run()
    assert Notification.objects.count() == 1
    assert not Delivery.objects.exists()


def test_the_settings_say_what_comes_by_sms(client: Client, tmp_path: Path) -> None:
    role = with_plain_phone()

    def by_sms() -> dict[str, bool]:
        found = [each for each in choices(role.user_id) if each.channel == "sms" and not each.event_type]
        return {each.category: each.on for each in found}

    assert by_sms() == {
        "medication": True,
        "stock": True,
        "vaccination": True,
        "visit": True,
        "event": True,
        "system": False,
    }
    client.force_login(role.user)
    page = client.get("/en/preferences/").content.decode()
    assert "Outside your inbox only SMS reaches you." in page
    assert "A dose was missed" in page
    assert choice_set(user_id=role.user_id, about="medication", channel="sms", on=False)
    assert not by_sms()["medication"]
    dose_of(role.patient)
    run()
    assert outbox(tmp_path) == []
    assert choice_set(user_id=role.user_id, about="medication", channel="sms", on=True)
    assert by_sms()["medication"]
    assert not ChannelChoice.objects.exists()


def test_what_is_prescribed_goes_to_the_inbox_alone(tmp_path: Path) -> None:
    """She was there. An SMS for each medicine would only say that there is a message."""
    role = with_plain_phone()
    prescription = PrescriptionFactory(patient=role.patient)
    prescription_announce(prescription_id=prescription.pk, now=timezone.now())
    run()
    assert Notification.objects.filter(event_type="medication.prescribed").exists()
    assert outbox(tmp_path) == []
