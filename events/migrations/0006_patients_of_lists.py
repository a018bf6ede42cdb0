"""Whoever joined for themselves is on the list as the patient too."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_patients(apps: Any, schema_editor: Any) -> None:
    """Nothing is lost by going back: the account stays."""
    roles = apps.get_model("home", "CareRole").objects.filter(relation="self", user_id=OuterRef("user_id"))
    own = Subquery(roles.order_by("id").values("patient_id")[:1])
    apps.get_model("events", "Attendance").objects.filter(patient__isnull=True).update(patient_id=own)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0005_visits"),
        ("home", "0018_people_at_the_desk"),
    ]

    operations = [migrations.RunPython(name_patients, migrations.RunPython.noop)]
