"""Staff's list of what was sent and never confirmed."""

from django.db import migrations, models
from django.db.models import F, Q

from notifications.migrations._add_index_beside import AddIndexBeside

GETS_RECEIPTS = Q(channel="sms") | Q(channel="whatsapp") | Q(channel="voice")
SAYS_NOTHING = GETS_RECEIPTS & Q(finished_at__isnull=False, delivered_at__isnull=True, error="", reason="")
LATEST = (F("finished_at").desc(), F("id").desc())


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0021_early_receipts")]

    operations = [
        AddIndexBeside(
            "delivery", models.Index(*LATEST, condition=SAYS_NOTHING, name="delivery_says_nothing")
        ),
        AddIndexBeside(
            "delivery",
            models.Index(F("scope_id"), *LATEST, condition=SAYS_NOTHING, name="delivery_scope_says_nothing"),
        ),
    ]
