"""What the engine holds of a person: their messages, their choices, their devices, and what they wrote to us."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from knox.models import AuthToken

from notifications import registry
from notifications.languages.listed import label
from notifications.models import (
    CategoryChoices,
    ChannelChoice,
    Delivery,
    InboundMessage,
    Notification,
    NotificationPreferences,
    ProviderOptOut,
    PushSubscription,
    QuickReply,
    Suppression,
    WhatsAppRefusal,
)
from notifications.pipeline.forgetting import forget_files, forget_messages
from notifications.privacy import (
    Person,
    Section,
    Step,
    cleared,
    deleted,
    register_forget,
    register_section,
)


def _preferences(person: Person) -> Iterator[tuple[Any, ...]]:
    for each in NotificationPreferences.objects.filter(user_id=person.account):
        yield (
            each.get_language_display(),
            label(each.message_language) if each.message_language else "",
            each.timezone,
            each.quiet_hours_enabled,
            f"{each.quiet_hours_start:%H:%M}",
            f"{each.quiet_hours_end:%H:%M}",
            each.get_email_time_display(),
            each.email_enabled,
            each.sms_enabled,
            each.push_enabled,
            each.whatsapp_enabled,
            each.voice_enabled,
            each.calls_at_night,
            each.paused_until,
            each.get_detail_display(),
        )


def _choices(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = ChannelChoice.objects.filter(user_id=person.account).order_by("category", "event_type", "channel")
    for category, name, channel, on in rows.values_list("category", "event_type", "channel", "on"):
        event_type = registry.find(name)
        about = event_type.label if event_type else name
        yield about or CategoryChoices(category).label, channel, on


def _messages(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Notification.objects.filter(
        recipient_id=person.account, scheduled_status=Notification.Status.SENT
    ).order_by("-sent_at", "-id")
    columns = ("sent_at", "category", "title", "body", "read_at", "acknowledged_at", "dismissed_at")
    for sent_at, category, *rest in rows.values_list(*columns).iterator():
        yield sent_at, CategoryChoices(category).label, *rest


def _deliveries(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = Delivery.objects.filter(notification__recipient_id=person.account).order_by("-id")
    columns = ("notification__title", "channel", "address", "state", "sent_at", "subject", "body")
    for title, channel, address, state, *rest in rows.values_list(*columns).iterator():
        shown = "" if channel == "push" else address
        yield title, channel, shown, Delivery.State(state).label, *rest


def _replies(person: Person) -> Iterable[tuple[Any, ...]]:
    rows = QuickReply.objects.filter(notification__recipient_id=person.account).order_by("-at")
    return rows.values_list("at", "notification__title", "reply")


def _inbound(person: Person) -> Iterator[tuple[Any, ...]]:
    rows = InboundMessage.objects.filter(user_id=person.account).order_by("-received_at")
    for each in rows:
        yield each.received_at, each.sender, each.text, each.get_interpretation_display(), each.reply


def _devices(person: Person) -> Iterable[tuple[Any, ...]]:
    rows = PushSubscription.objects.filter(user_id=person.account).order_by("id")
    return rows.values_list("device", "created_at", "last_used_at")


def _suppressions(person: Person) -> Iterator[tuple[Any, ...]]:
    addresses = get_user_model()._default_manager.filter(pk=person.account).values("email")
    for each in Suppression.objects.filter(address__in=addresses):
        yield each.address, each.get_reason_display(), each.since, each.cleared_at
    for refusal in WhatsAppRefusal.objects.filter(user_id=person.account):
        yield refusal.number, _("not on WhatsApp"), None, refusal.until


def _opt_outs(person: Person) -> Iterable[tuple[Any, ...]]:
    rows = ProviderOptOut.objects.filter(user_id=person.account).order_by("channel", "since")
    return rows.values_list("channel", "provider", "since")


register_section(
    Section(
        "preferences",
        _("Your settings"),
        {
            "language": _("Language"),
            "message_language": _("Messages in another language"),
            "time_zone": _("Time zone"),
            "quiet_hours": _("Quiet hours"),
            "quiet_hours_from": pgettext_lazy("quiet hours", "from"),
            "quiet_hours_until": pgettext_lazy("quiet hours", "until"),
            "email_time": _("When e-mail may come"),
            "email": _("E-mail"),
            "sms": _("SMS"),
            "push": _("Notifications on the phone"),
            "whatsapp": _("WhatsApp"),
            "voice": _("Phone calls"),
            "calls_at_night": _("Calls at night, for what can’t wait"),
            "paused_until": _("Paused until"),
            "detail": _("What others may see"),
        },
        _preferences,
        of_account=True,
        order=30,
    )
)
register_section(
    Section(
        "choices",
        _("What you turned on or off"),
        {"category": _("About"), "channel": _("Channel"), "on": _("On")},
        _choices,
        of_account=True,
        order=31,
    )
)
register_section(
    Section(
        "devices",
        _("Phones and computers that show notifications"),
        {"device": _("Device"), "since": _("Since"), "last_used": _("Last used")},
        _devices,
        of_account=True,
        order=32,
    )
)
register_section(
    Section(
        "addresses_that_fail",
        _("Your addresses that failed"),
        {"address": _("Address"), "reason": _("Reason"), "since": _("Since"), "cleared": _("Tried again")},
        _suppressions,
        of_account=True,
        order=33,
    )
)
register_section(
    Section(
        "stopped_with_provider",
        _("What you stopped with a provider"),
        {"channel": _("Channel"), "provider": _("Provider"), "since": _("Since")},
        _opt_outs,
        of_account=True,
        order=34,
    )
)
register_section(
    Section(
        "messages",
        _("Messages to you"),
        {
            "came": _("Came"),
            "category": _("About"),
            "title": _("Title"),
            "message": _("Message"),
            "read": _("Read"),
            "acknowledged": _("Acknowledged"),
            "dismissed": _("Put away"),
        },
        _messages,
        of_account=True,
        order=80,
    )
)
register_section(
    Section(
        "sent_outside",
        _("How messages left the site"),
        {
            "message": _("Message"),
            "channel": _("Channel"),
            "address": _("To"),
            "state": _("State"),
            "sent": _("Sent"),
            "subject": _("Subject"),
            "text": _("Text, as long as it is kept"),
        },
        _deliveries,
        of_account=True,
        order=81,
    )
)
register_section(
    Section(
        "replies",
        _("Your replies by a link"),
        {"at": _("When"), "message": _("Message"), "reply": _("Reply")},
        _replies,
        of_account=True,
        order=82,
    )
)
register_section(
    Section(
        "sms_received",
        _("SMS from you"),
        {
            "received": _("Received"),
            "from": _("From"),
            "text": _("Text"),
            "understood_as": _("Understood as"),
            "reply": _("Our reply"),
        },
        _inbound,
        of_account=True,
        order=83,
    )
)


@register_forget
def forget_account(person: Person, now: datetime) -> Iterator[Step]:
    """Everything of an account that the engine holds; its messages stay as something that was sent."""
    if person.user_id is None:
        return
    users = get_user_model()._default_manager.filter(pk=person.user_id)
    email, phone = users.values_list("email", "phone").first() or (None, None)
    yield from forget_messages(Notification.objects.filter(recipient_id=person.user_id), now)
    theirs = Q(user_id=person.user_id) | (Q(sender=str(phone)) if phone else Q(pk=None))
    unknown = {"sender": "", "text": "", "button": "", "reply": "", "error": ""}
    yield cleared(
        _("SMS received"),
        InboundMessage.objects.filter(theirs).exclude(**unknown),
        **unknown,
        state=Case(
            When(state=InboundMessage.State.PENDING, then=Value(InboundMessage.State.DONE)),
            default=F("state"),
        ),
        finished_at=Coalesce("finished_at", Value(now)),
        lease_owner="",
        lease_until=None,
    )
    if email:
        yield deleted(_("Addresses that failed"), Suppression.objects.filter(address__iexact=email))
    for words, model in (
        (_("Phones and computers that show notifications"), PushSubscription),
        (_("Settings"), NotificationPreferences),
        (_("Numbers without WhatsApp"), WhatsAppRefusal),
        (_("What was turned on or off"), ChannelChoice),
        (_("What was stopped with a provider"), ProviderOptOut),
        (_("Sign-ins of other programs"), AuthToken),
    ):
        rows: Any = model._default_manager
        yield deleted(words, rows.filter(user_id=person.user_id))
    yield from forget_files([str(each) for each in (email, phone) if each])
