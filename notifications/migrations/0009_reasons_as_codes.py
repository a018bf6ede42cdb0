"""What rows said in English about why something was not done becomes a code; permissions follow their models' names."""

import re

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WITHHELD = {
    "It no longer held when it was to be sent.": "no_longer_relevant",
    "Its time had passed when it was to be sent.": "expired",
    "This person has no account in use any more.": "gone",
    "This person had turned the channel off when it was to be sent.": "off_by_choice",
    "This person had paused messages when it was to be sent.": "paused",
    "Mail to this address had come back, or was unwanted, when it was to be sent.": "bounced",
    "This person had not confirmed the address when it was to be sent.": "unverified",
    "This person had no address for it any more when it was to be sent.": "no_address",
}
CRASHED = "It stopped its worker 3 times and was given up."
REPLY_TOO_LATE = "It was too late for an answer."
NOT_TOLD = re.compile(r"Not told, for want of an account in use: (\d+)\.")
RENAMED = {"addressproblem": "suppression", "answeredfromoutside": "quickreply"}


def codes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    def rows(model: str, error: str):
        return apps.get_model("notifications", model).objects.filter(error=error)

    for error, reason in WITHHELD.items():
        rows("Delivery", error).update(error="", reason=reason)
    for model in ("Delivery", "EventRecord", "ListenerCall", "PeriodicRun", "InboundSms"):
        rows(model, CRASHED).update(error="", reason="crashed")
    rows("InboundSms", REPLY_TOO_LATE).update(error="", reason="reply_too_late")
    records = apps.get_model("notifications", "EventRecord").objects
    for error in set(records.filter(error__startswith="Not told").values_list("error", flat=True)):
        if found := NOT_TOLD.fullmatch(error):
            rows("EventRecord", error).update(error="", reason="no_account", not_told=int(found[1]))


def permissions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """By their old code names alone: those that a new site makes have the new ones already."""
    for permission in apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="notifications"
    ):
        action, _, model = permission.codename.partition("_")
        if model in RENAMED:
            permission.codename = f"{action}_{RENAMED[model]}"
            permission.save(update_fields=["codename"])


def one_sweep(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SMS that nobody has dealt with are found by the sweep, as all work is."""
    apps.get_model("notifications", "PeriodicTask").objects.filter(name="SMS received").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0008_field_words"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop, elidable=True)
        for step in (codes, permissions, one_sweep)
    ]
