"""Who is reached today stays reached: what is on becomes a consent that was carried over, for staff to confirm."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

CHUNK = 2000
SWITCHES = {"email": "email_enabled", "sms": "sms_enabled", "push": "push_enabled"}


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For each patient, guardian and carer: reminders, and each channel that is on and has an address; for each patient
    with a carer, that carers are told.
    """
    consent: Any = apps.get_model("home", "Consent")
    rows = _rows(apps, {"version": 0, "how": "before", "given_at": timezone.now()})
    while chunk := list(islice(rows, CHUNK)):
        consent.objects.bulk_create([consent(**row) for row in chunk])


def _rows(apps: Apps, common: dict[str, Any]) -> Iterator[dict[str, Any]]:
    user: Any = apps.get_model("home", "User")
    care_role: Any = apps.get_model("home", "CareRole")
    preferences: Any = apps.get_model("notifications", "NotificationPreferences")
    subscription: Any = apps.get_model("notifications", "PushSubscription")
    choices = {
        user_id: (language, dict(zip(SWITCHES, on, strict=True)))
        for user_id, language, *on in preferences.objects.values_list(
            "user_id", "language", *SWITCHES.values()
        )
    }
    with_a_device = set(subscription.objects.values_list("user_id", flat=True))
    people = user.objects.filter(pk__in=care_role.objects.values("user_id")).order_by("pk")
    for user_id, email, phone in people.values_list("pk", "email", "phone"):
        language, on = choices.get(user_id, ("en", dict.fromkeys(SWITCHES, True)))
        has = {"email": bool(email), "sms": bool(phone), "push": user_id in with_a_device}
        for purpose in ("reminders", *(channel for channel in SWITCHES if on[channel] and has[channel])):
            yield {"user_id": user_id, "purpose": purpose, "language": language, **common}
    told = care_role.objects.filter(relation="carer").order_by("patient_id")
    for patient_id in told.values_list("patient_id", flat=True).distinct():
        yield {"patient_id": patient_id, "purpose": "carers", "language": "en", **common}


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0015_consents_and_access_records"),
        ("notifications", "0009_reasons_as_codes"),
    ]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
