"""What keeps a message that was written a while ago from leaving the house."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import ChannelChoice, Delivery
from notifications.pipeline.due import read
from notifications.pipeline.relevance import withheld
from notifications.types import Priority, Reason
from tests.medications.factories import PrescriptionFactory
from tests.notifications.factories import DeliveryFactory, NotificationPreferencesFactory

pytestmark = pytest.mark.django_db


def reason(delivery: Delivery) -> str | None:
    """Why it isn't to be sent any more; None when it is."""
    verdict = withheld(read([delivery.pk]), now=timezone.now()).get(delivery.pk)
    return verdict[1] if verdict else None


def by_email(**decision: str) -> Delivery:
    """An announcement by e-mail, which is on by default, or by a channel that isn't."""
    channel = decision.get("channel", "email")
    routing = [
        {"channel": channel, "send": True, "send_at": None, "reason": decision.get("reason", "default")}
    ]
    return DeliveryFactory(channel=channel, notification__routing=routing)


def test_what_is_still_wanted_stays() -> None:
    assert reason(by_email()) is None


def test_what_is_out_of_date_goes() -> None:
    delivery = DeliveryFactory(notification__valid_until=timezone.now() - timedelta(seconds=1))
    assert reason(delivery) == Reason.EXPIRED


def test_who_has_no_account_in_use_gets_nothing() -> None:
    delivery = by_email()
    delivery.notification.recipient.is_active = False
    delivery.notification.recipient.save()
    assert reason(delivery) == Reason.GONE


@pytest.mark.parametrize(("channel", "field"), [("email", "email_verified_at"), ("sms", "phone_verified_at")])
@pytest.mark.parametrize(
    ("event_type", "said"), [("medication.prescribed", Reason.UNVERIFIED), ("system.announcement", None)]
)
def test_what_is_clinical_goes_to_no_address_that_is_no_longer_confirmed(
    channel: str, field: str, event_type: str, said: str | None
) -> None:
    delivery = DeliveryFactory(
        channel=channel,
        address="+27821234567",
        notification__recipient__phone="+27821234567",
        notification__event_type=event_type,
        notification__category=event_type.partition(".")[0],
        notification__data={"prescription_id": PrescriptionFactory().pk},
        notification__routing=[{"channel": channel, "send": True, "send_at": None, "reason": "requested"}],
    )
    assert reason(delivery) is None
    recipient = delivery.notification.recipient
    setattr(recipient, field, None)
    recipient.save()
    assert reason(delivery) == said


def test_without_an_address_nothing_is_tried() -> None:
    assert reason(DeliveryFactory(address="")) == Reason.NO_ADDRESS


@pytest.mark.parametrize("reason_then", ["default", "requested", "quiet_hours"])
def test_a_channel_that_is_off_altogether_or_for_the_category_carries_nothing(reason_then: str) -> None:
    delivery, other = by_email(reason=reason_then), by_email(reason=reason_then)
    ChannelChoice.objects.create(
        user=delivery.notification.recipient, category="system", channel="email", on=False
    )
    NotificationPreferencesFactory(user=other.notification.recipient, email_enabled=False)
    assert reason(delivery) == reason(other) == Reason.OFF_BY_CHOICE


def test_what_was_chosen_for_the_type_since_goes_before_its_category() -> None:
    delivery, other = by_email(), by_email()
    for each, of_category in ((delivery, True), (other, False)):
        for event_type, on in (("", of_category), (each.notification.event_type, not of_category)):
            ChannelChoice.objects.create(
                user=each.notification.recipient,
                category="system",
                event_type=event_type,
                channel="email",
                on=on,
            )
    assert (reason(delivery), reason(other)) == (Reason.OFF_BY_CHOICE, None)


@pytest.mark.parametrize("reason_then", ["chosen", "quiet_hours", "email_time"])
def test_a_choice_that_was_taken_back_counts_no_more(reason_then: str) -> None:
    delivery = by_email(channel="pigeons", reason=reason_then)
    choice = ChannelChoice.objects.create(
        user=delivery.notification.recipient, category="system", channel="pigeons", on=True
    )
    assert reason(delivery) is None
    choice.delete()
    assert reason(delivery) == Reason.OFF_BY_CHOICE


def test_channels_that_the_sender_chose_rest_on_no_choice() -> None:
    delivery = by_email(channel="pigeons", reason="quiet_hours")
    delivery.notification.routing.append(
        {"channel": "email", "send": False, "send_at": None, "reason": "not_requested"}
    )
    delivery.notification.save()
    assert reason(delivery) is None


def test_what_was_held_is_not_sent_into_a_pause_but_what_is_urgent_is() -> None:
    delivery, urgent, nowhere_else = by_email(), by_email(), by_email()
    for each in (delivery, urgent, nowhere_else):
        until = timezone.localdate() + timedelta(days=3)
        NotificationPreferencesFactory(user=each.notification.recipient, paused_until=until)
    urgent.notification.priority = Priority.URGENT
    urgent.notification.save()
    nowhere_else.notification.in_inbox = False
    nowhere_else.notification.save()
    assert reason(delivery) == Reason.PAUSED
    assert reason(urgent) is None
    assert reason(nowhere_else) is None


def test_a_dose_reminder_passes_a_pause() -> None:
    delivery = by_email()
    NotificationPreferencesFactory(
        user=delivery.notification.recipient, paused_until=timezone.localdate() + timedelta(days=3)
    )
    delivery.notification.category = "medication"
    delivery.notification.event_type = "medication.dose_due"
    delivery.notification.data = {"dose_ids": []}
    delivery.notification.save()
    assert reason(delivery) != Reason.PAUSED


def test_a_pause_that_is_over_holds_nothing_back() -> None:
    delivery = by_email()
    NotificationPreferencesFactory(user=delivery.notification.recipient, paused_until=timezone.localdate())
    assert reason(delivery) is None
