from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

HOT = {"Delivery": 50, "EventRecord": 50, "ListenerCall": 50}


def make_room(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep half of each page free, so that a claim writes the row's new version beside the old one and no index."""
    if schema_editor.connection.vendor == "postgresql":
        for model, percent in HOT.items():
            table = apps.get_model("notifications", model)._meta.db_table
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


def fill_up(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for model in HOT:
            table = apps.get_model("notifications", model)._meta.db_table
            schema_editor.execute(f"ALTER TABLE {table} RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_scheduling_and_switches"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="periodicrun",
            name="periodic_run_unfinished",
        ),
        migrations.AddIndex(
            model_name="periodicrun",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", True)),
                fields=["slot", "task"],
                name="periodic_run_unfinished",
            ),
        ),
        *(
            migrations.AddIndex(
                model_name=model,
                index=models.Index(
                    condition=models.Q(("crashes__gte", 2), ("finished_at__isnull", True)),
                    fields=["due_at"],
                    name=name,
                ),
            )
            for model, name in (
                ("delivery", "delivery_deadly"),
                ("eventrecord", "event_record_deadly"),
                ("listenercall", "listener_call_deadly"),
                ("periodicrun", "periodic_run_deadly"),
            )
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__lte", 3)), name="delivery_priority_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="eventrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__lte", 3)), name="event_record_priority_known"
            ),
        ),
        migrations.RunPython(make_room, fill_up),
    ]
