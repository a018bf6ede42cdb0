"""What was prescribed before, from a file: its doses fall due once staff say so, and it is taken away as long as nobody
worked with it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from home.models import Patient
from medications.models import DoseSchedule, Prescription
from medications.selectors.medicines import going_on
from medications.services.expansion import expand_doses
from medications.services.prescribing import Order

_CREATE = "wagtail.create"


def prescription_bring_in(*, patient: Patient, order: Order, now: datetime) -> Prescription:
    """Prescribe this without a word to anybody, and without doses. Who prescribed it isn't known.

    ValidationError where the patient takes the medicine by now, or isn't treated here any more.
    """
    with transaction.atomic():
        # As the page on which staff prescribe does, so that both never write the same.
        held = Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("clinic")
        patient = held.get(pk=patient.pk)
        if not patient.is_here:
            raise ValidationError(_("This patient has died, or is not treated here any more."), code="gone")
        if going_on(patient, now=now).filter(medicine=order.medicine).exists():
            raise ValidationError(_("Somebody has just prescribed this medicine."), code="taken")
        prescription = order.prescription(patient)
        prescription.created_at = now
        prescription.is_silent = True
        prescription.save()
    return prescription


def prescriptions_start(*, prescription_ids: Collection[int], clinic_id: int, now: datetime) -> None:
    """From the first dose after `now` on, the patients of this clinic are reminded. Nothing that was due before is made
    up for, and nobody is told that something was prescribed. Safe to repeat.
    """
    waiting = Prescription.objects.filter(
        id__in=prescription_ids, patient__clinic=clinic_id, is_silent=True, ended_at__isnull=True
    )
    with transaction.atomic():
        ids = list(waiting.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
        Prescription.objects.filter(id__in=ids).update(is_silent=False)
        expand_doses(now=now, prescriptions=ids)


def prescriptions_take_away(*, prescription_ids: Collection[int], clinic_id: int) -> set[int]:
    """Delete these prescriptions; the ids of those that stay, because something was done with them since, they were
    started, or the patient is another clinic's by now. A query a table that hangs on prescriptions, and some.
    """
    silent = Prescription.objects.filter(
        id__in=prescription_ids, patient__clinic=clinic_id, is_silent=True, ended_at__isnull=True
    )
    with transaction.atomic():
        locked = set(silent.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
        entries = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Prescription),
            object_id__in=[str(each) for each in locked],
        )
        edited = entries.exclude(action=_CREATE).values_list("object_id", flat=True)
        free = locked - _used(locked) - {int(each) for each in edited}
        entries.filter(object_id__in=[str(each) for each in free]).delete()
        Prescription.objects.filter(id__in=free).delete()
    return set(prescription_ids) - free


def _used(prescription_ids: Collection[int]) -> set[int]:
    """Those of which there is anything but the schedules, also in tables that come later."""
    found: set[int] = set()
    for relation in Prescription._meta.related_objects:
        model: Any = relation.related_model
        if model is DoseSchedule:
            continue
        name = relation.field.name
        rows = model._base_manager.filter(**{f"{name}__in": prescription_ids})
        found.update(rows.values_list(f"{name}_id", flat=True))
    return found
