"""Whether somebody worked with a patient since an import made them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from wagtail.models import ModelLogEntry

from home.models import AccessRecord, ImportRow, Patient, SearchKey, WorklistEntry
from notifications.models import Notification

_OF_THE_SITE: tuple[type[Model], ...] = (SearchKey, AccessRecord, WorklistEntry, ImportRow)
"""What the site writes by itself about everybody, and that somebody looked."""
_CREATE = "wagtail.create"


def touched(patient_ids: Collection[int], *, ours: Mapping[type[Model], Collection[int]]) -> set[int]:
    """Those of these patients of whom there is anything but what the import made (`ours`, by their keys). One query a
    table that hangs on patients, also of those that a later app adds.
    """
    found: set[int] = set()
    for relation in Patient._meta.related_objects:
        model: Any = relation.related_model
        if model in _OF_THE_SITE:
            continue
        name = relation.field.name
        rows = model._base_manager.filter(**{f"{name}__in": patient_ids}).exclude(pk__in=ours.get(model, ()))
        found.update(rows.values_list(f"{name}_id", flat=True))
    found.update(
        each
        for each in Notification.objects.filter(subject_id__in=patient_ids).values_list(
            "subject_id", flat=True
        )
        if each
    )
    kind = ContentType.objects.get_for_model(Patient)
    entries = ModelLogEntry.objects.filter(
        ~Q(action=_CREATE), content_type=kind, object_id__in=[str(each) for each in patient_ids]
    )
    found.update(int(each) for each in entries.values_list("object_id", flat=True))
    return found
