from notifications.models import lookups as lookups
from notifications.models.delivery import Delivery
from notifications.models.event_record import EventRecord, ListenerCall
from notifications.models.inbound_message import InboundMessage
from notifications.models.notification import CategoryChoices, Notification, PriorityChoices
from notifications.models.periodic import ConsumerHeartbeat, PeriodicRun, PeriodicTask
from notifications.models.preferences import (
    ChannelChoice,
    DetailChoices,
    EmailTimeChoices,
    NotificationPreferences,
)
from notifications.models.push_subscription import PushSubscription
from notifications.models.quick_reply import QuickReply
from notifications.models.scoped import Scoped
from notifications.models.sms_provider import SmsProvider
from notifications.models.suppression import Suppression
from notifications.models.template import NotificationTemplate
from notifications.models.voice_clip import VoiceClip
from notifications.models.work import Work

__all__ = [
    "CategoryChoices",
    "ChannelChoice",
    "ConsumerHeartbeat",
    "Delivery",
    "DetailChoices",
    "EmailTimeChoices",
    "EventRecord",
    "InboundMessage",
    "ListenerCall",
    "Notification",
    "NotificationPreferences",
    "NotificationTemplate",
    "PeriodicRun",
    "PeriodicTask",
    "PriorityChoices",
    "PushSubscription",
    "QuickReply",
    "Scoped",
    "SmsProvider",
    "Suppression",
    "VoiceClip",
    "Work",
]
