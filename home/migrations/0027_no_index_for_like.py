"""Django makes a second index beside each unique text on PostgreSQL, for LIKE, which nobody asks of these."""

from typing import Any

from django.db import migrations

INDEXES = (
    "home_clinic_name_9cfe9bd5_like",
    "home_invitation_card_digest_f3ea96c2_like",
    "home_invitation_digest_77b0c2c1_like",
    "home_user_email_45468b78_like",
    "home_usersession_session_id_7faff8e8_like",
)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):
    dependencies = [("home", "0026_a_list_is_begun_and_done")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop, elidable=False)]
