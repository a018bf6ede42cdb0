"""Receipts come by more channels than SMS, and some say that a message was read."""

from django.db import migrations, models
from django.db.models import Q

from notifications.migrations._add_index_beside import AddIndexBeside

GETS_RECEIPTS = Q(channel="sms") | Q(channel="whatsapp") | Q(channel="voice")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0020_routing_plans")]

    operations = [
        migrations.AddField(
            "delivery", "read_at", models.DateTimeField(blank=True, null=True, verbose_name="read")
        ),
        AddIndexBeside(
            "delivery",
            models.Index(fields=["provider_id"], condition=GETS_RECEIPTS, name="delivery_receipt"),
        ),
        migrations.RemoveIndex("delivery", "delivery_sms_receipt"),
    ]
