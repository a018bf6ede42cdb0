"""What nobody's treatment is the reason of, from before, is given to a clinic where it is known which.

Announcements: to the clinic whose people they were for. What staff scheduled: where the person belongs to one clinic of
whoever scheduled it. SMS received: where the person belongs to one clinic alone. Of the rest only head office knows.
"""

from collections import defaultdict

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def announcements(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    records = apps.get_model("notifications", "EventRecord").objects.filter(event_type="system.announcement")
    messages = apps.get_model("notifications", "Notification").objects.filter(scope_id__isnull=True)
    for clinic_id in apps.get_model("home", "Clinic").objects.values_list("pk", flat=True):
        theirs = records.filter(payload__within__clinic=clinic_id)
        messages.filter(event_record_id__in=theirs.values("pk")).update(scope_id=clinic_id)


def scheduled(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    records = apps.get_model("notifications", "EventRecord").objects.filter(
        event_type="notification.scheduled"
    )
    messages = apps.get_model("notifications", "Notification").objects.filter(scope_id__isnull=True)
    people = apps.get_model("home", "CareRole").objects.values("user_id")
    clinics = defaultdict(set)
    for user_id, clinic_id in apps.get_model("home", "StaffRole").objects.values_list("user_id", "clinic_id"):
        clinics[user_id].add(clinic_id)
    for user_id, own in clinics.items():
        theirs = messages.filter(
            event_record_id__in=records.filter(payload__scheduled_by=user_id).values("pk")
        ).exclude(recipient_id=user_id)
        for clinic_id in own:
            elsewhere = people.filter(patient__clinic_id__in=own - {clinic_id})
            theirs.filter(recipient_id__in=people.filter(patient__clinic_id=clinic_id)).exclude(
                recipient_id__in=elsewhere
            ).update(scope_id=clinic_id)


def sms(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    received = apps.get_model("notifications", "InboundSms").objects.filter(scope_id__isnull=True)
    people = apps.get_model("home", "CareRole").objects.values("user_id")
    for clinic_id in apps.get_model("home", "Clinic").objects.values_list("pk", flat=True):
        received.filter(user_id__in=people.filter(patient__clinic_id=clinic_id)).exclude(
            user_id__in=people.exclude(patient__clinic_id=clinic_id)
        ).update(scope_id=clinic_id)


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0009_invitations_are_declined"),
        ("notifications", "0010_scope_of_messages"),
    ]
    run_before = [("notifications", "0019_inbound_messages")]  # which gives a model another name

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop, elidable=True)
        for step in (announcements, scheduled, sms)
    ]
