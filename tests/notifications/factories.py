"""Rows of the engine."""

from datetime import timedelta

import factory
from django.utils import timezone

from notifications.models import Delivery, Notification, NotificationPreferences
from tests.factories import RowFactory, UserFactory


class NotificationPreferencesFactory(RowFactory[NotificationPreferences]):
    class Meta:
        model = NotificationPreferences

    user = factory.SubFactory(UserFactory)


class NotificationFactory(RowFactory[Notification]):
    """A message that has reached the inbox."""

    class Meta:
        model = Notification

    recipient = factory.SubFactory(UserFactory)
    event_type = "system.announcement"
    category = "system"
    language = "en"
    title = factory.Sequence(lambda n: f"Message {n}")
    body = "The clinic is closed on Friday."
    dedupe_key = factory.Sequence(lambda n: f"{n:09d}")
    scheduled_status = Notification.Status.SENT
    created_at = factory.LazyFunction(timezone.now)
    sent_at = factory.SelfAttribute("created_at")
    scheduled_at = factory.SelfAttribute("created_at")
    delete_at = factory.LazyAttribute(lambda row: row.created_at + timedelta(days=365))


class DeliveryFactory(RowFactory[Delivery]):
    """One that waits to be sent."""

    class Meta:
        model = Delivery

    notification = factory.SubFactory(NotificationFactory)
    scope_id = factory.SelfAttribute("notification.scope_id")
    channel = "pigeons"
    address = "the loft"
    body = "Hello"
    due_at = factory.LazyFunction(lambda: timezone.now() - timedelta(seconds=1))
