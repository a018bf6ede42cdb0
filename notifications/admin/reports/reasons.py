"""Why a channel was or wasn't used, and why something was not done, in words for staff."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.models import EventRecord, Work
from notifications.types import Reason

REASONS = {
    Reason.DEFAULT: _("usual for this type"),
    Reason.CHOSEN: _("the person chose it"),
    Reason.ALWAYS: _("always for this type"),
    Reason.REQUESTED: _("asked for by the sender"),
    Reason.ONLY_WAY: _("nothing else reaches the person outside the inbox"),
    Reason.PLANNED: _("named in the order of the channels"),
    Reason.REPEATED: _(
        "a repeat, which doesn’t go out where it is the only way to reach the person or costs money"
    ),
    Reason.ASKED_WEEKLY: _("the clinic asks once a week instead"),
    Reason.OFF_BY_DEFAULT: _("not used unless the person chooses it"),
    Reason.OFF_BY_CHOICE: _("the person turned it off"),
    Reason.CHANNEL_OFF: _("the person turned this channel off completely"),
    Reason.NOT_REQUESTED: _("not asked for by the sender"),
    Reason.NO_ADDRESS: _("the person has no address for it"),
    Reason.NO_TEMPLATE: _("WhatsApp has approved no text for this message in the person’s language"),
    Reason.NO_RECORDING: _("nothing is recorded for such a call in the person’s language"),
    Reason.NOT_ON_WHATSAPP: _("the person’s number is not on WhatsApp"),
    Reason.UNVERIFIED: _("the person has not confirmed the address yet"),
    Reason.NO_CONSENT: _("the person has not agreed to it"),
    Reason.NO_CONSENT_TREATMENT: _("the person has not agreed to reminders of treatment"),
    Reason.PAUSED: _("the person had paused everything except the inbox"),
    Reason.QUIET_HOURS: _("held until the end of their quiet hours"),
    Reason.NIGHT: _("held until the morning, because nobody is called at night"),
    Reason.NO_HOUR: _("the person’s quiet hours leave no hour of the day for calls"),
    Reason.EMAIL_TIME: _("held until their time for e-mail"),
    Reason.TOO_LATE: _("it would have come too late"),
    Reason.EXPIRED: _("its time had passed already"),
    Reason.GONE: _("the person no longer has an active account"),
    Reason.BOUNCED: _("e-mail to their address bounces"),
    Reason.COMPLAINED: _("a message to their address was marked as unwanted"),
    Reason.NO_LONGER_RELEVANT: _("it was no longer needed when it was to be sent"),
    Reason.NOT_ANSWERED: _("nobody answered the phone, or heard the message"),
    Reason.CRASHED: _("it stopped the program that worked on it three times"),
    Reason.REPLY_TOO_LATE: _("it was too late for a reply"),
    Reason.BUDGET: _("the clinic’s budget for messages of this month is used up"),
    Reason.STOPPED: _("the announcement was stopped"),
    Reason.NO_ACCOUNT: _("some of its people have no account in use"),
    Reason.REACHED: _("the person had read it, or it had arrived another way"),
    Reason.OVERTAKEN: _("it could not leave in time, and another channel was used"),
}


def reason_words(row: Work) -> Any:
    """Why this row was withheld or given up, or what went wrong with it last; empty where nothing is to be said."""
    if isinstance(row, EventRecord) and row.not_told:
        said = ngettext(
            "%(count)s person has no account in use, and was not told.",
            "%(count)s people have no account in use, and were not told.",
            row.not_told,
        )
        return said % {"count": row.not_told}
    return REASONS[Reason(row.reason)] if row.reason else row.error
