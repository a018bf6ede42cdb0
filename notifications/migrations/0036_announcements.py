"""Announcements as rows of their own, also those of before, and series of messages; and the index by which what an
announcement became is found.
"""

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import notifications.types
from notifications.migrations._add_index_beside import AddIndexBeside

ANNOUNCEMENT = "system.announcement"
AT_ONCE = 500


def rows_of_before(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A row for each publication that has none yet, some hundred at a time, so that nobody waits for long."""
    announcement = apps.get_model("notifications", "Announcement")
    people = apps.get_model(settings.AUTH_USER_MODEL)
    published = apps.get_model("notifications", "EventRecord").objects.filter(event_type=ANNOUNCEMENT)
    last = 0
    while records := list(published.exclude(dedupe_key="").filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = records[-1].pk
        said_by = {record.payload.get("announced_by") for record in records}
        known = set(people.objects.filter(pk__in=said_by - {None}).values_list("pk", flat=True))
        announcement.objects.bulk_create(
            [
                announcement(
                    live=True,
                    title=record.payload["title"],
                    message=record.payload["message"],
                    audiences=record.payload["audiences"],
                    within=record.payload["within"],
                    priority=record.priority,
                    at=record.due_at if record.due_at > record.created_at else None,
                    author_id=by if (by := record.payload.get("announced_by")) in known else None,
                    created_at=record.created_at,
                    event_record_id=record.pk,
                    delete_at=record.delete_at,
                )
                for record in records
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("notifications", "0035_names_that_others_know"),
        ("wagtailcore", "0098_apitoken"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "Announcement",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("live", models.BooleanField(default=True, editable=False, verbose_name="live")),
                (
                    "has_unpublished_changes",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="has unpublished changes"
                    ),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(
                        blank=True, db_index=True, null=True, verbose_name="first published at"
                    ),
                ),
                (
                    "last_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last published at"),
                ),
                ("go_live_at", models.DateTimeField(blank=True, null=True, verbose_name="go live date/time")),
                ("expire_at", models.DateTimeField(blank=True, null=True, verbose_name="expiry date/time")),
                ("expired", models.BooleanField(default=False, editable=False, verbose_name="expired")),
                ("title", models.JSONField(verbose_name="title")),
                ("message", models.JSONField(verbose_name="message")),
                ("audiences", models.JSONField(default=list, verbose_name="to")),
                ("filters", models.JSONField(blank=True, default=dict, verbose_name="only")),
                ("within", models.JSONField(blank=True, default=dict, verbose_name="where")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "low"), (1, "normal"), (2, "high"), (3, "urgent")],
                        default=notifications.types.Priority["NORMAL"],
                        verbose_name="priority",
                    ),
                ),
                ("at", models.DateTimeField(blank=True, null=True, verbose_name="date and time")),
                ("is_template", models.BooleanField(default=False, verbose_name="template")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created"),
                ),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="stopped")),
                ("delete_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "event_record",
                    models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="notifications.eventrecord",
                    ),
                ),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "live_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="live revision",
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "announcement",
                "verbose_name_plural": "announcements",
                "default_permissions": ("publish",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_template", False), ("event_record__isnull", True), _connector="OR"
                        ),
                        name="announcement_not_of_template",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "MessageSeries",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("live", models.BooleanField(default=True, editable=False, verbose_name="live")),
                (
                    "has_unpublished_changes",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="has unpublished changes"
                    ),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(
                        blank=True, db_index=True, null=True, verbose_name="first published at"
                    ),
                ),
                (
                    "last_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last published at"),
                ),
                ("go_live_at", models.DateTimeField(blank=True, null=True, verbose_name="go live date/time")),
                ("expire_at", models.DateTimeField(blank=True, null=True, verbose_name="expiry date/time")),
                ("expired", models.BooleanField(default=False, editable=False, verbose_name="expired")),
                ("within", models.JSONField(blank=True, default=dict, verbose_name="where")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created"),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("start", models.CharField(max_length=40, verbose_name="counted from")),
                ("values", models.JSONField(blank=True, default=list, verbose_name="which")),
                ("steps", models.JSONField(default=list, verbose_name="messages")),
                ("begun_at", models.DateTimeField(blank=True, null=True, verbose_name="begun")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "live_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="live revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "series of messages",
                "verbose_name_plural": "series of messages",
                "default_permissions": ("publish",),
            },
        ),
        migrations.CreateModel(
            "SeriesLeaver",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_id", models.BigIntegerField()),
                ("left_at", models.DateTimeField()),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leavers",
                        to="notifications.messageseries",
                    ),
                ),
                (
                    "taken_out_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("series", "subject_id"), name="series_leaver_once")
                ],
            },
        ),
        migrations.CreateModel(
            "SecondPersonTask",
            [
                (
                    "task_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.task",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval by a second person",
                "verbose_name_plural": "approvals by a second person",
            },
            bases=("wagtailcore.task",),
        ),
        AddIndexBeside(
            "notification",
            models.Index(
                condition=models.Q(("event_type", ANNOUNCEMENT)),
                fields=["event_record"],
                name="notification_announced",
            ),
        ),
        migrations.RunPython(rows_of_before, migrations.RunPython.noop, elidable=True),
    ]
