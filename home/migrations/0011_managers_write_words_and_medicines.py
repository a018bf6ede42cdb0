from django.db import migrations

NURSES = "Nurses"
NO_LONGER = {
    "notifications": [
        f"{act}_notificationtemplate" for act in ("add", "change", "publish", "lock", "unlock")
    ],
    "medications": ["add_medicine", "change_medicine"],
}


def take_from_nurses(apps, schema_editor):
    """Words and medicines of a clinic are its manager's from now on; nurses look at them."""
    for group in apps.get_model("auth", "Group").objects.filter(name=NURSES):
        for app, codenames in NO_LONGER.items():
            group.permissions.remove(
                *group.permissions.filter(content_type__app_label=app, codename__in=codenames)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0010_scope_of_messages"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(take_from_nurses, migrations.RunPython.noop, elidable=True)]
