"""As 0027: nobody asks by LIKE for the digest of an invitation to work."""

from typing import Any

from django.db import migrations


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('DROP INDEX IF EXISTS "home_staffinvitation_digest_066acd03_like"')


class Migration(migrations.Migration):
    dependencies = [("home", "0037_staff_invitations")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop, elidable=False)]
