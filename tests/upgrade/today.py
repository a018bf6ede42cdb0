"""What today's site calls what these tests ask it for: a page, a field or a sentence that is renamed is renamed here.

The old rows are known by their old names (tests/upgrade/before.py), which never change. Of today's site the tests know
pages, commands and a few fields, so that rooms may be rearranged behind them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps

MODELS = {
    "notifications_delivery": "notifications.Delivery",
    "notifications_notification": "notifications.Notification",
    "notifications_eventrecord": "notifications.EventRecord",
    "notifications_listenercall": "notifications.ListenerCall",
    "notifications_periodicrun": "notifications.PeriodicRun",
    "notifications_inboundsms": "notifications.InboundMessage",
    "notifications_smsprovider": "notifications.SmsProvider",
    "notifications_notificationtemplate": "notifications.NotificationTemplate",
    "medications_medicine": "medications.Medicine",
}
"""Of the old tables that the tests look into, what became of each."""
TABLES = {
    "notifications_addressproblem": "notifications_suppression",
    "notifications_answeredfromoutside": "notifications_quickreply",
    "notifications_inboundsms": "notifications_inboundmessage",
}
"""Old tables that have another name since, and that name."""
FIELDS = {
    ("notifications_delivery", "priority"): "lane",
    ("notifications_delivery", "bundle"): "digest",
    ("notifications_inboundsms", "made_of"): "interpretation",
    ("notifications_inboundsms", "answer"): "reply",
}
"""Old tables with a column that has another name since, and that name."""

KINDS = {"refill": "received", "taken": "taken", "undone": "undone", "count": "counted"}
"""Old reasons of stock movements, and what each is called today."""

REPORTS = {
    "messages": "/admin/reports/messages/",
    "undelivered": "/admin/reports/undelivered/",
    "scheduled": "/admin/reports/scheduled-messages/",
    "failed publications": "/admin/reports/failed-publications/",
    "planned publications": "/admin/reports/planned-publications/",
    "SMS received": "/admin/reports/inbound-sms/",
    "addresses": "/admin/reports/addresses/",
}
"""Staff's lists; below an id of "messages" is that message's page, below "retry" what tries a row again."""

TEXTS = "/admin/snippets/notifications/notificationtemplate/"

REASONS = {
    "default": ("on for everybody", "usual for this type"),
    "chosen": ("turned this on", "the person chose it"),
    "always": ("always stay in your inbox", "always for this type"),
    "requested": ("sender chose this channel", "asked for by the sender"),
    "off_by_default": ("off unless you turn it on", "not used unless"),
    "off_by_choice": ("turned this off", "turned it off"),
    "channel_off": ("off completely", "off completely"),
    "not_requested": ("did not choose this channel", "not asked for by the sender"),
    "no_address, sms": ("no address or number for you", "has no address for it"),
    "no_address, push": ("have not turned", "has no address for it"),
    "unverified": ("not confirmed this address", "not confirmed the address"),
    "paused": ("had paused", "had paused"),
    "quiet_hours": ("your quiet hours", "their quiet hours"),
    "email_time": ("time of day", "their time for e-mail"),
    "too_late": ("would have been of no use", "too late"),
    "expired": ("too late to be useful", "its time had passed"),
    "gone": ("no longer has an active account", "no longer has an active account"),
    "bounced": ("came back", "bounces"),
    "complained": ("marked as unwanted", "marked as unwanted"),
}
"""What each old reason says to the reader and to staff, at least in part; one depends on the channel."""

ERRORS = {
    "It no longer held when it was to be sent.": ("no longer needed", "no longer needed"),
    "Its time had passed when it was to be sent.": ("time had passed", "time had passed"),
    "This person has no account in use any more.": ("no longer has an active account", "no longer needed"),
    "This person had turned the channel off when it was to be sent.": (
        "the person turned it off",
        "turned this channel off",
    ),
    "This person had paused messages when it was to be sent.": ("had paused", "you had paused"),
    "Mail to this address had come back, or was unwanted, when it was to be sent.": (
        "bounces",
        "comes back",
    ),
    "This person had not confirmed the address when it was to be sent.": ("not confirmed", "not confirmed"),
    "This person had no address for it any more when it was to be sent.": ("no address", "had been removed"),
    "It stopped its worker 3 times and was given up.": ("stopped the program", "could not be sent"),
}
"""What an old delivery's error says on staff's page of the message, and on its reader's page."""
WHAT_A_PROVIDER_SAID = "could not be sent"
"""Its own words are for staff, as they were; this is what the reader reads."""


def rows(
    table: str, *columns: str, of: Iterable[Mapping[str, Any]] | None = None
) -> dict[int, tuple[Any, ...]]:
    """What an old table's rows (all that are there today, or `of` these) hold now in these of its columns, by id."""
    found = apps.get_model(MODELS[table])._default_manager.all()
    if of is not None:
        found = found.filter(pk__in=[row["id"] for row in of])
    fields = [FIELDS.get((table, column), column) for column in columns]
    return {row[0]: row[1:] for row in found.values_list("pk", *fields)}


def clinic_of(name: str) -> int:
    """The id of the one clinic where somebody of the demo works."""
    role = apps.get_model("home.StaffRole")._default_manager.get(user__email=f"{name}@demo.medguard.test")
    return int(role.clinic_id)
