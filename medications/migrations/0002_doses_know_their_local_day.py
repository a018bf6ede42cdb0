"""Each dose knows what the patient's wall shows at the time for which it was planned."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import TruncDate, TruncTime


def fill(apps, schema_editor):
    """One update for each time zone that is in use."""
    Dose = apps.get_model("medications", "Dose")
    Patient = apps.get_model("home", "Patient")
    patients = Patient.objects.order_by()
    for own, clinic in set(patients.values_list("timezone", "clinic__timezone")):
        zone = _zone(own, clinic)
        theirs = Patient.objects.filter(Q(timezone=own) & Q(clinic__timezone=clinic))
        Dose.objects.filter(patient__in=theirs.order_by().values("pk")).update(
            local_day=TruncDate("due_at", tzinfo=zone), local_time=TruncTime("due_at", tzinfo=zone)
        )


def _zone(*names):
    for name in (*names, settings.TIME_ZONE):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0003_first_pages"),
        ("medications", "0001_medication"),
    ]

    operations = [
        migrations.AddField("dose", "local_day", models.DateField(blank=True, editable=False, null=True)),
        migrations.AddField("dose", "local_time", models.TimeField(blank=True, editable=False, null=True)),
        migrations.AddField("dose", "is_extra", models.BooleanField(default=False, editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
