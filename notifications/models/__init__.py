from notifications.models import lookups as lookups
from notifications.models.announcement import Announcement, Approved, SecondPersonTask
from notifications.models.delivery import Delivery
from notifications.models.draft import DRAFT, NotificationDraft
from notifications.models.early_receipt import EarlyReceipt
from notifications.models.event_record import EventRecord, ListenerCall
from notifications.models.inbound_message import InboundMessage
from notifications.models.message_price import MessagePrice
from notifications.models.message_series import MessageSeries, SeriesLeaver
from notifications.models.notification import CategoryChoices, Notification, PriorityChoices
from notifications.models.periodic import ConsumerHeartbeat, PeriodicRun, PeriodicTask
from notifications.models.preferences import (
    ChannelChoice,
    DetailChoices,
    EmailTimeChoices,
    NotificationPreferences,
    UserNotificationPreferences,
)
from notifications.models.provider_opt_out import ProviderOptOut
from notifications.models.push_subscription import PushSubscription
from notifications.models.quick_reply import QuickReply
from notifications.models.routing_plan import RoutingPlan
from notifications.models.scoped import Scoped
from notifications.models.sms_provider import SmsProvider
from notifications.models.spending import Spending, SpendingMonth
from notifications.models.suppression import Suppression
from notifications.models.template import NotificationTemplate
from notifications.models.voice_clip import VoiceClip
from notifications.models.whatsapp import WhatsAppRefusal, WhatsAppTemplate
from notifications.models.work import Work

__all__ = [
    "DRAFT",
    "Announcement",
    "Approved",
    "CategoryChoices",
    "ChannelChoice",
    "ConsumerHeartbeat",
    "Delivery",
    "DetailChoices",
    "EarlyReceipt",
    "EmailTimeChoices",
    "EventRecord",
    "InboundMessage",
    "ListenerCall",
    "MessagePrice",
    "MessageSeries",
    "Notification",
    "NotificationDraft",
    "NotificationPreferences",
    "NotificationTemplate",
    "PeriodicRun",
    "PeriodicTask",
    "PriorityChoices",
    "ProviderOptOut",
    "PushSubscription",
    "QuickReply",
    "RoutingPlan",
    "Scoped",
    "SecondPersonTask",
    "SeriesLeaver",
    "SmsProvider",
    "Spending",
    "SpendingMonth",
    "Suppression",
    "UserNotificationPreferences",
    "VoiceClip",
    "WhatsAppRefusal",
    "WhatsAppTemplate",
    "Work",
]
