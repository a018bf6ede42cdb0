"""The words of the field for tables, columns and indexes; a code for each reason. What rows hold follows in 0009."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from notifications.types import Lane

INTERPRETATIONS = [
    ("stop", "stop"),
    ("start", "start"),
    ("help", "help"),
    ("answer", "an answer that counts"),
    ("late", "an answer to something already answered, or over"),
    ("nothing_asked", "an answer, but nothing was asked"),
    ("unknown_words", "words we don’t know"),
    ("stranger", "from a number we don’t know"),
]


def reason(model: str) -> migrations.AddField:
    field = models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="reason")
    return migrations.AddField(model, "reason", field)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_push_subscription")]

    operations = [
        # Suppressions
        migrations.RemoveConstraint("addressproblem", "address_problem_once"),
        migrations.RenameIndex("addressproblem", "suppression_open", old_name="address_problem_open"),
        migrations.RenameModel("AddressProblem", "Suppression"),
        migrations.AddConstraint(
            "suppression",
            models.UniqueConstraint(fields=["address", "channel"], name="suppression_once"),
        ),
        # Quick replies
        migrations.RemoveConstraint("answeredfromoutside", "answered_once_by_link"),
        migrations.RenameField("answeredfromoutside", "answer", "reply"),
        migrations.RenameModel("AnsweredFromOutside", "QuickReply"),
        migrations.AlterField(
            "quickreply",
            "notification",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quick_replies",
                to="notifications.notification",
            ),
        ),
        migrations.AddConstraint(
            "quickreply",
            models.UniqueConstraint(fields=["notification", "reply"], name="quick_reply_once"),
        ),
        # SMS received
        migrations.RenameField("inboundsms", "made_of", "interpretation"),
        migrations.RenameField("inboundsms", "answer", "reply"),
        migrations.AlterField(
            "inboundsms",
            "interpretation",
            models.CharField(
                blank=True, choices=INTERPRETATIONS, default="", max_length=20, verbose_name="understood as"
            ),
        ),
        migrations.AlterField(
            "inboundsms", "reply", models.TextField(blank=True, default="", verbose_name="reply")
        ),
        # Lanes and digests
        migrations.RemoveIndex("delivery", "delivery_unfinished"),
        migrations.RemoveConstraint("delivery", "delivery_priority_known"),
        migrations.RenameField("delivery", "priority", "lane"),
        migrations.RenameField("delivery", "bundle", "digest"),
        migrations.AlterField("delivery", "lane", models.PositiveSmallIntegerField(default=Lane.NORMAL)),
        migrations.AddConstraint(
            "delivery", models.CheckConstraint(condition=Q(lane__lte=4), name="delivery_lane_known")
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                F("channel"),
                F("lane").desc(),
                F("due_at"),
                condition=Q(finished_at__isnull=True),
                name="delivery_unfinished",
            ),
        ),
        # Poison
        migrations.RenameIndex("delivery", "delivery_poison", old_name="delivery_deadly"),
        migrations.RenameIndex("eventrecord", "event_record_poison", old_name="event_record_deadly"),
        migrations.RenameIndex("listenercall", "listener_call_poison", old_name="listener_call_deadly"),
        migrations.RenameIndex("periodicrun", "periodic_run_poison", old_name="periodic_run_deadly"),
        migrations.RenameIndex("inboundsms", "inbound_sms_poison", old_name="inbound_sms_deadly"),
        # Reasons
        *map(reason, ("delivery", "eventrecord", "listenercall", "periodicrun", "inboundsms")),
        migrations.AddField(
            "eventrecord",
            "not_told",
            models.PositiveIntegerField(db_default=0, default=0, verbose_name="people not told"),
        ),
    ]
