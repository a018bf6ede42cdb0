"""Addresses from before verification: the clinic asked for them face to face, and messages go there already."""

from django.db import migrations
from django.db.models import F


def verify(apps, schema_editor):
    User = apps.get_model("home", "User")
    User.objects.filter(email__isnull=False).update(email_verified_at=F("date_joined"))
    User.objects.filter(phone__isnull=False).update(phone_verified_at=F("date_joined"))


class Migration(migrations.Migration):
    dependencies = [("home", "0004_verified_addresses_and_invitations")]

    operations = [migrations.RunPython(verify, migrations.RunPython.noop)]
