"""Old invitations are deleted together with everything else that is kept for a time: they have no task of their own."""

from django.db import migrations


def forward(apps, schema_editor):
    apps.get_model("notifications", "PeriodicTask").objects.filter(name="Old invitations").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0012_erasures_and_downloads"),
        ("notifications", "0010_scope_of_messages"),
    ]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
