"""What an import adds to a record, and how it and whole records are taken away again."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from home.imports.importable import Made, Reading
from home.imports.untouched import touched
from home.models import Consent, Invitation, Patient
from home.record.log_entries import EDIT, changes_between, hidden_changes, values_of
from home.registration import taken_meanwhile


def add_missing(patient_id: int, missing: Mapping[str, Any], reading: Reading) -> Made:
    """Add what a record doesn't say yet; ValidationError where it says it by now, or somebody else has the number."""
    patient = Patient.objects.select_for_update().select_related("clinic").get(pk=patient_id)
    if any(getattr(patient, name) for name in missing if name != "born_about"):
        raise ValidationError(
            _("Somebody has just changed this record. Try the import again."), code="changed"
        )
    _change(patient, missing, reading)
    return Made(patient_id, {"changed": {name: _text(value) for name, value in missing.items()}})


def _change(patient: Patient, values: Mapping[str, Any], reading: Reading) -> None:
    before, was = values_of(patient), copy(patient)
    for name, value in values.items():
        setattr(patient, name, value)
    try:
        with transaction.atomic():
            patient.save(update_fields=[*values])
    except IntegrityError:
        raise taken_meanwhile() from None
    changes = changes_between(before, values_of(patient), real=hidden_changes(was, patient))
    log(instance=patient, action=EDIT, user=reading.by, data={"changes": changes}, content_changed=True)


def give_back(made: Made, reading: Reading) -> str:
    """Make empty again what was added, if it is as it was added."""
    patient = Patient.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=made.patient_id)
    added = made.facts["changed"]
    if any(_text(getattr(patient, name)) != value for name, value in added.items()):
        return _("Somebody has changed this record since.")
    empty = {name: Patient._meta.get_field(name).get_default() for name in added}
    _change(patient, empty, reading)
    return ""


def _text(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value or "")


def take_away(made: Sequence[Made]) -> set[int]:
    """Delete the patients with whom nobody worked; the keys of those who stay."""
    ids = [each.patient_id for each in made if each.patient_id]
    list(Patient.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    invited = [pk for each in made for pk in each.facts.get("invitations", [])]
    unsent = Invitation.objects.filter(
        pk__in=invited, sent_at__isnull=True, accepted_at__isnull=True, declined_at__isnull=True
    )
    consents = [pk for each in made for pk in each.facts.get("consents", [])]
    ours = {Invitation: list(unsent.values_list("pk", flat=True)), Consent: consents}
    kept = touched(ids, ours=ours)
    free = [pk for pk in ids if pk not in kept]
    try:
        with transaction.atomic():
            _delete(free)
    except ProtectedError:
        for pk in free:
            try:
                with transaction.atomic():
                    _delete([pk])
            except ProtectedError:
                kept.add(pk)
    return kept


def _delete(ids: Sequence[int]) -> None:
    kind = ContentType.objects.get_for_model(Patient)
    ModelLogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in ids]).delete()
    Patient.objects.filter(pk__in=ids).delete()
