"""Messages of before about clinic events are given to the clinic of the event."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    messages = apps.get_model("notifications", "Notification").objects.filter(scope_id__isnull=True)
    about = apps.get_model("events", "ClinicEvent").objects.filter(pk=OuterRef("related_object_id"))
    messages.filter(related_object_type="clinicevent", event_type__startswith="event.").update(
        scope_id=Subquery(about.values("clinic_id"))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_first_starts"),
        ("notifications", "0010_scope_of_messages"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop, elidable=True)]
