"""What people send back comes by more ways than SMS."""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import StateApps


def rename_permissions(apps: StateApps, editor: Any) -> None:
    """Django names a permission after its model, and leaves the name when the model gets another."""
    permissions = apps.get_model("auth", "Permission").objects.using(editor.connection.alias)
    for permission in permissions.filter(
        content_type__app_label="notifications", codename__endswith="_inboundsms"
    ):
        permission.codename = permission.codename.replace("_inboundsms", "_inboundmessage")
        permission.save(update_fields=["codename"])


INDEXES = ("unfinished", "poison", "received", "scope")


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("notifications", "0018_deliveries_know_their_scope"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("InboundSms", "InboundMessage"),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
        *(
            migrations.RenameIndex(
                "inboundmessage", new_name=f"inbound_{name}", old_name=f"inbound_sms_{name}"
            )
            for name in INDEXES
        ),
        migrations.RemoveConstraint("inboundmessage", "inbound_sms_once"),
        migrations.AddConstraint(
            "inboundmessage",
            models.UniqueConstraint(fields=["provider", "provider_id"], name="inbound_once"),
        ),
        migrations.AddField(
            "inboundmessage",
            "channel",
            models.CharField(max_length=20, default="sms", db_default="sms", verbose_name="channel"),
        ),
        migrations.AlterModelOptions(
            "inboundmessage",
            {"verbose_name": "message received", "verbose_name_plural": "messages received"},
        ),
        migrations.AlterField(
            "inboundmessage",
            "user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.CASCADE,
                related_name="inbound_messages",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
    ]
