"""Why a message did or didn't come by each channel, and what became of it, in words for its reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notifications.channels import registry as channels
from notifications.channels.base import Channel
from notifications.channels.receipts import is_unconfirmed
from notifications.languages.listed import label
from notifications.models import Delivery, Notification
from notifications.selectors.languages import wanted_language
from notifications.types import IN_APP, Reason
from notifications.web.moments import said

REASONS = {
    Reason.DEFAULT: gettext_lazy("This is on for everybody who doesn't turn it off."),
    Reason.CHOSEN: gettext_lazy("You turned this on in your settings."),
    Reason.ALWAYS: gettext_lazy("Messages about your treatment always stay in your inbox."),
    Reason.REQUESTED: gettext_lazy("The sender chose this channel."),
    Reason.ONLY_WAY: gettext_lazy(
        "Your number is the only way to reach you outside your inbox. You can turn this off in your settings."
    ),
    Reason.PLANNED: gettext_lazy(
        "Your clinic also uses this for such messages. You can turn it off in your settings."
    ),
    Reason.REPEATED: gettext_lazy("We remind you once this way. Repeats are in your inbox."),
    Reason.ASKED_WEEKLY: gettext_lazy(
        "Instead of one for each dose, your clinic sends you one question a week this way."
    ),
    Reason.OFF_BY_DEFAULT: gettext_lazy("This is off unless you turn it on in your settings."),
    Reason.OFF_BY_CHOICE: gettext_lazy("You turned this off in your settings."),
    Reason.CHANNEL_OFF: gettext_lazy("You turned this channel off completely in your settings."),
    Reason.NOT_REQUESTED: gettext_lazy("The sender did not choose this channel."),
    Reason.UNVERIFIED: gettext_lazy(
        "You have not confirmed this address or number yet. You can do so in your settings."
    ),
    Reason.NO_TEMPLATE: gettext_lazy("Your clinic cannot write this to you this way yet."),
    Reason.NO_RECORDING: gettext_lazy("Your clinic cannot say this in a call in your language yet."),
    Reason.NOT_ON_WHATSAPP: gettext_lazy("Your number is not on WhatsApp, as far as we know."),
    Reason.NO_CONSENT: gettext_lazy(
        "You have not agreed to messages this way. You can do so in your settings."
    ),
    Reason.NO_CONSENT_TREATMENT: gettext_lazy(
        "You have not agreed to be reminded of treatment outside your inbox. You can do so in your settings."
    ),
    Reason.PAUSED: gettext_lazy("You had paused everything except your inbox."),
    Reason.NO_ADDRESS: Channel.unreachable,
    Reason.QUIET_HOURS: gettext_lazy("Held until the end of your quiet hours."),
    Reason.NIGHT: gettext_lazy("Held until the morning: we do not call at night."),
    Reason.NO_HOUR: gettext_lazy("Your quiet hours leave no hour of the day in which we call."),
    Reason.EMAIL_TIME: gettext_lazy("Held until the time of day at which you want e-mail."),
    Reason.TOO_LATE: gettext_lazy("It had to wait, and by then it would have been of no use."),
    Reason.EXPIRED: gettext_lazy("It was too late to be useful."),
    Reason.GONE: gettext_lazy("This person no longer has an active account."),
    Reason.BOUNCED: gettext_lazy(
        "E-mail to your address came back. In your settings you can ask us to try again."
    ),
    Reason.COMPLAINED: gettext_lazy(
        "A message to your address was marked as unwanted. In your settings you can ask us to try again."
    ),
}


WITHHELD = {
    Reason.NOT_ON_WHATSAPP: gettext_lazy("Not sent, because your number is not on WhatsApp."),
    Reason.OFF_BY_CHOICE: gettext_lazy("Not sent, because you had turned this channel off by then."),
    Reason.PAUSED: gettext_lazy("Not sent, because you had paused messages by then."),
    Reason.BOUNCED: gettext_lazy("Not sent, because e-mail to your address comes back."),
    Reason.COMPLAINED: gettext_lazy("Not sent, because a message to your address was marked as unwanted."),
    Reason.UNVERIFIED: gettext_lazy("Not sent, because you had not confirmed the address or number."),
    Reason.NO_CONSENT: gettext_lazy("Not sent, because you had withdrawn your consent by then."),
    Reason.NO_CONSENT_TREATMENT: gettext_lazy("Not sent, because you had withdrawn your consent by then."),
    Reason.NO_ADDRESS: gettext_lazy("Not sent, because your address or number had been removed by then."),
    Reason.REACHED: gettext_lazy("Not sent, because it had reached your phone another way by then."),
    Reason.OVERTAKEN: gettext_lazy("Not sent, because it could not leave in time and another way was used."),
    Reason.STOPPED: gettext_lazy("Not sent, because your clinic had stopped this message by then."),
    Reason.BUDGET: gettext_lazy(
        "Not sent, because your clinic’s budget for this was used up. It is in your inbox."
    ),
}
HELD = {
    Reason.QUIET_HOURS: gettext_lazy("Held until your quiet hours ended: %(until)s."),
    Reason.NIGHT: gettext_lazy("We do not call at night. Held until the morning: %(until)s."),
    Reason.EMAIL_TIME: gettext_lazy("Held until the time of day at which you want e-mail: %(until)s."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One channel: its name, what became of the message there, and why."""

    channel: Any
    outcome: str
    reason: Any


def explain(message: Notification, deliveries: Iterable[Delivery], *, now: datetime) -> list[Line]:
    """A line for each channel that was thought of, in the order of the decisions. `now` is aware."""
    by_channel = {delivery.channel: delivery for delivery in deliveries}
    lines = []
    for decision in message.routing:
        channel = decision["channel"]
        if channel == IN_APP:
            outcome = _in_inbox(message, now)
        elif channel in by_channel:
            outcome = _outcome(by_channel[channel], message, now)
        else:
            outcome = _("Not sent.")
        lines.append(Line(channel_label(channel), outcome, _with_step(_reason(decision, now), decision)))
    return lines


def second_choice(message: Notification) -> str:
    """Why it isn't in the language that its reader chose for messages; empty where it is."""
    wanted = wanted_language(message.routing)
    if not wanted:
        return ""
    said = _(
        "You chose messages in %(wanted)s. Your clinic can’t write this one in it yet, so it is in %(language)s."
    )
    return said % {"wanted": label(wanted), "language": label(message.language)}


def channel_label(name: str) -> Any:
    """What people call a channel; a channel that is no longer in use keeps its bare name."""
    if name == IN_APP:
        return gettext_lazy("Inbox")
    channel = channels.outside().get(name)
    return channel.label if channel else name


def _reason(decision: Mapping[str, Any], now: datetime) -> Any:
    reason = Reason(decision["reason"])
    if decision.get("send_at") and reason in HELD:
        return HELD[reason] % {"until": said(datetime.fromisoformat(decision["send_at"]), now=now)}
    channel = channels.outside().get(decision["channel"])
    return channel.unreachable if channel and reason is Reason.NO_ADDRESS else REASONS[reason]


def _with_step(reason: Any, decision: Mapping[str, Any]) -> Any:
    """Also when it comes in the plan that the message goes by; nothing of whatever goes first, or beside the plan."""
    if not decision.get("step"):
        return reason
    minutes = decision["minutes"]
    turn = ngettext(
        "It is sent %(minutes)s minute after the way before it, but only if you have not read this by then.",
        "It is sent %(minutes)s minutes after the way before it, but only if you have not read this by then.",
        minutes,
    )
    return f"{reason} {turn % {'minutes': minutes}}"


def _in_inbox(message: Notification, now: datetime) -> str:
    return _("It came %(when)s.") % {"when": said(message.came_at, now=now)}


def _outcome(delivery: Delivery, message: Notification, now: datetime) -> str:
    state = Delivery.State(delivery.state)
    channel = channels.outside().get(delivery.channel)
    address = channel.address_words(delivery.address, delivery.provider_id) if channel else delivery.address
    when = delivery.delivered_at or delivery.sent_at or delivery.due_at
    # Addresses are wiped some days later.
    values = {"address": address or _("your address"), "when": said(when, now=now)}
    if state is Delivery.State.PENDING and delivery.due_at > now:
        return _("To be sent to %(address)s %(when)s.") % values
    if state in (Delivery.State.PENDING, Delivery.State.SENDING):
        return _("On its way to %(address)s.") % values
    if state is Delivery.State.RETRY:
        return _("It has not reached %(address)s yet. We will try again %(when)s.") % values
    if state is Delivery.State.SENT:
        sent = _with_carrier(_("Sent to %(address)s %(when)s.") % values, delivery)
        silence = _("Nobody has told us whether it arrived.") if is_unconfirmed(delivery, now=now) else ""
        return f"{sent} {silence}".strip()
    if state is Delivery.State.DELIVERED:
        return _with_carrier(_("It arrived at %(address)s %(when)s.") % values, delivery)
    withheld = WITHHELD.get(Reason(delivery.reason)) if delivery.reason else None
    if state is Delivery.State.FAILED and withheld is None:
        return _("It could not be sent to %(address)s. Your clinic can see this.") % values
    if state is Delivery.State.EXPIRED:
        return _("Not sent, because its time had passed.")
    if delivery.reason == Reason.REACHED and message.is_seen:
        return _("Not sent, because you had read it by then.")
    return str(withheld or _("Not sent, because it was no longer needed."))


def _with_carrier(outcome: str, delivery: Delivery) -> str:
    channel = channels.outside().get(delivery.channel)
    return f"{outcome} {channel.carrier(delivery.provider)}".strip() if channel else outcome
