"""Messages of before are given to the clinic of the patient, or of the shelf, that they are about.

Where the dose, prescription, batch or record is no longer there, nothing is guessed: only head office sees those.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

PATIENT_OF = {
    "dose": ("Dose", "patient"),
    "prescription": ("Prescription", "patient"),
    "stockbatch": ("StockBatch", "prescription__patient"),
    "vaccinationrecord": ("VaccinationRecord", "patient"),
}
OURS = ("medication.", "vaccination.")
"""The beginnings of the names of our event types. Other programs name related objects as they like."""


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    messages = apps.get_model("notifications", "Notification").objects.filter(scope_id__isnull=True)
    for name, (model, patient) in PATIENT_OF.items():
        about = apps.get_model("medications", model).objects.filter(pk=OuterRef("related_object_id"))
        clinic = f"{patient}__clinic_id"
        scope = about.values(clinic)
        if name == "stockbatch":
            scope = about.annotate(held_by=Coalesce("clinic_id", clinic)).values("held_by")
        for ours in OURS:
            messages.filter(related_object_type=name, event_type__startswith=ours).update(
                subject_id=Subquery(about.values(f"{patient}__id")), scope_id=Subquery(scope)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("medications", "0008_schedules_in_order"),
        ("home", "0009_invitations_are_declined"),
        ("notifications", "0010_scope_of_messages"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop, elidable=True)]
